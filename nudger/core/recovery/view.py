"""Everything the rules look at on one day: the scores' values, what was just said, the stages around, the counters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from nudger.core.ladder import Ladder, Stage
from nudger.core.recovery import placement
from nudger.core.recovery.course import Seen
from nudger.core.recovery.diary import in_last
from nudger.core.recovery.told import Facts, FlareTold, LockCleared, SafetyTold, Said, StagePicked
from nudger.core.recovery.values import Values

COOL_DAYS: Final = 3
NEED_AT_MOST: Final = 14
BACK_OFFS_DAYS: Final = 28
RED_RUNS_DAYS: Final = 14


@dataclass(frozen=True)
class View(Values):
    """One person on one day, as the rules see them. ``said`` is what the person has just said, if anything."""

    ladder: Ladder
    facts: Facts
    said: Said | None = None

    @cached_property
    def stage(self) -> Stage:
        """The stage that the person is at."""
        return self.ladder.stage(self.standing.stage)

    @cached_property
    def above(self) -> Stage:
        """The stage above; at the top, the same."""
        above = placement.one_higher(self.ladder, self.standing.stage, self.recovery.running_goal)
        return self.ladder.stage(above)

    @property
    def at_top(self) -> bool:
        """Whether there is no stage above."""
        return self.above.id == self.standing.stage

    @cached_property
    def lower(self) -> str:
        """The stage below; at the bottom, the same."""
        return placement.one_lower(self.ladder, self.standing.stage, self.recovery.running_goal)

    # --- What was said -----------------------------------------------------------------------------------------------

    @property
    def locking(self) -> frozenset[str]:
        """The safety items just told that lock."""
        return self.said.items if isinstance(self.said, SafetyTold) else frozenset()

    @property
    def cleared(self) -> bool:
        """Whether the person has just told that they were seen and may go on."""
        return isinstance(self.said, LockCleared)

    @property
    def picked(self) -> str:
        """The stage just named, to go to or to go on at; the present one where none was named."""
        return self.said.stage if isinstance(self.said, StagePicked | LockCleared) else self.standing.stage

    @property
    def climb(self) -> int:
        """By how many stages the person has just picked a higher one; negative is lower, 0 is none."""
        if not isinstance(self.said, StagePicked) or self.said.provider:
            return 0
        return placement.rung(self.ladder, self.said.stage) - placement.rung(self.ladder, self.standing.stage)

    @property
    def provider_picked(self) -> bool:
        """Whether the person has just told that a health provider set a stage."""
        return isinstance(self.said, StagePicked) and self.said.provider

    @property
    def flare_told(self) -> bool | None:
        """Whether the person has just said that a flare is on, or over; None where neither was said."""
        return self.said.on if isinstance(self.said, FlareTold) else None

    # --- Counters ----------------------------------------------------------------------------------------------------

    @property
    def dwell(self) -> int:
        """Observed days at this stage, today included."""
        held_up = self.standing.lock is not None or self.standing.flare is not None
        return self.standing.dwell + (self.observed and not held_up)

    @property
    def cool(self) -> int:
        """Days, today included, on which no upward move is allowed yet."""
        return min(COOL_DAYS, _days_left(self.standing.cool_until, self.today))

    @property
    def need(self) -> int | None:
        """Observed days that the next stage takes: doubled by each recent back-off out of it, 14 at the most."""
        least = self.stage.min_observed_days
        if least is None:
            return None
        back_offs: int = sum(
            each.stage == self.above.id and in_last(BACK_OFFS_DAYS, each.day, self.today)
            for each in self.standing.back_offs
        )
        return min(NEED_AT_MOST, least << back_offs)

    @property
    def back_off_limit(self) -> float | None:
        """The usual score from which on R10c leads down; None at a stage that is never left downward.

        After a step of R13 it lies at least 2 above the baseline of that day: who climbed with pain may have that pain.
        """
        limit, plateau = self.stage.back_off_at, self.standing.plateau
        return limit if limit is None or plateau is None else max(limit, plateau + 2)

    @property
    def undo(self) -> str | None:
        """The stage that an undo may lead back to, where the stage changed today; else None."""
        change = self.standing.change
        return change.undo if change is not None and change.day == self.today else None

    @property
    def red_runs(self) -> int:
        """Red runs in the last 14 days."""
        return sum(in_last(RED_RUNS_DAYS, day, self.today) for day in self.facts.red_runs)

    @property
    def seen(self) -> Seen:
        """The values as a decision records them."""
        return Seen(
            score=self.score,
            scores=self.recent,
            usual_up=self.usual_up,
            usual_down=self.usual_down,
            worst=self.worst,
            baseline=self.baseline,
            impact=self.impact,
            dwell=self.dwell,
            cool=self.cool,
            need=self.need,
        )

    @property
    def declined(self) -> int:
        """Days, today included, for which a declined offer rests."""
        return _days_left(self.standing.declined_until, self.today)


def _days_left(until: date | None, today: date) -> int:
    return 0 if until is None else max(0, (until - today).days + 1)
