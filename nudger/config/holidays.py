"""Days off: ``2026-12-24``, or from one date to another, both included: ``2026-12-24 - 2027-01-02``."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final

from pydantic import BeforeValidator, WithJsonSchema

from nudger.core.recovery.diary import Spell

_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DATES: Final = rf"({_DATE})(?:\s*[-\u2013]\s*({_DATE}))?"
_HINT: Final = "must be a date such as 2026-12-24, or dates such as 2026-12-24 - 2027-01-02"


def parse_holiday(value: object) -> Spell:
    """Read one date or a stretch of them; ValueError saying what would be right."""
    if isinstance(value, Spell):
        return value
    match = re.fullmatch(_DATES, value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(_HINT)
    first = _day(match[1])
    last = _day(match[2]) if match[2] else first
    if last < first:
        raise ValueError(f"ends before it begins; {_HINT.partition(', or ')[2]} go from the first day to the last")
    return Spell(first, last)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is on no calendar; {_HINT}") from None


Holiday = Annotated[
    Spell, BeforeValidator(parse_holiday), WithJsonSchema({"type": "string", "pattern": rf"^\s*{_DATES}\s*$"})
]
"""A day off, or some in a row."""
