"""For each output that has a channel a small real world, in which it works, fails or hangs as a test wants it."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from message_bus import BusDaemon, ServiceThread
from notification_rig import Plain
from push_rig import PushServer

from nudger.outputs import OUTPUTS, desktop
from nudger.outputs.channel import ChannelOptions


@dataclass(frozen=True)
class World:
    """What an output is tried in: its options, what arrived, and how to break and mend it."""

    options: ChannelOptions
    shown: Callable[[], list[str]]
    """The titles that arrived, in order."""
    fail: Callable[[], None]
    hang: Callable[[], None]
    mend: Callable[[], None]


MakeWorld = Callable[[Path], contextlib.AbstractContextManager[World]]


def script(path: Path, text: str) -> Path:
    """Write a program."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def options_of(kind: str, **values: Any) -> ChannelOptions:
    """Return options as a config would give them."""
    options = OUTPUTS[kind].model_validate({"type": kind, **values})
    assert isinstance(options, ChannelOptions)
    return options


@contextlib.contextmanager
def push_world(_folder: Path) -> Iterator[World]:
    """A JSON webhook."""
    with PushServer() as server:

        def mend() -> None:
            server.statuses = []
            server.hangs.clear()

        yield World(
            options=options_of("push", url=f"json://127.0.0.1:{server.port}/"),
            shown=lambda: [body["title"] for body in server.bodies()],
            fail=lambda: setattr(server, "statuses", [500] * 1000),
            hang=server.hangs.set,
            mend=mend,
        )


@contextlib.contextmanager
def program_world(folder: Path, kind: str, title: str) -> Iterator[World]:
    """A program that writes down the title it was given."""
    log, mood = folder / "log", folder / "mood"
    log.touch()
    mood.write_text("work")
    program = script(
        folder / "program",
        f'case "$(cat {mood})" in\n fail) echo "no ink" >&2; exit 3;;\n hang) sleep 60;;\n'
        f' *) printf "%s\\n" "{title}" >> {log};;\nesac',
    )
    yield World(
        options=options_of(kind, command=[str(program)]),
        shown=lambda: log.read_text().splitlines(),
        fail=lambda: _replace(mood, "fail"),
        hang=lambda: _replace(mood, "hang"),
        mend=lambda: _replace(mood, "work"),
    )


def _replace(path: Path, text: str) -> None:
    """Write at one stroke, for somebody reads it at any time."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    os.replace(fresh, path)  # noqa: PTH105  (as good)


@contextlib.contextmanager
def desktop_world(folder: Path) -> Iterator[World]:
    """A desktop with a notification service."""
    service = Plain("body", "actions")
    with BusDaemon(folder / "bus") as bus, ServiceThread() as services, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        patch.setattr(desktop, "GIVEN_UP_S", 0.5)  # this service answers nothing late
        services.do(service.appear(bus.address))
        yield World(
            options=options_of("desktop"),
            shown=lambda: list(service.titles),
            fail=lambda: setattr(service, "mood", "fails"),
            hang=lambda: setattr(service, "mood", "hangs"),
            mend=lambda: setattr(service, "mood", "works"),
        )


WORLDS: Final[dict[str, MakeWorld]] = {
    "desktop": desktop_world,
    "push": push_world,
    "speech": lambda folder: program_world(folder, "speech", "${1%%. *}"),
    "command": lambda folder: program_world(folder, "command", "$NUDGER_TITLE"),
}
