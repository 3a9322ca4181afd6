"""The walk/run plan at work: runs told of, what the rules make of them, and plan prompts at a free moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from playbook import Playbook, every_day, minutes, seated

from nudger.core import prompts
from nudger.core.effects import RecordActivity, RecordDecision, RecordPrompt, RecordRun
from nudger.core.events import (
    ActivityLogged,
    CheckedIn,
    DoneSaid,
    FlareSaid,
    PlanChosen,
    PlanTimeCame,
    SafetyAnswered,
    SessionTold,
    SkipAsked,
    SnoozeAsked,
    StageChosen,
)
from nudger.core.recovery.course import Did
from nudger.core.recovery.diary import Activity, Walk, day_of
from nudger.core.recovery.told import EVENING, MORNING, Entry, SafetyAnswer
from nudger.core.running.runs import SessionEntry
from nudger.core.running.steps import Plan
from nudger.core.words import Hold

MONDAY = date(2025, 3, 3)
DAY = timedelta(days=1)


def score(pain: int, day: date = MONDAY, when: str = MORNING) -> CheckedIn:
    """A score."""
    return CheckedIn(Entry(day, when, pain))


def run(day: date = MONDAY, step: int = 1, *, correct: bool = False, **said: Any) -> SessionTold:
    """A run that went well, unless something else is said."""
    well = {"pre": 0, "during": 0, "limb": 0, "completed": True, "stopped_pain": False, "feel": "good"}
    return SessionTold(SessionEntry(day, step, **(well | said)), correct=correct)


def runner(**chosen: Any) -> Playbook:
    """Somebody at `walk_run` with a chair that tells, and a morning score of 1."""
    return Playbook(signals=["seat"], stage="walk_run", begin="07:00", **chosen).off("seat").tell(score(1))


def spoken(day: Playbook) -> list[tuple[str, str]]:
    """When something was said of the plan, and what."""
    return [(day.clock(t), o.prompt.entry) for t, o in day.orders(RecordPrompt) if o.prompt.kind == "plan"]


# --- Runs ------------------------------------------------------------------------------------------------------------


def test_a_run_is_kept_and_counts_for_the_day() -> None:
    day = runner().tell(run())
    assert [order.run.step for _, order in day.orders(RecordRun)] == [1]
    assert day_of(day.state.recovery.days, MONDAY).activity.run
    assert [each.day for each in day.state.health.runs] == [MONDAY]


@pytest.mark.parametrize(
    ("told", "key"),
    [
        (run(MONDAY + DAY), "session_in_future"),
        (run(MONDAY - 8 * DAY), "session_too_old"),
        (run(during=5.5), "session_score"),
        (run(step=99), "session_step"),
        (run(feel="great"), "session_feel"),
        (run(correct=True), "session_nothing_to_correct"),
        (PlanChosen(per_week=5), "plan_per_week"),
        (PlanChosen(target_min=5), "plan_target"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(told: SessionTold | PlanChosen, key: str) -> None:
    day = runner()
    before = day.state.seen_at(day.now)
    assert day.tell(told).refusals() == [key]
    assert day.state == before


def test_a_run_is_told_once_unless_it_is_corrected() -> None:
    day = runner().tell(run()).tell(run())
    assert day.refusals() == ["session_twice"]
    day.tell(run(during=4, correct=True))
    assert [each.during for each in day.state.health.runs] == [4]


@pytest.mark.parametrize(
    ("said", "reason"), [({"stopped_pain": True}, "red_run"), ({"spreading": True}, "spreading"), ({}, None)]
)
def test_a_run_that_was_too_much_asks_for_the_list(said: dict[str, Any], reason: str | None) -> None:
    assert runner().tell(run(**said)).state.recovery.safety_due == reason


def test_the_morning_after_can_make_a_run_red() -> None:
    day = runner().tell(run()).until("32:00").tell(score(4, MONDAY + DAY))
    assert day.state.health.runs[0].rise == 3
    assert day.state.recovery.safety_due == "red_run"
    day.tell(SafetyAnswered()).tell(CheckedIn(Entry(MONDAY + DAY, EVENING, 4)))
    assert day.state.recovery.safety_due is None, "it was answered, and nothing new was shown"


def test_a_morning_that_answers_the_list_is_not_asked_for_it() -> None:
    day = runner().tell(run()).until("32:00")
    day.tell(CheckedIn(Entry(MONDAY + DAY, MORNING, 4, safety=())))
    assert day.state.recovery.safety_due is None


def test_two_red_runs_lead_out_of_walk_run_with_the_morning_that_shows_it() -> None:
    day = runner().tell(run(during=6))
    for number in range(1, 6):
        day.until(f"{24 * number + 8}:00").tell(score(1, MONDAY + number * DAY))
    assert day.state.stage == "walk_run"
    day.tell(run(MONDAY + 5 * DAY))
    on = MONDAY + 6 * DAY
    day.until(f"{24 * 6 + 8}:00").tell(CheckedIn(Entry(on, MORNING, 4, impact=False)))
    made = [order.decision for _, order in day.orders(RecordDecision)][-1]
    assert (made.rule, made.did, day.state.stage) == ("R10a", Did.BACKED_OFF, "build_strength")


def test_a_run_told_late_is_judged_with_the_morning_it_belongs_to() -> None:
    day = runner().tell(run(during=6))
    for number in range(1, 6):
        day.until(f"{24 * number + 8}:00").tell(score(1, MONDAY + number * DAY))
    day.tell(run(MONDAY + 4 * DAY, during=7))
    assert day.state.stage == "build_strength", "today's evaluation knew of one red run, and now of two"


def test_runs_move_with_the_clock() -> None:
    day = runner().tell(run()).tell(PlanTimeCame()).step_clock(days=30)
    assert [each.day for each in day.state.health.runs] == [MONDAY + 30 * DAY]
    assert day.state.health.plan_due in {None, MONDAY + 30 * DAY}


def test_one_day_a_week_holds_neither_a_run_nor_strength() -> None:
    day = runner()
    for number in range(6):
        on = MONDAY + number * DAY
        day.until(f"{24 * number + 8}:00").tell(score(1, on))
        day.tell(run(on) if number % 2 == 0 else ActivityLogged(Activity(strength=1), on))
    day.until("150:00")
    assert not prompts.may_strengthen(day.policy, day.state, day.now)
    rested = runner().until("150:00").tell(score(1, MONDAY + 5 * DAY)).tell(score(1, MONDAY + 6 * DAY))
    assert prompts.may_strengthen(rested.policy, rested.state, rested.now)


def test_the_plan_can_be_chosen() -> None:
    day = runner().tell(PlanChosen(start_min=5)).tell(PlanChosen(per_week=2)).tell(PlanChosen(target_min=30))
    assert day.state.health.plan == Plan(4, 2, 30)
    assert day.tell(PlanChosen(target_min=0)).state.health.plan == Plan(4, 2, None)


# --- What is said of the plan ----------------------------------------------------------------------------------------


def test_a_runner_hears_of_todays_run_once() -> None:
    day = runner().until("09:30").tell(PlanTimeCame())
    assert spoken(day.until("12:00")) == [("09:30", "plan-run-today")]
    assert day.outcomes() == [("09:45", "ignored")]
    assert day.state.ignored_in_row == 0
    assert list(day.orders(RecordActivity)) == []


@pytest.mark.parametrize(
    ("ran", "mornings", "said"),
    [
        (None, [1], "plan-run-today"),
        (None, [3], "plan-run-walk-instead"),
        ({}, [1, None], "plan-run-next-morning"),
        ({}, [1, 1], "plan-run-tomorrow"),
        ({"during": None}, [1, 1], "plan-run-note"),
        ({}, [1, 1, 1], "plan-run-today"),
        ({"during": 6}, [1, 1], "plan-run-free"),
    ],
)
def test_what_is_said_follows_from_the_plan(ran: dict[str, Any] | None, mornings: list[int | None], said: str) -> None:
    day = Playbook(signals=["seat"], stage="walk_run").off("seat")
    for number, pain in enumerate(mornings):
        day.until(f"{24 * number + 8}:00")
        if pain is not None:
            day.tell(score(pain, MONDAY + number * DAY))
        if number == 0 and ran is not None:
            day.tell(run(**ran))
        day.tell(CheckedIn(Entry(MONDAY + number * DAY, EVENING, 1)))
        if (reason := day.state.recovery.safety_due) is not None:
            day.tell(SafetyAnswered())
            assert reason
    assert [entry for _, entry in spoken(day.tell(PlanTimeCame()))] == [said]


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ("gentle_start", []),
        ("daily_walks", ["plan-small-walk"]),
        ("easy_mobility", ["plan-small-walk"]),
        ("build_strength", ["plan-half-hour"]),
    ],
)
def test_before_running_it_is_a_walk(stage: str, said: list[str]) -> None:
    day = Playbook(stage=stage).tell(PlanTimeCame())
    assert [entry for _, entry in spoken(day)] == said
    walked = Playbook(stage=stage).tell(ActivityLogged(Activity(walks=(Walk(40),)))).tell(PlanTimeCame())
    assert spoken(walked) == [], "it was walked already"


def test_it_is_said_twice_a_day_at_most() -> None:
    day = runner()
    for clock in ("08:00", "09:00", "10:00"):
        day.until(clock).tell(PlanTimeCame())
    assert [at for at, _ in spoken(day.until("16:00"))] == ["08:00", "09:00"]
    day.until("32:00").tell(score(1, MONDAY + DAY)).tell(PlanTimeCame())
    assert len(spoken(day)) == 3


def test_it_waits_for_a_free_moment() -> None:
    day = runner().at("08:00").on("seat").until("08:21").tell(PlanTimeCame())
    assert spoken(day) == [], "a break is nearly due"
    day.until("08:26").off("seat").until("08:27")
    assert spoken(day) == [("08:27", "plan-run-today")], "when the break has begun"


def test_it_gives_way_to_a_break_that_comes_due() -> None:
    day = seated(stage="walk_run").tell(score(1)).until("08:15").tell(PlanTimeCame()).until("08:26")
    assert spoken(day) == [("08:15", "plan-run-today")]
    assert day.outcomes() == [("08:25", "ignored")]
    assert day.prompts() == ["08:25"]


def test_what_waited_past_the_day_is_not_said() -> None:
    day = Playbook(stage="walk_run", hours=every_day("08:00", "18:00")).tell(score(1)).until("19:00")
    assert day.hold() is Hold.QUIET
    day.tell(PlanTimeCame()).until("33:00")
    assert spoken(day) == []
    assert day.state.health.plan_due is None


@pytest.mark.parametrize("ends", ["flare", "lock", "red", "quiet"])
def test_it_goes_when_it_has_no_place_any_more(ends: str) -> None:
    day = runner(hours=every_day("07:00", "09:10")).until("09:00").tell(PlanTimeCame())
    assert day.state.prompt is not None
    if ends == "flare":
        day.tell(FlareSaid(on=True))
    if ends == "lock":
        day.tell(SafetyAnswered((SafetyAnswer("U7"),)))
    if ends == "red":
        day.tell(SafetyAnswered((SafetyAnswer("E1"),)))
    why = {"flare": "eased", "lock": "eased", "red": "locked", "quiet": "quiet"}[ends]
    assert [what for _, what in day.until("09:11").outcomes()] == [f"withdrawn: {why}"]


def test_nothing_is_said_of_the_plan_after_a_safety_message() -> None:
    day = Playbook(stage="daily_walks").tell(SafetyAnswered((SafetyAnswer("U7"),))).tell(PlanTimeCame()).until("07:31")
    assert spoken(day) == [], "amber leaves nothing of it"
    day = runner().tell(StageChosen("daily_walks")).tell(PlanTimeCame()).until("07:02")
    assert spoken(day) == [("07:01", "plan-small-walk")], "a minute after a change of the stage"


def test_done_notes_the_walk_and_is_no_break() -> None:
    day = seated(stage="daily_walks").until("08:05").tell(PlanTimeCame()).tell(DoneSaid())
    assert day.outcomes() == [("08:05", "done")]
    assert day.breaks() == []
    assert day.state.today.doing == Activity(walks=(Walk(10),))
    assert day.until("08:20").prompts() == ["08:20"], "the window is where it was"


def test_skipping_leaves_the_window_where_it_was() -> None:
    day = seated(stage="daily_walks").until("08:05").tell(PlanTimeCame()).tell(SkipAsked())
    assert day.until("08:20").prompts() == ["08:20"]


def test_it_cannot_be_put_off() -> None:
    day = seated(stage="daily_walks").until("08:05").tell(PlanTimeCame()).tell(SnoozeAsked())
    assert day.refusals() == ["snooze_plan"]
    assert day.state.prompt is not None


def test_getting_up_leaves_it_there() -> None:
    day = seated(stage="daily_walks").until("08:05").tell(PlanTimeCame()).off("seat").until("08:10")
    assert day.state.prompt is not None
    assert replace(day.state.prompt, title="") != day.state.prompt
    assert day.until("08:20").outcomes() == [("08:20", "ignored")]
    assert minutes(15) == timedelta(minutes=15)


def test_during_a_red_lock_runs_have_no_plan() -> None:
    day = runner().tell(SafetyAnswered((SafetyAnswer("E1"),))).tell(PlanTimeCame()).until("20:00")
    assert spoken(day) == []


def test_what_must_be_spared_is_not_said() -> None:
    day = Playbook(stage="daily_walks", contraindications=frozenset({"dizzy"})).tell(PlanTimeCame())
    assert spoken(day) == []
