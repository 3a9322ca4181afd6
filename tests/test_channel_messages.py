"""What is shown of a check-in, a safety message, an offer and the plan: the words, the answers, and who sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from channel_rig import decided

from nudger.core.effects import Announce, Effect, Notify
from nudger.core.recovery.course import Did
from nudger.core.state import Prompt
from nudger.core.words import PromptKind
from nudger.library import load_language
from nudger.outputs.channel import Button, Message
from nudger.outputs.command import CommandOptions
from nudger.outputs.desktop import DesktopOutput
from nudger.outputs.messages import SCORE_PAGE, message_of, withdrawn_by
from nudger.outputs.notification import CRITICAL, NORMAL, STAYS, notification_of

ENGLISH, GERMAN = load_language("en"), load_language("de")
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = {"when": "evening", "date": "2026-11-23"}
PLAN = Prompt("alex-2", "plan-run-today", "Run", "Today.", "run-plan", PromptKind.PLAN, timedelta(minutes=30), NOW, NOW)


def due(last: int | None) -> Announce:
    """Return that the evening's score is asked for."""
    return Announce("checkin_due", {**DAY, "asks": ["pain", "impact"], "reminder": False, "last": last})


def shown(effect: Effect, *, page: bool = False) -> Message:
    message = message_of(effect, "alex", ENGLISH, page=page)
    assert message is not None
    return message


def score(label: str, pain: int) -> Button:
    return Button(label, "checkin", {"pain": pain, **DAY})


ROUGH = Button("Rough day", "flare", {"on": True})
PAGE = Button("Score…", SCORE_PAGE, DAY)


@pytest.mark.parametrize(
    ("last", "buttons"), [(4, (score("Same (4)", 4), PAGE, ROUGH)), (0, (score("Same (0)", 0), PAGE, ROUGH))]
)
def test_where_a_page_can_be_opened_it_has_the_other_scores(last: int, buttons: tuple[Button, ...]) -> None:
    assert shown(due(last), page=True).buttons == buttons


def test_without_a_score_to_go_by_there_is_no_same() -> None:
    assert shown(due(None), page=True).buttons == (PAGE, ROUGH)
    assert shown(due(None)).buttons == (ROUGH,)
    older = Announce("checkin_due", {key: value for key, value in due(4).data.items() if key != "last"})
    assert shown(older).buttons == (ROUGH,)


@pytest.mark.parametrize(
    ("last", "buttons"),
    [
        (4, (score("Same (4)", 4), score("One less (3)", 3), score("One more (5)", 5))),
        (0, (score("Same (0)", 0), score("One more (1)", 1), ROUGH)),
        (10, (score("Same (10)", 10), score("One less (9)", 9), ROUGH)),
    ],
)
def test_elsewhere_the_neighbours_of_the_last_score_are_offered(last: int, buttons: tuple[Button, ...]) -> None:
    assert shown(due(last)).buttons == buttons


def test_answers_to_a_check_in_are_for_outputs_that_may_tell_of_the_back() -> None:
    plain = CommandOptions(type="command", command=("true",))
    told = plain.model_copy(update={"health": True})
    message = shown(due(4))
    assert told.fitted(message) == message
    assert plain.fitted(message) == replace(message, buttons=())
    assert plain.wants(message, (0,))


@pytest.mark.parametrize("name", ["S1", "S2"])
def test_a_safety_message_stays_and_comes_through(name: str) -> None:
    message = shown(Announce("safety", {"message": name}))
    assert (message.kind, message.body) == ("told", ENGLISH.texts[f"safety.{name}"])
    notification = notification_of(message, {"actions", "body"}, (), sound=False, neutral=False)
    assert (notification.urgency, notification.expires_ms, notification.is_transient) == (CRITICAL, STAYS, False)
    assert notification.body == message.body  # not a word of it is cut off


def test_advice_is_in_no_hurry() -> None:
    message = shown(Announce("safety", {"message": "N1"}))
    assert message.body == ENGLISH.texts["banner.N1"]
    assert notification_of(message, {"body"}, (), sound=False, neutral=False).urgency == NORMAL


def test_an_offer_names_the_stage_and_takes_a_yes_or_a_no_until_it_is_decided() -> None:
    effect = Announce("stage_offered", {"stage": "build_strength", "rule": "R12"})
    message = message_of(effect, "alex", GERMAN)
    assert message is not None
    assert f"„{GERMAN.texts['stage.build_strength']}“" in message.body
    assert [(each.label, each.data["answer"]) for each in message.buttons] == [
        ("Annehmen", "accept"),
        ("Jetzt nicht", "decline"),
    ]
    assert {each.command for each in message.buttons} == {"offer"}

    assert withdrawn_by(decided(Did.DECLINED), "alex") == (message.id, "decided")
    assert withdrawn_by(decided(Did.OFFERED), "alex") is None


def test_the_plan_is_told_and_cannot_be_put_off() -> None:
    message = shown(Notify(PLAN))
    assert (message.kind, message.about_health) == ("told", True)
    assert [each.command for each in message.buttons] == ["done", "skip", "pause"]


@pytest.mark.parametrize(
    "effect",
    [
        Announce("safety", {"message": "S1"}),
        Announce("stage_offered", {"stage": "daily_walks", "rule": "R12"}),
        Notify(PLAN),
    ],
)
def test_what_is_told_of_the_back_shows_on_the_desktop_and_nowhere_else_unless_allowed(effect: Effect) -> None:
    message = shown(effect)
    assert DesktopOutput(type="desktop").wants(message, (1,))
    assert not DesktopOutput(type="desktop", health=False).wants(message, (0,))
    assert not CommandOptions(type="command", command=("true",)).wants(message, (0, 1))
    assert CommandOptions(type="command", command=("true",), health=True).wants(message, (1,))


def test_a_desktop_without_a_page_offers_the_neighbours() -> None:
    assert DesktopOutput(type="desktop").opens_page
    assert not DesktopOutput(type="desktop", page=False).opens_page


def test_a_screen_that_others_see_names_no_score() -> None:
    neutral = DesktopOutput(type="desktop", neutral=True)
    assert neutral.fitted(shown(due(4), page=True)).buttons == (PAGE,)
    assert neutral.fitted(shown(due(4))).buttons == ()
    assert neutral.fitted(shown(Notify(PLAN))) == shown(Notify(PLAN))
    assert DesktopOutput(type="desktop").fitted(shown(due(4))) == shown(due(4))


def test_without_buttons_the_commands_are_named() -> None:
    message = shown(due(4), page=True)
    body = notification_of(message, {"body"}, (), sound=False, neutral=False).body
    assert body.endswith("Same (4): nudger checkin 4 --evening · Score…: nudger checkin · Rough day: nudger flare on")
    offer = shown(Announce("stage_offered", {"stage": "daily_walks", "rule": "R12"}))
    body = notification_of(offer, {"body"}, (), sound=False, neutral=False).body
    assert body.endswith("Accept: nudger offer accept · Not now: nudger offer decline")
