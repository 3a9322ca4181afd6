"""The records of a replay or a simulation as people read them: a strip of each day, its bouts, and what it came to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.text import Text

from nudger.core.words import ZERO
from nudger.views.days import Day, Sat, Shown, days_of
from nudger.views.records import Record
from nudger.views.strip import Glyphs, Strip, glyphs_for, legend
from nudger.views.words import stage_name

SHORT: Final = timedelta(minutes=5)
"""Shorter bouts without a prompt are told together where there are several in a row."""
ERRORS_SHOWN: Final = 20

_MARGIN: Final = "  "
_HOUR: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)
_SECOND: Final = timedelta(seconds=1)


def render(records: Iterable[Record], console: Console, zone: tzinfo) -> None:
    """Print everybody's days in the local time of ``zone``, and what could not be used. Made for 60 columns or more."""
    records = list(records)
    glyphs = glyphs_for(console.encoding)
    drawn = 0
    for person, days in days_of(records, zone).items():
        for day in days:
            if day.extent is not None or day.prompts:
                console.print(Text(f"{person}, {day.day:%A} {day.day.day} {day.day:%B %Y}", style="bold"))
                for line in _day(day, zone, glyphs, console.width - len(_MARGIN)):
                    console.print(Text(_MARGIN) + line)
                console.print()
                drawn += 1
    if drawn:
        _print_legend(glyphs, console)
    else:
        console.print("Nobody was seen at a desk.")
    _print_errors(records, console)


def render_side_by_side(runs: Mapping[str, Sequence[Record]], console: Console, zone: tzinfo) -> None:
    """Print one strip for each run, under one axis: the first day of what the same day would be at each stage."""
    glyphs = glyphs_for(console.encoding)
    days = {label: day for label, records in runs.items() for day in _first_day(records, zone)}
    extents = [day.extent for day in days.values() if day.extent]
    if not extents:
        return
    captions = {
        label: f"{sum(p.answered for p in day.prompts)} of {len(day.prompts)} followed" for label, day in days.items()
    }
    left = max(map(len, (*days, *captions.values()))) + len(_MARGIN)
    strip = Strip((min(e[0] for e in extents), max(e[1] for e in extents)), zone, console.width - left)
    console.print(Text(" " * left) + strip.axis())
    for label, day in days.items():
        console.print(Text(f"{label:{left}}", style="bold") + strip.postures(day, glyphs))
        console.print(Text(f"{captions[label]:{left}}") + strip.marks(day, glyphs))
    console.print()
    _print_legend(glyphs, console)


# --- One day ------------------------------------------------------------------------------------------


def _day(day: Day, zone: tzinfo, glyphs: Glyphs, width: int) -> Iterator[Text]:
    if day.extent is not None:
        strip = Strip(day.extent, zone, width)
        yield strip.axis()
        yield strip.postures(day, glyphs)
        if day.prompts:
            yield strip.marks(day, glyphs)
    yield from _rows(day, zone, glyphs)
    yield from _came_to(day)


def _rows(day: Day, zone: tzinfo, glyphs: Glyphs) -> Iterator[Text]:
    """Yield a line for each bout with its prompts, one for each run of short ones, and one for each change of stage."""
    if day.bouts:
        yield Text(f"{'sat':11}  {'min':>4} {'up':>4}  prompts", style="dim")
    rows: list[tuple[datetime, str]] = [
        (at, f"{_clock(at, zone)} stage {stage_name(a)} -> {stage_name(b)}") for at, a, b in day.stages
    ]
    for short, bouts in groupby(day.bouts, key=lambda bout: bout.sitting < SHORT and not bout.prompts):
        run = list(bouts)
        if short and len(run) > 2:
            rows.append((run[0].start, _run_of_short(run, zone, glyphs)))
        else:
            rows += [(bout.start, _bout(bout, zone, glyphs)) for bout in run]
    told = {id(shown) for bout in day.bouts for shown in bout.prompts}
    rows += [(p.at, f"{'':24}{_prompt(p, zone)}") for p in day.prompts if id(p) not in told]
    for _, row in sorted(rows, key=lambda row: row[0]):
        yield from map(Text, row.splitlines())


def _bout(bout: Sat, zone: tzinfo, glyphs: Glyphs) -> str:
    up = f"{_minutes(bout.rest)}" if bout.rest is not None and bout.rest < 6 * _HOUR else ""
    head = f"{_clock(bout.start, zone)}{glyphs.dash}{_clock(bout.end, zone)}  {_minutes(bout.sitting):>4} {up:>4}  "
    prompts = [_prompt(shown, zone, bout) for shown in bout.prompts] or [""]
    return f"\n{'':{len(head)}}".join((head + prompts[0], *prompts[1:])).rstrip()


def _run_of_short(run: Sequence[Sat], zone: tzinfo, glyphs: Glyphs) -> str:
    sat = _minutes(sum((bout.sitting for bout in run), ZERO))
    times = f"{_clock(run[0].start, zone)}{glyphs.dash}{_clock(run[-1].end, zone)}"
    return f"{times}  {sat:>4}       in {len(run)} bouts of less than {_minutes(SHORT)} min"


def _prompt(shown: Shown, zone: tzinfo, bout: Sat | None = None) -> str:
    how = shown.outcome or "still showing"
    if shown.answered and shown.after is not None:
        word = "done" if shown.outcome == "done" else "up"
        if word == "up" and bout is not None and shown.at + shown.after < bout.end - _SECOND:
            word = "briefly up"  # the bout went on
        how = f"{word} after {_minutes(shown.after)} min"
    return f"{_clock(shown.at, zone)} {shown.title}, {how}"


def _came_to(day: Day) -> Iterator[Text]:
    if day.bouts:
        sat = _long(sum((bout.sitting for bout in day.bouts), ZERO))
        longest = _long(max(bout.sitting for bout in day.bouts))
        bouts, breaks = _count(len(day.bouts), "bout"), _count(day.breaks, "break")
        yield Text(f"Sat {sat} in {bouts}, the longest {longest}; {breaks}.")
    if day.prompts:
        outcomes = [shown.outcome or "showing" for shown in day.prompts]
        counts = ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in dict.fromkeys(outcomes))
        yield Text(f"{_count(len(day.prompts), 'prompt')}: {counts}.")


def _print_legend(glyphs: Glyphs, console: Console) -> None:
    for line in legend(glyphs):
        console.print(Text(_MARGIN) + line)


def _print_errors(records: Sequence[Record], console: Console) -> None:
    errors = [record for record in records if record["type"] == "error"]
    for record in errors[:ERRORS_SHOWN]:
        place = "" if record["line"] is None else f"line {record['line']}: "
        console.print(Text(f"{place}{record['message']}", style="yellow"))
    if len(errors) > ERRORS_SHOWN:
        console.print(Text(f"and {len(errors) - ERRORS_SHOWN} more like these", style="yellow"))


# --- Small things ----------------------------------------------------------------------------------------------------


def _first_day(records: Iterable[Record], zone: tzinfo) -> Iterator[Day]:
    for days in days_of(records, zone).values():
        yield from days[:1]


def _clock(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def _minutes(length: timedelta) -> str:
    return f"{round(length / _MINUTE)}" if length >= _MINUTE or not length else "<1"


def _long(length: timedelta) -> str:
    hours, minutes = divmod(round(length / _MINUTE), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
