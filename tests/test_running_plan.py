"""The page's step table and worked examples, row by row: a row here reads like the row there."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from running_rig import CLEAN, ONE_DAY, Runner, notation, on, told

from nudger.core.recovery.told import Refusal
from nudger.core.running import steps
from nudger.core.running.steps import GOAL, MOST_MIN, STEPS, Piece, Plan, step, top_step


def rows(table: str) -> list[list[str]]:
    """The cells of a table, without its head."""
    lines = [line.strip(" |").split(" | ") for line in table.strip().splitlines()]
    return [[cell.strip() for cell in line] for line in lines[1:]]


# --- Steps -----------------------------------------------------------------------------------------------------------

TABLE = """
| step | session | total run | longest | clean sessions needed |
| 1 | 1:1 x3 | 3 | 1 | 1 |
| 2 | 1:1 x4 | 4 | 1 | 1 |
| 3 | 1:1 x5 | 5 | 1 | 2 |
| 4 | 2:2 x3 | 6 | 2 | 1 |
| 5 | 2:2 x4 | 8 | 2 | 2 |
| 6 | 3:2 x3 | 9 | 3 | 1 |
| 7 | 5:3 x2 | 10 | 5 | 2 |
| 8 | 6:3 x2 | 12 | 6 | 1 |
| 9 | 7:3 x2 | 14 | 7 | 2 |
| 10 | 8:4 x2 | 16 | 8 | 1 |
| 11 | 9:4 x2 | 18 | 9 | 2 |
| 12 | 10:4 x2 | 20 | 10 | 2 |
| 13 | 12, walk 4, 8 | 20 | 12 | 1 |
| 14 | 14, walk 4, 6 | 20 | 14 | 1 |
| 15 | 16, walk 3, 4 | 20 | 16 | 1 |
| 16 | 18, walk 3, 2 | 20 | 18 | 1 |
| 17 | 20 | 20 | 20 | 2 |
"""


def test_the_steps_are_those_of_the_page() -> None:
    found = [
        [str(each.number), notation(each.session), str(each.total), str(each.longest), str(each.clean)]
        for each in STEPS
    ]
    assert found == rows(TABLE)
    assert [step(number) for number in range(1, GOAL + 1)] == list(STEPS)
    assert all(each.source for each in STEPS)


def test_every_session_is_wrapped_in_walking() -> None:
    assert step(1).session == (Piece("walk", 5), *[Piece("run", 1), Piece("walk", 1)] * 3, Piece("walk", 5))
    assert step(17).session == (Piece("walk", 5), Piece("run", 20), Piece("walk", 5))


def test_no_step_grows_by_more_than_two_minutes() -> None:
    for lower, higher in pairwise(map(step, range(1, top_step(MOST_MIN) + 1))):
        assert 0 <= higher.total - lower.total <= 2
        assert higher.longest - lower.longest <= 2
        assert (higher.total, higher.longest) > (lower.total, lower.longest)


@pytest.mark.parametrize(
    ("minutes", "number"), [(0, 1), (1, 1), (2, 1), (3, 2), (4, 3), (5, 4), (7, 5), (8, 6), (9, 7), (10, 7), (60, 7)]
)
def test_who_runs_already_starts_higher(minutes: int, number: int) -> None:
    assert steps.start_step(minutes) == number


@pytest.mark.parametrize(
    ("number", "by", "after"),
    [(5, 1, 4), (5, 3, 2), (2, 3, 1), (1, 1, 1), (17, 2, 15), (18, 1, 17), (25, 2, 21), (18, 2, 16)],
)
def test_steps_lead_down(number: int, by: int, after: int) -> None:
    assert steps.lower(number, by) == after


def test_beyond_the_goal_a_step_is_a_minute_up_to_the_own_target() -> None:
    assert [step(number).runs for number in (18, 19, 27)] == [(21,), (22,), (30,)]
    assert [top_step(target) for target in (None, 10, 20, 21, 30)] == [17, 17, 17, 18, 27]


@pytest.mark.parametrize(
    ("plan", "key"),
    [
        (Plan(), None),
        (Plan(start_step=7, per_week=2, target_min=MOST_MIN), None),
        (Plan(target_min=20), None),
        (Plan(per_week=4), "plan_per_week"),
        (Plan(start_step=0), "plan_start_step"),
        (Plan(start_step=8), "plan_start_step"),
        (Plan(target_min=19), "plan_target"),
        (Plan(target_min=MOST_MIN + 1), "plan_target"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(plan: Plan, key: str | None) -> None:
    refusal = steps.fault(plan)
    assert (refusal.key if isinstance(refusal, Refusal) else None) == key


# --- Worked examples -------------------------------------------------------------------------------------------------

EXAMPLES = """
| # | history | today | next session | and why |
| E1 | none | 2 Mar, morning 1 | run 2 Mar, step 1: 1:1 x3 | start |
| E2 | 2 Mar step 1 green; 4 Mar step 2 green; 6 Mar step 3 green | 7 Mar | run 9 Mar, step 3: 1:1 x5 | W8, W2: 1 of 2 |
| E3 | 23 Mar step 7 green; 25 Mar step 7 green | 26 Mar | run 27 Mar, step 8: 6:3 x2 | W7, W2: 0 of 1 |
| E4 | 9 Mar step 5 green; 11 Mar step 5 pre 0, during 2 | 12 Mar | run 13 Mar, step 5: 2:2 x4 | W7, W3: 1 of 2 |
| E5 | 27 Mar step 7 green; 29 Mar step 8 during 1, rough | 30 Mar | run 31 Mar, step 7: 5:3 x2 | W7, W4: 0 of 2 |
| E8 | 2 Mar step 1 green | 4 Mar, morning 3 | walk 5 Mar, step 2: 1:1 x4 | W1, W2: 0 of 1 |
"""
"""Where a history begins above step 1, the person started there. A walk stands until the day that is named."""


@pytest.mark.parametrize("row", rows(EXAMPLES), ids=lambda row: row[0])
def test_the_worked_examples_come_out_as_on_the_page(row: list[str]) -> None:
    _, history, today, session, why = row
    start = 1 if history == "none" else told(history.split("; ")[0]).step
    runner = Runner("" if history == "none" else history, plan=Plan(start_step=start))
    day, _, score = today.partition(", morning ")
    if score:
        runner.morning(day, int(score))
    found = runner.ask(day)
    assert f"{found.kind} {found.day:%-d %b}, step {found.step}: {notation(found.pieces)}" == session
    decided = found.rule if found.rule == found.step_rule else f"{found.rule}, {found.step_rule}"
    assert why in {decided, f"{decided}: {found.clean} of {found.needed}"}


# --- All clean -------------------------------------------------------------------------------------------------------


def follow(runner: Runner, first: date, days: int) -> list[date]:
    """Run whenever a run is due, always clean, until the goal is reached; return the days of the runs."""
    for today in (first + n * ONE_DAY for n in range(days)):
        proposal = runner.ask(today)
        if (proposal.day, proposal.kind) == (today, "run"):
            runner.run(f"{today:%-d %b} step {proposal.step} green")
        if runner.facts(f"{today + ONE_DAY:%-d %b}").run_goal_reached:
            break
    return [run.day for run in runner.runs]


@pytest.mark.parametrize(("per_week", "days"), [(3, 54), (2, 81)])
def test_all_clean_takes_24_sessions_and_weeks_that_grow_as_on_the_page(per_week: int, days: int) -> None:
    runner = Runner(plan=Plan(per_week=per_week))
    found = follow(runner, on("2 Mar"), 100)
    assert len(found) == 24
    assert (found[-1] - found[0]).days + 1 == days
    if per_week == 3:
        weeks = [0] * 8
        for run in runner.runs:
            weeks[(run.day - found[0]).days // 7] += run.run_min
        assert weeks == [12, 19, 27, 36, 48, 58, 60, 60]


def test_a_run_without_told_minutes_has_those_of_its_step() -> None:
    assert (CLEAN.run_min, told("2 Mar step 7 minutes 4").run_min) == (3, 4)
