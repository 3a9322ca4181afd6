"""When a prompt comes, how loud it grows, and how it ends. The stage is daily_walks: soft 20 min, hard 24 min."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from playbook import Playbook, minutes, seconds

from nudger.core.effects import Notify, RecordOutcome, RecordPrompt
from nudger.core.events import DoneSaid, FlareSaid, SkipAsked, SnoozeAsked, StageChosen, Ticked
from nudger.core.model import Confirmed, Window


def seated(*signals: str, **chosen: Any) -> Playbook:
    """Somebody who sits down at 08:00, on a chair that tells, with all other signals on as well."""
    day = Playbook(signals=["seat", *signals], **chosen).at("08:00").on("seat", *signals)
    assert isinstance(day, Playbook)
    return day


def prompted(**chosen: Any) -> Playbook:
    """The same person, at 08:20, with a prompt showing."""
    day = seated(**chosen).until("08:20")
    assert day.shown() == [("08:20", "level 0")]
    return day


# --- The window: soft, a natural pause, hard -------------------------------------------------------------------------


def test_nothing_comes_before_soft_and_with_no_signal_that_could_show_a_pause_it_comes_at_soft() -> None:
    day = seated().until("08:19:59")
    assert day.prompts() == []
    assert day.until("08:20").prompts() == ["08:20"]


def test_busy_hands_put_a_prompt_off_until_they_rest() -> None:
    day = seated("activity").until("08:21").off("activity").until("08:21:11")
    assert day.prompts() == []
    assert day.until("08:22").prompts() == ["08:21:12"]


def test_a_pause_before_soft_is_no_reason_to_prompt_but_one_that_goes_on_is() -> None:
    assert seated("activity").until("08:15").off("activity").until("08:30").prompts() == ["08:20"]


def test_hands_that_never_rest_are_prompted_at_hard() -> None:
    assert seated("activity").until("08:24").prompts() == ["08:24"]


def test_a_call_that_has_just_ended_is_a_natural_pause_even_for_busy_hands() -> None:
    day = seated("activity", "call").until("08:22").off("call")
    assert day.prompts() == ["08:22"]


def test_a_call_that_ended_a_minute_before_soft_is_forgotten() -> None:
    day = seated("activity", "call").until("08:19").off("call").until("08:30")
    assert day.prompts() == ["08:24"]


def test_a_call_that_ended_half_a_minute_before_soft_is_not() -> None:
    day = seated("activity", "call").until("08:19:30").off("call").until("08:30")
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


def test_one_who_is_just_getting_up_is_not_prompted_but_one_who_sits_down_again_is() -> None:
    day = seated().until("08:19:50").off("seat").until("08:20:30")
    assert day.prompts() == []
    assert day.on("seat").prompts() == ["08:20:30"]


def test_unknown_time_moves_soft_and_hard() -> None:
    assert seated().at("08:10").gone("seat").wait(seconds=40).there("seat").until("08:30").prompts() == ["08:20:40"]
    busy = seated("activity").at("08:10").gone("seat").gone("activity").wait(seconds=40).there("seat").there("activity")
    assert busy.until("08:30").prompts() == ["08:24:40"]


def test_the_window_is_the_persons_own_where_they_chose_one() -> None:
    day = seated("activity", window=Window(minutes(10), minutes(15))).until("08:15")
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


# --- Getting up ------------------------------------------------------------------------------------------------------


def test_standing_up_hides_it_at_once_and_a_minute_later_it_is_followed() -> None:
    day = prompted().until("08:21:30").off("seat")
    assert day.hidden() == [("08:21:30", "up")]
    assert day.until("08:22:29").outcomes() == []
    assert day.until("08:22:30").outcomes() == [("08:22:30", "followed")]
    assert day.answer().after == seconds(90)
    assert day.hidden() == [("08:21:30", "up")]
    assert day.state.today.followed == 1


@pytest.mark.parametrize("gap", [1, 9, 14])
def test_a_short_gap_of_the_seat_changes_neither_bout_nor_prompt(gap: int) -> None:
    day = prompted().until("08:21").off("seat").wait(seconds=gap).on("seat")
    assert day.shown()[1:] == [(day.clock(day.now), "level 0 again silently")]
    assert day.until("08:24").shown()[2:] == [("08:23", "level 1 again")]
    assert [day.outcomes(), day.bouts(), day.breaks()] == [[], [], []]
    assert day.until("08:44").outcomes() == [("08:44", "ignored")]


def test_a_slow_rise_answers_it_the_bout_goes_on_and_nothing_shows_for_ten_minutes() -> None:
    day = prompted().until("08:21").off("seat").wait(seconds=15).on("seat")
    assert day.outcomes() == [("08:21:15", "followed")]
    assert day.answer().after == minutes(1)
    assert day.answer().rise == seconds(15)
    assert day.state.breaks_since_long == 1
    assert day.state.note is not None
    assert day.state.note.key == "rose_briefly"
    assert [day.bouts(), day.breaks()] == [[], []]
    assert day.until("08:31:14").prompts() == ["08:20"]
    assert day.until("08:31:15").prompts() == ["08:20", "08:31:15"]
    assert day.until("08:32").off("seat").until("08:40").bouts() == [("08:00", "08:32", minutes(32))]


def test_a_gap_of_the_seat_does_not_end_a_snooze() -> None:
    day = prompted().tell(SnoozeAsked()).until("08:22").off("seat").wait(seconds=5).on("seat").until("08:24:59")
    assert day.shown() == [("08:20", "level 0")]
    assert day.until("08:27").shown() == [("08:20", "level 0"), ("08:25", "level 0 again")]


def test_a_snooze_that_runs_out_during_a_gap_of_the_seat_ends_with_the_gap() -> None:
    day = prompted().tell(SnoozeAsked()).until("08:24:57").off("seat").until("08:25:02")
    assert day.shown() == [("08:20", "level 0")]
    assert day.on("seat").shown()[1:] == [("08:25:02", "level 0 again")]


def test_getting_up_during_a_snooze_follows_the_prompt() -> None:
    day = prompted().tell(SnoozeAsked()).until("08:22").off("seat").until("08:30")
    assert day.outcomes() == [("08:23", "followed")]
    assert day.hidden() == [("08:20", "snoozed")]


def test_somebody_who_was_already_up_when_it_was_issued_is_not_counted_as_following() -> None:
    day = Playbook(signals=["motion"]).at("08:00").on("motion").at("08:16").off("motion").until("08:26")
    assert day.prompts() == ["08:24"]
    assert day.outcomes() == [("08:26", "withdrawn: already_up")]
    assert day.bouts() == [("08:00", "08:16", minutes(16))]


def test_back_from_a_short_gap_after_the_repeat_was_due_it_is_repeated_at_once() -> None:
    day = prompted().until("08:22:57").off("seat").until("08:23:05").on("seat")
    assert day.shown()[1:] == [("08:23:05", "level 1 again")]


def test_back_from_a_short_gap_after_its_time_was_over_it_was_ignored() -> None:
    day = prompted().until("08:43:57").off("seat").until("08:44:05").on("seat")
    assert day.outcomes() == [("08:44:05", "ignored")]
    assert day.hidden() == [("08:43:57", "up")]


# --- The person's answers --------------------------------------------------------------------------------------------


def test_done_at_the_chair_counts_as_a_break() -> None:
    day = prompted().until("08:22").tell(DoneSaid())
    assert day.outcomes() == [("08:22", "done")]
    assert day.answer().after == minutes(2)
    assert day.bouts() == [("08:00", "08:21", minutes(21))]
    assert day.breaks() == [("08:21", "08:22", "user")]
    assert day.until("08:50").prompts() == ["08:20", "08:42"]


def test_skip_ends_it_and_starts_the_window_anew() -> None:
    day = prompted().until("08:21").tell(SkipAsked()).until("08:40:59")
    assert day.outcomes() == [("08:21", "skipped")]
    assert day.prompts() == ["08:20"]
    assert day.until("08:41").prompts() == ["08:20", "08:41"]
    busy = seated("activity").until("08:26").tell(SkipAsked()).until("09:00")
    assert busy.prompts() == ["08:24", "08:50"]


def test_snooze_puts_it_off_by_five_minutes_and_keeps_the_id() -> None:
    day = prompted().until("08:21").tell(SnoozeAsked())
    assert day.hidden() == [("08:21", "snoozed")]
    assert day.hold() == "snoozed"
    day.until("08:29")
    assert day.shown() == [("08:20", "level 0"), ("08:26", "level 0 again"), ("08:29", "level 1 again")]
    assert len({order.prompt.id for _, order in day.orders(Notify)}) == 1
    assert day.prompts() == ["08:20"]


def test_a_prompt_put_off_until_after_its_time_shows_for_three_minutes_yet() -> None:
    day = seated(window=Window(minutes(3), minutes(4))).until("08:03").tell(SnoozeAsked()).until("08:10:59")
    assert day.shown() == [("08:03", "level 0"), ("08:08", "level 0 again")]
    assert day.tell(Ticked()).outcomes() == []
    assert day.until("08:11").outcomes() == [("08:11", "ignored")]


def test_a_prompt_put_off_early_has_the_time_that_any_has() -> None:
    day = prompted().tell(SnoozeAsked()).until("08:43:59")
    assert day.outcomes() == []
    assert day.until("08:44").outcomes() == [("08:44", "ignored")]


# --- Enough, and standing still --------------------------------------------------------------------------------------


def test_a_prompted_break_that_reaches_its_target_is_enough() -> None:
    day = prompted().until("08:21").off("seat").until("08:23:59")
    assert day.told("enough") == []
    assert day.until("08:50").told("enough") == ["08:24"]


def test_a_break_of_ones_own_is_never_told_enough() -> None:
    day = seated().until("08:10").off("seat").until("09:00")
    assert day.told("enough") == []
    assert day.until("09:10").on("seat").breaks() == [("08:10", "09:10", "sensor")]


def test_sitting_down_before_the_target_is_not_told_enough() -> None:
    day = prompted().until("08:21").off("seat").until("08:23").on("seat").until("08:40")
    assert day.told("enough") == []


def test_every_fourth_prompted_break_may_take_longer() -> None:
    library = {entry.id: entry for entry in Playbook().policy.library}
    short = library["stand-shirt"]
    long = next(each for each in library.values() if each.duration == minutes(5) and "daily_walks" in each.stages)
    day = seated(library=(short, long))
    lengths = []
    for _ in range(8):
        rose = day.wait(minutes=21).off("seat").now
        told = day.wait(minutes=10).on("seat").told("enough")[-1]
        lengths.append(day.time(told) - rose)
    assert lengths == [minutes(3), minutes(3), minutes(3), minutes(5)] * 2


def test_a_change_of_stage_starts_the_count_to_a_longer_break_anew() -> None:
    day = prompted().until("08:21").off("seat").at("08:30").on("seat")
    assert day.state.breaks_since_long == 1
    assert day.tell(StageChosen("steady")).state.breaks_since_long == 0


def test_strength_comes_on_three_days_a_week_and_never_on_two_in_a_row() -> None:
    library = tuple(entry for entry in Playbook().policy.library if entry.category in {"strength", "mobility"})
    day = seated(library=library, stage="build_strength")
    for number in range(14):
        day.until(f"{number * 24 + 8}:00").on("seat").until(f"{number * 24 + 12}:00").off("seat")
    prompts = [(t.day, order.prompt.category) for t, order in day.orders(RecordPrompt)]
    days = sorted({number for number, category in prompts if category == "strength"})
    assert all(later - earlier > 1 for earlier, later in pairwise(days))
    assert all(later - earlier >= 7 for earlier, later in zip(days, days[3:], strict=False))
    assert len(days) >= 4


def test_standing_still_for_forty_minutes_asks_for_a_change_of_posture() -> None:
    day = Playbook(signals=["presence", "standing"]).at("08:00").on("presence", "standing")
    assert day.until("08:39:59").posture_prompts() == []
    assert day.until("08:40").posture_prompts() == ["08:40"]
    assert day.prompts() == []
    assert day.until("08:45").off("standing").outcomes() == [("08:45", "followed")]


def test_how_long_one_may_stand_is_an_option() -> None:
    day = Playbook(signals=["presence", "standing"], standing_limit=minutes(10)).at("08:00").on("presence", "standing")
    assert day.until("08:10").posture_prompts() == ["08:10"]


def test_one_who_goes_on_standing_is_asked_again_forty_minutes_later() -> None:
    day = Playbook(signals=["presence", "standing"]).at("08:00").on("presence", "standing").until("09:25")
    assert day.posture_prompts() == ["08:40", "09:20"]
    assert day.outcomes() == [("08:50", "ignored")]


def test_a_prompt_against_standing_is_withdrawn_when_nothing_is_known_any_more() -> None:
    day = Playbook(signals=["presence", "standing"]).at("08:00").on("presence", "standing").until("08:41")
    assert day.gone("presence").gone("standing").outcomes() == [("08:41", "withdrawn: unknown")]


def test_done_to_a_prompt_against_standing_is_not_told_enough() -> None:
    day = Playbook(signals=["presence", "standing"]).at("08:00").on("presence", "standing").until("08:41")
    assert day.tell(DoneSaid()).until("08:50").told("enough") == []
    assert day.outcomes() == [("08:41", "done")]


def test_a_prompt_against_standing_cannot_be_snoozed() -> None:
    day = Playbook(signals=["presence", "standing"]).at("08:00").on("presence", "standing").until("08:41")
    assert day.tell(SnoozeAsked()).refusals() == ["no_prompt"]


# --- A change of settings in the middle of a bout --------------------------------------------------------------------


def test_a_change_of_stage_applies_at_once_but_never_prompts_within_a_minute() -> None:
    day = seated(stage="steady").until("08:23").tell(StageChosen("gentle_start")).until("08:23:59")
    assert day.prompts() == []
    assert day.until("08:24").prompts() == ["08:24"]


def test_a_change_of_stage_does_not_repeat_a_prompt_within_a_minute() -> None:
    day = seated(stage="gentle_start").until("08:30").tell(StageChosen("daily_walks")).until("08:30:59")
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
    assert seated("activity", window=early).tell(FlareSaid(on=True)).until("08:30").prompts()[0] == "08:22"
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


# --- A laptop alone --------------------------------------------------------------------------------------------------


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


def test_with_body_evidence_idle_hands_under_a_prompt_are_no_break() -> None:
    day = seated("activity").until("08:20:30").off("activity").until("08:40")
    assert day.prompts() == ["08:20:42"]
    assert list(day.orders(RecordOutcome)) == []
