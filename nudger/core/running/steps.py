"""The steps from the first minute of running to twenty in one go, and what a person chose of their plan.

No step adds more than 2 minutes to the longest run or to the running in all: the article's "1-2 minutes". Every session
is flat and at a chatty pace, with 5 minutes of walking before it and after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nudger.core.recovery.told import Refusal

RUN: Final = "run"
WALK: Final = "walk"

WRAP_MIN: Final = 5
"""Minutes of walking before and after the pieces of a step. Our choice."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a session: so many minutes of running or of walking."""

    kind: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table. ``clean`` is how many green sessions it takes before the next step, ``source`` in words."""

    number: int
    pieces: tuple[Piece, ...]
    clean: int
    source: str

    @property
    def runs(self) -> tuple[int, ...]:
        """The minutes of each run."""
        return tuple(piece.minutes for piece in self.pieces if piece.kind == RUN)

    @property
    def total(self) -> int:
        """Minutes of running in all."""
        return sum(self.runs)

    @property
    def longest(self) -> int:
        """Minutes of the longest run."""
        return max(self.runs)

    @property
    def session(self) -> tuple[Piece, ...]:
        """The whole session, with the walking before and after."""
        wrap = Piece(WALK, WRAP_MIN)
        return (wrap, *self.pieces, wrap)


def _bouts(run: int, walk: int, times: int) -> tuple[Piece, ...]:
    """Run and walk in turn: ``run``:``walk`` x ``times``."""
    return (Piece(RUN, run), Piece(WALK, walk)) * times


def _split(first: int, walk: int, second: int) -> tuple[Piece, ...]:
    """Two runs with a walk between them."""
    return (Piece(RUN, first), Piece(WALK, walk), Piece(RUN, second))


def _straight(minutes: int) -> tuple[Piece, ...]:
    """One run."""
    return (Piece(RUN, minutes),)


STEPS: Final = (
    Step(1, _bouts(1, 1, 3), 1, "the article: 1 on, 1 off"),
    Step(2, _bouts(1, 1, 4), 1, "the article: 1 on, 1 off"),
    Step(3, _bouts(1, 1, 5), 2, "the article: 1 on, 1 off"),
    Step(4, _bouts(2, 2, 3), 1, "the article's ratio 2:2"),
    Step(5, _bouts(2, 2, 4), 2, "the article's ratio 2:2"),
    Step(6, _bouts(3, 2, 3), 1, "our bridge"),
    Step(7, _bouts(5, 3, 2), 2, "the article's ratio 5:3"),
    Step(8, _bouts(6, 3, 2), 1, "the article: ran 5, try 6"),
    Step(9, _bouts(7, 3, 2), 2, "the article: or try 7"),
    Step(10, _bouts(8, 4, 2), 1, "our bridge"),
    Step(11, _bouts(9, 4, 2), 2, "our bridge"),
    Step(12, _bouts(10, 4, 2), 2, "the article's ratio 10:4"),
    Step(13, _split(12, 4, 8), 1, "our bridge"),
    Step(14, _split(14, 4, 6), 1, "our bridge"),
    Step(15, _split(16, 3, 4), 1, "our bridge"),
    Step(16, _split(18, 3, 2), 1, "our bridge"),
    Step(17, _straight(20), 2, "the article's goal: 20 minutes"),
)
"""Two clean sessions at the anchors: "each phase at least twice" in a military return-to-run table (Trials 2023), and
two sessions a stage in a trial of people with back pain (Neason 2024). The other numbers without a source are ours."""

GOAL: Final = STEPS[-1].number
GOAL_MIN: Final = STEPS[-1].total
MOST_MIN: Final = 240
"""The longest run that can be aimed for."""

START_AT_MOST: Final = 7

BEYOND_UP_MIN: Final = 1
BEYOND_DOWN_MIN: Final = 2
"""Beyond the goal the article adds "1-2 minutes" a clean session. A step there is one minute; a step down takes back
two. Both are the cautious ends."""


def step(number: int) -> Step:
    """Return the step of that number; those beyond the goal run a minute longer each."""
    if number <= GOAL:
        return STEPS[number - 1]
    return Step(number, _straight(GOAL_MIN + (number - GOAL) * BEYOND_UP_MIN), 1, "the article: 1-2 minutes more")


def lower(number: int, by: int) -> int:
    """Return the number of the step that many steps down; the first one stays the first."""
    for _ in range(by):
        number = max(GOAL, number - BEYOND_DOWN_MIN) if number > GOAL else max(1, number - 1)
    return number


def start_step(minutes: int) -> int:
    """Return the step to start at for somebody who already runs that many minutes comfortably."""
    fits = (each.number for each in STEPS[:START_AT_MOST] if each.total <= minutes + 1 and each.longest <= minutes)
    return max(fits, default=1)


def top_step(target_min: int | None) -> int:
    """Return the highest step there is for somebody who aims for runs of that many minutes; None is the plan's goal."""
    return GOAL if target_min is None else GOAL + max(0, target_min - GOAL_MIN) // BEYOND_UP_MIN


# --- What a person chose ---------------------------------------------------------------------------------------------

GAP_DAYS: Final = {3: 2, 2: 3}
"""Runs a week that can be chosen, and the calendar days from one run to the next that go with them at least."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person chose: the step to start at, runs a week, and how long runs may grow after the goal (minutes)."""

    start_step: int = 1
    per_week: int = 3
    target_min: int | None = None


BEGINNER: Final = Plan()


def fault(plan: Plan) -> Refusal | None:
    """Return why this plan cannot be; None where it can."""
    if plan.per_week not in GAP_DAYS:
        return Refusal("plan_per_week", {"value": plan.per_week})
    if not 1 <= plan.start_step <= START_AT_MOST:
        return Refusal("plan_start_step", {"value": plan.start_step, "count": START_AT_MOST})
    if plan.target_min is not None and not GOAL_MIN <= plan.target_min <= MOST_MIN:
        return Refusal("plan_target", {"value": plan.target_min, "from": GOAL_MIN, "by": MOST_MIN})
    return None
