"""Active hours: ``"08:00-18:00"`` for every day, or spans by weekday; overnight spans pass midnight."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from nudger.core.policy import Span

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WHOLE_DAY_MIN: Final = 24 * 60

_LONG: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_INDEX: Final = {name: index for names in (DAYS, _LONG) for index, name in enumerate(names)}
_SPAN: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*[-\u2013]\s*([0-9]{1,2}):([0-9]{2})")
_TIME: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_TIME_HINT: Final = 'must be a time of day such as "08:30", in quotes'
_SPAN_HINT: Final = 'must be hours such as "08:00-18:00", in quotes'
_DAYS_HINT: Final = "must be days such as mon, mon-fri or 'sat, sun'"


def parse_span(value: object) -> Span:
    """Read ``"08:00-18:00"``, or overnight ``"22:00-06:00"``; ValueError saying what would be right."""
    if isinstance(value, Span):
        return value
    match = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(_SPAN_HINT)
    start, end = _minute(match[1], match[2], _SPAN_HINT), _minute(match[3], match[4], _SPAN_HINT)
    if start in {end, WHOLE_DAY_MIN}:
        raise ValueError('starts when it ends; the whole day is "00:00-24:00"')
    return Span(start, end if end > start else end + WHOLE_DAY_MIN)


def parse_time(value: object) -> timedelta:
    """Read ``"08:30"`` as the time since midnight; ValueError saying what would be right."""
    if isinstance(value, timedelta):
        return value
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(_TIME_HINT)
    return timedelta(minutes=_minute(match[1], match[2], _TIME_HINT))


def format_time(since_midnight: timedelta) -> str:
    """Return a time of day as one writes it in the config."""
    hour, minute = divmod(round(since_midnight / timedelta(minutes=1)), 60)
    return f"{hour:02}:{minute:02}"


def parse_days(text: str) -> tuple[int, ...]:
    """Read ``mon``, ``mon-fri`` or ``sat, sun`` into weekday numbers, Monday 0; ValueError when it is none of these."""
    days: list[int] = []
    for part in text.lower().split(","):
        first, dash, last = (name.strip() for name in part.partition("-"))
        if first not in _INDEX or (dash and last not in _INDEX):
            raise ValueError(_DAYS_HINT)
        start = _INDEX[first]
        count = (_INDEX[last] - start) % 7 + 1 if dash else 1
        days += [(start + offset) % 7 for offset in range(count)]
    return tuple(days)


def by_weekday(hours: dict[str, tuple[Span, ...]]) -> tuple[tuple[Span, ...], ...]:
    """Return the spans of each weekday, Monday first; days that are not named have none."""
    week: list[tuple[Span, ...]] = [()] * 7
    for days, spans in hours.items():
        for day in parse_days(days):
            week[day] = spans
    return tuple(week)


def _minute(hour: str, minute: str, hint: str) -> int:
    total = int(hour) * 60 + int(minute)
    if int(minute) > 59 or total > WHOLE_DAY_MIN:
        raise ValueError(hint)
    return total


def _check_days(text: str) -> str:
    parse_days(text)
    return text


def _every_day(value: Any) -> Any:
    if isinstance(value, str | list):
        return {"mon-sun": value}
    if isinstance(value, dict):
        return value
    raise ValueError(_SPAN_HINT)


def _as_list(value: Any) -> Any:
    if value is None:
        return []
    return value if isinstance(value, list | tuple) else [value]


def _check_order(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    ordered = sorted(spans, key=lambda span: span.start_min)
    if any(after.start_min < before.end_min for before, after in pairwise(ordered)):
        raise ValueError("has hours that overlap")
    return tuple(ordered)


def _check_week(hours: dict[str, tuple[Span, ...]]) -> dict[str, tuple[Span, ...]]:
    named: set[int] = set()
    for days in hours:
        for day in parse_days(days):
            if day in named:
                raise ValueError(f"{_LONG[day]} is given twice")
            named.add(day)
    if not any(hours.values()):
        raise ValueError("leaves no active hour in the week; leave the option out to be active always")
    return hours


TimeOfDay = Annotated[
    timedelta, BeforeValidator(parse_time), WithJsonSchema({"type": "string", "pattern": f"^{_TIME.pattern}$"})
]
"""A local time of day such as ``"08:30"``, as the time since midnight."""

_SPAN_PATTERN: Final = r"^\s*[0-9]{1,2}:[0-9]{2}\s*[-\u2013]\s*[0-9]{1,2}:[0-9]{2}\s*$"
_SPANS_SCHEMA: Final[dict[str, Any]] = {
    "anyOf": [
        {"type": "string", "pattern": _SPAN_PATTERN},
        {"type": "array", "items": {"type": "string", "pattern": _SPAN_PATTERN}},
        {"type": "null"},
    ]
}

_DaySpan = Annotated[Span, BeforeValidator(parse_span)]
_DaySpans = Annotated[tuple[_DaySpan, ...], BeforeValidator(_as_list), AfterValidator(_check_order)]
ActiveHours = Annotated[
    dict[Annotated[str, AfterValidator(_check_days)], _DaySpans],
    BeforeValidator(_every_day),
    AfterValidator(_check_week),
    WithJsonSchema({"anyOf": [*_SPANS_SCHEMA["anyOf"], {"type": "object", "additionalProperties": _SPANS_SCHEMA}]}),
]
"""Spans by days as they were named; `by_weekday` turns them into the week the core knows."""
