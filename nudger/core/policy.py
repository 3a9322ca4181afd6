"""Policy: what one person chose. Frozen values; durations are `timedelta`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, tzinfo
from types import MappingProxyType
from typing import Final

from nudger.core.ladder import Ladder, LibraryPrompt
from nudger.core.recovery.diary import Spell
from nudger.core.words import ZERO, Kind, TrustRetained


@dataclass(frozen=True, slots=True)
class Signal:
    """One source of evidence, as configured.

    ``hold`` is how long silence must last before a motion or activity signal means away. ``delay_on`` and ``delay_off``
    are how long a new value must last to count, from its beginning then. ``remote`` signals arrive through the broker
    and fall silent with it.
    """

    name: str
    kind: Kind
    hold: timedelta = ZERO
    off_delay: timedelta | None = None
    expire_after: timedelta | None = None
    trust_retained: TrustRetained = TrustRetained.FRESH
    max_age: timedelta = timedelta(minutes=10)
    remote: bool = True
    delay_on: timedelta = ZERO
    delay_off: timedelta = ZERO

    def delay(self, on: bool) -> timedelta:
        """Return how long that value must last to count."""
        return self.delay_on if on else self.delay_off


DEFAULT_HOLD: Final = MappingProxyType({Kind.MOTION: timedelta(minutes=10), Kind.ACTIVITY: timedelta(minutes=5)})
"""Silence that means away. Ten minutes for motion: a still sitter can escape a PIR for up to 8.2 minutes (measured on a
public office recording, UCI 864); five for keyboard and mouse."""

SHOWS_SOMEBODY: Final = (Kind.SEAT, Kind.PRESENCE, Kind.MOTION, Kind.ACTIVITY)
"""The kinds that can show somebody at the desk. The others only say more of who is known to be there."""


@dataclass(frozen=True, slots=True)
class Window:
    """The person's own soft and hard, in place of the stage's."""

    soft: timedelta
    hard: timedelta


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of active time on one weekday: minutes from local midnight; ``end`` may pass 1440 (overnight)."""

    start_min: int
    end_min: int


@dataclass(frozen=True, slots=True)
class LampPolicy:
    """How a person's lamps take part: ``ambient`` warms from soft to hard, ``break_cue`` is the soft green."""

    ambient: bool = False
    break_cue: bool = False
    in_call: bool = False


@dataclass(frozen=True, slots=True)
class Questions:
    """When the daily scores are asked for. ``wanted`` None: once the person has told a score for the first time.

    ``morning`` and ``evening`` are local times, counted from midnight; None goes by the active hours.
    """

    wanted: bool | None = None
    morning: timedelta | None = None
    evening: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything one person chose, and the tables that go with it.

    ``hours`` holds one tuple of spans per weekday, Monday first; None means always active. ``timer`` says that no
    signal can show that the person sits there, so that sitting is assumed, and a lock, a call and do-not-disturb merely
    interrupt. ``budget`` is the most prompts a day (None: no limit). ``lamp`` is None where no lamp is configured.
    ``publish_health`` None leaves it to the person's answer (`Wishes`). ``holidays`` are days without active hours.
    ``pre_notice`` is how long before the window closes a heads-up comes (0: none), ``typing_grace`` how long after that
    busy hands are waited for. ``gentler`` is how a prompt's body is worded after three ignored in a row, ``after_call``
    when a call has just ended, with the ``{minutes}`` of sitting and those that it can ``{wait}``.
    """

    person: str
    ladder: Ladder
    library: tuple[LibraryPrompt, ...]
    zone: tzinfo
    signals: tuple[Signal, ...] = ()
    start_stage: str = "gentle_start"
    hours: tuple[tuple[Span, ...], ...] | None = None
    window: Window | None = None
    min_break: timedelta = timedelta(seconds=60)
    snooze: timedelta = timedelta(minutes=5)
    budget: int | None = None
    standing_limit: timedelta = timedelta(minutes=40)
    office: bool = False
    floor_space: bool = True
    contraindications: frozenset[str] = frozenset()
    lamp: LampPolicy | None = None
    questions: Questions = Questions()
    publish_health: bool | None = None
    gentler: str = "{body}"
    after_call: str = "{body}"
    holidays: tuple[Spell, ...] = ()
    pre_notice: timedelta = ZERO
    typing_grace: timedelta = ZERO
    timer: bool = False

    @property
    def timer_mode(self) -> bool:
        """Whether sitting is assumed rather than seen. Without any signal it is."""
        return self.timer or not self.signals
