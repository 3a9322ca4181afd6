"""Safety answers: which of them lock, and when the list is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from recovery_rig import D0, LADDER, Course

from nudger.core.recovery import checkins, safety
from nudger.core.recovery.course import Tier
from nudger.core.recovery.told import SafetyAnswer

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


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
