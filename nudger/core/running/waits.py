"""On which day the next run may be at the earliest: the rows W6, W5, W4, W7, W8, W12 and the gate W1."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from nudger.core.recovery.course import Recovery
from nudger.core.recovery.diary import KEPT_DAYS, ONE_DAY, day_of, in_last
from nudger.core.recovery.lacks import RED_RUNS
from nudger.core.recovery.values import Values
from nudger.core.recovery.view import RED_RUNS_DAYS
from nudger.core.running import place as places
from nudger.core.running.place import LAST_RUNS, Judged, Place, Turn
from nudger.core.running.runs import Run
from nudger.core.running.sessions import Colour
from nudger.core.running.steps import GAP_DAYS, RUN, WALK, Plan

GATE_SCORE: Final = 2
GATE_RISE: Final = 2
CALM_RISE: Final = 1
UNKNOWN_BASELINE: Final = 0
"""With too few scores for a baseline, the one that asks for most."""

RED_DAYS: Final = 4
AMBER_GAP_DAYS: Final = 3
WEEK_DAYS: Final = 7


@dataclass(frozen=True)
class Outlook:
    """One person's runs and recovery on a day, as the rules see them."""

    plan: Plan
    judged: tuple[Judged, ...]
    recovery: Recovery
    today: date

    @cached_property
    def place(self) -> Place:
        """Where the runs lead to."""
        return places.replay(self.plan, self.judged)

    @property
    def last(self) -> Judged | None:
        """The last run."""
        return self.judged[-1] if self.judged else None

    @cached_property
    def baseline(self) -> float:
        """B, as of today."""
        known = Values(self.recovery, self.today, daily=False).baseline
        return UNKNOWN_BASELINE if known is None else known

    def morning(self, day: date) -> int | None:
        """Return the morning score of a day."""
        score = day_of(self.recovery.days, day).morning
        return None if score is None else score.pain

    def is_active(self, day: date) -> bool:
        """Tell whether the day held a run or strength."""
        activity = day_of(self.recovery.days, day).activity
        return activity.run or activity.strength > 0 or any(each.run.day == day for each in self.judged)

    def runs_in_week(self, day: date) -> int:
        """Return how many runs there were in the 7 days that end with the day."""
        return sum(in_last(WEEK_DAYS, each.run.day, day) for each in self.judged)

    def step_on(self, day: date, top: int) -> Place:
        """Return the place at which to run on a day."""
        return places.planned(Turn(self.plan, self.judged[-LAST_RUNS:], self.place, day, top))


def look(plan: Plan, runs: Sequence[Run], recovery: Recovery, today: date) -> Outlook:
    """Return the runs and the recovery as the rules see them on that day."""
    judged = places.judge(runs, recovery.days)
    return Outlook(plan, judged, recovery, not_before(judged, today))


def not_before(judged: Sequence[Judged], today: date) -> date:
    """Return today; or the day of the last run, for a clock that was set back behind it."""
    return max([today, *(each.run.day for each in judged[-1:])])


# --- When ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wait:
    """One row: the earliest day that it leaves, seen from the earliest one so far; None where it has no objection.

    ``kind`` is ``walk`` where a walk stands in for the run meanwhile.
    """

    id: str
    key: str
    kind: str
    earliest: Callable[[Outlook, date], date | None]


def _two_reds(outlook: Outlook, _: date) -> date | None:
    """W6: two red runs within 14 days. R10a leads out of `walk_run`; no run until one of them is older."""
    days = reds(outlook.judged, outlook.today)
    return days[-RED_RUNS] + RED_RUNS_DAYS * ONE_DAY if len(days) >= RED_RUNS else None


def _red_days(outlook: Outlook, _: date) -> date | None:
    """W5: four days without a run after a red one."""
    red = _last_red(outlook)
    return None if red is None else red + (RED_DAYS + 1) * ONE_DAY


def _red_mornings(outlook: Outlook, _: date) -> date | None:
    """W5: and two mornings after it, one after the other, at most 1 above the baseline."""
    red = _last_red(outlook)
    if red is None:
        return None
    at_last = outlook.today + 2 * ONE_DAY
    seconds = (red + n * ONE_DAY for n in range(2, (outlook.today - red).days + 2))
    calm = (day for day in seconds if _may_be_calm(outlook, day) and _may_be_calm(outlook, day - ONE_DAY))
    return next(calm, at_last)


