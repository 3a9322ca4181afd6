"""R7, R8, R10: flares, and the other ways down."""

from __future__ import annotations

from dataclasses import replace

import pytest
from recovery_rig import ONE_DAY, Course, day

from nudger.core.recovery.course import Flare
from nudger.core.recovery.told import Facts

# --- R7, R8: flares --------------------------------------------------------------------------------------------------


def test_a_flare_is_on_the_moment_it_is_said() -> None:
    course = Course("build_strength", 2).days("2 x3").say("flare on")
    assert (course.rule, course.standing.flare, course.standing.dwell) == ("R7", Flare(day(2), baseline=2), 0)


@pytest.mark.parametrize(("already", "words"), [("2", "flare off"), ("2 + flare on", "flare on")])
def test_what_is_so_already_changes_nothing(already: str, words: str) -> None:
    course = Course("build_strength", 2).days(already)
    before = course.recovery
    assert course.say(words).refusal is None
    assert course.recovery is before


@pytest.mark.parametrize(
    ("score", "impact", "on"),
    [(3, True, False), (4, True, True), (4, None, False), (5, None, True), (5, False, False), (9, False, False)],
)
def test_a_flare_by_the_scores(score: int, impact: bool | None, on: bool) -> None:
    course = Course("build_strength", 2).days("2 x3").next(score, impact)
    assert (course.flare()) is on


def test_either_answer_about_impact_counts_and_yes_wins() -> None:
    for evening, morning, on in [(False, True, True), (True, False, True), (None, True, True), (False, None, False)]:
        course = Course("build_strength", 2).days("2 x3").evening(4, evening).wait(1).morning(4, impact=morning)
        assert (course.flare()) is on


def test_without_a_baseline_only_the_person_says_so() -> None:
    course = Course("daily_walks").days("2, 9 yes")
    assert course.rule == "R14"
    course.say("flare on")
    assert course.standing.flare
    assert course.standing.flare.baseline is None
    assert course.days("4, 4").rule == "R8"
    assert course.flare()
    assert course.days("3, 3").flare() is False  # mild


def test_the_baseline_stays_what_it_was_before_the_flare() -> None:
    course = Course("build_strength", 2).days("2 x3, 6 x20")
    assert course.standing.flare
    assert course.standing.flare.baseline == 2
    assert course.seen().baseline == 2


def test_the_day_a_flare_was_said_is_no_calm_day() -> None:
    course = Course("build_strength", 2).days("2 x3, 2 + flare on, 2")
    assert course.flare()
    assert course.days("2").flare() is False


def test_a_calm_day_of_long_ago_does_not_count() -> None:
    course = Course("build_strength", 2).days("2 x3, 5 yes, 2, - x4, 2")
    assert course.flare()
    assert course.days("2").flare() is False


def test_a_flare_ends_the_moment_it_is_said_and_counts_until_then() -> None:
    for n, stage in [(1, "build_strength"), (3, "build_strength"), (4, "easy_mobility"), (8, "easy_mobility")]:
        course = Course("build_strength", 2).days("2 x3, 2 + flare on").wait(n).say("flare off")
        assert (course.rule, course.stage, course.standing.flare) == ("R8", stage, None)
        assert course.standing.cool_until == course.today + 3 * ONE_DAY


def test_a_long_flare_leads_to_the_placement_by_the_latest_score() -> None:
    course = Course("build_strength", 2).days("2 x3, 7 yes x9").say("flare off")
    assert course.stage == "gentle_start"
    assert Course("build_strength", 2).days("2 x3, 7 yes, - x9").say("flare off").stage == "easy_mobility"


def test_up_is_refused_in_a_flare() -> None:
    course = Course("build_strength", 2).days("2 x3, 2 + flare on")
    assert course.say("picks walk_run").refused() == "flare"


def test_a_flare_lets_offers_rest_and_starts_the_count_anew() -> None:
    course = Course("easy_mobility", 2, accept=False).days("2 x4")
    assert course.offer() is not None
    course.say("flare on")
    assert course.offer() is None
    course.days("2, 2")
    assert (course.standing.flare, course.standing.dwell, course.standing.cool_until) == (None, 0, day(8))
    assert course.days("2 x3").offer() is None
    assert course.days("2").offer() is not None


# --- R10: back off ---------------------------------------------------------------------------------------------------


def test_two_red_runs_lead_out_of_walk_run_only_and_for_14_days() -> None:
    for first, rule in [(0, "R14"), (1, "R10a")]:
        course = Course("walk_run", 1).days("1 x14").know(red_runs=(day(first), day(13)))
        assert course.days("1").rule == rule
    course = Course("steady", 1, facts=Facts(red_runs=(day(0), day(0)))).days("1")
    assert course.rule == "R14"


def test_a_single_score_leads_down_in_the_week_after_an_override() -> None:
    for quiet, rule in [(6, "R10b"), (7, "R14")]:
        course = Course("easy_mobility", 4).days("4 x3, 4 + picks build_strength").days(f"4 x{quiet}, 5")
        assert (course.rule, course.stage == "easy_mobility") == (rule, rule == "R10b")


def test_a_back_off_is_remembered_and_doubles_the_need() -> None:
    course = Course("build_strength", 4).days("5, 5")
    assert (course.rule, course.stage, course.standing.dwell) == ("R10c", "easy_mobility", 0)
    assert course.days("2 x8").stage == "build_strength"
    assert course.events == ["d1 BACK_OFF", "d9 PROGRESS"]
    course.days("5 no x3")
    assert course.stage == "easy_mobility"
    assert course.days("2").seen().need == 14


def test_a_back_off_is_forgotten_after_28_days() -> None:
    course = Course("build_strength", 4, accept=False).days("5, 5, 2 x27")
    assert course.seen().need == 8
    assert course.days("2").seen().need == 4


def test_after_a_plateau_step_the_limit_is_relative() -> None:
    course = Course("gentle_start", 7).days("7 x14")
    assert (course.stage, course.standing.plateau) == ("daily_walks", 7)
    assert course.days("8 no x5").stage == "daily_walks"
    assert course.days("9 no x2").stage == "gentle_start"
    assert course.standing.plateau is None


def test_a_single_score_is_held_against_the_stages_own_limit_and_not_the_relative_one() -> None:
    course = Course("daily_walks", 6).days("6 no x18, - x8, 4").compare("same").days("6 no")
    assert (course.rule, course.decision.limit if course.decision else None) == ("R10b", 6)


def test_a_plateau_limit_is_never_below_the_stages_own() -> None:
    course = Course("daily_walks", 5).days("5 x14")
    assert (course.stage, course.standing.plateau) == ("easy_mobility", 5)
    assert course.days("6 no x3").stage == "easy_mobility"
    gentle = Course("daily_walks", 4, running_goal=False)
    gentle.recovery = replace(gentle.recovery, standing=replace(gentle.standing, plateau=1.0))
    assert gentle.days("6 no x3").stage == "daily_walks"


def test_scores_move_nobody_twice_a_day() -> None:
    course = Course("build_strength", 6).days("4, 7 no").wait(1)
    course.evening(7, False, day=1).say("picks easy_mobility").morning(7)
    assert (course.stage, course.rule, course.seen().usual_down) == ("easy_mobility", "R14", 7)
    assert course.standing.back_offs == ()


def test_scores_lead_down_at_the_daily_evaluation_only() -> None:
    course = Course("easy_mobility", 6).days("6 + provider sets easy_mobility, 6 x3").say("picks build_strength")
    assert (course.refused(), course.stage) == ("scores_high", "easy_mobility")
