"""What is said to one who is up: enough, after a prompted break; and move, after standing still for long."""

from __future__ import annotations

from itertools import pairwise

from playbook import Playbook, minutes, prompted, seated

from nudger.core.effects import RecordPrompt
from nudger.core.events import DoneSaid, SnoozeAsked, StageChosen


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
    assert day.tell(StageChosen("steady", "provider")).state.breaks_since_long == 0


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
