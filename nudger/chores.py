"""Things under way in the background: one that fails harms no other, and is told in the log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from nudger.dbus import BusError

log = logging.getLogger(__name__)


class Chores:
    """Everything that somebody has under way."""

    def __init__(self) -> None:
        """Have nothing to do."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._lasting: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, None], *, is_lasting: bool = False) -> asyncio.Task[None]:
        """Begin something, and return it so that it can be cancelled; nobody waits for what ``is_lasting``."""
        task = asyncio.get_running_loop().create_task(work)
        (self._lasting if is_lasting else self._tasks).add(task)
        task.add_done_callback(self._on_done)
        return task

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._lasting.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, BusError):
            log.debug("given up: %s", error)
        elif error is not None:
            log.error("something on the desktop could not be done", exc_info=error)

    async def settle(self) -> None:
        """Wait until nothing is under way but what lasts."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def cancel(self) -> None:
        """End everything."""
        tasks = self._tasks | self._lasting
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
