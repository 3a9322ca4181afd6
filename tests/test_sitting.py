"""Bouts and breaks: when they begin and end, and what they are worth."""

from __future__ import annotations

import pytest
from playbook import HOUR, Playbook, minutes, seated, seconds, signal

from nudger.core import sitting
from nudger.core.events import DoneSaid, RestAsked
from nudger.core.words import TrustRetained

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


def test_done_right_after_sitting_down_credits_nothing_and_so_does_saying_it_twice() -> None:
    day = seated().at("08:00:30").tell(DoneSaid())
    assert (day.bouts(), day.breaks()) == ([], [])
    day.at("08:20").tell(DoneSaid()).at("08:20:02").tell(DoneSaid())
    assert day.breaks() == [("08:19", "08:20", "user")]
    assert day.state.today.breaks == 1


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


def test_done_just_after_sitting_down_is_refused_with_that_reason() -> None:
    assert seated().at("08:00:59").tell(DoneSaid()).refusals() == ["just_sat_down"]
    assert seated().at("08:01").tell(DoneSaid()).refusals() == []
