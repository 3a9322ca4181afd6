"""ntfy, spoken directly: messages that replace each other, are taken away, and have buttons that answer.

A button makes the phone publish its word to a second topic on the same server, where nudger listens.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from nudger.outputs.channel import Answer, ChannelError, Message
from nudger.outputs.http_call import Server, basic_auth, call
from nudger.outputs.push_answers import Answers
from nudger.outputs.push_targets import Content, Targets
from nudger.outputs.quota import One

log = logging.getLogger(__name__)

CLOUD: Final = "ntfy.sh"
DEFAULT, HIGH = 3, 4
_TOO_OLD: Final = frozenset({404, 405})


@dataclass(frozen=True, slots=True)
class Ntfy:
    """What an address says. ``public_url`` is the server as the phone reaches it; ``extra`` goes into each message."""

    server: Server
    topics: tuple[str, ...]
    public_url: str
    priority: int
    extra: Mapping[str, Any]

    @property
    def answer_topic(self) -> str:
        """The topic on which answers come back."""
        return f"{self.topics[0][:56]}-answers"


def ntfy_of(plugin: Any, public_url: str | None) -> Ntfy | None:
    """Return what Apprise has read out of an address of ntfy; None for another service, or for what we leave to it."""
    if type(plugin).__name__ != "NotifyNtfy" or plugin.attach or plugin.email or plugin.delay:
        return None
    headers = {}
    if plugin.token:
        headers["Authorization"] = f"Bearer {plugin.token}"
    elif plugin.user:
        headers["Authorization"] = basic_auth(plugin.user, plugin.password or "")
    if plugin.mode == "cloud":
        server = Server(CLOUD, 443, tls=True, headers=headers)
    else:
        port = plugin.port or (443 if plugin.secure else 80)
        server = Server(plugin.host, port, plugin.secure, bool(plugin.verify_certificate), headers)
    extra = {"click": plugin.click, "icon": plugin.avatar_url}
    return Ntfy(
        server=server,
        topics=tuple(plugin.topics),
        public_url=public_url or server.url,
        priority=_number(plugin.priority),
        extra={key: value for key, value in extra.items() if value},
    )


def _number(priority: str) -> int:
    names = ("min", "low", "default", "high", "max")
    return names.index(priority) + 1 if priority in names else DEFAULT


class NtfyChannel:
    """Publishes to the topics of an address."""

    def __init__(self, ntfy: Ntfy, one: One, answer: Answer | None) -> None:
        """``one`` counts a message of the day; without ``answer`` there are no buttons."""
        self._ntfy = ntfy
        self._one = one
        # what was published while we did not listen is told us afterwards
        path = f"/{quote(ntfy.answer_topic)}/json?since=5m"
        self._answers = None if answer is None else Answers(ntfy.server, path, word_in, answer)
        self._targets = Targets(ntfy.topics)
        self._can_take_away = True

    async def show(self, message: Message) -> None:
        """Publish the message; one with the same id is replaced (ntfy 2.16 or later; before, a second one comes)."""
        await self._targets.send(message.id, message, lambda: self._content(message), self._publish)

    async def withdraw(self, prompt_id: str, why: str) -> None:  # noqa: ARG002  (a phone is not told why)
        """Take the message off the phone, where the server knows how to."""
        if self._answers is not None:
            self._answers.forget(prompt_id)
        if self._can_take_away:
            await self._targets.send(prompt_id, None, lambda: {"id": prompt_id}, self._take_away)

    async def close(self) -> None:
        """Stop listening."""
        if self._answers is not None:
            await self._answers.close()

    def _content(self, message: Message) -> Content:
        priority = self._ntfy.priority
        if priority == DEFAULT and message.level:
            priority = HIGH
        content = {
            "title": message.title,
            "message": message.body,
            "priority": priority,
            "sequence_id": message.id,
            **self._ntfy.extra,
        }
        if self._answers is not None and message.buttons:
            content["actions"] = self._buttons(self._answers, message)
        return content

    async def _publish(self, topic: str, content: Content) -> None:
        body = json.dumps({"topic": topic, **content}).encode()
        with self._one():
            await call(self._ntfy.server, "POST", "/", body, **{"Content-Type": "application/json"})

    async def _take_away(self, topic: str, content: Content) -> None:
        if not self._can_take_away:
            return
        try:
            with self._one():
                await call(self._ntfy.server, "DELETE", f"/{quote(topic)}/{quote(content['id'])}")
        except ChannelError as error:
            if error.status not in _TOO_OLD:
                raise
            self._can_take_away = False
            log.info("the ntfy server at %s is too old to take messages away again", self._ntfy.server.host)

    def _buttons(self, answers: Answers, message: Message) -> list[dict[str, Any]]:
        url = f"{self._ntfy.public_url}/{quote(self._ntfy.answer_topic)}"
        return [
            {"action": "http", "label": button.label, "url": url, "method": "POST", "body": word, "clear": True}
            for button, word in answers.words_for(message)
        ]


def word_in(line: bytes) -> str | None:
    """Return what was published, out of a line of ntfy's stream; None for a line that tells of something else."""
    try:
        said = json.loads(line)
    except ValueError:
        return None
    if not isinstance(said, dict) or said.get("event") != "message":
        return None
    return str(said.get("message"))
