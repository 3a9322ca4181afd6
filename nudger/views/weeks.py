"""The records of a made-up course as people read them: a calendar with a week a row, what moved, the runs, the sum.

A day has its score, a piece of the ribbon that names the stage, and below it what happened. Nothing depends on colour,
and where the terminal cannot show block characters, plain ones take their place.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from rich.console import Console
from rich.text import Text

from nudger.core.recovery.course import Did
from nudger.views import strip
from nudger.views.happened import (
    BLOCKS,
    COLOURS,
    PLAIN,
    STAGES,
    Glyphs,
    banners,
    day_month,
    news,
    rung,
    runs,
    short,
    summing_up,
)
from nudger.views.records import Record
from nudger.views.words import count

WIDEST_DAY: Final = 10
_LABEL: Final = 8
_WEEK: Final = 7
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_MARKS: Final[Mapping[str, str]] = {
    Did.FLARE_ON: "flare",
    Did.FLARE_ENDED: "calm",
    Did.DECLINED: "declined",
}


def render_course(records: Iterable[Record], console: Console) -> None:
    """Print the weeks. Made for 80 columns; on fewer the words of a day are cut short."""
    records = list(records)
    days = [record for record in records if record["type"] == "day"]
    decisions = [record for record in records if record["type"] == "decision"]
    sessions = [record for record in records if record["type"] == "session"]
    (summary,) = (record for record in records if record["type"] == "summary")
    glyphs = BLOCKS if strip.glyphs_for(console.encoding) is strip.BLOCKS else PLAIN
    parts = (
        (_head(summary, days),),
        _calendar(days, decisions, sessions, glyphs, console.width),
        news(decisions, glyphs),
        runs(sessions, console.width),
        banners(decisions),
        summing_up(summary),
    )
    for part in parts:
        lines = list(part)
        for line in lines:
            line.rstrip()
            console.print(line)
        if lines and part is not parts[-1]:
            console.print()


def _head(summary: Record, days: Sequence[Record]) -> Text:
    weeks = count(math.ceil(len(days) / _WEEK), "week")
    first = date.fromisoformat(days[0]["date"])
    return Text(
        f"{weeks} of a made-up {summary['course']} course, from {first:%A} {day_month(first)} {first:%Y}"
        f" (seed {summary['seed']})",
        style="bold",
    )


# --- The calendar ----------------------------------------------------------------------------------------------------


def _calendar(
    days: Sequence[Record], decisions: Sequence[Record], sessions: Sequence[Record], glyphs: Glyphs, width: int
) -> Iterator[Text]:
    cell = min(WIDEST_DAY, (width - _LABEL) // _WEEK)
    yield Text(" " * _LABEL + "".join(f"{name:{cell}}" for name in _DAYS), style="dim")
    marks = _marks(decisions, sessions)
    before = ""
    for start in range(0, len(days), _WEEK):
        week = days[start : start + _WEEK]
        scores = Text(f"{day_month(date.fromisoformat(week[0]['date'])):>{_LABEL - 2}}  ")
        ribbon, happened = Text(" " * _LABEL), Text(" " * _LABEL)
        for day in week:
            scores += _score(day, glyphs, cell)
            ribbon += _ribbon(day, before, glyphs, cell, named=day is week[0])
            text, style = marks.get(day["day"], ("no score", "dim") if day["score"] is None else ("", ""))
            happened.append(f"{text[: cell - 1]:{cell}}", style)
            before = day["stage"]
        yield scores
        yield ribbon
        if happened.plain.strip():
            yield happened
    yield from _legend(glyphs)


def _marks(decisions: Sequence[Record], sessions: Sequence[Record]) -> dict[int, tuple[str, str]]:
    """Return what is to be read below a day, by its number: a run goes first, the ribbon tells of the stage."""
    marks = {each["day"]: (_MARKS[each["did"]], "bold") for each in decisions if each["did"] in _MARKS}
    return marks | {each["day"]: (f"#{each['step']} {each['colour']}", COLOURS[each["colour"]]) for each in sessions}


def _score(day: Record, glyphs: Glyphs, cell: int) -> Text:
    score = day["score"]
    if score is None:
        return Text(f" {glyphs.dash}{'':{cell - 2}}", style="dim")
    level = glyphs.levels[max(0, math.ceil(score / 10 * len(glyphs.levels)) - 1)]
    style = "red" if score >= 7 else "yellow" if score > 3 else "green"
    return Text.assemble(f"{score:2} ", (level * max(1, cell - 5), style), "  ")


def _ribbon(day: Record, before: str, glyphs: Glyphs, cell: int, *, named: bool) -> Text:
    """Return a day's piece of the ribbon: the name where a week begins or the stage changes, else a line."""
    stage = day["stage"]
    moved = before not in {"", stage}
    name = short(stage) if named or moved else ""
    if moved:
        name = f"{glyphs.up if rung(stage) > rung(before) else glyphs.down}{name}"
    line = glyphs.flare if day["flare"] else glyphs.line
    piece = f"{name[:cell]:{line}<{cell}}"
    return Text(piece, style=STAGES[stage])


def _legend(glyphs: Glyphs) -> Iterator[Text]:
    yield Text()
    yield Text(
        f"{glyphs.up} up  {glyphs.down} down  {glyphs.flare * 2} a flare  {glyphs.dash} no score"
        "  #5 green: a run at step 5, how it went",
        style="dim",
    )
