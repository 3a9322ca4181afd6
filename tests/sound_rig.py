"""A real sound server with a microphone that is not there, and somebody who records from it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from message_bus import requires


@contextmanager
def sound_server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    """Give a real sound server with a microphone and loudspeakers that are not there."""
    program = requires("pulseaudio", "these tests need a real sound server")
    requires("pactl", "nudger listens to the sound server with it")
    requires("parec", "these tests record with it")
    home = folder / "home"
    home.mkdir()
    for name in ("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "PULSE_RUNTIME_PATH"):
        monkeypatch.setenv(name, str(home))
    socket = folder / "sound"
    monkeypatch.setenv("PULSE_SERVER", f"unix:{socket}")
    modules = (
        f"module-native-protocol-unix socket={socket} auth-anonymous=1",
        "module-null-sink sink_name=speakers",
        "module-null-source source_name=mic",
    )
    load = [word for module in modules for word in ("-L", module)]
    command = [program, "-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes", *load]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


@contextmanager
def recording(source: str) -> Iterator[None]:
    """Record from there, and throw it away."""
    process = subprocess.Popen(["parec", "-d", source], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait(10)
