"""When the daily questions come, what they ask, and when the day is judged without an answer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playbook import Playbook, every_day, seated

from nudger.core import asking
from nudger.core.effects import Announce, RecordDecision
from nudger.core.events import CheckedIn, FlareSaid, PaceJudged, PauseAsked, SafetyAnswered, Started
from nudger.core.policy import Questions
from nudger.core.recovery.told import EVENING, MORNING, Entry

MONDAY = date(2025, 3, 3)
DAY = timedelta(days=1)
ALWAYS = Questions(wanted=True)
WORK = every_day("08:00", "18:00")
AT = Questions(wanted=True, morning=timedelta(hours=7), evening=timedelta(hours=21))


def score(when: str, pain: int = 3, day: date = MONDAY) -> CheckedIn:
    """A score."""
    return CheckedIn(Entry(day, when, pain))


def asked(day: Playbook) -> list[tuple[str, object, object]]:
    """When something was asked, which of the two it was, and whether it was for the second time."""
    orders = [(t, order.data) for t, order in day.orders(Announce) if order.event_type == "checkin_due"]
    return [(day.clock(t), data["when"], data["reminder"]) for t, data in orders]


def asks(day: Playbook) -> list[object]:
    """What the last question asked."""
    return [order.data["asks"] for _, order in day.orders(Announce) if order.event_type == "checkin_due"][-1]  # type: ignore[return-value]  # it is a list


def test_who_never_told_a_score_is_not_asked() -> None:
    day = Playbook(hours=WORK).until("48:00")
    assert asked(day) == []
    assert not asking.is_wanted(day.policy, day.state)


def test_from_the_first_score_on_there_are_two_questions_a_day_and_one_reminder_each() -> None:
    day = Playbook(hours=WORK).until("09:00").tell(score(MORNING)).until("52:00")
    assert asked(day) == [
        ("17:30", EVENING, False),
        ("32:00", MORNING, False),
        ("33:00", MORNING, True),
        ("41:30", EVENING, False),
    ], "the reminders of the evenings would come in quiet hours"


def test_the_last_score_of_that_half_of_the_day_comes_along_while_it_means_anything() -> None:
    def last(day: Playbook) -> list[tuple[object, object]]:
        orders = [order.data for _, order in day.orders(Announce) if order.event_type == "checkin_due"]
        return [(data["when"], data["last"]) for data in orders if not data["reminder"]]

    day = Playbook(hours=WORK).until("09:00").tell(score(MORNING, 3)).until("18:00").tell(score(EVENING, 7))
    day.until("33:30").tell(score(MORNING, 4, MONDAY + DAY))
    assert last(day.until("57:00")) == [(EVENING, None), (MORNING, 3), (EVENING, 7), (MORNING, 4)]
    week = last(day.until(f"{24 * 8}:00"))
    assert week.count((MORNING, 4)) == 4, "Wednesday to Saturday"
    assert week[-2:] == [(MORNING, None), (EVENING, None)]


def test_an_answer_settles_it() -> None:
    day = Playbook(hours=WORK, questions=ALWAYS).until("08:30").tell(score(MORNING)).until("17:40").tell(score(EVENING))
    assert asked(day.until("27:59")) == [("08:00", MORNING, False), ("17:30", EVENING, False)]


@pytest.mark.parametrize(("wanted", "count"), [(True, 4), (False, 0)])
def test_the_config_can_insist(wanted: bool, count: int) -> None:
    day = Playbook(questions=Questions(wanted=wanted)).tell(score(MORNING, day=MONDAY)).until("52:00")
    assert len(asked(day)) == (count + 2 if wanted else 0)


def test_without_active_hours_there_are_usual_times() -> None:
    day = Playbook(questions=ALWAYS).until("27:00")
    assert asked(day) == [
        ("08:00", MORNING, False),
        ("09:00", MORNING, True),
        ("20:30", EVENING, False),
        ("21:30", EVENING, True),
    ]


def test_the_morning_waits_until_somebody_is_there() -> None:
    day = Playbook(signals=["seat"], questions=ALWAYS, hours=WORK).until("09:12").on("seat")
    assert asked(day) == [("09:12", MORNING, False)]


def test_but_not_for_ever() -> None:
    day = Playbook(signals=["seat"], questions=ALWAYS, hours=WORK).until("12:00")
    assert asked(day) == [("10:00", MORNING, False), ("11:00", MORNING, True)]


def test_chosen_times_hold_in_quiet_hours_too() -> None:
    day = Playbook(signals=["seat"], questions=AT, hours=WORK, begin="06:00").until("21:10")
    assert asked(day) == [("07:00", MORNING, False), ("08:00", MORNING, True), ("21:00", EVENING, False)]


def test_a_day_without_active_hours_has_no_questions() -> None:
    weekdays = (*WORK[:5], (), ())
    day = Playbook(questions=ALWAYS, hours=weekdays).until("97:00").tell(score(MORNING, day=MONDAY + 4 * DAY))
    asked_before = len(asked(day.until("114:30").tell(score(EVENING, day=MONDAY + 4 * DAY))))
    assert len(asked(day.until("176:30"))) == asked_before + 1, "Monday again"


def test_nothing_is_asked_after_noon_about_the_morning() -> None:
    day = Playbook(questions=ALWAYS, hours=WORK, begin="12:00").until("17:00")
    assert asked(day) == []


@pytest.mark.parametrize("hold", ["call", "dnd"])
def test_a_question_waits_for_a_call_to_end(hold: str) -> None:
    day = Playbook(signals=["seat", hold], questions=ALWAYS, hours=WORK).at("07:50").on("seat", hold).until("08:40")
    assert asked(day) == []
    assert asked(day.off(hold)) == [("08:40", MORNING, False)]


def test_a_pause_over_days_silences_the_questions_and_its_days_are_not_missing() -> None:
    day = Playbook(questions=ALWAYS, hours=WORK).until("08:10").tell(score(MORNING))
    day.tell(PauseAsked(day.time("80:00"))).until("79:00")
    assert asked(day) == [("08:00", MORNING, False)]
    assert asked(day.until("80:30"))[1:] == [("80:00", MORNING, False)]
    rules = [order.decision.rule for _, order in day.orders(RecordDecision)]
    assert "R9" not in rules


def test_the_evening_that_was_not_told_goes_along_with_the_morning() -> None:
    day = Playbook(questions=ALWAYS, hours=WORK).tell(score(MORNING)).until("32:00")
    assert asks(day) == ["pain", "evening_before"]
    told = Playbook(questions=ALWAYS, hours=WORK).tell(score(MORNING)).until("17:40").tell(score(EVENING))
    assert asks(told.until("32:00")) == ["pain"]


def test_the_first_morning_asks_for_itself_only() -> None:
    assert asks(Playbook(questions=ALWAYS, hours=WORK).until("08:00")) == ["pain"]


def test_the_list_is_asked_for_a_reason_and_at_most_once_a_day() -> None:
    day = Playbook(questions=ALWAYS, hours=WORK).until("07:30").tell(FlareSaid(on=True)).until("08:00")
    assert asks(day) == ["pain", "safety"]
    assert asking.open_safety(day.policy, day.state, day.now) == "flare"
    assert asks(day.until("09:00")) == ["pain", "safety"], "the reminder asks for what is still open"
    day.tell(SafetyAnswered())
    assert asking.open_safety(day.policy, day.state, day.now) is None
    assert asks(day.until("17:30")) == ["pain", "impact"]
    day.until("17:40").tell(FlareSaid(on=False)).tell(FlareSaid(on=True))
    assert asks(day.until("32:00")) == ["pain"], "24 hours are not over"
    assert asks(day.until("41:30")) == ["pain", "impact", "safety"]


def test_what_happened_is_a_better_reason_than_the_week_that_is_over() -> None:
    day = Playbook(questions=ALWAYS, hours=WORK).until("17:30")
    assert asks(day) == ["pain", "impact", "safety"]
    assert asking.open_safety(day.policy, day.state, day.now) == "weekly"
    day.tell(FlareSaid(on=True))
    assert asking.open_safety(day.policy, day.state, day.now) == "flare", "asked in the morning's check-in as well"
    day.tell(SafetyAnswered())
    assert asking.open_safety(day.policy, day.state, day.now) is None


def test_the_list_and_the_pace_are_asked_once_a_week_in_the_evening() -> None:
    day = Playbook(questions=ALWAYS, hours=WORK).tell(SafetyAnswered()).tell(score(MORNING))
    weekly = []
    for number in range(16):
        on = MONDAY + number * DAY
        day.until(f"{24 * number + 17}:30")
        weekly.append([name for name in ("safety", "pace") if name in asks(day)])
        assert asking.is_pace_open(day.state) is ("pace" in weekly[-1])
        assert (asking.open_safety(day.policy, day.state, day.now) == "weekly") is ("safety" in weekly[-1])
        day.tell(PaceJudged("fine")).tell(SafetyAnswered() if "safety" in weekly[-1] else PaceJudged("fine"))
        assert not asking.is_pace_open(day.state)
        day.tell(score(EVENING, day=on)).until(f"{24 * number + 32}:00").tell(score(MORNING, day=on + DAY))
    assert weekly == [*[[]] * 7, ["safety", "pace"], *[[]] * 6, ["safety", "pace"], []]


def test_the_day_of_the_first_word_is_none_to_miss_a_score_on() -> None:
    day = Playbook().until("13:00").tell(score(EVENING)).until("35:59")
    assert list(day.orders(RecordDecision)) == []
    assert [order.decision.rule for _, order in day.until("36:00").orders(RecordDecision)] == ["R14"]


def test_a_day_without_a_score_is_judged_at_noon_once() -> None:
    day = Playbook().tell(score(MORNING)).until("36:00")
    rules = [(day.clock(t), order.decision.rule) for t, order in day.orders(RecordDecision)]
    assert rules == [("07:00", "R14"), ("36:00", "R9")]
    assert len(list(day.until("51:00").orders(RecordDecision))) == 2
    assert len(list(day.until("60:00").orders(RecordDecision))) == 3


@pytest.mark.parametrize(
    ("kind", "ends", "judged"),
    [
        ("call", "35:50", "36:00"),
        ("call", "37:10", "37:10"),
        ("dnd", "37:10", "37:10"),
        ("dnd", "41:00", "40:00"),  # it has no end of its own
    ],
)
def test_the_judgement_of_noon_waits_while_others_may_see_the_screen_but_not_for_ever(
    kind: str, ends: str, judged: str
) -> None:
    day = Playbook(signals=["seat", kind], hours=WORK).at("08:00").on("seat").tell(score(MORNING))
    day.at("35:30").on(kind).until(ends).off(kind).until("45:00")
    assert [day.clock(t) for t, _ in day.orders(RecordDecision)][-1] == judged


def test_a_daemon_that_was_off_at_noon_judges_when_it_is_back_but_once() -> None:
    day = Playbook().tell(score(MORNING)).sleep("136:00").tell(Started())
    assert [order.decision.rule for _, order in day.orders(RecordDecision)] == ["R14", "R9"]


def test_after_six_weeks_only_a_score_brings_an_evaluation() -> None:
    day = Playbook().tell(score(MORNING)).sleep(f"{24 * 43 + 13}:00").tell(Started())
    assert len(list(day.orders(RecordDecision))) == 1
    day.tell(score(EVENING, day=MONDAY + 43 * DAY)).tell(score(MORNING, day=MONDAY + 43 * DAY))
    assert len(list(day.orders(RecordDecision))) == 2


def test_a_red_lock_asks_nothing() -> None:
    from nudger.core.recovery.told import SafetyAnswer  # beside its only use

    day = Playbook(questions=ALWAYS, hours=WORK).tell(SafetyAnswered((SafetyAnswer("E1"),))).until("27:00")
    assert asked(day) == []


def test_a_clock_that_was_set_asks_nothing_again() -> None:
    day = Playbook(hours=WORK).tell(score(MORNING, day=MONDAY)).until("17:40")
    assert len(asked(day)) == 1
    day.step_clock(days=1)
    assert len(asked(day)) == 1
    assert len(asked(day.wait(hours=20))) > 1, "the next morning, eventually"


def test_the_open_questions_are_those_that_were_asked_and_not_answered() -> None:
    day = Playbook(questions=ALWAYS, hours=WORK).until("07:30")
    assert list(asking.open_questions(day.policy, day.state, day.now)) == []
    day.until("08:30")
    assert list(asking.open_questions(day.policy, day.state, day.now)) == [MORNING]
    day.until("17:30")
    assert list(asking.open_questions(day.policy, day.state, day.now)) == [EVENING]
    day.tell(score(EVENING))
    assert list(asking.open_questions(day.policy, day.state, day.now)) == []


def test_a_seat_alone_wakes_nobody_for_questions() -> None:
    """Whoever is not asked costs no deadline: what the engine waits for is theirs alone."""
    day = seated()
    assert list(asking.deadlines(day.policy, day.state)) == []
