"""With no signal at all, sitting is assumed inside active hours, and the person's word is all there is."""

from __future__ import annotations

import pytest
from playbook import Playbook, every_day, minutes, signal

from nudger.core.effects import Announce
from nudger.core.events import DoneSaid, RestAsked, ResumeAsked
from nudger.core.policy import Span
from nudger.core.words import Confirmed


def test_timer_mode_takes_it_that_the_person_sits_inside_active_hours_from_start_up() -> None:
    day = Playbook(begin="09:30", hours=every_day("09:00", "17:00"))
    assert day.posture == ("sitting", "09:30")
    assert day.until("09:50").prompts() == ["09:50"]


def test_timer_mode_waits_for_active_hours() -> None:
    day = Playbook(begin="07:00", hours=every_day("09:00", "17:00"))
    assert day.posture == ("away", "07:00")
    assert day.until("09:20").prompts() == ["09:20"]
    assert day.posture == ("sitting", "09:00")


def test_timer_mode_done_is_the_break_marked_assumed() -> None:
    day = Playbook(begin="08:00").until("08:21").tell(DoneSaid())
    assert day.outcomes() == [("08:21", "done")]
    assert day.bouts() == [("08:00", "08:21", minutes(21))]
    assert day.until("08:23:59").breaks() == []
    day.until("08:24")
    assert day.breaks() == [("08:21", "08:24", "assumed")]
    assert day.told("enough") == ["08:24"]
    assert day.until("08:45").prompts() == ["08:20", "08:44"]


def test_timer_mode_done_without_a_prompt_is_a_break_too() -> None:
    day = Playbook(begin="08:00").until("08:10").tell(DoneSaid()).until("08:15")
    assert day.breaks() == [("08:10", "08:13", "assumed")]
    assert day.told("enough") == []


def test_timer_mode_done_twice_is_one_break() -> None:
    day = Playbook(begin="08:00").until("08:10").tell(DoneSaid()).at("08:11").tell(DoneSaid()).until("08:15")
    assert day.breaks() == [("08:10", "08:13", "assumed")]
    assert day.state.today.breaks == 1


def test_timer_mode_three_ignored_in_a_row_close_the_bout() -> None:
    day = Playbook(begin="08:00").until("12:00")
    assert day.prompts() == ["08:20", "08:44", "09:08"]
    assert day.outcomes() == [("08:44", "ignored"), ("09:08", "ignored"), ("09:32", "ignored")]
    assert day.bouts() == [("08:00", "09:32", minutes(92))]
    assert [order.data["confirmed"] for _, order in day.orders(Announce)] == [Confirmed.ASSUMED]


def test_timer_mode_goes_on_when_the_silent_person_says_something() -> None:
    day = Playbook(begin="08:00").until("12:00").tell(DoneSaid()).until("12:30")
    assert day.breaks() == [("09:32", "12:00", "assumed")]
    assert day.prompts()[3:] == ["12:20"]


def test_timer_mode_goes_on_after_a_restart_too() -> None:
    day = Playbook(begin="08:00").until("12:00").lose_time("12:10")
    assert day.posture[0] == "away"
    assert day.tell(DoneSaid()).refusals() == []
    assert day.posture == ("sitting", "12:10")
    assert day.until("12:30").prompts()[3:] == ["12:30"]


def test_timer_mode_an_answer_in_between_starts_the_count_anew() -> None:
    day = Playbook(begin="08:00").until("09:10").tell(DoneSaid()).until("10:30")
    assert day.outcomes()[:3] == [("08:44", "ignored"), ("09:08", "ignored"), ("09:10", "done")]
    assert day.outcomes()[3:] == [("09:57", "ignored"), ("10:21", "ignored")]
    assert day.bouts() == [("08:00", "09:10", minutes(70))]


def test_timer_mode_begins_again_with_the_next_active_hours_by_itself() -> None:
    day = Playbook(begin="08:00", hours=every_day("08:00", "18:00")).until("34:00")
    assert day.prompts() == ["08:20", "08:44", "09:08", "32:20", "32:44", "33:08"]
    assert day.breaks() == [("09:32", "32:00", "assumed")]


@pytest.mark.parametrize("hours", [None, every_day("00:00", "24:00")])
def test_timer_mode_around_the_clock_waits_for_a_word(hours: tuple[tuple[Span, ...], ...] | None) -> None:
    day = Playbook(begin="08:00", hours=hours).until("48:00")
    assert len(day.prompts()) == 3
    assert day.tell(ResumeAsked()).posture[0] == "sitting"


