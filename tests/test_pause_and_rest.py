"""A pause silences, a rest is away; both end by themselves."""

from __future__ import annotations

from datetime import timedelta

from playbook import HOUR, Playbook, every_day, minutes, seated, signal

from nudger.core.events import DoneSaid, PauseAsked, RestAsked, ResumeAsked
from nudger.library import load_language
from nudger.views.why import why

# --- Pause and resume ------------------------------------------------------------------------------------------------


def test_a_pause_withdraws_what_shows_and_one_prompt_comes_when_it_ends() -> None:
    day = seated().until("08:21").tell(PauseAsked(Playbook().time("09:00")))
    assert day.outcomes() == [("08:21", "withdrawn: paused")]
    assert day.hold() == "paused"
    assert day.until("08:59:59").prompts() == ["08:20"]
    assert day.until("09:00").prompts() == ["08:20", "09:00"]


def test_resume_ends_a_pause_and_never_prompts_within_a_minute() -> None:
    day = seated().until("08:10").tell(PauseAsked(Playbook().time("10:00"))).until("08:40").tell(ResumeAsked())
    assert not day.hold()
    assert day.until("08:40:59").prompts() == []
    assert day.until("08:41").prompts() == ["08:41"]


def test_thanks_for_a_break_are_not_said_again_after_a_pause() -> None:
    day = seated().until("08:10").tell(DoneSaid())
    said = {"before": reason(day)}
    said["after"] = reason(day.tell(PauseAsked(Playbook().time("09:00"))).until("08:12").tell(ResumeAsked()))
    assert said["before"].startswith("Thank you, noted as done.")
    assert said["after"].startswith("You have been sitting since 08:10.")


def reason(day: Playbook) -> str:
    return why(day.policy, day.state, day.evidence(), load_language("en"), day.now)


def test_resume_starts_the_count_of_ignored_prompts_anew() -> None:
    day = Playbook(begin="08:00").until("09:10").tell(PauseAsked(Playbook().time("10:00"))).tell(ResumeAsked())
    assert len(day.until("10:10").outcomes()) == 5
    assert day.posture[0] == "sitting"


def test_a_pause_always_has_an_end_that_lies_ahead_and_within_a_year() -> None:
    day = seated()
    for until in (day.now, day.now - HOUR, day.now + timedelta(days=367)):
        day.tell(PauseAsked(until))
    assert day.refusals() == ["pause_past", "pause_past", "pause_too_long"]
    assert not day.hold()
    assert day.tell(PauseAsked(day.now + timedelta(days=366))).hold() == "paused"


def test_there_must_be_something_to_resume() -> None:
    assert seated().tell(ResumeAsked()).refusals() == ["not_paused"]


def test_resume_ends_a_rest() -> None:
    day = seated().at("08:10").tell(RestAsked(HOUR)).at("08:30").tell(ResumeAsked())
    assert day.posture == ("sitting", "08:30")
    assert day.breaks() == [("08:10", "08:30", "user")]


# --- Rest ------------------------------------------------------------------------------------------------------------


def test_a_rest_is_away_withdraws_what_shows_and_ends_by_itself() -> None:
    day = Playbook(signals=["activity"]).at("08:00").on("activity").until("08:25").tell(RestAsked(HOUR))
    assert day.outcomes() == [("08:25", "withdrawn: rest")]
    assert day.posture == ("away", "08:25")
    assert day.hold() == "paused"
    assert day.until("09:24:59").posture == ("away", "08:25")
    day.until("09:25")
    assert not day.hold()
    assert day.posture == ("sitting", "09:25")
    assert day.breaks() == [("08:25", "09:25", "user")]
    assert day.until("09:49").prompts() == ["08:24", "09:49"]


def test_a_rest_from_which_nobody_came_back_ends_too() -> None:
    day = seated().at("08:10").off("seat").tell(RestAsked(HOUR)).until("09:10")
    assert not day.hold()
    assert day.posture == ("away", "08:10")


def test_in_a_rest_silent_signals_are_still_named() -> None:
    assert seated("presence").tell(RestAsked(HOUR)).evidence().silent == ("presence",)


def test_a_rest_with_nothing_showing_just_begins() -> None:
    day = Playbook(begin="08:00").until("08:10").tell(RestAsked(HOUR)).until("09:10")
    assert day.breaks() == [("08:10", "09:10", "user")]
    assert day.outcomes() == []


def test_a_rest_in_a_rest_is_refused() -> None:
    day = seated().tell(RestAsked(HOUR)).at("08:30").tell(RestAsked(HOUR))
    assert day.refusals() == ["already_resting"]
    assert day.until("09:00").posture[0] == "sitting"


def test_done_in_a_rest_is_refused() -> None:
    day = seated().tell(RestAsked(HOUR)).at("08:30").tell(DoneSaid())
    assert day.refusals() == ["already_resting"]
    assert day.posture == ("away", "08:00")


def test_sitting_down_on_the_seat_ends_a_rest() -> None:
    day = seated().at("08:10").off("seat").tell(RestAsked(HOUR)).at("08:30").on("seat")
    assert day.posture == ("sitting", "08:30")
    assert not day.hold()
    assert day.until("08:50").prompts() == ["08:50"]


def test_a_break_of_timer_mode_can_turn_into_a_rest() -> None:
    day = Playbook(begin="08:00").until("08:10").tell(DoneSaid()).at("08:11").tell(RestAsked(HOUR)).until("09:11")
    assert [(start, end) for start, end, _ in day.breaks()] == [("08:10", "09:11")]


def test_signals_that_a_new_config_brings_end_what_timer_mode_declared() -> None:
    day = Playbook(begin="08:00").until("10:00")
    assert day.state.declared is not None
    day.choose(signals=(signal("seat"),)).on("seat")
    assert day.posture == ("sitting", "10:00")
    assert day.until("10:20").prompts()[3:] == ["10:20"]
    until_tomorrow = Playbook(begin="08:00", hours=every_day("08:00", "18:00")).until("10:00")
    assert until_tomorrow.choose(signals=(signal("presence"),)).on("presence").posture[0] == "sitting"
    resting = Playbook(begin="08:00").tell(RestAsked(HOUR)).at("08:10").choose(signals=(signal("activity"),))
    assert resting.on("activity").posture[0] == "away"


def test_a_new_config_without_signals_keeps_what_timer_mode_declared() -> None:
    day = Playbook(begin="08:00").until("08:10").tell(DoneSaid()).at("08:11").choose(snooze=minutes(3))
    assert day.posture == ("away", "08:10")
    assert day.until("08:13").breaks() == [("08:10", "08:13", "assumed")]
