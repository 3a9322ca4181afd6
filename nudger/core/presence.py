"""Readings to evidence: which posture the signals prove, and since when.

What a signal proves depends on its kind:

    seat      on: sitting                     off: not on this seat
    presence  on: a body at the desk          off: away
    motion    on: a body at the desk          off: nothing; silence of `hold` means away since the last motion
    activity  on: at the desk                 off: nothing; silence of `hold`, alone, means away since the last input
    locked    on: away                        off: nothing
    power     on: nothing                     off: away
    standing  on: standing, if at the desk    off: seated, if at the desk
    call      on: keeps the posture it met    off: a good moment has come
    dnd       on: nothing about posture       off: a good moment has come

The first of these that holds decides: a seat that is on; live evidence of a body (presence, motion); a call, and live
input; then lock, power, absence and silence, back-dated to the last sign of the person; else the posture is unknown.
Signals that are stale, unavailable or never heard prove nothing.

Two rules keep old evidence from outliving its worth. Motion and input that ended are believed for their `hold`, as long
as nothing says away; once a lock, a dark monitor or a presence sensor says away, only what goes on now counts, and
motion of the last 3 min or input of the last 2 min that came *after* that. And somebody else's body proves nothing
about a person whose own seat is empty: that needs their own input of the last 2 min, a call that met them there, or a
raised desk.

Where no signal can show anybody (timer mode) sitting is assumed inside active hours, until the person says otherwise or
a lock does; a call and do-not-disturb merely hold prompts back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nudger.core import hours
from nudger.core.policy import Policy
from nudger.core.readings import effective
from nudger.core.scan import Scan, earliest, latest
from nudger.core.state import Prompt, State
from nudger.core.words import ZERO, Confirmed, Declaration, Kind, Posture, PromptKind

FRESH_MOTION: Final = timedelta(minutes=3)
"""Motion, or input, older than this is no evidence that somebody would see a prompt."""
OWN_INPUT: Final = timedelta(minutes=2)
"""Input this recent is the person's own body at the desk."""
PAUSE: Final = timedelta(seconds=12)
"""Hands quiet for this long are a natural pause (10 to 15 s between tasks; Iqbal & Bailey 2008 on breakpoints)."""
STUCK_SEAT: Final = timedelta(hours=3)
"""A seat on for this long, unchanged, at a locked or idle desktop, is a bag on the chair."""
STUCK_CALL: Final = timedelta(hours=4)
"""A camera or microphone in use for this long is stuck, not a meeting."""

