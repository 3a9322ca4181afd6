"""Real D-Bus daemons on private sockets, and small services on them that play parts of a desktop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from threading import Thread
from typing import Any, Final, Self, TypeVar

import pytest
from dbus_fast import Message, MessageFlag, MessageType, Variant
from dbus_fast.aio import MessageBus

PATIENCE_S: Final = 20.0

T = TypeVar("T")

_CONFIG: Final = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""


def requires(program: str, why: str) -> str:
    """The path of a program. Without it the test is skipped with the reason; in CI (CI=true) it fails."""
    path = shutil.which(program)
    if path is None:
        reason = f"{program} is not installed: {why}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


async def eventually(condition: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {patience_s} s in vain"
        await asyncio.sleep(0.01)


class BusDaemon:
    """One dbus-daemon, its files under ``directory``. As a context manager it starts and stops."""

    def __init__(self, directory: Path) -> None:
        """Write the configuration."""
        self._program = requires("dbus-daemon", "these tests need a real message bus")
        directory.mkdir(parents=True, exist_ok=True)
        self._socket = directory / "bus"
        self._config = directory / "bus.conf"
        self._config.write_text(_CONFIG.format(socket=self._socket))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"unix:path={self._socket}"

    @property
    def pid(self) -> int:
        """The daemon's process id."""
        assert self._process is not None, "the bus is not running"
        return self._process.pid

    def start(self) -> None:
        """Start, and return once it takes connections."""
        self._socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [self._program, f"--config-file={self._config}", "--nofork", "--nopidfile"], stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + PATIENCE_S
        while not self._listens():
            assert self._process.poll() is None, "dbus-daemon ended at once"
            assert time.monotonic() < deadline, "dbus-daemon does not listen"
            time.sleep(0.01)

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self._socket))
            except OSError:
                return False
        return True

    def suspend(self) -> None:
        """Stop it from running (SIGSTOP); its connections stay, silent."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it run again (SIGCONT)."""
        os.kill(self.pid, signal.SIGCONT)

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, whatever happened."""
        self.stop()


Reply = tuple[str, list[Any]]
"""Signature and values of an answer."""


class RefusedError(Exception):
    """Raised by the function that answers, where the answer is an error."""


class Service:
    """A service on a bus that answers what it was told to, and counts what it was asked.

    ``answers`` are by interface and member; a property stands there as ``("interface", "=Name")`` with its signature
    and value. What is not there is answered with an error; what is ``None`` is never answered.
    """

    def __init__(self, name: str, answers: dict[tuple[str, str], Any]) -> None:
        """``answers`` are replies, or functions from a call's arguments to one."""
        self.name = name
        self.answers = answers
        self.calls: list[tuple[str, list[Any]]] = []
        self._bus: MessageBus

    async def appear(self, address: str) -> Self:
        """Connect and take the name."""
        self._bus = await MessageBus(bus_address=address).connect()
        _OPEN.append(self)
        self._bus.add_message_handler(self._on_message)
        await self._bus.request_name(self.name)
        return self

    async def vanish(self) -> None:
        """Leave the bus, without a word."""
        self._bus.disconnect()
        with contextlib.suppress(EOFError, OSError):  # the bus was faster
            await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # dbus-fast's hints leave it out

    def asked(self, member: str) -> list[list[Any]]:
        """Return the arguments of every call of that method."""
        return [arguments for name, arguments in self.calls if name == member]

    async def was_asked(self, member: str, times: int) -> None:
        """Wait until that method has been called so often."""
        await eventually(lambda: len(self.asked(member)) == times)

    async def emit(self, path: str, interface: str, member: str, signature: str = "", *values: Any) -> None:
        """Emit a signal."""
        await self._bus.send(Message.new_signal(path, interface, member, signature, list(values)))

    async def emit_to(self, whom: str, path: str, interface: str, member: str, signature: str, *values: Any) -> None:
        """Emit a signal to one connection alone, as anybody may."""
        message = Message.new_signal(path, interface, member, signature, list(values))
        message.destination = whom
        await self._bus.send(message)

    async def change(self, path: str, interface: str, name: str, signature: str, value: Any) -> None:
        """Change a property and tell of it."""
        self.answers[interface, f"={name}"] = (signature, [value])
        changed = {name: Variant(signature, value)}
        await self.emit(
            path, "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as", interface, changed, []
        )

    def _on_message(self, message: Message) -> Message | bool | None:
        if message.message_type is not MessageType.METHOD_CALL:
            return None
        interface, member = message.interface or "", message.member or ""
        if interface == "org.freedesktop.DBus.Properties":
            return self._on_property(message)
        self.calls.append((member, message.body))
        key = (interface, member)
        if key not in self.answers:
            return Message.new_error(message, "org.freedesktop.DBus.Error.UnknownMethod", "no such method")
        answer = self.answers[key]
        try:
            answer = answer(*message.body) if callable(answer) else answer
        except RefusedError:
            return Message.new_error(message, "org.freedesktop.DBus.Error.Failed", "no")
        if answer is None or message.flags & MessageFlag.NO_REPLY_EXPECTED:
            return True
        return Message.new_method_return(message, answer[0], answer[1])

    def _on_property(self, message: Message) -> Message | bool:
        interface, name = message.body
        answer = self.answers.get((interface, f"={name}"), ())
        if answer is None:
            return True
        if not answer:
            return Message.new_error(message, "org.freedesktop.DBus.Error.UnknownProperty", "no such property")
        return Message.new_method_return(message, "v", [Variant(answer[0], answer[1][0])])


_OPEN: Final[list[Service]] = []


async def leave_all() -> None:
    """Let every service that a test put on a bus leave it."""
    while _OPEN:
        await _OPEN.pop().vanish()


class ServiceThread:
    """A thread with a loop of its own, in which services live beside a test that has none."""

    def __enter__(self) -> Self:
        """Start the loop."""
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let all services leave, and end the loop."""
        self.do(leave_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()

    def do(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Have the services do something, and return what came of it."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE_S)
