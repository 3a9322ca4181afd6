"""The rules W1-W13: each row of the three tables by a case that comes out otherwise without it, and their edges."""

from __future__ import annotations

import re

import pytest
from running_rig import ONE_DAY, Runner, on

from nudger.core.recovery.diary import Activity, Day, Score
from nudger.core.running.place import AFTER, NEXT, Place, judge, replay
from nudger.core.running.sessions import Colour, settle
from nudger.core.running.steps import Plan
from nudger.core.running.waits import WAITS, is_free_day_due, look
from nudger.library import load_language


def test_the_rows_are_those_of_the_page_in_its_order() -> None:
    assert [row.id for row in WAITS] == ["W6", "W5", "W5", "W4", "W7", "W8", "W12", "W1", "W1", "W1"]
    assert [row.id for row in NEXT] == ["W10", "W10", "W10", "W13", "W9", "W2"]
    assert [row.id for row in AFTER] == ["W5", "W4", "W4", "W11", "W3", "W2"]


# --- One case a row --------------------------------------------------------------------------------------------------

RULES = """
| row | start | history | today | next session | why | why the step |
| W6 | 5 | 2 Mar step 5 red; 8 Mar step 3 red | 9 Mar | walk 16 Mar, step 1 | W6 | W10 |
| W5, four days | 5 | 2 Mar step 5 red | 3 Mar | run 7 Mar, step 3 | W5_days | W5 |
| W5, step | 7 | 2 Mar step 7 red | 7 Mar | run 7 Mar, step 5 | W5 | W5 |
| W4, step | 7 | 2 Mar step 7 amber | 4 Mar | run 4 Mar, step 6 | W4 | W4 |
| W4, again | 7 | 2 Mar step 7 amber; 4 Mar step 6 amber | 7 Mar | run 7 Mar, step 4 | W4_again | W4_again |
| W4, gap | 7 | 2 Mar step 7 amber; 4 Mar step 6 amber | 5 Mar | run 7 Mar, step 4 | W4_gap | W4_again |
| W7 | 1 | 2 Mar step 1 green | 3 Mar | run 4 Mar, step 2 | W7 | W2_up |
| W8 | 1 | 2 Mar step 1 green; 4 Mar step 2 green; 6 Mar step 3 green | 8 Mar | run 9 Mar, step 3 | W8 | W2 |
| W2, same | 3 | 2 Mar step 3 green | 4 Mar | run 4 Mar, step 3 | W2 | W2 |
| W2, up | 3 | 2 Mar step 3 green; 4 Mar step 3 green | 6 Mar | run 6 Mar, step 4 | W2_up | W2_up |
| W3 | 3 | 2 Mar step 3 green; 4 Mar step 3 hold | 6 Mar | run 6 Mar, step 3 | W3 | W3 |
| W11 | 3 | 2 Mar step 3 green; 4 Mar step 3 untold | 6 Mar | run 6 Mar, step 3 | W11 | W11 |
| W9 | 7 | 2 Mar step 7 green; 4 Mar step 7 green, minutes 11 | 6 Mar | run 6 Mar, step 7 | W9 | W9 |
| W10, 7 days | 7 | 2 Mar step 7 green | 9 Mar | run 9 Mar, step 6 | W10 | W10 |
| W10, 13 days | 7 | 2 Mar step 7 green | 15 Mar | run 15 Mar, step 6 | W10 | W10 |
| W10, 14 days | 7 | 2 Mar step 7 green | 16 Mar | run 16 Mar, step 4 | W10 | W10 |
| W10, 27 days | 7 | 2 Mar step 7 green | 29 Mar | run 29 Mar, step 4 | W10 | W10 |
| W10, 28 days | 7 | 2 Mar step 7 green | 30 Mar | run 30 Mar, step 1 | W10_start | W10_start |
"""


def rows(table: str) -> list[list[str]]:
    """The cells of a table, without its head."""
    return [[cell.strip() for cell in line.strip(" |").split(" | ")] for line in table.strip().splitlines()[1:]]


@pytest.mark.parametrize("row", rows(RULES), ids=lambda row: row[0])
def test_each_rule_decides(row: list[str]) -> None:
    _, start, history, today, session, why, step_why = row
    found = Runner(history, plan=Plan(start_step=int(start))).ask(today)
    assert f"{found.kind} {found.day:%-d %b}, step {found.step}" == session
    assert (found.key, found.step_key) == (why, step_why)
    assert (found.rule, found.step_rule) == (why.split("_")[0], step_why.split("_")[0])


