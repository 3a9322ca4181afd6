"""Days and clocks: each day is judged once, and a clock that is set moves nobody."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from recovery_rig import D0, LADDER, ONE_DAY, Course, day

from nudger.core.recovery import engine, safety, timing

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


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
