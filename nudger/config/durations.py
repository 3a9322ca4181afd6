"""Lengths of time as people write them: ``90``, ``10 min``, ``1 h 30 min``."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from typing import Final

LONGEST: Final = timedelta(days=3660)
"""Ten years: longer is a slip of the pen, and far from what a clock can add to an instant."""

HINT: Final = "must be a duration such as 90 (seconds), '10 min' or '1 h 30 min'"

_UNITS: Final = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), timedelta(seconds=1)),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), timedelta(hours=1)),
    **dict.fromkeys(("d", "day", "days"), timedelta(days=1)),
}
_NUMBER: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")
_PART: Final = re.compile(rf"\s*({_NUMBER.pattern})\s*([a-z]+)\s*")


def parse_duration(value: object, *, bare: timedelta = timedelta(seconds=1)) -> timedelta:
    """Read a duration; a number without a unit counts ``bare`` (seconds in the config).

    Raises ValueError with a text for the reader when it is none, negative, or longer than ten years.
    """
    if isinstance(value, timedelta):
        return value
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(HINT)  # noqa: TRY004  (what pydantic takes for a fault of the input)
    length = _read_text(value.strip().lower(), bare) if isinstance(value, str) else _times(value, bare)
    if length > LONGEST:
        raise ValueError(f"must be at most {format_duration(LONGEST)}")
    return length


def parse_minutes(text: str) -> timedelta:
    """Read a duration of the command line, where a bare number is minutes; ValueError as in `parse_duration`."""
    try:
        return parse_duration(text, bare=timedelta(minutes=1))
    except ValueError as error:
        raise ValueError(str(error).replace("90 (seconds)", "30 (minutes)")) from None


def format_duration(length: timedelta) -> str:
    """Write a duration so that `parse_duration` reads the same one: ``1 h 30 min``, ``0 s``."""
    seconds = length.total_seconds()
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count:.0f} {unit}")
    if seconds or not parts:
        parts.append(f"{seconds:g} s" if seconds == round(seconds, 4) else f"{seconds:.6f} s")
    return " ".join(parts)


def _read_text(text: str, bare: timedelta) -> timedelta:
    if _NUMBER.fullmatch(text):
        return _times(float(text), bare)
    total, at = timedelta(0), 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None or part[2] not in _UNITS:
            raise ValueError(HINT)
        total += _times(float(part[1]), _UNITS[part[2]])
        at = part.end()
    if at == 0:
        raise ValueError(HINT)
    return total


def _times(number: float, unit: timedelta) -> timedelta:
    if math.isnan(number) or number < 0:
        raise ValueError(HINT)
    if number > LONGEST / unit:
        raise ValueError(f"must be at most {format_duration(LONGEST)}")
    return number * unit