# --- W1: the gate ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("intake", "score", "kind"),
    [(0, 1, "run"), (0, 2, "walk"), (None, 1, "run"), (None, 2, "walk"), (2, 2, "run"), (4, 3, "walk"), (1, 2, "run")],
)
def test_the_gate_opens_up_to_2_and_below_two_above_the_baseline(intake: int | None, score: int, kind: str) -> None:
    runner = Runner().morning("2 Mar", score)
    runner.usual, runner.intake = 0, intake
    for n in range(1, 42):
        runner.mornings[on("2 Mar") - n * ONE_DAY] = None
    found = runner.ask("2 Mar")
    assert found.kind == kind
    assert found.key == ("W1_high" if kind == "walk" else "start")
    assert found.day == on("3 Mar" if kind == "walk" else "2 Mar")


def test_without_this_mornings_score_nobody_runs() -> None:
    runner = Runner().morning("2 Mar", None)
    found = runner.ask("2 Mar")
    assert (found.kind, found.day, found.rule, found.key) == ("walk", on("2 Mar"), "W1", "W1_ask")
    assert runner.morning("2 Mar", 0).ask("2 Mar").kind == "run"


def test_the_gate_is_asked_on_the_day_itself_only() -> None:
    found = Runner("2 Mar step 1 green").morning("3 Mar", 1).ask("3 Mar")
    assert (found.kind, found.day) == ("run", on("4 Mar"))
    assert Runner("2 Mar step 1 green").morning("4 Mar", None).ask("3 Mar").kind == "run"


@pytest.mark.parametrize(("today", "day"), [("3 Mar", "4 Mar"), ("4 Mar", "5 Mar")])
def test_in_a_flare_nobody_runs(today: str, day: str) -> None:
    found = Runner("2 Mar step 1 green").flare("2 Mar").ask(today)
    assert (found.kind, found.day, found.rule, found.key) == ("walk", on(day), "W1", "W1_flare")


@pytest.mark.parametrize("stage", ["gentle_start", "daily_walks", "easy_mobility", "build_strength"])
def test_at_other_stages_there_is_no_next_session(stage: str) -> None:
    assert Runner(stage=stage).maybe("2 Mar") is None


@pytest.mark.parametrize("stage", ["walk_run", "steady"])
def test_a_lock_turns_the_planner_off(stage: str) -> None:
    assert Runner(stage=stage).ask("2 Mar").kind == "run"
    assert Runner(stage=stage).lock("2 Mar").maybe("2 Mar") is None


# --- W3, W11: what is not known --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fields", "asked"), [("untold", ("during",)), ("hold", ()), ("green", ())])
def test_what_is_missing_is_named(fields: str, asked: tuple[str, ...]) -> None:
    assert Runner(f"2 Mar step 1 {fields}").ask("3 Mar").missing == asked


def test_before_the_next_morning_nothing_goes_up() -> None:
    runner = Runner("2 Mar step 1 green").morning("3 Mar", None)
    for today in ("2 Mar", "3 Mar"):
        found = runner.ask(today)
        assert (found.step, found.step_rule, found.missing, found.colour) == (1, "W11", ("morning",), Colour.HOLD)
    assert runner.morning("3 Mar", 0).ask("3 Mar").step == 2


def test_a_corrected_morning_changes_the_colour() -> None:
    runner = Runner("2 Mar step 5 green", plan=Plan(start_step=5))
    assert runner.ask("3 Mar").colour is Colour.GREEN
    assert runner.morning("3 Mar", 3).ask("3 Mar").colour is Colour.RED
    assert runner.morning("3 Mar", 2).ask("3 Mar").colour is Colour.AMBER
    assert runner.morning("2 Mar", 1).ask("3 Mar").colour is Colour.GREEN


def test_what_the_diary_forgets_the_run_remembers() -> None:
    runner = Runner("2 Mar step 1 green")
    runner.runs = settle(runner.runs, runner.recovery(on("4 Mar")).days)
    assert runner.runs[0].rise == 0
    later = on("2 Mar") + 60 * ONE_DAY
    assert settle(runner.runs, runner.recovery(later).days) == runner.runs
    assert runner.ask(later).colour is Colour.GREEN
    assert Runner("2 Mar step 1 green").ask(later).colour is Colour.HOLD


