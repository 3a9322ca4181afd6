"""The public MQTT contract: what happens becomes events, what is becomes the retained state topic."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol

from nudger.core.effects import Announce, Effect, Notify, Withdraw
from nudger.core.policy import Policy
from nudger.core.recovery.diary import Activity
from nudger.core.state import Health, State
from nudger.library import Language
from nudger.views.health import PRIVATE_EVENTS, goes_out, public, withheld
from nudger.views.phrases import say
from nudger.views.state import NOTHING_TOLD, instant, is_news, render, render_prompt, seconds

AT_ONCE: Final = 5
"""This many times in a row a person's state is published the moment it changes (our choice); after that,"""
PAUSE: Final = timedelta(seconds=1)
"""once in this time, as it then is. Each such time in which nothing changes gives one of the times in a row back."""


class Publish(Protocol):
    """Hand a message to the broker connection. Never blocks; the newest retained message per topic wins."""

    def __call__(self, topic: str, payload: str, *, qos: int = 0, retain: bool = False) -> object:
        """Publish, or keep for later."""


def event_of(effect: Effect, language: Language) -> tuple[str, Mapping[str, Any]] | None:
    """Return an effect as an event of the contract, its type and its data; None where it is none."""
    match effect:
        case Notify(prompt=prompt, silent=True):
            return "prompt_repeated", {**render_prompt(prompt), "silent": True}
        case Notify(prompt=prompt, repeated=repeated):
            return "prompt_repeated" if repeated else "prompt", render_prompt(prompt)
        case Withdraw(prompt_id=prompt_id, why=why):
            return "prompt_withdrawn", {"id": prompt_id, "why": why}
        case Announce(event_type="enough"):
            return "enough", {"title": language.texts["enough.title"], "body": language.texts["enough.body"]}
        case Announce(event_type="pre_notice", data={"by": datetime() as by}):
            texts = language.texts
            return "pre_notice", {
                "title": texts["pre_notice.title"],
                "body": texts["pre_notice.body"],
                "by": instant(by),
            }
        case Announce(event_type="safety", data={"message": str(message)}):
            text = language.texts[f"safety.{message}" if message.startswith("S") else f"banner.{message}"]
            return "safety", {"message": message, "text": text}
        case Announce(event_type="stage_offered", data={"stage": stage, "rule": rule}):
            text = say(language, f"outcome.offered.{rule}", {"stage": stage})
            return "stage_offered", {"stage": stage, "rule": rule, "text": text}
        case Announce(event_type=event_type, data=data):
            return event_type, {key: _plain(value) for key, value in data.items()}
        case _:
            return None


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return instant(value)
    return seconds(value) if isinstance(value, timedelta) else value


class MqttView:
    """Publishes everybody's state and events below the base topic.

    An event goes out at once. So does a state, unless it changes again and again, as a loose contact makes it: then the
    newest waits for its turn (`PAUSE`) and takes the place of those between, which are not even rendered. The view does
    nothing by itself: call `tick` when `wakeup` says so.
    """

    def __init__(self, publish: Publish, base_topic: str) -> None:
        """``base_topic`` is the first level of every topic of the contract."""
        self._publish = publish
        self._base = base_topic
        self._last: dict[str, dict[str, Any]] = {}
        self._health: dict[str, tuple[tuple[Health, date, Activity], Mapping[str, Any]]] = {}
        self._waiting: dict[str, tuple[Policy, State, Language]] = {}
        self._free_at: dict[str, datetime] = {}
        """When each person's state may be published next; up to `AT_ONCE` - 1 pauses ago where it was quiet."""

    def act(self, policy: Policy, state: State, effects: Sequence[Effect], language: Language, now: datetime) -> None:
        """Publish the events, then the state where it says anything new and its turn has come."""
        is_public = goes_out(policy, state)
        for effect in effects:
            event = event_of(effect, language)
            if event is not None and (is_public or event[0] not in PRIVATE_EVENTS):
                self.event(policy.person, event[0], event[1] if is_public else withheld(event[1]))
        self._waiting[policy.person] = (policy, state, language)
        if self._may_go(policy.person, now):
            self._show(policy.person, now)

    def wakeup(self) -> datetime | None:
        """Return when `tick` is to be called next; None while no state waits."""
        return min((self._free_at[person] for person in self._waiting), default=None)

    def tick(self, now: datetime) -> None:
        """Publish the states whose turn has come."""
        for person in tuple(self._waiting):
            if self._may_go(person, now):
                self._show(person, now)

    def settle(self, now: datetime) -> None:
        """Publish every state that waits, its turn or not: this is the end."""
        for person in tuple(self._waiting):
            self._show(person, now)

    def _may_go(self, person: str, now: datetime) -> bool:
        wait = self._free_at.get(person, now) - now
        return not timedelta(0) < wait <= PAUSE  # nobody waits longer: then the clock was set back

    def _show(self, person: str, now: datetime) -> None:
        policy, state, language = self._waiting.pop(person)
        told = self._told(policy, state, language, now) if goes_out(policy, state) else NOTHING_TOLD
        rendered = render(policy, state, language, now, told)
        if is_news(self._last.get(person), rendered):
            self._last[person] = rendered
            quiet = now - (AT_ONCE - 1) * PAUSE
            self._free_at[person] = min(max(self._free_at.get(person, quiet), quiet), now) + PAUSE
            self._publish(f"{self._base}/{person}/state", dumps(rendered), retain=True)

    def _told(self, policy: Policy, state: State, language: Language, now: datetime) -> Mapping[str, Any]:
        """Return what may be said about health: worked out anew only when something of it has changed."""
        basis = (state.health, state.today.day, state.today.doing)
        before = self._health.get(policy.person)
        if before is not None and before[0][0] is basis[0] and before[0][1:] == basis[1:]:
            return before[1]
        told = public(policy, state, language, now)
        self._health[policy.person] = (basis, told)
        return told

    def event(self, person: str, event_type: str, data: Mapping[str, Any]) -> None:
        """Publish one event; events are never retained."""
        payload = dumps({"event_type": event_type, **data})
        self._publish(f"{self._base}/{person}/event", payload, qos=1)

    def repeat(self) -> None:
        """Publish everybody's state once more, for somebody who has just begun to listen; never an event."""
        for person, rendered in self._last.items():
            self._publish(f"{self._base}/{person}/state", dumps(rendered), retain=True)

    def forget(self, person: str) -> None:
        """Forget a person who is gone."""
        for known in (self._last, self._health, self._waiting, self._free_at):
            known.pop(person, None)


def dumps(data: Mapping[str, Any]) -> str:
    """Return compact JSON that can be sent as UTF-8. Our own data holds no NaN.

    A refusal repeats what was asked, and that may hold half a character (a lone surrogate), which becomes a ``?``.
    """
    text = _encode(data)
    return text if text.isascii() else text.encode(errors="replace").decode()


# Made once: json.dumps would make a new encoder each time, which takes longer than to encode.
_encode: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
