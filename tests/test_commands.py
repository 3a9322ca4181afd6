"""What a person says to a prompt or about themselves. A refused word changes nothing."""

from __future__ import annotations

import pytest
from playbook import Playbook, minutes, seated

from nudger.core.effects import Announce, Notify, RecordDecision, RecordStage, Refuse
from nudger.core.events import (
    DoneSaid,
    Event,
    FlareSaid,
    PauseAsked,
    PlanTimeCame,
    ResumeAsked,
    SkipAsked,
    SnoozeAsked,
    StageChosen,
)
from nudger.core.policy import Window

STALE = "me-1"


def prompt_id(day: Playbook) -> str:
    """The id of the prompt that is under way."""
    assert day.state.prompt is not None
    return day.state.prompt.id


# --- Whom a word addresses -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", [DoneSaid, SnoozeAsked, SkipAsked])
def test_a_stale_id_is_refused_and_changes_nothing(word: type[DoneSaid | SnoozeAsked | SkipAsked]) -> None:
    day = seated().until("08:21")
    before = day.state
    day.tell(word(STALE))
    assert day.refusals() == ["stale_id"]
    assert day.state == before.seen_at(day.now)
    day.tell(word(prompt_id(day)))
    assert day.refusals() == ["stale_id"]
    assert day.state != before.seen_at(day.now)


@pytest.mark.parametrize("word", [DoneSaid, SnoozeAsked, SkipAsked])
def test_an_id_of_a_prompt_that_is_over_is_stale(word: type[DoneSaid | SnoozeAsked | SkipAsked]) -> None:
    day = seated().until("08:21")
    old = prompt_id(day)
    assert day.tell(SkipAsked()).tell(word(old)).refusals() == ["stale_id"]


@pytest.mark.parametrize("word", [SnoozeAsked, SkipAsked])
def test_without_a_prompt_there_is_nothing_to_snooze_or_skip(word: type[SnoozeAsked | SkipAsked]) -> None:
    day = seated().until("08:10").tell(word())
    assert day.refusals() == ["no_prompt"]


# --- Done ------------------------------------------------------------------------------------------------------------


def test_done_while_up_ends_the_prompt_as_done() -> None:
    day = seated().until("08:21").off("seat").at("08:21:20").tell(DoneSaid())
    assert day.outcomes() == [("08:21:20", "done")]
    assert day.answer().after == minutes(1)
    assert day.until("08:30").told("enough") == ["08:24"]


def test_done_counts_as_followed_and_is_remembered() -> None:
    day = seated().until("08:21").tell(DoneSaid())
    assert day.state.today.followed == 1
    assert day.state.note is not None
    assert day.state.note.key == "done"
    unasked = seated().until("08:10").tell(DoneSaid())
    assert unasked.state.note is not None
    assert unasked.state.note.key == "done"


def test_sitting_down_again_soon_after_done_is_sitting_where_sensors_tell() -> None:
    day = seated().until("08:10").off("seat").at("08:10:20").tell(DoneSaid()).at("08:11").on("seat")
    assert day.posture == ("sitting", "08:11")


def test_done_to_a_prompt_against_standing_counts_also_of_one_who_never_sat() -> None:
    day = Playbook(signals=["standing", "presence"]).at("08:00").on("standing", "presence").until("08:41")
    assert day.tell(DoneSaid()).refusals() == []
    assert day.outcomes() == [("08:41", "done")]


def test_timer_mode_done_to_a_longer_break_lasts_as_long() -> None:
    library = {entry.id: entry for entry in Playbook().policy.library}
    long = next(each for each in library.values() if each.duration == minutes(5) and "daily_walks" in each.stages)
    day = Playbook(begin="08:00", library=(library["stand-shirt"], long))
    for _ in range(4):
        day.wait(minutes=20).tell(DoneSaid()).wait(minutes=5)
    lengths = [day.time(end) - day.time(start) for start, end, _ in day.breaks()]
    assert lengths == [minutes(3), minutes(3), minutes(3), minutes(5)]


# --- Snooze ----------------------------------------------------------------------------------------------------------


