"""What the parts of a desktop have in common: how they tell what they know."""

from __future__ import annotations

import asyncio
import logging
import struct
from abc import ABC, abstractmethod
from datetime import timedelta
from typing import Final, Protocol

from nudger.core.model import ZERO
from nudger.core.presence import PAUSE
from nudger.sources.desktop.facts import Fact

log = logging.getLogger(__name__)

AGAIN_S: Final = 60.0
"""What was not there is looked for again after this long."""
ANSWER_S: Final = 3.0
"""A display server that has not answered by then hangs."""

QUIET: Final = PAUSE
"""Hands quiet for this long are told as off, back-dated to the last input: nothing shorter matters to the engine."""


class Tell(Protocol):
    """Takes in what a part of the desktop says."""

    def __call__(self, fact: Fact, by: str, on: bool | None, ago: timedelta | None = ZERO) -> None:
        """``by`` names the part; ``on`` is None when it is gone; ``ago`` is how long it has been so, None: unknown."""


class Part(Protocol):
    """A part of the desktop that is spoken to by itself, not over a bus. What it lacks it says in ``missing``."""

    missing: str | None
    looked: asyncio.Event

    def start(self) -> None:
        """Begin, in the background; ``looked`` is set once it is known how things are."""

    async def stop(self) -> None:
        """End, and leave nothing behind."""


class Display(ABC):
    """A display server that tells of input, over a socket of its own: tried again now and then when it is not there."""

    by: str

    def __init__(self, tell: Tell) -> None:
        """Tell of input."""
        self.missing: str | None = None
        self.looked = asyncio.Event()
        self._tell = tell
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    async def follow(self) -> None:
        """Connect and follow until the connection ends. Raises OSError, EOFError, TimeoutError, UnfitError."""

    def start(self) -> None:
        """Begin, in the background."""
        self._task = asyncio.get_running_loop().create_task(self._keep())

    async def stop(self) -> None:
        """Disconnect."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep(self) -> None:
        while True:
            try:
                await self.follow()
            except UnfitError as error:
                self.missing = str(error)
            except (OSError, EOFError, TimeoutError, ValueError, struct.error) as error:
                self.missing = f"{self.by} cannot be reached"
                log.debug("%s: %r", self.missing, error)
            self._tell(Fact.INPUT, self.by, None)
            self.looked.set()
            await asyncio.sleep(AGAIN_S)

    def _hands(self, on: bool, ago: timedelta) -> None:
        self.missing = None
        self._tell(Fact.INPUT, self.by, on, ago)
        self.looked.set()


class UnfitError(Exception):
    """The display server cannot tell of input; the text says what it lacks."""
