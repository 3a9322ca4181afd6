"""A real X server without a screen, for one test."""

from __future__ import annotations

import os
import subprocess
from typing import Final, Self

from message_bus import requires

PATIENCE_S: Final = 20.0


class Screen:
    """One Xvfb, on a display number it picks itself. As a context manager it starts and stops."""

    def __init__(self) -> None:
        """Find the program."""
        self._program = requires("Xvfb", "these tests need a real X server")
        self.display = ""
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start, and return once it takes connections."""
        number, told = os.pipe()
        command = [self._program, "-displayfd", str(told), "-screen", "0", "800x600x24", "-nolisten", "tcp"]
        self._process = subprocess.Popen(command, pass_fds=[told], stderr=subprocess.DEVNULL)
        os.close(told)
        with os.fdopen(number) as pipe:
            self.display = f":{pipe.readline().strip()}"
        assert self.display != ":", "Xvfb ended at once"
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.stop()

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def press(self, key: str = "shift") -> None:
        """Press a key."""
        program = requires("xdotool", "these tests press keys on a real X server")
        subprocess.run([program, "key", key], env={**os.environ, "DISPLAY": self.display}, check=True)

    def pixels(self) -> bytes:
        """Return what is on the screen, three bytes a pixel."""
        program = requires("import", "the picture of a screen is taken with ImageMagick")
        env = {**os.environ, "DISPLAY": self.display}
        command = [program, "-window", "root", "-depth", "8", "rgb:-"]
        return subprocess.run(command, env=env, check=True, capture_output=True, timeout=PATIENCE_S).stdout