AT_DESK: Final = frozenset({Posture.SITTING, Posture.STANDING})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the signals prove at one instant.

    ``since`` is when the posture began, as far as the signals tell. ``fresh`` says that live evidence shows the person
    at the desk right now. ``pause`` is True at a natural pause, False while hands are busy, None where no signal could
    show one. ``wait_for_sign`` says that only motion and input older than 3 min speak for the person. ``deaf`` says
    that the broker is gone and with it every signal that could speak. ``silent`` and ``stuck`` name signals that prove
    nothing.
    """

    posture: Posture
    since: datetime
    confirmed: Confirmed = Confirmed.SENSOR
    fresh: bool = False
    pause: bool | None = None
    wait_for_sign: bool = False
    call: bool = False
    dnd: bool = False
    deaf: bool = False
    silent: tuple[str, ...] = ()
    stuck: tuple[str, ...] = ()


def assess(policy: Policy, state: State, now: datetime) -> Evidence:
    """Weigh all readings and say which posture they prove, and since when. See the rules at the top of the module."""
    scan = Scan(policy, state, now)
    if policy.timer_mode:
        return _timer(policy, state, scan, now)
    resting = state.declared
    if resting is not None and resting.until is not None and now < resting.until:
        sat_down = scan.seat_on is not None and scan.seat_on > resting.since
        if not sat_down:
            return Evidence(Posture.AWAY, resting.since, Confirmed.USER, silent=tuple(scan.silent))
    stuck = [name for since, name in scan.calls if now >= since + STUCK_CALL]
    in_call = len(scan.calls) > len(stuck)
    bag_since = _bag_since(scan, now)
    posture, since, confirmed = _posture(policy, state, scan, bag_since=bag_since, in_call=in_call, now=now)
    if posture is Posture.UNKNOWN and bag_since is not None:
        stuck += [s.name for s in policy.signals if s.kind is Kind.SEAT]
    moved_lately = scan.motion_last is not None and now < scan.motion_last + FRESH_MOTION
    typed_lately = scan.input_last is not None and now < scan.input_last + OWN_INPUT
    heard = state.link_lost is None or scan.local
    sure = scan.seat_on is not None or scan.body is not None
    sign = latest(scan.motion_last, scan.input_last)
    return Evidence(
        posture,
        since,
        confirmed,
        fresh=heard and posture in AT_DESK and (sure or moved_lately or typed_lately),
        pause=_is_pause(scan, now),
        wait_for_sign=not sure and sign is not None and now >= sign + FRESH_MOTION,
        call=in_call,
        dnd=scan.dnd,
        deaf=not heard,
        silent=tuple(scan.silent),
        stuck=tuple(stuck),
    )


def _posture(
    policy: Policy, state: State, scan: Scan, *, bag_since: datetime | None, in_call: bool, now: datetime
) -> tuple[Posture, datetime, Confirmed]:
    """Apply the order of precedence. With ``bag_since`` the seat holds a bag, not a person."""
    was_here = state.posture in AT_DESK
    call_ended = scan.call_ended if was_here else None
    told_away = earliest(earliest(scan.locked, scan.power_off), scan.absent if scan.body is None else None)
    if scan.seat_on is not None and bag_since is None:
        return Posture.SITTING, scan.seat_on, Confirmed.SENSOR
    here = _here_since(policy, state, scan, told_away=told_away, call_ended=call_ended, now=now)
    if here is not None:
        return _at_desk(scan, here, in_call=in_call and was_here, now=now)
    if bag_since is not None:
        return Posture.UNKNOWN, bag_since, Confirmed.SENSOR
    if in_call and was_here:
        if scan.seat_off is not None:
            return Posture.STANDING, scan.seat_off, Confirmed.SENSOR
        return state.posture, state.since or now, Confirmed.SENSOR
    if scan.seat_off is not None:
        return Posture.AWAY, max(scan.seat_off, scan.input_last or scan.seat_off), Confirmed.SENSOR
    seen = latest(latest(scan.motion_last, scan.input_last), call_ended)
    if told_away is not None:
        left = latest(latest(told_away, scan.absent), seen) or told_away
        return Posture.AWAY, left, Confirmed.SENSOR if left == scan.absent else Confirmed.LIKELY
    if seen is not None and (scan.motion_last or scan.input_last):
        confirmed = Confirmed.ASSUMED if scan.motion_last is None else Confirmed.SENSOR
        if _laptop_only(scan) and state.prompt is not None and _is_showing(state.prompt):
            seen = max(seen, state.prompt.issued_at)
        return Posture.AWAY, seen, confirmed
    return Posture.UNKNOWN, scan.last_word or now, Confirmed.SENSOR


def _here_since(
    policy: Policy, state: State, scan: Scan, *, told_away: datetime | None, call_ended: datetime | None, now: datetime
) -> datetime | None:
    """Return since when somebody is known to be at the desk, None when nobody is."""
    if scan.body is not None:
        return scan.body
    moved, typed = scan.motion_last, scan.input_last
    if told_away is not None:
        if scan.motion_on or (moved is not None and told_away < moved and now < moved + FRESH_MOTION):
            return scan.motion_since
        if scan.input_on or (typed is not None and told_away < typed and now < typed + OWN_INPUT):
            return scan.input_since
        return None
    if scan.moving_until is not None and now < _extended(scan.moving_until, moved, call_ended):
        return scan.motion_since
    until = scan.active_until
    if until is not None and typed is not None:
        left = state.rest.start if state.rest is not None and state.posture is Posture.AWAY else None
        if _laptop_only(scan) and left is not None and typed <= left:
            return None  # only new input ends a break of which nothing but the keyboard can tell
        until = _extended(until, typed, call_ended)
        if _laptop_only(scan) and state.prompt is not None and _is_showing(state.prompt):
            # nothing but the keyboard can tell: a minute without input under a prompt is taken as its answer
            until = min(until, max(typed, state.prompt.asked_at) + policy.min_break)
        if now < until:
            return scan.input_since
    return None


def _extended(until: datetime, last: datetime | None, call_ended: datetime | None) -> datetime:
    """A call is a sign of the person too: silence is counted from its end."""
    if last is None or call_ended is None or call_ended <= last:
        return until
    return until + (call_ended - last)


def _at_desk(scan: Scan, here: datetime, *, in_call: bool, now: datetime) -> tuple[Posture, datetime, Confirmed]:
    """Somebody is at the desk: sitting, standing, or not the person whose seat is empty."""
    own_input = scan.input_last is not None and now < scan.input_last + OWN_INPUT
    if scan.desk_up is not None:
        return Posture.STANDING, max(here, scan.desk_up, scan.seat_off or here), Confirmed.SENSOR
    if scan.seat_off is not None:
        if own_input or in_call:
            return Posture.STANDING, max(here, scan.seat_off), Confirmed.SENSOR
        return Posture.AWAY, max(scan.seat_off, scan.input_last or scan.seat_off), Confirmed.SENSOR
    return Posture.SITTING, max(here, scan.desk_down or here), Confirmed.SENSOR


def _bag_since(scan: Scan, now: datetime) -> datetime | None:
    """Return since when the seat has been on without a sign of its owner, if that is long enough to be a bag."""
    if scan.seat_on is None:
        return None
    idle = None if scan.active_until is None or now < scan.active_until else scan.input_last
    left = earliest(scan.locked, idle)
    if left is None:
        return None
    since = max(scan.seat_on, left)
    return since if now >= since + STUCK_SEAT else None


def _is_pause(scan: Scan, now: datetime) -> bool | None:
    if scan.input_last is None:
        return None
    return now >= scan.input_last + PAUSE


def _laptop_only(scan: Scan) -> bool:
    return all(x is None for x in (scan.seat_on, scan.seat_off, scan.body, scan.absent, scan.motion_last))


def _is_showing(prompt: Prompt) -> bool:
    return prompt.snoozed_until is None and prompt.kind is PromptKind.BREAK


def _timer(policy: Policy, state: State, scan: Scan, now: datetime) -> Evidence:
    """Judge by the clock: inside active hours the person is taken to sit, unless they, or a lock, say otherwise."""
    stuck = tuple(name for since, name in scan.calls if now >= since + STUCK_CALL)
    in_call = len(scan.calls) > len(stuck)
    declared = state.declared
    if declared is not None and (declared.until is None or now < declared.until):
        confirmed = Confirmed.USER if declared.what is Declaration.REST else Confirmed.ASSUMED
        posture, since = Posture.AWAY, declared.since
    elif not hours.is_active(policy.hours, policy.zone, now, policy.holidays):
        posture, since, confirmed = Posture.AWAY, now, Confirmed.ASSUMED
    elif scan.locked is not None and not (in_call and state.posture in AT_DESK):
        posture, since, confirmed = Posture.AWAY, scan.locked, Confirmed.LIKELY
    else:
        posture, since, confirmed = Posture.SITTING, now, Confirmed.ASSUMED
    return Evidence(posture, since, confirmed, call=in_call, dnd=scan.dnd, silent=tuple(scan.silent), stuck=stuck)


# --- Deadlines -------------------------------------------------------------------------------------------------------


def deadlines(policy: Policy, state: State) -> Iterator[datetime]:
    """Yield every instant at which the evidence may change by mere passing of time."""
    seats: list[datetime] = []
    locked_or_idle: list[datetime] = []
    for spec in policy.signals:
        reading = state.readings.get(spec.name)
        if reading is None:
            continue
        if spec.expire_after is not None:
            yield reading.heard + spec.expire_after
        if spec.off_delay is not None:
            yield reading.last_on + spec.off_delay
        if reading.turned is not None:
            yield reading.turned + spec.delay(not reading.on)
        if spec.remote and state.link_lost is not None:
            yield state.link_lost + spec.max_age
        on, since = effective(spec, reading, state.at)
        match spec.kind:
            case Kind.MOTION if not on:  # while it goes on, the last of it is now
                yield reading.last_on + spec.hold
                yield reading.last_on + FRESH_MOTION
            case Kind.ACTIVITY if not on:
                yield from (reading.last_on + wait for wait in (OWN_INPUT, FRESH_MOTION, spec.hold))
                locked_or_idle.append(reading.last_on)
                if state.prompt is not None:
                    yield max(reading.last_on, state.prompt.asked_at) + policy.min_break
            case Kind.LOCKED if on:
                locked_or_idle.append(since)
            case Kind.CALL if on:
                yield since + STUCK_CALL
            case Kind.CALL:
                yield from (reading.last_on + s.hold for s in policy.signals if s.hold > ZERO)
            case Kind.SEAT if on:
                seats.append(since)
            case _:
                pass
    for seat in seats:
        yield from (max(seat, left) + STUCK_SEAT for left in locked_or_idle)
    if state.declared is not None and state.declared.until is not None:
        yield state.declared.until


def pauses(policy: Policy, state: State) -> Iterator[datetime]:
    """Yield when hands that rest will have rested for as long as a natural pause."""
    for spec in policy.signals:
        reading = state.readings.get(spec.name)
        if reading is not None and spec.kind is Kind.ACTIVITY and not effective(spec, reading, state.at)[0]:
            yield reading.last_on + PAUSE
