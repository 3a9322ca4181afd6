"""What a person can tell about their recovery, what the run planner knows, and how something is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

MORNING: Final = "morning"
EVENING: Final = "evening"
COMPARED: Final = ("less", "same", "more")
"""How active the time away was, against the time before."""


@dataclass(frozen=True, slots=True)
class SafetyAnswer:
    """An item of the safety lists that applies.

    ``seen_on``: it is known, and a health provider saw the person about it on that day. None: it is new or worse, or
    was never seen about.
    """

    item: str
    seen_on: date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One check-in as it comes in, not yet looked at.

    ``when`` is morning or evening, ``pain`` is to be a whole number 0-10, ``impact`` true, false or None. ``safety`` is
    None where it was not answered and empty for "nothing new"; ``tags`` and ``compared`` (one of COMPARED) are None
    where what was told before holds.
    """

    day: date
    when: str
    pain: Any
    impact: Any = None
    safety: tuple[SafetyAnswer, ...] | None = None
    tags: frozenset[str] | None = None
    compared: str | None = None


@dataclass(frozen=True, slots=True)
class IntakeAnswers:
    """The answers to the first questions, not yet looked at.

    ``worst`` is the worst score of the last 24 h. ``walks_5_min``: without a rise of 2 or more. ``walks``: 10 minutes
    or more on 2 of the last 3 days. ``mobility``: some gentle mobility in the last 3 days. ``seen``: has spoken with a
    health provider about this back pain. ``running_goal`` is None where it was left open.
    """

    worst: Any
    walks_5_min: bool
    walks: bool
    mobility: bool
    seen: bool
    running_goal: bool | None = None
    safety: tuple[SafetyAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class SafetyTold:
    """These items of the safety lists lock; there is at least one."""

    items: frozenset[str]


@dataclass(frozen=True, slots=True)
class LockCleared:
    """The person was seen or advised on that day, and may go on at that stage."""

    on: date
    stage: str


@dataclass(frozen=True, slots=True)
class StagePicked:
    """The person picked a stage; or says that their health provider did."""

    stage: str
    provider: bool = False


@dataclass(frozen=True, slots=True)
class FlareTold:
    """The person says that a flare is on, or over."""

    on: bool


Said = SafetyTold | LockCleared | StagePicked | FlareTold


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
