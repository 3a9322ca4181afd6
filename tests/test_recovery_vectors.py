"""The tables of the specification, row by row: a row here reads like the row there."""

from __future__ import annotations

import shutil
from importlib.resources import as_file
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import pytest
from recovery_rig import LADDER, Course

from nudger.core.recovery import diary, placement
from nudger.core.recovery.course import Did
from nudger.core.recovery.told import Facts
from nudger.library import DATA, LibraryError, read_ladder

# --- The ladder's numbers --------------------------------------------------------------------------------------------

LADDER_ROWS = [
    # stage, enter_max, back_off_at, min_observed_days
    ("gentle_start", 10, None, 2),
    ("daily_walks", 5, 7, 3),
    ("easy_mobility", 4, 6, 4),
    ("build_strength", 3, 5, 5),
    ("walk_run", 2, 4, 14),
    ("steady", 1, 3, None),
]


def test_the_ladder_is_the_one_of_the_page() -> None:
    found = [(s.id, s.enter_max, s.back_off_at, s.min_observed_days) for s in LADDER.stages]
    assert found == LADDER_ROWS
    assert sum(days or 0 for *_, days in LADDER_ROWS[:4]) == 14
    assert (LADDER.flare.back_off_at, LADDER.flare.min_observed_days) == (None, None)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("enter_max: 5", "", "daily_walks: enter_max is missing"),
        ("back_off_at: 7", "back_off_at: high", "daily_walks: back_off_at: expected int, got 'high'"),
        ("    back_off_at: null\n", "", "gentle_start: back_off_at is missing"),
        ("min_observed_days: 14", "min_observed_days: 1.5", "walk_run: min_observed_days: expected int, got 1.5"),
    ],
)
def test_a_damaged_number_of_the_ladder_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    with as_file(DATA) as data:
        folder = shutil.copytree(data, tmp_path / "data")
    ladder = folder / "ladder.yaml"
    text = ladder.read_text(encoding="utf-8")
    assert old in text
    ladder.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LibraryError, match=told):
        read_ladder(folder)


# --- Test vectors ----------------------------------------------------------------------------------------------------

VECTORS = """
| id | start | intake | P by day | events | final stage |
| V1 | gentle_start | 8 | 8, 8, 7, 5, 5, 5 | d5 PROGRESS | daily_walks |
| V2 | daily_walks | 6 | 6 x5 | hold | daily_walks |
| V4 | build_strength | 3 | 3, 5, 5 | d2 BACK_OFF | easy_mobility |
| V6 | build_strength | 2 | 2, 2, 2, 5 yes, 4 yes, 3 no, 2 no | d3 FLARE_ON, d6 FLARE_END | build_strength |
| V7 | build_strength | 2 | 2 x3, 5 yes x5, 2 no x2 | d3 FLARE_ON, d9 FLARE_END | easy_mobility |
| V9 | easy_mobility | 4 | 4, 4, -, -, 4 | d2, d3 HOLD_MISSING | easy_mobility |
| V11 | build_strength | 2 | 2, 2 + emergency, 2, 2 + cleared to daily_walks | d1 LOCK red, d3 UNLOCK | daily_walks |
| V14 | walk_run | 1 | 1, 1 + picks easy_mobility, 1 x4 | d1 USER_DOWN, d5 PROGRESS | build_strength |
| V15 | walk_run | 1 | 1, 1 + 2 red runs | d1 BACK_OFF | build_strength |
| V18 | gentle_start | 6 | 6, 5, 5, 4, 4, 4, 3, 3, 3, 3, 2, 2, 2, 2, 2 | d2, d5, d9, d14 PROGRESS | walk_run |
"""
"""Each value is both the evening and the next morning; goals and gates met; offers accepted; impact where given."""

