"""The words of the program: what a person chose (Policy) and what is remembered (State).

Everything here is a frozen value. Durations are `timedelta`, instants aware UTC `datetime`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from nudger.core.recovery.course import Recovery, Tier
from nudger.core.recovery.diary import NOTHING_DONE, Activity, Spell
from nudger.core.running.runs import Run
from nudger.core.running.steps import BEGINNER, Plan

ZERO: Final = timedelta(0)
DAY_STARTS: Final = timedelta(hours=4)
"""A person's day starts at 04:00 local time, so that a late evening still belongs to the day it began in."""


class Kind(StrEnum):
    """What a signal is, and so what its ``on`` and ``off`` prove (the rules are in `presence`)."""

    SEAT = "seat"
    PRESENCE = "presence"
    MOTION = "motion"
    ACTIVITY = "activity"
    LOCKED = "locked"
    POWER = "power"
    STANDING = "standing"
    CALL = "call"
    DND = "dnd"


class Posture(StrEnum):
    """What the engine believes now. ``standing`` is at the desk but not seated."""

    SITTING = "sitting"
    STANDING = "standing"
    AWAY = "away"
    UNKNOWN = "unknown"


class Hold(StrEnum):
    """A reason not to prompt now. The first that applies, in this order, is the one that is named."""

    LOCKED = "locked"
    PAUSED = "paused"
    QUIET = "quiet"
    UNKNOWN = "unknown"
    CALL = "call"
    DND = "dnd"
    SNOOZED = "snoozed"
    CAPPED = "capped"


class Outcome(StrEnum):
    """How a prompt ended."""

    FOLLOWED = "followed"
    DONE = "done"
    SKIPPED = "skipped"
    IGNORED = "ignored"
    WITHDRAWN = "withdrawn"


class Confirmed(StrEnum):
    """What a break rests on: a sensor, the person's word, a locked or sleeping desktop, or mere silence."""

    SENSOR = "sensor"
    USER = "user"
    LIKELY = "likely"
    ASSUMED = "assumed"


class TrustRetained(StrEnum):
    """How far a retained message, or a value remembered over a restart, counts as evidence."""

    NEVER = "never"
    FRESH = "fresh"
    STATE = "state"


class Scene(StrEnum):
    """What a lamp is asked to show. ``restored`` gives it back."""

    DUE = "due"
    OVERDUE = "overdue"
    BREAK = "break"
    AMBIENT = "ambient"
    RESTORED = "restored"


class Lock(StrEnum):
    """A safety lock: red silences every channel, amber restricts prompts to the gentlest."""

    RED = "red"
    AMBER = "amber"


# --- Policy: what a person chose -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Signal:
    """One source of evidence, as configured.

    ``hold`` is how long silence must last before a motion or activity signal means away. ``remote`` signals arrive
    through the broker and fall silent with it.
    """

    name: str
    kind: Kind
    hold: timedelta = ZERO
    off_delay: timedelta | None = None
    expire_after: timedelta | None = None
    trust_retained: TrustRetained = TrustRetained.FRESH
    max_age: timedelta = timedelta(minutes=10)
    remote: bool = True


DEFAULT_HOLD: Final = MappingProxyType({Kind.MOTION: timedelta(minutes=10), Kind.ACTIVITY: timedelta(minutes=5)})
"""Silence that means away. Ten minutes for motion: a still sitter can escape a PIR for up to 8.2 minutes (measured on a
public office recording, UCI 864); five for keyboard and mouse."""


@dataclass(frozen=True, slots=True)
class LibraryPrompt:
    """One entry of the prompt library. ``kind`` is break, plan or posture; ``intensity`` 0 (still) to 3 (moderate)."""

    id: str
    title: str
    body: str
    category: str
    kind: str
    stages: frozenset[str]
    duration: timedelta
    intensity: int
    needs_floor: bool
    discreet: bool
    contraindications: frozenset[str]


