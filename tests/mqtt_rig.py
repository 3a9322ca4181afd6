"""What the tests of the MQTT connection share: a connection that remembers, a stranger on the broker, a fake broker."""

from __future__ import annotations

import asyncio
import functools
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from nudger.mqtt import MqttConnection, MqttSettings, MqttTiming

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

QUICK = MqttTiming(
    connect_s=1.0, connack_s=1.0, backoff_s=(0.05, 0.1), short_life_s=0.5, echo_s=0.4, check_s=0.3, farewell_s=0.5
)
"""Everything as in life, but for impatient people."""


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test in an event loop of its own."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


async def eventually(condition: Callable[[], object], within_s: float = 5.0) -> None:
    """Wait until ``condition()`` is true, and fail if it is not within the time."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s"
        await asyncio.sleep(0.01)


class Clock:
    """Time that passes when told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Rig:
    """A connection under test. It remembers what its handlers were told; as a context manager it starts and stops."""

    def __init__(self, port: int, *, timing: MqttTiming = QUICK, **settings: Any) -> None:
        """Connect to ``port`` of localhost, unless ``settings`` name another host."""
        self.messages: list[tuple[str, bytes, bool]] = []
        self.links: list[tuple[bool, str]] = []
        self.settings = MqttSettings(**{"host": "localhost", "port": port, "client_id": "nudger-test", **settings})
        self.connection = MqttConnection(
            self.settings, self.on_message, self.on_link, lambda topic: "/set/" in topic, timing
        )
        self.publish = self.connection.publish

    def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        """Remember a message."""
        self.messages.append((topic, payload, retained))

    def on_link(self, up: bool, reason: str) -> None:
        """Remember news of the link."""
        self.links.append((up, reason))

    async def up(self, within_s: float = 5.0) -> None:
        """Wait until the connection is up."""
        await eventually(lambda: self.connection.health.connected, within_s)

    async def down(self, within_s: float = 5.0) -> None:
        """Wait until the connection is down."""
        await eventually(lambda: not self.connection.health.connected, within_s)

    async def __aenter__(self) -> Self:
        """Start."""
        await self.connection.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop, in the time that is promised."""
        begin = time.monotonic()
        await self.connection.stop()
        assert time.monotonic() - begin < 5.0


class Stranger:
    """Another client on the same broker, with nothing of ours in it: plain paho in its own thread."""

    def __init__(self, port: int, *topics: str, client_id: str = "", user: str | None = None) -> None:
        """Connect, subscribe to ``topics``, and reconnect every second when kicked. ``user`` is his own password."""
        self.messages: list[tuple[str, bytes, bool]] = []
        self._topics = topics
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=client_id)
        self._client.username_pw_set(user, user)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        ready = threading.Event()
        self._client.on_subscribe = lambda *_: ready.set()
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert not topics or ready.wait(5), "the stranger could not subscribe"

    def payloads(self, topic: str) -> list[bytes]:
        """What came on ``topic``."""
        return [payload for seen, payload, _ in self.messages if seen == topic]

    def publish(self, topic: str, payload: bytes | str, *, qos: int = 1, retain: bool = False) -> None:
        """Publish."""
        self._client.publish(topic, payload, qos, retain)

    def close(self) -> None:
        """Leave."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: Client, *_: object) -> None:
        for topic in self._topics:
            client.subscribe(topic, 1)

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.messages.append((message.topic, bytes(message.payload), message.retain))

    def __enter__(self) -> Self:
        """It is connected already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave."""
        self.close()


class FakeBroker:
    """A socket that answers MQTT packets with scripted bytes, for what no real broker does on demand.

    ``answer(packet)`` gets the whole packet and returns the bytes to send, or None to close the connection.
    """

    def __init__(self, answer: Callable[[bytes], bytes | None], tls: ssl.SSLContext | None = None) -> None:
        """Listen on a free loopback port."""
        self._answer = answer
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._clients: list[socket.socket] = []
        self.ended = 0
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._tls:
                    client = self._tls.wrap_socket(client, server_side=True)
                self._clients.append(client)
                threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        with suppress(OSError), client:
            self._converse(client)
        self.ended += 1

    def _converse(self, client: socket.socket) -> None:
        while head := client.recv(1):
            length = client.recv(1)
            if length[0] & 128:
                length += client.recv(1)
            size = (length[0] & 127) + (length[1] * 128 if len(length) > 1 else 0)
            body = b""
            while len(body) < size:
                body += client.recv(size - len(body))
            answer = self._answer(head + length + body)
            if answer is None:
                return
            client.sendall(answer)

    def __enter__(self) -> Self:
        """It listens already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close everything."""
        for sock in (self._listener, *self._clients):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
