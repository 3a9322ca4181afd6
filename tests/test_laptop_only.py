"""Where nothing but keyboard and mouse can tell, a minute without input answers a prompt."""

from __future__ import annotations

from playbook import Playbook, busy, minutes, seconds

from nudger.core.effects import RecordOutcome
from nudger.core.events import SnoozeAsked
from nudger.core.words import Confirmed
from nudger.library import load_language
from nudger.views.why import why


def test_laptop_only_a_minute_without_input_under_a_prompt_is_a_break() -> None:
    day = Playbook(signals=["activity"]).at("08:00").on("activity").at("08:20:30").off("activity")
    assert day.until("08:20:42").prompts() == ["08:20:42"]
    day.until("08:21:41")
    assert day.outcomes() == []
    day.until("08:21:42")
    assert day.outcomes() == [("08:21:42", "followed")]
    assert day.answer().after == seconds(0)
    assert day.posture == ("away", "08:20:42")
    assert day.until("08:30").posture == ("away", "08:20:42")
    assert day.on("activity").breaks() == [("08:20:42", "08:30", Confirmed.ASSUMED)]


def test_laptop_only_the_break_is_dated_to_the_last_input_where_that_came_after_the_prompt() -> None:
    day = Playbook(signals=["activity"]).at("08:00").on("activity").at("08:25").off("activity").until("08:27")
    assert day.prompts() == ["08:24"]
    assert day.outcomes() == [("08:26", "followed")]
    assert day.answer().after == minutes(1)
    assert day.bouts() == [("08:00", "08:25", minutes(25))]


def test_laptop_only_without_a_prompt_a_minute_of_idle_hands_is_no_break() -> None:
    day = Playbook(signals=["activity"]).at("08:00").on("activity").at("08:05").off("activity").until("08:09:59")
    assert day.posture == ("sitting", "08:00")
    assert day.until("08:10").posture == ("away", "08:05")


def test_laptop_only_input_keeps_the_prompt_and_is_what_a_repeat_needs() -> None:
    day = Playbook(signals=["activity"]).at("08:00").on("activity").until("08:28")
    assert day.shown() == [("08:24", "level 0"), ("08:27", "level 1 again")]
    assert day.outcomes() == []


def test_laptop_only_idle_hands_in_a_snooze_are_no_break_until_a_minute_after_it() -> None:
    day = Playbook(signals=["activity"]).at("08:00").on("activity").at("08:25").tell(SnoozeAsked()).at("08:28")
    day.off("activity").until("08:30:59")
    assert day.posture == ("sitting", "08:00")
    assert day.shown()[-1] == ("08:30", "level 0 again")
    day.until("08:31")
    assert day.outcomes() == [("08:31", "followed")]
    assert day.answer().after == minutes(4)


def test_laptop_only_one_who_raised_the_desk_and_reads_stands_for_five_minutes() -> None:
    day = Playbook(signals=["activity", "standing"]).at("08:00").on("activity").at("08:09:30").off("activity")
    assert day.at("08:10").on("standing").until("08:14:29").posture == ("standing", "08:10")
    assert day.until("08:14:30").posture[0] == "away"


def test_laptop_only_a_minute_of_idle_hands_at_a_raised_desk_is_no_break() -> None:
    day = Playbook(signals=["activity", "standing"]).at("08:00").on("activity", "standing").at("08:40")
    assert day.off("activity").posture_prompts() == ["08:40"]
    assert day.until("08:44:59").posture == ("standing", "08:00")


def test_a_presence_sensor_is_fresh_evidence_as_long_as_it_is_on() -> None:
    day = Playbook(signals=["presence", "motion"]).at("08:00").on("motion").off("motion").on("presence").until("08:40")
    assert day.shown() == [("08:20", "level 0"), ("08:23", "level 1 again")]


def test_with_a_motion_sensor_idle_hands_under_a_prompt_are_no_break_though_it_sees_nothing() -> None:
    day = Playbook(signals=["motion", "activity"]).at("08:00").on("motion", "activity").at("08:05").off("motion")
    day.at("08:24:30").off("activity").until("08:29:29")
    assert day.prompts() == ["08:24"]
    assert day.posture == ("sitting", "08:00")
    assert day.until("08:29:30").posture == ("away", "08:24:30")


def test_with_body_evidence_idle_hands_under_a_prompt_are_no_break() -> None:
    day = busy().until("08:20:30").off("activity").until("08:40")
    assert day.prompts() == ["08:20:42"]
    assert list(day.orders(RecordOutcome)) == []


def test_laptop_only_it_does_not_claim_to_have_seen_anybody_get_up() -> None:
    day = Playbook(signals=["activity"]).at("08:00").on("activity").at("08:20:30").off("activity").until("08:22")
    said = why(day.policy, day.state, day.evidence(), load_language("en"), day.now)
    assert said.startswith("Your hands have been still since 08:20, so I take it that you are up.")
    day = Playbook(signals=["seat"]).at("08:00").on("seat").at("08:20:30").off("seat").until("08:22")
    said = why(day.policy, day.state, day.evidence(), load_language("en"), day.now)
    assert said.startswith("You got up at 08:20.")
