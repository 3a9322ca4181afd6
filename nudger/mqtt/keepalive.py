"""Notices that the other end is gone although the connection looks fine, and wakes up for it as rarely as can be."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Keepalive:
    """Pings when the broker's last answer is one interval old, gives up when a ping is unanswered for as long.

    Only answers count: what a broker sends by itself does not show that it hears us. A dead link is found within twice
    the interval; a live and idle one costs one timer an interval.
    """

    def __init__(self, ping: Callable[[], None], give_up: Callable[[], None]) -> None:
        """``ping`` asks the other end; ``give_up`` is called once, when it did not answer in time."""
        self.last_answer: float | None = None
        """Seconds of the event loop's clock."""
        self._ping = ping
        self._give_up = give_up
        self._loop = asyncio.get_running_loop()
        self._interval_s = 0.0
        self._waiting = False
        self._timer: asyncio.TimerHandle | None = None

    def start(self, interval_s: float) -> None:
        """The other end has just answered for the first time."""
        self._interval_s = interval_s
        self.answered()
        self._arm(interval_s)

    def stop(self) -> None:
        """No more pings."""
        if self._timer:
            self._timer.cancel()

    def answered(self) -> None:
        """The other end answered something that we sent."""
        self.last_answer = self._loop.time()
        self._waiting = False

    def check(self, within_s: float) -> None:
        """Ping now, and give up if there is no answer ``within_s``."""
        if not self._waiting:
            self._waiting = True
            self._ping()
        self._arm(within_s)

    def _arm(self, delay_s: float) -> None:
        self.stop()
        self._timer = self._loop.call_later(delay_s, self._due)

    def _due(self) -> None:
        silent_s = self._loop.time() - (self.last_answer or 0.0)
        if self._waiting:
            self._give_up()
        elif silent_s < self._interval_s:
            self._arm(self._interval_s - silent_s)
        else:
            self.check(self._interval_s)
