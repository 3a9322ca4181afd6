"""Whose outputs they are, which of them speaks when, and what becomes of their answers."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from channel_rig import BUSY, PAGERS, BoardOptions, Pager, PagerOptions, ScreenOptions, decided
from health_rig import health
from mqtt_rig import eventually, in_loop

from nudger.channels import Channels
from nudger.config.load import default_settings
from nudger.config.settings import Settings
from nudger.core.effects import Announce, Effect, Notify, RecordCheckIn, SetLight, Withdraw
from nudger.core.recovery.course import Did
from nudger.core.recovery.told import Entry
from nudger.core.state import Prompt, State, Today
from nudger.core.words import PromptKind, Scene
from nudger.library import load_language
from nudger.outputs.channel import Button, ChannelOptions, Message
from nudger.outputs.desktop import DesktopOutput
from nudger.outputs.messages import message_of
from nudger.outputs.notification import LOW, notification_of
from nudger.outputs.push import PushOptions
from nudger.outputs.speech import SpeechOptions
from nudger.vocabulary import vocabulary

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ENGLISH, GERMAN = load_language("en"), load_language("de")
PROMPT = Prompt(
    "alex-1", "walk", "Walk a little", "To the door and back.", "walk", PromptKind.BREAK, timedelta(minutes=2), NOW, NOW
)
LOUDER = replace(PROMPT, level=1)


@pytest.fixture(autouse=True)
def no_pagers() -> Iterator[None]:
    PAGERS.clear()
    yield
    PAGERS.clear()


def house(*outputs: ChannelOptions, sam: tuple[ChannelOptions, ...] = ()) -> Settings:
    """Return settings of alex, and of sam where sam has outputs."""
    settings = default_settings(vocabulary(), environ={"TZ": "UTC"})
    person = replace(settings.people["me"], id="alex", outputs=outputs)
    people = {"alex": person} | ({"sam": replace(person, id="sam", outputs=sam)} if sam else {})
    return replace(settings, people=people)


class Rig:
    """Channels whose commands are kept, and refused where the test says so."""

    def __init__(self, *outputs: ChannelOptions, **others: Any) -> None:
        self.commands: list[tuple[str, str, bytes]] = []
        self.refusal: str | None = None
        self.opened: list[tuple[str, dict[str, Any]]] = []
        self.channels = Channels(self._command, lambda person, asked: self.opened.append((person, dict(asked))))
        self.channels.adopt(house(*outputs, **others), {})

    def _command(self, person: str, command: str, payload: bytes) -> str | None:
        self.commands.append((person, command, payload))
        return self.refusal

    def act(self, *effects: Effect, person: str = "alex") -> None:
        self.channels.act(person, effects, ENGLISH)


def pager(name: str = "pager") -> Pager:
    """Return the newest pager of that name."""
    return PAGERS[name][-1]


def levels_shown(name: str) -> list[int]:
    return [message.level for message in pager(name).shown]


async def say(rig: Rig, *effects: Effect, until: dict[str, int]) -> None:
    """Act on the effects one after the other, until each pager has shown so many messages."""
    for effect in effects:
        rig.act(effect)
        await eventually(lambda: all(not outlet.worker._waiting for outlet in rig.channels._outlets["alex"]))
    await eventually(lambda: {name: len(pager(name).shown) for name in until} == until)


@in_loop
async def test_a_single_output_takes_every_level() -> None:
    rig = Rig(PagerOptions())
    await say(rig, Notify(PROMPT), Notify(LOUDER, repeated=True), until={"pager": 2})
    assert levels_shown("pager") == [0, 1]
    await rig.channels.close()


@in_loop
async def test_the_first_of_several_speaks_first_and_the_others_repeat() -> None:
    rig = Rig(PagerOptions(name="a"), PagerOptions(name="b"), PagerOptions(name="c"))
    await say(rig, Notify(PROMPT), Notify(LOUDER, repeated=True), until={"a": 1, "b": 1, "c": 1})
    assert (levels_shown("a"), levels_shown("b"), levels_shown("c")) == ([0], [1], [1])
    await rig.channels.close()


@in_loop
async def test_levels_of_ones_own_count() -> None:
    rig = Rig(PagerOptions(name="a", levels=(1,)), PagerOptions(name="b", levels=(0, 1)))
    await say(rig, Notify(PROMPT), Notify(LOUDER, repeated=True), until={"a": 1, "b": 2})
    await rig.channels.close()


@in_loop
async def test_what_comes_back_silently_is_for_screens() -> None:
    rig = Rig(ScreenOptions(name="screen"), PagerOptions(name="phone"))
    await say(
        rig, Notify(PROMPT), Notify(LOUDER, repeated=True), Withdraw("alex-1", "up"), until={"screen": 1, "phone": 1}
    )
    await say(rig, Notify(LOUDER, repeated=True, silent=True), until={"screen": 2, "phone": 1})
    assert pager("screen").shown[-1].silent
    assert not pager("screen").shown[-1].sound
    await rig.channels.close()


@in_loop
async def test_an_output_shows_only_the_kinds_it_was_asked_to() -> None:
    rig = Rig(PagerOptions(shows=("prompt",)), sam=(PagerOptions(name="all"),))
    posture = replace(PROMPT, id="alex-2", kind=PromptKind.POSTURE)
    for person in ("alex", "sam"):
        rig.act(Announce("enough"), Notify(posture), SetLight(Scene.DUE), Announce("snoozed"), person=person)
    await eventually(lambda: [message.kind for message in pager("all").shown] == ["posture"])  # the newest of the two
    rig.act(Notify(PROMPT))
    await eventually(lambda: pager().done == ["show alex-1"])
    rig.act(Announce("enough"), person="sam")
    await eventually(lambda: [message.kind for message in pager("all").shown] == ["posture", "enough"])
    await rig.channels.close()


@in_loop
async def test_a_check_in_is_asked_for_until_it_is_answered() -> None:
    rig = Rig(PagerOptions())
    due = {"when": "evening", "date": "2026-11-23", "asks": ["pain"], "reminder": False}
    rig.act(Announce("checkin_due", due))
    await eventually(lambda: pager().done == ["show alex-2026-11-23-evening"])
    rig.act(Announce("checkin_due", due | {"reminder": True}))
    await eventually(lambda: len(pager().shown) == 2)
    first, second = pager().shown
    assert (first.kind, first.title, first.repeated) == ("checkin", ENGLISH.texts["checkin.evening.heading"], False)
    assert second.repeated
    rig.act(RecordCheckIn(Entry(date(2026, 11, 22), "evening", 3)))  # another day's
    rig.act(RecordCheckIn(Entry(date(2026, 11, 23), "evening", 3)))
    await eventually(lambda: pager().done[2:] == ["withdraw alex-2026-11-23-evening answered"])
    await rig.channels.close()


@in_loop
async def test_the_score_button_opens_the_page_and_is_no_command() -> None:
    rig = Rig(BoardOptions(health=True))
    due = {"when": "evening", "date": "2026-11-23", "asks": ["pain"], "reminder": False, "last": 4}
    rig.act(Announce("checkin_due", due))
    await eventually(lambda: pager().shown)
    answer = pager().answer
    assert answer is not None
    for button in pager().shown[0].buttons:
        answer(button.command, button.data)
    assert rig.opened == [("alex", {"when": "evening", "date": "2026-11-23"})]
    said = [(command, json.loads(payload)) for _, command, payload in rig.commands]
    assert said == [("checkin", {"pain": 4, "when": "evening", "date": "2026-11-23"}), ("flare", {"on": True})]
    await rig.channels.close()


@in_loop
async def test_a_safety_message_goes_to_whoever_may_tell_of_it_whatever_its_levels() -> None:
    rig = Rig(PagerOptions(name="phone"), PagerOptions(name="desk", health=True, levels=(0,)))
    rig.act(Announce("safety", {"message": "S1"}), Announce("enough"))
    await eventually(lambda: pager("phone").shown and len(pager("desk").shown) == 2)
    assert [each.kind for each in pager("phone").shown] == ["enough"]
    assert [each.kind for each in pager("desk").shown] == ["told", "enough"]
    await rig.channels.close()


@in_loop
async def test_an_answer_about_the_back_that_was_refused_is_told_where_it_may_be() -> None:
    rig = Rig(PagerOptions(name="desk", health=True), PagerOptions(name="phone"))
    rig.act(Announce("stage_offered", {"stage": "daily_walks", "rule": "R12"}))
    await eventually(lambda: pager("desk").shown)
    answer = pager("desk").answer
    assert answer is not None
    rig.refusal = "I need a score of today first."
    answer("done", {"id": "alex-0"})  # merely too late
    accept = pager("desk").shown[0].buttons[0]
    answer(accept.command, accept.data)
    await eventually(lambda: len(pager("desk").shown) == 2)
    told = pager("desk").shown[1]
    assert (told.kind, told.title, told.body) == ("told", "That was not saved", rig.refusal)
    assert not pager("phone").shown
    rig.refusal = None
    answer(accept.command, accept.data)
    rig.act(Announce("enough"))
    await eventually(lambda: [each.kind for each in pager("desk").shown] == ["told", "told", "enough"])
    await rig.channels.close()


@in_loop
async def test_an_offer_goes_when_it_is_decided() -> None:
    rig = Rig(PagerOptions(health=True))
    rig.act(Announce("stage_offered", {"stage": "daily_walks", "rule": "R12"}))
    await eventually(lambda: pager().done == ["show alex-offer"])
    rig.act(decided(Did.ACCEPTED))
    await eventually(lambda: pager().done[1:] == ["withdraw alex-offer decided"])
    await rig.channels.close()


@in_loop
async def test_who_stands_in_shows_no_button_that_it_cannot_serve() -> None:
    rig = Rig(BoardOptions(name="dead", health=True), PagerOptions(name="b", health=True))
    message = Message(
        "alex-1", "prompt", "Up", "Walk.", buttons=(Button("Score…", "score"), Button("Done", "done", {"id": "alex-1"}))
    )
    rig.channels._fall_back("alex", message)
    await eventually(lambda: pager("b").shown or pager("dead").shown)
    shown_by = {name: [b.command for each in pager(name).shown for b in each.buttons] for name in ("dead", "b")}
    assert shown_by == {"dead": [], "b": ["done"]}
    await rig.channels.close()


@in_loop
async def test_what_one_cannot_deliver_goes_to_another() -> None:
    rig = Rig(PagerOptions(name="dead", shows=("prompt",)), PagerOptions(name="mute", shows=()), PagerOptions(name="b"))
    pager("dead").faults = [BUSY]
    rig.act(Notify(PROMPT))
    await eventually(lambda: pager("b").done == ["show alex-1"])
    assert rig.channels.health()[0] == {"person": "alex", "type": "pager", "name": "pager 1", "trouble": "busy"}
    rig.act(Withdraw("alex-1", "up"))
    await eventually(lambda: pager("b").done == ["show alex-1", "withdraw alex-1 up"])
    await eventually(lambda: pager("dead").done == ["withdraw alex-1 up"])
    await rig.channels.close()


@in_loop
async def test_where_all_are_dead_they_do_not_pass_it_round() -> None:
    rig = Rig(PagerOptions(name="a"), PagerOptions(name="b"))
    pager("a").faults = pager("b").faults = [BUSY, BUSY]
    rig.act(Notify(PROMPT))
    await eventually(lambda: len(pager("a").tried) == len(pager("b").tried) == 1)
    await eventually(lambda: len(pager("a").shown) + len(pager("b").shown) >= 1, within_s=10)
    await rig.channels.close()


@in_loop
async def test_answers_come_back_as_commands(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "nudger")
    rig = Rig(PagerOptions(name="a"), sam=(PagerOptions(name="b"),))
    rig.act(Notify(PROMPT))
    await eventually(lambda: pager("a").shown)
    answer = pager("a").answer
    assert answer is not None
    for button in pager("a").shown[0].buttons:
        answer(button.command, button.data)
    named = b'{"id": "alex-1"}'
    assert rig.commands == [("alex", "done", named), ("alex", "snooze", named), ("alex", "pause", b"")]
    rig.refusal = "That prompt is no longer showing."
    answer("done", {"id": "alex-0"})
    rig.refusal = "A flare-up is on."
    answer("offer", {"answer": "accept"})
    refused = [record.getMessage() for record in caplog.records if record.name == "nudger.channels"]
    assert refused == [
        "output pager of alex: done was not carried out: That prompt is no longer showing.",
        "output pager of alex: an answer was not carried out",
    ]
    rig.channels.adopt(house(sam=(PagerOptions(name="b"),)), {})
    await rig.channels.close()
    answer("done", {})
    assert len(rig.commands) == 5


@in_loop
async def test_a_reload_keeps_what_stays_and_closes_what_goes() -> None:
    stays, goes, comes = PagerOptions(name="stays"), PagerOptions(name="goes"), ScreenOptions(name="comes")
    rig = Rig(stays, goes)
    rig.act(Notify(PROMPT))
    await eventually(lambda: pager("stays").shown)
    state = State(at=NOW, seed=1, today=Today(NOW.date()), health=health("daily_walks"), prompt=PROMPT)
    rig.channels.adopt(house(comes, stays), {"alex": state})
    await eventually(lambda: pager("goes").is_closed)
    await eventually(lambda: [message.silent for message in pager("comes").shown] == [True])
    assert len(PAGERS["stays"]) == 1
    assert not pager("stays").is_closed
    await rig.channels.close()
    assert pager("stays").is_closed
    assert pager("comes").done == ["show alex-1", "withdraw alex-1 stopped", "close"]


@in_loop
async def test_after_a_restart_a_phone_is_not_rung_again_but_cleared() -> None:
    rig = Rig()
    state = State(at=NOW, seed=1, today=Today(NOW.date()), health=health("daily_walks"), prompt=PROMPT)
    hidden = replace(state, prompt=replace(PROMPT, hidden_at=NOW))
    rig.channels.adopt(
        house(PagerOptions(name="phone"), sam=(ScreenOptions(name="b"),)), {"alex": state, "sam": hidden}
    )
    rig.act(Withdraw("alex-1", "up"))
    await eventually(lambda: pager("phone").done == ["withdraw alex-1 up"])
    assert not pager("b").tried
    await rig.channels.close()


@in_loop
async def test_an_output_that_lacks_something_makes_room_for_the_next() -> None:
    rig = Rig(PagerOptions(name="a", is_there=False), PagerOptions(name="b"))
    assert "a" not in PAGERS
    rig.act(Notify(PROMPT))
    await eventually(lambda: pager("b").shown)
    await rig.channels.close()


@in_loop
async def test_two_of_a_kind_have_names_that_tell_them_apart() -> None:
    one, two = PagerOptions(name="a"), PagerOptions(name="b")

    def names(rig: Rig) -> list[str]:
        return [outlet.worker.name for outlets in rig.channels._outlets.values() for outlet in outlets]

    rig = Rig(one)
    assert names(rig) == ["pager"]
    rig.channels.adopt(house(one, two, sam=(one,)), {})
    assert names(rig) == ["pager 1 of alex", "pager 2 of alex", "pager of sam"]
    await rig.channels.close()


def test_a_message_offers_only_the_answers_that_a_prompt_can_take() -> None:
    def buttons(prompt: Prompt) -> list[str]:
        message = message_of(Notify(prompt), "alex", ENGLISH)
        assert message is not None
        return [button.command for button in message.buttons]

    assert buttons(PROMPT) == ["done", "snooze", "pause"]
    assert buttons(replace(PROMPT, can_snooze=False)) == ["done", "skip", "pause"]
    assert buttons(replace(PROMPT, kind=PromptKind.POSTURE)) == ["done", "skip", "pause"]


def test_after_a_call_the_buttons_speak_of_now_and_of_then() -> None:
    def labels(prompt: Prompt) -> list[str]:
        message = message_of(Notify(prompt), "alex", ENGLISH)
        assert message is not None
        return [button.label for button in message.buttons]

    after_call = replace(PROMPT, wait=timedelta(minutes=5))
    assert labels(PROMPT) == ["Done", "Snooze", "Pause 30 min"]
    assert labels(after_call) == ["Up now", "5 min", "Pause 30 min"]
    assert labels(replace(after_call, wait=timedelta(seconds=90))) == ["Up now", "1.5 min", "Pause 30 min"]
    assert labels(replace(after_call, can_snooze=False)) == ["Up now", "Skip", "Pause 30 min"]


def test_a_heads_up_goes_by_itself_and_spares_phone_and_voice() -> None:
    message = message_of(Announce("pre_notice", {"by": NOW}), "alex", GERMAN)
    assert message is not None
    assert (message.id, message.title) == ("alex-pre_notice", GERMAN.texts["pre_notice.title"])
    assert (message.kind, message.sound, message.buttons) == ("pre_notice", False, ())
    notification = notification_of(message, ("actions", "body"), (), sound=True, neutral=False)
    assert (notification.urgency, notification.is_transient, notification.sound) == (LOW, True, None)
    assert DesktopOutput(type="desktop").wants(message, (0,))
    assert not SpeechOptions(type="speech").wants(message, (0,))
    assert not PushOptions.model_validate({"type": "push", "url": "json://localhost"}).wants(message, (0,))
    assert SpeechOptions(type="speech", shows=("pre_notice",)).wants(message, (0,)), "who asks for it is told"


def test_messages_are_in_the_persons_language() -> None:
    message = message_of(Announce("enough"), "alex", GERMAN)
    assert message is not None
    assert (message.id, message.title, message.sound) == ("alex-enough", GERMAN.texts["enough.title"], False)
    assert message_of(Withdraw("alex-1", "up"), "alex", GERMAN) is None


def test_no_levels_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match="must name a level"):
        PagerOptions(levels=())
