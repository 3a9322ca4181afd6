"""Random courses against the rules: what must never happen to anybody, and what must happen to somebody in the end."""

from __future__ import annotations

import random
from itertools import pairwise
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recovery_rig import FULL_DAY, LADDER, Course

from nudger.core.recovery import placement, rules
from nudger.core.recovery.course import Did
from nudger.core.recovery.diary import Activity
from nudger.core.recovery.told import Facts, FlareTold, LockCleared, SafetyTold, StagePicked

STAGES = [stage.id for stage in LADDER.stages]
RULES = {rule.id for rule in rules.TABLE}
YES = {Did.ACCEPTED, Did.USER_UP, Did.PLAN_SET}
DOWN = {Did.USER_DOWN, Did.RETURNED, Did.FLARE_ENDED, Did.BACKED_OFF, Did.UNLOCKED, Did.PLAN_SET}
DONE = Facts(run_goal_reached=True)


def rung(stage: str) -> int:
    return STAGES.index(stage)


# --- Random courses --------------------------------------------------------------------------------------------------

stages = st.sampled_from(STAGES)
levels = st.integers(0, 10)
impacts = st.sampled_from([None, None, True, False])
words = st.one_of(
    st.builds(StagePicked, stages, st.sampled_from([False, False, False, True])),
    st.builds(FlareTold, st.booleans()),
    st.just(SafetyTold(frozenset({"E1"}))),
    st.just(SafetyTold(frozenset({"U2"}))),
)
steps = st.one_of(
    st.tuples(st.just("days"), levels, st.integers(0, 2), st.integers(1, 9)),
    st.tuples(st.just("days"), st.integers(0, 3), st.just(0), st.integers(3, 16)),
    st.tuples(st.just("missing"), st.integers(1, 9)),
    st.tuples(st.just("say"), words),
    st.tuples(st.just("clear"), stages),
    st.tuples(st.just("correct"), levels, impacts, st.integers(0, 1)),
    st.tuples(st.just("wait"), st.sampled_from([1, 3, 30, 400, -1, -400])),
    st.tuples(
        st.just("red run"),
    ),
    st.tuples(st.just("yes"), st.booleans()),
)
courses = st.builds(
    Course,
    stages,
    st.none() | levels,
    doing=st.sampled_from([FULL_DAY, FULL_DAY, Activity()]),
    accept=st.booleans(),
    running_goal=st.sampled_from([True, False, None]),
    facts=st.just(DONE),
)


def live(course: Course, step: tuple[object, ...], noise: random.Random) -> None:
    """Take one step of a random course."""
    match step:
        case ("days", int(level), int(wobble), int(days)):
            for _ in range(days):
                course.next(min(10, max(0, level + noise.randint(-wobble, wobble))), noise.choice([None, True, False]))
        case ("missing", int(days)):
            course.days(f"- x{days}")
        case ("say", said):
            course.tell(said)  # type: ignore[arg-type]
        case ("clear", str(stage)):
            course.tell(LockCleared(course.today, stage))
        case ("correct", int(pain), bool() | None as impact, int(ago)):
            course.morning(pain, day=course.day - ago, impact=impact)
            course.evening(pain, impact, day=course.day - ago)
        case ("wait", int(days)):
            course.wait(days)
        case ("red run",):
            course.know(red_runs=(*course.facts.red_runs, course.today))
        case ("yes", bool(yes)):
            course.answer(yes=yes)


@settings(max_examples=60)
@given(courses, st.lists(steps, max_size=12), st.integers(0, 2**32))
def test_whatever_happens(course: Course, history: list[tuple[object, ...]], seed: int) -> None:
    noise = random.Random(seed)  # noqa: S311  (chance for a test)
    for step in history:
        live(course, step, noise)
        standing = course.standing
        if standing.lock is not None:
            assert standing.offer is None
        if standing.offer is not None:
            assert standing.offer.stage == placement.one_higher(LADDER, course.stage, course.recovery.running_goal)
            assert (standing.flare, course.rule) == (None, standing.offer.rule)
        assert standing.dwell >= 0

    locked = False
    for _, made in course.log:
        assert made.rule in RULES
        moved = rung(made.after) - rung(made.before)
        assert moved <= 0 or made.did in YES
        assert moved <= (2 if course.recovery.running_goal is False else 1) or made.did is Did.PLAN_SET
        assert moved >= 0 or made.did in DOWN
        if locked:
            assert made.did in {Did.STAYED_LOCKED, Did.UNLOCKED, Did.LOCKED_RED, Did.LOCKED_AMBER}
            assert moved == 0 or made.did is Did.UNLOCKED
        locked = made.did in {Did.LOCKED_RED, Did.LOCKED_AMBER, Did.STAYED_LOCKED}


