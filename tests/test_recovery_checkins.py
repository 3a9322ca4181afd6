"""What comes in day by day: check-ins and their corrections, safety answers, intake, pauses, and clocks that jump."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from recovery_rig import D0, FULL_DAY, LADDER, ONE_DAY, TAGS, Course

from nudger.core.recovery import checkins, engine, intake, safety, timing
from nudger.core.recovery.course import Did, Recovery, SafetyLock, Tier
from nudger.core.recovery.diary import Activity, Score, Walk
from nudger.core.recovery.told import Entry, IntakeAnswers, Refusal, SafetyAnswer

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def day(number: int) -> date:
    return D0 + number * ONE_DAY


# --- Bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"pain": 11}, "bad_score"),
        ({"pain": -1}, "bad_score"),
        ({"pain": 5.5}, "bad_score"),
        ({"pain": 5.0}, "bad_score"),
        ({"pain": "5.5"}, "bad_score"),
        ({"pain": "5"}, "bad_score"),
        ({"pain": True}, "bad_score"),
        ({"pain": None}, "bad_score"),
        ({"pain": [5]}, "bad_score"),
        ({"when": "noon"}, "bad_when"),
        ({"impact": "yes"}, "bad_impact"),
        ({"impact": 1}, "bad_impact"),
        ({"compared": "lots"}, "bad_compared"),
        ({"tags": frozenset({"knee", "nees"})}, "unknown_tag"),
        ({"day": day(6)}, "day_in_future"),
        ({"day": day(3)}, "day_too_old"),
        ({"day": day(-2)}, "day_too_old"),
        ({"safety": (SafetyAnswer("E8"),)}, "unknown_safety_item"),
        ({"safety": (SafetyAnswer("U3", seen_on=day(6)),)}, "seen_in_future"),
    ],
)
def test_a_bad_check_in_is_refused_and_changes_nothing(changed: dict[str, Any], key: str) -> None:
    course = Course("daily_walks", 4).days("4 x6")
    good = Entry(day(5), "evening", 4, impact=False, tags=frozenset({"knee"}), safety=(), compared="less")
    taken = checkins.check_in(LADDER, course.recovery, good, course.today, TAGS)
    assert isinstance(taken, Recovery)
    refused = checkins.check_in(LADDER, course.recovery, replace(good, **changed), course.today, TAGS)
    assert isinstance(refused, Refusal)
    assert refused.key == key


@pytest.mark.parametrize(
    ("done", "number", "key"),
    [
        (Activity(walks=(Walk(0),)), 5, "bad_minutes"),
        (Activity(walks=(Walk(-5),)), 5, "bad_minutes"),
        (Activity(walks=(Walk(1441),)), 5, "bad_minutes"),
        (Activity(walks=(Walk(5, pain=11),)), 5, "bad_score"),
        (Activity(strength=1), 6, "day_in_future"),
        (Activity(strength=1), 3, "day_too_old"),
    ],
)
def test_a_bad_log_is_refused(done: Activity, number: int, key: str) -> None:
    course = Course("daily_walks", 4).days("4 x6").do(done, day=number)
    assert course.refused() == key


def test_a_walk_lasts_from_a_minute_to_a_day() -> None:
    assert Course().days("4").do(Activity(walks=(Walk(1, pain=0), Walk(1440, pain=10)))).refusal is None


def test_what_was_done_adds_up() -> None:
    done = Activity(
        monitored=HOUR, windows=2, answered=1, chores=1, walks=(Walk(3),), mobility=1, comfortable=1, strength=1
    )
    course = Course().days("4").do(done).do(replace(done, run=True))
    expected = replace(
        FULL_DAY, monitored=8 * HOUR, windows=14, answered=11, chores=4, mobility=4, comfortable=4, strength=3
    )
    assert course.recovery.days[-1].activity == replace(expected, walks=(*FULL_DAY.walks, Walk(3), Walk(3)), run=True)
    assert course.recovery.days[-1].activity.walking_min == 38


# --- Corrections -----------------------------------------------------------------------------------------------------


def test_a_corrected_morning_is_judged_anew() -> None:
    course = Course("build_strength", 4).days("4 x3").wait(1).evening(4, day=2).morning(9)
    assert course.flare()
    course.morning(4)
    assert (course.standing.flare, course.standing.dwell, course.rule) == (None, 4, "R14")
    course.morning(9, impact=False)
    assert course.rule == "R14"


def test_a_back_off_by_a_mistyped_score_is_taken_back() -> None:
    course = Course("build_strength", 4, doing=None).days("4, 5 no").wait(1).evening(4, day=1).morning(6)
    assert (course.stage, course.rule) == ("easy_mobility", "R10c")
    course.morning(4)
    assert (course.stage, course.standing.back_offs, course.standing.cool_until) == ("build_strength", (), None)


def test_the_evening_before_may_be_told_after_the_morning() -> None:
    course = Course("build_strength", 4).days("4, 5").wait(1).morning(4)
    assert course.rule == "R14"
    course.evening(6, False, day=1)
    assert (course.rule, course.stage) == ("R10c", "easy_mobility")


def test_noon_without_a_check_in_is_made_up_for_by_a_late_one() -> None:
    course = Course("easy_mobility", 2).days("2 x3").wait(1).noon()
    assert (course.rule, course.standing.dwell) == ("R9", 3)
    course.morning(2)
    assert (course.rule, course.standing.dwell) == ("R12", 4)


def test_yesterday_can_be_corrected_before_todays_check_in_and_after() -> None:
    course = Course("easy_mobility", 2, accept=False).days("2 x3, -").wait(1).morning(2, day=3)
    assert (course.rule, course.standing.dwell) == ("R12", 4)
    assert course.decision is not None
    assert course.decision.day == day(3)
    course.morning(3)
    assert course.seen().scores == (2, 2, 3)
    course.morning(1, day=3)
    assert course.seen().scores == (2, 1, 3)
    course.morning(4, day=3)
    assert course.seen().scores == (2, 4, 3)
    assert course.decision.day == day(4)


def test_an_evening_of_today_waits_for_tomorrow() -> None:
    course = Course("daily_walks", 3).days("3, 3")
    before = course.decision
    course.evening(9, True)
    assert course.decision is before
    assert course.wait(1).noon().rule == "R7"


def test_a_yes_holds_when_the_corrected_score_brings_the_same_offer() -> None:
    course = Course("gentle_start", 2, doing=None).days("2").do(FULL_DAY).days("2")
    assert course.stage == "daily_walks"
    course.morning(3)
    assert (course.stage, course.decision.did) == ("daily_walks", Did.ACCEPTED)  # type: ignore[union-attr]
    course.morning(8, impact=False)
    assert (course.stage, course.rule) == ("gentle_start", "R14")


def test_a_no_holds_too() -> None:
    course = Course("gentle_start", 2, accept=False).days("2, 2").answer(yes=False).morning(1)
    assert (course.standing.offer, course.standing.declined_until) == (None, day(4))


def test_nothing_is_judged_anew_once_the_person_has_moved_things() -> None:
    for words in ("picks daily_walks", "flare on"):
        course = Course("easy_mobility", 4, accept=False).days("4 x2").say(words)
        standing = course.standing
        course.morning(9)
        assert course.standing == standing
        assert course.recovery.days[-1].morning == Score(9)


def test_a_lock_outlives_every_correction() -> None:
    course = Course("easy_mobility", 4).days("4, 4 + emergency").morning(0, safety=()).evening(0, day=0)
    assert course.lock() is not None
    assert course.wait(1).morning(1).morning(2).lock() is not None


def test_a_second_check_in_of_the_day_can_lock() -> None:
    course = Course("easy_mobility", 4).days("4, 4").morning(4, safety=(SafetyAnswer("U2"),))
    assert course.rule == "R2"


# --- Safety ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "seen", "tier"),
    [
        (SafetyAnswer("E1"), False, Tier.EMERGENCY),
        (SafetyAnswer("E7"), True, Tier.EMERGENCY),
        (SafetyAnswer("E5", seen_on=D0), False, None),  # the fall that has been seen about
        (SafetyAnswer("U7"), False, Tier.URGENT),
        (SafetyAnswer("U9"), True, Tier.URGENT),
        (SafetyAnswer("U1", seen_on=D0), False, None),
        (SafetyAnswer("U3"), False, Tier.URGENT),
        (SafetyAnswer("U3"), True, None),
        (SafetyAnswer("U5"), True, None),
        (SafetyAnswer("U6"), True, None),
        (SafetyAnswer("U4"), True, Tier.URGENT),
    ],
)
def test_which_answers_lock(answer: SafetyAnswer, seen: bool, tier: Tier | None) -> None:
    course = Course("easy_mobility", 4).days("4")
    course.recovery = replace(course.recovery, seen=seen)
    course.take(checkins.answer_safety(LADDER, course.recovery, (answer,), course.today))
    lock = course.standing.lock
    assert (lock.tier if lock else None) is tier


def test_the_lists_have_seven_and_nine_items() -> None:
    assert [*safety.ITEMS] == [*(f"E{n}" for n in range(1, 8)), *(f"U{n}" for n in range(1, 10))]


def test_seen_about_today_counts_on_both_sides_of_a_lock() -> None:
    course = Course("easy_mobility", 4, doing=None).days("4, 4")
    course.take(
        checkins.answer_safety(LADDER, course.recovery, (SafetyAnswer("U1", seen_on=course.today),), course.today)
    )
    assert course.lock() is None
    course.take(checkins.answer_safety(LADDER, course.recovery, (SafetyAnswer("U1"),), course.today))
    assert course.lock() is Tier.URGENT
    assert course.say("cleared to easy_mobility").lock() is None


def test_bad_safety_answers_are_refused() -> None:
    course = Course().days("4")
    course.take(checkins.answer_safety(LADDER, course.recovery, (SafetyAnswer("U10"),), course.today))
    assert course.refused() == "unknown_safety_item"


def test_the_list_is_asked_weekly_in_the_evening_and_never_twice_in_a_day() -> None:
    recovery = Course().days("4").recovery
    assert safety.question(recovery, NOON) is None
    assert safety.question(recovery, NOON, evening=True) == "weekly"
    recovery = safety.asked(recovery, NOON)
    assert safety.question(recovery, NOON + timedelta(days=7) - HOUR, evening=True) is None
    assert safety.question(recovery, NOON + timedelta(days=7), evening=True) == "weekly"
    recovery = safety.due(recovery, "red_run")
    assert safety.question(recovery, NOON + 23 * HOUR) is None
    assert safety.question(recovery, NOON + 24 * HOUR) == "red_run"
    assert safety.question(safety.answered(recovery), NOON + 24 * HOUR) is None


@pytest.mark.parametrize(
    ("steps", "due"),
    [
        ("2 x3", None),
        ("2 x3, 2 + flare on", "flare"),
        ("2 x3, 5", "flare"),
        ("8", "high"),
        ("8, 8", None),
        ("7, 8", "high"),
        ("8, 7, 8", "high"),
        ("2, - x7, 2", "return"),
    ],
)
def test_what_makes_the_list_due(steps: str, due: str | None) -> None:
    *before, last = steps.split(", ")
    course = Course("build_strength" if due != "high" else "gentle_start", 7 if due == "high" else 2)
    if before:
        course.days(", ".join(before))
    course.recovery = safety.answered(course.recovery)
    course.days(last)
    assert course.recovery.safety_due == due


def test_new_leg_symptoms_make_the_list_due_and_an_answer_settles_it() -> None:
    legs = frozenset({"leg_symptoms"})
    course = Course("daily_walks", 3).days("3").evening(3, tags=legs)
    assert course.recovery.safety_due == "leg"
    assert course.wait(1).morning(3, tags=legs, safety=()).recovery.safety_due is None
    course.evening(3)
    assert course.wait(1).morning(3, tags=legs).recovery.safety_due is None
    assert course.wait(2).morning(3, tags=legs).recovery.safety_due == "leg"
    course.take(checkins.answer_safety(LADDER, course.recovery, (), course.today))
    assert course.recovery.safety_due is None


# --- What to spare ---------------------------------------------------------------------------------------------------


def test_tags_hold_for_the_day_and_until_the_next_is_told_of() -> None:
    course = Course("daily_walks", 1)
    assert course.wait(1).tags == frozenset()
    assert course.morning(2, tags=frozenset({"knee"})).tags == {"knee"}
    assert course.evening(2).tags == {"knee"}
    assert course.evening(2, tags=frozenset({"hip"})).tags == {"hip"}
    assert course.wait(1).tags == {"hip"}
    assert course.wait(1).tags == frozenset()
    assert course.morning(3).tags == {"pain_over_2"}
    assert course.wait(1).do(FULL_DAY).wait(-1).tags == {"pain_over_2"}
    assert course.evening(4).tags == {"pain_over_2"}
    assert course.evening(5).tags == {"pain_over_2", "pain_over_4"}
    assert course.wait(9).tags == {"pain_over_2", "pain_over_4"}


# --- Intake ----------------------------------------------------------------------------------------------------------

GOOD = IntakeAnswers(worst=4, walks_5_min=True, walks=True, mobility=True, seen=True, running_goal=True)


def take(course: Course, **changed: Any) -> Course:
    return course.take(
        intake.take_intake(LADDER, course.recovery, replace(GOOD, **changed), D0 + max(0, course.day) * ONE_DAY)
    )


@pytest.mark.parametrize(
    ("changed", "stage"),
    [
        ({}, "easy_mobility"),
        ({"worst": 0}, "build_strength"),
        ({"worst": 10}, "gentle_start"),
        ({"worst": 2, "mobility": False}, "easy_mobility"),
        ({"worst": 5, "mobility": False}, "daily_walks"),
        ({"worst": 0, "walks": False}, "daily_walks"),
        ({"worst": 0, "walks_5_min": False}, "gentle_start"),
    ],
)
def test_intake_places_by_the_lower_of_pain_and_function(changed: dict[str, Any], stage: str) -> None:
    course = take(Course(), **changed)
    assert (course.stage, course.rule, course.standing.dwell, course.standing.change) == (stage, "intake", 0, None)
    assert (course.recovery.intake, course.recovery.began) == (changed.get("worst", 4), D0)
    assert (course.recovery.running_goal, course.recovery.seen) == (True, True)


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"worst": 11}, "bad_score"),
        ({"worst": "4"}, "bad_score"),
        ({"safety": (SafetyAnswer("X1"),)}, "unknown_safety_item"),
    ],
)
def test_a_bad_intake_is_refused(changed: dict[str, Any], key: str) -> None:
    course = take(Course(), **changed)
    assert (course.refused(), course.stage) == (key, "gentle_start")


def test_a_safety_answer_at_intake_locks_before_anything_else_comes() -> None:
    course = take(Course(), worst=1, safety=(SafetyAnswer("U3"), SafetyAnswer("U1")))
    assert (course.rule, course.stage) == ("R2", "build_strength")
    assert course.standing.lock == SafetyLock(Tier.URGENT, frozenset({"U1"}), first=D0, latest=D0)
    assert take(course).refusal == Refusal("locked")
    assert take(Course(), seen=False, safety=(SafetyAnswer("U3"),)).lock() is not None


def test_a_later_intake_never_leads_up() -> None:
    course = take(Course(), worst=5).days("5 x2")
    assert course.stage == "daily_walks"
    assert take(course, worst=0).stage == "daily_walks"
    assert course.recovery.intake == 0
    assert take(course, worst=9).stage == "gentle_start"
    assert course.standing.cool_until is not None


@pytest.mark.parametrize(
    "steps",
    [
        "5 + picks gentle_start",
        "5 + flare on",
        "5 + urgent, 5 + cleared to daily_walks",
        "- + provider sets daily_walks",
    ],
)
def test_nor_does_the_first_after_a_step_down_a_flare_a_lock_or_by_a_providers_plan(steps: str) -> None:
    course = Course("daily_walks").days(steps)
    stage = course.stage
    assert take(course, worst=0).stage == stage
    assert take(course, worst=9).stage == ("daily_walks" if "provider" in steps else "gentle_start")


def test_the_first_intake_may_come_late_and_lead_up() -> None:
    assert take(Course().days("- x9"), worst=0).stage == "build_strength"
    climbed = Course().days("2, 2")
    assert climbed.stage == "daily_walks"
    assert take(climbed, worst=0).stage == "daily_walks"  # one change a day
    assert take(climbed.wait(1), worst=0).stage == "daily_walks"  # no longer the first


def test_a_running_goal_can_change_and_takes_its_offer_along() -> None:
    course = Course("build_strength", 1, accept=False, running_goal=None).days("1 x6")
    assert course.lacks == ["running_goal"]
    course.take(intake.set_running_goal(course.recovery, wanted=True)).days("1")
    assert course.offer() is not None
    course.take(intake.set_running_goal(course.recovery, wanted=False))
    assert course.offer() is None
    assert Course("steady", 1, running_goal=None).days("4 no x2").stage == "build_strength"
    assert Course("steady", 1).days("4 no x2").stage == "walk_run"


# --- Banners ---------------------------------------------------------------------------------------------------------


def shown(course: Course) -> list[str]:
    """The banners of the whole course, each with its day."""
    return [f"d{number} {banner}" for number, made in course.log for banner in made.banners]


@pytest.mark.parametrize(
    ("stage", "intake_score", "steps", "banners_shown"),
    [
        ("gentle_start", 7, "7 x6, 6", []),
        ("gentle_start", 7, "7 x7", ["d6 N1"]),
        ("gentle_start", 7, "7 x3, -, 7 x4", ["d7 N1"]),
        ("gentle_start", 8, "8 x25", ["d6 N1", "d20 N1"]),
        ("daily_walks", 5, "5 x42", []),
        ("daily_walks", 5, "5 x43", ["d42 N2"]),
        ("daily_walks", 7, "5 x43", []),  # better by 2 points
        ("easy_mobility", 5, "5, 3 x42", []),
        ("daily_walks", 6, "4 x43", []),  # 30 %
        ("daily_walks", 6, "5 x43", ["d42 N2"]),
        ("daily_walks", 4, "3 no x43", []),  # not high any more
        ("gentle_start", 5, "6, - x41, 5", []),  # too few scores to tell
        ("build_strength", 2, "2 x3, 6 yes x7", []),
        ("build_strength", 2, "2 x3, 6 yes x8", ["d10 N3"]),
        ("build_strength", 2, "2 x3, 6 yes x22", ["d10 N3", "d24 N3"]),
        ("build_strength", 2, "2, 2 + flare on, 2 x2, 2 + flare on, 2 x2, 2", []),
        ("build_strength", 2, "2, 2 + flare on, 2 x2, 2 + flare on, 2 x2, 2 + flare on, 2", ["d8 N6"]),
        ("gentle_start", 8, "8 x3, 8 + urgent, 8 x9", []),
    ],
)
def test_banners(stage: str, intake_score: int, steps: str, banners_shown: list[str]) -> None:
    course = Course(stage, intake_score, doing=None, running_goal=False).days(steps)
    assert shown(course) == banners_shown


@pytest.mark.parametrize(("first", "due"), [(28, []), (29, ["d42 N2"])])
def test_the_median_of_six_weeks_is_that_of_14_days_with_3_scores(first: int, due: list[str]) -> None:
    course = Course("daily_walks", 5, doing=None).pause(0, 99)
    course.days(f"- x{first}, 5, - x{40 - first}, 5, 5")
    assert shown(course) == due


@pytest.mark.parametrize(("quiet", "due"), [(17, ["d28 N6"]), (18, [])])
def test_three_flares_in_28_days(quiet: int, due: list[str]) -> None:
    course = Course("build_strength", 2, doing=None).days("2, 2 no + flare on, 2 x7, 2 + flare on, 2")
    assert shown(course.days(f"2 x{quiet}").wait(1).evening(9, True, day=course.day - 1).morning(9)) == due


def test_two_red_runs_show_a_banner() -> None:
    course = Course("walk_run", 1).days("1").know(red_runs=(D0, D0)).days("1 x20")
    assert shown(course) == ["d1 N4"]


def test_somebody_without_pain_at_the_start_has_not_improved() -> None:
    assert shown(Course("daily_walks", 0, doing=None).days("4 no x43")) == ["d42 N2"]


def test_a_banner_is_not_shown_again_by_a_correction() -> None:
    course = Course("gentle_start", 7).days("7 x7").morning(8)
    assert shown(course) == ["d6 N1"]


def test_six_weeks_begin_with_the_first_score_where_there_was_no_intake() -> None:
    assert shown(Course("gentle_start", doing=None).days("6 x42")) == [
        "d41 N2"
    ]  # the first was told of the evening before


@pytest.mark.parametrize(
    ("steps", "evening", "morning", "asked"),
    [
        ("0 x31", 2, 2, True),
        ("1 x31", 3, 2, True),
        ("1 x31", 2, 1, False),
        ("1 x31", 1, 2, False),
        ("0 x10", 2, 2, False),
        ("2 no, 0 x29", 2, 2, False),
        ("2 no, 0 x30", 2, 2, True),
        ("0 x15", 2, 2, True),
        ("0 x14", 2, 2, False),
    ],
)
def test_a_new_episode_is_asked_about_after_a_month_free_of_pain(
    steps: str, evening: int, morning: int, asked: bool
) -> None:
    course = Course("steady", 1).days(steps).evening(evening, False).wait(1).morning(morning)
    assert ("new_episode" in course.lacks) is asked
    if asked:
        assert "new_episode" not in course.days("2 no").lacks
    other = Course("walk_run", 1).days(steps).evening(evening, False).wait(1).morning(morning)
    assert "new_episode" not in other.lacks


# --- Days and clocks -------------------------------------------------------------------------------------------------


def test_a_day_is_evaluated_once() -> None:
    course = Course("easy_mobility", 2).days("2 x3")
    before = course.recovery
    assert course.noon().recovery is before


def test_begin_knows_nothing() -> None:
    recovery = engine.begin("gentle_start", D0)
    judged = engine.evaluate(LADDER, recovery, D0)
    assert judged.standing.decision is not None
    assert judged.standing.decision.rule == "R9"


def test_old_days_are_forgotten() -> None:
    course = Course("gentle_start", 8).days("8 x60")
    assert len(course.recovery.days) == 42
    course.days("8 + flare on").wait(1).say("flare off").wait(1).say("flare on").wait(60).say("flare off")
    assert len(course.standing.flares) == 1
    course.pause(0, 1)
    assert len(timing.pause(course.recovery, D0 + 200 * ONE_DAY, D0 + 201 * ONE_DAY).pauses) == 1


def test_a_pause_can_end_early() -> None:
    course = Course("gentle_start", 3, doing=None).days("3").pause(1, 20).days("- x3")
    assert course.rule == "R14"
    course.take(timing.resume(course.recovery, D0 + 4 * ONE_DAY)).days("-")
    assert course.rule == "R9"
    assert [(spell.first, spell.last) for spell in course.recovery.pauses] == [(day(1), day(3))]
    course.pause(10, 12).take(timing.resume(course.recovery, day(5)))
    assert len(course.recovery.pauses) == 1


@pytest.mark.parametrize("jump", [365, -1, -20500, 20500])
def test_a_clock_that_was_set_moves_nothing_and_back_again_restores_all(jump: int) -> None:
    course = Course("build_strength", 2, accept=False).days("2, 2 + flare on, 2, 2, 2 + urgent").pause(8, 9)
    before = safety.asked(course.recovery, NOON)
    there, today = timing.set_clock(before, day(4), day(4 + jump)), day(4 + jump)
    assert timing.set_clock(there, today, day(4)) == before
    after = engine.evaluate(LADDER, there, today + ONE_DAY)
    expected = engine.evaluate(LADDER, before, day(5))
    assert timing.set_clock(after, today, day(4)) == expected
    assert (after.standing.stage, after.standing.lock is None) == ("build_strength", False)


def test_a_check_in_after_a_jump_finds_no_days_missing() -> None:
    course = Course("build_strength", 2, accept=False).days("2 x3")
    course.take(timing.set_clock(course.recovery, day(2), day(367)))
    course.wait(365).days("2")
    assert (course.rule, course.stage, course.standing.dwell) == ("R14", "build_strength", 4)


def test_days_told_by_a_right_clock_stay_when_a_wrong_one_is_set_right() -> None:
    recovery = Course("build_strength", 2).days("2 x3").recovery
    assert timing.set_clock(recovery, day(400), day(3)) is recovery
    fresh = engine.begin("gentle_start", D0)
    assert timing.set_clock(fresh, day(0), day(400)) is fresh


@pytest.mark.parametrize("jump", [1, 2, 7, 365, 20500])
def test_a_jump_that_nobody_noticed_is_one_evaluation_and_moves_nothing(jump: int) -> None:
    for steps in ("2 x3", "2, 2, 2 + emergency", "2, 2, 2 + flare on"):
        course = Course("build_strength", 2, accept=False).days(steps)
        entries = len(course.log)
        stage, lock, flare = course.stage, course.standing.lock, course.standing.flare
        course.wait(jump).noon().noon()
        assert len(course.log) == entries + 1
        assert (course.stage, course.standing.lock, course.standing.flare) == (stage, lock, flare)
        assert course.offer() is None


def test_a_clock_that_went_back_waits_until_it_has_caught_up() -> None:
    course = Course("build_strength", 2, accept=False).days("2 x5").wait(-20000)
    before = course.recovery
    assert course.noon().recovery is before
    course.evening(2)
    assert course.refused() == "day_too_old"
    course.say("picks easy_mobility")
    assert (course.stage, course.standing.cool_until) == ("easy_mobility", day(7))
    assert course.wait(20001).noon().log[-1][0] == 5


def test_an_offer_does_not_outlive_a_jump() -> None:
    course = Course("gentle_start", 2, accept=False).days("2, 2").wait(365).answer(yes=True)
    assert (course.refused(), course.stage) == ("offer_needs_score", "gentle_start")
