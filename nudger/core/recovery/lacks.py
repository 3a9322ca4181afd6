"""What is still missing for the next stage: the conditions of R12 and R13, one function each.

A function returns nothing when its condition is met, else what there is and what it takes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nudger.core.recovery import diary, goals
from nudger.core.recovery.course import DAILY_WALKS, GENTLE_START, WALK_RUN, Lack
from nudger.core.recovery.diary import RECENT_DAYS, Day, in_last
from nudger.core.recovery.view import View

Lacks = tuple[Lack, ...]

RED_RUNS: Final = 2
"""So many red runs in 14 days lead out of `walk_run`, and so nobody is led into it."""

PLATEAU_STAGES: Final = frozenset({GENTLE_START, DAILY_WALKS})
PLATEAU_DWELL: Final = 14
PLATEAU_DAYS: Final = 14
PLATEAU_OBSERVED: Final = 10
PLATEAU_MEDIAN: Final = 7
PLATEAU_SPREAD_DAYS: Final = 7
PLATEAU_SPREAD: Final = 2


def cool(view: View) -> Lacks:
    """No day on which upward moves rest, after a step down, a flare, a lock or a return."""
    return (Lack("cool", want=view.cool),) if view.cool else ()


def declined(view: View) -> Lacks:
    """A declined offer rests for 3 days."""
    return (Lack("declined", want=view.declined),) if view.declined else ()


def dwell(view: View) -> Lacks:
    """``dwell >= need``."""
    need = view.need
    return (Lack("scored_days", view.dwell, need),) if need is not None and view.dwell < need else ()


def usual(view: View) -> Lacks:
    """``P3 <= enter_max(next)``; with too few scores it is not shown."""
    if view.usual_up is None:
        return (Lack("scores", len(view.recent), 2),)
    return (Lack("usual", view.usual_up, view.above.enter_max),) if view.usual_up > view.above.enter_max else ()


def worst(view: View) -> Lacks:
    """``MX <= enter_max(next) + 1``."""
    limit = view.above.enter_max + 1
    return (Lack("worst", view.worst, limit),) if view.worst is not None and view.worst > limit else ()


def rise(view: View) -> Lacks:
    """This morning's score is not 2 or more above yesterday morning's, or above the last one before today."""
    mornings = [
        day.morning.pain
        for day in view.recovery.days
        if day.morning is not None and in_last(RECENT_DAYS, day.on, view.today)
    ]
    today = diary.day_of(view.recovery.days, view.today).morning
    if today is None or len(mornings) < 2 or today.pain - mornings[-2] < goals.RISE:
        return ()
    return (Lack("rise", today.pain - mornings[-2], goals.RISE - 1),)


def goal_days(view: View) -> Lacks:
    """Goal days are at least 60 % of the last ``need`` observed days that count."""
    met = _goal_days(view)
    return () if goals.enough(met) else (Lack("goal_days", sum(met), len(met)),)


def _goal_days(view: View) -> tuple[bool, ...]:
    met = goals.goal_days(view.stage.id, _days_before(view), view.scores, view.stage.enter_max)
    return met[-(view.need or len(met)) :]


def goals_today(view: View) -> goals.Goals:
    """Return today's goals at the stage, with what was done towards them so far."""
    today = diary.day_of(view.recovery.days, view.today).activity
    comfortable = goals.comfortable_days(_days_before(view), view.scores, view.stage.enter_max)
    return goals.day_goals(view.stage.id, today, comfortable)


def _days_before(view: View) -> tuple[Day, ...]:
    return tuple(day for day in view.recovery.days if view.standing.since <= day.on < view.today)


def gate(view: View) -> Lacks:
    """The function gate of the stage."""
    days = tuple(day for day in view.recovery.days if view.standing.since <= day.on <= view.today)
    found = goals.GATES.get(view.stage.id)
    ground = goals.Ground(days, view.today, view.dwell, view.recovery.running_goal, view.facts)
    return found(ground) if found is not None else ()


def red_runs(view: View) -> Lacks:
    """Nobody is led into `walk_run` by whom R10a would lead out again."""
    if view.above.id != WALK_RUN or view.red_runs < RED_RUNS:
        return ()
    return (Lack("red_runs", view.red_runs, RED_RUNS - 1),)


Check = Callable[[View], Lacks]

PROGRESS: Final[tuple[Check, ...]] = (cool, declined, dwell, usual, worst, rise, goal_days, gate, red_runs)
"""The conditions of R12, in the order of its row."""

# --- The plateau -----------------------------------------------------------------------------------------------------


def plateau_stage(view: View) -> Lacks:
    """Only the two lowest stages: never beyond `easy_mobility`."""
    return () if view.stage.id in PLATEAU_STAGES else (Lack("plateau_stage"),)


def plateau_dwell(view: View) -> Lacks:
    """Fourteen observed days at the stage."""
    return () if view.dwell >= PLATEAU_DWELL else (Lack("scored_days", view.dwell, PLATEAU_DWELL),)


def plateau_scores(view: View) -> Lacks:
    """At least 10 scores in the last 14 days, their median at most 7, and those of the last 7 days within 2 points."""
    scores = [score for day, score in view.scores.items() if in_last(PLATEAU_DAYS, day, view.today)]
    week = [score for day, score in view.scores.items() if in_last(PLATEAU_SPREAD_DAYS, day, view.today)]
    if len(scores) < PLATEAU_OBSERVED:
        return (Lack("scores", len(scores), PLATEAU_OBSERVED),)
    steady = diary.median(scores) <= PLATEAU_MEDIAN and max(week) - min(week) <= PLATEAU_SPREAD
    return () if steady else (Lack("plateau_scores"),)


def plateau_flare(view: View) -> Lacks:
    """No flare in 14 days."""
    last = max((flare.last for flare in view.standing.flares), default=None)
    return (Lack("flare"),) if last is not None and in_last(PLATEAU_DAYS, last, view.today) else ()


PLATEAU: Final[tuple[Check, ...]] = (
    plateau_stage,
    plateau_dwell,
    cool,
    declined,
    plateau_scores,
    plateau_flare,
    goal_days,
    gate,
)
"""The conditions of R13, in the order of its row."""


def missing(view: View, checks: tuple[Check, ...] = PROGRESS) -> Lacks:
    """Return everything that is missing for the next stage, for somebody who is not at the top."""
    return tuple(lack for check in checks for lack in check(view))
