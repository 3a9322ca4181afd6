"""Daily goals and function gates: what a day at a stage asks for, and what is to be shown before the next stage.

Both are tables by stage. A number without a source is our own choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from nudger.core.recovery.course import (
    BUILD_STRENGTH,
    DAILY_WALKS,
    EASY_MOBILITY,
    GENTLE_START,
    STEADY,
    WALK_RUN,
    Lack,
)
from nudger.core.recovery.diary import ONE_DAY, Activity, Day, Walk, day_of
from nudger.core.recovery.told import Facts

MONITORED_LEAST: Final = timedelta(minutes=240)
"""A day of which less was seen counts neither for nor against its goals."""

GOAL_DAYS_PERCENT: Final = 60
WINDOWS_PERCENT: Final = 70
RISE: Final = 2
"""A rise of 2 points is the smallest change that matters (Ostelo 2008; Suzuki 2020)."""

WALK_FIRST_MIN: Final = 10
WALK_FULL_MIN: Final = 20
WALK_STEP_MIN: Final = 2
"""Walking begins with twice 5 minutes and grows by 2 minutes every second comfortable day, up to 20."""

STEADY_WALK_MIN: Final = 22
"""A seventh of the 150 minutes a week that WHO 2020 names as the least."""


# --- Daily goals -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal of a day: a key of the texts, what there is, what it takes; windows in percent, walking in minutes."""

    key: str
    have: int
    want: int

    @property
    def met(self) -> bool:
        """Whether there is enough."""
        return self.have >= self.want


Goals = tuple[tuple[Goal, ...], ...]
"""A day's goals: all groups are to be met, each by any one of its goals."""


