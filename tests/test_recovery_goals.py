"""The goals of a day, and the gates of a stage."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from recovery_rig import FULL_DAY, LADDER, Course

from nudger.core.recovery import engine, goals, lacks
from nudger.core.recovery.course import Lack
from nudger.core.recovery.diary import Activity, Walk
from nudger.core.recovery.view import View

# --- Goals and gates -------------------------------------------------------------------------------------------------


def test_goal_days_are_60_percent_of_the_last_days_that_count() -> None:
    idle = replace(FULL_DAY, answered=0)
    for done, missing in [("110", []), ("100", ["goal_days"]), ("011", []), ("000", ["goal_days"])]:
        course = Course("daily_walks", 3, accept=False, doing=None)
        for each in done:
            course.next(3).do(FULL_DAY if each == "1" else idle)
        assert course.days("3").lacks == missing


def test_today_is_not_over_and_does_not_count() -> None:
    idle = replace(FULL_DAY, answered=0)
    course = Course("daily_walks", 3, accept=False).days("3 x2").wait(1).do(idle).do(idle).do(idle).morning(3)
    assert course.rule == "R12"
    assert [goals.enough(met) for met in [(True,) * 3 + (False,) * 2, (True,) * 59 + (False,) * 41, ()]] == [
        True,
        False,
        False,
    ]


def test_days_of_little_monitoring_count_neither_way() -> None:
    short = replace(FULL_DAY, answered=0, monitored=timedelta(minutes=239))
    course = Course("daily_walks", 3, accept=False).days("3 x2")
    course.doing = short
    assert course.days("3, 3").rule == "R12"
    assert Course("daily_walks", 3, accept=False, doing=short).days("3 x9").lacks == ["goal_days"]


def test_only_the_last_needed_days_count() -> None:
    course = Course("daily_walks", 3, accept=False, doing=replace(FULL_DAY, answered=0)).days("3 x9")
    assert course.lacks == ["goal_days"]
    course.doing = FULL_DAY
    assert course.days("3, 3").lacks == ["goal_days"]
    assert course.days("3").rule == "R12"


GOAL_ROWS = [
    # stage, activity, comfortable days before, met
    ("gentle_start", Activity(windows=10, answered=7, chores=2), 0, True),
    ("gentle_start", Activity(windows=10, answered=7, walks=(Walk(1), Walk(1), Walk(2))), 0, True),
    ("gentle_start", Activity(windows=10, answered=7, chores=1, walks=(Walk(1), Walk(1))), 0, False),
    ("gentle_start", Activity(windows=10, answered=6, chores=2), 0, False),
    ("gentle_start", Activity(chores=2), 0, True),  # got up by themselves every time
    ("daily_walks", Activity(walks=(Walk(5), Walk(5))), 1, True),
    ("daily_walks", Activity(walks=(Walk(5), Walk(5))), 2, False),
    ("daily_walks", Activity(walks=(Walk(12),)), 3, True),
    ("daily_walks", Activity(walks=(Walk(19),)), 10, False),
    ("daily_walks", Activity(walks=(Walk(20),)), 40, True),
    ("daily_walks", Activity(walks=(Walk(20),), windows=3, answered=2), 0, False),
    ("easy_mobility", Activity(walks=(Walk(20),), mobility=2, comfortable=2), 0, True),
    ("easy_mobility", Activity(walks=(Walk(19),), mobility=2, comfortable=2), 0, False),
    ("easy_mobility", Activity(walks=(Walk(20),), mobility=2, comfortable=1), 0, False),
    ("build_strength", Activity(mobility=1, walks=(Walk(30),)), 0, True),
    ("build_strength", Activity(mobility=1, strength=1), 0, True),
    ("build_strength", Activity(mobility=1, walks=(Walk(29),)), 0, False),
    ("build_strength", Activity(strength=1, walks=(Walk(30),)), 0, False),
    ("walk_run", Activity(run=True), 0, True),
    ("walk_run", Activity(walks=(Walk(20),)), 0, True),
    ("walk_run", Activity(strength=1), 0, False),
    ("steady", Activity(run=True), 0, True),
    ("steady", Activity(strength=1), 0, True),
    ("steady", Activity(walks=(Walk(22),)), 0, True),
    ("steady", Activity(walks=(Walk(21),)), 0, False),
    ("a stage without goals", Activity(), 0, True),
]


@pytest.mark.parametrize(("stage", "done", "comfortable", "met"), GOAL_ROWS)
def test_daily_goals(stage: str, done: Activity, comfortable: int, met: bool) -> None:
    assert goals.goal_met(stage, replace(done, monitored=timedelta(hours=4)), comfortable) is met
    assert goals.goal_met(stage, replace(done, monitored=timedelta(minutes=239)), comfortable) is None


def test_the_walking_goal_grows_with_comfortable_days() -> None:
    assert [goals.walk_goal_min(days) for days in (0, 1, 2, 3, 4, 10, 30)] == [10, 10, 12, 12, 14, 20, 20]
    twelve = Activity(monitored=timedelta(hours=4), walks=(Walk(12),))
    for score, rule in [(5, "R14"), (6, "R14"), (3, "R12")]:
        course = Course("daily_walks", score, accept=False, doing=twelve).days(f"{score} x4")
        assert (course.rule, "goal_days" in course.lacks) == (rule, False)
    assert Course("daily_walks", 3, accept=False, doing=twelve).days("3 x9").lacks == ["goal_days"]
    assert "goal_days" not in Course("daily_walks", 6, accept=False, doing=twelve).days("6 x9").lacks


def test_todays_goals_show_how_far_the_day_is() -> None:
    course = (
        Course("daily_walks", 3, accept=False, doing=None)
        .days("3 x3")
        .do(Activity(windows=3, answered=2, walks=(Walk(5),)))
    )
    view = View(course.recovery, course.today, False, LADDER, engine.NOTHING)
    assert lacks.goals_today(view) == ((goals.Goal("windows", 66, 70),), (goals.Goal("walking_min", 5, 12),))
    assert goals.day_goals("daily_walks", Activity(), 0)[0] == (goals.Goal("windows", 100, 70),)


def test_a_day_is_comfortable_up_to_the_score_the_stage_is_entered_at() -> None:
    for score, minutes in [(5, 12), (6, 10)]:
        course = Course("daily_walks", score, doing=None).days(f"{score} no x3")
        view = View(course.recovery, course.today, False, LADDER, engine.NOTHING)
        assert lacks.goals_today(view)[1] == (goals.Goal("walking_min", 0, minutes),)


GATE_ROWS = [
    # stage, what each day holds, what is missing after so many days
    ("gentle_start", Activity(walks=(Walk(2, rise=1),)), 1, []),
    ("gentle_start", Activity(walks=(Walk(2, rise=2),)), 5, [("easy_walk", 0, 1)]),
    ("gentle_start", Activity(walks=(Walk(2),)), 5, [("easy_walk", 0, 1)]),
    ("gentle_start", Activity(walks=(Walk(1, rise=0),)), 5, [("easy_walk", 0, 1)]),
    ("daily_walks", Activity(walks=(Walk(5), Walk(5))), 2, []),
    ("daily_walks", Activity(walks=(Walk(5), Walk(5))), 1, [("walks", 1, 2)]),
    ("daily_walks", Activity(walks=(Walk(9),)), 5, [("walks", 0, 2)]),
    ("easy_mobility", Activity(walks=(Walk(20),), mobility=1, comfortable=1), 3, []),
    ("easy_mobility", Activity(walks=(Walk(20),), mobility=1, comfortable=1), 2, [("mobility_days", 2, 3)]),
    ("easy_mobility", Activity(walks=(Walk(19),), mobility=1, comfortable=1), 9, [("mobility_days", 0, 3)]),
    ("easy_mobility", Activity(walks=(Walk(20),), mobility=2, comfortable=1), 9, [("mobility_days", 0, 3)]),
    ("easy_mobility", Activity(walks=(Walk(20),)), 9, [("mobility_days", 0, 3)]),
    ("build_strength", Activity(walks=(Walk(30, brisk=True, pain=2),), strength=1), 2, []),
    ("build_strength", Activity(walks=(Walk(30, brisk=True, pain=3),), strength=1), 2, [("brisk_walk", 0, 1)]),
    ("build_strength", Activity(walks=(Walk(30, brisk=True),), strength=1), 2, [("brisk_walk", 0, 1)]),
    ("build_strength", Activity(walks=(Walk(29, brisk=True, pain=0),), strength=1), 2, [("brisk_walk", 0, 1)]),
    ("build_strength", Activity(walks=(Walk(30, pain=0),), strength=1), 2, [("brisk_walk", 0, 1)]),
    ("build_strength", Activity(walks=(Walk(30, brisk=True, pain=2),), strength=2), 1, [("strength_days", 1, 2)]),
    ("walk_run", Activity(), 3, [("run_goal", None, None)]),
    ("steady", Activity(), 3, []),
]


@pytest.mark.parametrize(("stage", "done", "days", "missing"), GATE_ROWS)
def test_function_gates(stage: str, done: Activity, days: int, missing: list[tuple[str, int, int]]) -> None:
    course = Course(stage, 1, accept=False, doing=done).days(f"1 x{days}").wait(1).morning(1)
    view = View(course.recovery, course.today, True, LADDER, engine.NOTHING)
    assert [(lack.key, lack.have, lack.want) for lack in lacks.gate(view)] == missing


@pytest.mark.parametrize(("goal", "missing"), [(None, ["running_goal"]), (True, []), (False, ["scored_days"])])
def test_the_gate_of_build_strength_asks_for_the_running_goal(goal: bool | None, missing: list[str]) -> None:
    course = Course("build_strength", 1, accept=False, running_goal=goal).days("1 x6")
    assert course.lacks == missing
    without = Course("build_strength", 1, running_goal=False).days("1 x13")
    assert without.decision is not None
    assert without.decision.lacks == (Lack("scored_days", 13, 14),)
    assert without.days("1").stage == "steady"


def test_the_gate_of_daily_walks_looks_at_three_days() -> None:
    walked = Activity(walks=(Walk(10),))
    for first, missing in [(2, []), (1, ["walks"])]:
        course = Course("daily_walks", 1, accept=False, doing=None)
        for number in range(5):
            course.next(1).do(walked if number in {first, 4} else Activity())
        view = View(course.wait(1).recovery, course.today, False, LADDER, engine.NOTHING)
        assert [lack.key for lack in lacks.gate(view)] == missing


def test_a_brisk_walk_shows_on_the_next_morning() -> None:
    brisk = replace(FULL_DAY, walks=(Walk(30, brisk=True, pain=1),))
    for mornings, missing in [
        ((2, 3), []),
        ((1, 3), ["brisk_walk"]),
        ((2, None), ["brisk_walk"]),
        ((None, 2), ["brisk_walk"]),
    ]:
        course = Course("build_strength", 2, accept=False, doing=replace(FULL_DAY, walks=())).days("2 x5").wait(1)
        for morning in mornings:
            course.morning(morning) if morning is not None else course.noon()
            course.do(brisk if course.day == 5 else Activity()).wait(1)
        course.wait(-1)
        view = View(course.recovery, course.today, True, LADDER, engine.NOTHING)
        assert [lack.key for lack in lacks.gate(view)] == missing


def test_gates_count_from_the_day_the_stage_was_entered_or_begun_anew() -> None:
    course = Course("easy_mobility", 2, accept=False).days("2 x3, 2 + flare on, 2, 2")
    view = View(course.recovery, course.today, True, LADDER, engine.NOTHING)
    assert [lack.have for lack in lacks.gate(view)] == [1]


def test_a_gate_is_named_and_one_log_of_yesterday_opens_it() -> None:
    course = Course("daily_walks", 3, accept=False, doing=replace(FULL_DAY, walks=(Walk(9),))).days("3 x4")
    assert course.lacks == ["goal_days", "walks"]
    walked = Activity(walks=(Walk(12),))
    course = Course("daily_walks", 3, accept=False, doing=replace(FULL_DAY, walks=())).days("3, 3").do(walked)
    course.days("3, 3")
    assert course.lacks == ["goal_days", "walks"]
    course.do(walked, day=2)
    assert course.rule == "R12"
