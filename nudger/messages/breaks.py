"""The commands about breaks: done, snooze, skip, pause, resume, rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from nudger.config.durations import format_duration
from nudger.core import hours
from nudger.core.commands import Said
from nudger.core.events import DoneSaid, PauseAsked, RestAsked, ResumeAsked, SkipAsked, SnoozeAsked
from nudger.messages.payloads import BadPayloadError, Parse, cut, fields_of, flag, length_of, prompt_id

PAUSE: Final = timedelta(minutes=30)
REST: Final = timedelta(minutes=60)
LONGEST_REST: Final = timedelta(hours=24)
"""Lying down for longer is a pause; a slip of the pen must not silence the program for years."""

_CLOCK: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


def _done(value: Any, _now: datetime, _zone: tzinfo) -> Said:
    return DoneSaid(prompt_id(fields_of(value, ("id",))))


def _snooze(value: Any, _now: datetime, _zone: tzinfo) -> Said:
    return SnoozeAsked(prompt_id(fields_of(value, ("id",))))


def _skip(value: Any, _now: datetime, _zone: tzinfo) -> Said:
    fields = fields_of(value, ("id", "unwanted"))
    return SkipAsked(prompt_id(fields), unwanted=bool(flag(fields, "unwanted")))


def _pause(value: Any, now: datetime, zone: tzinfo) -> Said:
    if isinstance(value, dict):
        fields = fields_of(value, ("minutes", "until"))
        if len(fields) > 1:
            raise BadPayloadError("give either 'minutes' or 'until', not both")
        if "until" in fields:
            return PauseAsked(_until(fields["until"], now, zone))
        value = fields.get("minutes")
    if isinstance(value, str) and _is_today(value):
        return PauseAsked(_end_of_day(now, zone))
    length = PAUSE if value is None else length_of(value)
    return PauseAsked(now + length)


def _resume(value: Any, _now: datetime, _zone: tzinfo) -> Said:
    fields_of(value, ())
    return ResumeAsked()


def _rest(value: Any, _now: datetime, _zone: tzinfo) -> Said:
    if isinstance(value, dict):
        value = fields_of(value, ("minutes",)).get("minutes")
    length = REST if value is None else length_of(value)
    if length > LONGEST_REST:
        raise BadPayloadError(f"a rest lasts {format_duration(LONGEST_REST)} at most; for longer there is 'pause'")
    return RestAsked(length)


def _until(value: Any, now: datetime, zone: tzinfo) -> datetime:
    """Return the instant that was named: an ISO instant, a date (the morning it begins), a time, or today's end."""
    hint = "'until' must be a time such as 17:30, today, a date such as 2026-11-25, or 2026-11-25T17:30+01:00"
    if not isinstance(value, str):
        raise BadPayloadError(f"{hint}, not {cut(value)}")
    text = value.strip()
    if _is_today(text):
        return _end_of_day(now, zone)
    try:
        if clock := _CLOCK.fullmatch(text):
            return _next_time(time(int(clock[1]), int(clock[2])), now, zone)
        if len(text) <= len("2026-11-25"):
            return hours.day_start(zone, date.fromisoformat(text))
        instant = datetime.fromisoformat(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadPayloadError(f"{hint}, not {cut(value)}") from None


def _is_today(word: str) -> bool:
    return word.strip().lower() == "today"


def _end_of_day(now: datetime, zone: tzinfo) -> datetime:
    """Return when the person's day is over: a late evening still belongs to the day it began in."""
    return hours.day_start(zone, hours.local_day(zone, now) + timedelta(days=1))


def _next_time(wall: time, now: datetime, zone: tzinfo) -> datetime:
    today = now.astimezone(zone).date()
    at = datetime.combine(today, wall, tzinfo=zone).astimezone(UTC)
    return at if at > now else datetime.combine(today + timedelta(days=1), wall, tzinfo=zone).astimezone(UTC)


BREAKS: Final[Mapping[str, Parse]] = {
    "done": _done,
    "snooze": _snooze,
    "skip": _skip,
    "pause": _pause,
    "resume": _resume,
    "rest": _rest,
}
"""How each command is read, by its name."""
