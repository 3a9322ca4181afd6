"""Where a person stands on the ladder, what was decided and why.

Everything here is a frozen value that a snapshot can hold. What the values mean for the next step is said in `rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from nudger.core.recovery.diary import Day, Spell

GENTLE_START: Final = "gentle_start"
DAILY_WALKS: Final = "daily_walks"
EASY_MOBILITY: Final = "easy_mobility"
BUILD_STRENGTH: Final = "build_strength"
WALK_RUN: Final = "walk_run"
STEADY: Final = "steady"


class Tier(StrEnum):
    """How much a safety answer matters: emergency locks red, urgent locks amber."""

    EMERGENCY = "emergency"
    URGENT = "urgent"


class Did(StrEnum):
    """What was decided."""

    LOCKED_RED = "locked_red"
    LOCKED_AMBER = "locked_amber"
    STAYED_LOCKED = "stayed_locked"
    UNLOCKED = "unlocked"
    PLAN_SET = "plan_set"
    PLAN_KEPT = "plan_kept"
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
    REFUSED = "refused"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    PLACED = "placed"


@dataclass(frozen=True, slots=True)
class Flare:
    """The flare that is on: since when, and the baseline before it (None where too little was known)."""

    since: date
    baseline: float | None


@dataclass(frozen=True, slots=True)
class SafetyLock:
    """The lock that is on. ``first`` and ``latest`` are the days of the answers that locked; only R3 ends it."""

    tier: Tier
    items: frozenset[str]
    first: date
    latest: date


@dataclass(frozen=True, slots=True)
class Offer:
    """A next stage that waits for a yes: which rule made it on which day, and the baseline of that day."""

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
    """The last day on which the stage changed. ``undo`` is the stage that an undo on that day may lead back to."""

    day: date
    undo: str


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that is missing for the next stage, or is asked: a key of the texts, what there is, what it takes."""

    key: str
    have: int | None = None
    want: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """The values that a rule saw, defined in `diary` and `view`; None where there was too little to know."""

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
    """What was decided on a day, by which rule (``intake`` for the starting stage), on what grounds.

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

    ``dwell`` counts the days with a score at this stage, from ``since`` on. Until ``cool_until``, that day included, no
    upward move is allowed; until ``wary_until`` R10b watches every single score; until ``declined_until`` a declined
    offer rests. ``plateau`` is the baseline at a step of R13. ``plan`` is the stage that a health provider set.
    ``evaluated`` is the last day that was judged.
    """

    stage: str
    since: date
    dwell: int = 0
    cool_until: date | None = None
    wary_until: date | None = None
    declined_until: date | None = None
    plateau: float | None = None
    plan: str | None = None
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
class Answer:
    """The person's answer to an offer, and the day it was given."""

    offer: Offer
    yes: bool
    day: date


@dataclass(frozen=True, slots=True)
class Recovery:
    """All that is remembered about one person's recovery.

    ``days`` are the last weeks, oldest first. ``before`` is the standing that the latest evaluation began with, and
    ``answer`` what the person said to its offer: kept so that a corrected score can be judged anew, and None once the
    person has moved things by hand. ``began`` and ``began_at`` are the day and score of the intake or first check-in,
    ``intake`` the intake's score. ``banners`` tells when each was last shown. ``safety_due`` says why the safety list
    is to be asked, ``safety_asked`` when it last was (UTC). ``seen``: a provider was spoken to about this back pain.
    """

    standing: Standing
    days: tuple[Day, ...] = ()
    before: Standing | None = None
    answer: Answer | None = None
    began: date | None = None
    began_at: int | None = None
    intake: int | None = None
    seen: bool = False
    running_goal: bool | None = None
    pauses: tuple[Spell, ...] = ()
    banners: Mapping[str, date] = field(default_factory=dict)
    safety_due: str | None = None
    safety_asked: datetime | None = None
