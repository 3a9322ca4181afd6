"""Check-ins: what is refused, what is added up, what a correction changes, and what to spare."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from recovery_rig import FULL_DAY, LADDER, TAGS, Course, day

from nudger.core.recovery import checkins
from nudger.core.recovery.course import Did, Recovery
from nudger.core.recovery.diary import Activity, Score, Walk
from nudger.core.recovery.told import Entry, Refusal, SafetyAnswer

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


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
