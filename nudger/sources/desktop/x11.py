"""Input on X11: the server has a counter of idle time and rings when it passes a value (the extension SYNC).

A client of a few requests, written here because the rest of the protocol is not needed. All numbers are sent in this
computer's byte order; 64-bit values as their high and their low half.
"""

from __future__ import annotations

import asyncio
import re
import struct
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from nudger.core.words import ZERO
from nudger.sources.desktop.parts import ANSWER_S, QUIET, Hands, UnfitError

_QUIET_MS: Final = int(QUIET / timedelta(milliseconds=1))
_COOKIE: Final = b"MIT-MAGIC-COOKIE-1"
_LOCAL: Final = re.compile(r"(?:unix)?:([0-9]+)(?:\.[0-9]+)?")
_QUERY_EXTENSION: Final = 98
_INITIALIZE, _LIST_COUNTERS, _QUERY_COUNTER, _CREATE_ALARM = 0, 1, 5, 8
_RISES, _FALLS = 0, 1
_COUNTER_TYPE_VALUE_TEST_DELTA_EVENTS: Final = 0b111111


class X11:
    """Follows the X server of this computer's screen."""

    by = "the X server"

    def __init__(self, environ: Mapping[str, str]) -> None:
        """``environ`` says where the server is."""
        self._environ = environ

    async def follow(self, hands: Hands) -> None:
        """Connect, set two alarms on the idle time, and pass on when they ring."""
        display = _LOCAL.fullmatch(self._environ.get("DISPLAY", ""))
        if display is None:
            raise UnfitError("neither a Wayland compositor nor an X server runs here")
        number = display[1]
        reader, writer = await _connect(number)
        try:
            async with asyncio.timeout(ANSWER_S):
                base = await _log_in(reader, writer, _cookie(self._environ, number))
                opcode, first_event, idle = await self._ask(reader, writer, base)
            hands(idle < QUIET, idle)
            while True:
                packet = await reader.readexactly(32)
                if packet[0] & 0x7F == first_event + 1:
                    (alarm,) = struct.unpack_from("=I", packet, 4)
                    is_back = alarm == base + _FALLS
                    hands(is_back, ZERO if is_back else QUIET)
                elif packet[0] == 0:
                    raise ConnectionAbortedError(f"request {opcode} was refused")
        finally:
            writer.close()

    @staticmethod
    async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, base: int) -> tuple[int, int, timedelta]:
        """Set the alarms; return the extension's opcode and first event, and the idle time so far."""
        name = b"SYNC"
        writer.write(_request(_QUERY_EXTENSION, 0, struct.pack("=HH", len(name), 0) + name))
        is_there, opcode, first_event = (await _reply(reader))[8:11]
        if not is_there:
            raise UnfitError("the X server lacks the extension SYNC")
        writer.write(_request(opcode, _INITIALIZE, struct.pack("=BBH", 3, 1, 0)))
        await _reply(reader)
        writer.write(_request(opcode, _LIST_COUNTERS))
        counter = dict(_counters(await _reply(reader))).get("IDLETIME")
        if counter is None:
            raise UnfitError("the X server does not count idle time")
        for test in (_RISES, _FALLS):
            values = struct.pack("=IIiIIiII", counter, 0, 0, _QUIET_MS, test, 0, 0, 1)
            mask = struct.pack("=II", base + test, _COUNTER_TYPE_VALUE_TEST_DELTA_EVENTS)
            writer.write(_request(opcode, _CREATE_ALARM, mask + values))
        writer.write(_request(opcode, _QUERY_COUNTER, struct.pack("=I", counter)))
        high, low = struct.unpack_from("=iI", await _reply(reader), 8)
        return opcode, first_event, timedelta(milliseconds=(high << 32) + low)


async def _connect(number: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the server's socket; a service with a /tmp of its own reaches the abstract one only."""
    path = f"/tmp/.X11-unix/X{number}"  # noqa: S108  (where every X server listens)
    try:
        return await asyncio.open_unix_connection(path)
    except OSError:
        return await asyncio.open_unix_connection(f"\0{path}")


async def _log_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cookie: bytes) -> int:
    """Return the first id of our own."""
    order = b"l" if sys.byteorder == "little" else b"B"
    name = _COOKIE if cookie else b""
    head = struct.pack("=cxHHHHxx", order, 11, 0, len(name), len(cookie))
    writer.write(head + _padded(name) + _padded(cookie))
    status, words = struct.unpack("=BxxxxxH", await reader.readexactly(8))
    body = await reader.readexactly(4 * words)
    if status != 1:
        raise UnfitError("the X server does not let nudger in (XAUTHORITY)")
    (base,) = struct.unpack_from("=I", body, 4)
    return int(base)


async def _reply(reader: asyncio.StreamReader) -> bytes:
    """Return the next reply in full, passing over events. Raises ConnectionAbortedError for an error."""
    while True:
        packet = await reader.readexactly(32)
        if packet[0] == 0:
            raise ConnectionAbortedError("the X server refused a request")
        if packet[0] == 1:
            (words,) = struct.unpack_from("=I", packet, 4)
            return packet + await reader.readexactly(4 * words)


def _counters(reply: bytes) -> Iterator[tuple[str, int]]:
    (number,) = struct.unpack_from("=I", reply, 8)
    at = 32
    for _ in range(number):
        counter, _, _, length = struct.unpack_from("=IIIH", reply, at)
        yield reply[at + 14 : at + 14 + length].decode("latin-1"), counter
        at += (14 + length + 3) // 4 * 4


def _request(opcode: int, minor: int, body: bytes = b"") -> bytes:
    body = _padded(body)
    return struct.pack("=BBH", opcode, minor, 1 + len(body) // 4) + body


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _cookie(environ: Mapping[str, str], number: str) -> bytes:
    """Return the cookie that lets us in; nothing where there is none, for some servers ask for none."""
    path = environ.get("XAUTHORITY") or f"{environ.get('HOME', '')}/.Xauthority"
    try:
        data = Path(path).read_bytes()
    except OSError:
        return b""
    entries = _entries(data)
    return next((cookie for display, name, cookie in entries if name == _COOKIE and display in {number, ""}), b"")


def _entries(data: bytes) -> Iterator[tuple[str, bytes, bytes]]:
    """Yield display number, kind and secret of each entry of an .Xauthority file."""
    at = 0
    while at + 2 <= len(data):
        at += 2  # the kind of address, which is this computer's
        parts: list[bytes] = []
        for _ in range(4):
            (length,) = struct.unpack_from(">H", data, at)
            parts.append(data[at + 2 : at + 2 + length])
            at += 2 + length
        yield parts[1].decode("latin-1"), parts[2], parts[3]
