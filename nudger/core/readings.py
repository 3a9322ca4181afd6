"""Events to readings: what a message makes of what is known about its signal.

A reading is the last word of a signal. This module says what a new word changes, how far a kept or out-dated one is
believed, what remains of all words after a time in which nobody listened, and whether one still proves anything.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from nudger.core.events import AvailabilityChanged, LinkChanged, SignalChanged
from nudger.core.policy import Policy, Signal
from nudger.core.state import Reading, State, changed
from nudger.core.words import Kind, TrustRetained


def changes_nothing(policy: Policy, state: State, event: SignalChanged) -> bool:
    """Tell whether the event only repeats what is known, so that nothing at all need be looked at again.

    Sensors repeat themselves far more often than they change; this keeps a flood of repeats cheap.
    """
    reading = state.readings.get(event.signal)
    if reading is None or reading.on is not event.on or event.since is not None:
        return False
    if reading.lost is not None or reading.turned is not None:
        return False
    spec = next((s for s in policy.signals if s.name == event.signal), None)
    return spec is not None and spec.expire_after is None and spec.off_delay is None


def observe(policy: Policy, state: State, event: SignalChanged, now: datetime) -> State:
    """Take in one reading; a signal that the policy does not know is ignored."""
    spec = next((s for s in policy.signals if s.name == event.signal), None)
    if spec is None:
        return state
    old = state.readings.get(spec.name)
    if event.on is None:
        return state if old is None else _with_reading(state, spec.name, None)
    at = min(event.at or now, now)
    stale = event.retained or now - at > spec.max_age
    known = old is not None and is_alive(spec, old, state, now)
    if old is not None and event.at is not None and at < (old.turned or old.since):
        return state  # older than what is known: messages overtook each other
    if stale:
        if not _trusts(spec, event, old, at=at, now=now, known=known):
            return state
        if spec.trust_retained is not TrustRetained.FRESH or now - at > spec.max_age:
            at = now  # the value may be believed, when it began may not
    reading = _update(spec, old if known else None, event, at=at, now=now)
    if event.retained:  # that the broker kept it does not show that the device is there
        gone = now if spec.name in state.offline else None
        reading = replace(reading, lost=gone if old is None else old.lost)
    elif spec.name in state.offline:
        state = changed(state, offline=state.offline - {spec.name})
    return _with_reading(state, spec.name, reading)


def is_locked(policy: Policy, state: State) -> bool:
    """Tell whether a lock was on when it was last heard of."""
    locks = [state.readings.get(spec.name) for spec in policy.signals if spec.kind is Kind.LOCKED]
    return any(reading is not None and reading.on for reading in locks)


def _trusts(
    spec: Signal, event: SignalChanged, old: Reading | None, *, at: datetime, now: datetime, known: bool
) -> bool:
    """Say whether a retained or out-dated message counts as evidence; one that only repeats what is known does not."""
    if spec.trust_retained is TrustRetained.NEVER or (known and old is not None and old.said is event.on):
        return False
    if spec.trust_retained is TrustRetained.STATE or (known and not event.retained):
        return True
    return event.at is not None and now - at <= spec.max_age


def _update(spec: Signal, old: Reading | None, event: SignalChanged, *, at: datetime, now: datetime) -> Reading:
    began = min(event.since or at, now)
    on = bool(event.on)
    if old is None:
        return Reading(on=on, since=began, last_on=began, heard=now)
    was_on, was_since = effective(spec, old, now)
    if was_on is not on and spec.delay(on):
        turned = old.turned if old.turned is not None and old.on is was_on else began
        last_on = at if on else max(old.last_on, began)
        return Reading(on=was_on, since=was_since, last_on=last_on, heard=now, turned=turned)
    since = was_since if was_on is on else began
    if on:
        last_on = began if event.since else at
    elif event.since is not None:
        last_on = max(began, old.last_on) if not was_on else began
    else:
        last_on = at if was_on else old.last_on
    return Reading(on=on, since=since, last_on=last_on, heard=now)


def availability(policy: Policy, state: State, event: AvailabilityChanged, now: datetime) -> State:
    """A device came or went. A value remembered over a short absence counts again, over a longer one it does not."""
    spec = next((s for s in policy.signals if s.name == event.signal), None)
    reading = state.readings.get(event.signal)
    if spec is None:
        return state
    offline = state.offline - {spec.name} if event.available else state.offline | {spec.name}
    if offline != state.offline:
        state = changed(state, offline=offline)
    if reading is None:
        return state
    if not event.available:
        return state if reading.lost else _with_reading(state, spec.name, replace(reading, lost=now))
    if reading.lost is None:
        return state
    kept = replace(reading, lost=None) if _survives(policy, spec, now - reading.lost) else None
    return _with_reading(state, spec.name, kept)


def link(policy: Policy, state: State, event: LinkChanged, now: datetime) -> State:
    """The broker came or went, and with it every remote signal."""
    if not event.up:
        return state if state.link_lost else changed(state, link_lost=now)
    if state.link_lost is None:
        return state
    return replace(after_gap(policy, state, now - state.link_lost, remote_only=True), link_lost=None)


def after_gap(policy: Policy, state: State, gap: timedelta, *, remote_only: bool = False) -> State:
    """Nobody listened for a while: forget what has to be heard anew, and what the policy no longer knows."""
    by_name = {spec.name: spec for spec in policy.signals}
    kept = {
        name: reading
        for name, reading in state.readings.items()
        if name in by_name and ((remote_only and not by_name[name].remote) or _survives(policy, by_name[name], gap))
    }
    return state if len(kept) == len(state.readings) else changed(state, readings=kept)


def _survives(policy: Policy, spec: Signal, gap: timedelta) -> bool:
    if gap < policy.min_break or spec.trust_retained is TrustRetained.STATE:
        return True
    return spec.trust_retained is TrustRetained.FRESH and gap <= spec.max_age


def _with_reading(state: State, name: str, reading: Reading | None) -> State:
    readings = dict(state.readings)
    if reading is None:
        readings.pop(name, None)
    else:
        readings[name] = reading
    return changed(state, readings=readings)


def is_alive(spec: Signal, reading: Reading, state: State, now: datetime) -> bool:
    """Tell whether a reading still proves anything: neither unavailable, nor stale, nor cut off for too long."""
    if reading.lost is not None:
        return False
    if spec.expire_after is not None and now >= reading.heard + spec.expire_after:
        return False
    return not (spec.remote and state.link_lost is not None and now >= state.link_lost + spec.max_age)


def effective(spec: Signal, reading: Reading, now: datetime) -> tuple[bool, datetime]:
    """Return value and onset, with what has come of delays.

    What has said the opposite for long enough has been so since then. An ON not renewed within `off_delay` has been off
    since it was last renewed.
    """
    on, since = reading.on, reading.since
    if reading.turned is not None and now >= reading.turned + spec.delay(not on):
        on, since = not on, reading.turned
    if on and spec.off_delay is not None and now >= reading.last_on + spec.off_delay:
        return False, reading.last_on
    return on, since
