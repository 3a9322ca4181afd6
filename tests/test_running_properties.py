"""Random runners against the plan: what must never be proposed to anybody, and what everybody reaches in the end."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running_rig import COLOURED, ONE_DAY, Runner

from nudger.core.running.planner import Proposal
from nudger.core.running.steps import GAP_DAYS, GOAL, Plan, step

D0 = date(2026, 3, 2)
COLOURS = ["green", "green", "green", "green", "hold", "untold", "amber", "red"]

plans = st.builds(
    Plan,
    start_step=st.integers(1, 7),
    per_week=st.sampled_from([2, 3]),
    target_min=st.none() | st.integers(20, 40),
)
stages = st.sampled_from(["walk_run", "steady"])
mornings = st.sampled_from([0, 0, 0, 1, 1, 2, 3, 6, None])
own_runs = st.tuples(st.integers(1, 40), st.none() | st.integers(0, 60), st.sampled_from(COLOURS))
days = st.tuples(
    mornings,
    st.sampled_from([*COLOURS, None]),  # how a run goes that is due; None leaves it out
    st.one_of(st.none(), st.none(), st.none(), st.none(), own_runs),  # a run that nobody proposed
    st.booleans(),  # strength
)


def write(day: date, number: int, colour: str, minutes: int | None = None) -> str:
    """A run in words."""
    return f"{day:%-d %b} step {number} {colour}" + ("" if minutes is None else f" minutes {minutes}")


def check(runner: Runner, today: date, found: Proposal) -> None:
    """What holds for every proposal."""
    assert found.day >= today
    if not runner.runs:
        return
    last = max(runner.runs, key=lambda run: run.day)
    assert (found.day - last.day).days >= GAP_DAYS[runner.plan.per_week]
    assert sum(0 <= (found.day - run.day).days < 7 for run in runner.runs) < runner.plan.per_week
    assert found.step <= max(last.step, runner.plan.start_step) + 1
    assert found.step <= last.step or is_guarded(runner, found)


def is_guarded(runner: Runner, found: Proposal) -> bool:
    """The weekly guard, worked out day by day."""
    first = min(run.day for run in runner.runs)
    usual = 0 if runner.plan.start_step == 1 else 2 * step(runner.plan.start_step).total / 7

    def ran(ago: int) -> int:
        return sum(run.run_min for run in runner.runs if run.day == found.day - ago * ONE_DAY)

    week = step(found.step).total + sum(ran(ago) for ago in range(7))
    before = sum(usual if found.day - ago * ONE_DAY < first else ran(ago) for ago in range(7, 14))
    return week <= max(1.3 * before, before + 12) + 1e-9


def live(runner: Runner, today: date, life: tuple[object, ...]) -> None:
    """Live through one day: its morning, the run that is due or another one, strength."""
    score, went, own, strength = life
    assert score is None or isinstance(score, int)
    runner.mornings[today] = score
    found = runner.ask(today)
    check(runner, today, found)
    if found.day == today and found.kind == "run":
        assert score is not None
        assert score <= 2
        held = runner.runs
        assert len([run for run in held if 0 <= (today - run.day).days < 7]) < runner.plan.per_week
        assert any(
            (today - n * ONE_DAY) not in runner.strength and all(run.day != today - n * ONE_DAY for run in held)
            for n in range(1, 7)
        )
        if went is not None:
            runner.run(write(today, found.step, str(went)))
    elif isinstance(own, tuple):
        number, minutes, colour = own
        runner.run(write(today, number, colour, minutes))
    if strength:
        runner.strength.add(today)


@settings(max_examples=150)
@given(plans, stages, st.lists(days, min_size=20, max_size=70))
def test_whatever_happens(plan: Plan, stage: str, lives: list[tuple[object, ...]]) -> None:
    runner = Runner(plan=plan, stage=stage)
    for number, life in enumerate(lives):
        live(runner, D0 + number * ONE_DAY, life)


@settings(max_examples=100)
@given(
    plans, st.lists(days, min_size=15, max_size=40).map(lambda lives: [(*life[:2], None, life[3]) for life in lives])
)
def test_who_runs_as_proposed_grows_slowly_and_rests_between(plan: Plan, lives: list[tuple[object, ...]]) -> None:
    runner = Runner(plan=plan)
    for number, life in enumerate(lives):
        live(runner, D0 + number * ONE_DAY, life)
    for earlier, later in pairwise(runner.runs):
        assert (later.day - earlier.day).days >= GAP_DAYS[plan.per_week]
        assert later.step <= earlier.step + 1
        assert step(later.step).total <= step(earlier.step).total + 2
        assert step(later.step).longest <= step(earlier.step).longest + 2
    for run in runner.runs:
        assert sum(0 <= (run.day - each.day).days < 7 for each in runner.runs) <= plan.per_week


@settings(max_examples=40)
@given(plans, st.lists(days, max_size=25))
def test_from_wherever_runs_that_go_well_reach_the_goal(plan: Plan, lives: list[tuple[object, ...]]) -> None:
    runner = Runner(plan=plan)
    for number, life in enumerate(lives):
        live(runner, D0 + number * ONE_DAY, life)
    runner.strength = set()
    for today in (D0 + number * ONE_DAY for number in range(len(lives), len(lives) + 120)):
        live(runner, today, (0, "green", None, False))
        if runner.facts(f"{today + ONE_DAY:%-d %b}").run_goal_reached:
            return
    pytest.fail("the goal was not reached")


@pytest.mark.parametrize("start", range(1, 8))
@pytest.mark.parametrize("per_week", [2, 3])
def test_an_all_green_history_reaches_the_goal_and_then_the_own_target(start: int, per_week: int) -> None:
    runner = Runner(plan=Plan(start, per_week, target_min=25), stage="steady")
    for today in (D0 + number * ONE_DAY for number in range(120)):
        live(runner, today, (1, "green", None, False))
    assert [run.step for run in runner.runs][-2:] == [GOAL + 5, GOAL + 5]
    goal = [run.day for run in runner.runs if run.step == GOAL][1]
    assert (goal - D0).days < {3: 54, 2: 81}[per_week]


@settings(max_examples=60)
@given(plans, stages, st.lists(st.tuples(st.integers(0, 90), own_runs), max_size=12), st.integers(-400, 400))
def test_a_clock_that_jumped_brings_no_run_forward(
    plan: Plan, stage: str, runs: list[tuple[int, tuple[int, int | None, str]]], jump: int
) -> None:
    runner = Runner(plan=plan, stage=stage)
    for ago, (number, minutes, colour) in dict(runs).items():
        runner.run(write(D0 + ago * ONE_DAY, number, colour, minutes))
    today = D0 + jump * ONE_DAY
    found = runner.ask(today)
    check(runner, today, found)
    if found.kind == "run" and runner.runs:
        assert found.day > max(run.day for run in runner.runs)


def test_the_colours_here_are_all_there_are() -> None:
    assert set(COLOURS) <= COLOURED.keys()
