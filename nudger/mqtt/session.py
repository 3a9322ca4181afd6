"""What is done on a link that the broker accepted: subscribe, send what waits, say ``online`` and see it come back."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

    from nudger.mqtt.guard import Guard
    from nudger.mqtt.inbox import Inbox
    from nudger.mqtt.link import Link
    from nudger.mqtt.news import Accepted
    from nudger.mqtt.outbox import Outbox
    from nudger.mqtt.settings import MqttSettings, MqttTiming
    from nudger.mqtt.topics import Filters

WINDOW = 20
"""QoS 1 messages on their way at once. What mosquitto allows a client by default."""

FILTERS_A_PACKET = 100
"""Topic filters subscribed to in one packet: 25 KB at most."""

PACKET_OVERHEAD = 16
"""Bytes of a PUBLISH packet beside topic and payload, rounded up."""


class Session:
    """The traffic of one link. Implements `news.LinkOwner`."""

    def __init__(self, settings: MqttSettings, timing: MqttTiming, outbox: Outbox, inbox: Inbox, guard: Guard) -> None:
        """Nothing happens before `begin`."""
        self._status_topic = settings.status_topic
        self._who = f"user {settings.username!r}" if settings.username else "anonymous users"
        self._timing = timing
        self._outbox = outbox
        self._inbox = inbox
        self._guard = guard
        self._link: Link | None = None
        self._wanted: Filters | None = None
        self._subscribed: dict[str, int] = {}
        self._asked: dict[int, list[str]] = {}
        self._window = WINDOW
        self._max_packet: int | None = None
        self._echo_timer: asyncio.TimerHandle | None = None
        self._stopping = False
        self._sent_all = asyncio.Event()
        self._faults: dict[str, str] = {}

    @property
    def degraded(self) -> str | None:
        """What does not work on this link, in plain words; None if all is well."""
        return "; ".join(self._faults.values()) or None

    def begin(self, link: Link, accepted: Accepted, wanted: Filters) -> None:
        """The broker accepted ``link``: subscribe, then send what waits, and ``online`` after it."""
        self._link = link
        self._window = min(WINDOW, accepted.receive_max or WINDOW)
        self._max_packet = accepted.max_packet
        self.subscribe(wanted)
        self._outbox.put(self._status_topic, b"online", 1, retain=True)
        self.pump()
        self._echo_timer = asyncio.get_running_loop().call_later(self._timing.echo_s, self._echo_missing)

    def end(self) -> None:
        """The link is over."""
        if self._echo_timer:
            self._echo_timer.cancel()

    def subscribe(self, wanted: Filters, anew: Container[str] = ()) -> None:
        """Make the broker's subscriptions be ``wanted``, and our own status; renew those in ``anew``."""
        self._wanted = wanted
        if self._link is None:
            return
        target = {**wanted.subscriptions, self._status_topic: 1}
        gone = [each for each in self._subscribed if each not in target]
        new = iter([(each, qos) for each, qos in target.items() if self._subscribed.get(each) != qos or each in anew])
        if gone:
            self._link.unsubscribe(gone)
        while chunk := dict(islice(new, FILTERS_A_PACKET)):
            # A command that was published as a retained one is stale the next time; it is not to be obeyed the first.
            commands = {each for each in chunk if self._inbox.is_command(each)}
            self._asked[self._link.subscribe(chunk, commands)] = list(chunk)
        self._subscribed = target

    def pump(self) -> None:
        """Send what waits, as far as the broker takes it."""
        link = self._link
        while link and link.can_send and (message := self._outbox.next(self._window)):
            size = len(message.topic.encode()) + len(message.payload) + PACKET_OVERHEAD
            if self._max_packet is not None and size > self._max_packet:
                self._outbox.refuse(message, f"the broker takes no packets above {self._max_packet} bytes")
                continue
            self._outbox.sent(message, link.publish(message.topic, message.payload, message.qos, retain=message.retain))
        if self._outbox.is_empty:
            self._sent_all.set()

    async def farewell(self) -> None:
        """Say ``offline``, wait a little until everything has reached the broker, and disconnect."""
        self._stopping = True
        link = self._link
        if link is None or link.closed.done():
            return
        self._outbox.put(self._status_topic, b"offline", 1, retain=True)
        self._sent_all.clear()
        self.pump()
        sent_all = asyncio.create_task(self._sent_all.wait())
        await asyncio.wait(
            (sent_all, link.closed), timeout=self._timing.farewell_s, return_when=asyncio.FIRST_COMPLETED
        )
        sent_all.cancel()
        link.disconnect()
        await asyncio.wait((link.closed,), timeout=self._timing.farewell_s / 2)

    # news.LinkOwner

    def arrived(self, topic: str, payload: bytes, retained: bool) -> None:
        """A message came: our own status is looked at here, what was asked for goes to the inbox."""
        if topic == self._status_topic:
            self._status_arrived(payload, retained)
        if self._wanted is not None and topic in self._wanted:
            self._inbox.put(topic, payload, retained)

    def arrived_unreadable(self, topic: bytes) -> None:
        """A message came on a topic that is not UTF-8."""
        self._inbox.refuse("topic", f"a message on a topic that is not UTF-8 ({topic[:80]!r}) is ignored")

    def paused(self) -> None:
        """Handle what came, send what waits."""
        self._inbox.drain()
        self.pump()

    def acknowledged(self, packet_id: int, refusal: str | None) -> None:
        """A message was taken, or refused."""
        message = self._outbox.answered(packet_id)
        if message is not None and refusal is not None:
            self._outbox.refuse(message, f"the broker refuses it: {refusal}")
            self._faults[f"publish {message.topic}"] = (
                f"the broker refuses what is published on {message.topic!r}: {refusal}"
            )
        elif message is not None:
            self._faults.pop(f"publish {message.topic}", None)
        self.pump()

    def subscribed(self, packet_id: int, refusals: list[str | None]) -> None:
        """Filters were granted, or refused."""
        for topic_filter, refusal in zip(self._asked.pop(packet_id, ()), refusals, strict=False):
            if refusal is not None:
                fault = f"the broker refuses the subscription to {topic_filter!r}: {refusal}"
                self._faults[f"subscribe {topic_filter}"] = fault
                self._guard.complain(fault, fault)

    def _status_arrived(self, payload: bytes, retained: bool) -> None:
        if retained:
            return  # what was there before us proves nothing
        if payload == b"online":
            if self._echo_timer:
                self._echo_timer.cancel()
            self._faults.pop("echo", None)
        elif not self._stopping:
            # The will of an older connection of ours, published only now that the broker gave it up.
            self._outbox.put(self._status_topic, b"online", 1, retain=True)

    def _echo_missing(self) -> None:
        base = self._status_topic.removesuffix("/status")
        fault = (
            f"'online' on {self._status_topic!r} did not come back within {self._timing.echo_s:g} s: the broker's "
            f"access rules (ACL) seem to deny {self._who} reading or writing '{base}/#'"
        )
        self._faults["echo"] = fault
        self._guard.complain("echo", fault)
