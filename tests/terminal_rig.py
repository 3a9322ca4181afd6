"""A terminal, and somebody who sits at it."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from cli_rig import PATIENCE_S, Home

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Terminal:
    """One end of a pseudo-terminal: shows what was drawn, and presses keys."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        os.set_blocking(fd, False)
        self._shown = b""

    def look(self) -> str:
        """Return all that was drawn so far, without colours."""
        with suppress(BlockingIOError):
            while chunk := os.read(self._fd, 65536):
                self._shown += chunk
        return COLOURS.sub("", self._shown.decode(errors="replace"))

    def press(self, keys: str) -> None:
        os.write(self._fd, keys.encode())


@contextmanager
def a_terminal() -> Iterator[tuple[int, int]]:
    """Give both ends of a pseudo-terminal: ours, and the one of the program."""
    ours, theirs = pty.openpty()
    try:
        yield ours, theirs
    finally:
        for fd in (ours, theirs):
            with suppress(OSError):
                os.close(fd)


ON_A_TERMINAL_OF_ITS_OWN = """
import os, sys
fd = os.open(sys.argv[1], os.O_RDWR)  # the first that the leader of a session opens is its controlling terminal
for each in (0, 1, 2):
    os.dup2(fd, each)
os.execv(sys.argv[2], sys.argv[2:])
"""

MODULE = (sys.executable, "-m", "nudger")


class Person:
    """Somebody at a terminal in which a command of nudger runs."""

    def __init__(self, home: Home, ends: tuple[int, int], *args: str, program: tuple[str, ...] = MODULE) -> None:
        self.terminal = Terminal(ends[0])
        self.home = home
        self._read = 0
        command = (sys.executable, "-c", ON_A_TERMINAL_OF_ITS_OWN, os.ttyname(ends[1]), *program, *args)
        env = {**home.env, "TERM": "xterm"}
        self.process = subprocess.Popen(command, env=env, start_new_session=True)

    def sees(self, text: str, times: int = 1) -> None:
        """Wait until that has been drawn so often."""
        self.home.until(lambda: self.terminal.look().count(text) >= times)

    def reads(self, text: str) -> None:
        """Wait until that is drawn, below what was read before."""
        self.home.until(lambda: text in self.terminal.look()[self._read :])
        self._read = self.terminal.look().index(text, self._read) + len(text)

    def answers(self, *asked: tuple[str, str]) -> None:
        """Answer questions, each once it is there, with a line."""
        for question, answer in asked:
            self.reads(question)
            self.reads("> ")
            self.terminal.press(f"{answer}\n")

    def ended(self) -> int:
        """Wait for the program to end; return its exit status."""
        return self.process.wait(PATIENCE_S)

    def read_all(self) -> str:
        """Return all that was drawn, with its lines as in a file."""
        return self.terminal.look().replace("\r\n", "\n")
