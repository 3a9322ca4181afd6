"""Calls, as far as a computer can tell: a camera or a microphone is in use.

A camera in use has a user, and the driver of most cameras counts those. For others it shows as an open device of some
process, which may be looked into unless nudger runs in a user namespace of its own, as its unit has it. The sound
server tells by itself when somebody begins to record, through `pactl`, where that is installed.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Final

from nudger.core.words import ZERO
from nudger.sources.desktop import tools
from nudger.sources.desktop.facts import Fact
from nudger.sources.desktop.parts import Tell

LOOK_EVERY: Final = timedelta(seconds=15)
"""Nothing tells that a camera is opened, so it is looked for, and only where there is one."""
PLUGGED_IN_WITHIN: Final = timedelta(minutes=2)
"""Where there is none, one is looked for this often."""
SOUND_AGAIN_S: Final = 300.0
"""A sound server that is not there is looked for this often."""

_CAMERA: Final = re.compile(r"^(?:/dev)?/video[0-9]+$")
_ALL_USERS: Final = "4294967295"
"""How many users the first namespace maps; one of fewer is somebody's own."""
_OPENED: Final = re.compile(r"Event '(?:new|remove)' on source-output")


class Camera:
    """Looks now and then whether one of this user's programs has a camera open."""

    by: Final = "the camera"

    def __init__(self, tell: Tell, root: Path = Path("/")) -> None:
        """``root`` is where ``proc`` and ``sys`` are."""
        self.missing: str | None = None
        self.looked = asyncio.Event()
        self._tell = tell
        self._processes = root / "proc"
        self._devices = root / "sys/class/video4linux"
        self._users = root / "sys/module/uvcvideo/refcnt"
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Look now, and from now on."""
        self._look(at_start=True)
        self.looked.set()

    def _look(self, *, at_start: bool = False) -> None:
        has_camera = bool(_names(self._devices))
        wait = LOOK_EVERY if has_camera else PLUGGED_IN_WITHIN
        self._timer = asyncio.get_running_loop().call_later(wait.total_seconds(), self._look)
        on = self.is_open() if has_camera else None
        self.missing = None if has_camera else "no camera is connected"
        if has_camera and on is None:
            self.missing = "the service may not see who uses the camera (PrivateUsers= in its unit)"
        self._tell(Fact.CALL, self.by, on, None if at_start and not on else ZERO)

    async def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def is_open(self) -> bool | None:
        """Tell whether a camera is in use; None where that cannot be seen."""
        with contextlib.suppress(OSError, ValueError):
            return int(self._users.read_text()) > 0
        with contextlib.suppress(OSError):
            if _ALL_USERS not in (self._processes / "self/uid_map").read_text():
                return None
        return any(self._has_camera(name) for name in _names(self._processes) if name.isdigit())

    def _has_camera(self, process: str) -> bool:
        folder = self._processes / process / "fd"
        for name in _names(folder):
            with contextlib.suppress(OSError):  # closed meanwhile
                if _CAMERA.search(str((folder / name).readlink())):
                    return True
        return False


def _names(folder: Path) -> list[str]:
    """Return what is in a folder; nothing where it is gone, or not for us to see."""
    try:
        return [path.name for path in folder.iterdir()]
    except OSError:
        return []


class Microphone:
    """Listens to the sound server, through the program that comes with it."""

    by: Final = "the microphone"

    def __init__(self, tell: Tell) -> None:
        """Tell of recordings."""
        self.missing: str | None = None
        self.looked = asyncio.Event()
        self._tell = tell
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen, where there is something to listen with."""
        if shutil.which("pactl") is None:
            self.missing = "the program pactl is not installed (package pulseaudio-utils)"
            self.looked.set()
            return
        self._task = asyncio.get_running_loop().create_task(self._listen())

    async def stop(self) -> None:
        """End the program."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            with contextlib.suppress(OSError, TimeoutError):
                await self._listen_once()
            self.missing = "the sound server does not answer"
            self._tell(Fact.CALL, self.by, None)
            self.looked.set()
            await asyncio.sleep(SOUND_AGAIN_S)

    async def _listen_once(self) -> None:
        """Follow the sound server until the program ends. Raises OSError, TimeoutError."""
        recording = await self._is_recording()
        if recording is None:
            return
        events = await tools.start("pactl", "subscribe")
        try:
            recording = await self._is_recording()
            is_first = True
            while recording is not None:
                self.missing = None
                self._tell(Fact.CALL, self.by, recording, None if is_first and not recording else ZERO)
                self.looked.set()
                is_first = False
                recording = await self._is_recording() if await _changed(events) else None
        finally:
            await tools.end(events)

    async def _is_recording(self) -> bool | None:
        """Tell whether a program records from a microphone, rather than what the loudspeakers play."""
        sources = await tools.output_of("pactl", "list", "short", "sources")
        streams = await tools.output_of("pactl", "list", "short", "source-outputs")
        if sources is None or streams is None:
            return None
        echoes = {row[0] for row in _rows(sources) if row[1].endswith(".monitor")}
        return any(row[1] not in echoes for row in _rows(streams))


async def _changed(events: asyncio.subprocess.Process) -> bool:
    """Wait until a recording began or ended; False when the sound server has left."""
    while events.stdout is not None and (line := await events.stdout.readline()):
        if _OPENED.match(line.decode(errors="replace")):
            return True
    return False


def _rows(table: str) -> list[list[str]]:
    rows = (line.split("\t") for line in table.splitlines())
    return [row for row in rows if len(row) > 1]
