"""Calendars at the edge of the core: active hours and the day that starts at 04:00, both in the person's local time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from nudger.core.model import DAY_STARTS, Span

_LOOK_AHEAD_DAYS = 8
_MINUTES_A_DAY = 24 * 60


def local_day(zone: tzinfo, now: datetime) -> date:
    """Return the day that ``now`` belongs to, which starts at 04:00 local time."""
    return (now.astimezone(zone).replace(tzinfo=None) - DAY_STARTS).date()


@lru_cache(maxsize=64)
def day_start(zone: tzinfo, day: date) -> datetime:
    """Return the instant at which that day starts."""
    return _instant(zone, day, int(DAY_STARTS.total_seconds() // 60))


def is_active(hours: tuple[tuple[Span, ...], ...] | None, zone: tzinfo, now: datetime) -> bool:
    """Tell whether ``now`` lies in the active hours; without hours it always does."""
    if hours is None:
        return True
    today = now.astimezone(zone).date()
    return any(start <= now < end for start, end in _spans(hours, zone, today - timedelta(days=1), 2))


def next_change(hours: tuple[tuple[Span, ...], ...] | None, zone: tzinfo, now: datetime) -> datetime | None:
    """Return the next instant at which activity begins or ends; None where it never does."""
    if hours is None:
        return None
    active = is_active(hours, zone, now)
    today = now.astimezone(zone).date()
    edges = sorted(
        edge
        for span in _spans(hours, zone, today - timedelta(days=1), _LOOK_AHEAD_DAYS + 1)
        for edge in span
        if edge > now
    )
    return next((edge for edge in edges if is_active(hours, zone, edge) != active), None)


def _spans(
    hours: tuple[tuple[Span, ...], ...], zone: tzinfo, first: date, days: int
) -> Iterator[tuple[datetime, datetime]]:
    for offset in range(days):
        day = first + timedelta(days=offset)
        for span in hours[day.weekday()]:
            yield _instant(zone, day, span.start_min), _instant(zone, day, span.end_min)


def _instant(zone: tzinfo, day: date, minute: int) -> datetime:
    """Return the instant of a local wall time; a wall time that DST skips falls on the hour after the gap."""
    later_days, minute_of_day = divmod(minute, _MINUTES_A_DAY)
    wall = time(minute_of_day // 60, minute_of_day % 60)
    return datetime.combine(day + timedelta(days=later_days), wall, tzinfo=zone).astimezone(UTC)
