"""A paho client that fits into an event loop: it is handed its socket, reads ahead, and can tell of a ping's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from nudger.mqtt.settings import MqttSettings, ProtocolVersion

MAX_PACKET_BYTES = 2 * 1024 * 1024
"""What an MQTT 5 broker may send us at most. Above our own limit for payloads, so that we can tell of one too many."""


READ_AHEAD_BYTES = 64 * 1024
"""What is taken from the socket at once. paho asks for the few bytes of each field by itself, three calls of the system
for the shortest message: half of what reading a flood costs."""


class LoopClient(Client):
    """Good for one connection, made with `greet`.

    paho would open its socket blocking, which stops the loop. And its own keepalive (``loop_misc`` of 2.2) does not
    find out that the broker hears us no more while anything arrives from it: that puts the ping's deadline off. The
    four methods used for that are private to paho; the tests of dead, hanging and flooding brokers fail if they change.
    """

    def __init__(
        self, sock: socket.socket, settings: MqttSettings, version: ProtocolVersion, on_pong: Callable[[], None]
    ) -> None:
        """Own ``sock``; call ``on_pong`` for each answer to a ping."""
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id=settings.client_id,
            protocol=MQTTProtocolVersion.MQTTv5 if version == "5" else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        self._given = sock
        self._settings = settings
        self._on_pong = on_pong
        self._ahead = b""
        self._ahead_at = 0
        self.username_pw_set(settings.username, settings.password)
        self.will_set(settings.status_topic, b"offline", qos=1, retain=True)

    def greet(self) -> None:
        """Send CONNECT. The broker keeps nothing of us from one connection to the next."""
        options: dict[str, Any] = {}
        if self.protocol == MQTTProtocolVersion.MQTTv5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's gap
            properties.MaximumPacketSize = MAX_PACKET_BYTES
            options = {"properties": properties, "clean_start": True}
        self.connect(self._settings.host, self._settings.port, self._settings.keepalive_s, **options)

    @property
    def has_more(self) -> bool:
        """Whether something was read ahead that no message has been made of yet: the socket does not tell of it."""
        return self._ahead_at < len(self._ahead)

    def ping(self) -> None:
        """Ask the broker for a sign of life."""
        self._send_pingreq()

    def _create_socket(self) -> socket.socket:
        return self._given

    def _sock_recv(self, bufsize: int) -> bytes:
        if not self.has_more:
            self._ahead, self._ahead_at = super()._sock_recv(READ_AHEAD_BYTES), 0
        begins = self._ahead_at
        self._ahead_at += bufsize
        return self._ahead[begins : self._ahead_at]

    def _handle_pingresp(self) -> MQTTErrorCode:
        result = super()._handle_pingresp()
        self._on_pong()
        return result