def test_timer_mode_the_end_of_active_hours_closes_the_bout() -> None:
    day = Playbook(begin="17:30", hours=every_day("08:00", "18:00")).until("19:00")
    assert day.bouts() == [("17:30", "18:00", minutes(30))]
    assert day.outcomes() == [("18:00", "withdrawn: quiet")]


# --- A desktop that tells of locks and calls, but not of hands -------------------------------------------------------


def test_timer_mode_a_lock_answers_a_prompt_and_the_count_begins_anew_behind_it() -> None:
    day = Playbook(begin="08:00", signals=["locked"], timer=True)
    assert day.until("08:20").prompts() == ["08:20"]
    day.at("08:22").on("locked").until("08:30")
    assert day.outcomes() == [("08:23", "followed")]
    assert day.posture == ("away", "08:22")
    assert day.bouts() == [("08:00", "08:22", minutes(22))]
    day.off("locked")
    assert day.posture == ("sitting", "08:30")
    assert day.breaks() == [("08:22", "08:30", Confirmed.LIKELY)]
    assert day.until("08:50").prompts() == ["08:20", "08:50"]


def test_timer_mode_says_nothing_into_a_locked_room() -> None:
    day = Playbook(begin="08:00", signals=["locked"], timer=True).at("08:05").on("locked").until("10:00")
    assert day.prompts() == []
    assert day.off("locked").until("10:20").prompts() == ["10:20"]


def test_timer_mode_waits_for_the_end_of_a_call() -> None:
    day = Playbook(begin="08:00", signals=["locked", "call"], timer=True).at("08:10").on("call").until("08:50")
    assert day.prompts() == []
    assert day.posture == ("sitting", "08:00")
    assert day.off("call").prompts() == ["08:50"]


def test_timer_mode_a_lock_in_a_call_is_no_break() -> None:
    day = Playbook(begin="08:00", signals=["locked", "call"], timer=True).at("08:10").on("call").on("locked")
    assert day.until("08:40").posture == ("sitting", "08:00")
    assert day.off("call").posture[0] == "away"


def test_timer_mode_a_call_that_never_ends_is_ignored_after_a_while() -> None:
    day = Playbook(begin="08:00", signals=["call"], timer=True).at("08:10").on("call").until("12:30")
    assert day.prompts() == ["12:10"]
    assert day.evidence().stuck == ("call",)


def test_timer_mode_keeps_quiet_under_do_not_disturb() -> None:
    day = Playbook(begin="08:00", signals=["dnd"], timer=True).on("dnd").until("09:00")
    assert day.prompts() == []
    assert day.off("dnd").until("09:01").prompts() == ["09:00"]


def test_timer_mode_done_counts_as_without_signals() -> None:
    day = Playbook(begin="08:00", signals=["locked"], timer=True).until("08:21").tell(DoneSaid()).until("08:24")
    assert day.breaks() == [("08:21", "08:24", "assumed")]


def test_timer_mode_somebody_who_unlocks_is_back_though_they_ignored_three_prompts() -> None:
    day = Playbook(begin="08:00", signals=["locked", "call"], timer=True).until("10:00")
    assert day.posture[0] == "away"
    day.on("call").off("call").at("10:10").on("locked").until("11:00")
    assert day.posture[0] == "away"
    assert day.off("locked").posture == ("sitting", "11:00")
    assert day.breaks() == [("09:32", "11:00", "assumed")]
    assert day.until("11:20").prompts()[3:] == ["11:20"]


def test_timer_mode_a_change_of_config_brings_nobody_back_who_ignored_three_prompts() -> None:
    for signals in ([], ["locked"]):
        day = Playbook(begin="08:00", signals=signals, timer=True).until("10:00")
        assert day.choose(office=True).until("11:00").prompts() == ["08:20", "08:44", "09:08"]
        assert day.tell(ResumeAsked()).until("11:20").prompts()[3:] == ["11:20"]


def test_signals_that_show_the_person_end_what_timer_mode_took_for_granted() -> None:
    day = Playbook(begin="08:00", signals=["locked"], timer=True).until("10:00")
    day.choose(signals=(signal("seat"),), timer=False).on("seat")
    assert day.state.declared is None
    assert day.until("10:20").prompts()[3:] == ["10:20"]


def test_timer_mode_a_rest_is_not_ended_by_unlocking() -> None:
    day = Playbook(begin="08:00", signals=["locked"], timer=True).at("08:10").tell(RestAsked(minutes(60)))
    assert day.on("locked").at("08:20").off("locked").until("08:30").posture[0] == "away"