# --- W4, W5: after a run that was too much ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("between", "step"),
    [("", 4), ("; 4 Mar step 6 hold", 4), ("; 4 Mar step 6 untold", 4), ("; 4 Mar step 6 green", 6)],
)
def test_only_a_green_run_ends_a_row_of_amber(between: str, step: int) -> None:
    last = 7 if between.endswith("green") else 6
    found = Runner(f"2 Mar step 7 amber{between}; 6 Mar step {last} amber", plan=Plan(start_step=7)).ask("7 Mar")
    assert (found.step, found.key) == (step, "W8" if last == 7 else "W4_gap")


def test_an_amber_run_costs_the_clean_sessions() -> None:
    history = "2 Mar step 5 green; 4 Mar step 5 amber; 6 Mar step 4 green"
    found = Runner(history, plan=Plan(start_step=5)).ask("9 Mar")
    assert (found.step, found.clean, found.needed) == (5, 0, 2)


@pytest.mark.parametrize(
    ("mornings", "today", "day", "key"),
    [
        ({}, "6 Mar", "7 Mar", "W5_days"),
        ({"3 Mar": 4, "4 Mar": 4, "5 Mar": 4}, "5 Mar", "7 Mar", "W5_days"),
        ({"3 Mar": 4, "4 Mar": 4, "5 Mar": 4, "6 Mar": 4}, "6 Mar", "8 Mar", "W5_mornings"),
        ({"3 Mar": 4, "4 Mar": 4, "5 Mar": 4, "6 Mar": 2, "7 Mar": 1}, "7 Mar", "8 Mar", "W5_mornings"),
        ({"3 Mar": 4, "4 Mar": 1, "5 Mar": None, "6 Mar": 1, "7 Mar": 2}, "7 Mar", "9 Mar", "W5_mornings"),
        ({"3 Mar": 1, "4 Mar": 1, "5 Mar": 4, "6 Mar": 4}, "6 Mar", "7 Mar", "W5_days"),
        ({"3 Mar": 4, "4 Mar": 4, "5 Mar": 4, "6 Mar": 1, "7 Mar": 1}, "7 Mar", "7 Mar", "W5"),
    ],
)
def test_after_a_red_run_two_calm_mornings_in_a_row_are_waited_for(
    mornings: dict[str, int | None], today: str, day: str, key: str
) -> None:
    runner = Runner("2 Mar step 5 red", plan=Plan(start_step=5))
    for morning, score in mornings.items():
        runner.morning(morning, score)
    found = runner.ask(today)
    assert (found.day, found.key, found.kind) == (on(day), key, "run")
    assert found.step == (3 if found.gap < 7 else 2)  # W10 adds its own


def test_the_morning_of_the_red_run_is_not_one_of_the_two() -> None:
    runner = Runner("2 Mar step 5 red")
    assert runner.ask("2 Mar").day == on("7 Mar")
    for day in ("4 Mar", "5 Mar", "6 Mar", "7 Mar"):
        runner.morning(day, 4)
    assert runner.ask("7 Mar").day == on("9 Mar")


def test_scores_of_days_to_come_do_not_end_the_wait() -> None:
    runner = Runner("2 Mar step 5 red")
    for n in range(8):
        runner.mornings[on("3 Mar") + n * ONE_DAY] = 4
    recovery = runner.recovery(on("10 Mar"))
    outlook = look(runner.plan, runner.runs, recovery, on("7 Mar"))
    assert WAITS[2].earliest(outlook, on("7 Mar")) == on("9 Mar")


def test_a_red_run_is_over_when_the_diary_has_forgotten_the_mornings_after_it() -> None:
    runner = Runner("2 Mar step 5 red")
    for n in range(1, 60):
        runner.mornings[on("2 Mar") + n * ONE_DAY] = None
    last, after = on("2 Mar") + 41 * ONE_DAY, on("2 Mar") + 42 * ONE_DAY
    assert (runner.ask(last).rule, runner.ask(last).day) == ("W5", after)
    assert (runner.ask(after).rule, runner.ask(after).day) == ("W1", after)


