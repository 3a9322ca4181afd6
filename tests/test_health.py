"""What a person tells about their back, taken in by the engine: effects, refusals, and what the prompts make of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from playbook import Playbook, busy, every_day, minutes, seated

from nudger.core import engine, health, prompts
from nudger.core.effects import Announce, RecordActivity, RecordCheckIn, RecordDecision, RecordPrompt
from nudger.core.events import (
    ActivityLogged,
    CheckedIn,
    ClockStepped,
    DoneSaid,
    Event,
    FlareSaid,
    IntakeTaken,
    OfferAnswered,
    PaceJudged,
    PauseAsked,
    PublishingAnswered,
    ResumeAsked,
    RunningWished,
    SafetyAnswered,
    StageChosen,
    TimeAwayCompared,
)
from nudger.core.recovery.diary import Activity, Walk, day_of
from nudger.core.recovery.told import EVENING, MORNING, Entry, IntakeAnswers, LockCleared, SafetyAnswer
from nudger.core.words import Hold, Lock, PromptKind

MONDAY = date(2025, 3, 3)
DAY = timedelta(days=1)
ANSWERS = IntakeAnswers(worst=3, walks_5_min=True, walks=True, mobility=True, seen=True)


def morning(pain: object, day: date = MONDAY, **more: object) -> CheckedIn:
    """The score of a morning."""
    return CheckedIn(Entry(day, MORNING, pain, **more))  # type: ignore[arg-type]  # the tests choose among its fields


def evening(pain: object, day: date = MONDAY, **more: object) -> CheckedIn:
    """The score of an evening."""
    return CheckedIn(Entry(day, EVENING, pain, **more))  # type: ignore[arg-type]  # as above


def announced(day: Playbook) -> list[tuple[str, dict[str, object]]]:
    """Everything that was announced, but breaks and questions."""
    skipped = {"break_started", "break_ended", "checkin_due", "enough"}
    return [(o.event_type, dict(o.data)) for _, o in day.orders(Announce) if o.event_type not in skipped]


# --- Check-ins -------------------------------------------------------------------------------------------------------


def test_a_score_is_kept_and_judged_at_once_in_the_morning() -> None:
    day = seated().tell(morning(4))
    assert [order.entry.pain for _, order in day.orders(RecordCheckIn)] == [4]
    assert [order.decision.rule for _, order in day.orders(RecordDecision)] == ["R14"]
    assert day.state.recovery.began == MONDAY
    day.until("20:00").tell(evening(5))
    assert len(list(day.orders(RecordDecision))) == 1, "the evening belongs to tomorrow's evaluation"


@pytest.mark.parametrize(
    ("told", "key"),
    [
        (morning(11), "bad_score"),
        (morning(5.5), "bad_score"),
        (morning("5"), "bad_score"),
        (morning(True), "bad_score"),
        (morning(3, MONDAY - 7 * DAY), "day_too_old"),
        (morning(3, MONDAY + DAY), "day_in_future"),
        (morning(3, tags=frozenset({"tail"})), "unknown_tag"),
        (SafetyAnswered((SafetyAnswer("E9"),)), "unknown_safety_item"),
        (OfferAnswered(yes=True), "no_offer"),
        (LockCleared(MONDAY, "daily_walks"), "not_locked"),
        (ActivityLogged(Activity(walks=(Walk(0),))), "bad_minutes"),
        (ActivityLogged(Activity(walks=(Walk(9, rise=-50),))), "bad_rise"),
        (ActivityLogged(Activity(chores=-4)), "bad_count"),
        (ActivityLogged(Activity(chores=10**12)), "bad_count"),
        (TimeAwayCompared("less"), "nothing_asked"),
        (IntakeTaken(replace(ANSWERS, worst=12)), "bad_score"),
        (IntakeTaken(ANSWERS, contraindications=frozenset({"tail"})), "unknown_tag"),
        (StageChosen("steady"), "one_stage"),
    ],
)
def test_what_cannot_be_taken_in_is_refused_and_changes_nothing(told: Event, key: str) -> None:
    day = seated().until("08:10")
    before = day.state.seen_at(day.now)
    assert day.tell(told).refusals() == [key]
    assert day.state == before


def test_what_hurts_today_takes_prompts_out() -> None:
    day = seated(stage="build_strength").tell(morning(5, tags=frozenset({"knee"})))
    fitting = prompts.fitting(day.policy, day.state, day.now, PromptKind.BREAK)
    assert fitting
    assert not any({"knee", "pain_over_2", "pain_over_4"} & entry.contraindications for entry in fitting)
    without = seated(stage="build_strength")
    assert len(prompts.fitting(without.policy, without.state, without.now, PromptKind.BREAK)) > len(fitting)


def test_from_the_second_missing_day_on_nothing_is_strenuous_until_a_score() -> None:
    day = seated(stage="build_strength").tell(morning(2)).off("seat").until("32:00")
    assert prompts.may_strengthen(day.policy, day.state, day.now)
    day.until("57:00")
    assert not prompts.may_strengthen(day.policy, day.state, day.now), "the day after a missing check-in"
    assert max(entry.intensity for entry in prompts.fitting(day.policy, day.state, day.now, PromptKind.BREAK)) == 3
    day.until("61:00")
    assert max(entry.intensity for entry in prompts.fitting(day.policy, day.state, day.now, PromptKind.BREAK)) == 2
    day.tell(morning(2, MONDAY + 2 * DAY))
    assert max(entry.intensity for entry in prompts.fitting(day.policy, day.state, day.now, PromptKind.BREAK)) == 3


# --- Safety ----------------------------------------------------------------------------------------------------------


def test_an_emergency_answer_silences_everything_until_somebody_was_seen() -> None:
    day = seated().until("08:20")
    day.tell(evening(3, safety=(SafetyAnswer("E2"),)))
    assert day.state.lock is Lock.RED
    assert day.hold() is Hold.LOCKED
    assert day.hidden() == [("08:20", "locked")]
    assert announced(day) == [("safety", {"message": "S1"})]
    day.until("20:00")
    assert day.prompts() == ["08:20"]
    assert day.told("checkin_due") == []
    day.tell(LockCleared(MONDAY, "gentle_start"))
    assert not day.hold()
    assert day.state.stage == "gentle_start"
    assert day.until("21:00").prompts()[:2] == ["08:20", "20:01"], "eventually"


def test_a_safety_message_comes_in_quiet_hours_too() -> None:
    day = Playbook(hours=every_day("09:00", "17:00")).at("18:00").tell(SafetyAnswered((SafetyAnswer("E1"),)))
    assert day.told("safety") == ["18:00"]


def test_an_urgent_answer_leaves_the_gentlest_and_half_an_hour_of_quiet() -> None:
    day = seated().until("08:10").tell(SafetyAnswered((SafetyAnswer("U7"),)))
    assert (day.state.lock, announced(day)) == (Lock.AMBER, [("safety", {"message": "S2"})])
    assert day.until("12:00").prompts()[0] == "08:40"
    shown = [order.prompt for _, order in day.orders(RecordPrompt)]
    assert {prompt.category for prompt in shown} <= {"stand", "breathing", "walk"}


def test_nothing_new_settles_the_question() -> None:
    day = seated().tell(FlareSaid(on=True))
    assert day.state.recovery.safety_due == "flare"
    answered = day.tell(SafetyAnswered()).state.recovery
    assert answered.safety_due is None
    assert answered.safety_asked == day.now


# --- The stage -------------------------------------------------------------------------------------------------------


def test_an_intake_that_leaves_running_open_keeps_what_was_said() -> None:
    day = seated().tell(RunningWished(wanted=True)).tell(IntakeTaken(ANSWERS))
    assert day.state.recovery.running_goal is True
    assert day.tell(IntakeTaken(replace(ANSWERS, running_goal=False))).state.recovery.running_goal is False


def test_the_intake_places_and_keeps_what_was_wished() -> None:
    told = IntakeTaken(ANSWERS, office=True, floor_space=False, contraindications=frozenset({"knee"}))
    day = seated(stage="gentle_start").tell(told)
    assert day.state.stage == "build_strength"
    wishes = day.state.health.wishes
    assert (wishes.office, wishes.floor_space, wishes.contraindications) == (True, False, frozenset({"knee"}))
    assert wishes.publish_health is None, "left open"
    for entry in prompts.fitting(day.policy, day.state, day.now, PromptKind.BREAK):
        assert entry.discreet
        assert not entry.needs_floor
        assert "knee" not in entry.contraindications
    assert announced(day) == [("stage_changed", {"from": "gentle_start", "to": "build_strength", "rule": "intake"})]


def test_comfortable_days_lead_to_an_offer_and_only_a_yes_leads_up() -> None:
    day = Playbook(signals=["seat"], stage="gentle_start", begin="08:00")
    for number in range(4):
        on = MONDAY + number * DAY
        day.until(f"{24 * number + 8}:00").tell(morning(3, on))
        for _ in range(15):
            day.on("seat").wait(minutes=18).off("seat").wait(minutes=2)
        day.tell(ActivityLogged(Activity(walks=(Walk(2, rise=0), Walk(1), Walk(1)), chores=2)))
    offers = [data for name, data in announced(day) if name == "stage_offered"]
    assert offers
    assert offers[0] == {"stage": "daily_walks", "rule": "R12"}
    assert day.state.stage == "gentle_start"
    day.tell(OfferAnswered(yes=True, stage="daily_walks"))
    assert day.state.stage == "daily_walks"
    assert ("stage_changed", {"from": "gentle_start", "to": "daily_walks", "rule": "R12"}) in announced(day)


def test_a_step_of_the_ladder_gives_a_minute_of_quiet() -> None:
    day = seated(stage="steady").until("08:23").tell(StageChosen("daily_walks"))
    assert day.until("08:30").prompts() == ["08:24"]


def test_wanting_to_run_or_not_is_remembered() -> None:
    day = seated().tell(RunningWished(wanted=False))
    assert day.state.recovery.running_goal is False
    assert day.tell(RunningWished(wanted=True)).state.recovery.running_goal is True


def test_banners_are_announced_with_the_decision() -> None:
    day = Playbook(stage="gentle_start", begin="08:00")
    for number in range(7):
        day.until(f"{24 * number + 8}:00").tell(morning(8, MONDAY + number * DAY))
    assert ("safety", {"message": "N1"}) in announced(day)


# --- What was seen of a day ------------------------------------------------------------------------------------------


def test_the_day_is_written_into_the_diary_when_it_ends() -> None:
    day = seated().until("08:20")
    assert day.state.prompt is not None
    day.tell(DoneSaid()).until("10:00").off("seat").until("28:00")
    (seen,) = [order for _, order in day.orders(RecordActivity)]
    assert (seen.day, seen.seen) == (MONDAY, True)
    assert seen.done.monitored == timedelta(hours=2)
    assert (seen.done.windows, seen.done.answered) == (5, 2), "the last one by getting up"
    assert day_of(day.state.recovery.days, MONDAY).activity == seen.done


def test_a_day_without_anybody_leaves_no_trace() -> None:
    day = Playbook(signals=["seat"]).until("28:30")
    assert not list(day.orders(RecordActivity))
    assert day.state.recovery.days == ()


def test_time_of_which_nothing_is_known_is_not_monitored() -> None:
    day = seated().until("09:00").gone("seat").until("10:00").there("seat").on("seat").until("11:00")
    assert health.seen_today(day.policy, day.state, day.now).monitored == timedelta(hours=2)


@pytest.mark.parametrize(
    ("category", "followed", "done"),
    [
        ("chores", Activity(windows=1, answered=1, chores=1), Activity(windows=1, answered=1, chores=1)),
        ("walk", Activity(windows=1, answered=1, walks=(Walk(2),)), Activity(windows=1, answered=1, walks=(Walk(2),))),
        ("mobility", Activity(windows=1, answered=1), Activity(windows=1, answered=1, mobility=1)),
        ("strength", Activity(windows=1, answered=1), Activity(windows=1, answered=1, strength=1)),
        ("stand", Activity(windows=1, answered=1), Activity(windows=1, answered=1)),
    ],
)
def test_what_a_prompt_tells_of_the_goals(category: str, followed: Activity, done: Activity) -> None:
    some = seated().policy.library[0]
    entry = replace(some, category=category, duration=minutes(2), stages=frozenset({"build_strength"}))
    library = (replace(entry, contraindications=frozenset()),)
    up = seated(stage="build_strength", library=library).until("08:25").off("seat").until("08:30")
    assert up.state.today.doing == followed
    said = seated(stage="build_strength", library=library).until("08:25").tell(DoneSaid())
    assert said.state.today.doing == done


def test_a_night_that_nobody_watched_is_not_monitored() -> None:
    day = seated().until("08:15").lose_time("32:00", away=True)
    (seen,) = [order for _, order in day.orders(RecordActivity)]
    assert seen.done.monitored == minutes(15)


def test_what_was_seen_and_what_was_told_of_today_add_up() -> None:
    day = seated().until("08:20").tell(DoneSaid()).tell(ActivityLogged(Activity(walks=(Walk(10),))))
    today = day_of(health.with_today(day.policy, day.state, day.now).days, MONDAY).activity
    assert (today.windows, today.monitored) == (1, minutes(20))
    assert today.walking_min == 10 + day.state.today.doing.walking_min
    assert day_of(day.state.recovery.days, MONDAY).activity.windows == 0, "the day is not over"


def test_what_is_withdrawn_counts_neither_way() -> None:
    day = seated("call").until("08:20").on("call")
    assert day.outcomes() == [("08:20", "withdrawn: call")]
    assert day.state.today.doing == Activity()


# --- Pauses and clocks -----------------------------------------------------------------------------------------------


def test_a_pause_over_days_is_a_pause_of_the_diary_too() -> None:
    day = seated().tell(morning(3)).tell(PauseAsked(seated().time("80:00")))
    assert [(spell.first, spell.last) for spell in day.state.recovery.pauses] == [(MONDAY, MONDAY + 2 * DAY)]
    day.until("34:00").tell(ResumeAsked())
    assert [(spell.first, spell.last) for spell in day.state.recovery.pauses] == [(MONDAY, MONDAY)]


def test_a_shorter_pause_takes_the_place_of_a_longer_one_in_the_diary_too() -> None:
    day = seated().tell(PauseAsked(seated().time("200:00"))).tell(PauseAsked(seated().time("09:00")))
    assert day.state.recovery.pauses == ()
    day = seated().tell(PauseAsked(seated().time("200:00"))).tell(PauseAsked(seated().time("32:00")))
    assert [(spell.first, spell.last) for spell in day.state.recovery.pauses] == [(MONDAY, MONDAY)]


def test_a_pause_within_the_day_is_none() -> None:
    day = seated().tell(PauseAsked(seated().time("12:00")))
    assert day.state.recovery.pauses == ()
    assert day.tell(ResumeAsked()).state.recovery.pauses == ()


def test_a_rest_that_ends_early_leaves_the_diary_alone() -> None:
    from nudger.core.events import RestAsked  # beside its only use

    day = seated().tell(RestAsked(minutes(60))).tell(ResumeAsked())
    assert day.state.recovery.pauses == ()


@pytest.mark.parametrize("by", [timedelta(days=365), timedelta(days=-20_000)])
def test_a_clock_that_was_set_carries_the_diary_along(by: timedelta) -> None:
    day = seated().tell(morning(3)).until("08:10")
    decided = len(list(day.orders(RecordDecision)))
    day.now += by
    day.tell(ClockStepped(by))
    assert day.state.recovery.days[-1].on == MONDAY + by
    assert day.state.recovery.standing.evaluated == MONDAY + by
    day.now -= by
    day.tell(ClockStepped(-by))
    assert day.state.recovery.days[-1].on == MONDAY
    assert len(list(day.orders(RecordDecision))) == decided
    assert day.state.stage == "daily_walks"


def test_a_lock_without_any_score_comes_back_with_the_clock() -> None:
    day = seated().tell(SafetyAnswered((SafetyAnswer("E1"),)))
    lock = day.state.recovery.standing.lock
    day.step_clock(days=40).wait(hours=60).step_clock(days=-40)
    assert day.state.recovery.standing.lock == lock


def test_the_instant_of_the_list_moves_with_the_clock() -> None:
    day = seated().tell(morning(3, safety=())).step_clock(days=3)
    assert day.state.recovery.safety_asked == day.now
    assert day.state.recovery.days[-1].on == MONDAY + 3 * DAY


def test_a_clock_that_was_set_within_the_day_leaves_the_diary() -> None:
    day = seated().tell(morning(3)).until("08:10").step_clock(minutes=30)
    assert day.state.recovery.days[-1].on == MONDAY


# --- Wishes ----------------------------------------------------------------------------------------------------------


def test_publishing_waits_for_a_yes() -> None:
    day = seated()
    assert day.state.health.wishes.publish_health is None
    assert day.tell(PublishingAnswered(yes=True)).state.health.wishes.publish_health is True
    assert day.tell(PublishingAnswered(yes=False)).state.health.wishes.publish_health is False


@pytest.mark.parametrize(
    ("stage", "judged", "window"),
    [
        ("daily_walks", ["too_many"], (21, 25)),
        ("daily_walks", ["too_many"] * 9, (25, 29)),
        ("daily_walks", ["too_few"] * 9, (20, 20)),
        ("daily_walks", ["fine"], (20, 24)),
        ("steady", ["too_many"] * 3, (28, 30)),
        ("steady", ["too_few"] * 9, (20, 25)),
        ("daily_walks", ["too_many", "too_few"], (20, 24)),
    ],
)
def test_the_weekly_word_moves_the_window_inside_20_to_30_minutes(
    stage: str, judged: list[str], window: tuple[int, int]
) -> None:
    day = seated(stage=stage)
    for word in judged:
        day.tell(PaceJudged(word))
    now = prompts.stage_now(day.policy, day.state)
    assert (now.soft, now.hard) == (minutes(window[0]), minutes(window[1]))


def test_a_flare_takes_the_earlier_of_each_bound_whatever_the_pace() -> None:
    day = seated(stage="steady").tell(PaceJudged("too_many")).tell(FlareSaid(on=True))
    now = prompts.stage_now(day.policy, day.state)
    assert (now.soft, now.hard) == (minutes(20), minutes(22))


def test_three_ignored_in_a_row_are_followed_by_something_small_at_the_latest_moment() -> None:
    day = seated(stage="build_strength", gentler="Small: {body}")
    day.until("12:59")
    assert [outcome for _, outcome in day.outcomes()[:3]] == ["ignored"] * 3
    assert day.prompts()[:4] == ["08:24", "08:52", "09:20", "09:48"]
    third, fourth = [order.prompt for _, order in day.orders(RecordPrompt)][2:4]
    assert not third.body.startswith("Small: ")
    assert fourth.body.startswith("Small: ")
    assert fourth.duration <= minutes(1)
    day.until("13:40")
    last = [order.prompt for _, order in day.orders(RecordPrompt)][-1]
    assert last.issued_at > day.time("13:00")
    assert not last.body.startswith("Small: "), "a new half of the day, a new start"


def test_in_an_eased_half_day_a_pause_is_not_used() -> None:
    day = busy(stage="build_strength").until("11:00")
    assert day.state.eased_until == day.time("13:00")
    day.off("seat").wait(minutes=2).on("seat").until("11:27")
    day.off("activity").until("11:29:59")
    assert day.prompts()[-1] < "11:00", "hands are quiet, but it is not the end of the window"
    assert day.until("11:30").prompts()[-1] == "11:30"


def test_an_answer_ends_a_row_of_ignored_ones() -> None:
    day = seated().until("09:10")
    assert day.state.ignored_in_row == 2
    assert day.tell(DoneSaid()).state.ignored_in_row == 0


def test_who_is_new_starts_where_the_config_says() -> None:
    day = Playbook(stage="easy_mobility")
    assert engine.first_state(day.policy, day.now, 1).stage == "easy_mobility"
