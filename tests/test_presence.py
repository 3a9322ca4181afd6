"""What signals prove: a truth table per kind, and who wins where they disagree."""

from __future__ import annotations

from itertools import combinations

import pytest
from playbook import Playbook, minutes, seconds, signal

from nudger.core.events import Ticked

# --- Truth tables: each kind alone -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "on", "off"),
    [
        ("seat", "sitting", "away"),
        ("presence", "sitting", "away"),
        ("motion", "sitting", "sitting"),
        ("activity", "sitting", "sitting"),
        ("locked", "away", "unknown"),
        ("power", "unknown", "away"),
        ("standing", "unknown", "unknown"),
        ("call", "unknown", "unknown"),
        ("dnd", "unknown", "unknown"),
    ],
)
def test_what_each_kind_proves_alone(kind: str, on: str, off: str) -> None:
    day = Playbook(signals=[kind]).at("08:00").on(kind)
    assert day.posture[0] == on
    assert day.at("08:01").off(kind).posture[0] == off


@pytest.mark.parametrize(
    ("kind", "on", "off"),
    [
        ("seat", "sitting", "away"),
        ("presence", "sitting", "away"),
        ("motion", "sitting", "sitting"),
        ("activity", "sitting", "sitting"),
        ("locked", "away", "sitting"),
        ("power", "sitting", "away"),
        ("standing", "standing", "sitting"),
        ("call", "sitting", "sitting"),
        ("dnd", "sitting", "sitting"),
    ],
)
def test_what_each_kind_proves_while_hands_are_known_to_have_been_busy(kind: str, on: str, off: str) -> None:
    day = Playbook(signals=["activity"] + ([kind] if kind != "activity" else []))
    day.at("08:00").on("activity").at("08:00:30").off("activity")
    assert day.at("08:04").on(kind).posture[0] == on
    assert day.at("08:04:30").off(kind).posture[0] == off


@pytest.mark.parametrize("kind", ["motion", "activity"])
def test_the_first_word_of_a_momentary_signal_being_off_does_not_say_since_when(kind: str) -> None:
    silence = signal(kind).hold
    day = Playbook(signals=[kind]).at("08:00").off(kind).until(Playbook().time("08:00") + silence)
    assert day.posture == ("away", "08:00")


def test_silence_of_motion_means_away_since_the_last_motion() -> None:
    day = Playbook(signals=["motion"]).at("08:00").on("motion").at("08:30").off("motion").until("08:39:59")
    assert day.posture == ("sitting", "08:00")
    assert day.until("08:40").posture == ("away", "08:30")
    assert day.bouts() == [("08:00", "08:30", minutes(30))]


def test_how_long_silence_lasts_is_an_option_of_the_signal() -> None:
    day = Playbook(signals=[signal("motion", hold=minutes(2))]).at("08:00").on("motion").at("08:30").off("motion")
    assert day.until("08:32").posture == ("away", "08:30")


def test_silence_of_the_keyboard_alone_means_away_since_the_last_input() -> None:
    day = Playbook(signals=["activity"]).at("08:00").on("activity").at("08:10:12").off("activity", since="08:10")
    assert day.until("08:14:59").posture == ("sitting", "08:00")
    assert day.until("08:15").posture == ("away", "08:10")


@pytest.mark.parametrize("other", ["seat", "presence"])
def test_idle_hands_are_not_absence_while_other_evidence_says_present(other: str) -> None:
    day = Playbook(signals=[other, "activity"]).at("08:00").on(other, "activity").at("08:10").off("activity")
    assert day.until("08:19:59").posture == ("sitting", "08:00")


def test_a_still_sitter_whom_the_motion_sensor_misses_for_eight_minutes_sits_on() -> None:
    day = Playbook(signals=["motion"]).at("08:00").on("motion").at("08:01").off("motion").at("08:09").on("motion")
    assert day.posture == ("sitting", "08:00")
    assert not day.bouts()


def test_a_monitor_left_on_overnight_is_not_a_sitter() -> None:
    day = Playbook(signals=["power"]).on("power").until("31:00")
    assert day.postures() == [("07:00", "unknown")]


def test_several_signals_of_one_kind_agree_on_the_longest_presence() -> None:
    day = Playbook(signals=[signal("seat", "left"), signal("seat", "right")]).at("08:00").on("left").off("right")
    assert day.posture == ("sitting", "08:00")
    assert day.at("08:05").on("right").at("08:06").off("left").posture == ("sitting", "08:00")
    assert day.at("08:10").off("right").posture == ("away", "08:10")


# --- Precedence: pairs that disagree ---------------------------------------------------------------------------------

