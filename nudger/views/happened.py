"""What happened in the weeks of a made-up course, below their calendar: what moved, the runs, the banners, the sum.

The words and characters that the calendar shares with it live here too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Any, Final

from rich.text import Text

from nudger.core.recovery.course import Did
from nudger.views import strip
from nudger.views.records import Record
from nudger.views.words import count, stage_name

_NEWS_COLUMN: Final = 53
_RUN_COLUMN: Final = 40

_SHORT: Final[Mapping[str, str]] = {
    "gentle_start": "Gentle",
    "daily_walks": "Walks",
    "easy_mobility": "Mobility",
    "build_strength": "Strength",
}
"""Names that fit a day; the others are short enough as they are."""

STAGES: Final[Mapping[str, str]] = {
    "gentle_start": "magenta",
    "daily_walks": "blue",
    "easy_mobility": "cyan",
    "build_strength": "yellow",
    "walk_run": "green",
    "steady": "bold green",
}
"""The colours of the stages, lowest stage first."""
COLOURS: Final[Mapping[str, str]] = {"green": "green", "amber": "yellow", "red": "red", "hold": "dim"}

_WORDS: Final[Mapping[str, str]] = {
    Did.PLACED: "by the first questions",
    Did.ACCEPTED: "accepted",
    Did.DECLINED: "declined",
    Did.OFFERED: "offered",
    Did.BACKED_OFF: "eased off",
    Did.FLARE_ON: "a flare begins",
    Did.FLARE_ENDED: "flare over",
}
"""Decisions that are told even where the stage stays. What only waits, or holds, is not."""

_BANNERS: Final[Mapping[str, str]] = {
    "N1": "seven scores of 7 or more in a row",
    "N2": "six weeks, and not much better",
    "N3": "a flare of eight days",
    "N4": "two red runs in 14 days",
    "N5": "a plateau",
    "N6": "three flares in 28 days",
}


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters of the calendar; ``levels`` show scores from low to high."""

    levels: str
    line: str
    flare: str
    up: str
    down: str
    dash: str


BLOCKS: Final = Glyphs(strip.BLOCKS.levels, "─", "≈", "▲", "▼", "·")
PLAIN: Final = Glyphs("_-=#", "-", "~", "^", "v", ".")


# --- The lists --------------------------------------------------------------------------------------------------------


def news(decisions: Sequence[Record], glyphs: Glyphs) -> Iterator[Text]:
    """Yield the decisions that moved something."""
    answered = {each["day"] for each in decisions if each["did"] in {Did.ACCEPTED, Did.DECLINED}}
    told = [
        each
        for each in decisions
        if (each["did"] in _WORDS or each["from"] != each["to"])
        and not (each["did"] == Did.OFFERED and each["day"] in answered)
    ]
    if told:
        yield Text("What moved, by which rule, with the last scores", style="bold")
    for each in told:
        stages = " -> ".join(dict.fromkeys((short(each["from"]), short(each["to"]))))
        arrow = " "
        if each["from"] != each["to"]:
            arrow = glyphs.up if rung(each["to"]) > rung(each["from"]) else glyphs.down
        head = f"{_when(each)}  {each['rule']:6}  {arrow} {stages}"
        yield Text.assemble(f"{head:{_NEWS_COLUMN}}", (_because(each), "dim"))


def _because(decision: Record) -> str:
    did: str = decision["did"]
    words = _WORDS.get(did, did.replace("_", " "))
    scores = ", ".join(map(str, decision["scores"]))
    match decision["did"]:
        case Did.FLARE_ON if decision["score"] is not None and decision["baseline"] is not None:
            return f"{words}: {decision['score']} after {decision['baseline']:g}"
        case Did.FLARE_ENDED:
            return f"{words} after {count(round(decision['limit']), 'day')}"
        case Did.BACKED_OFF | Did.ACCEPTED | Did.DECLINED | Did.OFFERED:
            return f"{words}: {scores}"
        case _:
            return words


def runs(sessions: Sequence[Record], width: int) -> Iterator[Text]:
    """Yield the runs, two on a line where there is room, to be read down the left column first."""
    if sessions:
        yield Text("Runs", style="bold")
    half = math.ceil(len(sessions) / 2) if width >= 2 * _RUN_COLUMN else len(sessions)
    for left, right in zip_longest(sessions[:half], sessions[half:]):
        line = _run(left)
        if right is not None:
            line.append(" " * (_RUN_COLUMN - line.cell_len))
            line += _run(right)
        yield line


def _run(session: Record) -> Text:
    on = date.fromisoformat(session["date"])
    head = f"{on:%a} {day_month(on):>6}  #{session['step']:<2} {_pieces(session['pieces']):12}"
    return Text.assemble(head, (session["colour"], COLOURS[session["colour"]]))


def _pieces(pieces: Sequence[Mapping[str, Any]]) -> str:
    """Return a session in short: 5:3 x2 is twice 5 minutes of running and 3 of walking."""
    minutes = [piece["minutes"] for piece in pieces]
    first = minutes[:2]
    if len(minutes) > 1 and minutes == first * (len(minutes) // 2):
        return f"{first[0]}:{first[1]} x{len(minutes) // 2}"
    return " ".join(f"{piece['minutes']}" if piece["kind"] == "run" else f"({piece['minutes']})" for piece in pieces)


def banners(decisions: Sequence[Record]) -> Iterator[Text]:
    """Yield the messages that suggest a health provider, each with its day."""
    told = [(each, banner) for each in decisions for banner in each["banners"]]
    if told:
        yield Text("Told that a check-in with a health provider is worthwhile", style="bold")
    for each, banner in told:
        yield Text(f"{_when(each)}  {banner}  {_BANNERS[banner]}")


def summing_up(summary: Record) -> Iterator[Text]:
    """Yield what the weeks came to."""
    stages = ", ".join(f"{stage_name(stage)} {days}" for stage, days in summary["stages"].items())
    yield Text(f"Days: {stages}.")
    runs = sum(summary["sessions"].values())
    colours = ", ".join(f"{number} {colour}" for colour, number in summary["sessions"].items())
    flares = count(summary["flares"], "flare") + (f" ({count(summary['flare_days'], 'day')})" * bool(summary["flares"]))
    first, last = ("none" if value is None else f"{value:g}" for value in summary["pain"])
    parts = (
        f"{summary['up']} up, {summary['down']} down, {flares}",
        f"{count(runs, 'run')}{f' ({colours})' * bool(runs)}",
        f"usual score {first} at first, {last} at last",
    )
    yield Text(f"{'; '.join(parts[:2])}.")
    yield Text(f"Scores on {summary['scores']} of {count(summary['days'], 'day')}; {parts[2]}.")


# --- Small things ----------------------------------------------------------------------------------------------------


def short(stage: str) -> str:
    """Return the name of a stage in as few letters as a day has room for."""
    return _SHORT.get(stage) or ("Walk/run" if stage == "walk_run" else stage_name(stage))


def rung(stage: str) -> int:
    """Return how high a stage is."""
    return list(STAGES).index(stage)


def _when(record: Record) -> str:
    on = date.fromisoformat(record["date"])
    return f"day {record['day']:3}  {on:%a} {day_month(on):>6}"


def day_month(day: date) -> str:
    """Return a date without its year: 5 Jan."""
    return f"{day.day} {day:%b}"
