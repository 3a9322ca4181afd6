"""How runs grow and how far: one step at a time (W2, W12), the weekly guard (W9), the goal (W13) and beyond it."""

from __future__ import annotations

from datetime import date

import pytest
from running_rig import ONE_DAY, Runner, on, told

from nudger.core.running.place import Judged, Place, Turn, week_allows
from nudger.core.running.sessions import Colour
from nudger.core.running.steps import Plan

# --- W2, W12: one step at a time -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("history", "step"),
    [
        ("2 Mar step 9 green, minutes 3", 2),
        ("2 Mar step 9 amber", 1),
        ("2 Mar step 1 green; 4 Mar step 9 green, minutes 4", 3),
        ("2 Mar step 1 green; 4 Mar step 9 red", 2),
        ("2 Mar step 1 green; 4 Mar step 1 green", 2),
    ],
)
def test_a_run_above_the_plan_counts_as_the_planned_one(history: str, step: int) -> None:
    assert Runner(history).ask("5 Mar").step == step


@pytest.mark.parametrize(
    ("history", "step", "clean"),
    [
        ("2 Mar step 2 green", 3, 0),
        ("2 Mar step 3 green", 3, 1),
        ("2 Mar step 5 green; 4 Mar step 3 green", 3, 1),
        ("2 Mar step 5 green; 4 Mar step 5 green; 6 Mar step 5 hold", 6, 0),
    ],
)
def test_a_run_below_the_plan_leads_back_to_it(history: str, step: int, clean: int) -> None:
    found = Runner(history, plan=Plan(start_step=5)).ask("7 Mar")
    assert (found.step, found.clean) == (step, clean)


# --- W9: the weekly guard --------------------------------------------------------------------------------------------


def minutes(*pairs: tuple[int, int]) -> tuple[Judged, ...]:
    """Runs so many days before 30 March, of so many minutes."""
    runs = [told(f"{30 - ago} Mar step 1 minutes {length}") for ago, length in pairs]
    return tuple(Judged(run, 0, Colour.GREEN) for run in sorted(runs, key=lambda run: run.day))


@pytest.mark.parametrize(
    ("runs", "most"),
    [
        ((), 12),
        (((6, 8),), 4),
        (((7, 8),), 20),
        (((13, 8),), 20),
        (((14, 8),), 12),
        (((7, 30), (9, 30)), 78),
        (((6, 40), (7, 30), (9, 30)), 38),
        (((7, 40),), 52),
        (((7, 41),), 53),
    ],
)
def test_a_week_holds_at_most_1_3_times_the_week_before_or_12_minutes_more(
    runs: tuple[tuple[int, int], ...], most: int
) -> None:
    turn = Turn(Plan(), minutes(*runs), Place(1), on("30 Mar"), 17)
    assert week_allows(turn, most)
    assert not week_allows(turn, most + 1)


@pytest.mark.parametrize(("ago", "most"), [(2, 22), (7, 39), (10, 30), (13, 22), (14, 12)])
def test_who_started_higher_is_taken_to_have_run_twice_a_week_before(ago: int, most: int) -> None:
    turn = Turn(Plan(start_step=7), minutes((ago, 10)), Place(7), on("30 Mar"), 17)
    assert week_allows(turn, most)
    assert not week_allows(turn, most + 1)


def test_nobody_is_taken_to_have_run_before_step_1() -> None:
    assert not week_allows(Turn(Plan(), minutes((2, 10)), Place(7), on("30 Mar"), 17), 3)


# --- W13 and beyond --------------------------------------------------------------------------------------------------


def arrived(target: int | None, *, stage: str = "steady", more: str = "") -> Runner:
    """Somebody who ran from step 7 to the goal, clean all the way, and more."""
    runner = Runner(plan=Plan(start_step=7, target_min=target), stage=stage)
    day = on("2 Mar")
    while not runner.facts(f"{day:%-d %b}").run_goal_reached:
        found = runner.ask(day)
        if found.day == day:
            runner.run(f"{day:%-d %b} step {found.step} green")
        day += ONE_DAY
    for text in more.split():
        day = runner.ask(day).day
        runner.run(f"{day:%-d %b} step {runner.ask(day).step} {text}")
    return runner


def after(runner: Runner) -> date:
    """The day on which the next run is due."""
    return runner.ask(runner.runs[-1].day + ONE_DAY).day


def test_the_goal_is_step_17_green_twice() -> None:
    runner = arrived(None, stage="walk_run")
    assert [run.step for run in runner.runs][-3:] == [16, 17, 17]
    found = runner.ask(after(runner))
    assert (found.step, found.rule, found.key) == (17, "W13", "W13")
    runner.runs = runner.runs[:-1]
    assert not runner.facts(f"{runner.runs[-1].day + ONE_DAY:%-d %b}").run_goal_reached
    assert runner.ask(after(runner)).step_rule == "W2"


@pytest.mark.parametrize("target", [None, 30])
def test_at_walk_run_nobody_runs_further_than_the_goal(target: int | None) -> None:
    runner = arrived(target, stage="walk_run", more="green green green")
    assert [run.step for run in runner.runs][-5:] == [17] * 5
    assert runner.facts(f"{runner.runs[-1].day + ONE_DAY:%-d %b}").run_goal_reached


def test_at_steady_runs_grow_by_a_minute_up_to_the_own_target() -> None:
    runner = arrived(23, more="green green green green green")
    assert [run.run_min for run in runner.runs][-6:] == [20, 21, 22, 23, 23, 23]
    found = runner.ask(after(runner))
    assert (found.step, found.step_rule, found.data["minutes"]) == (20, "W13", 23)
    without = arrived(None, more="green green")
    assert [run.run_min for run in without.runs][-3:] == [20, 20, 20]


def test_beyond_the_goal_a_run_that_was_much_takes_back_two_minutes() -> None:
    runner = arrived(30, more="green green green green amber")
    assert [run.run_min for run in runner.runs][-1] == 25
    assert runner.ask(after(runner)).data["minutes"] == 23


def test_who_comes_back_from_steady_has_the_goal_before_them() -> None:
    runner = arrived(30, more="green green green")
    runner.standing = Runner(stage="walk_run").standing
    found = runner.ask(after(runner))
    assert (found.step, found.clean, found.needed) == (17, 0, 2)


@pytest.mark.parametrize("colour", ["amber", "red"])
def test_the_goal_is_reached_as_long_as_its_step_is_held(colour: str) -> None:
    runner = arrived(None, stage="walk_run", more=colour)
    assert not runner.facts(f"{runner.runs[-1].day + ONE_DAY:%-d %b}").run_goal_reached
    runner = arrived(None, stage="walk_run", more="hold")
    assert runner.facts(f"{runner.runs[-1].day + 6 * ONE_DAY:%-d %b}").run_goal_reached
    assert not runner.facts(f"{runner.runs[-1].day + 7 * ONE_DAY:%-d %b}").run_goal_reached
