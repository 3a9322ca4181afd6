"""State: what is remembered of one person. Frozen values; durations are `timedelta`, instants aware UTC `datetime`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from nudger.core.recovery.course import Recovery, Tier
from nudger.core.recovery.diary import NOTHING_DONE, Activity
from nudger.core.running.runs import Run
from nudger.core.running.steps import BEGINNER, Plan
from nudger.core.words import ZERO, Confirmed, Declaration, Hold, Lock, Posture, PromptKind, Scene


@dataclass(frozen=True, slots=True)
class Reading:
    """The last word of one signal.

    ``since`` is when its present value began, ``last_on`` when it was last known to be on (first heard, when it never
    was), ``heard`` when its last message came. ``lost`` is when it became unavailable, None while it is not; ``turned``
    when it began to say the opposite, which counts once it has lasted for its delay.
    """

    on: bool
    since: datetime
    last_on: datetime
    heard: datetime
    lost: datetime | None = None
    turned: datetime | None = None

    @property
    def said(self) -> bool:
        """What it said last, whether or not that has lasted for its delay."""
        return self.on if self.turned is None else not self.on


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
    kind: PromptKind
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

    what: Declaration
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
