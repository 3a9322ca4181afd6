"""Posture to bouts and breaks.

A bout is uninterrupted sitting; a break is a non-sitting interval between bouts, at least `min_break` long. A shorter
gap stays inside its bout. Unknown time stops the clock; `min_break` of it ends the bout at the last evidence, and no
break is credited for it.

    sitting -- up ------> `left` --- back before min_break ---------> sitting, as if nothing had been
                          `------- min_break -----------------------> bout closed at `left`, the break runs
    sitting -- nothing -> `blind` -- evidence before min_break -----> sitting, blind time not counted
       proves anything    `------- min_break -----------------------> bout closed at the last evidence, no break
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from nudger.core import hours
from nudger.core.effects import Announce, Effect, RecordBout, RecordBreak, RecordPosture
from nudger.core.policy import Policy
from nudger.core.presence import AT_DESK, Evidence
from nudger.core.state import Bout, Break, Note, State, changed
from nudger.core.words import ZERO, Confirmed, Posture

UP: Final = frozenset({Posture.STANDING, Posture.AWAY})


def sat(bout: Bout, now: datetime) -> timedelta:
    """Return how long the bout has lasted by ``now``, less unknown time."""
    return max(ZERO, min(bout.left or bout.blind or now, now) - bout.start - bout.unknown)


def sat_today(policy: Policy, state: State, now: datetime) -> timedelta:
    """Return the sitting time of the current day, the running bout included."""
    return state.today.sitting + _running_today(policy, state, now)


def longest_today(policy: Policy, state: State, now: datetime) -> timedelta:
    """Return the longest bout of the current day, the running one included."""
    return max(state.today.longest, _running_today(policy, state, now))


def track(policy: Policy, state: State, evidence: Evidence, now: datetime, out: list[Effect]) -> State:
    """Move the bout and the break along to what the evidence says now."""
    state = _close_what_is_over(policy, state, now, out)
    if evidence.posture is not state.posture or state.since is None:
        since = _onset(state, evidence, now)
        state = _note_seen(state, since)
        state = _turn(changed(state, posture=evidence.posture, since=since), evidence.confirmed, since, now, out)
        out.append(RecordPosture(evidence.posture, since))
        state = _close_what_is_over(policy, state, now, out)
    if state.posture in AT_DESK and state.today.first_seen is None:
        state = changed(state, today=replace(state.today, first_seen=now))
    return state


def _note_seen(state: State, until: datetime) -> State:
    """The posture of now ends: note how long the person was there, or how long nobody knew."""
    today, since = state.today, state.since
    if state.posture in AT_DESK:
        return changed(state, today=replace(today, last_seen=until))
    if state.posture is Posture.UNKNOWN and since is not None and today.first_seen is not None:
        blind = max(ZERO, until - max(since, today.first_seen))
        return changed(state, today=replace(today, unknown=today.unknown + blind))
    return state


def monitored_today(policy: Policy, state: State, now: datetime) -> timedelta:
    """Return how much of the current day is known: from the first to the last sight at the desk, less unknown time."""
    today = state.today
    first, last = today.first_seen, now if state.posture in AT_DESK else today.last_seen
    if first is None or last is None:
        return ZERO
    return max(ZERO, last - max(first, hours.day_start(policy.zone, today.day)) - today.unknown)


def _onset(state: State, evidence: Evidence, now: datetime) -> datetime:
    """Return since when the new posture holds: as the evidence says, but never before the one that it replaces began.

    Older evidence has been there all along and speaks only now that what outweighed it is gone: it holds from now on.
    Of the same age it may show, in hindsight, that the old posture never was; but not so as to count sitting.
    """
    if state.since is None or evidence.since > state.since:
        return min(evidence.since, now)
    hindsight = evidence.posture is not Posture.SITTING and state.posture is not Posture.UNKNOWN
    return state.since if hindsight and evidence.since == state.since else now


def _turn(state: State, confirmed: Confirmed, since: datetime, now: datetime, out: list[Effect]) -> State:
    """The posture has just changed: note it in the bout or the break that runs."""
    bout, rest = state.bout, state.rest
    if state.posture is Posture.SITTING:
        if rest is not None:
            state = _end_break(state, rest, since, out)
        if bout is None:
            return changed(state, bout=Bout(since))
        blind_time = max(ZERO, since - bout.blind) if bout.blind and bout.left is None else ZERO
        return changed(state, bout=replace(bout, left=None, blind=None, seen=None, unknown=bout.unknown + blind_time))
    if state.posture is Posture.UNKNOWN:
        if bout is not None:
            return changed(state, bout=replace(bout, blind=now, seen=max(since, bout.start)))
        return state if rest is None else changed(state, rest=replace(rest, blind=now))
    if bout is not None:
        left = bout.left or max(bout.start, min(since, bout.blind or since))
        by = bout.left_by if bout.left else confirmed
        return changed(state, bout=replace(bout, left=left, left_by=by, blind=None, seen=None))
    return state if rest is None else changed(state, rest=replace(rest, blind=None))


def _close_what_is_over(policy: Policy, state: State, now: datetime, out: list[Effect]) -> State:
    bout, rest = state.bout, state.rest
    if bout is not None and bout.left is not None and now >= bout.left + policy.min_break:
        state = _close_bout(policy, state, bout, bout.left, out)
        return state if bout.blind else _begin_break(state, Break(bout.left, bout.left_by), out)
    if bout is not None and bout.blind and now >= bout.blind + policy.min_break:
        return _close_bout(policy, state, bout, bout.seen or bout.blind, out)
    if rest is not None and rest.blind and now >= rest.blind + policy.min_break:
        return _end_break(state, rest, rest.blind, out)
    return state


def credit_break(policy: Policy, state: State, now: datetime, confirmed: Confirmed, out: list[Effect]) -> State:
    """The person says that they had, or begin, a break: their word counts at once.

    Still sitting by the sensors, the minute before now is taken as the break, and the next bout begins now. Already up,
    the break that sensors have seen begin is theirs. In timer mode the break begins now.
    """
    bout = state.bout
    if bout is None:
        return state if state.rest is None else changed(state, rest=replace(state.rest, confirmed=confirmed))
    if bout.left is not None:
        state = _close_bout(policy, state, bout, bout.left, out)
        return _begin_break(state, Break(bout.left, confirmed), out)
    if policy.timer_mode:
        state = _close_bout(policy, state, bout, now, out)
        return _begin_break(state, Break(now, confirmed), out)
    rose = max(bout.start, now - policy.min_break)
    state = _close_bout(policy, state, bout, rose, out)
    rest = Break(rose, confirmed)
    state = _end_break(_begin_break(state, rest, out), rest, now, out)
    return changed(state, bout=Bout(now))


def finish(policy: Policy, state: State, now: datetime, out: list[Effect]) -> State:
    """Nobody watches any more: close what runs, at the last instant that is known."""
    if state.bout is not None:
        state = _close_bout(policy, state, state.bout, state.bout.left or state.bout.seen or now, out)
    return state if state.rest is None else _end_break(state, state.rest, state.rest.blind or now, out)


def _close_bout(policy: Policy, state: State, bout: Bout, end: datetime, out: list[Effect]) -> State:
    sitting = max(ZERO, end - bout.start - bout.unknown)
    today = state.today
    if end > bout.start:
        out.append(RecordBout(bout.start, end, sitting))
        part = _part_of_today(policy, state, bout, sitting, end)
        today = replace(today, sitting=today.sitting + part, longest=max(today.longest, part))
    return changed(state, bout=None, today=today)


def _begin_break(state: State, rest: Break, out: list[Effect]) -> State:
    out.append(Announce("break_started", {"start": rest.start, "confirmed": rest.confirmed}))
    return changed(state, rest=rest, today=replace(state.today, breaks=state.today.breaks + 1))


def _end_break(state: State, rest: Break, end: datetime, out: list[Effect]) -> State:
    end = max(end, rest.start)
    out.append(RecordBreak(rest.start, end, rest.confirmed))
    out.append(Announce("break_ended", {"start": rest.start, "end": end, "confirmed": rest.confirmed}))
    by_self = rest.target is None and rest.confirmed in (Confirmed.SENSOR, Confirmed.LIKELY)
    return changed(state, rest=None, note=Note("got_up_self", rest.start) if by_self else state.note)


def _running_today(policy: Policy, state: State, now: datetime) -> timedelta:
    bout = state.bout
    return ZERO if bout is None else _part_of_today(policy, state, bout, sat(bout, now), bout.left or now)


def _part_of_today(policy: Policy, state: State, bout: Bout, sitting: timedelta, end: datetime) -> timedelta:
    """Return how much of that sitting belongs to the current day: a bout may have begun before 04:00."""
    start = hours.day_start(policy.zone, state.today.day)
    return sitting if bout.start >= start else max(ZERO, min(sitting, end - start))


def deadlines(policy: Policy, state: State) -> Iterator[datetime]:
    """Yield the instants at which a bout or a break ends by mere passing of time."""
    bout, rest = state.bout, state.rest
    if bout is not None and bout.left is not None:
        yield bout.left + policy.min_break
    elif bout is not None and bout.blind is not None:
        yield bout.blind + policy.min_break
    if rest is not None and rest.blind is not None:
        yield rest.blind + policy.min_break
