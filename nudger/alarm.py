"""The timer of a part that does nothing by itself: it says when it wants to be called, and is called then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Alarm:
    """One timer in the loop, set anew whenever the part may want to be called at another time."""

    def __init__(self, delay: Callable[[], float | None], ring: Callable[[], None]) -> None:
        """``delay`` returns the seconds until ``ring`` is to be called (None: never); it is asked again after that."""
        self._delay = delay
        self._ring = ring
        self._timer: asyncio.TimerHandle | None = None

    def set(self) -> None:
        """Ask when to ring."""
        delay = self._delay()  # first, for it may come to set the alarm as well
        self.stop()
        if delay is not None:
            self._timer = asyncio.get_running_loop().call_later(delay, self._on_time)

    def stop(self) -> None:
        """Do not ring."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_time(self) -> None:
        self._timer = None
        self._ring()
        self.set()
