"""What proves less than it seems: somebody else's body, a raised desk, signals that are stuck or silent."""

from __future__ import annotations

import pytest
from playbook import Playbook, minutes, signal

# --- An empty seat, and somebody else's body -------------------------------------------------------------------------


def test_somebody_elses_body_proves_nothing_about_one_whose_seat_is_empty() -> None:
    day = Playbook(signals=["seat", "presence"]).at("08:00").on("presence").on("seat").at("08:30").off("seat")
    assert day.until("09:00").posture == ("away", "08:30")


def test_own_input_within_two_minutes_makes_it_standing() -> None:
    day = Playbook(signals=["seat", "presence", "activity"]).at("08:00").on("presence", "seat", "activity")
    day.at("08:30").off("seat").at("08:31").off("activity").until("08:32:59")
    assert day.posture == ("standing", "08:30")
    assert day.until("08:33").posture == ("away", "08:31")


def test_own_input_makes_it_standing_with_no_other_body_in_the_room_too() -> None:
    day = Playbook(signals=["seat", "activity"]).at("08:00").on("seat", "activity").at("08:30").off("seat")
    assert day.posture == ("standing", "08:30")
    assert day.at("08:31").off("activity").until("08:33").posture == ("away", "08:31")


def test_how_long_own_input_makes_it_standing_is_at_most_its_hold() -> None:
    day = Playbook(signals=["seat", signal("activity", hold=minutes(1))]).at("08:00").on("seat", "activity")
    day.at("08:30").off("seat").at("08:31").off("activity").until("08:31:59")
    assert day.posture == ("standing", "08:30")
    assert day.until("08:32").posture == ("away", "08:31")


def test_a_raised_desk_makes_it_standing() -> None:
    day = Playbook(signals=["seat", "presence", "standing"]).at("08:00").on("presence", "seat").off("standing")
    day.at("08:30").off("seat").at("08:31").on("standing")
    assert day.posture == ("standing", "08:31")
    assert day.until("09:00").posture == ("standing", "08:31")


def test_getting_off_the_seat_at_a_desk_that_is_up_is_standing() -> None:
    day = Playbook(signals=["seat", "presence", "standing"]).at("08:00").on("presence", "seat", "standing")
    assert day.posture == ("sitting", "08:00")
    assert day.at("08:31").off("seat", at="08:30").posture == ("standing", "08:30")


def test_somebody_elses_body_and_a_call_put_nobody_at_the_desk_who_was_not_there() -> None:
    day = Playbook(signals=["seat", "presence", "call"]).at("08:00").off("seat").on("presence").at("08:10").on("call")
    assert day.posture == ("away", "08:00")


def test_somebody_elses_body_and_a_call_that_met_the_person_are_standing() -> None:
    day = Playbook(signals=["seat", "presence", "call"]).at("08:00").on("seat", "presence", "call")
    assert day.at("08:10").off("seat").posture == ("standing", "08:10")


# --- The desk's height -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("here", ["presence", "motion", "activity"])
def test_the_desk_says_standing_or_seated_of_one_who_is_there(here: str) -> None:
    day = Playbook(signals=[here, "standing"]).at("08:00").on(here)
    assert day.posture == ("sitting", "08:00")
    assert day.at("08:10").on("standing").posture == ("standing", "08:10")
    assert day.at("08:20").off("standing", at="08:19").posture == ("sitting", "08:19")


def test_a_raised_desk_without_anybody_is_nobody_standing() -> None:
    day = Playbook(signals=["presence", "standing"]).at("08:00").off("presence").on("standing")
    assert day.posture == ("away", "08:00")
    assert day.at("08:10").on("presence").posture == ("standing", "08:10")


# --- Stuck signals ---------------------------------------------------------------------------------------------------


def test_a_seat_on_for_three_hours_at_an_idle_desktop_is_a_bag_on_the_chair() -> None:
    day = Playbook(signals=["seat", "activity"]).at("08:00").on("seat", "activity").at("09:02:30").off("activity")
    assert day.until("12:02:29").posture == ("sitting", "08:00")
    assert day.until("12:02:30").posture == ("unknown", "09:02:30")
    assert day.evidence().stuck == ("seat",)
    assert day.until("12:03:30").bouts() == [("08:00", "09:02:30", minutes(62.5))]
    assert not day.breaks()


