"""The words of a recovery: what a person told day by day, where they stand on the ladder, what was decided and why.

Everything here is a frozen value that a snapshot can hold. A day is the person's own: it starts at 04:00 local time.
Scores are whole numbers from 0 (no pain) to 10. What the values mean for the next step is said in `rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from nudger.core.goals import Activity


class Tier(StrEnum):
    """How much a safety answer matters. Emergency stands above urgent: it locks red, urgent locks amber."""

    EMERGENCY = "emergency"
    URGENT = "urgent"


class Did(StrEnum):
    """What a rule did."""

    LOCKED_RED = "locked_red"
    LOCKED_AMBER = "locked_amber"
    STAYED_LOCKED = "stayed_locked"
    UNLOCKED = "unlocked"
    PROVIDER_SET = "provider_set"
    KEPT_PLAN = "kept_plan"
    USER_DOWN = "user_down"
    RETURNED = "returned"
    FLARE_ON = "flare_on"
    FLARE_STAYED = "flare_stayed"
    FLARE_ENDED = "flare_ended"
    HELD_MISSING = "held_missing"
    BACKED_OFF = "backed_off"
    USER_UP = "user_up"
    OFFERED = "offered"
    HELD = "held"
    PLACED = "placed"
    ACCEPTED = "accepted"
    DECLINED = "declined"


# --- What a day held -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Score:
    """One answer, 0-10. ``impact``: was it hard to bear or did it stop the usual things; None is unanswered."""

    pain: int
    impact: bool | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """What one day held.

    ``morning`` is the pain on getting up, ``evening`` the worst of the day. ``tags`` are what to spare today (the
    prompts' contraindications). ``compared`` tells how active the time away was: less, same or more than before.
    """

    date: date
    morning: Score | None = None
    evening: Score | None = None
    tags: frozenset[str] = frozenset()
    activity: Activity = Activity()
    compared: str | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """Days in a row, both included: a flare, a lock or a pause that is over, or a pause that is planned."""

    first: date
    last: date

    def covers(self, day: date) -> bool:
        """Tell whether the day is one of them."""
        return self.first <= day <= self.last


# --- Where the person stands -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Flare:
    """The flare that is on: since when, and the usual score before it (None where too little was known)."""

    since: date
    baseline: float | None


@dataclass(frozen=True, slots=True)
class SafetyLock:
    """The lock that is on. ``first`` and ``latest`` are the days of the answers that locked; nothing but R3 ends it."""

    tier: Tier
    items: frozenset[str]
    first: date
    latest: date


@dataclass(frozen=True, slots=True)
class Offer:
    """A next stage that waits for a yes: made by R12 or R13 on ``since``, at that usual score."""

    stage: str
    rule: str
    since: date
    baseline: float | None


@dataclass(frozen=True, slots=True)
class BackOff:
    """R10 led out of that stage on that day."""

    day: date
    stage: str


@dataclass(frozen=True, slots=True)
class Change:
    """The last day on which the stage changed. ``undo`` is the stage that an undo on the same day leads back to."""

    day: date
    undo: str


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that is still missing for the next stage: a key of the texts, what there is and what it takes."""

    key: str
    have: float | None = None
    want: float | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """The values that a rule saw, named as in `values`; None where there was too little to know."""

    score: int | None
    scores: tuple[int, ...]
    usual_up: int | None
    usual_down: int | None
    worst: int | None
    baseline: float | None
    impact: bool | None
    dwell: int
    cool: int
    need: int | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on a day, by which rule, on what grounds.

    ``limit`` is the number that the rule held the scores against, where there was one. ``lacks`` is what is missing for
    the next stage, or what is asked. ``banners`` are the messages N1-N6 to show with it.
    """

    day: date
    rule: str
    did: Did
    before: str
    after: str
    seen: Seen
    limit: float | None = None
    lacks: tuple[Lack, ...] = ()
    banners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the person stands on the ladder: all that the rules change.

    ``since`` is the day from which ``dwell``, the days with a score at this stage, is counted. Up to ``cool_until``, that
    day included, no stage is offered; up to ``wary_until`` R10b watches every single score; up to ``declined_until`` a
    declined offer rests. ``plateau`` is the usual score at a step of R13. ``evaluated`` is the last day that was judged.
    """

    stage: str
    since: date
    dwell: int = 0
    cool_until: date | None = None
    wary_until: date | None = None
    declined_until: date | None = None
    plateau: float | None = None
    provider_stage: str | None = None
    lock: SafetyLock | None = None
    flare: Flare | None = None
    offer: Offer | None = None
    change: Change | None = None
    back_offs: tuple[BackOff, ...] = ()
    flares: tuple[Spell, ...] = ()
    locks: tuple[Spell, ...] = ()
    evaluated: date | None = None
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """The answers to the first questions; those about the place and the body are None or empty where not asked.

    ``worst`` is the worst score of the last 24 h. ``walks_5_min``: without a rise of 2 or more. ``walks``: 10 minutes or
    more on 2 of the last 3 days. ``mobility``: some gentle mobility in the last 3 days. ``seen``: has spoken with a
    provider about this back pain.
    """

    worst: int
    walks_5_min: bool
    walks: bool
    mobility: bool
    seen: bool
    running_goal: bool | None = None
    sessions_a_week: int = 2
    office: bool | None = None
    floor_space: bool | None = None
    contraindications: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """The person's answer to the offer of the latest evaluation."""

    offer: Offer
    yes: bool
    day: date


@dataclass(frozen=True, slots=True)
class Recovery:
    """All that is remembered about one person's recovery.

    ``days`` are the last weeks, oldest first. ``before`` is the standing that the latest evaluation began with, kept so
    that a corrected score can be judged anew; None once the person has moved things by hand. ``began`` and
    ``began_at`` are the day and the score of the intake, or of the first check-in. ``banners`` tells when each was last
    shown. ``safety_due`` says why the safety list is to be asked, ``safety_asked`` when it last was.
    """

    standing: Standing
    days: tuple[Day, ...] = ()
    before: Standing | None = None
    answer: Answer | None = None
    intake: Intake | None = None
    began: date | None = None
    began_at: int | None = None
    running_goal: bool | None = None
    pauses: tuple[Spell, ...] = ()
    banners: Mapping[str, date] = field(default_factory=dict)
    safety_due: str | None = None
    safety_asked: datetime | None = None


# --- What comes in, and what is refused ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Facts:
    """What the run planner knows: the days of red runs, and whether its goal is reached."""

    red_runs: tuple[date, ...] = ()
    run_goal_reached: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something was not taken in, and nothing changed. ``key`` and ``data`` name the sentence that says why."""

    key: str
    data: Mapping[str, object] = field(default_factory=dict)


NO_ACTIVITY = timedelta(0)