def _windows(day: Activity) -> Goal:
    """The windows answered by a break; who got up before every one of them answered all."""
    return Goal("windows", day.answered * 100 // day.windows if day.windows else 100, WINDOWS_PERCENT)


def _walking(day: Activity, minutes: int) -> Goal:
    return Goal("walking_min", day.walking_min, minutes)


def _run(day: Activity) -> Goal:
    return Goal("run", int(day.run), 1)


GOALS: Final[Mapping[str, Callable[[Activity, int], Goals]]] = MappingProxyType(
    {
        GENTLE_START: lambda day, _: (
            (_windows(day),),
            (Goal("chores", day.chores, 2), Goal("walks", len(day.walks), 3)),
        ),
        DAILY_WALKS: lambda day, comfortable: ((_windows(day),), (_walking(day, walk_goal_min(comfortable)),)),
        EASY_MOBILITY: lambda day, _: ((_walking(day, WALK_FULL_MIN),), (Goal("mobility", day.comfortable, 2),)),
        # some mobility, and the day's share of the week: 30 minutes of walking on 5 days, strength on 2
        BUILD_STRENGTH: lambda day, _: (
            (Goal("mobility", day.mobility, 1),),
            (_walking(day, 30), Goal("strength", day.strength, 1)),
        ),
        WALK_RUN: lambda day, _: ((_run(day), _walking(day, WALK_FULL_MIN)),),
        STEADY: lambda day, _: ((_run(day), Goal("strength", day.strength, 1), _walking(day, STEADY_WALK_MIN)),),
    }
)


def walk_goal_min(comfortable_days: int) -> int:
    """Return the minutes of walking that a day at `daily_walks` asks for, after so many comfortable days there."""
    return min(WALK_FULL_MIN, WALK_FIRST_MIN + comfortable_days // 2 * WALK_STEP_MIN)


def day_goals(stage: str, activity: Activity, comfortable_days: int) -> Goals:
    """Return the day's goals with what was done towards them; none for a stage that has none."""
    goals = GOALS.get(stage)
    return () if goals is None else goals(activity, comfortable_days)


def goal_met(stage: str, activity: Activity, comfortable_days: int) -> bool | None:
    """Tell whether a day met the goals of the stage; None where too little of it was seen to say."""
    if activity.monitored < MONITORED_LEAST:
        return None
    return all(any(goal.met for goal in group) for group in day_goals(stage, activity, comfortable_days))


def goal_days(stage: str, days: Sequence[Day], scores: Mapping[date, int], comfortable_at: int) -> tuple[bool, ...]:
    """Return, for each of the days that has a score and counts, whether it met the goals; oldest first.

    ``days`` begin with the first at this stage. A day is comfortable with a score of at most ``comfortable_at``.
    """
    judged = [
        goal_met(stage, day.activity, comfortable_days(days[:n], scores, comfortable_at))
        for n, day in enumerate(days)
        if day.on in scores
    ]
    return tuple(met for met in judged if met is not None)


def comfortable_days(days: Sequence[Day], scores: Mapping[date, int], comfortable_at: int) -> int:
    """Return how many of the days have a score of at most ``comfortable_at``."""
    return sum(day.on in scores and scores[day.on] <= comfortable_at for day in days)


def enough(met: Sequence[bool]) -> bool:
    """Tell whether at least 60 % of the days met their goals; where no day counts, that is not shown."""
    return bool(met) and sum(met) * 100 >= len(met) * GOAL_DAYS_PERCENT


# --- Function gates --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ground:
    """What a gate is judged by: the days since the stage was entered, and what else was told."""

    days: tuple[Day, ...]
    today: date
    dwell: int
    running_goal: bool | None
    facts: Facts


def _easy_walk(ground: Ground) -> tuple[Lack, ...]:
    """One easy walk of 2 minutes with a rise of less than 2 points."""
    walks = (walk for day in ground.days for walk in day.activity.walks)
    shown = any(walk.minutes >= 2 and walk.rise is not None and walk.rise < RISE for walk in walks)
    return () if shown else (Lack("easy_walk", 0, 1),)


def _walks(ground: Ground) -> tuple[Lack, ...]:
    """Ten minutes of walking or more on 2 of the last 3 days, today not counted: it is not over."""
    shown = walking_days(ground.days, ground.today)
    return () if shown >= 2 else (Lack("walks", shown, 2),)


def walking_days(days: Sequence[Day], today: date) -> int:
    """Return on how many of the 3 days before today there were 10 minutes of walking or more."""
    return sum(day_of(days, today - n * ONE_DAY).activity.walking_min >= WALK_FIRST_MIN for n in (1, 2, 3))


def _mobility(ground: Ground) -> tuple[Lack, ...]:
    """Three days with mobility that stayed comfortable and 20 minutes of walking."""
    doings = [day.activity for day in ground.days]
    shown = sum(1 <= done.mobility == done.comfortable and done.walking_min >= WALK_FULL_MIN for done in doings)
    return () if shown >= 3 else (Lack("mobility_days", shown, 3),)


def _strength(ground: Ground) -> tuple[Lack, ...]:
    """Towards running: a brisk walk that the back took well, two strength sessions, and the wish to run.

    Without that wish: 14 days with a score.
    """
    if ground.running_goal is False:
        return () if ground.dwell >= 14 else (Lack("scored_days", ground.dwell, 14),)
    brisk = any(_took_well(walk, day, ground.days) for day in ground.days for walk in day.activity.walks)
    sessions = sum(day.activity.strength >= 1 for day in ground.days)
    return (
        *(() if brisk else (Lack("brisk_walk", 0, 1),)),
        *(() if sessions >= 2 else (Lack("strength_days", sessions, 2),)),
        *(() if ground.running_goal else (Lack("running_goal"),)),
    )


def _took_well(walk: Walk, day: Day, days: Sequence[Day]) -> bool:
    """Thirty brisk minutes with a back score of 2 or less, and a next morning less than 2 points above that day's."""
    after = day_of(days, day.on + ONE_DAY).morning
    if not walk.brisk or walk.minutes < 30 or walk.pain is None or day.morning is None or after is None:
        return False
    return walk.pain <= 2 and after.pain - day.morning.pain < RISE


def _run_goal(ground: Ground) -> tuple[Lack, ...]:
    """The run planner's goal."""
    return () if ground.facts.run_goal_reached else (Lack("run_goal"),)


GATES: Final[Mapping[str, Callable[[Ground], tuple[Lack, ...]]]] = MappingProxyType(
    {
        GENTLE_START: _easy_walk,
        DAILY_WALKS: _walks,
        EASY_MOBILITY: _mobility,
        BUILD_STRENGTH: _strength,
        WALK_RUN: _run_goal,
    }
)
