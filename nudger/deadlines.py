"""One timer in the loop, for the earliest deadline of everybody. Deadlines are derived from State, never stored."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from nudger.clock import Clock
from nudger.people import People

log = logging.getLogger(__name__)


class Deadlines:
    """Lets everybody decide when their time has come."""

    def __init__(self, people: People, clock: Clock, now: Callable[[], datetime]) -> None:
        """Nothing is armed yet. ``now`` tells the time once everybody knows of a sleep, for they decide by it."""
        self._people = people
        self._clock = clock
        self._now = now
        self._timer: asyncio.TimerHandle | None = None
        self._armed: datetime | None = None

    def arm(self) -> None:
        """Wait for the earliest deadline; a timer that fires too early costs less than moving it each time."""
        due = self._people.next_deadline()
        if due is None or (self._timer is not None and self._armed is not None and self._armed <= due):
            return
        self.stop()
        self._armed = due
        self._timer = asyncio.get_running_loop().call_later(self._clock.delay_until(due), self._on_deadline)

    def arm_anew(self) -> None:
        """Do the same after the clock was set or the host slept: what the timer was armed for may lie elsewhere now."""
        self.stop()
        self.arm()

    def stop(self) -> None:
        """Wait for nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def are_kept(self, now: datetime, slack: timedelta) -> bool:
        """Tell whether no deadline lies further back than ``slack``: else the loop is stuck, or a decision fails."""
        due = self._people.next_deadline()
        return due is None or due > now - slack

    def _on_deadline(self) -> None:
        self._timer = None
        try:
            self._people.tick(self._now())
        except Exception:  # the daemon's next look after itself tries again, and until then does not feed the watchdog
            log.exception("a deadline could not be kept")
            return
        self.arm()
