"""Around hard, and around the end of a call: the heads-up, the grace for busy hands, the words after a call.

The stage is daily_walks: soft 20 min, hard 24 min.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from playbook import Playbook, busy, every_day, minutes, prompted, seated

from nudger.core.effects import Announce, Notify
from nudger.core.events import FlareSaid, PauseAsked, ResumeAsked, SkipAsked, SnoozeAsked, Ticked
from nudger.core.policy import LampPolicy, Window
from nudger.core.state import Prompt
from nudger.library import load_language
from nudger.views.mqtt import event_of
from nudger.views.state import instant, render
from nudger.views.why import why

ENGLISH = load_language("en")
MINUTE = minutes(1)


def reason(day: Playbook) -> str:
    """What `nudger status` says."""
    return why(day.policy, day.state, day.evidence(), ENGLISH, day.now)


def notices(day: Playbook) -> list[str]:
    """When a heads-up came."""
    return day.told("pre_notice")


# --- The heads-up ----------------------------------------------------------------------------------------------------


def test_busy_hands_get_a_heads_up_so_long_before_hard_and_only_where_it_was_asked_for() -> None:
    day = busy(pre_notice=MINUTE).until("08:22:59")
    assert notices(day) == []
    assert notices(day.until("08:23")) == ["08:23"]
    assert [order.data for _, order in day.orders(Announce)] == [{"by": day.time("08:24")}]
    assert day.prompts() == []
    assert day.until("08:24").prompts() == ["08:24"]
    assert notices(day.until("08:40")) == ["08:23"]
    assert notices(busy().until("08:40")) == []


def test_a_prompt_at_a_natural_pause_needs_none() -> None:
    day = busy(pre_notice=MINUTE).until("08:21").off("activity").until("08:40")
    assert (notices(day), day.prompts()[0]) == ([], "08:21:12")
    assert notices(seated(pre_notice=MINUTE).until("08:40")) == []


@pytest.mark.parametrize("hold", ["call", "dnd"])
def test_none_comes_while_something_holds_prompts_back(hold: str) -> None:
    assert notices(busy(hold, pre_notice=MINUTE).until("08:30")) == []
    assert notices(busy(hold, pre_notice=MINUTE).until("08:10").off(hold).until("08:30")) == ["08:23"]


def test_none_comes_in_quiet_hours_or_in_a_pause() -> None:
    assert notices(busy(pre_notice=MINUTE, hours=every_day("07:00", "08:22")).until("08:30")) == []
    paused = busy(pre_notice=MINUTE).until("08:22").tell(PauseAsked(Playbook().time("08:50"))).until("08:59")
    assert notices(paused) == []


def test_none_comes_within_a_minute_of_a_change_of_settings() -> None:
    day = busy(pre_notice=MINUTE).until("08:21").tell(PauseAsked(Playbook().time("09:00")))
    day.until("08:22:20").tell(ResumeAsked()).until("08:23:19")
    assert notices(day) == []
    assert notices(day.until("08:23:20")) == ["08:23:20"]


def test_one_that_would_come_all_but_with_the_prompt_is_left_out() -> None:
    day = busy(pre_notice=MINUTE).until("08:22").tell(PauseAsked(Playbook().time("08:23:31"))).until("08:23:59")
    assert (notices(day), day.prompts()) == ([], [])
    assert day.until("08:24").prompts() == ["08:24"]
    just = busy(pre_notice=MINUTE).until("08:22").tell(PauseAsked(Playbook().time("08:23:30"))).until("08:23:59")
    assert notices(just) == ["08:23:30"]


def test_none_goes_into_a_room_of_which_nothing_fresh_is_known() -> None:
    def moving(**chosen: Any) -> Playbook:
        return Playbook(signals=["motion"], pre_notice=MINUTE, **chosen).at("08:00").on("motion").until("08:19")

    away = moving(window=Window(minutes(23), minutes(24))).off("motion").until("08:23:40")
    assert (notices(away), away.prompts()) == ([], [])
    assert away.until("08:24").prompts() == ["08:24"]


def test_one_window_has_one_and_the_window_after_a_skip_has_its_own() -> None:
    day = busy(pre_notice=MINUTE).until("08:23:20").tell(Ticked())
    assert notices(day) == ["08:23"]
    day.until("08:24").tell(SkipAsked()).until("08:46:59")
    assert notices(day) == ["08:23"]
    assert notices(day.until("08:47")) == ["08:23", "08:47"]
    assert day.until("08:48").prompts() == ["08:24", "08:48"]


def test_a_window_that_showed_its_prompt_already_has_none_any_more() -> None:
    day = busy(pre_notice=MINUTE).until("08:20:30").off("activity").until("08:21")
    day.tell(PauseAsked(day.time("08:22"))).on("activity").until("08:23:59")
    assert day.outcomes() == [("08:21", "withdrawn: paused")]
    assert notices(day) == []
    assert day.until("08:24").prompts() == ["08:20:42", "08:24"]


def test_it_says_that_it_comes_soon() -> None:
    day = busy(pre_notice=MINUTE).until("08:22")
    assert reason(day) == "It is time for a break. I am waiting for a natural pause, until 08:24 at the latest."
    day.until("08:23")
    assert reason(day) == "It is time for a break. Do finish what you are at; I ask you at 08:24 at the latest."


@pytest.mark.parametrize("code", ["en", "de"])
def test_it_is_an_event_of_the_contract_in_the_persons_language(code: str) -> None:
    language, by = load_language(code), datetime(2025, 3, 3, 8, 24, tzinfo=UTC)
    assert event_of(Announce("pre_notice", {"by": by}), language) == (
        "pre_notice",
        {
            "title": language.texts["pre_notice.title"],
            "body": language.texts["pre_notice.body"],
            "by": "2025-03-03T08:24:00.000Z",
        },
    )


# --- The grace for busy hands ----------------------------------------------------------------------------------------


def test_at_hard_busy_hands_are_waited_for_but_not_for_long() -> None:
    day = busy(typing_grace=minutes(2)).until("08:25:59")
    assert day.prompts() == []
    assert day.until("08:26").prompts() == ["08:26"]
    assert busy().until("08:30").prompts() == ["08:24"], "without the option at hard"


def test_hands_that_rest_in_the_meantime_are_asked_after_twelve_seconds() -> None:
    day = busy(typing_grace=minutes(2)).until("08:24:30").off("activity").until("08:24:41")
    assert day.prompts() == []
    assert day.until("08:24:42").prompts() == ["08:24:42"]


def test_hands_that_rest_at_hard_are_asked_at_hard() -> None:
    day = busy(typing_grace=minutes(2), window=Window(minutes(24), minutes(24))).until("08:23:30").off("activity")
    assert day.until("08:26").prompts() == ["08:24"]


def test_where_nothing_can_show_busy_hands_there_is_nothing_to_wait_for() -> None:
    day = seated(typing_grace=minutes(2), window=Window(minutes(24), minutes(24))).until("08:30")
    assert day.prompts() == ["08:24"]


def test_somebody_of_whom_nothing_is_heard_is_not_waited_for() -> None:
    day = Playbook(signals=["motion"], typing_grace=minutes(2), window=Window(minutes(23), minutes(24)))
    day.at("08:00").on("motion").until("08:19").off("motion")
    assert day.until("08:30").prompts() == ["08:24"]


def test_the_end_of_a_call_is_a_good_moment_for_typing_hands_too() -> None:
    day = busy("call", typing_grace=minutes(2)).until("08:22").on("call").until("08:25").off("call")
    assert day.prompts() == ["08:25"]


def test_a_hold_that_ends_long_after_hard_brings_a_prompt_at_once() -> None:
    day = busy(typing_grace=minutes(2)).until("08:22").tell(PauseAsked(Playbook().time("09:00"))).until("09:00")
    assert day.prompts() == ["09:00"]


def test_it_says_for_how_long_it_waits() -> None:
    day = busy(typing_grace=minutes(2)).until("08:24")
    assert reason(day) == "It is time for a break. Your hands are busy, so I wait until 08:26 at the latest."
    state = render(day.policy, day.state, ENGLISH, day.now)
    assert (state["next_prompt_at"], state["next_prompt_by"]) == (
        instant(day.time("08:20")),
        instant(day.time("08:26")),
    )
    before = busy(typing_grace=minutes(2)).until("08:23:59")
    assert render(before.policy, before.state, ENGLISH, before.now)["next_prompt_by"] == instant(day.time("08:24"))


def test_the_ambient_lamp_stays_warm_meanwhile() -> None:
    day = busy(typing_grace=minutes(2), lamp=LampPolicy(ambient=True)).until("08:26")
    assert day.scenes()[-2:] == [("08:24", "ambient"), ("08:26", "due")]
    assert (day.scenes()[0], len(day.scenes())) == (("08:20", "ambient"), 12)


# --- After a call ----------------------------------------------------------------------------------------------------

AFTER_CALL = "{minutes} minutes. {wait} to write your notes, and then: {body}"


def in_call(**chosen: Any) -> Playbook:
    """Somebody sits from 08:00 on and is in a call from 08:10 on."""
    return seated("call", after_call=AFTER_CALL, **chosen).until("08:10").on("call")


def showing(day: Playbook) -> Prompt:
    """The prompt that shows."""
    return [order.prompt for _, order in day.orders(Notify)][-1]


def body(day: Playbook) -> str:
    """What the library says of the prompt that shows."""
    return next(entry.body for entry in day.policy.library if entry.id == showing(day).entry)


def test_the_prompt_at_the_end_of_a_call_has_words_of_its_own() -> None:
    day = in_call().until("08:52:40").off("call")
    assert day.prompts() == ["08:52:40"]
    assert showing(day).body == f"52 minutes. 5 to write your notes, and then: {body(day)}"
    assert showing(day).wait == minutes(5)
    assert reason(day) == "Your call is over, so a small movement is on offer. Your notes may come first."
    assert reason(day.until("08:56")).startswith("The same small movement is on offer once more")


def test_and_five_minutes_for_the_notes_are_granted_whatever_went_before() -> None:
    day = in_call(snooze=minutes(5)).until("08:52").off("call").tell(SnoozeAsked())
    assert day.refusals() == []
    assert day.until("08:57").shown()[-1] == ("08:57", "level 0 again")


def test_after_the_five_minutes_nothing_is_said_of_notes_any_more() -> None:
    day = in_call().until("08:52").off("call").tell(SnoozeAsked()).until("08:57")
    assert (showing(day).body, showing(day).wait) == (body(day), None)
    assert reason(day).startswith("You have been sitting for a while")


def test_other_prompts_have_the_words_of_the_library() -> None:
    for day in (prompted(after_call=AFTER_CALL), in_call().off("call").until("08:20")):
        assert showing(day).body == body(day)
        assert showing(day).wait is None
        assert reason(day).startswith("You have been sitting for a while")


def test_a_call_that_ended_half_a_minute_before_soft_counts_one_that_ended_earlier_does_not() -> None:
    just = in_call().until("08:19:30").off("call").until("08:20")
    assert showing(just).wait == minutes(5)
    before = in_call().until("08:19").off("call").until("08:20")
    assert showing(before).wait is None


def test_the_end_of_do_not_disturb_is_no_end_of_a_call() -> None:
    day = seated("dnd", after_call=AFTER_CALL).until("08:10").on("dnd").until("08:50").off("dnd")
    assert day.prompts() == ["08:50"]
    assert showing(day).wait is None


def test_a_camera_that_is_taken_for_stuck_has_ended_no_call() -> None:
    day = in_call().until("12:10")
    assert day.prompts() == ["12:10"]
    assert showing(day).wait is None


def test_the_prompt_against_standing_still_has_no_notes_to_write() -> None:
    day = Playbook(signals=["presence", "standing", "call"], after_call=AFTER_CALL).at("08:00")
    day.on("presence", "standing", "call").until("08:50").off("call")
    assert day.posture_prompts() == ["08:50"]
    assert showing(day).wait is None
    assert "{" not in showing(day).body


def test_three_ignored_prompts_do_not_make_the_words_after_a_call_any_gentler() -> None:
    day = seated("call", after_call=AFTER_CALL, gentler="Small: {body}").until("09:33")
    assert showing(day).body == f"Small: {body(day)}"
    day.on("call").until("10:00").off("call")
    assert showing(day).body.startswith("120 minutes. 5 to write your notes, and then: ")


def test_in_a_flare_the_words_are_the_same() -> None:
    day = in_call().tell(FlareSaid(on=True)).until("08:52").off("call")
    assert showing(day).body == f"52 minutes. 5 to write your notes, and then: {body(day)}"
