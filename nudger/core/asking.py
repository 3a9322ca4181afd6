"""When the day's questions come: the morning's, the evening's, each with one reminder; and when the day is judged.

The morning is asked about once the person is at the desk, the evening in the last half hour of the active hours. What
was not answered is asked once more after an hour, and then no more; an evening without an answer goes along with the
next morning. A score brings the daily evaluation, noon does where there was none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from nudger.core import health, hours
from nudger.core.effects import Announce, Effect
from nudger.core.policy import Policy, Questions
from nudger.core.presence import Evidence
from nudger.core.recovery import safety
from nudger.core.recovery.diary import KEPT_DAYS, ONE_DAY, day_of, in_last, last_score
from nudger.core.recovery.told import EVENING, MORNING
from nudger.core.state import Asked, State
from nudger.core.words import Hold

NOON: Final = timedelta(hours=12)
NOON_IN_COMPANY: Final = timedelta(hours=16)
"""Until then the judgement of noon waits for the end of a call, or of a presentation (our choice)."""
MORNING_AT: Final = timedelta(hours=8)
EVENING_AT: Final = timedelta(hours=20, minutes=30)
"""Where there are no active hours to go by."""
BEFORE_THE_END: Final = timedelta(minutes=30)
UNSEEN_FOR: Final = timedelta(hours=2)
"""The morning is asked about this long after its time, seen or not: not everybody has a sensor at every desk."""
REMIND_AFTER: Final = timedelta(hours=1)
PACE_EVERY_DAYS: Final = 7

_SILENT: Final = frozenset({Hold.LOCKED, Hold.PAUSED, Hold.CALL, Hold.DND})


@dataclass(frozen=True, slots=True)
class _Slot:
    """When one of the two questions may be asked: from ``opens`` (``seen``: if the person is there) to ``closes``."""

    when: str
    seen: datetime
    opens: datetime
    closes: datetime
    quiet_counts: bool


def is_wanted(policy: Policy, state: State) -> bool:
    """Tell whether the person is asked at all."""
    wanted = policy.questions.wanted
    return state.recovery.began is not None if wanted is None else wanted


# --- The daily evaluation --------------------------------------------------------------------------------------------


def evaluate_if_due(policy: Policy, state: State, evidence: Evidence, now: datetime, out: list[Effect]) -> State:
    """Judge the day at noon, if no score has brought that about before.

    What comes of it may be told on a screen. In a call, or while presenting, others may be looking at that one too.
    """
    others_look = evidence.call or evidence.dnd
    noon = NOON_IN_COMPANY if others_look else NOON
    if not _is_to_be_judged(state) or now < hours.at_local(policy.zone, state.today.day, noon):
        return state
    return health.evaluate(policy, state, now, out)


def _is_to_be_judged(state: State) -> bool:
    """Tell whether today still waits for its evaluation. The day of the intake or first score is none to miss one on.

    After weeks without any, only a score brings one: it is then no missing day but somebody who does not use this, or a
    clock that is wrong.
    """
    recovery, today = state.recovery, state.today.day
    evaluated = recovery.standing.evaluated or recovery.began
    return evaluated is not None and evaluated != today and in_last(KEPT_DAYS, evaluated, today)


# --- The questions ---------------------------------------------------------------------------------------------------


def ask(policy: Policy, state: State, now: datetime, out: list[Effect]) -> State:
    """Ask what is due now, or once more what was not answered."""
    if not is_wanted(policy, state) or state.hold in _SILENT:
        return state
    for slot in _slots_today(policy, state):
        state = _ask(state, slot, now, out)
    return state


def open_questions(policy: Policy, state: State, now: datetime) -> Iterator[str]:
    """Yield which of today's questions, morning and evening, were asked and still wait for an answer."""
    asked = _asked(state)
    for slot in _slots_today(policy, state):
        if slot.when in asked.at and now < slot.closes and not _is_answered(state, slot.when):
            yield slot.when


def _ask(state: State, slot: _Slot, now: datetime, out: list[Effect]) -> State:
    if not slot.opens <= now < slot.closes or _is_answered(state, slot.when):
        return state
    if slot.quiet_counts and state.hold is Hold.QUIET:
        return state
    asked = _asked(state)
    before = asked.at.get(slot.when)
    if before is None:
        if now < slot.seen and state.today.first_seen is None:
            return state
        asked = replace(asked, at={**asked.at, slot.when: now})
    elif slot.when not in asked.reminded and now >= before + REMIND_AFTER:
        asked = replace(asked, reminded=asked.reminded | {slot.when})
    else:
        return state
    state = _ask_more(state.but_health(asked=asked), slot.when, now)
    asks = _asks(state, slot.when)
    day = state.today.day
    data = {"when": slot.when, "date": day.isoformat(), "asks": asks, "reminder": before is not None}
    last = last_score(state.recovery.days, slot.when, day)
    out.append(Announce("checkin_due", {**data, "last": last}))
    return state


