"""Single keys from a terminal, read by the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import termios
import tty
from collections.abc import Callable

_LONGEST_KEY = 16
"""Bytes that one press may send (arrows and the like send several); more is a paste."""


class Keyboard:
    """Hands over each key that is pressed. The terminal is put back as it was by `stop`.

    Ctrl-C and Ctrl-Z keep their meaning. Nothing is read where there is no terminal, or somebody else has it.
    """

    def __init__(self, fd: int, on_key: Callable[[str], None]) -> None:
        """``fd`` is the terminal; ``on_key`` runs in the event loop and gets one printable character, or a tab."""
        self._fd = fd
        self._on_key = on_key
        self._before: list[int | list[bytes | int]] | None = None

    @property
    def active(self) -> bool:
        """Whether keys are read."""
        return self._before is not None

    def start(self) -> None:
        """Read keys from now on, where that is possible."""
        if self.active:
            return
        try:
            if not in_foreground(self._fd):
                return  # to set a terminal up from the background would stop this process
            before = termios.tcgetattr(self._fd)
            # TCSANOW, here and below: the others wait for output that a terminal held by Ctrl-S never takes.
            tty.setcbreak(self._fd, termios.TCSANOW)
        except (OSError, termios.error):
            return
        self._before = before
        asyncio.get_running_loop().add_reader(self._fd, self._on_readable)

    def stop(self) -> None:
        """Read no more, and give the terminal back."""
        if self._before is None:
            return
        before, self._before = self._before, None
        asyncio.get_running_loop().remove_reader(self._fd)
        with contextlib.suppress(OSError, termios.error):  # the terminal may be gone
            if in_foreground(self._fd):
                termios.tcsetattr(self._fd, termios.TCSANOW, before)

    def _on_readable(self) -> None:
        try:
            pressed = os.read(self._fd, 4 * _LONGEST_KEY)
        except OSError:
            pressed = b""
        if not pressed:  # the terminal is gone: it would be readable for ever
            self.stop()
            return
        text = pressed.decode(errors="replace")
        if len(pressed) <= _LONGEST_KEY and all(char.isprintable() or char == "\t" for char in text):
            for char in text:
                self._on_key(char)


def in_foreground(fd: int) -> bool:
    """Tell whether this process may use its terminal now. Raises OSError where the terminal is gone."""
    try:
        return os.tcgetpgrp(fd) == os.getpgrp()
    except OSError as error:
        if error.errno == errno.ENOTTY:  # a terminal without job control: nobody else has it
            return True
        raise
