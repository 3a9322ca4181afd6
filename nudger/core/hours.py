"""Calendars at the edge of the core: active hours and the day that starts at 04:00, both in the person's local time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from nudger.core.policy import Span
from nudger.core.recovery.diary import ONE_DAY, Spell
from nudger.core.words import DAY_STARTS

Week = tuple[tuple[Span, ...], ...]
"""Active hours: the spans of each weekday, Monday first."""

Holidays = tuple[Spell, ...]
"""Days off, in the person's own days: they hold no active hours."""

_LOOK_AHEAD_DAYS = 9
_MINUTES_A_DAY = 24 * 60


def local_day(zone: tzinfo, now: datetime) -> date:
    """Return the day that ``now`` belongs to, which starts at 04:00 local time."""
    return (now.astimezone(zone).replace(tzinfo=None) - DAY_STARTS).date()


@lru_cache(maxsize=64)
def day_start(zone: tzinfo, day: date) -> datetime:
    """Return the instant at which that day starts."""
    return _instant(zone, day, int(DAY_STARTS.total_seconds() // 60))


@lru_cache(maxsize=64)
def at_local(zone: tzinfo, day: date, after_midnight: timedelta) -> datetime:
    """Return the instant at which the clocks of that date show a time of day; what DST skips falls after the gap."""
    return _instant(zone, day, int(after_midnight.total_seconds() // 60))


def half_day_ends(zone: tzinfo, now: datetime, second_half: timedelta) -> datetime:
    """Return when the half of the day that ``now`` lies in is over; the second begins at that local time."""
    day = local_day(zone, now)
    middle = at_local(zone, day, second_half)
    return middle if now < middle else day_start(zone, day + timedelta(days=1))


def active_on(hours: Week, zone: tzinfo, day: date) -> tuple[datetime, datetime] | None:
    """Return when the active hours of a date begin and end; None where it has none."""
    spans = hours[day.weekday()]
    if not spans:
        return None
    begins, ends = min(span.start_min for span in spans), max(span.end_min for span in spans)
    return _instant(zone, day, begins), _instant(zone, day, ends)


def is_holiday(holidays: Holidays, day: date) -> bool:
    """Tell whether that day is a day off."""
    return any(spell.covers(day) for spell in holidays)


def holiday_ends(holidays: Holidays, zone: tzinfo, now: datetime) -> datetime | None:
    """Return when the days off that ``now`` lies in are over; None on a usual day."""
    first = day = local_day(zone, now)
    while spell := next((spell for spell in holidays if spell.covers(day)), None):
        day = spell.last + ONE_DAY
    return None if day == first else day_start(zone, day)


def is_active(hours: Week | None, zone: tzinfo, now: datetime, holidays: Holidays = ()) -> bool:
    """Tell whether ``now`` lies in the active hours and on no day off; without hours only days off count."""
    if holidays and is_holiday(holidays, local_day(zone, now)):
        return False
    if hours is None:
        return True
    return any(start <= now < end for start, end in _stretches(hours, zone, now.astimezone(zone).date()))


def next_change(hours: Week | None, zone: tzinfo, now: datetime, holidays: Holidays = ()) -> datetime | None:
    """Return the next instant at which activity begins or ends; None where it never does."""
    change = _next_edge(hours, zone, now)
    if not holidays:
        return change
    if is_active(hours, zone, now, holidays):
        today = local_day(zone, now)
        ahead = [day_start(zone, spell.first) for spell in holidays if spell.first > today]
        return min([*ahead, *([] if change is None else [change])], default=None)
    begins = holiday_ends(holidays, zone, now) or change
    if begins is None or is_active(hours, zone, begins, holidays):
        return begins
    return next_change(hours, zone, begins, holidays)


def _next_edge(hours: Week | None, zone: tzinfo, now: datetime) -> datetime | None:
    """Return where the hours of the week begin or end next, days off or not."""
    if hours is None:
        return None
    edges = [edge for stretch in _stretches(hours, zone, now.astimezone(zone).date()) for edge in stretch]
    # the last edge is only where we stopped looking
    return next((edge for edge in edges[:-1] if edge > now), None)


@lru_cache(maxsize=64)
def _stretches(hours: Week, zone: tzinfo, today: date) -> tuple[tuple[datetime, datetime], ...]:
    """Return the active stretches around a local date, in order, those that touch joined into one."""
    joined: list[tuple[datetime, datetime]] = []
    for offset in range(-1, _LOOK_AHEAD_DAYS):
        day = today + timedelta(days=offset)
        for span in sorted(hours[day.weekday()], key=lambda span: span.start_min):
            start, end = _instant(zone, day, span.start_min), _instant(zone, day, span.end_min)
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            elif start < end:
                joined.append((start, end))
    return tuple(joined)


def _instant(zone: tzinfo, day: date, minute: int) -> datetime:
    """Return the instant of a local wall time; a wall time that DST skips falls on the hour after the gap."""
    later_days, minute_of_day = divmod(minute, _MINUTES_A_DAY)
    wall = time(minute_of_day // 60, minute_of_day % 60)
    return datetime.combine(day + timedelta(days=later_days), wall, tzinfo=zone).astimezone(UTC)
