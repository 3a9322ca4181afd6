"""When a prompt comes, and how loud it grows. The stage is daily_walks: soft 20 min, hard 24 min."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playbook import Playbook, busy, minutes, prompted, seated, signal

from nudger.core.effects import RecordPrompt
from nudger.core.events import DoneSaid, FlareSaid, StageChosen
from nudger.core.policy import Window

# --- The window: soft, a natural pause, hard -------------------------------------------------------------------------


def test_nothing_comes_before_soft_and_with_no_signal_that_could_show_a_pause_it_comes_at_soft() -> None:
    day = seated().until("08:19:59")
    assert day.prompts() == []
    assert day.until("08:20").prompts() == ["08:20"]


def test_busy_hands_put_a_prompt_off_until_they_rest() -> None:
    day = busy().until("08:21").off("activity").until("08:21:11")
    assert day.prompts() == []
    assert day.until("08:22").prompts() == ["08:21:12"]


def test_a_pause_before_soft_is_no_reason_to_prompt_but_one_that_goes_on_is() -> None:
    assert busy().until("08:15").off("activity").until("08:30").prompts() == ["08:20"]


def test_hands_that_never_rest_are_prompted_at_hard() -> None:
    assert busy().until("08:24").prompts() == ["08:24"]


def test_a_call_that_has_just_ended_is_a_natural_pause_even_for_busy_hands() -> None:
    day = busy("call").until("08:22").off("call")
    assert day.prompts() == ["08:22"]


def test_a_call_that_ended_a_minute_before_soft_is_forgotten() -> None:
    day = busy("call").until("08:19").off("call").until("08:30")
    assert day.prompts() == ["08:24"]


def test_a_call_that_ended_half_a_minute_before_soft_is_not() -> None:
    day = busy("call").until("08:19:30").off("call").until("08:30")
    assert day.prompts() == ["08:20"]


def test_with_only_old_motion_a_due_prompt_waits_for_the_next_one() -> None:
    day = Playbook(signals=["motion"]).at("08:00").on("motion").at("08:15").off("motion")
    assert day.until("08:21").prompts() == []
    assert day.on("motion").prompts() == ["08:21"]


def test_with_only_old_motion_a_due_prompt_comes_at_hard() -> None:
    day = Playbook(signals=["motion"]).at("08:00").on("motion").at("08:15").off("motion").until("08:24:59")
    assert day.prompts() == ["08:24"]


def test_motion_within_three_minutes_is_new_enough_for_a_prompt() -> None:
    day = Playbook(signals=["motion"]).at("08:00").on("motion").at("08:17:01").off("motion").until("08:22")
    assert day.prompts() == ["08:20"]


def test_an_occupied_seat_needs_no_motion_for_a_prompt() -> None:
    assert seated("motion").on("motion").at("08:05").off("motion").until("08:23").prompts() == ["08:20"]


def test_hands_that_have_rested_for_long_need_no_motion_for_a_prompt() -> None:
    day = Playbook(signals=["activity"]).at("08:00").on("activity").at("08:17:30").off("activity").until("08:21")
    assert day.prompts() == ["08:20"]


def test_hands_that_have_rested_for_three_minutes_are_waited_for_as_the_room_may_be_empty() -> None:
    day = Playbook(signals=["activity"]).at("08:00").on("activity").at("08:16:30").off("activity").until("08:20:30")
    assert day.prompts() == []
    assert day.on("activity").at("08:21").off("activity").until("08:22").prompts() == ["08:21:12"]


def test_hands_that_are_waited_for_are_prompted_at_hard() -> None:
    patient = signal("activity", hold=minutes(15))
    day = Playbook(signals=[patient]).at("08:00").on("activity").at("08:15").off("activity").until("08:24:30")
    assert day.prompts() == ["08:24"]


def test_hands_that_have_just_come_to_rest_are_as_good_as_motion() -> None:
    day = Playbook(signals=["motion", "activity"]).at("08:00").on("motion", "activity").at("08:15").off("motion")
    assert day.at("08:20:30").off("activity").until("08:23").prompts() == ["08:20:42"]


def test_one_who_is_just_getting_up_is_not_prompted_but_one_who_sits_down_again_is() -> None:
    day = seated().until("08:19:50").off("seat").until("08:20:30")
    assert day.prompts() == []
    assert day.on("seat").prompts() == ["08:20:30"]


def test_unknown_time_moves_soft_and_hard() -> None:
    assert seated().at("08:10").gone("seat").wait(seconds=40).there("seat").until("08:30").prompts() == ["08:20:40"]
    late = busy().at("08:10").gone("seat").gone("activity").wait(seconds=40).there("seat").there("activity")
    assert late.until("08:30").prompts() == ["08:24:40"]


def test_the_window_is_the_persons_own_where_they_chose_one() -> None:
    day = busy(window=Window(minutes(10), minutes(15))).until("08:15")
    assert day.prompts() == ["08:15"]
    assert seated(window=Window(minutes(10), minutes(15))).until("08:15").prompts() == ["08:10"]


# --- One prompt at a time, its id, its level -------------------------------------------------------------------------


def test_an_id_is_the_person_and_the_unix_time_in_milliseconds() -> None:
    day = prompted()
    assert day.state.prompt is not None
    issued = datetime(2025, 3, 3, 8, 20, tzinfo=UTC)
    assert day.state.prompt.id == f"me-{int(issued.timestamp() * 1000)}"


def test_an_id_is_never_reissued_not_even_when_the_clock_goes_back() -> None:
    day = prompted().tell(DoneSaid()).step_clock(hours=-2).wait(hours=3)
    ids = [order.prompt.id for _, order in day.orders(RecordPrompt)]
    numbers = [int(each.removeprefix("me-")) for each in ids]
    assert len(numbers) > 2
    assert numbers == sorted(set(numbers))


def test_it_is_repeated_after_three_minutes_and_then_no_more() -> None:
    day = prompted().until("08:43:59")
    assert day.shown() == [("08:20", "level 0"), ("08:23", "level 1 again")]
    assert day.state.prompt is not None
    assert day.clock(day.state.prompt.shown_at) == "08:23"


def test_a_repeat_needs_fresh_evidence_of_sitting_and_comes_when_there_is_some() -> None:
    day = Playbook(signals=["motion"]).at("08:00").on("motion").at("08:19").off("motion").until("08:26")
    assert day.shown() == [("08:20", "level 0")]
    assert day.on("motion").shown() == [("08:20", "level 0"), ("08:26", "level 1 again")]


def test_while_the_connection_is_lost_it_is_not_repeated_and_after_it_is() -> None:
    day = prompted().until("08:21").cut().until("08:25")
    assert day.shown() == [("08:20", "level 0")]
    assert day.reconnect().shown() == [("08:20", "level 0"), ("08:25", "level 1 again")]


def test_where_nothing_can_tell_that_somebody_sits_nothing_is_repeated() -> None:
    day = Playbook(begin="08:00").until("08:43")
    assert day.shown() == [("08:20", "level 0")]


def test_at_the_gentle_start_nothing_is_repeated() -> None:
    day = seated(stage="gentle_start").until("08:41")
    assert day.shown() == [("08:20", "level 0")]


def test_in_a_flare_nothing_is_repeated() -> None:
    day = seated().tell(FlareSaid(on=True)).until("08:39")
    assert day.shown() == [("08:20", "level 0")]


@pytest.mark.parametrize(("hard", "ignored"), [(2, "08:03"), (4, "08:05"), (5, "08:06")])
def test_also_in_a_short_window_it_is_ignored_hard_minutes_after_issue(hard: int, ignored: str) -> None:
    day = seated(window=Window(minutes(1), minutes(hard))).until("08:10")
    assert day.outcomes()[0] == (ignored, "ignored")


def test_chance_moves_on_with_every_prompt() -> None:
    day = seated()
    before = day.state.seed
    assert day.until("08:20").state.seed != before


def test_still_sitting_hard_minutes_after_issue_it_is_ignored_and_the_next_comes() -> None:
    day = prompted().until("08:44")
    assert day.outcomes() == [("08:44", "ignored")]
    assert day.hidden() == [("08:44", "ignored")]
    assert day.answer().after is None
    assert day.prompts() == ["08:20", "08:44"]


# --- A change of settings in the middle of a bout --------------------------------------------------------------------


def test_a_change_of_stage_applies_at_once_but_never_prompts_within_a_minute() -> None:
    day = seated(stage="steady").until("08:23").tell(StageChosen("gentle_start")).until("08:23:59")
    assert day.prompts() == []
    assert day.until("08:24").prompts() == ["08:24"]


def test_a_change_of_stage_does_not_repeat_a_prompt_within_a_minute() -> None:
    day = seated(stage="gentle_start").until("08:30").tell(StageChosen("daily_walks", "provider")).until("08:30:59")
    assert day.shown() == [("08:20", "level 0")]
    assert day.until("08:31").shown() == [("08:20", "level 0"), ("08:31", "level 1 again")]


def test_a_flare_applies_at_once_but_never_prompts_within_a_minute() -> None:
    day = seated(stage="steady").until("08:23").tell(FlareSaid(on=True)).until("08:23:59")
    assert day.prompts() == []
    assert day.until("08:24").prompts() == ["08:24"]


def test_a_new_config_applies_at_once_but_never_prompts_within_a_minute() -> None:
    day = seated().until("08:12").choose(window=Window(minutes(10), minutes(12))).until("08:12:59")
    assert day.prompts() == []
    assert day.until("08:13").prompts() == ["08:13"]


def test_a_flare_takes_the_earlier_of_each_bound() -> None:
    early, late = Window(minutes(5), minutes(40)), Window(minutes(30), minutes(40))
    assert seated(window=early).tell(FlareSaid(on=True)).until("08:30").prompts()[0] == "08:05"
    assert busy(window=early).tell(FlareSaid(on=True)).until("08:30").prompts()[0] == "08:22"
    assert seated(window=late).tell(FlareSaid(on=True)).until("08:30").prompts()[0] == "08:20"


def test_when_nothing_in_the_library_fits_nothing_is_shown_and_the_next_window_tries_again() -> None:
    day = seated(library=()).until("08:30")
    assert day.prompts() == []
    assert day.state.note is not None
    assert day.state.note.key == "nothing_fits"
    full = Playbook().policy.library
    assert day.choose(library=full).until("08:50").prompts() == ["08:40"]
    standing = Playbook(signals=["presence", "standing"], library=()).at("08:00").on("presence", "standing")
    assert standing.until("09:00").posture_prompts() == []
