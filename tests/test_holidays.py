"""Days off: nothing comes, nothing is asked, and nobody misses them.

They run from 04:00 to 04:00, as days do, and end by themselves.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playbook import Playbook, every_day, prompted, seated

from nudger.core import hours
from nudger.core.effects import RecordDecision, RecordPrompt
from nudger.core.events import CheckedIn, PauseAsked, PlanTimeCame, ResumeAsked
from nudger.core.policy import Questions
from nudger.core.recovery.diary import Spell
from nudger.core.recovery.told import MORNING, Entry
from nudger.library import load_language
from nudger.views.why import why

MONDAY = date(2025, 3, 3)
DAY = timedelta(days=1)
TODAY = (Spell(MONDAY, MONDAY),)
TOMORROW = (Spell(MONDAY + DAY, MONDAY + DAY),)
TUESDAY_TO_SATURDAY = (Spell(MONDAY + DAY, MONDAY + 5 * DAY),)
WORK = every_day("08:00", "18:00")
ASKED = Questions(wanted=True)


def reason(day: Playbook) -> str:
    """What `nudger status` says."""
    return why(day.policy, day.state, day.evidence(), load_language("en"), day.now)


def questions(day: Playbook) -> list[str]:
    """When check-ins were asked for."""
    return day.told("checkin_due")


# --- Prompts ---------------------------------------------------------------------------------------------------------


def test_on_a_day_off_no_prompt_comes_and_at_its_end_one_does() -> None:
    day = seated(holidays=TODAY).until("27:59:59")
    assert day.prompts() == []
    assert day.hold() == "quiet"
    assert day.until("28:00").prompts() == ["28:00"]
    assert day.hold() is None


def test_a_day_off_takes_away_what_shows_when_it_begins() -> None:
    day = Playbook(signals=["seat"], holidays=TOMORROW).at("27:30").on("seat").until("28:00")
    assert day.outcomes() == [("28:00", "withdrawn: quiet")]
    assert day.prompts() == ["27:50"]


def test_a_day_off_that_is_put_into_the_config_now_holds_at_once_and_one_that_is_taken_out_no_more() -> None:
    day = prompted().until("08:21").choose(holidays=TODAY)
    assert day.outcomes() == [("08:21", "withdrawn: quiet")]
    assert day.until("09:00").prompts() == ["08:20"]
    assert day.choose(holidays=()).until("09:01").prompts() == ["08:20", "09:01"]


def test_nobody_is_asked_to_change_posture() -> None:
    day = Playbook(signals=["presence", "standing"], holidays=TODAY).at("08:00").on("presence", "standing")
    assert day.until("27:00").posture_prompts() == []
    assert day.until("28:00").posture_prompts() == ["28:00"]


@pytest.mark.parametrize(("off", "spoken"), [(TODAY, []), (TOMORROW, ["09:30"])])
def test_the_run_of_the_day_is_not_spoken_of(off: tuple[Spell, ...], spoken: list[str]) -> None:
    day = (
        Playbook(signals=["seat"], stage="walk_run", holidays=off)
        .off("seat")
        .tell(CheckedIn(Entry(MONDAY, MORNING, 1)))
    )
    day.until("09:30").tell(PlanTimeCame()).until("28:30")
    assert [day.clock(t) for t, order in day.orders(RecordPrompt) if order.prompt.kind == "plan"] == spoken


def test_the_timer_takes_nobody_to_sit_on_a_day_off_and_everybody_after_it() -> None:
    day = Playbook(begin="07:00", hours=WORK, holidays=TODAY).until("31:59")
    assert (day.posture[0], day.prompts(), day.bouts()) == ("away", [], [])
    assert day.until("32:20").prompts() == ["32:20"]


def test_the_timer_of_whoever_has_no_hours_rests_from_four_to_four_too() -> None:
    day = Playbook(begin="08:00", holidays=TODAY)
    assert day.posture[0] == "away"
    day.until("28:00")
    assert (day.posture, day.bouts()) == (("sitting", "28:00"), [])
    assert day.until("28:20").prompts() == ["28:20"]


def test_a_timer_without_hours_that_gave_up_begins_anew_after_days_off() -> None:
    day = Playbook(begin="08:00", holidays=TOMORROW).until("17:00")
    assert reason(day).startswith("Three prompts went unanswered")
    before = len(day.prompts())
    assert len(day.until("52:19").prompts()) == before
    assert day.until("52:20").prompts()[before:] == ["52:20"]


def test_a_timer_that_gave_up_before_a_day_off_begins_anew_after_it() -> None:
    day = Playbook(begin="08:00", hours=WORK, holidays=(Spell(MONDAY + DAY, MONDAY + 20 * DAY),)).until("17:00")
    assert reason(day).startswith("Three prompts went unanswered")
    before = len(day.prompts())
    assert len(day.until(f"{21 * 24 + 8}:19").prompts()) == before
    assert len(day.until(f"{21 * 24 + 8}:20").prompts()) == before + 1


# --- Questions, and the diary ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("own_times", [False, True])
def test_on_a_day_off_nothing_is_asked_and_on_the_next_day_it_is(*, own_times: bool) -> None:
    at = (timedelta(hours=7), timedelta(hours=21)) if own_times else (None, None)
    day = Playbook(hours=WORK, questions=Questions(True, *at), holidays=TODAY, begin="05:00").until("28:00")
    assert questions(day) == []
    assert len(questions(day.until("52:00"))) > 1


def course(**chosen: Any) -> Playbook:
    """Somebody who tells a score on Monday morning, and is not at the desk."""
    day = Playbook(signals=["seat"], hours=WORK, questions=ASKED, **chosen).until("09:00")
    return day.tell(CheckedIn(Entry(MONDAY, MORNING, 3)))


def test_days_off_are_no_missing_days() -> None:
    friday = f"{4 * 24 + 18}:00"
    assert "R9" not in rules(course(holidays=TUESDAY_TO_SATURDAY).until(friday))
    assert "R9" in rules(course().until(friday))


def test_nor_are_those_on_which_nobody_watched() -> None:
    def noted(day: Playbook) -> list[int]:
        day.lose_time(f"{6 * 24 + 9}:00")
        return [number for number in range(8) if paused(day, MONDAY + number * DAY)]

    assert noted(course(holidays=TUESDAY_TO_SATURDAY)) == [1, 2, 3, 4, 5]
    assert noted(course()) == []


def test_each_day_off_is_noted_once_and_a_resume_does_not_undo_it() -> None:
    day = Playbook(holidays=(Spell(MONDAY, MONDAY + DAY),)).until("10:00").until("33:00")
    assert day.state.recovery.pauses == (Spell(MONDAY, MONDAY), Spell(MONDAY + DAY, MONDAY + DAY))
    day.tell(PauseAsked(day.now + DAY)).tell(ResumeAsked())
    assert paused(day, MONDAY + DAY)
    assert not paused(day.until("60:00"), MONDAY + 2 * DAY)


def rules(day: Playbook) -> list[str]:
    """By which rules the days were judged; R9 is that of a missing day."""
    return [order.decision.rule for _, order in day.orders(RecordDecision)]


def paused(day: Playbook, of: date) -> bool:
    """Whether that day is no missing one."""
    return any(spell.covers(of) for spell in day.state.recovery.pauses)


# --- Why -------------------------------------------------------------------------------------------------------------


def test_it_says_that_it_is_a_day_off_and_when_it_is_back() -> None:
    day = seated(hours=WORK, holidays=TODAY).until("09:00")
    assert reason(day) == "It is one of your days off. I am back at 2025-03-04 08:00."
    assert reason(day.until("28:30")) == "These are not your active hours. I am back at 08:00."
    always = seated(holidays=TODAY).until("09:00")
    assert reason(always) == "It is one of your days off. I am back at 2025-03-04 04:00."


def test_a_start_that_is_not_through_to_the_broker_yet_is_not_called_an_outage() -> None:
    day = Playbook(signals=["seat"], begin="09:00").cut()
    assert reason(day) == "I have just started and am listening for the first signals."
    assert reason(day.until("09:01")).startswith("The MQTT broker has been out of reach since 09:00")
    heard = seated().until("08:10").cut()
    assert reason(heard).startswith("The MQTT broker has been out of reach since 08:10"), "that one is an outage"


def test_it_names_no_return_where_none_is_coming_up() -> None:
    never = seated(hours=((),) * 7, holidays=TODAY)
    assert reason(never) == "It is one of your days off, and no active hours follow. I keep quiet."


# --- The calendar ----------------------------------------------------------------------------------------------------


BERLIN = ZoneInfo("Europe/Berlin")
FEAST = (Spell(date(2026, 12, 24), date(2026, 12, 26)), Spell(date(2026, 12, 27), date(2026, 12, 27)))


def at(wall_clock: str) -> datetime:
    """The instant of a wall time."""
    return datetime.fromisoformat(wall_clock).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2026-12-24T03:59", None),
        ("2026-12-24T04:00", "2026-12-28T04:00"),
        ("2026-12-27T04:00", "2026-12-28T04:00"),
        ("2026-12-28T03:59", "2026-12-28T04:00"),
        ("2026-12-28T04:00", None),
    ],
)
def test_days_off_that_touch_are_one_stretch_from_four_to_four(now: str, ends: str | None) -> None:
    assert hours.holiday_ends(FEAST, BERLIN, at(now)) == (None if ends is None else at(ends))
    assert hours.is_active(None, BERLIN, at(now), FEAST) == (ends is None)


@pytest.mark.parametrize(
    ("week", "now", "change"),
    [
        (None, "2026-12-23T12:00", "2026-12-24T04:00"),
        (None, "2026-12-25T12:00", "2026-12-28T04:00"),
        (None, "2026-12-29T12:00", None),
        (WORK, "2026-12-22T12:00", "2026-12-22T18:00"),
        (WORK, "2026-12-23T19:00", "2026-12-28T08:00"),
        (WORK, "2026-12-24T12:00", "2026-12-28T08:00"),
        (every_day("22:00", "30:00"), "2026-12-23T23:00", "2026-12-24T04:00"),
        (every_day("22:00", "30:00"), "2026-12-25T23:00", "2026-12-28T04:00"),
        (((),) * 7, "2026-12-23T12:00", None),
    ],
)
def test_the_next_change_of_activity_knows_days_off(week: hours.Week | None, now: str, change: str | None) -> None:
    assert hours.next_change(week, BERLIN, at(now), FEAST) == (None if change is None else at(change))


def test_a_hundred_days_off_in_a_row_end_where_the_last_one_does() -> None:
    holidays = tuple(Spell(MONDAY + n * DAY, MONDAY + n * DAY) for n in range(100))
    now = datetime(2025, 3, 3, 12, tzinfo=UTC)
    assert hours.next_change(WORK, UTC, now, holidays) == datetime(2025, 6, 11, 8, tzinfo=UTC)
