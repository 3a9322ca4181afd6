"""The most messages a day, for services that count them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Final

from nudger.outputs.channel import ChannelError

DAY_S: Final = 86400

One = Callable[[], contextlib.AbstractContextManager[None]]
"""What counts one message of the day, unless it fails inside: `Quota.one`."""


class Quota:
    """Counts the messages of a day, which begins at midnight UTC, as it does for the services that count too."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.time) -> None:
        """``clock`` gives seconds since 1970."""
        self._limit = limit
        self._clock = clock
        self._day = 0
        self._used = 0

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """Count one message unless it fails; raises ChannelError when there is none left today."""
        day = int(self._clock() // DAY_S)
        if day != self._day:
            self._day, self._used = day, 0
        if self._used >= self._limit:
            raise ChannelError(f"{self._limit} messages today are the limit; the next ones tomorrow", passes=False)
        yield
        self._used += 1
