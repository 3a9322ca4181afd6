"""Banners: what is told besides a decision, and how often."""

from __future__ import annotations

import pytest
from recovery_rig import D0, Course


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
