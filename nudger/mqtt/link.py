"""One connection: a paho client that lives inside the asyncio loop, for one socket, and is then thrown away.

A client for every connection keeps paho's memory out of the way: what it would send again on its own, for ever, is ours
to decide (`outbox`), and the protocol version and the certificates can be others the next time.

paho calls back while it holds locks, so nothing is done inside its callbacks: they leave notes, and `Link._settle` acts
on the notes when paho has returned.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from paho.mqtt.subscribeoptions import SubscribeOptions

from nudger.mqtt.keepalive import Keepalive
from nudger.mqtt.loop_client import LoopClient
from nudger.mqtt.news import Accepted, Closed, Refused

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Container, Mapping

    from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode

    from nudger.mqtt.guard import Guard
    from nudger.mqtt.news import LinkOwner
    from nudger.mqtt.settings import MqttSettings, ProtocolVersion

_T = TypeVar("_T")

READ_SLICE_S = 0.02
"""Reading goes on for this long, then the loop turns to others: a flood must not stop a lamp."""


class Link:
    """MQTT over one connected socket."""

    def __init__(
        self, sock: socket.socket, settings: MqttSettings, version: ProtocolVersion, owner: LinkOwner, guard: Guard
    ) -> None:
        """Send the greeting. The link owns ``sock`` from here on."""
        self._loop = asyncio.get_running_loop()
        self.welcome: asyncio.Future[Accepted | Refused] = self._loop.create_future()
        """The broker's answer to the greeting; may never come."""
        self.closed: asyncio.Future[Closed] = self._loop.create_future()
        """Comes once, whatever happens."""
        self.keepalive = Keepalive(self._ping, partial(self.abort, "the broker no longer answers"))
        self._keepalive_s = settings.keepalive_s
        self._sock = sock
        self._version = version
        self._owner = owner
        self._guard = guard
        self._is_open = True
        self._wants_write = self._watches_write = False
        self._notes: deque[Callable[[], None]] = deque()
        self._settling = False
        self._was_reset = False
        self._arrivals = 0
        self._unacknowledged: set[int] = set()
        client = self._client = LoopClient(sock, settings, version, self.keepalive.answered)
        client.on_socket_open = lambda *_: self._loop.add_reader(self._sock, self._on_readable)
        client.on_socket_close = self._on_socket_close
        client.on_socket_register_write = lambda *_: self._set_wants_write(True)
        client.on_socket_unregister_write = lambda *_: self._set_wants_write(False)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe
        self._paho(client.greet)
        self._settle()

    @property
    def can_send(self) -> bool:
        """Whether the other end is there and takes what we send."""
        return self._is_open and not self._wants_write

    def publish(self, topic: str, payload: bytes, qos: int, *, retain: bool) -> int:
        """Send a message now; returns its packet id. On a closed link nothing happens; `closed` tells of it."""
        info = self._paho(self._client.publish, topic, payload, qos, retain)
        if info is None:
            return 0
        if qos:
            self._unacknowledged.add(info.mid)
            self._client.on_publish = self._on_publish
        self._settle()
        return int(info.mid)

    def subscribe(self, filters: Mapping[str, int], as_published: Container[str] = ()) -> int:
        """Subscribe to filters with their QoS; returns the packet id for `LinkOwner.subscribed`.

        A message for one of ``as_published`` counts as retained also when it comes live, but was published so. With
        MQTT 3.1.1 nobody can tell.
        """
        wanted: list[tuple[str, int | SubscribeOptions]] = [
            (each, SubscribeOptions(qos, retainAsPublished=each in as_published) if self._version == "5" else qos)
            for each, qos in filters.items()
        ]
        result = self._paho(self._client.subscribe, wanted)
        self._settle()
        return (result and result[1]) or 0

    def unsubscribe(self, filters: list[str]) -> None:
        """Unsubscribe from filters."""
        self._paho(self._client.unsubscribe, filters)
        self._settle()

    def disconnect(self) -> None:
        """Say goodbye: the broker then does not publish our will. `closed` follows when the goodbye is written."""
        self._paho(self._client.disconnect)
        self._settle()

    def abort(self, reason: str) -> None:
        """Drop the connection without a word. Does nothing on a closed link."""
        if self._is_open:
            self._detach()
            self._sock.close()
            self._end(Closed(reason, "us"))

    # Called by paho, which holds its locks meanwhile.

    def _on_socket_close(self, _client: Client, _data: object, _sock: object) -> None:
        try:
            self._sock.getpeername()
        except OSError:  # after a reset there is no peer any more, after an orderly end there still is
            self._was_reset = True
        self._detach()

    def _on_connect(
        self, _client: Client, _data: object, _flags: ConnectFlags, code: ReasonCode, properties: Properties | None
    ) -> None:
        if code.is_failure:
            self._notes.append(partial(_fulfil, self.welcome, Refused(code.value, str(code))))
            return
        accepted = Accepted(getattr(properties, "MaximumPacketSize", None), getattr(properties, "ReceiveMaximum", None))
        self._notes.append(partial(_fulfil, self.welcome, accepted))
        # An MQTT 5 broker may have named another keepalive; 0 would be none at all.
        self._notes.append(partial(self.keepalive.start, self._client.keepalive or self._keepalive_s))

    def _on_disconnect(
        self, _client: Client, _data: object, flags: DisconnectFlags, code: ReasonCode, _properties: Properties | None
    ) -> None:
        if flags.is_disconnect_packet_from_server:
            closed = Closed(f"the broker closed it: {code}", "broker", code.value)
        elif code.getName() == "Protocol error":
            closed = Closed(f"the other end sent something that is not MQTT {self._version}", "us")
        elif self._was_reset:
            closed = Closed("it was reset", "reset")
        else:
            closed = Closed("the other end closed it", "broker")
        self._notes.append(partial(self._end, closed))

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self._arrivals += 1
        try:
            topic = message.topic
        except UnicodeDecodeError as error:
            self._guard.call("arrived_unreadable", self._owner.arrived_unreadable, bytes(error.object))
        else:
            self._guard.call("arrived", self._owner.arrived, topic, bytes(message.payload), message.retain)

    def _on_publish(
        self, _client: Client, _data: object, packet_id: int, code: ReasonCode, _properties: Properties
    ) -> None:
        if packet_id not in self._unacknowledged:
            return  # QoS 0: only written, nobody answered
        self._unacknowledged.discard(packet_id)
        if not self._unacknowledged:
            self._client.on_publish = None  # paho would build two costly objects for every QoS 0 message
        self.keepalive.answered()
        refusal = str(code) if code.is_failure else None
        self._notes.append(partial(self._owner.acknowledged, packet_id, refusal))

    def _on_subscribe(
        self, _client: Client, _data: object, packet_id: int, codes: list[ReasonCode], _properties: Properties
    ) -> None:
        self.keepalive.answered()
        refusals = [str(code) if code.is_failure else None for code in codes]
        self._notes.append(partial(self._owner.subscribed, packet_id, refusals))

    def _set_wants_write(self, wanted: bool) -> None:
        self._wants_write = wanted

    # Called by the loop, or on its behalf.

    def _paho(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call into paho. An error of its own ends this link, and nothing else."""
        if not self._is_open:
            return None
        try:
            return function(*args)
        except Exception as error:  # noqa: BLE001 - paho parses what a stranger sent
            self.abort(f"the MQTT library failed: {type(error).__name__}: {error}")
            return None

    def _on_readable(self) -> None:
        if self._read_one():
            self._pause()  # mostly that was all: it is handled before more is looked for
            until = self._loop.time() + READ_SLICE_S
            while self._read_one():
                if self._loop.time() > until:
                    if self._has_rest():
                        self._loop.call_soon(self._on_readable)
                    break
        self._pause()

    def _read_one(self) -> bool:
        """Let paho read a packet. Says whether there may be more."""
        before = self._arrivals
        self._paho(self._client.loop_read)
        return self._is_open and (self._arrivals != before or self._has_rest())

    def _has_rest(self) -> bool:
        """Whether more waits where the loop cannot see it: read ahead, or the rest of a record that TLS decrypted."""
        return self._client.has_more or (isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0)

    def _pause(self) -> None:
        self._settle()
        self._guard.call("paused", self._owner.paused)

    def _settle(self) -> None:
        """Write what waits, watch for room to write the rest, then act on the notes."""
        if self._wants_write:
            self._paho(self._client.loop_write)
        if self._is_open and self._wants_write != self._watches_write:
            self._watches_write = self._wants_write
            if self._wants_write:
                self._loop.add_writer(self._sock, self._pause)
            else:
                self._loop.remove_writer(self._sock)
        if self._settling:
            return
        self._settling = True
        while self._notes:
            self._guard.call("link", self._notes.popleft())
        self._settling = False

    def _ping(self) -> None:
        self._paho(self._client.ping)
        self._settle()

    def _detach(self) -> None:
        if self._is_open:
            self._is_open = self._wants_write = False
            self._loop.remove_reader(self._sock)
            self._loop.remove_writer(self._sock)

    def _end(self, closed: Closed) -> None:
        self.keepalive.stop()
        _fulfil(self.closed, closed)


def _fulfil(future: asyncio.Future[_T], value: _T) -> None:
    if not future.done():
        future.set_result(value)