@dataclass(frozen=True, slots=True)
class Stage:
    """One rung of the ladder: the window of a bout in which a prompt comes, the break it asks for, what it may ask.

    Every ``long_break_every``-th prompted break is a long one (0: never). ``weights`` are percent per category.
    A stage is offered at a score of ``enter_max`` or less and left downward from ``back_off_at`` on (None: never), both
    on the 0-10 scale; ``min_observed_days`` with a score come before the next one (None: there is none).
    """

    id: str
    soft: timedelta
    hard: timedelta
    break_target: timedelta
    long_break_every: int
    max_intensity: int
    weights: Mapping[str, int]
    enter_max: int = 10
    back_off_at: int | None = None
    min_observed_days: int | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """All stages, lowest first, and the overlay that a flare puts over each of them."""

    stages: tuple[Stage, ...]
    flare: Stage
    min_break: timedelta
    long_break: timedelta

    def stage(self, stage_id: str) -> Stage:
        """Return the stage of that id; KeyError when there is none."""
        for stage in self.stages:
            if stage.id == stage_id:
                return stage
        raise KeyError(stage_id)


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

    ``hours`` holds one tuple of spans per weekday, Monday first; None means always active. ``signals`` empty is timer
    mode. ``budget`` is the most prompts a day (None: no limit). ``lamp`` is None where no lamp is configured.
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


# --- State: what is remembered ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reading:
    """The last word of one signal.

    ``since`` is when its present value began, ``last_on`` when it was last known to be on (first heard, when it never
    was), ``heard`` when its last message came. ``lost`` is when it became unavailable, None while it is not.
    """

    on: bool
    since: datetime
    last_on: datetime
    heard: datetime
    lost: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bout:
    """The sitting bout that runs.

    ``left`` (known by ``left_by``) is set while the person is up for less than a break, ``blind`` while nothing proves
    anything (``seen`` is then the last evidence). ``unknown`` is the blind time inside the bout. ``nudged`` is the
    sitting time at which the window was last started anew (a skipped prompt), ``noticed`` the ``nudged`` of the window
    in which a prompt or its heads-up has come, ``snoozed`` whether the one snooze is used up.
    """

    start: datetime
    left: datetime | None = None
    left_by: Confirmed = Confirmed.SENSOR
    blind: datetime | None = None
    seen: datetime | None = None
    unknown: timedelta = ZERO
    nudged: timedelta = ZERO
    noticed: timedelta | None = None
    snoozed: bool = False


@dataclass(frozen=True, slots=True)
class Break:
    """The break that runs: since when, resting on what, whether a prompt asked for it, how long it should last."""

    start: datetime
    confirmed: Confirmed
    target: timedelta | None = None
    enough_told: bool = False
    blind: datetime | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """The prompt that is under way.

    ``shown_at`` is when its present level was shown. ``hidden_at`` is set while the person is up and it is not yet
    decided whether that was the answer; ``snoozed_until`` while it is put off, ``asked_again`` is when that ended.
    ``wait`` is set where it came at the end of a call: how long it can be put off then, as its buttons say.
    ``can_snooze`` is whether it could be put off when it was last shown; the buttons offer nothing else.
    """

    id: str
    entry: str
    title: str
    body: str
    category: str
    kind: str
    duration: timedelta
    issued_at: datetime
    shown_at: datetime
    level: int = 0
    hidden_at: datetime | None = None
    snoozed_until: datetime | None = None
    asked_again: datetime | None = None
    wait: timedelta | None = None
    can_snooze: bool = True

    @property
    def asked_at(self) -> datetime:
        """Since when it asks the person to get up: its issue, or the end of a snooze."""
        return self.asked_again or self.issued_at


@dataclass(frozen=True, slots=True)
class Declared:
    """What the person declared about themselves (a timer-mode break, a rest), and until when it holds."""

    what: str  # "break" | "rest" | "idle" (timer mode gave up; has no end)
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Today:
    """Counters of the current day. ``sitting`` and ``longest`` are of closed bouts; views add the running one.

    ``first_seen`` and ``last_seen`` are when the person was first and last known to be at the desk, ``unknown`` is the
    time between them of which nothing is known. ``doing`` is what was seen of the day's goals, less monitored time.
    """

    day: date
    sitting: timedelta = ZERO
    longest: timedelta = ZERO
    breaks: int = 0
    prompts: int = 0
    followed: int = 0
    plans: int = 0
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    unknown: timedelta = ZERO
    doing: Activity = NOTHING_DONE


