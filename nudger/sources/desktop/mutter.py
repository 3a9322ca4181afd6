"""GNOME's compositor tells when hands have been quiet for a while, and when they move again."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import Final

from nudger.chores import Chores
from nudger.core.words import ZERO
from nudger.dbus import RETRY_S, Bus, BusError, Emitted, HangingError, until_answered
from nudger.sources.desktop.facts import Fact
from nudger.sources.desktop.parts import QUIET, Tell

MUTTER: Final = "org.gnome.Mutter.IdleMonitor"
_PATH: Final = "/org/gnome/Mutter/IdleMonitor/Core"
_BY: Final = "GNOME's idle monitor"
ASK_EVERY_S: Final = 30.0
"""How often the monitor is asked where it does not tell."""
_QUIET_MS: Final = int(QUIET / timedelta(milliseconds=1))


class Mutter:
    """Follows the idle monitor. It wakes us twice a pause, and not at all while somebody types.

    An idle watch fires each time the hands have been quiet for its length, a watch for activity fires once. While
    something keeps the screen awake no idle watch fires, so for that time the monitor has to be asked.
    """

    def __init__(self, bus: Bus, tell: Tell, chores: Chores) -> None:
        """Follow, from the start of the bus on."""
        self._bus = bus
        self._tell = tell
        self._chores = chores
        self._idle: int | None = None
        self._active: int | None = None
        self._early: set[int] = set()
        self._is_quiet = False
        self._following: asyncio.Task[None] | None = None
        self._asking: asyncio.Task[None] | None = None
        bus.follow(MUTTER, self._on_service)

    def mind_video(self, plays: bool) -> None:
        """Something keeps the screen awake, or no longer does."""
        if self._asking is not None:
            self._asking.cancel()
        self._asking = self._chores.begin(self._ask_now_and_then(), is_lasting=True) if plays else None

    def _on_service(self, is_there: bool) -> None:
        if self._following is not None:
            self._following.cancel()
        self._idle = self._active = None
        if is_there:
            self._following = self._chores.begin(self._follow())
        else:
            self._tell(Fact.INPUT, _BY, None)

    async def _follow(self) -> None:
        await self._bus.listen(Emitted(MUTTER, MUTTER, "WatchFired", _PATH), self._on_fired)
        await until_answered(self._set_up)

    async def _set_up(self) -> None:
        (self._idle,) = await self._call("AddIdleWatch", "t", _QUIET_MS)
        idle = await self._idle_time()
        self._say(idle < QUIET, idle)
        if self._is_quiet:
            await self._wait_for_hands()

    async def _idle_time(self) -> timedelta:
        (idle_ms,) = await self._call("GetIdletime")
        return timedelta(milliseconds=idle_ms)

    async def _wait_for_hands(self) -> None:
        self._early.clear()
        try:
            (self._active,) = await self._call("AddUserActiveWatch")
        except BusError:  # without that watch nobody would ever hear of hands again
            self._tell(Fact.INPUT, _BY, None)
            raise
        if self._active in self._early:
            self._say(True, ZERO)

    async def _wait_or_begin_anew(self) -> None:
        with contextlib.suppress(HangingError):
            await self._wait_for_hands()
            return
        await asyncio.sleep(RETRY_S)
        await until_answered(self._set_up)

    async def _ask_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(ASK_EVERY_S)
            with contextlib.suppress(BusError):  # it is gone, or hangs: that is seen to elsewhere
                idle = await self._idle_time()
                if idle >= QUIET and not self._is_quiet:
                    self._say(False, idle)
                    await self._wait_for_hands()

    def _on_fired(self, watch: int) -> None:
        self._early.add(watch)  # it may ring before we have read which number it was given
        if watch == self._idle:
            self._say(False, QUIET)
            self._following = self._chores.begin(self._wait_or_begin_anew())
        elif watch == self._active:
            self._say(True, ZERO)

    def _say(self, on: bool, ago: timedelta) -> None:
        self._is_quiet = not on
        self._tell(Fact.INPUT, _BY, on, ago)

    async def _call(self, member: str, signature: str = "", *arguments: int) -> tuple[int, ...]:
        return await self._bus.call(MUTTER, _PATH, MUTTER, member, signature, *arguments)