OURS = """
| what it shows | start | intake | P by day | events | final stage |
| P3 leads down | daily_walks | 5 | 5, 7, 7 | d2 BACK_OFF | gentle_start |
| of two the lower, down | daily_walks | 7 | 7, 7 | d1 BACK_OFF | gentle_start |
| of two the higher, up | gentle_start | 6 | 6, 5, 5 | d2 PROGRESS | daily_walks |
| the bottom is the bottom | gentle_start | 9 | 9 x10 | hold | gentle_start |
| the top is the top | steady | 0 | 0 x20 | hold | steady |
| MX holds for three days | build_strength | 2 | 2 x3, 4, 2, 2, 2 | d6 PROGRESS | walk_run |
| the median decides | daily_walks | 5 | 4, 4, 5, 2, 5, 4 | d2 PROGRESS | easy_mobility |
| need doubles | daily_walks | 5 | 7, 7, 3 x4 | d1 BACK_OFF, d5 PROGRESS | daily_walks |
| a rise of 3, unanswered | build_strength | 2 | 2 x3, 5 | d3 FLARE_ON | build_strength |
| a rise of 3, denied | build_strength | 2 | 2 x3, 5 no | hold | build_strength |
| a rise of 2, unanswered | build_strength | 2 | 2 x3, 4 | hold | build_strength |
| a rise of 2, confirmed | build_strength | 2 | 2 x3, 4 yes | d3 FLARE_ON | build_strength |
| a flare of 3 days | build_strength | 2 | 2 x3, 5 yes x3, 2 x2 | d3 FLARE_ON, d7 FLARE_END | build_strength |
| a flare of 4 days | build_strength | 2 | 2 x3, 5 yes x4, 2 x2 | d3 FLARE_ON, d8 FLARE_END | easy_mobility |
| a flare of 7 days | build_strength | 4 | 4 x3, 6 yes x7, 5, 5 | d3 FLARE_ON, d11 FLARE_END | easy_mobility |
| a flare of 8 days | build_strength | 4 | 4 x3, 6 yes x8, 5, 5 | d3 FLARE_ON, d12 FLARE_END | daily_walks |
| a bad day between | build_strength | 2 | 2 x3, 5 yes, 3, 4, 3, 3 | d3 FLARE_ON, d7 FLARE_END | build_strength |
| impact between | build_strength | 2 | 2 x3, 5 yes, 3, 3 yes, 3, 3 | d3 FLARE_ON, d7 FLARE_END | build_strength |
| a missing day between | build_strength | 2 | 2 x3, 5 yes, 3, -, 3 | d3 FLARE_ON, d6 FLARE_END | build_strength |
| lock amber | build_strength | 2 | 2, 2 + urgent, 2 + cleared to steady | d1 LOCK amber, d2 UNLOCK | build_strength |
| cool | walk_run | 1 | 1 + picks daily_walks, 1 x5 | d0 USER_DOWN, d4 PROGRESS | easy_mobility |
| 6 missing days | build_strength | 2 | 2, - x6, 2 | d1-d6 HOLD_MISSING | build_strength |
| 7 missing days | build_strength | 2 | 2, - x7, 2 | d1-d7 HOLD_MISSING, d8 RETURN | easy_mobility |
| a plateau | daily_walks | 6 | 6 x14 | d13 PROGRESS | easy_mobility |
| no plateau at 8 | daily_walks | 8 | 8 x20 | d1 BACK_OFF | gentle_start |
| down, then by function | daily_walks | 7 | 7 x30 | d1 BACK_OFF, d15, d29 PROGRESS | easy_mobility |
| red runs elsewhere | build_strength | 1 | 1, 1 + 2 red runs | hold | build_strength |
"""
"""More rows in the same notation."""


