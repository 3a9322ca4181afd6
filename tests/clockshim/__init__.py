"""Other clocks for a running process: what suspend, NTP and a dead clock battery do, without touching the host's clock.

Linux with gcc only. A process under the shim keeps its true CLOCK_MONOTONIC, so its timers behave; the kernel's own
timers (timerfd) know nothing of the offsets and do not fire at a step.
"""

from __future__ import annotations

import mmap
import os
import shutil
import struct
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

_SOURCE = Path(__file__).with_name("clockshim.c")
_OFFSETS = struct.Struct("=qq")


class ClockShim:
    """The clocks of every process that is started with `env`. Offsets are what was added since the shim was made."""

    def __init__(self, folder: Path) -> None:
        """Compile the shim into ``folder``; skips the test where that cannot be, but wants gcc under CI=true."""
        if sys.platform != "linux":
            pytest.skip("the clock shim is for Linux")
        if shutil.which("gcc") is None:
            if os.environ.get("CI") == "true":
                pytest.fail("the clock shim needs gcc")
            pytest.skip("the clock shim needs gcc")
        library = folder / "clockshim.so"
        subprocess.run(["gcc", "-Wall", "-Werror", "-O2", "-shared", "-fPIC", "-o", library, _SOURCE], check=True)
        offsets = folder / "clockshim.offsets"
        offsets.write_bytes(_OFFSETS.pack(0, 0))
        with offsets.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _OFFSETS.size)
        self.env = {"LD_PRELOAD": str(library), "CLOCKSHIM_OFFSETS": str(offsets)}

    def step(self, by: timedelta) -> None:
        """Set the wall clock."""
        self._add(wall=by)

    def sleep(self, length: timedelta) -> None:
        """Suspend the host and resume it: both clocks that count sleep move on, the monotonic one does not."""
        self._add(wall=length, boot=length)

    def _add(self, wall: timedelta, boot: timedelta = timedelta()) -> None:
        wall_ns, boot_ns = _OFFSETS.unpack(self._map[:])
        self._map[:] = _OFFSETS.pack(wall_ns + _ns(wall), boot_ns + _ns(boot))


def _ns(length: timedelta) -> int:
    return length // timedelta(microseconds=1) * 1000
