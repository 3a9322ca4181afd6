"""Intake: where somebody begins, and what a later one can change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from recovery_rig import D0, LADDER, ONE_DAY, Course

from nudger.core.recovery import intake
from nudger.core.recovery.course import SafetyLock, Tier
from nudger.core.recovery.told import IntakeAnswers, Refusal, SafetyAnswer

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