def _may_be_calm(outlook: Outlook, day: date) -> bool:
    """Tell whether the morning was calm; one that is still to come may be."""
    score = outlook.morning(day)
    return day >= outlook.today if score is None else score <= outlook.baseline + CALM_RISE


def _amber_gap(outlook: Outlook, _: date) -> date | None:
    """W4: three days' gap after the second amber run in a row."""
    last = outlook.last
    if last is None or last.colour is not Colour.AMBER or outlook.place.ambers < 2:
        return None
    return last.run.day + AMBER_GAP_DAYS * ONE_DAY


def _gap(outlook: Outlook, _: date) -> date | None:
    """W7: at least 2 calendar days from one run to the next; 3 for somebody who chose two a week."""
    last = outlook.last
    return None if last is None else last.run.day + GAP_DAYS[outlook.plan.per_week] * ONE_DAY


def _week_full(outlook: Outlook, day: date) -> date | None:
    """W8: at most 3 runs in any 7 consecutive days; 2 for somebody who chose two a week."""
    while outlook.runs_in_week(day) >= outlook.plan.per_week:
        day += ONE_DAY
    return day


def _free_day(outlook: Outlook, day: date) -> date | None:
    """W12: one day a week without run or strength."""
    return day + ONE_DAY if is_free_day_due(outlook, day) else None


def is_free_day_due(outlook: Outlook, day: date) -> bool:
    """Tell whether each of the six days before held a run or strength, so that this one is to hold neither."""
    return all(outlook.is_active(day - n * ONE_DAY) for n in range(1, WEEK_DAYS))


def _flare(outlook: Outlook, _: date) -> date | None:
    """W1: no run during a flare."""
    return None if outlook.recovery.standing.flare is None else outlook.today + ONE_DAY


def _unscored(outlook: Outlook, day: date) -> date | None:
    """W1: no run before this morning's score is told."""
    return day if day == outlook.today and outlook.morning(day) is None else None


def _sore(outlook: Outlook, day: date) -> date | None:
    """W1: no run on a morning above 2, or 2 or more above the baseline."""
    score = outlook.morning(day)
    if day != outlook.today or score is None:
        return None
    return day + ONE_DAY if score > GATE_SCORE or score >= outlook.baseline + GATE_RISE else None


WAITS: Final = (
    Wait("W6", "W6", WALK, _two_reds),
    Wait("W5", "W5_days", RUN, _red_days),
    Wait("W5", "W5_mornings", RUN, _red_mornings),
    Wait("W4", "W4_gap", RUN, _amber_gap),
    Wait("W7", "W7", RUN, _gap),
    Wait("W8", "W8", RUN, _week_full),
    Wait("W12", "W12", RUN, _free_day),
    Wait("W1", "W1_flare", WALK, _flare),
    Wait("W1", "W1_ask", WALK, _unscored),
    Wait("W1", "W1_high", WALK, _sore),
)
"""All are asked, from the top. The first that wants a walk instead decides; else the last that moved the day."""


def reds(judged: Iterable[Judged], today: date) -> list[date]:
    """Return the days of the red runs of the last 14 days, oldest first."""
    runs = (each.run for each in judged if each.colour is Colour.RED)
    return [run.day for run in runs if in_last(RED_RUNS_DAYS, run.day, today)]


def _last_red(outlook: Outlook) -> date | None:
    """Return the day of the last red run, as long as the diary holds the mornings after it."""
    days = (each.run.day for each in outlook.judged if each.colour is Colour.RED)
    return max((day for day in days if in_last(KEPT_DAYS, day, outlook.today)), default=None)


def when(outlook: Outlook) -> tuple[date, Wait | None]:
    """Return the earliest day, and the row that decided about it."""
    day, decided = outlook.today, None
    for row in WAITS:
        earliest = row.earliest(outlook, day)
        if earliest is None:
            continue
        if (decided is None or decided.kind == RUN) and (row.kind == WALK or earliest > day):
            decided = row
        day = max(day, earliest)
    return day, decided
