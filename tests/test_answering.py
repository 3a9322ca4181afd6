"""How a prompt ends: the person gets up, for long or for a moment, or says something."""

from __future__ import annotations

import pytest
from playbook import Playbook, busy, minutes, prompted, seated, seconds

from nudger.core.effects import Notify
from nudger.core.events import DoneSaid, SkipAsked, SnoozeAsked, Ticked
from nudger.core.policy import Window

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
    late = busy().until("08:26").tell(SkipAsked()).until("09:00")
    assert late.prompts() == ["08:24", "08:50"]


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