def test_a_second_snooze_in_a_bout_is_refused() -> None:
    day = seated().until("08:20").tell(SnoozeAsked()).tell(SnoozeAsked())
    assert day.until("08:26").tell(SnoozeAsked()).refusals() == ["snooze_used", "snooze_used"]
    assert day.shown()[-1] == ("08:25", "level 0 again")


def test_the_next_bout_has_a_snooze_of_its_own() -> None:
    day = seated().until("08:20").tell(SnoozeAsked()).until("08:26").off("seat").at("08:30").on("seat").until("08:50")
    assert day.tell(SnoozeAsked()).refusals() == []
    assert day.until("08:55").shown()[-1] == ("08:55", "level 0 again")


def test_a_snooze_may_last_to_thirty_minutes_of_the_bout_and_no_longer() -> None:
    day = seated("activity").on("activity").until("08:25").tell(SnoozeAsked())
    assert day.refusals() == []
    late = seated("activity").on("activity").until("08:25:01").tell(SnoozeAsked())
    assert [order.data for _, order in late.orders(Refuse)] == [{"minutes": 30}]
    assert late.hidden() == []


def test_a_snooze_may_last_to_hard_where_that_is_later() -> None:
    window = Window(minutes(40), minutes(50))
    assert seated(window=window).until("08:45").tell(SnoozeAsked()).refusals() == []
    assert seated(window=window).until("08:45:01").tell(SnoozeAsked()).refusals() == ["snooze_late"]


def test_after_a_call_one_snooze_is_always_granted() -> None:
    day = seated("call").on("call").until("09:00").off("call")
    assert day.prompts() == ["09:00"]
    assert day.tell(SnoozeAsked()).refusals() == []
    assert day.until("09:05").tell(SnoozeAsked()).refusals() == ["snooze_used"]


def test_after_a_call_it_is_granted_also_where_the_bouts_own_is_used_up_but_once() -> None:
    day = seated("call").until("08:20").tell(SnoozeAsked()).until("08:25").tell(SkipAsked()).at("08:50").on("call")
    day.until("09:00").off("call")
    assert day.tell(SnoozeAsked()).refusals() == []
    assert day.until("09:05").shown()[-1] == ("09:05", "level 0 again")
    assert day.tell(SnoozeAsked()).refusals() == ["snooze_used"]


def test_a_snooze_in_a_snooze_is_refused_after_a_call_too() -> None:
    day = seated("call").on("call").until("09:00").off("call").tell(SnoozeAsked()).tell(SnoozeAsked())
    assert day.refusals() == ["snooze_used"]
    assert day.until("09:05").shown()[-1] == ("09:05", "level 0 again")


def test_a_call_long_ago_grants_nothing() -> None:
    day = seated("call").on("call").until("08:05").off("call").until("08:28").tell(SnoozeAsked())
    assert day.refusals() == ["snooze_late"]


def offered(day: Playbook) -> list[tuple[str, bool]]:
    """Return when prompts were shown, and whether they offered to be put off."""
    return [(day.clock(t), order.prompt.can_snooze) for t, order in day.orders(Notify)]


def test_a_snooze_is_offered_where_it_would_be_granted() -> None:
    assert offered(seated().until("08:24")) == [("08:20", True), ("08:23", True)]
    day = seated().until("08:20").tell(SnoozeAsked()).until("08:25")
    assert offered(day) == [("08:20", True), ("08:25", False)]
    assert offered(day.off("seat").wait(seconds=5).on("seat").wait(seconds=1))[2:] == [("08:25:05", False)]
    second = seated().until("08:20").tell(SnoozeAsked()).until("08:25").tell(SkipAsked()).until("08:45")
    assert offered(second)[2:] == [("08:45", False)], "the one snooze of the bout is used up"
    assert second.tell(SnoozeAsked()).refusals() == ["snooze_used"]


def test_a_snooze_is_not_offered_where_it_would_come_too_late() -> None:
    day = seated(window=Window(minutes(26), minutes(30))).until("08:29")
    assert offered(day) == [("08:26", False), ("08:29", False)]
    assert day.tell(SnoozeAsked()).refusals() == ["snooze_late"]
    early = seated(window=Window(minutes(23), minutes(30))).until("08:26")
    assert offered(early) == [("08:23", True), ("08:26", False)]


