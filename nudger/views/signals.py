"""What `nudger signals` prints: each signal, what it said last, and what that proves now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from nudger.views.status import Paint, plain
from nudger.views.words import length

_HEADS: Final = ("name", "kind", "value", "heard", "proves now")


def render_signals(signals: Sequence[Mapping[str, Any]], paint: Paint = plain) -> str:
    """Return the answer of GET /api/signals for people to read: a table, what is wrong below each row."""
    rows = [_cells(signal) for signal in signals]
    widths = [max(map(len, column)) for column in zip(_HEADS, *rows, strict=True)]
    lines = [paint(_row(_HEADS, widths))]
    persons = [list(group) for _, group in groupby(signals, key=lambda signal: signal["person"])]
    for theirs in persons:
        if len(persons) > 1:
            lines += ["", paint(theirs[0]["person"])]
        lines += _table(theirs, widths)
        lines.append(f"All in all: {theirs[0]['posture']}.")
    return "\n".join(lines)


def _table(signals: Sequence[Mapping[str, Any]], widths: Sequence[int]) -> Iterator[str]:
    for signal in signals:
        yield _row(_cells(signal), widths)
        if signal["trouble"]:
            yield f"{'':{widths[0]}}  ! {signal['trouble']}"


def _cells(signal: Mapping[str, Any]) -> tuple[str, ...]:
    value = {True: "on", False: "off", None: "-"}[signal["value"]]
    heard = "never" if signal["age_s"] is None else f"{length(signal['age_s'])} ago"
    return signal["name"], signal["kind"], value, heard, signal["proves"]


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def render_desktop(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each thing a desktop can tell: who tells it, or what would enable it."""
    if rows:
        yield ""
        yield "This desktop tells:"
    for row in rows:
        yield f"  {row['name']}: {', '.join(row['from']) or 'no; ' + str(row['missing'])}"
