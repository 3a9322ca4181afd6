"""Phones with Home Assistant's app: messages that replace each other, are taken away, and have buttons that answer.

The app tells Home Assistant which button was pressed, and Home Assistant tells everybody who listens to its stream of
events, which only the tokens of administrators may.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from nudger.outputs.channel import Answer, Message
from nudger.outputs.http_call import Server, call
from nudger.outputs.push_answers import Answers
from nudger.outputs.push_targets import Content, Targets
from nudger.outputs.quota import One

_APP: Final = "mobile_app_"
_STREAM: Final = "/api/stream?restrict=mobile_app_notification_action"


@dataclass(frozen=True, slots=True)
class HomeAssistant:
    """What an address says. ``services`` are the notify services of phones; ``prefix`` stands before every path."""

    server: Server
    prefix: str
    services: tuple[str, ...]


def home_assistant_of(plugin: Any) -> HomeAssistant | None:
    """Return what Apprise has read out of an address of Home Assistant that names phones only; None for all others."""
    if type(plugin).__name__ != "NotifyHomeAssistant" or plugin.user:
        return None
    services = [service for domain, service, _ in plugin.targets if domain == "notify" and service.startswith(_APP)]
    if not services or len(services) < len(plugin.targets):
        return None
    server = Server(
        plugin.host,
        plugin.port or (443 if plugin.secure else 8123),
        plugin.secure,
        bool(plugin.verify_certificate),
        {"Authorization": f"Bearer {plugin.accesstoken}"},
    )
    return HomeAssistant(server, plugin.prefix.rstrip("/"), tuple(services))


class HomeAssistantChannel:
    """Notifies phones through Home Assistant."""

    def __init__(self, home: HomeAssistant, one: One, answer: Answer | None) -> None:
        """``one`` counts a message of the day; without ``answer`` there are no buttons."""
        self._home = home
        self._one = one
        self._targets = Targets(home.services)
        path = f"{home.prefix}{_STREAM}"
        self._answers = None if answer is None else Answers(home.server, path, word_in, answer)

    async def show(self, message: Message) -> None:
        """Notify every phone, in place of a message with the same id."""
        await self._targets.send(message.id, message, lambda: self._content(message), self._notify)

    async def withdraw(self, prompt_id: str, why: str) -> None:  # noqa: ARG002  (a phone is not told why)
        """Take the message off every phone."""
        if self._answers is not None:
            self._answers.forget(prompt_id)
        content = {"message": "clear_notification", "data": {"tag": prompt_id}}
        await self._targets.send(prompt_id, None, lambda: content, self._notify)

    async def close(self) -> None:
        """Stop listening."""
        if self._answers is not None:
            await self._answers.close()

    def _content(self, message: Message) -> Content:
        data: dict[str, Any] = {"tag": message.id, "group": "nudger", "channel": "nudger"}
        if self._answers is not None and message.buttons:
            words = self._answers.words_for(message)
            data["actions"] = [{"action": word, "title": button.label} for button, word in words]
        return {"title": message.title, "message": message.body, "data": data}

    async def _notify(self, service: str, content: Content) -> None:
        path = f"{self._home.prefix}/api/services/notify/{quote(service)}"
        with self._one():
            await call(
                self._home.server, "POST", path, json.dumps(content).encode(), **{"Content-Type": "application/json"}
            )


def word_in(line: bytes) -> str | None:
    """Return which button was pressed, out of a line of the stream of events; None for a line about something else."""
    _, found, text = line.partition(b"data: ")
    try:
        said = json.loads(text) if found else None
    except ValueError:  # also a sign of life
        return None
    data = said.get("data") if isinstance(said, dict) else None
    return str(data.get("action")) if isinstance(data, dict) else None
