"""Messages that have come in but are not handled yet: usually none, in a flood the newest of each topic."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nudger.mqtt.topics import MAX_PAYLOAD_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from nudger.mqtt.guard import Guard

MERGE_ABOVE = 200
"""Waiting messages above which only the newest of a topic is kept. Below, each counts: ON then OFF is a story. They are
handled in turn, so many more would keep everybody waiting for seconds on a busy machine."""

MERGE_ABOVE_BYTES = 4 * 1024 * 1024
"""The same for their payloads together."""

MAX_WAITING = 2000
"""Waiting messages, merged or not. Only a flood on that many topics comes here; the oldest are dropped."""

MAX_COMMANDS = 100
"""Waiting commands. People do not type that fast: the newest are refused."""

DRAIN_SLICE_S = 0.005
"""Handlers are called for this long, then the loop turns to others."""


@dataclass(slots=True, eq=False)
class Incoming:
    """One message on its way to the handler."""

    topic: str
    payload: bytes
    retained: bool
    is_command: bool


class Inbox:
    """Hands messages to a handler, in order, without keeping the event loop for long.

    In a flood, messages of a topic replace the one that is waiting; commands are never merged.
    """

    def __init__(
        self, handler: Callable[[str, bytes, bool], object], is_command: Callable[[str], bool], guard: Guard
    ) -> None:
        """``handler`` gets topic, payload and whether the message was retained; ``is_command`` tells topics apart."""
        self.dropped = 0
        self.merged = 0
        self._handler = handler
        self.is_command = is_command
        self._guard = guard
        self._waiting: deque[Incoming] = deque()
        self._waiting_bytes = 0
        self._commands = 0
        self._newest: dict[str, Incoming] | None = None
        """While merging: the waiting message of each topic that may be replaced."""
        self._scheduled = False

    def put(self, topic: str, payload: bytes, retained: bool) -> None:
        """Take in a message. `drain` hands it on."""
        if len(payload) > MAX_PAYLOAD_BYTES:
            self.refuse(f"size {topic}", f"a message of {len(payload)} bytes on {topic!r} is too large; ignored")
            return
        is_command = self.is_command(topic)
        if is_command and self._commands >= MAX_COMMANDS:
            self.refuse("commands", f"more than {MAX_COMMANDS} commands are waiting; the one on {topic!r} is ignored")
            return
        if self._newest is None and (
            len(self._waiting) >= MERGE_ABOVE or self._waiting_bytes + len(payload) > MERGE_ABOVE_BYTES
        ):
            self._start_merging()
        message = Incoming(topic, payload, retained, is_command)
        if self._newest is not None and not is_command:
            older = self._newest.get(topic)
            if older is not None:
                self._waiting_bytes += len(payload) - len(older.payload)
                older.payload, older.retained = payload, retained
                self.merged += 1
                return
            self._newest[topic] = message
        self._add(message)
        if len(self._waiting) > MAX_WAITING:
            oldest = self._take()
            self.refuse("flood", f"too many different topics at once; a message on {oldest.topic!r} is lost")

    def refuse(self, key: str, text: str) -> None:
        """Count a message that is not handled, and say so once in a while."""
        self.dropped += 1
        self._guard.complain(f"inbox {key}", text)

    def drain(self) -> None:
        """Call the handler for what waits, for `DRAIN_SLICE_S`; the rest follows by itself, after others had a turn."""
        if not self._scheduled:
            self._drain_slice()

    def _drain_slice(self) -> None:
        self._scheduled = False
        until = time.monotonic() + DRAIN_SLICE_S
        while self._waiting:
            message = self._take()
            self._guard.call("handler of messages", self._handler, message.topic, message.payload, message.retained)
            if time.monotonic() > until:
                break
        if self._waiting:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._drain_slice)

    def _add(self, message: Incoming) -> None:
        self._waiting.append(message)
        self._waiting_bytes += len(message.payload)
        self._commands += message.is_command

    def _take(self) -> Incoming:
        message = self._waiting.popleft()
        self._waiting_bytes -= len(message.payload)
        self._commands -= message.is_command
        if self._newest is not None and not message.is_command:
            del self._newest[message.topic]
        if not self._waiting:
            self._newest = None
        return message

    def _start_merging(self) -> None:
        self._guard.complain("inbox merge", "messages come faster than they can be handled; older values are skipped")
        everything, self._waiting = self._waiting, deque()
        self._waiting_bytes = self._commands = 0
        self._newest = {message.topic: message for message in everything if not message.is_command}
        for message in everything:
            if message.is_command or self._newest[message.topic] is message:
                self._add(message)
            else:
                self.merged += 1