@dataclass(frozen=True, slots=True)
class Note:
    """The last thing that happened to prompts, so that `why` can tell it: a key of the texts and an instant."""

    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person chose along the way. Of what movements must spare, this and the config add up.

    ``publish_health`` is the answer to whether health may go out over MQTT, None while it is open; the config, where it
    says anything, goes before it. ``pace`` shifts the stage's window, after "too many" or "too few".
    """

    office: bool = False
    floor_space: bool = True
    contraindications: frozenset[str] = frozenset()
    publish_health: bool | None = None
    pace: timedelta = ZERO


NO_WISHES: Final = Wishes()


@dataclass(frozen=True, slots=True)
class Asked:
    """When a day's questions, morning and evening, were asked, and which of the two was asked once more.

    ``safety`` is why the safety list was asked along with them, ``pace`` whether the pace was; until answered.
    """

    day: date
    at: Mapping[str, datetime] = field(default_factory=dict)
    reminded: frozenset[str] = frozenset()
    safety: str | None = None
    pace: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """What a person told about their back and what followed from it. It changes a few times a day at most.

    ``pace_asked`` is when "too many, fine, too few" was last asked, ``plan_due`` the day whose walk or run is to be
    spoken of at the next free moment.
    """

    recovery: Recovery
    plan: Plan = BEGINNER
    runs: tuple[Run, ...] = ()
    wishes: Wishes = NO_WISHES
    asked: Asked | None = None
    pace_asked: date | None = None
    plan_due: date | None = None


_LOCKS: Final = MappingProxyType({Tier.EMERGENCY: Lock.RED, Tier.URGENT: Lock.AMBER})


@dataclass(frozen=True)
class State:
    """All that is remembered about one person. A snapshot of it restores the engine exactly."""

    at: datetime
    seed: int
    today: Today
    health: Health
    posture: Posture = Posture.UNKNOWN
    since: datetime | None = None
    readings: Mapping[str, Reading] = field(default_factory=dict)
    offline: frozenset[str] = frozenset()
    link_lost: datetime | None = None
    bout: Bout | None = None
    rest: Break | None = None
    prompt: Prompt | None = None
    hold: Hold | None = None
    paused_until: datetime | None = None
    declared: Declared | None = None
    silent_until: datetime | None = None
    changed_at: datetime | None = None
    moment_at: datetime | None = None
    call_ended: datetime | None = None
    standing_told: datetime | None = None
    cue: Scene = Scene.RESTORED
    cue_step: int = 0
    recent: tuple[str, ...] = ()
    unwanted: frozenset[str] = frozenset()
    strength_days: tuple[date, ...] = ()
    breaks_since_long: int = 0
    ignored_in_row: int = 0
    eased_until: datetime | None = None
    last_id_ms: int = 0
    note: Note | None = None

    @property
    def recovery(self) -> Recovery:
        """Where the person stands on the ladder, and what that rests on."""
        return self.health.recovery

    @property
    def stage(self) -> str:
        """The id of the recovery stage."""
        return self.health.recovery.standing.stage

    @property
    def flare(self) -> bool:
        """Whether a flare is on."""
        return self.health.recovery.standing.flare is not None

    @property
    def lock(self) -> Lock | None:
        """The safety lock that is on."""
        lock = self.health.recovery.standing.lock
        return None if lock is None else _LOCKS[lock.tier]

    def but_health(self, **changes: Any) -> State:
        """Return this State with something else in `health`."""
        return changed(self, health=replace(self.health, **changes))

    def seen_at(self, now: datetime) -> State:
        """Return this State as of another instant."""
        return changed(self, at=now)


if TYPE_CHECKING:
    from dataclasses import replace as changed
else:

    def changed(state: State, **changes: object) -> State:
        """Return the State with these fields changed, as `replace` does, at a tenth of its cost.

        A decision changes a State several times, and `replace` reads all its fields each time: that was two fifths of
        the decision. To the type checker it is `replace`, so a field that there is not is found.
        """
        after = object.__new__(State)
        after.__dict__.update(state.__dict__)
        after.__dict__.update(changes)
        return after
