"""R1 to R3: what a safety answer locks, and what alone unlocks it again."""

from __future__ import annotations

import pytest
from recovery_rig import D0, ONE_DAY, Course, day

from nudger.core.recovery.course import SafetyLock, Tier
from nudger.core.recovery.told import LockCleared, SafetyAnswer, SafetyTold

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
