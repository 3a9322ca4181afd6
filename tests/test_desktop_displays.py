"""Idle hands as display servers tell them: a real X server, and a compositor of a few messages."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from message_bus import eventually
from screen import Screen

from nudger.core.words import ZERO
from nudger.sources.desktop import display, wayland, x11
from nudger.sources.desktop.display import Display
from nudger.sources.desktop.facts import Fact

Told = list[tuple[bool | None, float | None]]


class Listener:
    """Keeps what a display server tells: on or off, and how many seconds ago."""

    def __init__(self) -> None:
        self.told: Told = []

    def __call__(self, fact: Fact, by: str, on: bool | None, ago: timedelta | None = ZERO) -> None:
        assert fact is Fact.INPUT
        assert by
        self.told.append((on, None if ago is None else ago.total_seconds()))

    def has_heard(self, values: list[bool], after: int) -> bool:
        """Tell whether that was told after so much else."""
        return self.values[after:] == values

    @property
    def values(self) -> list[bool | None]:
        return [on for on, _ in self.told]


@asynccontextmanager
async def following(listener: Listener, **environ: str) -> AsyncIterator[Display]:
    async def find() -> Mapping[str, str]:
        return environ

    display = Display(listener, find)
    display.start()
    try:
        async with asyncio.timeout(20):
            await display.looked.wait()
        yield display
    finally:
        await display.stop()


# --- X11 -------------------------------------------------------------------------------------------------------------


def test_an_x_server_rings_when_hands_are_quiet_and_when_they_move(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(x11, "_QUIET_MS", 300)
    monkeypatch.setattr(x11, "QUIET", timedelta(milliseconds=300))

    async def story(screen: Screen) -> None:
        listener = Listener()
        async with following(listener, DISPLAY=screen.display):
            await eventually(lambda: listener.values[-1] is False)
            for _ in range(2):
                told = len(listener.told)
                await asyncio.to_thread(screen.press)
                await eventually(partial(listener.has_heard, [True, False], told))
                assert listener.told[told:] == [(True, 0), (False, 0.3)]

    with Screen() as screen:
        asyncio.run(story(screen))


def test_an_x_server_tells_how_long_hands_have_been_quiet_at_the_start() -> None:
    async def story(screen: Screen) -> None:
        listener = Listener()
        await asyncio.to_thread(screen.press)
        pressed = asyncio.get_running_loop().time()
        await asyncio.sleep(1)
        async with following(listener, DISPLAY=screen.display):
            (on, ago), *_ = listener.told
            assert ago is not None
            assert 0.1 <= ago <= asyncio.get_running_loop().time() - pressed + 5
            assert on is (ago < 12)

    with Screen() as screen:
        asyncio.run(story(screen))


def test_an_x_server_that_ends_is_gone_and_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "AGAIN_S", 0.05)

    async def story(screen: Screen) -> None:
        listener = Listener()
        async with following(listener, DISPLAY=screen.display) as display:
            await asyncio.to_thread(screen.stop)
            await eventually(lambda: listener.values[-3:] == [None] * 3)
            assert display.missing == "the X server cannot be reached"

    with Screen() as screen:
        asyncio.run(story(screen))


@pytest.mark.parametrize("display", ["", "localhost:10.0", "elsewhere:0"])
def test_only_the_x_server_of_this_computer_counts(display: str) -> None:
    async def story() -> None:
        listener = Listener()
        async with following(listener, DISPLAY=display) as part:
            assert listener.values == [None]
            assert part.missing == "neither a Wayland compositor nor an X server runs here"

    asyncio.run(story())


def test_the_cookie_of_the_display_is_found_among_others(tmp_path: Path) -> None:
    def entry(number: str, name: bytes, cookie: bytes) -> bytes:
        fields = (b"box", number.encode(), name, cookie)
        return struct.pack(">H", 256) + b"".join(struct.pack(">H", len(field)) + field for field in fields)

    path = tmp_path / "authority"
    path.write_bytes(
        entry("1", b"MIT-MAGIC-COOKIE-1", b"one")
        + entry("0", b"OTHER", b"x")
        + entry("0", b"MIT-MAGIC-COOKIE-1", b"ok")
    )
    assert x11._cookie({"XAUTHORITY": str(path)}, "0") == b"ok"
    assert x11._cookie({"XAUTHORITY": str(path)}, "7") == b""
    assert x11._cookie({"XAUTHORITY": str(tmp_path / "none")}, "0") == b""


# --- Wayland ---------------------------------------------------------------------------------------------------------


def message(sender: int, event: int, body: bytes = b"") -> bytes:
    return struct.pack("=II", sender, (8 + len(body)) << 16 | event) + body


def text(words: str) -> bytes:
    data = words.encode() + b"\0"
    return struct.pack("=I", len(data)) + data + bytes(-len(data) % 4)


class Compositor:
    """Speaks just enough Wayland to offer a seat and a notifier, and to tell of idle hands."""

    def __init__(self, offers: dict[str, int]) -> None:
        """``offers`` are interfaces and their versions."""
        self._offers = offers
        self.requests: list[tuple[int, int, bytes]] = []
        self.notification: int | None = None
        self._writer: asyncio.StreamWriter

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        try:
            while True:
                sender, word = struct.unpack("=II", await reader.readexactly(8))
                body = await reader.readexactly((word >> 16) - 8)
                self._take(sender, word & 0xFFFF, body)
        except asyncio.IncompleteReadError:
            writer.close()

    def _take(self, target: int, opcode: int, body: bytes) -> None:
        self.requests.append((target, opcode, body))
        if (target, opcode) == (1, 1):
            (registry,) = struct.unpack("=I", body)
            for number, (interface, version) in enumerate(self._offers.items()):
                offered = struct.pack("=I", number) + text(interface) + struct.pack("=I", version)
                self._writer.write(message(registry, 0, offered))
        elif (target, opcode) == (1, 0):
            (callback,) = struct.unpack("=I", body)
            self._writer.write(message(callback, 0, bytes(4)))
        elif target > 3 and len(body) == 12:
            self.notification, self.quiet_ms, _ = struct.unpack("=III", body)
            self.opcode = opcode

    def tell(self, event: int) -> None:
        assert self.notification is not None
        self._writer.write(message(self.notification, event))

    def hang_up(self) -> None:
        self._writer.close()

    def refuse(self) -> None:
        self._writer.write(message(1, 0, struct.pack("=II", 1, 0) + text("invalid")))


def with_compositor(
    folder: Path, compositor: Compositor, story: Callable[[Display, Listener], Awaitable[None]]
) -> None:
    async def tell() -> None:
        server = await asyncio.start_unix_server(compositor.serve, folder / "wayland-1")
        listener = Listener()
        async with following(listener, XDG_RUNTIME_DIR=str(folder)) as display:
            await story(display, listener)
        server.close()

    asyncio.run(tell())


def test_the_compositor_is_where_the_session_says_or_the_first_there_is(tmp_path: Path) -> None:
    assert wayland.wayland_socket({}) is None
    assert wayland.wayland_socket({"XDG_RUNTIME_DIR": str(tmp_path)}) is None
    (tmp_path / "wayland-0.lock").touch()
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(tmp_path / "wayland-0"))
        assert wayland.wayland_socket({"XDG_RUNTIME_DIR": str(tmp_path)}) == tmp_path / "wayland-0"
    named = {"XDG_RUNTIME_DIR": str(tmp_path), "WAYLAND_DISPLAY": "wayland-7"}
    assert wayland.wayland_socket(named) == tmp_path / "wayland-7"


@pytest.mark.parametrize(("version", "opcode"), [(1, 1), (2, 2), (3, 2)])
def test_a_compositor_tells_of_idle_hands(tmp_path: Path, version: int, opcode: int) -> None:
    compositor = Compositor({"wl_output": 4, "wl_seat": 8, "ext_idle_notifier_v1": version})

    async def story(_: Display, listener: Listener) -> None:
        await eventually(lambda: compositor.notification is not None)
        assert (compositor.opcode, compositor.quiet_ms) == (opcode, 12_000)
        compositor.tell(0)
        await eventually(lambda: listener.told == [(True, 0), (False, 12)])
        compositor.tell(1)
        await eventually(lambda: listener.told[2:] == [(True, 0)])

    with_compositor(tmp_path, compositor, story)


def test_a_compositor_without_the_protocol_is_named(tmp_path: Path) -> None:
    async def story(display: Display, listener: Listener) -> None:
        assert listener.values == [None]
        assert display.missing == "the Wayland compositor does not tell of idle hands (ext-idle-notify-v1)"

    with_compositor(tmp_path, Compositor({"wl_seat": 8}), story)


@pytest.mark.parametrize("end", ["hang_up", "refuse"])
def test_a_compositor_that_ends_the_talk_is_gone(tmp_path: Path, end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "AGAIN_S", 0.05)
    compositor = Compositor({"wl_seat": 8, "ext_idle_notifier_v1": 1})

    async def story(_: Display, listener: Listener) -> None:
        getattr(compositor, end)()
        await eventually(lambda: listener.values == [True, None, True])

    with_compositor(tmp_path, compositor, story)