def test_after_a_call_a_snooze_is_offered_though_the_bouts_own_is_used_up() -> None:
    day = seated("call").until("08:20").tell(SnoozeAsked()).until("08:25").tell(SkipAsked()).at("08:50").on("call")
    day.until("09:00").off("call")
    assert offered(day)[-1] == ("09:00", True)
    assert offered(day.tell(SnoozeAsked()).until("09:05"))[-1] == ("09:05", False)


def test_what_is_no_break_offers_no_snooze() -> None:
    day = Playbook(signals=["seat"], begin="08:00").at("08:58").on("seat").at("09:00").tell(PlanTimeCame())
    assert offered(day) == [("09:00", False)]


def test_one_who_is_up_has_nothing_to_snooze() -> None:
    day = seated().until("08:21").off("seat").at("08:21:05").tell(SnoozeAsked())
    assert day.refusals() == ["no_prompt"]


def test_how_long_a_snooze_is_is_an_option() -> None:
    day = seated(snooze=minutes(2)).until("08:21").tell(SnoozeAsked()).until("08:23")
    assert day.shown()[-1] == ("08:23", "level 0 again")
    assert day.told("snoozed") == ["08:21"]


# --- Skip ------------------------------------------------------------------------------------------------------------


def test_a_prompt_marked_as_unwanted_never_comes_again() -> None:
    day = seated().until("08:21")
    assert day.state.prompt is not None
    entry = day.state.prompt.entry
    day.tell(SkipAsked(unwanted=True))
    assert day.state.unwanted == {entry}
    assert day.outcomes() == [("08:21", "skipped")]


def test_a_prompt_against_standing_can_be_skipped() -> None:
    day = Playbook(signals=["presence", "standing"]).at("08:00").on("presence", "standing").until("08:41")
    day.tell(SkipAsked()).until("09:19")
    assert day.outcomes() == [("08:41", "skipped")]
    assert day.until("09:20").posture_prompts() == ["08:40", "09:20"]


# --- Stage and flare -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "by", "stage", "rule"),
    [("daily_walks", "provider", "steady", "R4"), ("steady", "user", "walk_run", "R5")],
)
def test_a_stage_chosen_by_hand_applies_is_recorded_and_announced(start: str, by: str, stage: str, rule: str) -> None:
    day = seated(stage=start).tell(StageChosen(stage, by))
    assert [order for _, order in day.orders(RecordStage)] == [RecordStage(start, stage, rule)]
    assert [dict(order.data) for _, order in day.orders(Announce)] == [{"from": start, "to": stage, "rule": rule}]
    assert [order.decision.rule for _, order in day.orders(RecordDecision)] == [rule]
    assert day.state.stage == stage
    assert day.until("08:25").prompts() == ["08:25"]


def test_the_stage_one_is_in_only_changes_who_chose_it() -> None:
    day = seated().tell(StageChosen("daily_walks", "provider"))
    assert day.state.recovery.standing.plan == "daily_walks"
    assert list(day.orders(RecordStage)) == []
    assert day.until("08:20").prompts() == ["08:20"]


def test_a_stage_that_does_not_exist_is_refused_with_those_that_do() -> None:
    day = seated().tell(StageChosen("marathon"))
    refused = [order for _, order in day.orders(Refuse)]
    assert [order.key for order in refused] == ["unknown_stage"]
    assert refused[0].data["value"] == "marathon"
    assert "gentle_start" in str(refused[0].data["names"])
    assert day.state.stage == "daily_walks"


def test_a_flare_begins_and_ends_and_is_announced_once_each() -> None:
    day = seated(stage="steady")
    for on in (True, True, False, False):
        day.wait(minutes=1).tell(FlareSaid(on=on))
    assert day.told("flare") == ["08:01", "08:03"]
    assert day.until("08:25").prompts() == ["08:25"]


# --- All refusals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    [
        SnoozeAsked(),
        SkipAsked(),
        SkipAsked(STALE, unwanted=True),
        DoneSaid(STALE),
        PauseAsked(Playbook().now),
        ResumeAsked(),
        StageChosen("marathon"),
    ],
)
def test_a_refused_word_changes_nothing(word: Event) -> None:
    day = seated().until("08:10")
    before = day.state.seen_at(day.now)
    day.tell(word)
    assert len(day.refusals()) == 1
    assert day.state == before
