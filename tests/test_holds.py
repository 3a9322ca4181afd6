"""Reasons not to prompt: while one holds, nothing comes; when it ends, what was due does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from health_rig import health
from playbook import Playbook, every_day, seated

from nudger.core.events import PauseAsked, SnoozeAsked, Ticked
from nudger.core.words import Hold, Lock

# --- Each hold: a showing prompt goes, none comes, one comes when it ends ---------------------------------------------


def begin_call(day: Playbook) -> None:
    """Somebody calls."""
    day.on("call")


def end_call(day: Playbook) -> None:
    """The call ends."""
    day.off("call")


def begin_dnd(day: Playbook) -> None:
    """Do-not-disturb goes on."""
    day.on("dnd")


def end_dnd(day: Playbook) -> None:
    """Do-not-disturb goes off."""
    day.off("dnd")


def begin_pause(day: Playbook) -> None:
    """The person pauses until eleven."""
    day.tell(PauseAsked(day.time("11:00")))


def lock(day: Playbook) -> None:
    """A red recovery lock falls."""
    day.state = replace(day.state, health=health(lock=Lock.RED))
    day.tell(Ticked())


def unlock(day: Playbook) -> None:
    """The red recovery lock is lifted."""
    day.state = replace(day.state, health=health())
    day.tell(Ticked())


def nothing(day: Playbook) -> None:
    """Time passes, which is all it takes."""
    del day


HOLDS = {
    "call": (begin_call, end_call),
    "dnd": (begin_dnd, end_dnd),
    "paused": (begin_pause, nothing),
    "quiet": (nothing, nothing),
    "locked": (lock, unlock),
}
each_hold = pytest.mark.parametrize(("hold", "begin", "end"), [(name, *acts) for name, acts in HOLDS.items()])
Act = Callable[[Playbook], None]


def day_with(hold: str) -> Playbook:
    """Somebody sits from 08:00, and may be called, paused, locked; their quiet hours are from 08:30 to 11:00."""
    hours = tuple(tuple(each for half in two for each in half) for two in zip(BEFORE, AFTER, strict=True))
    return seated("call", "dnd", hours=hours if hold == "quiet" else None)


BEFORE, AFTER = every_day("07:00", "08:30"), every_day("11:00", "22:00")


@each_hold
def test_a_hold_takes_a_showing_prompt_away_and_one_comes_when_it_ends(hold: str, begin: Act, end: Act) -> None:
    day = day_with(hold).until("08:30")
    begin(day)
    assert day.hold() == hold
    assert day.outcomes() == [("08:30", f"withdrawn: {hold}")]
    assert day.hidden() == [("08:30", hold)]
    day.until("10:59:59")
    assert day.prompts() == ["08:20"]
    day.until("11:00")
    end(day)
    assert not day.hold()
    assert day.prompts() == ["08:20", "11:00"]
    assert day.until("11:23").shown()[-1] == ("11:03", "level 1 again")


@each_hold
def test_a_hold_also_silences_the_prompt_against_standing(hold: str, begin: Act, end: Act) -> None:
    hours = day_with(hold).policy.hours
    day = Playbook(signals=["presence", "standing", "call", "dnd"], hours=hours).at("07:45").on("presence", "standing")
    assert day.until("08:30").posture_prompts() == ["08:25"]
    begin(day)
    assert day.outcomes() == [("08:30", f"withdrawn: {hold}")]
    day.until("10:59:59")
    assert day.posture_prompts() == ["08:25"]
    day.until("11:00")
    end(day)
    assert day.posture_prompts() == ["08:25", "11:00"]


@each_hold
def test_in_a_hold_nobody_is_told_enough(hold: str, begin: Act, end: Act) -> None:
    day = day_with(hold).until("08:28").off("seat").until("08:30")
    begin(day)
    day.until("10:00")
    assert day.outcomes() == [("08:29", "followed")]
    assert day.told("enough") == []
    end(day)
    assert day.until("12:00").told("enough") == []


@each_hold
def test_one_who_is_up_when_a_hold_begins_may_still_have_followed(hold: str, begin: Act, end: Act) -> None:
    del end
    day = day_with(hold).until("08:29:40").off("seat").until("08:30")
    begin(day)
    assert day.outcomes() == []
    assert day.until("08:31").outcomes() == [("08:30:40", "followed")]


@each_hold
def test_one_who_rose_slowly_while_a_hold_began_has_followed(hold: str, begin: Act, end: Act) -> None:
    del end
    day = day_with(hold).until("08:29:40").off("seat").until("08:30")
    begin(day)
    assert day.at("08:30:10").on("seat").outcomes() == [("08:30:10", "followed")]


@each_hold
def test_after_a_short_gap_of_the_seat_the_hold_that_began_takes_the_prompt_away(
    hold: str, begin: Act, end: Act
) -> None:
    del end
    day = day_with(hold).until("08:29:55").off("seat").until("08:30")
    begin(day)
    assert day.at("08:30:02").on("seat").outcomes() == [("08:30:02", f"withdrawn: {hold}")]
    assert day.shown() == [("08:20", "level 0"), ("08:23", "level 1 again")]


# --- Calls and do-not-disturb ----------------------------------------------------------------------------------------


def test_after_a_call_there_is_one_prompt_however_long_it_was() -> None:
    day = seated("call").on("call").until("11:00").off("call").until("11:23")
    assert day.prompts() == ["11:00"]


def test_a_call_that_ends_before_soft_brings_nothing() -> None:
    day = seated("call").on("call").until("08:10").off("call").until("08:19:59")
    assert day.prompts() == []
    assert day.until("08:20").prompts() == ["08:20"]


def test_a_call_keeps_a_snooze_and_the_prompt_shows_again_when_it_ends() -> None:
    day = seated("call").until("08:20").tell(SnoozeAsked()).until("08:22").on("call").until("08:40")
    assert day.hold() == "call"
    assert day.shown() == [("08:20", "level 0")]
    assert day.off("call").shown() == [("08:20", "level 0"), ("08:40", "level 0 again")]
    assert day.prompts() == ["08:20"]


def test_a_pause_ends_a_snooze() -> None:
    day = seated().until("08:20").tell(SnoozeAsked()).until("08:22")
    begin_pause(day)
    assert day.outcomes() == [("08:22", "withdrawn: paused")]
    assert day.hidden() == [("08:20", "snoozed")]


def test_the_end_of_do_not_disturb_is_a_good_moment_even_for_busy_hands() -> None:
    day = seated("activity", "dnd").on("activity", "dnd").until("08:22").off("dnd")
    assert day.prompts() == ["08:22"]


def test_do_not_disturb_has_no_cap() -> None:
    day = seated("dnd").on("dnd").until("20:00")
    assert day.hold() == "dnd"
    assert day.prompts() == []
    assert day.off("dnd").prompts() == ["20:00"]


def test_the_end_of_a_call_under_another_hold_is_no_moment() -> None:
    day = seated("activity", "call").on("activity", "call").until("08:10")
    begin_pause(day)
    assert day.until("08:20").off("call").until("10:59").prompts() == []


# --- Quiet -----------------------------------------------------------------------------------------------------------


def test_with_no_active_hours_it_is_never_quiet() -> None:
    assert seated().at("26:00").hold() is None


def test_hours_over_midnight_work() -> None:
    day = Playbook(signals=["seat"], hours=every_day("22:00", "30:00")).at("21:00").on("seat").until("21:59")
    assert day.hold() == "quiet"
    assert day.until("29:59").prompts()[0] == "22:00"
    assert day.until("30:00").hold() == "quiet"


# --- Which hold is named ---------------------------------------------------------------------------------------------


def test_the_first_hold_that_applies_is_named() -> None:
    hours = every_day("07:00", "08:05")
    day = seated("call", "dnd", hours=hours, budget=0).on("dnd", "call").at("08:10").cut()
    begin_pause(day)
    lock(day)
    named = [day.hold()]
    unlock(day)
    named.append(day.hold())
    day.state = replace(day.state, paused_until=None)
    named.append(day.tell(Ticked()).hold())
    named.append(day.choose(hours=None).hold())
    named.append(day.reconnect().hold())
    named.append(day.off("call").hold())
    named.append(day.off("dnd").hold())
    named.append(day.choose(budget=None).hold())
    assert named == [
        Hold.LOCKED,
        Hold.PAUSED,
        Hold.QUIET,
        Hold.UNKNOWN,
        Hold.CALL,
        Hold.DND,
        Hold.CAPPED,
        None,
    ]


def test_a_snooze_is_named_after_a_call() -> None:
    day = seated("call").until("08:20").tell(SnoozeAsked()).on("call")
    assert day.hold() == "call"
    assert day.off("call").hold() == "snoozed"


def test_unknown_is_named_before_a_call() -> None:
    day = seated("call").on("call").at("08:10").gone("seat")
    assert day.hold() == "call"
    assert day.off("call").on("call").hold() == "unknown"
