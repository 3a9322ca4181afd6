"""Time that nobody watched: restarts, sleep, clocks that are set, configs that change."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from playbook import HOUR, Playbook, every_day, minutes, seated, signal

from nudger.core.effects import RecordBreak
from nudger.core.events import Removed, Started, Ticked
from nudger.core.policy import LampPolicy
from nudger.core.words import TrustRetained


def test_a_restart_within_a_minute_continues_the_same_bout() -> None:
    day = seated().at("08:10").lose_time("08:10:59").tell(Started()).until("08:20")
    assert day.posture == ("sitting", "08:00")
    assert day.prompts() == ["08:20"]


def test_a_longer_stop_closes_the_bout_where_it_began_and_credits_no_break() -> None:
    day = seated().at("08:10").lose_time("08:15").tell(Started())
    assert day.bouts() == [("08:00", "08:10", minutes(10))]
    assert day.breaks() == []
    assert day.posture == ("sitting", "08:15")
    assert day.until("08:40").prompts() == ["08:35"]


def test_a_stop_of_a_minute_is_a_longer_one() -> None:
    day = seated().at("08:10").lose_time("08:11")
    assert day.bouts() == [("08:00", "08:10", minutes(10))]


def test_a_sleep_of_the_persons_own_desktop_is_a_likely_break() -> None:
    day = seated().at("08:10").lose_time("08:15", away=True)
    assert day.bouts() == [("08:00", "08:10", minutes(10))]
    assert day.breaks() == [("08:10", "08:15", "likely")]
    assert day.posture == ("sitting", "08:15")


def test_a_sleep_of_another_host_is_unknown() -> None:
    day = seated().at("08:10").lose_time("09:10")
    assert day.posture == ("unknown", "08:10")
    assert day.breaks() == []


def test_a_prompt_that_showed_before_a_stop_is_withdrawn_and_not_repeated_into_the_next_bout() -> None:
    day = seated().until("08:22").lose_time("08:30").until("08:45")
    assert day.outcomes() == [("08:30", "withdrawn: unknown")]
    assert day.shown() == [("08:20", "level 0")]
    assert day.until("08:50").prompts() == ["08:20", "08:50"]


def test_a_prompt_that_showed_before_the_desktop_slept_is_followed() -> None:
    day = seated().until("08:22").lose_time("08:30", away=True)
    assert day.outcomes() == [("08:30", "followed")]
    assert day.answer().after == minutes(2)
    assert day.until("08:45").told("enough") == []


def test_a_prompt_that_showed_before_a_short_stop_goes_on() -> None:
    day = seated().until("08:22").lose_time("08:22:30").until("08:23")
    assert day.shown() == [("08:20", "level 0"), ("08:23", "level 1 again")]


@pytest.mark.parametrize("away", [True, False])
def test_after_any_gap_there_is_no_storm_of_prompts(away: bool) -> None:
    day = seated(signal("presence", trust_retained=TrustRetained.STATE)).on("presence").until("08:10")
    day.lose_time("16:00", away=away).until("16:19:59")
    assert day.prompts() == []
    assert day.until("16:20").prompts() == ["16:20"]


def test_late_ticks_record_what_was_missed_once() -> None:
    day = seated().sleep("12:00").tell(Started())
    assert day.prompts() == ["12:00"]


@pytest.mark.parametrize("hours", [-87600, -30, -1, 1, 30, 87600])
def test_a_step_of_the_clock_leaves_every_duration_as_it_was(hours: int) -> None:
    day = seated().until("08:10").step_clock(hours=hours).wait(minutes=9, seconds=59)
    assert day.prompts() == []
    day.wait(seconds=1)
    assert len(day.prompts()) == 1
    day.wait(minutes=5).off("seat").wait(minutes=1)
    assert [length for _, _, length in day.bouts()] == [minutes(25)]


def test_a_clock_that_is_set_from_1970_leaves_every_duration_as_it_was() -> None:
    day = seated().until("08:10").step_clock(days=20000).wait(minutes=10)
    assert len(day.prompts()) == 1


def test_a_step_of_the_clock_within_the_day_keeps_its_counters_and_one_to_another_day_does_not() -> None:
    day = seated().until("08:21").off("seat").until("08:30")
    seen = day.state.today.first_seen
    assert seen is not None
    assert day.step_clock(hours=1).state.today.breaks == 1
    assert day.state.today.first_seen == seen + HOUR
    assert day.step_clock(hours=30).state.today.breaks == 0
    assert day.state.today.first_seen == seen + 31 * HOUR


def test_a_step_of_the_clock_into_quiet_hours_is_noticed_at_once() -> None:
    day = seated(hours=every_day("07:00", "22:00")).until("08:21").step_clock(hours=15)
    assert day.outcomes() == [("23:21", "withdrawn: quiet")]


def test_active_hours_that_a_step_of_the_clock_passes_over_begin_at_once() -> None:
    day = Playbook(begin="08:00", hours=every_day("09:30", "17:00")).until("08:20").step_clock(hours=1, minutes=20)
    assert day.posture[0] == "away"
    assert day.wait(seconds=1).posture[0] == "sitting"
    assert len(day.wait(minutes=20).prompts()) == 1


def test_a_change_of_the_time_zone_leaves_every_duration_as_it_was() -> None:
    day = seated().until("08:10").choose(zone=ZoneInfo("America/Havana")).wait(minutes=10)
    assert len(day.prompts()) == 1
    day.wait(minutes=5).off("seat").wait(minutes=1)
    assert [length for _, _, length in day.bouts()] == [minutes(25)]


def test_an_instant_earlier_than_the_last_is_read_as_the_last() -> None:
    day = seated().until("08:10").tell(Ticked())
    day.now = day.time("08:05")
    assert day.off("seat").posture == ("away", "08:10")


def test_with_removal_everything_ends() -> None:
    day = seated().until("08:22").tell(Removed())
    assert day.bouts() == [("08:00", "08:22", minutes(22))]
    assert day.outcomes() == [("08:22", "withdrawn: removed")]
    up = seated().at("08:10").off("seat").at("08:20").tell(Removed())
    assert up.breaks() == [("08:10", "08:20", "sensor")]
    blind = seated().at("08:10").gone("seat").at("08:10:30").tell(Removed())
    assert blind.bouts() == [("08:00", "08:10", minutes(10))]
    lit = seated(lamp=LampPolicy()).until("08:22").tell(Removed())
    assert lit.scenes() == [("08:20", "due"), ("08:22", "restored")]
    rising = seated().at("08:10").off("seat").at("08:10:30").tell(Removed())
    assert rising.bouts() == [("08:00", "08:10", minutes(10))]
    lost = seated().at("08:10").off("seat").at("08:20").gone("seat").at("08:20:30").tell(Removed())
    assert lost.breaks() == [("08:10", "08:20", "sensor")]
    nobody = Playbook(signals=["seat"]).tell(Removed())
    assert list(nobody.orders(RecordBreak)) == []


def test_a_signal_that_a_new_config_no_longer_has_stops_counting_at_once() -> None:
    day = seated("presence").at("08:10").choose(signals=(signal("presence"),))
    assert day.posture == ("unknown", "08:10")
    kept = seated("presence").at("08:10").choose(signals=(signal("seat"),))
    assert kept.posture == ("sitting", "08:00")
    assert kept.until("08:20").prompts() == ["08:20"]
