"""R6, R9: days that are missing, and coming back after them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from recovery_rig import ONE_DAY, Course, day

from nudger.core.recovery import placement
from nudger.core.recovery.diary import Activity, Day, Walk
from nudger.core.recovery.values import Values

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
