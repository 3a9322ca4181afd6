"""A mosquitto of our own: on a free loopback port, for one benchmark, ended by its own process id."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

_PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"))
"""Debian puts the broker where only root's PATH looks."""
_START_LIMIT_S = 10.0


class NoBrokerError(Exception):
    """mosquitto is not installed."""


@contextmanager
def mosquitto() -> Iterator[int]:
    """Run a broker; the value is its port. Raises NoBrokerError.

    With TCP_NODELAY, as everybody who waits for a lamp should set it: without, the broker's own answers stall.
    """
    program = shutil.which("mosquitto", path=_PLACES)
    if program is None:
        raise NoBrokerError("mosquitto is not installed; these benchmarks need a real MQTT broker")
    with TemporaryDirectory(prefix="nudger-bench-") as folder:
        port = _free_port()
        config = Path(folder) / "mosquitto.conf"
        lines = (
            f"user {getpass.getuser()}",  # started as root, it would become a user who cannot read this folder
            f"listener {port} 127.0.0.1",
            "allow_anonymous true",
            "set_tcp_nodelay true",
            "log_dest none",
        )
        config.write_text("\n".join(lines) + "\n")
        process = subprocess.Popen([program, "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_until_open(process, port)
            yield port
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process of ours, politely if it listens."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _wait_until_open(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _START_LIMIT_S
    while True:
        if process.poll() is not None:
            raise NoBrokerError(f"mosquitto ended at once, with status {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise NoBrokerError("mosquitto does not accept connections") from None
            time.sleep(0.01)
        else:
            return
