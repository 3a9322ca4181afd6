"""GNOME's compositor tells when hands have been quiet for a while, and when they move again."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import Final

from nudger.core.model import ZERO
from nudger.dbus import RETRY_S, Bus, BusError, Chores, Emitted, HangingError, until_answered
from nudger.sources.desktop.facts import Fact
from nudger.sources.desktop.parts import QUIET, Tell

MUTTER: Final = "org.gnome.Mutter.IdleMonitor"
_PATH: Final = "/org/gnome/Mutter/IdleMonitor/Core"
_BY: Final = "GNOME's idle monitor"
_QUIET_MS: Final = int(QUIET / timedelta(milliseconds=1))


class Mutter:
    """Follows the idle monitor. It wakes us twice a pause, and not at all while somebody types.

    An idle watch fires each time the hands have been quiet for its length; a watch for activity fires once.
    """

    def __init__(self, bus: Bus, tell: Tell, chores: Chores) -> None:
        """Follow, from the start of the bus on."""
        self._bus = bus
        self._tell = tell
        self._idle: int | None = None
        self._active: int | None = None
        self._early: set[int] = set()
        self._task: asyncio.Task[None] | None = None
        self._chores = chores
        bus.follow(MUTTER, self._on_service)

    def _on_service(self, is_there: bool) -> None:
        if self._task is not None:
            self._task.cancel()
        self._idle = self._active = None
        if is_there:
            self._task = self._chores.begin(self._begin())
        else:
            self._tell(Fact.INPUT, _BY, None)

    async def _begin(self) -> None:
        await self._bus.listen(Emitted(MUTTER, MUTTER, "WatchFired", _PATH), self._on_fired)
        await until_answered(self._set_up)

    async def _set_up(self) -> None:
        (self._idle,) = await self._call("AddIdleWatch", "t", _QUIET_MS)
        (idle_ms,) = await self._call("GetIdletime")
        idle = timedelta(milliseconds=idle_ms)
        self._tell(Fact.INPUT, _BY, idle < QUIET, idle)
        if idle >= QUIET:
            await self._wait_for_hands()

    async def _wait_for_hands(self) -> None:
        self._early.clear()
        try:
            (self._active,) = await self._call("AddUserActiveWatch")
        except BusError:  # without that watch nobody would ever hear of hands again
            self._tell(Fact.INPUT, _BY, None)
            raise
        if self._active in self._early:
            self._tell(Fact.INPUT, _BY, True, ZERO)

    async def _wait_or_begin_anew(self) -> None:
        with contextlib.suppress(HangingError):
            await self._wait_for_hands()
            return
        await asyncio.sleep(RETRY_S)
        await until_answered(self._set_up)

    def _on_fired(self, watch: int) -> None:
        self._early.add(watch)  # it may ring before we have read which number it was given
        if watch == self._idle:
            self._tell(Fact.INPUT, _BY, False, QUIET)
            self._task = self._chores.begin(self._wait_or_begin_anew())
        elif watch == self._active:
            self._tell(Fact.INPUT, _BY, True, ZERO)

    async def _call(self, member: str, signature: str = "", *arguments: int) -> tuple[int, ...]:
        return await self._bus.call(MUTTER, _PATH, MUTTER, member, signature, *arguments)
