"""What users of other break reminders and of presence sensors complain of, tried on nudger: see docs/complaints.md."""

from __future__ import annotations

from playbook import Playbook, minutes, prompted, seated, signal

from nudger.core.events import PauseAsked, SnoozeAsked

# --- Sensors that flicker --------------------------------------------------------------------------------------------


def test_a_still_sitter_whom_a_radar_loses_for_moments_sits_in_one_bout() -> None:
    day = Playbook(signals=["presence"]).at("08:00").on("presence")
    for minute in range(2, 20, 2):
        day.at(f"08:{minute:02}").off("presence").wait(seconds=20).on("presence")
    assert day.until("08:20").prompts() == ["08:20"]
    assert day.bouts() == []
    assert day.at("08:21").off("presence").until("08:22").bouts() == [("08:00", "08:21", minutes(21))]


def test_ghosts_that_a_radar_sees_in_an_empty_room_bring_no_prompt() -> None:
    day = Playbook(signals=["presence"]).at("08:00").off("presence")
    for hour in range(8, 12):
        for minute in range(5, 60, 5):
            day.at(f"{hour:02}:{minute:02}").on("presence").wait(seconds=30).off("presence")
    assert day.prompts() == []
    assert day.at("12:00").on("presence").until("12:20").prompts() == ["12:20"]


def test_ghosts_beside_an_empty_chair_do_not_even_end_its_break() -> None:
    day = seated("presence").on("presence").at("08:10").off("seat", "presence")
    for minute in range(15, 60, 5):
        day.at(f"08:{minute}").on("presence").wait(seconds=30).off("presence")
        assert day.posture[0] == "away"
    assert day.at("09:00").on("seat").breaks() == [("08:10", "09:00", "sensor")]


def test_a_mouse_that_twitches_seats_nobody_on_an_empty_chair() -> None:
    day = Playbook(signals=["seat", "activity"]).at("08:00").on("seat", "activity").at("08:10").off("seat")
    assert day.until("12:00").prompts() == []
    assert day.bouts() == [("08:00", "08:10", minutes(10))]
    assert day.on("seat").until("12:24").prompts() == ["12:24"]


# --- What is a break, and what is none -------------------------------------------------------------------------------


def test_moments_away_do_not_add_up_to_a_break() -> None:
    day = seated()
    for minute in (5, 7, 9):
        day.at(f"08:{minute:02}").off("seat").wait(seconds=50).on("seat")
    assert day.until("08:20").prompts() == ["08:20"]
    assert day.breaks() == []
    assert day.at("08:21").off("seat").at("08:22").on("seat").breaks() == [("08:21", "08:22", "sensor")]


def test_a_prompt_that_was_put_off_is_no_break() -> None:
    day = prompted().tell(SnoozeAsked()).until("08:24")
    assert (day.state.today.breaks, day.state.today.followed, day.outcomes()) == (0, 0, [])
    day.off("seat").until("08:26")
    assert (day.state.today.breaks, day.state.today.followed) == (1, 1)


def test_an_hour_of_listening_in_a_call_is_no_break_and_brings_one_prompt_at_its_end() -> None:
    day = Playbook(signals=["activity", "call"]).at("08:00").on("activity").at("08:05").on("call").off("activity")
    assert day.until("09:05").prompts() == []
    assert (day.state.today.breaks, day.bouts(), day.breaks()) == (0, [], [])
    assert day.off("call").on("activity").prompts() == ["09:05"]


# --- Moments at which nothing should come ----------------------------------------------------------------------------


def test_nothing_is_shown_on_a_locked_screen_and_who_comes_back_starts_anew() -> None:
    day = Playbook(signals=["activity", "locked"]).at("08:00").on("activity").at("08:19").off("activity").on("locked")
    assert day.until("09:00").shown() == []
    assert day.off("locked").on("activity").until("09:23:59").shown() == []
    assert day.until("09:24").prompts() == ["09:24"]


def test_who_got_up_during_a_pause_is_not_prompted_the_moment_it_ends() -> None:
    day = seated().at("08:10").tell(PauseAsked(Playbook().time("09:00")))
    day.at("08:40").off("seat").at("08:50").on("seat").until("09:09:59")
    assert day.prompts() == []
    assert day.until("09:10").prompts() == ["09:10"]


def test_a_stuck_radar_is_ignored_where_a_chair_tells_otherwise() -> None:
    day = seated(signal("presence", "radar")).on("radar").at("08:10").off("seat").until("12:00")
    assert (day.posture, day.prompts()) == (("away", "08:10"), [])
    assert day.on("seat").until("12:20").prompts() == ["12:20"]
