"""One row of cells for a stretch of time: how much of each was sat, and where prompts came.

A cell stands for 5 to 30 minutes, whichever fits the width. How high it is filled says how much of it was sat. Nothing
depends on colour, and where the terminal cannot show block characters, plain ones take their place.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from rich.text import Text

from nudger.core.words import ZERO
from nudger.views.days import Day

CELLS: Final = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 15, 20, 30))

_STYLES: Final = {"sitting": "cyan", "standing": "green", "away": "dim", "unknown": "magenta"}


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters of a strip; ``levels`` fill a cell from nearly nothing to all of it."""

    levels: str
    standing: str
    away: str
    unknown: str
    answered: str
    other: str
    dash: str


BLOCKS: Final = Glyphs("▁▂▃▄▅▆▇█", "│", "·", "?", "▲", "△", "\N{EN DASH}")
PLAIN: Final = Glyphs("_-=#", "|", ".", "?", "^", "o", "-")


def glyphs_for(encoding: str) -> Glyphs:
    """Return the best characters that the encoding of a terminal has."""
    try:
        "".join(astuple(BLOCKS)).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return PLAIN
    return BLOCKS


def legend(glyphs: Glyphs) -> Iterator[Text]:
    """Yield the lines that explain the characters."""
    full, half, little = glyphs.levels[-1], glyphs.levels[len(glyphs.levels) // 2 - 1], glyphs.levels[0]
    yield Text(
        f"{full}{half}{little} sat all, half, little of the time  {glyphs.standing} standing  {glyphs.away} away"
        f"  {glyphs.unknown} unknown",
        style="dim",
    )
    yield Text(f"{glyphs.answered} prompt that was followed or done  {glyphs.other} prompt that was not", style="dim")


class Strip:
    """A stretch of time, cut into as many cells as fit."""

    def __init__(self, extent: tuple[datetime, datetime], zone: tzinfo, width: int) -> None:
        """``extent`` is widened to full hours; what still does not fit the width is cut off."""
        self._zone = zone
        first = extent[0].astimezone(zone)
        self._start = extent[0] - timedelta(minutes=first.minute, seconds=first.second, microseconds=first.microsecond)
        length = extent[1] - self._start
        self.cell = next((cell for cell in CELLS if math.ceil(length / cell) <= width), CELLS[-1])
        self._count = min(math.ceil(length / self.cell), width)

    def axis(self) -> Text:
        """Return the hours above the cells they begin at."""
        axis = ""
        for index in range(self._count):
            local = (self._start + index * self.cell).astimezone(self._zone)
            if local.minute == 0 and len(axis) <= index and index + 2 <= self._count:
                axis = f"{axis:{index}}{local:%H} "
        return Text(axis.rstrip())

    def postures(self, day: Day, glyphs: Glyphs) -> Text:
        """Return the cells, each filled as far as it was sat, else with what else most of it was."""
        line = Text()
        shares: list[dict[str, timedelta]] = [{} for _ in range(self._count)]
        for span in day.spans:
            for index in range(self._index(span.start), min(self._index(span.end), self._count - 1) + 1):
                start = self._start + index * self.cell
                inside = min(span.end, start + self.cell) - max(span.start, start)
                if index >= 0 and inside > ZERO:
                    shares[index][span.posture] = shares[index].get(span.posture, ZERO) + inside
        for share in shares:
            line.append(*self._cell(share, glyphs))
        return line

    def _cell(self, share: Mapping[str, timedelta], glyphs: Glyphs) -> tuple[str, str]:
        if not share:
            return " ", ""
        if sat := share.get("sitting"):
            level = math.ceil(len(glyphs.levels) * (sat / self.cell)) - 1
            return glyphs.levels[min(level, len(glyphs.levels) - 1)], _STYLES["sitting"]
        posture = max(share, key=lambda name: share[name])
        return getattr(glyphs, posture), _STYLES[posture]

    def marks(self, day: Day, glyphs: Glyphs) -> Text:
        """Return a mark below the cell in which each prompt was issued."""
        marks: dict[int, tuple[str, str]] = {}
        for shown in day.prompts:
            mark = (glyphs.answered, "green") if shown.answered else (glyphs.other, "yellow")
            marks[self._index(shown.at)] = mark
        line = Text()
        for index in range(self._count):
            line.append(*marks.get(index, (" ", "")))
        line.rstrip()
        return line

    def _index(self, at: datetime) -> int:
        return math.floor((at - self._start) / self.cell)