def _ask_more(state: State, when: str, now: datetime) -> State:
    """Ask for the safety list and the pace too, where their time has come."""
    recovery, asked, today = state.recovery, _asked(state), state.today.day
    reason = safety.question(recovery, now, evening=when == EVENING)
    if reason is not None:
        recovery, asked = safety.asked(recovery, now), replace(asked, safety=reason)
    last = state.health.pace_asked or recovery.began
    if when == EVENING and last is not None and (today - last).days >= PACE_EVERY_DAYS:
        state, asked = state.but_health(pace_asked=today), replace(asked, pace=True)
    return state.but_health(recovery=recovery, asked=asked)


def _asks(state: State, when: str) -> list[str]:
    """Return the names of what is asked along with a score, that one first."""
    recovery, asked, today = state.recovery, _asked(state), state.today.day
    before = day_of(recovery.days, today - ONE_DAY).evening
    rows = (
        ("pain", True),
        ("impact", when == EVENING),
        ("evening_before", when == MORNING and before is None and recovery.began not in {None, today}),
        ("safety", asked.safety is not None),
        ("pace", when == EVENING and asked.pace),
    )
    return [name for name, is_asked in rows if is_asked]


def open_safety(policy: Policy, state: State, now: datetime) -> str | None:
    """Return why the safety list waits for an answer now: it was asked today, or is to be with the next score."""
    waits = _asked(state).safety
    if waits is not None:  # what has happened since it was asked is the better reason
        return state.recovery.safety_due or waits
    return safety.question(state.recovery, now, evening=now >= hours.at_local(policy.zone, state.today.day, NOON))


def is_pace_open(state: State) -> bool:
    """Tell whether "too many, fine, too few" was asked today and waits for an answer."""
    return _asked(state).pace


def _is_answered(state: State, when: str) -> bool:
    told = day_of(state.recovery.days, state.today.day)
    return (told.morning if when == MORNING else told.evening) is not None


def _asked(state: State) -> Asked:
    asked, today = state.health.asked, state.today.day
    return asked if asked is not None and asked.day == today else Asked(today)


def _slots_today(policy: Policy, state: State) -> tuple[_Slot, ...]:
    """Return the questions of today; a day off has none."""
    day = state.today.day
    if hours.is_holiday(policy.holidays, day):
        return ()
    return _slots(policy.questions, policy.hours, policy.zone, day)


@lru_cache(maxsize=64)
def _slots(questions: Questions, week: hours.Week | None, zone: tzinfo, day: date) -> tuple[_Slot, ...]:
    """Return the day's two questions: at the times that were chosen, else by the active hours of the day, if any."""
    morning, evening = _usual(week, zone, day)
    noon, end = hours.at_local(zone, day, NOON), hours.day_start(zone, day + ONE_DAY)
    slots = []
    if questions.morning is not None:
        at = hours.at_local(zone, day, questions.morning)
        slots.append(_Slot(MORNING, at, at, noon, quiet_counts=False))
    elif morning is not None:
        slots.append(_Slot(MORNING, morning + UNSEEN_FOR, morning, noon, quiet_counts=True))
    if questions.evening is not None:
        at = hours.at_local(zone, day, questions.evening)
        slots.append(_Slot(EVENING, at, at, end, quiet_counts=False))
    elif evening is not None:
        slots.append(_Slot(EVENING, evening, evening, end, quiet_counts=True))
    return tuple(slots)


def _usual(week: hours.Week | None, zone: tzinfo, day: date) -> tuple[datetime | None, datetime | None]:
    """Return from when on the day's two questions may come by the active hours; None on a day that has none."""
    if week is None:
        return hours.at_local(zone, day, MORNING_AT), hours.at_local(zone, day, EVENING_AT)
    active = hours.active_on(week, zone, day)
    return (None, None) if active is None else (active[0], active[1] - BEFORE_THE_END)


def deadlines(policy: Policy, state: State) -> Iterator[datetime]:
    """Yield the instants at which something is asked or judged by mere passing of time."""
    if _is_to_be_judged(state):
        yield from (hours.at_local(policy.zone, state.today.day, at) for at in (NOON, NOON_IN_COMPANY))
    if not is_wanted(policy, state):
        return
    asked = _asked(state)
    for slot in _slots_today(policy, state):
        if not _is_answered(state, slot.when):
            yield slot.opens
            yield slot.seen
            before = asked.at.get(slot.when)
            if before is not None and slot.when not in asked.reminded:
                yield before + REMIND_AFTER
