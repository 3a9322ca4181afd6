"""R4, R5, R11: stages that a provider set or that the person picked, down and up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from recovery_rig import LADDER, Course, day

from nudger.core.recovery.course import Lack
from nudger.core.recovery.told import StagePicked

# --- R4: a provider's plan -------------------------------------------------------------------------------------------


def test_a_provider_sets_any_stage_and_nothing_moves_it() -> None:
    course = Course("gentle_start", 4).days("4 + provider sets walk_run")
    assert (course.rule, course.stage, course.standing.cool_until) == ("R4", "walk_run", None)
    course.know(red_runs=(day(0), day(0))).days("6 no x20")
    assert (course.rule, course.stage) == ("R4", "walk_run")
    assert course.standing.dwell == 20


def test_a_plan_below_lets_upward_moves_rest() -> None:
    course = Course("build_strength", 0).days("0 x3, 0 + provider sets gentle_start")
    assert course.standing.cool_until == day(6)
    assert course.days("0 x20").stage == "gentle_start"


@pytest.mark.parametrize(
    ("steps", "rule", "stage"),
    [
        ("2 + picks daily_walks", "R5", "daily_walks"),
        ("5 yes", "R7", "build_strength"),
        ("5 yes x5, 2, 2", "R8", "easy_mobility"),
        ("- x7, 2", "R6", "easy_mobility"),
        ("-", "R9", "build_strength"),
        ("2 + urgent", "R2", "build_strength"),
        ("2 + picks walk_run", "R11", "walk_run"),
    ],
)
def test_a_plan_blocks_automatic_moves_only(steps: str, rule: str, stage: str) -> None:
    course = Course("easy_mobility", 2).days("2 + provider sets build_strength, 2 x3").days(steps)
    assert (course.rule, course.stage) == (rule, stage)


def test_a_plan_ends_where_the_person_takes_the_stage_over() -> None:
    course = Course("easy_mobility", 2).days("2 + provider sets build_strength, 2 x8")
    assert course.rule == "R4"
    course.say("picks build_strength")
    assert course.standing.plan is None
    assert course.days("2").stage == "walk_run"


def test_a_provider_can_set_the_stage_of_today() -> None:
    course = Course("easy_mobility", 2).days("2 + provider sets easy_mobility")
    assert (course.rule, course.standing.plan, course.standing.change) == ("R4", "easy_mobility", None)


def test_what_a_provider_set_today_is_not_undone() -> None:
    course = Course("build_strength", 2).days("2 x3, 2 + provider sets easy_mobility")
    assert course.say("picks build_strength").refused() == "changed_today"


# --- R5: down by choice ----------------------------------------------------------------------------------------------


def test_any_lower_stage_is_accepted_at_once_and_as_often_as_asked() -> None:
    course = Course("steady", 1).days("1 + picks easy_mobility").say("picks gentle_start")
    assert (course.rule, course.stage, course.standing.dwell) == ("R5", "gentle_start", 0)
    assert course.standing.cool_until == day(3)


def test_a_step_down_is_no_back_off() -> None:
    course = Course("walk_run", 1).days("1, 1 + picks build_strength")
    assert course.standing.back_offs == ()
    assert course.days("1").seen().need == 5


def test_down_is_possible_in_a_flare() -> None:
    course = Course("walk_run", 1).days("1 + flare on, 1 + picks build_strength")
    assert (course.rule, course.stage) == ("R5", "build_strength")
    assert course.flare()


def test_an_unknown_stage_is_refused() -> None:
    course = Course().days("1")
    assert course.tell(StagePicked("marathon")).refused() == "unknown_stage"
    assert course.tell(StagePicked("marathon", provider=True)).refused() == "unknown_stage"


# --- R11: up by choice -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("score", "stage"), [(4, "build_strength"), (5, "easy_mobility")])
def test_the_next_stage_is_allowed_below_its_back_off_score(score: int, stage: str) -> None:
    course = Course("easy_mobility", 5, doing=None).days(f"{score} no x3").say("picks build_strength")
    assert course.stage == stage
    if score == 5:
        assert course.refusal is not None
        assert (course.refusal.key, course.refusal.data) == ("scores_high", {"usual": 5, "limit": 4})


@pytest.mark.parametrize(
    ("stage", "words", "goal", "key"),
    [
        ("easy_mobility", "picks walk_run", True, "one_stage"),
        ("build_strength", "picks steady", True, "one_stage"),
        ("build_strength", "picks walk_run", False, "no_running_goal"),
    ],
)
def test_up_by_one_stage_only(stage: str, words: str, goal: bool, key: str) -> None:
    course = Course(stage, 1, running_goal=goal, doing=None).days("1 x3")
    assert course.say(words).refused() == key


def test_who_does_not_want_to_run_goes_from_strength_to_steady() -> None:
    course = Course("build_strength", 1, running_goal=False, doing=None).days("1 x3").say("picks steady")
    assert (course.rule, course.stage) == ("R11", "steady")
    assert course.days("3 no x2").stage == "build_strength"


def test_without_any_score_one_is_asked_for_and_is_enough() -> None:
    course = Course("gentle_start", 3).wait(1)
    assert course.say("picks daily_walks").refused() == "score_needed"
    assert course.morning(3).say("picks daily_walks").stage == "daily_walks"


def test_walk_run_takes_three_scored_days() -> None:
    course = Course("build_strength", 1).days("1, 1")
    assert course.say("picks walk_run").refused() == "scored_days"
    assert course.days("1").say("picks walk_run").stage == "walk_run"


def test_nobody_goes_up_to_what_red_runs_lead_out_of() -> None:
    course = Course("build_strength", 1, accept=False).days("1 x5")
    assert course.offer() is not None
    course.know(red_runs=(course.today, course.today))
    assert course.say("picks walk_run").refused() == "red_runs"
    course.days("1")
    assert course.decision is not None
    assert course.decision.lacks == (Lack("red_runs", 2, 1),)


def test_an_undo_on_the_same_day() -> None:
    course = Course("build_strength", 2).days("2 x3, 2 + picks easy_mobility").say("picks build_strength")
    assert (course.rule, course.stage) == ("R11", "build_strength")
    course = Course("build_strength", 2).days("2 x3, 2 + picks daily_walks")
    assert course.say("picks easy_mobility").refused() == "changed_today"


def test_an_undo_is_held_against_the_scores() -> None:
    course = Course("build_strength", 5).days("5 no, 5 no")
    assert course.stage == "easy_mobility"
    assert course.say("picks build_strength").refused() == "scores_high"


def test_after_a_step_down_going_up_rests_for_three_days() -> None:
    course = Course("build_strength", 2).days("2 x3, 2 + picks easy_mobility")
    for _ in range(3):
        assert course.wait(1).say("picks build_strength").refused() == "cool"
    assert course.wait(1).morning(2).say("picks build_strength").stage == "build_strength"


def test_at_most_one_step_up_a_day() -> None:
    course = Course("gentle_start", 2, doing=None).days("2 x3, 2 + picks daily_walks")
    assert course.say("picks easy_mobility").refused() == "changed_today"
    assert course.wait(1).say("picks easy_mobility").stage == "easy_mobility"


def test_a_stage_that_is_never_left_can_always_be_asked_for() -> None:
    bold = replace(LADDER.stage("daily_walks"), back_off_at=None)
    ladder = replace(LADDER, stages=(LADDER.stages[0], bold, *LADDER.stages[2:]))
    course = Course("gentle_start", 9, ladder=ladder).days("9 x3").say("picks daily_walks")
    assert course.stage == "daily_walks"
    assert course.days("10 no x3").stage == "daily_walks"
    worst = Course("gentle_start", 10, ladder=ladder).days("10 x3").say("picks daily_walks")
    assert worst.decision is not None
    assert (worst.stage, worst.decision.limit) == ("daily_walks", 10)
