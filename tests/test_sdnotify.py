"""What systemd hears, on a real datagram socket."""

from __future__ import annotations

import os
import secrets
import socket
import sys
import time
from datetime import timedelta
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from nudger import sdnotify

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The socket that systemd listens on; $NOTIFY_SOCKET names it."""
    if request.param == "abstract" and sys.platform != "linux":
        pytest.skip("only Linux has abstract sockets")
    # pytest's own temporary folder can be longer than a socket's name may be.
    with TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        name = f"{folder}/notify" if request.param == "path" else f"@nudger-{secrets.token_hex(8)}"
        sock.bind(name.replace("@", "\0"))
        sock.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        yield sock


def test_lines_arrive_as_one_message(systemd: socket.socket) -> None:
    assert sdnotify.notify(sdnotify.READY, sdnotify.status("3 signals, sitting since 09:12"))
    assert systemd.recv(4096).decode() == "READY=1\nSTATUS=3 signals, sitting since 09:12"


def test_reloading_says_since_when(systemd: socket.socket) -> None:
    before = time.monotonic_ns() // 1000
    assert sdnotify.notify(sdnotify.reloading())
    flag, since = systemd.recv(4096).decode().splitlines()
    assert flag == "RELOADING=1"
    assert before <= int(since.removeprefix("MONOTONIC_USEC=")) <= time.monotonic_ns() // 1000


def test_a_status_is_one_line_whatever_it_holds(systemd: socket.socket) -> None:
    assert sdnotify.notify(sdnotify.status("no broker:\nMAINPID=1\r\n \udcff"))
    assert systemd.recv(4096).decode() == "STATUS=no broker: MAINPID=1 ?"


@pytest.mark.parametrize("address", [None, "", "relative", "vsock:2:1", "/nowhere/notify", "@" + 200 * "x"])
def test_nobody_to_tell_is_no_error(address: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    if address is not None:
        monkeypatch.setenv("NOTIFY_SOCKET", address)
    assert sdnotify.notify(sdnotify.WATCHDOG) is False


def test_a_full_queue_holds_up_for_a_moment_only(systemd: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdnotify, "_SEND_LIMIT_S", 0.05)
    sent = 0
    while sdnotify.notify(sdnotify.WATCHDOG):
        sent += 1
    for _ in range(sent):
        systemd.recv(4096)
    assert sdnotify.notify(sdnotify.WATCHDOG)


@pytest.mark.parametrize(
    ("usec", "pid", "interval"),
    [
        ("60000000", None, timedelta(seconds=30)),
        pytest.param("60000000", str(os.getpid()), timedelta(seconds=30), id="meant for this process"),
        ("60000000", "1", None),  # meant for another process
        ("60000000", "x", None),
        (None, None, None),
        ("0", None, None),
        ("-5", None, None),
        ("a minute", None, None),
    ],
)
def test_watchdog_interval(
    usec: str | None, pid: str | None, interval: timedelta | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("WATCHDOG_USEC", usec), ("WATCHDOG_PID", pid)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    assert sdnotify.watchdog_interval() == interval