def rows(table: str) -> list[list[str]]:
    """Return the cells of each row below the heading."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()[1:]]


def happened(course: Course) -> str:
    """Return what happened as the page writes it: ``d2, d5 PROGRESS, d7 BACK_OFF``; ``hold`` for nothing."""
    parts: list[str] = []
    for event, same in groupby((event.split(" ", 1) for event in course.events), key=itemgetter(1)):
        days = [number for number, _ in same]
        parts.append(f"{', '.join(days) if len(days) < 5 else f'{days[0]}-{days[-1]}'} {event}")
    return ", ".join(parts) or "hold"


@pytest.mark.parametrize("row", rows(VECTORS) + rows(OURS), ids=lambda row: row[0])
def test_vector(row: list[str]) -> None:
    _, stage, intake, steps, expected, final = row
    course = Course(stage, int(intake)).days(steps)
    assert happened(course) == expected
    assert course.stage == final


@pytest.mark.parametrize(("steps", "length"), [("2 x3, 5 yes, 4 yes, 3 no, 2 no", 2), ("2 x3, 5 yes x5, 2 no x2", 5)])
def test_v6_and_v7_count_the_flare(steps: str, length: int) -> None:
    course = Course("build_strength", 2).days(steps)
    assert course.decision is not None
    assert (course.decision.did, course.decision.limit) == (Did.FLARE_ENDED, length)


def test_v18_reaches_walk_run_after_14_days_at_the_stages_below() -> None:
    fastest = Course("gentle_start", 0).days("0 x14")
    assert fastest.events == ["d1 PROGRESS", "d4 PROGRESS", "d8 PROGRESS", "d13 PROGRESS"]
    assert fastest.stage == "walk_run"


def test_walk_run_leads_to_steady_by_the_planners_goal_after_14_days() -> None:
    course = Course("walk_run", 1).days("1 x20")
    assert (course.stage, course.lacks) == ("walk_run", ["run_goal"])
    assert course.know(run_goal_reached=True).days("1").stage == "steady"
    assert Course("walk_run", 1, facts=Facts(run_goal_reached=True)).days("1 x13").stage == "walk_run"


# --- 3.3: the starting stage -----------------------------------------------------------------------------------------

BY_PAIN = [
    *((worst, "gentle_start") for worst in range(6, 11)),
    (5, "daily_walks"),
    (4, "easy_mobility"),
    *((worst, "build_strength") for worst in range(4)),
]
BY_FUNCTION = [
    # walks 5 minutes, walks on 2 of 3 days, mobility, cap
    (False, True, True, "gentle_start"),
    (False, False, False, "gentle_start"),
    (True, False, True, "daily_walks"),
    (True, False, False, "daily_walks"),
    (True, True, False, "easy_mobility"),
    (True, True, True, "build_strength"),
]


@pytest.mark.parametrize(("worst", "stage"), BY_PAIN)
def test_placement_by_pain(worst: int, stage: str) -> None:
    assert placement.by_pain(worst) == stage


@pytest.mark.parametrize(("walks_5_min", "walks", "mobility", "cap"), BY_FUNCTION)
def test_placement_by_function(walks_5_min: bool, walks: bool, mobility: bool, cap: str) -> None:
    assert placement.by_function(walks_5_min=walks_5_min, walks=walks, mobility=mobility) == cap


# --- 4: derived values -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "up", "down"),
    [((), None, None), ((4,), None, None), ((4, 6), 6, 4), ((6, 4), 6, 4), ((3, 9, 4), 4, 4), ((7, 7, 1), 7, 7)],
)
def test_usual_score(scores: tuple[int, ...], up: int | None, down: int | None) -> None:
    assert diary.usual(scores, up=True) == up
    assert diary.usual(scores, up=False) == down


@pytest.mark.parametrize(
    ("steps", "recent"),
    [
        ("1, 2, 3, 4", (2, 3, 4)),  # the last three
        ("1, 2, -, -, 3", (1, 2, 3)),  # within five days
        ("1, -, -, -, -, 3", (3,)),  # and not longer
        ("1, 2, -, -, -, 3", (2, 3)),
    ],
)
def test_recent_scores(steps: str, recent: tuple[int, ...]) -> None:
    course = Course("gentle_start", doing=None).days(steps)
    assert course.seen().scores == recent


@pytest.mark.parametrize(
    ("scores", "median"), [((3,), 3), ((3, 1), 2), ((9, 1, 2), 2), ((1, 4, 2, 9), 3), ((5, 1, 4, 2, 9), 4)]
)
def test_median(scores: tuple[int, ...], median: float) -> None:
    assert diary.median(scores) == median


def test_p_is_the_higher_of_evening_and_morning_or_the_one_there_is() -> None:
    course = Course("gentle_start").days("2")
    course.evening(6).wait(1).morning(3)
    assert course.seen().score == 6
    course.wait(1).morning(1)
    assert course.seen().score == 1
    course.evening(5).wait(1).noon()
    assert course.seen().score == 5
    course.wait(1).noon()
    assert course.seen().score is None
    assert course.days("0").seen().score == 0


def test_baseline_looks_back_for_14_days_before_today() -> None:
    course = Course("gentle_start", 6, doing=None).days("3, - x11, 1, 1, 9 no")
    assert course.seen().baseline == 1  # 3, 1 and 1
    assert course.days("9 no").seen().baseline == 1  # 1, 1 and 9
    assert course.days("- x12, 9 no").seen().baseline == 6  # 9 and 9 are too few: the intake's


def test_baseline_is_the_median_of_two_weeks_without_flares_and_locks_or_the_intake() -> None:
    course = Course("easy_mobility", 4, doing=None).days("2, 3")
    assert course.seen().baseline == 4  # two scores are too few: the intake's
    course.days("3, 9 no")
    assert course.seen().baseline == 3  # today's score is not in it
    course.days("3 + flare on, 9, 9, 9, 3, 3, 3 + urgent, 9, 9 + cleared to daily_walks")
    course.days("3")
    assert course.seen().baseline == 3
    course.days("- x14")
    assert course.seen().baseline == 4  # nothing left of them
    assert Course("easy_mobility").days("2, 2, 9 no").seen().baseline is None