CLAIMS = {
    "seat on": "sitting",
    "presence on": "sitting",
    "motion on": "sitting",
    "activity on": "sitting",
    "seat off": "away",
    "locked on": "away",
    "power off": "away",
    "presence off": "away",
}
"""What each claim proves, the strongest first."""
EXCEPTIONS = {
    ("presence on", "seat off"): "away",
    ("motion on", "seat off"): "away",
    ("activity on", "seat off"): "standing",
}
"""Somebody else's body proves nothing about one whose seat is empty; their own hands at the desk do."""
PAIRS = [pair for pair in combinations(CLAIMS, 2) if pair[0].split()[0] != pair[1].split()[0]]


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(("stronger", "weaker"), PAIRS)
def test_of_two_signals_that_disagree_the_stronger_decides(stronger: str, weaker: str, swapped: bool) -> None:
    day = Playbook(signals=[stronger.split(maxsplit=1)[0], weaker.split(maxsplit=1)[0]]).at("08:00")
    for claim in (weaker, stronger) if swapped else (stronger, weaker):
        name, value = claim.split()
        day = day.on(name) if value == "on" else day.off(name)
    assert day.posture[0] == EXCEPTIONS.get((stronger, weaker), CLAIMS[stronger])
    assert day.until("08:01").tell(Ticked()).posture[0] == day.posture[0]


@pytest.mark.parametrize("other", ["presence", "power"])
def test_an_occupied_seat_beats_what_says_away_by_being_off(other: str) -> None:
    day = Playbook(signals=["seat", other]).at("08:00").on("seat").at("08:01").off(other)
    assert day.posture == ("sitting", "08:00")


@pytest.mark.parametrize("other", ["locked", "standing", "call"])
def test_an_occupied_seat_beats_what_speaks_against_sitting_by_being_on(other: str) -> None:
    day = Playbook(signals=["seat", other]).at("08:00").on("seat").at("08:01").on(other)
    assert day.posture == ("sitting", "08:00")


@pytest.mark.parametrize("body", ["presence", "motion"])
@pytest.mark.parametrize("says_away", ["locked", "power"])
def test_live_evidence_of_a_body_beats_a_lock_and_a_dark_monitor(body: str, says_away: str) -> None:
    day = Playbook(signals=[body, says_away]).at("08:00").on(body).at("08:30")
    day = day.on("locked") if says_away == "locked" else day.off("power")
    assert day.posture == ("sitting", "08:00")


def test_motion_that_ended_before_the_lock_does_not_outlive_it() -> None:
    day = Playbook(signals=["motion", "locked"]).at("08:00").on("motion").at("08:29").off("motion")
    assert day.at("08:30").on("locked").posture == ("away", "08:30")


def test_motion_after_the_lock_counts_for_three_minutes() -> None:
    day = Playbook(signals=["motion", "locked"]).at("08:00").on("motion").at("08:29").off("motion")
    day.at("08:30").on("locked").at("08:40").on("motion").at("08:40:30").off("motion").until("08:43:29")
    assert day.posture == ("sitting", "08:40")
    assert day.until("08:43:30").posture == ("away", "08:40:30")


@pytest.mark.parametrize("says_away", ["locked", "power", "presence"])
def test_input_after_a_lock_a_dark_monitor_or_an_empty_room_counts_for_two_minutes(says_away: str) -> None:
    day = Playbook(signals=["activity", says_away]).at("08:00")
    day = day.on("locked") if says_away == "locked" else day.off(says_away)
    day.at("08:10").on("activity").at("08:10:30").off("activity").until("08:12:29")
    assert day.posture == ("sitting", "08:10")
    assert day.until("08:12:30").posture == ("away", "08:10:30")


def test_input_before_the_lock_does_not_outlive_it() -> None:
    day = Playbook(signals=["activity", "locked"]).at("08:00").on("activity").at("08:10").off("activity")
    assert day.at("08:11").on("locked").posture == ("away", "08:11")
    assert day.at("08:11:30").off("locked").posture == ("sitting", "08:11:30")


def test_a_break_that_a_lock_began_ends_with_the_next_input_not_with_the_lock() -> None:
    day = Playbook(signals=["activity", "locked"]).at("08:00").on("activity").at("08:10").off("activity")
    assert day.at("08:11").on("locked").at("08:12").off("locked").posture == ("away", "08:11")
    assert day.at("08:12:30").on("activity").posture == ("sitting", "08:12:30")


def test_a_presence_sensor_that_clears_beats_motion_and_input_before_it() -> None:
    day = Playbook(signals=["presence", "motion", "activity"]).at("08:00").on("presence", "motion", "activity")
    day.at("08:30").off("motion", "activity").at("08:31").off("presence")
    assert day.posture == ("away", "08:31")


