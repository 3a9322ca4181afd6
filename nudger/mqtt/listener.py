"""Listening to a broker for a while, for a person who looks for their sensors. It only reads.

It is no part of the daemon's connection: no will, no base topic, a name of its own, so that a daemon that runs
meanwhile is not disturbed. Memory is bounded however much is said: the newest few payloads of each topic, large ones
left out, and an end to it all.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from nudger.mqtt.dial import DialError, dial

if TYPE_CHECKING:
    import socket

    from paho.mqtt.client import ConnectFlags, MQTTMessage
    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode

    from nudger.mqtt.settings import MqttSettings, ProtocolVersion

PAYLOADS: Final = 3
"""Kept of each topic."""
LARGEST: Final = 16 * 1024
"""Bytes of a payload that is kept; sensors say far less, and even announcements fit."""
ROOM: Final = 16 * 1024 * 1024
"""Bytes kept in all; when they are used up, no further topics are taken in."""
CONNECT_S: Final = 10.0
_CHECK: Final = "; check the user and password: those of the config, or --username and --password-file"
_SLICE_S: Final = 0.25
_UNSUPPORTED: Final = frozenset({1, 132})
"""How brokers refuse a version of MQTT."""


class ListenError(Exception):
    """Nothing could be listened to; the text names the cause."""


@dataclass(slots=True)
class Heard:
    """What came. ``topics`` maps each topic to its payloads, newest last; ``kept`` names those that the broker keeps,
    ``live`` those that spoke meanwhile; ``left_out`` counts messages on topics for which there was no room.
    """

    topics: dict[str, deque[bytes]]
    kept: set[str]
    live: set[str]
    messages: int = 0
    left_out: int = 0
    used: int = 0

    def take(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Take one message in."""
        self.messages += 1
        if topic.startswith("$") or not payload or len(payload) > LARGEST:
            return
        known = self.topics.get(topic)
        oldest = len(known[0]) if known is not None and len(known) == PAYLOADS else 0
        more = len(payload) - oldest + (len(topic) if known is None else 0)
        if self.used + more > ROOM:
            self.left_out += known is None
            return
        if known is None:
            known = self.topics[topic] = deque(maxlen=PAYLOADS)
            self.used += len(topic)
        if payload in known:
            known.remove(payload)  # the newest is last
            known.append(payload)
        else:
            known.append(payload)
            self.used += len(payload) - oldest
        (self.kept if retained else self.live).add(topic)

    def without(self, base_topic: str) -> Mapping[str, tuple[bytes, ...]]:
        """Return topics and payloads, but for those below ``base_topic``, which are nudger's own."""
        own = f"{base_topic}/"
        return {topic: tuple(payloads) for topic, payloads in self.topics.items() if not topic.startswith(own)}


class _Ear(Client):
    """A paho client that is handed its socket, which we opened ourselves to say in plain words what is wrong."""

    def __init__(self, sock: socket.socket, settings: MqttSettings, version: ProtocolVersion) -> None:
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id=f"nudger-look-{os.getpid()}",
            protocol=MQTTProtocolVersion.MQTTv5 if version == "5" else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        self._given = sock
        self.username_pw_set(settings.username, settings.password)

    def _create_socket(self) -> socket.socket:
        return self._given


class _VersionError(ListenError):
    """The broker does not speak this version of MQTT."""


def listen(
    settings: MqttSettings,
    topic_filter: str,
    seconds: float,
    *,
    on_pause: Callable[[Heard, float], None],
    clock: Callable[[], float] = time.monotonic,
) -> Heard:
    """Listen for ``seconds`` and return what was heard; ``on_pause`` is called about four times a second with that so
    far and the seconds left. Ctrl-C ends it early. Raises ListenError when the broker cannot be listened to.
    """
    versions: tuple[ProtocolVersion, ...] = ("5", "3.1.1") if settings.protocol == "auto" else (settings.protocol,)
    for version in versions:
        try:
            return _Listening(settings, version, topic_filter).run(seconds, on_pause, clock)
        except _VersionError:
            if version == versions[-1]:
                raise
    raise AssertionError  # pragma: no cover - the loop returns or raises


class _Listening:
    def __init__(self, settings: MqttSettings, version: ProtocolVersion, topic_filter: str) -> None:
        self._settings = settings
        self._filter = topic_filter
        self._fault: ListenError | None = None
        self._subscribed = False
        self.heard = Heard({}, set(), set())
        self._client = _Ear(_socket_to(settings), settings, version)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message

    def run(self, seconds: float, on_pause: Callable[[Heard, float], None], clock: Callable[[], float]) -> Heard:
        end, patience = clock() + seconds, clock() + CONNECT_S
        try:
            self._client.connect(self._settings.host, self._settings.port, 60)
            while self._fault is None and (left := end - clock()) > 0:
                code = self._client.loop(min(_SLICE_S, left))
                if code != MQTTErrorCode.MQTT_ERR_SUCCESS and self._fault is None:
                    raise _VersionError(f"{self._settings.address} closed the connection")
                if not self._subscribed:
                    end = clock() + seconds
                    if clock() > patience:
                        raise _VersionError(f"{self._settings.address} does not answer as an MQTT broker does")
                on_pause(self.heard, max(0.0, end - clock()))
        except KeyboardInterrupt:
            if not self._subscribed:
                raise
        finally:
            self._client.disconnect()
        if self._fault is not None:
            raise self._fault
        return self.heard

    def _on_connect(self, _c: Client, _d: object, _f: ConnectFlags, code: ReasonCode, _p: Properties | None) -> None:
        if not code.is_failure:
            self._client.subscribe(self._filter, 0)
            return
        who = f"user {self._settings.username!r}" if self._settings.username else "somebody without a username"
        kind = _VersionError if code.value in _UNSUPPORTED else ListenError
        advice = _CHECK if str(code) in {"Bad user name or password", "Not authorized"} else ""
        self._fault = kind(f"{self._settings.address} refuses {who}: {code}{advice}")

    def _on_subscribe(self, _c: Client, _d: object, _mid: int, codes: list[ReasonCode], _p: Properties | None) -> None:
        if codes[0].is_failure:
            self._fault = ListenError(
                f"{self._settings.address} does not let us listen to {self._filter!r}: {codes[0]}; "
                "choose a part that you may read, such as --topic 'zigbee2mqtt/#'"
            )
        self._subscribed = True

    def _on_message(self, _c: Client, _d: object, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return
        self.heard.take(topic, bytes(message.payload), retained=message.retain)


def _socket_to(settings: MqttSettings) -> socket.socket:
    async def connect() -> socket.socket:
        return await dial(settings, CONNECT_S)

    try:
        return asyncio.run(connect())
    except DialError as error:
        raise ListenError(str(error)) from None
