"""Input on Wayland: KDE, sway, Hyprland, COSMIC and others tell of idle hands (the protocol ext-idle-notify-v1).

A client of a few messages, written here because the rest of the protocol is not needed. A message is the id of an
object, its length and an opcode, then the arguments, all in 32-bit words of the host's byte order.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Final

from nudger.core.words import ZERO
from nudger.sources.desktop.parts import ANSWER_S, QUIET, Hands, UnfitError

_QUIET_MS: Final = int(QUIET / timedelta(milliseconds=1))
_DISPLAY: Final = 1
_NOTIFIER: Final = "ext_idle_notifier_v1"
_SEAT: Final = "wl_seat"
_GET_NOTIFICATION: Final = 1
_GET_INPUT_NOTIFICATION: Final = 2
"""Since version 2: heeds no idle inhibitors, which are told apart elsewhere."""


def wayland_socket(environ: Mapping[str, str]) -> Path | None:
    """Return where the compositor of this user listens; None where there is none.

    A service that began before the session knows no WAYLAND_DISPLAY, so the first socket there is will do.
    """
    folder = environ.get("XDG_RUNTIME_DIR")
    if not folder:
        return None
    if display := environ.get("WAYLAND_DISPLAY"):
        return Path(folder) / display
    found = (path for path in sorted(Path(folder).glob("wayland-?")) if path.is_socket())
    return next(found, None)


class Wayland:
    """Follows one compositor."""

    by = "the Wayland compositor"

    def __init__(self, environ: Mapping[str, str]) -> None:
        """``environ`` says where the compositor is."""
        self._environ = environ

    async def follow(self, hands: Hands) -> None:
        """Connect, ask for notifications of idle hands, and pass them on."""
        socket = wayland_socket(self._environ)
        if socket is None:
            raise UnfitError("the Wayland compositor has gone")
        reader, writer = await asyncio.open_unix_connection(socket)
        try:
            async with asyncio.timeout(ANSWER_S):
                notification = await _ask(reader, writer)
            hands(True, ZERO)
            while True:
                sender, event, _ = await _read(reader)
                if sender == notification:
                    hands(event == 1, ZERO if event == 1 else QUIET)
        finally:
            writer.close()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
    """See what the compositor offers and ask it for notifications; return the id under which they come."""
    new_id = count(_DISPLAY + 1).__next__
    registry, done = new_id(), new_id()
    writer.write(_message(_DISPLAY, 1, _word(registry)) + _message(_DISPLAY, 0, _word(done)))
    globals_: dict[str, tuple[int, int]] = {}
    while True:
        sender, event, body = await _read(reader)
        if sender == registry and event == 0:
            (name,) = struct.unpack_from("=I", body)
            text, rest = _text_in(body[4:])
            globals_.setdefault(text, (name, struct.unpack_from("=I", rest)[0]))
        elif sender == done:
            break
    if _NOTIFIER not in globals_ or _SEAT not in globals_:
        raise UnfitError("the Wayland compositor does not tell of idle hands (ext-idle-notify-v1)")
    seat = _bind(writer, registry, new_id, _SEAT, globals_[_SEAT][0], 1)
    number, version = globals_[_NOTIFIER]
    notifier = _bind(writer, registry, new_id, _NOTIFIER, number, min(version, 2))
    notification = new_id()
    request = _GET_INPUT_NOTIFICATION if version >= 2 else _GET_NOTIFICATION
    writer.write(_message(notifier, request, struct.pack("=III", notification, _QUIET_MS, seat)))
    return notification


def _bind(
    writer: asyncio.StreamWriter, registry: int, new_id: Callable[[], int], interface: str, name: int, version: int
) -> int:
    bound = new_id()
    body = _word(name) + _text(interface) + _word(version) + _word(bound)
    writer.write(_message(registry, 0, body))
    return bound


async def _read(reader: asyncio.StreamReader) -> tuple[int, int, bytes]:
    """Return sender, event and arguments of the next message. Raises EOFError, ConnectionError for a refusal."""
    sender, word = struct.unpack("=II", await reader.readexactly(8))
    body = await reader.readexactly((word >> 16) - 8)
    if sender == _DISPLAY and word & 0xFFFF == 0:
        raise ConnectionAbortedError("the compositor refused a request")
    return sender, word & 0xFFFF, body


def _message(object_: int, opcode: int, body: bytes) -> bytes:
    return struct.pack("=II", object_, (8 + len(body)) << 16 | opcode) + body


def _word(number: int) -> bytes:
    return struct.pack("=I", number)


def _text(text: str) -> bytes:
    data = text.encode() + b"\0"
    return _word(len(data)) + data + bytes(-len(data) % 4)


def _text_in(body: bytes) -> tuple[str, bytes]:
    (length,) = struct.unpack_from("=I", body)
    end = 4 + length + -length % 4
    return body[4 : 4 + length - 1].decode(errors="replace"), body[end:]
