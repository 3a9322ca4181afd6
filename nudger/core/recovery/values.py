"""The derived values of a person's scores on one day, each computed when it is asked for.

The symbols of the rule table: `score` is P, `usual_up` and `usual_down` are P3, `worst` is MX, `baseline` is B,
`flare_days` is L.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from nudger.core.recovery import diary
from nudger.core.recovery.course import Recovery, Standing
from nudger.core.recovery.diary import ONE_DAY, RECENT_DAYS, Spell, in_last

RESTRAINED_FROM: Final = 2
CALM_RISE: Final = 1
CALM_UNKNOWN: Final = 3
"""The highest mild score (Boonstra 2016, the stricter reading) ends the flare of somebody whose baseline is unknown."""


@dataclass(frozen=True)
class Values:
    """One person's values on a day. ``daily`` marks the daily evaluation, to which alone that day's score belongs."""

    recovery: Recovery
    today: date
    daily: bool

    @property
    def standing(self) -> Standing:
        """Where the person stands before this decision."""
        return self.recovery.standing

    # --- Scores ------------------------------------------------------------------------------------------------------

    @cached_property
    def scores(self) -> Mapping[date, int]:
        """P of every observed day up to today, oldest first."""
        return diary.pains(self.recovery.days, self.today)

    @property
    def score(self) -> int | None:
        """P of today; None on a missing day."""
        return self.scores.get(self.today)

    @property
    def observed(self) -> bool:
        """Whether today has a score, and this is the evaluation that it belongs to."""
        return self.daily and self.score is not None

    @cached_property
    def recent(self) -> tuple[int, ...]:
        """The scores that P3 and MX rest on."""
        return diary.recent(self.scores, self.today)

    @property
    def usual_up(self) -> int | None:
        """P3 for the question whether to go up."""
        return diary.usual(self.recent, up=True)

    @property
    def usual_down(self) -> int | None:
        """P3 for the question whether to go down."""
        return diary.usual(self.recent, up=False)

    @property
    def worst(self) -> int | None:
        """MX, the highest of the scores that P3 rests on; None where P3 is."""
        return None if self.usual_up is None else max(self.recent)

    @cached_property
    def baseline(self) -> float | None:
        """B; during a flare the one from before it. None where there is neither intake nor three scores."""
        standing = self.standing
        if standing.flare is not None:
            return standing.flare.baseline
        left_out = (*standing.flares, *standing.locks, *self.lock_spell)
        return diary.baseline(self.scores, self.today, left_out, self.recovery.intake)

    @property
    def impact(self) -> bool | None:
        """The impact that goes with P of today."""
        return diary.impact_of(self.recovery.days, self.today)

    # --- Locks, flares and missing days ------------------------------------------------------------------------------

    @property
    def lock_spell(self) -> tuple[Spell, ...]:
        """The days of the lock that is on, as one spell; empty without one."""
        lock = self.standing.lock
        return () if lock is None else (Spell(lock.first, self.today),)

    @property
    def flare_spell(self) -> tuple[Spell, ...]:
        """The days of the flare that is on, as one spell; empty without one."""
        flare = self.standing.flare
        return () if flare is None else (Spell(flare.since, self.today),)

    @cached_property
    def calm_days(self) -> tuple[date, ...]:
        """The two days that end a flare: observed one after the other within the last five days, today the second.

        On both P is at most 1 above the baseline from before the flare, and impact is not yes. Empty where there are
        no such two.
        """
        days = [day for day in self.scores if in_last(RECENT_DAYS, day, self.today)][-2:]
        limit = CALM_UNKNOWN if self.baseline is None else self.baseline + CALM_RISE
        calm = [
            day
            for day in days
            if self.scores[day] <= limit
            and diary.impact_of(self.recovery.days, day) is not True
            and all(day > flare.first for flare in self.flare_spell)
        ]
        return tuple(calm) if len(calm) == 2 and self.observed else ()

    @property
    def flare_days(self) -> int:
        """L, the days of the flare that is on: from its first to the last before the calm ones, or before today."""
        end = self.calm_days[0] if self.calm_days else self.today
        return sum((end - flare.first).days for flare in self.flare_spell)

    @cached_property
    def missing_days(self) -> int:
        """Missing days in a row before today. Pauses do not count, nor days before the intake or the first score."""
        known = [day for day in self.scores if day < self.today]
        last = max([*known, *([] if self.recovery.began is None else [self.recovery.began])], default=self.today)
        gap = (self.today - last).days
        return sum(not self.is_paused(last + n * ONE_DAY) for n in range(1, gap))

    @property
    def is_missing(self) -> bool:
        """Whether today has no score, although it is no day of a pause."""
        return self.score is None and not self.is_paused(self.today)

    @property
    def restrained(self) -> bool:
        """Whether to leave out strength, runs and intensity 3: from the second missing day until a check-in."""
        today = self.standing.evaluated == self.today and self.is_missing
        return self.score is None and self.missing_days + today >= RESTRAINED_FROM

    def is_paused(self, day: date) -> bool:
        """Tell whether the day belongs to a pause."""
        return any(pause.covers(day) for pause in self.recovery.pauses)
