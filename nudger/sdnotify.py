"""Tells systemd how the daemon fares (`sd_notify(3)`). Does nothing where systemd does not ask.

Own code because it is one datagram: the `sdnotify` package on PyPI is no longer maintained.
"""

from __future__ import annotations

import os
import socket
import time
from datetime import timedelta

READY = "READY=1"
"""Started, or done with reloading."""

STOPPING = "STOPPING=1"
"""Shutting down."""

WATCHDOG = "WATCHDOG=1"
"""Alive and well; to be sent at least every `watchdog_interval`."""

_SEND_LIMIT_S = 1.0
"""How long a full queue of systemd's may hold us up."""


def status(text: str) -> str:
    """The line that makes ``text`` the state that `systemctl status` shows; line breaks in it become spaces."""
    # A line break in, say, a broker's error message must not become an assignment of its own.
    return "STATUS=" + " ".join(text.split())


def reloading() -> str:
    """The lines that say: reading the config anew. `READY` has to follow."""
    return f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}"


def notify(*lines: str) -> bool:
    """Send the lines to systemd as one message. Never raises; False says that nobody asked, or that it failed."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]  # Linux's abstract namespace
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.settimeout(_SEND_LIMIT_S)
            sock.connect(address)
            sock.sendall("\n".join(lines).encode(errors="replace"))
    except OSError:
        return False
    return True


def watchdog_interval() -> timedelta | None:
    """How often to send `WATCHDOG`: half of what systemd allows; None if it does not watch this process."""
    try:
        limit_us = int(os.environ.get("WATCHDOG_USEC", ""))
        pid = int(os.environ.get("WATCHDOG_PID") or os.getpid())
    except ValueError:
        return None
    if limit_us <= 0 or pid != os.getpid():
        return None
    return timedelta(microseconds=limit_us) / 2
