"""The one function that decides, and the one that says when to ask it again.

    decide(policy, state, event, now) -> (state, effects)
    next_wakeup(policy, state, now)   -> the next instant at which time alone changes something

A decision runs through the core in this order: the event becomes readings (`readings`) or is obeyed (`commands`), these
become evidence (`presence`), the evidence moves bout and break (`sitting`), they move the prompt (`nudging`) and the
lamp (`lamp`). What is told of the back goes through `health`, `asking` knows when to ask for it, and `plans` speaks of
the day's walk or run.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, cast

from nudger.core import asking, commands, health, hours, lamp, nudging, plans, presence, readings, showing, sitting
from nudger.core.effects import Effect, SetLight
from nudger.core.events import (
    AvailabilityChanged,
    ClockStepped,
    DoneSaid,
    Event,
    LinkChanged,
    PauseAsked,
    PolicyChanged,
    Removed,
    RestAsked,
    ResumeAsked,
    SignalChanged,
    SkipAsked,
    SnoozeAsked,
    Started,
    Ticked,
    TimeLost,
)
from nudger.core.policy import Policy
from nudger.core.presence import Evidence
from nudger.core.recovery import engine as recovery
from nudger.core.recovery import timing
from nudger.core.recovery.diary import Spell
from nudger.core.state import Health, State, Today, changed
from nudger.core.words import Confirmed, Declaration, Hold, Outcome, Posture, Scene

Decision = tuple[State, tuple[Effect, ...]]


def first_state(policy: Policy, now: datetime, seed: int) -> State:
    """Return the State of a person who is new here; ``seed`` is any 64-bit number."""
    day = hours.local_day(policy.zone, now)
    return State(at=now, seed=seed, today=Today(day), health=Health(recovery.begin(policy.start_stage, day)))


def decide(policy: Policy, state: State, event: Event, now: datetime) -> Decision:
    """Take in one event at the instant ``now`` (aware UTC) and return what is remembered and what is to be done.

    ``now`` may not run backward; an earlier instant than the last is read as that one.
    """
    if isinstance(event, SignalChanged) and readings.changes_nothing(policy, state, event):
        return state, ()
    out: list[Effect] = []
    if isinstance(event, ClockStepped):
        state = _step_clock(policy, state, event)
        now = state.at
    now = max(now, state.at)
    state = _turn_day(policy, state, now, event.since if isinstance(event, TimeLost) else now, out)
    if isinstance(event, Removed):
        return _remove(policy, state, now, out), tuple(out)
    state = _take_in(policy, state, event, now, out)
    state = _rest_on_holidays(policy, state, state.today.day, state.today.day)
    evidence = presence.assess(policy, state, now)
    state = asking.evaluate_if_due(policy, state, evidence, now, out)
    state = _note_moment(state, evidence, now)
    state = nudging.tell_enough(state, now, out)  # a break may end the moment it is long enough
    state = sitting.track(policy, state, evidence, now, out)
    state = nudging.advance(policy, state, evidence, now, out)
    if _declared_changed(state, evidence):
        # timer mode: a declaration that has just begun or ended is itself evidence
        evidence = presence.assess(policy, state, now)
        state = sitting.track(policy, state, evidence, now, out)
        state = nudging.advance(policy, state, evidence, now, out)
    state = plans.propose(policy, state, now, out)
    state = asking.ask(policy, state, now, out)
    state = _set_lamp(policy, state, now, out)
    return state.seen_at(now), tuple(out)


def next_wakeup(policy: Policy, state: State, now: datetime) -> datetime | None:
    """Return the next instant after ``now`` at which a `Ticked` may decide something; the day's end at the latest.

    What came due after the last decision and before ``now`` is due at once: a step of the clock can pass over it.
    """
    decided = state.at
    best = hours.day_start(policy.zone, state.today.day + _ONE_DAY)
    for source in (
        presence.deadlines(policy, state),
        sitting.deadlines(policy, state),
        nudging.deadlines(policy, state, decided),
        lamp.deadlines(policy, state),
        asking.deadlines(policy, state),
    ):
        for instant in source:
            if decided < instant < best:
                best = instant
    return max(best, now + _AT_ONCE)


_AT_ONCE: Final = timedelta(milliseconds=1)
_ONE_DAY: Final = timedelta(days=1)


def _take_in(policy: Policy, state: State, event: Event, now: datetime, out: list[Effect]) -> State:
    match event:
        case SignalChanged():
            return _wake(policy, state, readings.observe(policy, state, event, now))
        case AvailabilityChanged():
            return readings.availability(policy, state, event, now)
        case LinkChanged():
            return readings.link(policy, state, event, now)
        case TimeLost():
            return _lose_time(policy, state, event, now, out)
        case PolicyChanged():
            return _go_by(policy, state, now)
        case Started():
            return _forget_lamp(state)
        case Ticked() | ClockStepped() | Removed():
            return state
        case DoneSaid() | SnoozeAsked() | SkipAsked() | PauseAsked() | ResumeAsked() | RestAsked():
            return commands.obey(policy, state, event, now, out)
        case _:
            return health.take_in(policy, state, event, now, out)


def _wake(policy: Policy, before: State, after: State) -> State:
    """In timer mode somebody who unlocks is back, however many prompts they ignored."""
    if not policy.timer_mode or after.declared is None or after.declared.what is not Declaration.IDLE:
        return after
    if readings.is_locked(policy, before) and not readings.is_locked(policy, after):
        return changed(after, declared=None, ignored_in_row=0)
    return after


def _go_by(policy: Policy, state: State, now: datetime) -> State:
    """Drop what the new policy has no use for: readings of other signals, and what only timer mode declares."""
    names = {spec.name for spec in policy.signals}
    kept = {name: reading for name, reading in state.readings.items() if name in names}
    resting = state.declared is not None and state.declared.what is Declaration.REST
    declared = state.declared if resting or policy.timer_mode else None
    return replace(_forget_lamp(state), readings=kept, declared=declared, changed_at=now)


def _forget_lamp(state: State) -> State:
    """Ask the lamps anew: who drives them has just begun and has given back whatever they showed."""
    return changed(state, cue=Scene.RESTORED, cue_step=0)


def _lose_time(policy: Policy, state: State, event: TimeLost, now: datetime, out: list[Effect]) -> State:
    """Nobody watched from ``since`` to now: a gap of a break or more is away or unknown time, never sitting."""
    since = min(event.since, now)
    if now - since >= policy.min_break:
        posture = Posture.AWAY if event.away else Posture.UNKNOWN
        lost = Evidence(posture, since, Confirmed.LIKELY)
        state = sitting.track(policy, state, lost, since, out)
        state = sitting.track(policy, state, lost, now, out)
        state = nudging.follow_up(policy, state, lost, now, out)
        if state.rest is not None:
            state = changed(state, rest=replace(state.rest, enough_told=True))  # not now, after the fact
    return readings.after_gap(policy, state, now - since)


def _note_moment(state: State, evidence: Evidence, now: datetime) -> State:
    """A call or a do-not-disturb that has just ended is a good moment for what was due."""
    if state.hold is Hold.CALL and not evidence.call:  # a stuck camera is no call, so none has ended
        return changed(state, moment_at=now, call_ended=None if evidence.stuck else now)
    return changed(state, moment_at=now) if state.hold is Hold.DND and not evidence.dnd else state


def _declared_changed(state: State, evidence: Evidence) -> bool:
    """Tell whether the person's word and the evidence it was judged by have parted."""
    return state.declared is not None and evidence.posture is Posture.SITTING


