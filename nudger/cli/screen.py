"""A terminal that may be slow, held by Ctrl-S, or gone, and that must not hold the program up."""

from __future__ import annotations

import os
from queue import Queue
from threading import Thread
from typing import Final

MOST_WAITING: Final = 256
"""Pieces that wait for a terminal which takes nothing; more are dropped."""


class Screen:
    """A file as rich wants one. A thread does the real writing, so that nothing which writes here waits or fails."""

    def __init__(self, fd: int, encoding: str = "utf-8") -> None:
        """``fd`` is the terminal. What ``encoding`` has no character for becomes a question mark."""
        self._fd = fd
        self.encoding = encoding
        self._parts: list[str] = []
        self._waiting: Queue[bytes] = Queue(MOST_WAITING)
        self._gone = False
        # A daemon thread, and below Python's own buffers: stuck in a write, it must not keep the process from ending.
        Thread(target=self._write_all, name="screen", daemon=True).start()

    @property
    def gone(self) -> bool:
        """Whether the terminal took no more: its window was closed, or the line was cut."""
        return self._gone

    @property
    def busy(self) -> bool:
        """Whether something is still to be written."""
        return self._waiting.unfinished_tasks > 0

    def fileno(self) -> int:
        """Return the terminal."""
        return self._fd

    def isatty(self) -> bool:
        """Tell that it is one."""
        return True

    def write(self, text: str) -> int:
        """Take in a text; `flush` has it written."""
        self._parts.append(text)
        return len(text)

    def flush(self) -> None:
        """Have everything written that was taken in, soon."""
        text, self._parts = "".join(self._parts), []
        if text and not self._waiting.full():
            self._waiting.put_nowait(text.encode(self.encoding, "replace"))

    def drain(self, patience_s: float) -> None:
        """Wait until everything is written, but no longer than that."""
        self.flush()
        written = self._waiting.all_tasks_done
        with written:
            written.wait_for(lambda: not self.busy, patience_s)

    def _write_all(self) -> None:
        while True:
            piece = self._waiting.get()
            while piece and not self._gone:
                try:
                    piece = piece[os.write(self._fd, piece) :]
                except OSError:
                    self._gone = True
            self._waiting.task_done()
