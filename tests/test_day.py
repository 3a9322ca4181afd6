"""What is counted by the day, which starts at 04:00: sitting, prompts and their budget."""

from __future__ import annotations

from playbook import Playbook, minutes, seated, signal

from nudger.core import sitting
from nudger.core.events import DoneSaid, SnoozeAsked

# --- The daily budget ------------------------------------------------------------------------------------------------


def test_there_is_no_budget_by_default() -> None:
    assert len(seated().until("27:59").prompts()) == 50


def test_a_budget_is_the_most_prompts_of_a_day_which_ends_at_four() -> None:
    day = seated(budget=2).until("27:59:59")
    assert day.prompts() == ["08:20", "08:44"]
    assert day.outcomes()[-1] == ("09:08", "ignored")
    assert day.hold() == "capped"
    assert day.until("28:00").prompts() == ["08:20", "08:44", "28:00"]


def test_the_last_prompt_of_the_budget_is_repeated_and_snoozed_like_any_other() -> None:
    day = seated(budget=1).until("08:23")
    assert day.shown() == [("08:20", "level 0"), ("08:23", "level 1 again")]
    assert day.tell(SnoozeAsked()).refusals() == []
    assert day.until("08:28").shown()[-1] == ("08:28", "level 0 again")


# --- The day ---------------------------------------------------------------------------------------------------------


def test_a_day_starts_at_four_with_counters_of_its_own() -> None:
    day = seated().until("08:21").tell(DoneSaid()).until("27:59:59")
    assert (day.state.today.breaks, day.state.today.followed) == (1, 1)
    today = day.until("28:00").state.today
    assert (today.breaks, today.followed, today.sitting, today.first_seen) == (0, 0, minutes(0), day.now)


def test_the_prompt_of_a_bout_over_four_belongs_to_the_day_it_came_in() -> None:
    day = Playbook(signals=[signal("seat")], begin="27:00").at("27:50").on("seat").until("28:10")
    assert day.prompts() == ["28:10"]
    assert day.state.today.prompts == 1


def test_the_sitting_of_a_day_counts_closed_bouts_and_the_one_that_runs() -> None:
    day = seated().at("08:10").off("seat").at("08:20").on("seat").at("08:35").off("seat").at("08:40").on("seat")
    day.until("08:45")
    assert sitting.sat_today(day.policy, day.state, day.now) == minutes(30)
    assert sitting.longest_today(day.policy, day.state, day.now) == minutes(15)
    day.until("09:00").off("seat").until("09:10")
    assert sitting.sat_today(day.policy, day.state, day.now) == minutes(45)
    assert sitting.longest_today(day.policy, day.state, day.now) == minutes(20)


def test_of_a_bout_over_four_in_the_morning_each_day_gets_its_part() -> None:
    day = seated().until("27:50").off("seat").at("27:55").on("seat").at("28:10")
    assert sitting.sat_today(day.policy, day.state, day.now) == minutes(10)
    assert sitting.longest_today(day.policy, day.state, day.now) == minutes(10)
    day.off("seat").wait(seconds=30)
    assert sitting.sat_today(day.policy, day.state, day.now) == minutes(10)
    day.until("28:20")
    assert sitting.sat_today(day.policy, day.state, day.now) == minutes(10)
    assert sitting.longest_today(day.policy, day.state, day.now) == minutes(10)
    assert day.bouts()[-1] == ("27:55", "28:10", minutes(15))