def _set_lamp(policy: Policy, state: State, now: datetime, out: list[Effect]) -> State:
    scene, step = lamp.cue(policy, state, now)
    if (scene, step) == (state.cue, state.cue_step):
        return state
    out.append(SetLight(scene, step))
    return changed(state, cue=scene, cue_step=step)


def _remove(policy: Policy, state: State, now: datetime, out: list[Effect]) -> State:
    state = showing.end(state, Outcome.WITHDRAWN, now, out, why="removed")
    state = sitting.finish(policy, state, now, out)
    if state.cue is not Scene.RESTORED:
        out.append(SetLight(Scene.RESTORED))
    return changed(state, at=now, cue=Scene.RESTORED, cue_step=0)


def _turn_day(policy: Policy, state: State, now: datetime, watched_until: datetime, out: list[Effect]) -> State:
    if now < hours.day_start(policy.zone, state.today.day + _ONE_DAY):
        return state
    day = hours.local_day(policy.zone, now)
    state = health.close_day(policy, state, watched_until, out)
    state = _rest_on_holidays(policy, state, state.today.day + _ONE_DAY, day)
    return changed(state, today=Today(day))


def _rest_on_holidays(policy: Policy, state: State, first: date, last: date) -> State:
    """Let the days off among these be a pause in the diary, so that nobody misses a score."""
    for spell in policy.holidays:
        off = Spell(max(first, spell.first), min(last, spell.last))
        pauses = state.recovery.pauses
        if off.first <= off.last and not any(each.covers(off.first) and each.covers(off.last) for each in pauses):
            state = state.but_health(recovery=timing.pause(state.recovery, off.first, off.last))
    return state


def _step_clock(policy: Policy, state: State, event: ClockStepped) -> State:
    """Move every remembered instant with the clock: durations stay what they were."""
    shifted = cast("State", _shift(state, event.by))
    day = hours.local_day(policy.zone, shifted.at)
    if day == state.today.day:
        return shifted
    carried = timing.set_clock(shifted.recovery, state.today.day, day)
    if carried is not shifted.recovery:
        shifted = _carry_days(shifted.but_health(recovery=carried), day - state.today.day)
    return changed(shifted, today=Today(day, first_seen=shifted.today.first_seen))


def _carry_days(state: State, by: timedelta) -> State:
    """Carry along the other remembered days: of runs, strength and questions."""
    told = state.health
    return changed(
        state.but_health(
            runs=tuple(replace(run, day=run.day + by) for run in told.runs),
            asked=told.asked and replace(told.asked, day=told.asked.day + by),
            pace_asked=told.pace_asked and told.pace_asked + by,
            plan_due=told.plan_due and told.plan_due + by,
        ),
        strength_days=tuple(day + by for day in state.strength_days),
    )


def _shift(value: Any, by: timedelta) -> Any:
    if isinstance(value, datetime):
        return value + by
    if isinstance(value, dict):
        return {key: _shift(item, by) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _shift(getattr(value, f.name), by) for f in fields(value)})
    return value
