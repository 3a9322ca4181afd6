"""Bouts and breaks: when they begin and end, what they are worth, and what time that nobody watched does to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playbook import Playbook, every_day, minutes, seconds, signal

from nudger.core import sitting
from nudger.core.effects import Announce, RecordBreak
from nudger.core.events import DoneSaid, Removed, RestAsked, ResumeAsked, Started, Ticked
from nudger.core.model import Confirmed, LampPolicy, Span, TrustRetained

HOUR = timedelta(hours=1)


def seated(*others: Any, **chosen: Any) -> Playbook:
    """Somebody who sits down at 08:00, on a chair that tells."""
    day = Playbook(signals=["seat", *others], **chosen).at("08:00").on("seat")
    assert isinstance(day, Playbook)
    return day


# --- Gaps and breaks -------------------------------------------------------------------------------------------------


def test_a_gap_under_a_minute_stays_inside_its_bout() -> None:
    day = seated().at("08:10").off("seat").at("08:10:59").on("seat").at("08:15").off("seat").until("08:16")
    assert day.bouts() == [("08:00", "08:15", minutes(15))]


def test_a_gap_of_a_minute_ends_the_bout_when_the_person_left_not_when_it_was_noticed() -> None:
    day = seated().at("08:10").off("seat").until("08:10:59")
    assert day.bouts() == []
    assert day.told("break_started") == []
    day.until("08:11")
    assert day.bouts() == [("08:00", "08:10", minutes(10))]
    assert day.told("break_started") == ["08:11"]
    assert day.state.today.breaks == 1
    assert day.at("08:20").on("seat").breaks() == [("08:10", "08:20", "sensor")]
    assert day.told("break_ended") == ["08:20"]


def test_how_long_a_break_is_at_least_is_an_option() -> None:
    day = seated(min_break=minutes(3)).at("08:10").off("seat").until("08:12:59")
    assert day.bouts() == []
    assert day.until("08:13").bouts() == [("08:00", "08:10", minutes(10))]


def test_walking_off_after_standing_is_one_break() -> None:
    day = Playbook(signals=["presence", "standing"]).at("08:00").on("presence").at("08:10").on("standing")
    day.at("08:20").off("presence").at("08:30").off("standing").on("presence")
    assert day.bouts() == [("08:00", "08:10", minutes(10))]
    assert day.breaks() == [("08:10", "08:30", "sensor")]


def test_walking_off_within_a_minute_of_standing_is_a_break_from_the_rise() -> None:
    day = Playbook(signals=["presence", "standing"]).at("08:00").on("presence").at("08:10").on("standing")
    assert day.at("08:10:30").off("presence").until("08:12").bouts() == [("08:00", "08:10", minutes(10))]


def test_sensors_that_notice_late_do_not_lengthen_the_bout() -> None:
    day = Playbook(signals=["motion"]).at("08:00").on("motion").at("08:15").off("motion").until("08:25")
    assert day.bouts() == [("08:00", "08:15", minutes(15))]
    assert day.at("08:30").on("motion").breaks() == [("08:15", "08:30", "sensor")]


@pytest.mark.parametrize(
    ("kind", "confirmed"), [("locked", "likely"), ("power", "likely"), ("presence", "sensor"), (None, "assumed")]
)
def test_a_break_says_what_it_rests_on(kind: str | None, confirmed: str) -> None:
    day = Playbook(signals=["activity", *([kind] if kind else [])]).at("08:00").on("activity")
    day.at("08:10").off("activity").at("08:10:30")
    if kind == "locked":
        day.on("locked")
    elif kind:
        day.off(kind)
    day.until("08:30").on("activity")
    assert [each[2] for each in day.breaks()] == [confirmed]


def test_one_key_press_and_then_silence_was_no_sitting() -> None:
    day = Playbook(signals=["activity"]).at("08:00").on("activity").off("activity").until("08:10")
    assert day.posture == ("away", "08:00")
    assert day.bouts() == []


@pytest.mark.parametrize("sat_down", ["08:00", "08:10"])
def test_evidence_that_a_rest_outweighed_counts_from_its_end(sat_down: str) -> None:
    day = Playbook(signals=["presence"]).at(sat_down).on("presence").at("08:10").tell(RestAsked(HOUR)).until("09:10")
    assert day.posture == ("sitting", "09:10")


@pytest.mark.parametrize("got_up", ["08:00", "08:10"])
def test_evidence_of_an_empty_seat_that_was_unknown_counts_from_when_it_is_known_again(got_up: str) -> None:
    seat = signal("seat", trust_retained=TrustRetained.STATE)
    day = Playbook(signals=[seat]).at(got_up).off("seat").at("08:10").gone("seat").at("08:30").there("seat")
    assert day.posture == ("away", "08:30")


def test_getting_up_by_oneself_is_noted_but_not_when_asked_or_told() -> None:
    def noted(day: Playbook) -> str | None:
        day.at("08:40").on("seat")
        return day.state.note.key if day.state.note else None

    assert noted(seated().at("08:10").off("seat")) == "got_up_self"
    assert noted(seated().at("08:21").off("seat")) == "followed"
    assert noted(seated().at("08:10").off("seat").at("08:12").tell(DoneSaid())) == "done"


def test_the_first_sign_of_the_person_begins_their_day() -> None:
    day = Playbook(signals=["seat"]).at("08:00").off("seat").at("08:10").on("seat").at("08:20").off("seat")
    assert day.at("08:30").on("seat").state.today.first_seen == day.time("08:10")


def test_how_long_one_has_sat_is_known_at_any_time() -> None:
    day = seated().until("08:10:30")
    assert day.state.bout is not None
    assert sitting.sat(day.state.bout, day.now) == minutes(10.5)
    day.off("seat").wait(seconds=30)
    assert day.state.bout is not None
    assert sitting.sat(day.state.bout, day.now) == minutes(10.5)


def test_the_sitting_of_a_day_counts_closed_bouts_and_the_one_that_runs() -> None:
    day = seated().at("08:10").off("seat").at("08:20").on("seat").at("08:35").off("seat").at("08:40").on("seat")
    day.until("08:45")
    assert sitting.sat_today(day.policy, day.state, day.now) == minutes(30)
    assert sitting.longest_today(day.policy, day.state, day.now) == minutes(15)
    day.until("09:00").off("seat").until("09:10")
    assert sitting.sat_today(day.policy, day.state, day.now) == minutes(45)
    assert sitting.longest_today(day.policy, day.state, day.now) == minutes(20)


def test_of_a_bout_over_four_in_the_morning_each_day_gets_its_part() -> None:
    day = seated().until("27:50").off("seat").at("27:55").on("seat").at("28:10")
    assert sitting.sat_today(day.policy, day.state, day.now) == minutes(10)
    assert sitting.longest_today(day.policy, day.state, day.now) == minutes(10)
    day.off("seat").wait(seconds=30)
    assert sitting.sat_today(day.policy, day.state, day.now) == minutes(10)
    day.until("28:20")
    assert sitting.sat_today(day.policy, day.state, day.now) == minutes(10)
    assert sitting.longest_today(day.policy, day.state, day.now) == minutes(10)
    assert day.bouts()[-1] == ("27:55", "28:10", minutes(15))


# --- Unknown time ----------------------------------------------------------------------------------------------------


def test_unknown_stops_the_clock_and_it_goes_on_after() -> None:
    day = seated().at("08:10").gone("seat").at("08:10:40")
    assert day.state.bout is not None
    assert sitting.sat(day.state.bout, day.now) == minutes(10)
    day.there("seat").until("08:20:39")
    assert day.prompts() == []
    assert sitting.sat(day.state.bout, day.now) == minutes(20) - seconds(1)
    assert day.until("08:20:40").prompts() == ["08:20:40"]
    assert day.at("08:30").off("seat").until("08:31").bouts() == [("08:00", "08:30", minutes(30) - seconds(40))]


def test_unknown_withdraws_a_showing_prompt_and_one_comes_when_it_is_due_again() -> None:
    day = seated().at("08:22").gone("seat")
    assert day.outcomes() == [("08:22", "withdrawn: unknown")]
    assert day.hold() == "unknown"
    assert day.at("08:22:30").there("seat").prompts() == ["08:20", "08:22:30"]


def test_unknown_for_a_minute_closes_the_bout_at_the_last_evidence_and_credits_no_break() -> None:
    day = Playbook(signals=[signal("seat", expire_after=minutes(5))]).at("08:00").on("seat").at("08:04").on("seat")
    assert day.until("08:09:59").bouts() == []
    assert day.until("08:10").bouts() == [("08:00", "08:04", minutes(4))]
    assert day.at("09:00").on("seat").posture == ("sitting", "09:00")
    assert day.breaks() == []
    assert day.state.today.breaks == 0


def test_the_silent_signals_are_named() -> None:
    day = seated("presence").at("08:10").gone("seat")
    assert day.evidence().silent == ("seat", "presence")


def test_unknown_after_a_rise_leaves_the_end_of_the_bout_where_it_was() -> None:
    day = seated().at("08:10").off("seat").at("08:10:30").gone("seat").until("08:12")
    assert day.bouts() == [("08:00", "08:10", minutes(10))]
    assert day.at("08:13").on("seat").breaks() == []


def test_unknown_within_a_gap_stays_inside_the_bout_with_it() -> None:
    day = seated().at("08:10").off("seat").at("08:10:20").gone("seat").at("08:10:50").on("seat").at("08:15").off("seat")
    assert day.until("08:16").bouts() == [("08:00", "08:15", minutes(15))]


def test_away_after_unknown_is_a_break_from_when_nothing_was_known() -> None:
    day = seated().at("08:10").gone("seat").at("08:10:30").off("seat").until("08:12")
    assert day.bouts() == [("08:00", "08:10", minutes(10))]
    assert day.at("08:20").on("seat").breaks() == [("08:10", "08:20", "sensor")]


def test_unknown_for_less_than_a_minute_stays_inside_its_break() -> None:
    day = seated().at("08:10").off("seat").at("08:20").gone("seat").at("08:20:50").there("seat").until("08:30")
    assert day.on("seat").breaks() == [("08:10", "08:30", "sensor")]


def test_unknown_for_a_minute_ends_a_break() -> None:
    day = seated().at("08:10").off("seat").at("08:20").gone("seat").until("08:21")
    assert day.breaks() == [("08:10", "08:20", "sensor")]


def test_unknown_after_unknown_is_counted_once_each() -> None:
    day = seated().at("08:05").gone("seat").at("08:05:20").there("seat").at("08:06").gone("seat")
    day.at("08:06:30").there("seat").at("08:10").off("seat").until("08:11")
    assert day.bouts() == [("08:00", "08:10", minutes(10) - seconds(50))]


# --- The person's word -----------------------------------------------------------------------------------------------


def test_done_with_no_prompt_showing_credits_a_break() -> None:
    day = seated().at("08:10").tell(DoneSaid())
    assert day.bouts() == [("08:00", "08:09", minutes(9))]
    assert day.breaks() == [("08:09", "08:10", "user")]
    assert day.state.today.breaks == 1
    assert day.until("08:40").prompts() == ["08:30"]


def test_done_right_after_sitting_down_takes_no_time_from_before() -> None:
    day = seated().at("08:00:30").tell(DoneSaid())
    assert day.bouts() == []
    assert day.breaks() == [("08:00", "08:00:30", "user")]


def test_done_while_up_for_less_than_a_minute_begins_the_break_at_once() -> None:
    day = seated().at("08:10").off("seat").at("08:10:20").tell(DoneSaid())
    assert day.bouts() == [("08:00", "08:10", minutes(10))]
    assert day.at("08:15").on("seat").breaks() == [("08:10", "08:15", "user")]


def test_done_during_a_break_makes_it_the_persons_own_word() -> None:
    day = seated().at("08:10").off("seat").at("08:15").tell(DoneSaid()).at("08:20").on("seat")
    assert day.breaks() == [("08:10", "08:20", "user")]
    assert day.state.today.breaks == 1


def test_done_with_nothing_to_credit_is_refused() -> None:
    assert Playbook(signals=["seat"]).tell(DoneSaid()).refusals() == ["nothing_to_credit"]


# --- Timer mode ------------------------------------------------------------------------------------------------------


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


# --- Time that nobody watched ----------------------------------------------------------------------------------------


def test_a_restart_within_a_minute_continues_the_same_bout() -> None:
    day = seated().at("08:10").lose_time("08:10:59").tell(Started()).until("08:20")
    assert day.posture == ("sitting", "08:00")
    assert day.prompts() == ["08:20"]


def test_a_longer_stop_closes_the_bout_where_it_began_and_credits_no_break() -> None:
    day = seated().at("08:10").lose_time("08:15").tell(Started())
    assert day.bouts() == [("08:00", "08:10", minutes(10))]
    assert day.breaks() == []
    assert day.posture == ("sitting", "08:15")
    assert day.until("08:40").prompts() == ["08:35"]


def test_a_sleep_of_the_persons_own_desktop_is_a_likely_break() -> None:
    day = seated().at("08:10").lose_time("08:15", away=True)
    assert day.bouts() == [("08:00", "08:10", minutes(10))]
    assert day.breaks() == [("08:10", "08:15", "likely")]
    assert day.posture == ("sitting", "08:15")


def test_a_sleep_of_another_host_is_unknown() -> None:
    day = seated().at("08:10").lose_time("09:10")
    assert day.posture == ("unknown", "08:10")
    assert day.breaks() == []


def test_a_prompt_that_showed_before_a_stop_is_withdrawn_and_not_repeated_into_the_next_bout() -> None:
    day = seated().until("08:22").lose_time("08:30").until("08:45")
    assert day.outcomes() == [("08:30", "withdrawn: unknown")]
    assert day.shown() == [("08:20", "level 0")]
    assert day.until("08:50").prompts() == ["08:20", "08:50"]


def test_a_prompt_that_showed_before_the_desktop_slept_is_followed() -> None:
    day = seated().until("08:22").lose_time("08:30", away=True)
    assert day.outcomes() == [("08:30", "followed")]
    assert day.answer().after == minutes(2)
    assert day.until("08:45").told("enough") == []


def test_a_prompt_that_showed_before_a_short_stop_goes_on() -> None:
    day = seated().until("08:22").lose_time("08:22:30").until("08:23")
    assert day.shown() == [("08:20", "level 0"), ("08:23", "level 1 again")]


@pytest.mark.parametrize("away", [True, False])
def test_after_any_gap_there_is_no_storm_of_prompts(away: bool) -> None:
    day = seated(signal("presence", trust_retained=TrustRetained.STATE)).on("presence").until("08:10")
    day.lose_time("16:00", away=away).until("16:19:59")
    assert day.prompts() == []
    assert day.until("16:20").prompts() == ["16:20"]


def test_late_ticks_record_what_was_missed_once() -> None:
    day = seated().sleep("12:00").tell(Started())
    assert day.prompts() == ["12:00"]


@pytest.mark.parametrize("hours", [-30, -1, 1, 30])
def test_a_step_of_the_clock_leaves_every_duration_as_it_was(hours: int) -> None:
    day = seated().until("08:10").step_clock(hours=hours).wait(minutes=9, seconds=59)
    assert day.prompts() == []
    day.wait(seconds=1)
    assert len(day.prompts()) == 1
    day.wait(minutes=5).off("seat").wait(minutes=1)
    assert [length for _, _, length in day.bouts()] == [minutes(25)]


def test_a_clock_that_is_set_from_1970_leaves_every_duration_as_it_was() -> None:
    day = seated().until("08:10").step_clock(days=20000).wait(minutes=10)
    assert len(day.prompts()) == 1


def test_a_step_of_the_clock_into_quiet_hours_is_noticed_at_once() -> None:
    day = seated(hours=every_day("07:00", "22:00")).until("08:21").step_clock(hours=15)
    assert day.outcomes() == [("23:21", "withdrawn: quiet")]


def test_active_hours_that_a_step_of_the_clock_passes_over_begin_at_once() -> None:
    day = Playbook(begin="08:00", hours=every_day("09:30", "17:00")).until("08:20").step_clock(hours=1, minutes=20)
    assert day.posture[0] == "away"
    assert day.wait(seconds=1).posture[0] == "sitting"
    assert len(day.wait(minutes=20).prompts()) == 1


def test_a_change_of_the_time_zone_leaves_every_duration_as_it_was() -> None:
    day = seated().until("08:10").choose(zone=ZoneInfo("America/Havana")).wait(minutes=10)
    assert len(day.prompts()) == 1
    day.wait(minutes=5).off("seat").wait(minutes=1)
    assert [length for _, _, length in day.bouts()] == [minutes(25)]


def test_an_instant_earlier_than_the_last_is_read_as_the_last() -> None:
    day = seated().until("08:10").tell(Ticked())
    day.now = day.time("08:05")
    assert day.off("seat").posture == ("away", "08:10")


def test_with_removal_everything_ends() -> None:
    day = seated().until("08:22").tell(Removed())
    assert day.bouts() == [("08:00", "08:22", minutes(22))]
    assert day.outcomes() == [("08:22", "withdrawn: removed")]
    up = seated().at("08:10").off("seat").at("08:20").tell(Removed())
    assert up.breaks() == [("08:10", "08:20", "sensor")]
    blind = seated().at("08:10").gone("seat").at("08:10:30").tell(Removed())
    assert blind.bouts() == [("08:00", "08:10", minutes(10))]
    lit = seated(lamp=LampPolicy()).until("08:22").tell(Removed())
    assert lit.scenes() == [("08:20", "due"), ("08:22", "restored")]
    rising = seated().at("08:10").off("seat").at("08:10:30").tell(Removed())
    assert rising.bouts() == [("08:00", "08:10", minutes(10))]
    lost = seated().at("08:10").off("seat").at("08:20").gone("seat").at("08:20:30").tell(Removed())
    assert lost.breaks() == [("08:10", "08:20", "sensor")]
    nobody = Playbook(signals=["seat"]).tell(Removed())
    assert list(nobody.orders(RecordBreak)) == []


def test_a_signal_that_a_new_config_no_longer_has_stops_counting_at_once() -> None:
    day = seated("presence").at("08:10").choose(signals=(signal("presence"),))
    assert day.posture == ("unknown", "08:10")
    kept = seated("presence").at("08:10").choose(signals=(signal("seat"),))
    assert kept.posture == ("sitting", "08:00")
    assert kept.until("08:20").prompts() == ["08:20"]