@settings(max_examples=60)
@given(
    courses, st.lists(steps.filter(lambda step: step[0] not in {"wait", "correct"}), max_size=14), st.integers(0, 2**32)
)
def test_up_is_far_from_down(course: Course, history: list[tuple[object, ...]], seed: int) -> None:
    """Seen from day to day: never up within three days of down, and never up twice a day, unless a provider says so."""
    noise = random.Random(seed)  # noqa: S311
    for step in history:
        live(course, step, noise)
    ends: dict[int, tuple[str, str, bool]] = {}
    for number, made in course.log:
        first = ends[number][0] if number in ends else made.before
        by_provider = made.did is Did.PLAN_SET or (number in ends and ends[number][2])
        ends[number] = (first, made.after, by_provider)
    down: int | None = None
    for number, (first, last, by_provider) in sorted(ends.items()):
        if rung(last) > rung(first) and not by_provider:
            assert down is None or number - down > 3
            assert last == placement.one_higher(LADDER, first, course.recovery.running_goal)
        if rung(last) < rung(first):
            down = number


# --- Constant and steady scores --------------------------------------------------------------------------------------


def reversals(course: Course) -> int:
    moves = [rung(made.after) - rung(made.before) for _, made in course.log if made.after != made.before]
    return sum(first * second < 0 for first, second in pairwise(moves))


@pytest.mark.parametrize("stage", STAGES)
def test_constant_scores_turn_round_once_at_most(stage: str) -> None:
    for score in range(11):
        for intake in {score, max(0, score - 2)}:
            course = Course(stage, intake, facts=DONE, snapshots=False).days(f"{score} no x84")
            assert reversals(course) <= 1, score


@pytest.mark.parametrize("score", [0, 1, 2])
def test_steady_low_scores_climb_to_walk_run_in_the_least_days(score: int) -> None:
    course = Course("gentle_start", score).days(f"{score} x13")
    assert course.stage == "build_strength"
    assert course.days(f"{score}").stage == "walk_run"


@pytest.mark.parametrize(
    ("score", "top"), [(1, "steady"), (2, "walk_run"), (3, "build_strength"), (4, "easy_mobility"), (5, "daily_walks")]
)
def test_everybody_ends_where_their_scores_allow(score: int, top: str) -> None:
    course = Course("gentle_start", score, facts=DONE).days(f"{score} x13")
    assert rung(course.stage) <= rung(top)
    plateau = {"daily_walks": "easy_mobility"}.get(top, top)
    assert course.days(f"{score} x30").stage == plateau


@given(st.lists(st.sampled_from(["6 no x4", "5 yes x3", "- x9", "4 + picks gentle_start", "2 + flare on"]), max_size=4))
@settings(max_examples=15)
def test_whoever_had_a_setback_climbs_in_the_end(setbacks: list[str]) -> None:
    course = Course("build_strength", 2)
    for setback in setbacks:
        course.days(setback)
    assert course.days("1 x60").stage == "walk_run"


def test_a_lock_admits_nothing_until_cleared_and_then_all_goes_on() -> None:
    course = Course("easy_mobility", 1).days("1, 1 + urgent, 1 x60")
    assert (course.stage, course.rule) == ("easy_mobility", "R3")
    course.days("1 + cleared to easy_mobility, 1 x3")
    assert course.stage == "easy_mobility"
    assert course.days("1").stage == "build_strength"


def test_without_a_yes_nobody_climbs() -> None:
    assert Course("gentle_start", 1, accept=False).days("1 x40").stage == "gentle_start"


# --- Many people -----------------------------------------------------------------------------------------------------


def made_up(noise: random.Random) -> Course:
    """Twelve weeks of somebody made up: random level, noise of SD 0-2, drift, 0-30 % missing answers."""
    level, spread, drift, missing = (
        noise.uniform(0, 9),
        noise.uniform(0, 2),
        noise.uniform(-0.08, 0.08),
        noise.uniform(0, 0.3),
    )

    def score() -> int:
        return min(10, max(0, round(level + noise.gauss(0, spread))))

    intake = score()
    course = Course(placement.by_pain(intake), intake, facts=DONE, snapshots=False)
    for _ in range(84):
        course.next(None if noise.random() < missing else score())
        level += drift
    return course


def test_made_up_people_turn_round_about_once() -> None:
    noise = random.Random(20260302)  # noqa: S311
    people = [made_up(noise) for _ in range(60)]
    turns = [reversals(course) for course in people]
    assert mean(turns) < 1.7  # 1.26 on the page, 16.2 for a ladder of single thresholds
    assert max(turns) <= 10
    for course in people:
        moves = [
            (number, rung(made.after) - rung(made.before)) for number, made in course.log if made.after != made.before
        ]
        for (earlier, first), (later, second) in pairwise(moves):
            assert not (first < 0 < second) or later - earlier > 3
    assert sum(turns) > 0