def test_a_seat_on_for_three_hours_at_a_locked_desktop_is_a_bag_on_the_chair() -> None:
    day = Playbook(signals=["seat", "locked"]).at("08:00").on("seat").at("09:02:30").on("locked")
    assert day.until("12:02:29").posture == ("sitting", "08:00")
    assert day.until("12:02:30").posture == ("unknown", "09:02:30")


def test_the_owner_of_the_bag_left_when_hands_came_to_rest_where_the_lock_came_later() -> None:
    day = Playbook(signals=["seat", "activity", "locked"]).at("08:00").on("seat", "activity")
    day.at("09:02:30").off("activity").at("09:10").on("locked").until("12:02:29")
    assert day.posture == ("sitting", "08:00")
    assert day.until("12:02:30").posture == ("unknown", "09:02:30")


def test_the_owner_of_the_bag_who_comes_back_sits_from_then_on() -> None:
    day = Playbook(signals=["seat", "activity"]).at("08:00").on("seat", "activity").at("09:00").off("activity")
    day.at("13:00").on("activity")
    assert day.posture == ("sitting", "13:00")
    assert day.evidence().stuck == ()


def test_a_bag_on_one_chair_does_not_hide_who_sat_down_on_another() -> None:
    day = Playbook(signals=[signal("seat", "mine"), signal("seat", "guest"), "locked"]).at("08:00").on("mine", "locked")
    day.at("10:00").on("guest").until("12:59:59")
    assert day.posture == ("sitting", "08:00")
    assert day.until("13:00").posture[0] == "unknown"


def test_a_seat_on_for_three_hours_at_a_desktop_in_use_is_its_owner() -> None:
    day = Playbook(signals=["seat", "activity", "locked"]).at("08:00").on("seat", "activity").off("locked")
    assert day.until("12:00").posture == ("sitting", "08:00")
    alone = Playbook(signals=["seat"]).at("08:00").on("seat")
    assert alone.until("12:00").posture == ("sitting", "08:00")


def test_a_bag_on_the_chair_does_not_hide_a_body_that_another_sensor_sees() -> None:
    day = Playbook(signals=["seat", "locked", "presence"]).at("08:00").on("seat", "locked", "presence")
    assert day.until("12:00").posture == ("sitting", "08:00")


def test_a_camera_stuck_on_for_four_hours_is_ignored_and_named() -> None:
    day = Playbook(signals=["seat", signal("call", "camera")]).at("08:00").on("seat", "camera").until("11:59:59")
    assert day.hold() == "call"
    assert day.prompts() == []
    day.until("12:00")
    assert day.hold() is None
    assert day.prompts() == ["12:00"]
    assert day.evidence().stuck == ("camera",)
    day.at("12:10").off("camera").at("12:20").on("camera")
    assert day.hold() == "call"


def test_a_stuck_camera_does_not_hide_a_call_that_a_microphone_hears() -> None:
    day = Playbook(signals=["seat", signal("call", "camera"), signal("call", "microphone")])
    day.at("08:00").on("seat", "camera").at("11:00").on("microphone").until("12:30")
    assert day.hold() == "call"
    assert day.evidence().stuck == ("camera",)
    assert day.off("microphone").prompts() == ["12:30"]


def test_a_seat_that_flaps_ten_times_a_second_is_one_bout_and_one_prompt() -> None:
    day = Playbook(signals=["seat"]).at("08:00").on("seat").at("08:19")
    for _ in range(600):
        day.wait(milliseconds=100).off("seat").wait(milliseconds=100).on("seat")
    assert len(day.prompts()) == 1
    assert (day.bouts(), day.breaks(), day.outcomes()) == ([], [], [])
    assert day.at("08:25").off("seat").until("08:26").bouts() == [("08:00", "08:25", minutes(25))]


# --- What proves nothing ---------------------------------------------------------------------------------------------


def test_a_signal_never_heard_proves_nothing_and_is_named() -> None:
    day = Playbook(signals=["seat", "presence"]).at("08:00")
    assert day.posture == ("unknown", "07:00")
    assert day.evidence().silent == ("seat", "presence")
    assert day.on("presence").evidence().silent == ("seat",)
