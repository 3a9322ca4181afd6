"""Sessions as they come in: what is taken, what is refused and why, and the colour of each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from running_rig import CLEAN, ONE_DAY, RUNS, Runner, on, told

from nudger.core.recovery.course import Recovery
from nudger.core.recovery.diary import Spell
from nudger.core.recovery.told import Refusal
from nudger.core.running.runs import Run, SessionEntry
from nudger.core.running.sessions import (
    COLOURS,
    Colour,
    colour,
    log_session,
    missing,
    rise,
    safety_reason,
)
from nudger.core.running.steps import Plan
from nudger.library import load_language

TODAY = on("9 Mar")
HELD = (told("4 Mar step 2 during 2"), told("7 Mar step 3 green"))


def log(
    day: str, *, runs: tuple[Run, ...] = HELD, plan: Plan | None = None, correct: bool = False, **fields: Any
) -> tuple[Run, ...] | Refusal:
    """Log a session with these fields; step 1 unless told otherwise."""
    entry = SessionEntry(on(day), **({} if correct else {"step": 1}) | fields)
    return log_session(plan or Plan(), runs, entry, recovery(), TODAY, correct=correct)


def recovery() -> Recovery:
    """The diary of somebody without a lock."""
    return Runner().recovery(TODAY)


def taken(outcome: tuple[Run, ...] | Refusal) -> tuple[Run, ...]:
    """The runs, which were taken in."""
    assert isinstance(outcome, tuple), outcome
    for run in outcome:
        assert RUNS.load(RUNS.dump(run)) == run
    return outcome


# --- What is taken ---------------------------------------------------------------------------------------------------


def test_a_session_takes_its_place_among_the_runs() -> None:
    runs = taken(log("6 Mar", step=3, pre=1, during=1, limb=0, completed=True, feel="good", minutes=5))
    assert [run.day for run in runs] == [on("4 Mar"), on("6 Mar"), on("7 Mar")]
    assert runs[1] == Run(on("6 Mar"), 3, minutes=5, pre=1, during=1, limb=0, completed=True, feel="good", rise=0)


def test_what_is_not_told_is_none() -> None:
    assert taken(log("9 Mar"))[-1] == Run(TODAY, 1)


def test_a_correction_leaves_what_is_not_told_again() -> None:
    runs = taken(log("4 Mar", correct=True, during=1, feel="so-so"))
    assert runs[0] == replace(HELD[0], during=1, feel="so-so", rise=0)
    assert runs[1] == replace(HELD[1], rise=0)
    assert taken(log("7 Mar", correct=True, step=2, completed=False))[1].step == 2


@pytest.mark.parametrize("day", ["9 Mar", "3 Mar"])
def test_the_last_seven_days_can_be_told_of(day: str) -> None:
    assert len(taken(log(day))) == 3


@pytest.mark.parametrize(("target", "step"), [(None, 17), (30, 27)])
def test_steps_exist_up_to_the_own_target(target: int | None, step: int) -> None:
    plan = Plan(target_min=target)
    assert taken(log("9 Mar", plan=plan, step=step))[-1].step == step
    refusal = log("9 Mar", plan=plan, step=step + 1)
    assert isinstance(refusal, Refusal)
    assert (refusal.key, refusal.data) == ("session_step", {"value": step + 1, "count": step})


# --- What is refused -------------------------------------------------------------------------------------------------

REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("10 Mar", {}, "session_in_future"),
    ("10 Mar", {"correct": True}, "session_in_future"),
    ("2 Mar", {}, "session_too_old"),
    ("7 Mar", {}, "session_twice"),
    ("8 Mar", {"correct": True}, "session_nothing_to_correct"),
    ("9 Mar", {"step": None}, "session_no_step"),
    *[("9 Mar", {"step": value}, "session_step") for value in (0, -1, 18, True, "1", 1.0)],
    ("7 Mar", {"correct": True, "step": 18}, "session_step"),
    *[("9 Mar", {"minutes": value}, "session_minutes") for value in (-1, 1441, True, "20", 5.5)],
    *[("9 Mar", {name: "5.5"}, "session_score") for name in ("pre", "during", "limb")],
    *[("9 Mar", {"during": value}, "session_score") for value in (-1, 11, 5.5, True, "5", [5])],
    *[("9 Mar", {name: "yes"}, "session_yes_no") for name in ("completed", "stopped_pain", "spreading")],
    ("9 Mar", {"completed": 1}, "session_yes_no"),
    *[("9 Mar", {"feel": value}, "session_feel") for value in ("great", "Good", 3, ["good"])],
]


@pytest.mark.parametrize(("day", "fields", "key"), REFUSED, ids=str)
def test_what_cannot_be_is_refused_with_a_sentence(day: str, fields: dict[str, Any], key: str) -> None:
    refusal = log(day, **fields)
    assert isinstance(refusal, Refusal)
    assert refusal.key == key
    for language in ("en", "de"):
        assert load_language(language).texts[f"refuse.{key}"].format(**refusal.data)


def test_a_day_of_a_lock_holds_no_session() -> None:
    runner = Runner().lock("8 Mar")
    for day, key in (("7 Mar", None), ("8 Mar", "session_locked"), ("9 Mar", "session_locked")):
        outcome = log_session(Plan(), (), SessionEntry(on(day), 1), runner.recovery(TODAY), TODAY)
        assert (outcome.key if isinstance(outcome, Refusal) else None) == key
    over = Runner()
    over.standing = replace(over.standing, locks=(Spell(on("4 Mar"), on("6 Mar")),))
    for day, key in (("3 Mar", None), ("4 Mar", "session_locked"), ("6 Mar", "session_locked"), ("7 Mar", None)):
        outcome = log_session(Plan(), (), SessionEntry(on(day), 1), over.recovery(TODAY), TODAY)
        assert (outcome.key if isinstance(outcome, Refusal) else None) == key


# --- The next morning ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "known", "dm"),
    [(1, 3, None, 2), (3, 1, None, -2), (None, 1, None, None), (1, None, None, None), (1, None, 2, 2), (1, 3, 0, 2)],
)
def test_the_rise_is_between_the_two_mornings(
    before: int | None, after: int | None, known: int | None, dm: int | None
) -> None:
    days = Runner().morning("7 Mar", before).morning("8 Mar", after).recovery(TODAY).days
    assert rise(replace(CLEAN, day=on("7 Mar"), rise=known), days) == dm


# --- Colours ---------------------------------------------------------------------------------------------------------

COLOUR_ROWS: list[tuple[dict[str, Any], int | None, Colour]] = [
    ({}, 0, Colour.GREEN),
    ({"stopped_pain": True}, 0, Colour.RED),
    ({"during": 5, "pre": 5}, 0, Colour.RED),
    ({}, 3, Colour.RED),
    ({"spreading": True}, 0, Colour.RED),
    ({"limb": 5}, 0, Colour.RED),
    ({"limb": 5, "pre": None}, None, Colour.RED),
    ({"during": 3, "pre": 3}, 0, Colour.AMBER),
    ({"during": 4}, 0, Colour.AMBER),
    ({}, 2, Colour.AMBER),
    ({"limb": 3}, 0, Colour.AMBER),
    ({"limb": 4}, 0, Colour.AMBER),
    ({"feel": "rough"}, 0, Colour.AMBER),
    ({"feel": "rough", "completed": False, "pre": None}, None, Colour.AMBER),
    ({"pre": None}, 0, Colour.HOLD),
    ({"during": None}, 0, Colour.HOLD),
    ({"completed": None}, 0, Colour.HOLD),
    ({}, None, Colour.HOLD),
    ({"completed": False}, 0, Colour.HOLD),
    ({"during": 2}, 0, Colour.HOLD),
    ({"during": 2, "pre": 1}, 1, Colour.HOLD),
    ({"during": 2, "pre": 2}, 1, Colour.GREEN),
    ({"during": 1}, -4, Colour.GREEN),
    ({"limb": None, "feel": None, "stopped_pain": None, "spreading": None}, 0, Colour.GREEN),
    ({"limb": 2, "feel": "so-so"}, 1, Colour.GREEN),
]


@pytest.mark.parametrize(("fields", "dm", "expected"), COLOUR_ROWS, ids=str)
def test_a_run_has_the_colour_of_the_page(fields: dict[str, Any], dm: int | None, expected: Colour) -> None:
    assert colour(replace(CLEAN, **fields), dm) is expected


def test_the_colours_are_in_the_order_of_the_page() -> None:
    assert [each for each, _ in COLOURS] == [Colour.RED, Colour.AMBER, Colour.HOLD, Colour.GREEN]


def test_what_is_missing_is_what_keeps_a_run_from_green() -> None:
    assert missing(Run(TODAY, 1), None) == ("pre", "during", "completed", "morning")
    assert missing(CLEAN, 0) == ()


@pytest.mark.parametrize(
    ("fields", "dm", "reason"),
    [({"spreading": True}, 0, "spreading"), ({}, 3, "red_run"), ({"during": 4}, 2, None), ({}, None, None)],
)
def test_the_safety_list_is_asked_after_a_red_run(fields: dict[str, Any], dm: int | None, reason: str | None) -> None:
    assert safety_reason(replace(CLEAN, **fields), dm) == reason


def test_a_day_is_the_persons_own() -> None:
    late = SessionEntry(TODAY + ONE_DAY, 1)
    assert isinstance(log_session(Plan(), (), late, recovery(), TODAY), Refusal)
    assert isinstance(log_session(Plan(), (), late, recovery(), TODAY + ONE_DAY), tuple)