@pytest.mark.parametrize("kind", ["motion", "activity"])
def test_of_two_sensors_one_that_goes_on_is_live(kind: str) -> None:
    day = Playbook(signals=[signal(kind, "one"), signal(kind, "two"), "locked"]).at("08:00").on("one").off("two")
    assert day.at("08:10").on("locked").posture == ("sitting", "08:00")


def test_one_of_two_that_say_do_not_disturb_is_enough() -> None:
    day = Playbook(signals=["seat", signal("dnd", "one"), signal("dnd", "two")]).on("seat", "one").off("two")
    assert day.hold() == "dnd"


def test_one_signal_of_the_desktop_itself_is_enough_to_hear_without_a_broker() -> None:
    day = Playbook(signals=[signal("seat", remote=False), "presence"]).on("seat", "presence").cut()
    assert day.hold() is None


def test_whoever_was_seen_after_the_lock_left_when_they_were_seen_no_more() -> None:
    day = Playbook(signals=["presence", "locked", "power"]).at("08:00").on("presence").at("08:10").on("locked")
    day.at("08:20").off("power").at("08:30").off("presence").until("08:31")
    assert day.bouts() == [("08:00", "08:30", minutes(30))]
    assert day.at("08:40").on("presence").breaks() == [("08:30", "08:40", "sensor")]


def test_of_a_lock_and_a_dark_monitor_the_first_tells_when_the_person_left() -> None:
    day = Playbook(signals=["activity", "locked", "power"]).at("08:00").on("activity").at("08:09:30").off("activity")
    day.at("08:10").off("power", at="08:09:50").at("08:10:05").on("locked").until("08:11")
    assert day.bouts() == [("08:00", "08:09:50", minutes(10) - seconds(10))]


def test_of_two_presence_sensors_one_that_sees_somebody_is_enough() -> None:
    day = Playbook(signals=[signal("presence", "radar"), signal("presence", "phone")])
    day.at("08:00").on("radar", "phone").at("08:10").off("phone")
    assert day.posture == ("sitting", "08:00")
    assert day.at("08:20").off("radar").posture == ("away", "08:20")


@pytest.mark.parametrize("says_away", ["locked", "presence", "power"])
def test_a_call_beats_lock_power_and_absence_and_keeps_the_posture_it_met(says_away: str) -> None:
    day = Playbook(signals=["activity", "call", says_away]).at("08:00").on("activity").at("08:01").on("call")
    day.at("08:02").off("activity").at("08:03")
    day = day.on("locked") if says_away == "locked" else day.off(says_away)
    assert day.until("09:00").posture == ("sitting", "08:00")
    assert day.evidence().stuck == ()
    assert day.off("call").posture[0] == "away"


def test_sitting_silently_in_a_call_is_sitting() -> None:
    day = Playbook(signals=["activity", "call"]).at("08:00").on("activity").at("08:01").on("call").off("activity")
    assert day.until("09:30").posture == ("sitting", "08:00")
    assert not day.bouts()


def test_after_a_call_silence_is_counted_from_its_end() -> None:
    day = Playbook(signals=["activity", "call"]).at("08:00").on("activity").at("08:01").on("call").off("activity")
    day.at("08:10").off("call").until("08:14:59")
    assert day.posture == ("sitting", "08:00")
    assert day.until("08:15").posture == ("away", "08:10")


def test_input_after_a_call_counts_from_itself() -> None:
    day = Playbook(signals=["activity", "call"]).at("08:00").on("activity", "call").at("08:05").off("call")
    assert day.at("08:10").off("activity").until("08:14:59").posture == ("sitting", "08:00")
    assert day.until("08:15").posture == ("away", "08:10")


def test_a_call_that_ends_with_nothing_else_known_leaves_nothing_known() -> None:
    day = Playbook(signals=["presence", "call"]).at("08:00").on("presence", "call").at("08:10").gone("presence")
    assert day.posture == ("sitting", "08:00")
    assert day.at("08:20").off("call").posture[0] == "unknown"
    assert day.evidence().stuck == ()


def test_a_call_that_met_nobody_at_the_desk_puts_nobody_there() -> None:
    day = Playbook(signals=["seat", "call"]).at("08:00").off("seat").at("08:01").on("call")
    assert day.posture == ("away", "08:00")
    nobody = Playbook(signals=["activity", "call"]).at("08:00").on("call")
    assert nobody.until("08:30").posture == ("unknown", "07:00")


def test_getting_off_the_seat_in_a_call_is_standing() -> None:
    day = Playbook(signals=["seat", "call"]).at("08:00").on("seat").at("08:10").on("call").at("08:20").off("seat")
    assert day.posture == ("standing", "08:20")
    assert day.at("08:30").off("call").posture[0] == "away"
