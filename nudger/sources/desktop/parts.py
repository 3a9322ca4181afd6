"""What the parts of a desktop have in common: how they tell what they know."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Final, Protocol

from nudger.core.presence import PAUSE
from nudger.core.words import ZERO
from nudger.sources.desktop.facts import Fact

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


class UnfitError(Exception):
    """The display server cannot tell of input; the text says what it lacks."""


Hands = Callable[[bool, timedelta], None]
"""Takes what a display server tells: whether hands move, and for how long they have or have not."""


class Server(Protocol):
    """The client of a display server."""

    by: str

    async def follow(self, hands: Hands) -> None:
        """Connect and follow until the connection ends. Raises UnfitError, OSError, EOFError, TimeoutError and, for
        nonsense, ValueError and struct.error.
        """
