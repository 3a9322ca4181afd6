"""All living readings of a person at one instant, gathered by what they say."""

from __future__ import annotations

from datetime import datetime

from nudger.core.policy import Policy, Signal
from nudger.core.readings import effective, is_alive
from nudger.core.state import Reading, State
from nudger.core.words import Kind


class Scan:
    """One pass over the readings: for each kind, what the living ones say.

    An instant is since when something is so, None where no signal says it: ``body`` is what presence signals see, and
    ``absent`` that one sees nobody. ``..._last`` is the last motion or input (now, while it goes on), ``..._until`` how
    long it may be believed. ``calls`` are those that go on, with the names of their signals. ``local`` says that a
    signal lives that does not come through the broker, ``last_word`` when one of the others was last known to be alive,
    and ``silent`` names all that prove nothing.
    """

    def __init__(self, policy: Policy, state: State, now: datetime) -> None:
        """Look at all signals of the policy."""
        self.seat_on: datetime | None = None
        self.seat_off: datetime | None = None
        self.body: datetime | None = None
        self.absent: datetime | None = None
        self.motion_on = False
        self.motion_since: datetime | None = None
        self.motion_last: datetime | None = None
        self.moving_until: datetime | None = None
        self.input_on = False
        self.input_since: datetime | None = None
        self.input_last: datetime | None = None
        self.active_until: datetime | None = None
        self.locked: datetime | None = None
        self.power_off: datetime | None = None
        self.desk_up: datetime | None = None
        self.desk_down: datetime | None = None
        self.calls: list[tuple[datetime, str]] = []
        self.call_ended: datetime | None = None
        self.dnd = False
        self.local = False
        self.last_word: datetime | None = None
        self.silent: list[str] = []
        for spec in policy.signals:
            reading = state.readings.get(spec.name)
            if reading is None:
                self.silent.append(spec.name)
            elif not is_alive(spec, reading, state, now):
                self.silent.append(spec.name)
                cut_off = state.link_lost if spec.remote else None
                self.last_word = latest(self.last_word, reading.lost or cut_off or reading.heard)
            else:
                self.local = self.local or not spec.remote
                on, since = effective(spec, reading, now)
                self._take(spec, reading, on=on, since=since, now=now)

    def _take(self, spec: Signal, reading: Reading, *, on: bool, since: datetime, now: datetime) -> None:
        last = now if on else reading.last_on
        match spec.kind:
            case Kind.SEAT if on:
                self.seat_on = latest(self.seat_on, since)
            case Kind.SEAT:
                self.seat_off = latest(self.seat_off, since)
            case Kind.PRESENCE if on:
                self.body = earliest(self.body, since)
            case Kind.PRESENCE:
                self.absent = latest(self.absent, since)
            case Kind.MOTION:
                self.motion_on = self.motion_on or on
                self.motion_since = latest(self.motion_since, since if on else reading.last_on)
                self.motion_last = latest(self.motion_last, last)
                self.moving_until = latest(self.moving_until, last + spec.hold)
            case Kind.ACTIVITY:
                self.input_on = self.input_on or on
                self.input_since = latest(self.input_since, since if on else reading.last_on)
                self.input_last = latest(self.input_last, last)
                self.active_until = latest(self.active_until, last + spec.hold)
            case Kind.LOCKED if on:
                self.locked = earliest(self.locked, since)
            case Kind.POWER if not on:
                self.power_off = earliest(self.power_off, since)
            case Kind.STANDING if on:
                self.desk_up = earliest(self.desk_up, since)
            case Kind.STANDING:
                self.desk_down = latest(self.desk_down, since)
            case Kind.CALL if on:
                self.calls.append((since, spec.name))
            case Kind.CALL:
                self.call_ended = latest(self.call_ended, reading.last_on)
            case Kind.DND:
                self.dnd = self.dnd or on
            case _:
                pass


def earliest(a: datetime | None, b: datetime | None) -> datetime | None:
    """Return the earlier of the two that are there."""
    return b if a is None else a if b is None else min(a, b)


def latest(a: datetime | None, b: datetime | None) -> datetime | None:
    """Return the later of the two that are there."""
    return b if a is None else a if b is None else max(a, b)