# --- W6: two red runs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["walk_run", "steady"])
def test_two_red_runs_within_14_days_put_running_off(stage: str) -> None:
    runner = Runner("2 Mar step 5 red; 15 Mar step 3 red", stage=stage)
    assert runner.facts("15 Mar").red_runs == (on("2 Mar"), on("15 Mar"))
    found = runner.ask("15 Mar")
    assert (found.rule, found.kind, found.day) == ("W6", "walk", on("20 Mar"))
    assert runner.facts("16 Mar").red_runs == (on("15 Mar"),)
    found = runner.ask("16 Mar")
    assert (found.rule, found.kind) == ("W5", "run")


def test_of_two_walks_instead_the_first_decides() -> None:
    found = Runner("2 Mar step 5 red; 9 Mar step 3 red").flare("9 Mar").ask("10 Mar")
    assert (found.key, found.kind, found.day) == ("W6", "walk", on("16 Mar"))


# --- W7, W8, W12: spacing --------------------------------------------------------------------------------------------


def test_two_a_week_lie_three_days_apart_and_two_in_seven_days() -> None:
    runner = Runner("2 Mar step 1 green", plan=Plan(per_week=2))
    assert runner.ask("3 Mar").day == on("5 Mar")
    found = runner.run("5 Mar step 2 green").ask("6 Mar")
    assert (found.day, found.rule) == (on("9 Mar"), "W8")


def test_one_day_a_week_goes_without_run_or_strength() -> None:
    runner = Runner("2 Mar step 1 green; 5 Mar step 2 green")
    runner.strength = {on("3 Mar"), on("4 Mar"), on("6 Mar"), on("7 Mar")}
    found = runner.ask("8 Mar")
    assert (found.day, found.kind, found.rule, found.key) == (on("9 Mar"), "run", "W12", "W12")
    runner.strength.remove(on("4 Mar"))
    assert runner.ask("8 Mar").day == on("8 Mar")


def test_a_free_day_six_days_ago_is_one() -> None:
    runner = Runner("5 Mar step 1 green")
    runner.strength = {on("3 Mar"), on("4 Mar"), on("6 Mar"), on("7 Mar")}
    assert runner.ask("8 Mar").day == on("8 Mar")


def test_a_run_in_the_diary_alone_is_no_free_day_either() -> None:
    runner = Runner()
    days = tuple(Day(on("2 Mar") - n * ONE_DAY, Score(0), activity=Activity(run=True)) for n in range(1, 7))
    recovery = runner.recovery(on("2 Mar"))
    assert is_free_day_due(look(runner.plan, (), type(recovery)(recovery.standing, days), on("2 Mar")), on("2 Mar"))


def test_missed_sessions_are_not_made_up() -> None:
    missed = Runner("2 Mar step 3 green").ask("8 Mar")
    assert (missed.day, missed.step) == (on("8 Mar"), Runner("2 Mar step 3 green").ask("4 Mar").step)
    after = Runner("2 Mar step 3 green; 8 Mar step 2 green").ask("9 Mar")
    assert (after.day, after.rule) == (on("10 Mar"), "W7")


# --- A clock that was wrong ------------------------------------------------------------------------------------------


def test_a_clock_that_was_set_back_has_to_catch_up() -> None:
    runner = Runner("2 Mar step 1 green; 20 Mar step 1 red")
    found = runner.ask("5 Mar")
    assert (found.kind, found.day) == ("run", on("25 Mar"))
    assert runner.facts("5 Mar").red_runs == (on("20 Mar"),)


def test_runs_may_be_handed_over_in_any_order() -> None:
    runner = Runner("4 Mar step 2 green; 2 Mar step 1 green")
    assert runner.ask("5 Mar") == Runner("2 Mar step 1 green; 4 Mar step 2 green").ask("5 Mar")


def test_nothing_run_is_the_start() -> None:
    assert replay(Plan(start_step=4), judge((), ())) == Place(4)
    assert Runner().facts("2 Mar").run_goal_reached is False


# --- Sentences -------------------------------------------------------------------------------------------------------


def test_every_rule_has_a_sentence_that_the_proposal_can_fill() -> None:
    texts = load_language("en").texts
    keys = {"start"} | {row.key for row in (*WAITS, *NEXT, *AFTER)}
    assert {f"session.why.{key}" for key in keys} == {key for key in texts if key.startswith("session.why.")}
    data = Runner().ask("2 Mar").data
    for key in keys:
        assert set(re.findall(r"{(\w+)}", texts[f"session.why.{key}"])) <= data.keys()
    assert {"pre", "during", "completed", "morning"} <= {
        key.removeprefix("session.ask.") for key in texts if key.startswith("session.ask.")
    }
