"""A driver's end of an MQTT line (3.1.1), on a bare blocking socket. It subscribes at QoS 0.

What the driver itself costs is in every figure and in every floor, and brings their ratio nearer to 1. So it does as
little as can be: packets are built beforehand, and nothing stands between the socket and the stopwatch.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Self

_PUBLISH, _CONNACK, _SUBACK = 0x30, 0x20, 0x90


class Wire:
    """One connection to the broker."""

    def __init__(self, port: int, name: str) -> None:
        """Connect; ``name`` is the client id."""
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray()
        clean_session, no_keepalive = b"\x02", b"\x00\x00"
        self.send(_packet(0x10, _text("MQTT") + b"\x04" + clean_session + no_keepalive + _text(name)))
        self._expect(_CONNACK)

    def subscribe(self, *filters: str) -> None:
        """Subscribe, and return when the broker has granted it."""
        self.send(_packet(0x82, b"\x00\x01" + b"".join(_text(each) + b"\x00" for each in filters)))
        self._expect(_SUBACK)

    def send(self, packet: bytes) -> None:
        """Write a packet, or several."""
        self._socket.sendall(packet)

    def receive(self, timeout_s: float = 10.0) -> tuple[str, bytes]:
        """Return topic and payload of the next message. Raises TimeoutError."""
        self._socket.settimeout(timeout_s)
        while True:
            kind, body = self._read()
            if kind & 0xF0 == _PUBLISH:
                end = 2 + int.from_bytes(body[:2])
                return body[2:end].decode(), body[end:]

    def wait_for(self, topic: str, payload: bytes | None = None, timeout_s: float = 10.0) -> bytes:
        """Skip messages until one on this topic (with this payload) comes; return its payload. Raises TimeoutError."""
        until = time.monotonic() + timeout_s
        while (left := until - time.monotonic()) > 0:
            heard, said = self.receive(left)
            if heard == topic and payload in (None, said):
                return said
        raise TimeoutError(f"nothing came on {topic} within {timeout_s:g} s")

    def receive_all(self, quiet_s: float) -> Iterator[tuple[str, bytes]]:
        """Yield messages as they come, until none has come for so long."""
        while True:
            try:
                message = self.receive(quiet_s)
            except TimeoutError:
                return
            yield message

    def close(self) -> None:
        """Say goodbye."""
        self.send(_packet(0xE0, b""))
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _expect(self, kind: int) -> None:
        while self._read()[0] != kind:
            pass

    def _read(self) -> tuple[int, bytes]:
        while True:
            whole = _first_packet(self._buffer)
            if whole is not None:
                start, end = whole
                kind, body = self._buffer[0], bytes(self._buffer[start:end])
                del self._buffer[:end]
                return kind, body
            data = self._socket.recv(65536)
            if not data:
                raise ConnectionError("the broker closed the connection")
            self._buffer += data


def publication(topic: str, payload: bytes, *, retain: bool = False, packet_id: int = 0) -> bytes:
    """Return the packet that publishes this; with a ``packet_id`` at QoS 1, to be used again once acknowledged."""
    at_least_once, number = (0x02, packet_id.to_bytes(2)) if packet_id else (0, b"")
    return _packet(_PUBLISH | at_least_once | retain, _text(topic) + number + payload)


def _packet(kind: int, body: bytes) -> bytes:
    length, left = bytearray(), len(body)
    while True:
        left, digit = divmod(left, 128)
        length.append(digit | (0x80 if left else 0))
        if not left:
            return bytes([kind]) + length + body


def _first_packet(buffer: bytearray) -> tuple[int, int] | None:
    """Return where the body of the first packet starts and ends; None while it has not come in full."""
    length = 0
    for place, digit in enumerate(buffer[1:5]):
        length |= (digit & 0x7F) << (7 * place)
        if digit < 0x80:
            start = place + 2
            return (start, start + length) if len(buffer) >= start + length else None
    return None


def _text(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2) + data
