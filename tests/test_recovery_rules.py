"""Every row of the rule table: when it matches, when it just does not, and what it leaves behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from recovery_rig import D0, FULL_DAY, LADDER, ONE_DAY, Course

from nudger.core.recovery import engine, goals, lacks, placement, rules
from nudger.core.recovery.course import Did, Flare, Lack, Offer, SafetyLock, Seen, Tier
from nudger.core.recovery.diary import Activity, Day, Walk
from nudger.core.recovery.told import Facts, LockCleared, SafetyAnswer, SafetyTold, StagePicked
from nudger.core.recovery.values import Values
from nudger.core.recovery.view import View


def day(number: int) -> date:
    return D0 + number * ONE_DAY


def test_the_table_is_in_the_order_of_the_page() -> None:
    ids = [rule.id for rule in rules.TABLE]
    assert [rule for n, rule in enumerate(ids) if rule not in ids[:n]] == [
        *("R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9"),
        *("R10a", "R10b", "R10c", "R11", "R12", "R13", "R14"),
    ]
    second_r4 = ids.index("R4", ids.index("R4") + 1)
    assert ids.index("R9") < second_r4 < ids.index("R10a")  # a plan blocks R10, R12 and R13 only


# --- R1-R3: locks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "tier", "rule"), [("emergency", Tier.EMERGENCY, "R1"), ("urgent", Tier.URGENT, "R2")])
def test_a_safety_answer_locks_at_once_and_freezes_the_stage(said: str, tier: Tier, rule: str) -> None:
    course = Course("build_strength", 2).days(f"2, 2 + {said}")
    assert course.rule == rule
    assert course.lock() is tier
    course.days("9, 9, 0 x30")
    assert (course.rule, course.stage) == ("R3", "build_strength")
    assert course.standing.dwell == 2


def test_an_evening_answer_locks_without_waiting_for_the_morning() -> None:
    course = Course("build_strength", 2).days("2")
    course.evening(2, safety=(SafetyAnswer("E3"),))
    assert course.rule == "R1"
    assert course.wait(1).morning(2).rule == "R3"


def test_a_lock_grows_graver_and_never_milder() -> None:
    course = Course("build_strength", 2).days("2 + urgent")
    course.tell(SafetyTold(frozenset({"E2"})))
    assert course.standing.lock == SafetyLock(Tier.EMERGENCY, frozenset({"U7", "E2"}), first=day(0), latest=day(0))
    course.wait(1).tell(SafetyTold(frozenset({"U1"})))
    assert course.standing.lock == SafetyLock(
        Tier.EMERGENCY, frozenset({"U7", "E2", "U1"}), first=day(0), latest=day(1)
    )


def test_an_offer_is_gone_with_a_lock() -> None:
    course = Course("gentle_start", 2, accept=False).days("2, 2")
    assert course.offer() is not None
    course.tell(SafetyTold(frozenset({"U1"})))
    assert course.offer() is None
    course.answer(yes=True)
    assert course.refused() == "no_offer"


@pytest.mark.parametrize(
    "words", ["picks gentle_start", "picks walk_run", "picks build_strength", "provider sets steady", "flare on"]
)
def test_during_a_lock_nothing_else_is_taken(words: str) -> None:
    course = Course("build_strength", 2).days("2 + urgent")
    before = course.recovery
    assert course.say(words).refused() == "locked"
    assert course.recovery is before


def test_an_emergency_is_refused_in_words_of_its_own() -> None:
    assert Course("build_strength", 2).days("2 + emergency").say("picks gentle_start").refused() == "locked_red"


@pytest.mark.parametrize(
    ("old", "cleared", "after"),
    [
        ("build_strength", "daily_walks", "daily_walks"),
        ("build_strength", "steady", "build_strength"),
        ("daily_walks", "daily_walks", "daily_walks"),
    ],
)
def test_unlocking_leads_to_the_lower_of_both_stages(old: str, cleared: str, after: str) -> None:
    course = Course(old, 2).days(f"2 + emergency, 2 + cleared to {cleared}")
    assert (course.rule, course.stage, course.standing.lock) == ("R3", after, None)
    assert (course.standing.dwell, course.standing.cool_until) == (0, day(4))


def test_an_unlocking_is_not_undone_by_the_person() -> None:
    course = Course("build_strength", 2).days("2 x3, 2 + urgent, 2 + cleared to easy_mobility")
    assert course.say("picks build_strength").refused() == "changed_today"
    assert course.days("2").say("picks build_strength").refused() == "cool"
    stayed = Course("build_strength", 2).days("2 x3, 2 + urgent, 2 + cleared to build_strength")
    assert stayed.standing.change is None


@pytest.mark.parametrize(
    ("said", "key"),
    [
        (LockCleared(D0 + 3 * ONE_DAY, "steady"), "seen_in_future"),
        (LockCleared(D0 + ONE_DAY, "steady"), "seen_before_lock"),
        (LockCleared(D0 + 2 * ONE_DAY, "stedy"), "unknown_stage"),
    ],
)
def test_a_clearance_that_cannot_be_does_not_unlock(said: LockCleared, key: str) -> None:
    course = Course("build_strength", 2).days("2, 2, 2 + urgent")
    assert course.tell(said).refused() == key
    assert course.lock() is not None


def test_there_is_nothing_to_clear_without_a_lock() -> None:
    assert Course("build_strength", 2, doing=None).days("2 + cleared to steady").refused() == "not_locked"


def test_red_runs_scores_and_years_end_no_lock() -> None:
    course = Course("walk_run", 1).days("1 + emergency").know(red_runs=(day(0), day(0)))
    for wait in (1, 40, 400):
        course.wait(wait).morning(1)
        assert course.rule == "R3"
        assert (course.stage, course.standing.offer) == ("walk_run", None)


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


# --- R6: return ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "score", "compared", "stage"),
    [
        (6, 2, None, "build_strength"),
        (7, 3, "same", "build_strength"),
        (7, 3, "more", "build_strength"),
        (7, 4, "same", "easy_mobility"),
        (7, 3, "less", "easy_mobility"),
        (7, 3, None, "easy_mobility"),
        (20, 3, None, "easy_mobility"),
        (21, 3, "same", "build_strength"),
        (21, 3, None, "daily_walks"),  # nobody saw any walking in the last three days
        (21, 7, "same", "gentle_start"),
    ],
)
def test_return(missing: int, score: int, compared: str | None, stage: str) -> None:
    course = Course("build_strength", 2, doing=None).days(f"2 x3, - x{missing}")
    course.wait(1).morning(score, compared=compared)
    assert course.stage == stage
    assert (course.rule == "R6") is (missing >= 7)
    if missing >= 7:
        assert (course.standing.dwell, course.standing.cool_until) == (1, course.today + 3 * ONE_DAY)
        assert ("compared" in course.lacks) is (compared is None)


def test_21_days_place_by_what_was_logged_where_that_is_more() -> None:
    walked = Activity(walks=(Walk(10),), mobility=1)
    for done, stage in [
        ((walked, walked), "build_strength"),
        ((replace(walked, mobility=0),) * 2, "easy_mobility"),
        ((walked,), "daily_walks"),
        ((walked, Activity(walks=(Walk(10, rise=2),))), "gentle_start"),
    ]:
        course = Course("build_strength", 2, doing=None).days("2 x3, - x21")
        for n, each in enumerate(done):
            course.do(each, day=course.day - n)
        assert course.wait(1).morning(2).stage == stage
        assert course.lacks == ["compared", "intake"]


def test_the_three_days_before_a_return_tell_of_function() -> None:
    day_before = Activity(walks=(Walk(10),))
    for ago, sees in [(0, False), (1, True), (2, True), (3, True), (4, False)]:
        days = tuple(Day(day(9) - n * ONE_DAY, activity=day_before) for n in (1, 2))
        move = Day(day(9) - ago * ONE_DAY, activity=Activity(mobility=1, walks=(Walk(10),)))
        stage = placement.by_diary((*(each for each in days if each.on != move.on), move), day(9))
        assert stage == ("build_strength" if sees else "easy_mobility")


def test_who_comes_back_unchanged_is_watched_for_a_week() -> None:
    course = Course("build_strength", 2, doing=None).days("2 x3, - x7").wait(1).morning(2, compared="same")
    assert course.standing.wary_until == course.today + timedelta(days=7)
    assert course.days("2, 2, 5 no").rule == "R10b"


def test_the_answer_may_come_after_the_score() -> None:
    course = Course("build_strength", 2, doing=None).days("2 x3, - x7, 2")
    assert course.stage == "easy_mobility"
    assert course.compare("same").stage == "build_strength"
    assert course.compare("less").stage == "easy_mobility"
    assert course.compare("lots").refused() == "bad_compared"
    assert course.wait(1).compare("same").refused() == "nothing_asked"
    assert Course().days("1").compare("same").refused() == "nothing_asked"


def test_pauses_are_not_missing_days() -> None:
    course = Course("build_strength", 2, doing=None).days("2 x3").pause(3, 9).days("- x10")
    assert course.events_of("HOLD_MISSING") == ["d10 HOLD_MISSING", "d11 HOLD_MISSING", "d12 HOLD_MISSING"]
    assert course.days("2").stage == "build_strength"


def test_days_without_the_program_are_missing_days() -> None:
    course = Course("build_strength", 2, doing=None).days("2 x3").wait(7).days("2")
    assert (course.rule, course.stage) == ("R6", "easy_mobility")


def test_days_before_anything_was_told_are_not_missing() -> None:
    assert Course("build_strength").wait(30).days("2").rule == "R14"
    assert Course("build_strength", 2).wait(30).days("2").rule == "R6"


def test_a_return_on_a_day_with_a_change_changes_nothing_more() -> None:
    course = Course("build_strength", 2, doing=None).days("2 x3, - x7").wait(1)
    course.say("picks easy_mobility").morning(2)
    assert (course.rule, course.stage) == ("R6", "easy_mobility")


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


# --- R9: missing -----------------------------------------------------------------------------------------------------


def test_a_missing_day_holds_and_does_not_count() -> None:
    course = Course("easy_mobility", 2, accept=False).days("2 x3, -")
    assert (course.rule, course.standing.dwell) == ("R9", 3)
    assert course.days("2").offer() is not None
    assert course.days("-").offer() is None


def test_from_the_second_missing_day_demanding_prompts_rest_until_a_check_in() -> None:
    course = Course("build_strength", 2).days("2, -")

    def restrained() -> bool:
        return Values(course.recovery, course.today, daily=False).restrained

    assert not restrained()
    course.wait(1)
    assert not restrained()
    course.noon()
    assert restrained()
    course.wait(1)
    assert restrained()
    course.morning(2)
    assert not restrained()
    course.pause(3, 20).wait(10).noon()
    assert not restrained()


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


# --- R12: progress ---------------------------------------------------------------------------------------------------


def test_an_offer_waits_for_a_yes() -> None:
    course = Course("gentle_start", 2, accept=False).days("2 x10")
    assert (course.rule, course.stage) == ("R12", "gentle_start")
    assert course.standing.offer == Offer("daily_walks", "R12", since=day(1), baseline=2)
    course.answer(yes=True)
    assert (course.stage, course.standing.dwell, course.offer()) == ("daily_walks", 0, None)
    assert course.decision is not None
    assert (course.decision.rule, course.decision.did) == ("R12", Did.ACCEPTED)


def test_a_declined_offer_rests_for_three_days() -> None:
    course = Course("gentle_start", 2, accept=False).days("2, 2").answer(yes=False)
    assert (course.standing.offer, course.stage) == (None, "gentle_start")
    for _ in range(3):
        assert course.days("2").lacks == ["declined"]
    assert course.days("2").rule == "R12"


def test_an_answer_to_an_offer_that_is_gone_is_refused() -> None:
    course = Course("gentle_start", 2, accept=False).days("2")
    assert course.answer(yes=True).refused() == "no_offer"
    assert course.days("2").answer(yes=True, stage="steady").refused() == "no_offer"
    assert course.answer(yes=True, stage="daily_walks").stage == "daily_walks"
    assert course.answer(yes=True).refused() == "no_offer"


def test_an_offer_of_yesterday_needs_todays_score() -> None:
    course = Course("gentle_start", 2, accept=False).days("2, 2").wait(1)
    assert course.answer(yes=True).refused() == "offer_needs_score"
    assert course.morning(2).answer(yes=True).stage == "daily_walks"
    late = Course("gentle_start", 2, accept=False).days("2, 2").wait(1).morning(9)
    assert late.answer(yes=True).refused() == "no_offer"


@pytest.mark.parametrize(
    ("steps", "lacks"),
    [
        ("3, 3, 3", ["scored_days", "mobility_days"]),
        ("3, 3, 3, 3", []),
        ("4, 4, 4, 3, 4", ["usual"]),
        ("3, 3, 3, 5 no, 3", ["worst"]),
        ("3, 3, 3, 1, 3", ["rise"]),
        ("3, 3, 3, -, 1, -, 3", ["rise"]),  # the last morning before today
        ("3, 3, 3, - x5, 3", ["scores"]),
    ],
)
def test_what_is_missing_is_named(steps: str, lacks: list[str]) -> None:
    course = Course("easy_mobility", 3, accept=False).days(steps)
    assert course.lacks == lacks
    assert (course.rule == "R12") is (not lacks)


def test_each_condition_of_progress_is_told_with_its_numbers() -> None:
    course = Course("easy_mobility", 6, doing=None).days("6 + picks daily_walks, 6, 4")
    assert course.decision is not None
    found = {lack.key: (lack.have, lack.want) for lack in course.decision.lacks}
    assert found == {
        "cool": (None, 2),
        "scored_days": (2, 3),
        "usual": (6, 4),
        "worst": (6, 5),
        "goal_days": (0, 0),
        "walks": (0, 2),
    }


def test_a_rise_of_the_morning_is_told() -> None:
    for steps in ("1, 3", "1 x3, 3"):
        course = Course("gentle_start", 1, accept=False).days(steps)
        assert course.decision is not None
        assert course.decision.lacks == (Lack("rise", 2, 1),)


def test_too_few_scores_are_told() -> None:
    course = Course("gentle_start", 1, accept=False).days("1 x3, - x5, 1")
    assert course.decision is not None
    assert course.decision.lacks == (Lack("scores", 1, 2),)


def test_an_evening_alone_says_nothing_of_the_mornings() -> None:
    course = Course("gentle_start", 1, accept=False).days("1 x3").evening(3, False).wait(1).noon()
    assert course.rule == "R12"


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


# --- R13: plateau ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "steps", "offered"),
    [
        ("daily_walks", "6 x13", False),
        ("daily_walks", "6 x14", True),
        ("gentle_start", "7 x14", True),
        ("gentle_start", "8 x14", False),
        ("easy_mobility", "5 x14", False),
        ("daily_walks", "6 x12, 4 no, 6", True),
        ("daily_walks", "6 x12, 3 no, 6", False),  # spread
        ("daily_walks", "6 x7, 3 no, 6 x6", False),
        ("daily_walks", "6 x6, 3 no, 6 x7", True),
        ("daily_walks", "6 x8, - x5, 6 x6", False),  # fewer than 10 in 14 days
        ("daily_walks", "6 x9, - x4, 6 x5", True),
        ("gentle_start", "6 x3, 6 + flare on, 6 x15", False),
        ("gentle_start", "6 x3, 6 + flare on, 6 x16", True),
    ],
)
def test_plateau(stage: str, steps: str, offered: bool) -> None:
    course = Course(stage, 6, accept=False).days(steps)
    assert (course.rule == "R13") is offered
    assert ("N5" in course.banners) is offered


def test_a_plateau_offer_takes_goals_and_gates_and_rests_when_declined() -> None:
    assert Course("daily_walks", 6, accept=False, doing=replace(FULL_DAY, answered=0)).days("6 x20").rule == "R14"
    assert Course("gentle_start", 6, accept=False, doing=replace(FULL_DAY, walks=())).days("6 x20").rule == "R14"
    course = Course("daily_walks", 6, accept=False).days("6 x14").answer(yes=False)
    assert course.days("6 x3").rule == "R14"
    assert course.days("6").rule == "R13"


def test_a_plateau_never_leads_beyond_easy_mobility() -> None:
    course = Course("gentle_start", 7).days("7 x80")
    assert course.stage == "easy_mobility"
    assert course.events == ["d13 PROGRESS", "d27 PROGRESS"]


# --- R14: hold -------------------------------------------------------------------------------------------------------


def test_hold_tells_what_was_seen() -> None:
    course = Course("daily_walks", 5, accept=False).days("5, 4 yes, 6 no")
    assert course.decision is not None
    made = course.decision
    assert (made.day, made.rule, made.did, made.before, made.after) == (day(2), "R14", Did.HELD, *("daily_walks",) * 2)
    assert made.seen == Seen(
        score=6, scores=(5, 4, 6), usual_up=5, usual_down=5, worst=6, baseline=5, impact=False, dwell=3, cool=0, need=3
    )
    assert made.limit is None


def test_at_the_top_nothing_is_missing() -> None:
    assert Course("steady", 1).days("1 x20").lacks == []
