"""ntfy, spoken directly: messages that replace each other, are taken away, and have buttons that answer.

A button makes the phone publish a word to a second topic on the same server, where nudger listens. The word is drawn
anew for every message and counts once, so that nobody who did not get the message can answer it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from nudger.outputs.channel import Answer, ChannelError, Message
from nudger.outputs.http_call import Server, basic_auth, call, lines

log = logging.getLogger(__name__)

CLOUD: Final = "ntfy.sh"
DEFAULT, HIGH = 3, 4
MOST_BUTTONS: Final = 3
SILENCE_S: Final = 150.0
"""A living ntfy server sends a sign of life every 45 s by default; after this long without one, we dial anew."""
REDIAL_S: Final = (1.0, 5.0, 30.0, 60.0)
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


One = Callable[[], AbstractContextManager[None]]
"""What counts one message of the day, unless it fails inside."""


class NtfyChannel:
    """Publishes to the topics of an address, and listens for the answers from the first message on."""

    def __init__(self, ntfy: Ntfy, one: One, answer: Answer | None) -> None:
        """``one`` counts a message of the day; without ``answer`` there are no buttons."""
        self._ntfy = ntfy
        self._one = one
        self._answer = answer
        self._words: dict[str, tuple[str, str, Mapping[str, Any]]] = {}
        self._listening: asyncio.Task[None] | None = None
        self._is_deaf = False
        self._can_take_away = True

    async def show(self, message: Message) -> None:
        """Publish the message; one with the same id is replaced (ntfy 2.16 or later; before, a second one comes)."""
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
        if self._answer is not None and message.buttons:
            content["actions"] = self._buttons(message)
            if self._listening is None:
                self._listening = asyncio.get_running_loop().create_task(self._listen(), name="answers of ntfy")
        for topic in self._ntfy.topics:
            body = json.dumps({"topic": topic, **content}).encode()
            with self._one():
                await call(self._ntfy.server, "POST", "/", body, **{"Content-Type": "application/json"})

    async def withdraw(self, prompt_id: str, why: str) -> None:  # noqa: ARG002  (a phone is not told why)
        """Take the message off the phone, where the server knows how to."""
        self._forget(prompt_id)
        if not self._can_take_away:
            return
        for topic in self._ntfy.topics:
            try:
                with self._one():
                    await call(self._ntfy.server, "DELETE", f"/{quote(topic)}/{quote(prompt_id)}")
            except ChannelError as error:
                if not any(f"HTTP {status}:" in str(error) for status in _TOO_OLD):
                    raise
                self._can_take_away = False
                log.info("the ntfy server at %s is too old to take messages away again", self._ntfy.server.host)
                return

    async def close(self) -> None:
        """Stop listening."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait((self._listening,))

    def _buttons(self, message: Message) -> list[dict[str, Any]]:
        self._forget(message.id)
        actions = []
        for button in message.buttons[:MOST_BUTTONS]:
            word = secrets.token_urlsafe(16)
            self._words[word] = (message.id, button.command, button.data)
            url = f"{self._ntfy.public_url}/{quote(self._ntfy.answer_topic)}"
            actions.append(
                {"action": "http", "label": button.label, "url": url, "method": "POST", "body": word, "clear": True}
            )
        return actions

    def _forget(self, prompt_id: str) -> None:
        self._words = {word: meant for word, meant in self._words.items() if meant[0] != prompt_id}

    # --- answers -----------------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        attempts = 0
        while True:
            try:
                async for line in self._lines():
                    if not line:
                        attempts = 0
                        self._hear_again()
                    self._take_in(line)
                reason = "the connection ended"
            except TimeoutError:
                reason = "no sign of life"
            except (ChannelError, OSError) as error:
                reason = str(error) if isinstance(error, ChannelError) else error.strerror or type(error).__name__
            if attempts > 0:  # a server that merely hangs up now and then is dialled again without a word
                self._complain(reason)
            await asyncio.sleep(REDIAL_S[min(attempts, len(REDIAL_S) - 1)])
            attempts += 1

    async def _lines(self) -> Any:
        """Yield what is published to the topic of answers, that of the last minutes included: words count only once."""
        stream = lines(self._ntfy.server, f"/{quote(self._ntfy.answer_topic)}/json?since=5m")
        try:
            while True:
                async with asyncio.timeout(SILENCE_S):
                    try:
                        line = await anext(stream)
                    except StopAsyncIteration:
                        return
                yield line
        finally:
            await stream.aclose()  # type: ignore[attr-defined]  # an async generator, declared by what it yields

    def _take_in(self, line: bytes) -> None:
        try:
            said = json.loads(line) if line else None
        except ValueError:
            return
        if not isinstance(said, dict) or said.get("event") != "message" or self._answer is None:
            return
        meant = self._words.get(str(said.get("message")))
        if meant is None:
            return  # of an earlier run, of a message that was withdrawn, pressed before, or somebody's guess
        prompt_id, command, data = meant
        self._forget(prompt_id)
        self._answer(command, data)

    def _complain(self, reason: str) -> None:
        if not self._is_deaf:
            self._is_deaf = True
            log.warning("answers from ntfy at %s cannot be heard: %s", self._ntfy.server.host, reason)

    def _hear_again(self) -> None:
        if self._is_deaf:
            self._is_deaf = False
            log.info("answers from ntfy at %s are heard again", self._ntfy.server.host)
