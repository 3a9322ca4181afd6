"""A made-up person with a back: how it hurts from day to day, what they do, how they take a run, what they leave out.

A small model, plausible rather than measured: pain moves from a first level to a last one, each score is off by some
noise, a rough patch comes and eases, and a run may be felt for a day or two. Pain is on the 0-10 scale. Each day draws
its own chances, so that what nudger does on one day does not change the luck of the next.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from random import Random
from types import MappingProxyType
from typing import Final

from nudger.core.recovery.course import BUILD_STRENGTH, DAILY_WALKS, EASY_MOBILITY, GENTLE_START
from nudger.core.recovery.diary import NOTHING_DONE, Activity, Score, Walk

BAD_DAY: Final = 8
"""From here on the person does nothing on purpose."""
FELT: Final = 1.5
"""So much of a rough patch is hard to bear; what is left below that is only sore."""
STRENGTH_DAYS: Final = frozenset({0, 2, 4})
"""Monday, Wednesday, Friday."""


class Course(StrEnum):
    """How the weeks go."""

    FAST = "fast"
    SLOW = "slow"
    FLARE = "flare"
    CHRONIC = "chronic"


@dataclass(frozen=True, slots=True)
class RoughPatch:
    """It begins on one of the days from ``earliest`` to ``latest`` at ``rise`` above the level, and eases evenly.

    ``hard`` to bear, or it does not stop the usual things.
    """

    earliest: int
    latest: int
    days: int
    rise: float
    hard: bool


@dataclass(frozen=True, slots=True)
class Traits:
    """What makes a course.

    Pain goes from ``first`` to ``last``, two thirds of the way in ``eases`` days; scores scatter by ``noise``.
    ``tender`` is how much a run is felt. ``keen`` and ``answers`` are the shares of what is asked that is done, and
    answered.
    """

    first: float
    last: float
    eases: float
    noise: float
    tender: float
    keen: float
    answers: float
    patches: tuple[RoughPatch, ...] = ()


TRAITS: Final[Mapping[Course, Traits]] = MappingProxyType(
    {
        Course.FAST: Traits(6.2, 0.2, eases=6, noise=0.3, tender=0.5, keen=0.95, answers=0.92),
        Course.SLOW: Traits(
            7.4,
            0.8,
            eases=24,
            noise=0.6,
            tender=0.8,
            keen=0.88,
            answers=0.8,
            patches=(RoughPatch(44, 54, days=9, rise=4.5, hard=False),),
        ),
        Course.FLARE: Traits(
            6.2,
            0.4,
            eases=8,
            noise=0.4,
            tender=0.6,
            keen=0.9,
            answers=0.88,
            patches=(
                RoughPatch(26, 33, days=7, rise=5, hard=True),
                RoughPatch(56, 63, days=4, rise=5, hard=True),
            ),
        ),
        Course.CHRONIC: Traits(6.3, 5.9, eases=30, noise=0.4, tender=0.8, keen=0.9, answers=0.82),
    }
)


@dataclass(frozen=True, slots=True)
class Effort:
    """How a run was: scores of the back before and during it and of the legs, whether it was completed, the feel."""

    before: int
    during: int
    limb: int
    completed: bool
    feel: str


class MadeUp:
    """One made-up person, day by day: `wake` begins each day."""

    def __init__(self, course: Course, seed: int) -> None:
        """The same course and seed make the same person."""
        self.traits = TRAITS[course]
        self._name = f"{course} {seed}"
        self._rng = self._chance("patches")
        self._patches = [(self._rng.randint(each.earliest, each.latest), each) for each in self.traits.patches]
        self._level = self._rough = self._sore = 0.0
        self._hard = False

    def wake(self, day: int) -> None:
        """Begin the day of that number, counted from 0."""
        traits = self.traits
        self._rng = self._chance(day)
        self._sore /= 2
        self._rough, self._hard = 0.0, False
        for first, patch in self._patches:
            if first <= day < first + patch.days:
                self._rough = patch.rise * (1 - (day - first) / patch.days)
                self._hard = patch.hard and self._rough >= FELT
        self._level = traits.last + (traits.first - traits.last) * math.exp(-day / traits.eases)

    # --- What they say -----------------------------------------------------------------------------------------------

    def hurts(self) -> int:
        """Return how it feels now, as a score; to ask twice may give two answers."""
        return _score(self._level + self._rough + self._sore + self._rng.gauss(0, self.traits.noise))

    def answer(self) -> Score | None:
        """Return the answer to a question for the score; None where it is left out."""
        told = Score(self.hurts(), impact=self._hard)
        return told if self._rng.random() < self.traits.answers else None

    def agrees(self) -> bool:
        """Tell whether the person does, or says yes to, something that is asked of them."""
        return self._rng.random() < self.traits.keen

    # --- What they do ------------------------------------------------------------------------------------------------

    def doings(self, stage: str, weekday: int) -> Activity:
        """Return what the person does of what the stage asks for, besides the breaks at the desk."""
        pain = self.hurts()
        if pain >= BAD_DAY or not self.agrees():
            return NOTHING_DONE
        walk = partial(Walk, pain=pain, rise=int(self._rng.random() < pain / 12))
        if self._hard or stage == GENTLE_START:
            return Activity(chores=2, walks=(walk(2),) * 3)
        if stage == DAILY_WALKS:
            return Activity(walks=(walk(10),) * 2)
        if stage == EASY_MOBILITY:
            return Activity(walks=(walk(20),), mobility=2, comfortable=2)
        if stage == BUILD_STRENGTH:
            strength = int(weekday in STRENGTH_DAYS)
            return Activity(walks=(walk(30, brisk=True),), mobility=1, comfortable=1, strength=strength)
        return Activity(walks=(walk(25),), mobility=1, comfortable=1)

    def run(self, minutes: int) -> Effort:
        """Run so many minutes, and feel it for a day or two."""
        before = self.hurts()
        strain = self.traits.tender * (0.5 + minutes / 20) * abs(self._rng.gauss(0, 1))
        self._sore += strain
        limb = 0.7 * strain * abs(self._rng.gauss(0, 1))
        feel = "rough" if strain > 2 else "so-so" if strain > 1 else "good"
        return Effort(before, _score(before + 0.8 * strain), _score(limb), completed=strain < 3, feel=feel)

    def _chance(self, of: object) -> Random:
        return Random(f"{self._name} {of}")  # noqa: S311  (no secret hangs on it, and it has to repeat itself)


def _score(pain: float) -> int:
    return min(10, max(0, round(pain)))
