"""R12 to R14: offers, what a plateau offers, and what is missing for the next one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from recovery_rig import FULL_DAY, Course, day

from nudger.core.recovery.course import Did, Lack, Offer, Seen

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
