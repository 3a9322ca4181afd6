"""Days that do not count as usual: pauses, and the days of a clock that was set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, cast

from nudger.core.recovery.course import Recovery
from nudger.core.recovery.diary import KEPT_DAYS, ONE_DAY, Spell, in_last

OF_ONE_CLOCK: Final = timedelta(days=3)
"""Days this close were told by the same clock; one that boots in 1970 or a year ahead is further off (our choice)."""


def pause(recovery: Recovery, first: date, last: date) -> Recovery:
    """Let the days from ``first`` to ``last`` be a pause or a holiday: they are not missing days."""
    kept = (spell for spell in recovery.pauses if spell.last >= first or in_last(KEPT_DAYS, spell.last, first))
    return replace(recovery, pauses=(*kept, Spell(first, last)))


def resume(recovery: Recovery, today: date) -> Recovery:
    """Let today count again, and the days after it."""
    ended = (Spell(spell.first, min(spell.last, today - ONE_DAY)) for spell in recovery.pauses)
    return replace(recovery, pauses=tuple(spell for spell in ended if spell.first <= spell.last))


def set_clock(recovery: Recovery, before: date, after: date) -> Recovery:
    """Carry every remembered day along when the clock is set from one day to another, so that none is missing.

    Days that were not told by the clock as it was before (the newest of them is days off) stay as they are: then it was
    the clock that was wrong.
    """
    newest = max(_told(recovery), default=None)
    if newest is None or abs(before - newest) > OF_ONE_CLOCK:
        return recovery
    return cast("Recovery", _shift(recovery, after - before))


def _told(recovery: Recovery) -> Iterator[date]:
    """Yield days by the clock of their time: of the last evaluation, the newest entry, the lock, the flare."""
    standing = recovery.standing
    lock, flare = standing.lock, standing.flare
    yield from (day for day in (standing.evaluated, recovery.began) if day is not None)
    yield from (day.on for day in recovery.days[-1:])
    if lock is not None:
        yield lock.latest
    if flare is not None:
        yield flare.since


def _shift(value: Any, by: timedelta) -> Any:
    if isinstance(value, datetime):
        return value  # an instant is moved by whoever moves the instants
    if isinstance(value, date):
        return value + by
    if isinstance(value, tuple):
        return tuple(_shift(each, by) for each in value)
    if isinstance(value, dict):
        return {key: _shift(each, by) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: _shift(getattr(value, each.name), by) for each in fields(value)})
    return value
