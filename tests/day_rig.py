"""A whole day of a real daemon in some seconds: its clock is put forward, everything else around it is real."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from desktop_rig import LOGIN_PATH, MANAGER, MUTTER, MUTTER_PATH, idle_monitor
from message_bus import Service, eventually

from nudger import clock
from nudger.config.load import default_settings
from nudger.daemon import Daemon, Places
from nudger.dbus import Bus
from nudger.sources.desktop import tools
from nudger.sources.desktop.parts import QUIET
from nudger.vocabulary import vocabulary

LONGEST_STEP: Final = timedelta(seconds=30)
"""Whoever looks at something every so often gets the time to do so."""
MIDNIGHT: Final = datetime(2026, 11, 24, tzinfo=UTC)
SHORTLY: Final = timedelta(seconds=1)
BREATH_S: Final = 0.002


class HurriedLoop(asyncio.SelectorEventLoop):
    """A loop whose clock can be put forward: timers that come due by it run at once."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead_s = 0.0
        self.asleep_s = 0.0

    def time(self) -> float:
        """Return the time that a host counts while it is awake."""
        return super().time() + self.ahead_s

    def clocks(self, begin: datetime) -> clock.ClockSources:
        """Return the clocks of a host on which this loop runs, and which is at that instant now."""
        start = self.time()
        return clock.ClockSources(
            wall=lambda: begin.timestamp() + self.time() - start + self.asleep_s,
            boot=lambda: self.time() + self.asleep_s,
            monotonic=self.time,
        )


class Busy:
    """Counts what is under way with the world outside, for which time must not be put forward."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.with_ = 0
        patch.setattr(Bus, "call", self._counted(Bus.call))
        patch.setattr(tools, "output_of", self._counted(tools.output_of))

    def _counted(self, ask: Callable[..., Any]) -> Callable[..., Any]:
        async def counted(*given: Any, **named: Any) -> Any:
            self.with_ += 1
            try:
                return await ask(*given, **named)
            finally:
                self.with_ -= 1

        return counted

    async def settle(self) -> None:
        """Wait until every question is answered, and nothing follows from the answers."""
        calm = 0
        while calm < 3:
            await asyncio.sleep(BREATH_S)
            calm = 0 if self.with_ else calm + 1


class Hands:
    """Keyboard and mouse, as GNOME's idle monitor tells of them."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.service: Service = idle_monitor()
        self._now = now
        self._last = now()
        self._watch = 0
        self.service.answers[MUTTER, "GetIdletime"] = self._idle
        self.service.answers[MUTTER, "AddUserActiveWatch"] = self._add_watch

    def _idle(self) -> tuple[str, list[int]]:
        return "t", [(self._now() - self._last) // timedelta(milliseconds=1)]

    def _add_watch(self) -> tuple[str, list[int]]:
        self._watch += 1
        return "u", [100 + self._watch]

    def touch(self) -> None:
        """There was input just now."""
        self._last = self._now()

    async def tell_rest(self) -> None:
        """They have been quiet for as long as nudger wanted to hear of."""
        await self.service.emit(MUTTER_PATH, MUTTER, "WatchFired", "u", 1)

    async def tell_input(self) -> None:
        """They move again."""
        await self.service.emit(MUTTER_PATH, MUTTER, "WatchFired", "u", 100 + self._watch)


class Office:
    """A daemon without a config at a desktop, and whoever sits there. Times are as a clock on the wall shows them."""

    def __init__(self, loop: HurriedLoop, daemon: Daemon, busy: Busy, login: Service) -> None:
        self.loop = loop
        self.daemon = daemon
        self.hands: Hands
        self.bouts: list[tuple[str, str]]
        self.prompts: list[tuple[str, str]]
        self._busy = busy
        self._login = login

    # --- time --------------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """Return this instant, by the daemon's clock."""
        return self.daemon.clock.now()

    async def until(self, wall_clock: str) -> None:
        """Let time pass until then: to each deadline of the daemon, and half a minute at most at once."""
        then = instant(wall_clock)
        while True:
            await self._busy.settle()
            now, due = self.now(), self.daemon.people.next_deadline()
            left = then - now
            if left <= timedelta():
                return
            step = min(left, LONGEST_STEP)
            if due is not None and now < due:
                step = min(step, due - now)
            self.loop.ahead_s += step.total_seconds()

    at = until

    # --- what happens ------------------------------------------------------------------------------------------------

    def says(self, name: str) -> bool | None:
        """Return what a signal told last."""
        lines = {line.options.kind: line.told for line in self.daemon.desktop.lines}
        told = next((value for kind, value in lines.items() if kind == name), None)
        return None if told is None else told.on

    async def hears(self, name: str, on: bool) -> None:
        """Wait until a signal has told that."""
        await eventually(lambda: self.says(name) is on)
        await self._busy.settle()

    async def rests(self, wall_clock: str) -> None:
        """The last input is then; the desktop tells of it once hands have been quiet for a while."""
        await self.until(wall_clock)
        self.hands.touch()
        await self.tell_rest(wall_clock)

    async def tell_rest(self, since: str) -> None:
        """The desktop tells that hands have been quiet since then, which it does after a while of it."""
        await self.until(_text(instant(since) + QUIET))
        await self.hands.tell_rest()
        await self.hears("activity", on=False)

    async def types(self, wall_clock: str) -> None:
        """Hands that have rested move again."""
        await self.until(wall_clock)
        self.hands.touch()
        await self.hands.tell_input()
        await self.hears("activity", on=True)

    async def locks(self, wall_clock: str) -> None:
        """The last input is the one that locks the screen."""
        await self.until(wall_clock)
        self.hands.touch()
        await self.until(_text(instant(wall_clock) + SHORTLY))
        await self.tell_lock(on=True)
        await self.tell_rest(wall_clock)

    async def unlocks(self, wall_clock: str) -> None:
        """Somebody types the password."""
        await self.types(wall_clock)
        await self.tell_lock(on=False)

    async def tell_lock(self, *, on: bool) -> None:
        """The login manager tells that the session is locked, or no longer is."""
        session, path = "org.freedesktop.login1.Session", "/org/freedesktop/login1/session/_31"
        await self._login.change(path, session, "LockedHint", "b", on)
        await self.hears("locked", on=on)

    async def sleeps(self, wall_clock: str, until: str) -> None:
        """The lid is closed, and opened later. Nothing of this computer runs in between."""
        await self.until(wall_clock)
        await self._login.emit(LOGIN_PATH, MANAGER, "PrepareForSleep", "b", True)
        await self.hears("locked", on=True)
        self.loop.asleep_s += (instant(until) - self.now()).total_seconds()
        await self._login.emit(LOGIN_PATH, MANAGER, "PrepareForSleep", "b", False)
        await self.hears("locked", on=False)

    # --- what came of it ---------------------------------------------------------------------------------------------

    def count_prompts(self) -> int:
        """Return how many prompts came so far."""
        return self.daemon.people.state("me").today.prompts

    def close_the_books(self) -> None:
        """Read what is in the history, while it is open: bouts, from and to; prompts, and what became of them."""
        store, end = self.daemon.store, MIDNIGHT + timedelta(days=1)
        self.bouts = [(_text(row.start), _text(row.end)) for row in store.bouts("me", MIDNIGHT, end)]
        self.prompts = [(_text(row.issued_at), str(row.outcome)) for row in store.prompts("me", MIDNIGHT, end)]


def instant(wall_clock: str) -> datetime:
    """Return when a clock on the wall shows that."""
    hour, minute, second = (*wall_clock.split(":"), "0")[:3]
    return MIDNIGHT + timedelta(hours=int(hour), minutes=int(minute), seconds=float(second))


def _text(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}"


@asynccontextmanager
async def an_office(
    folder: Path, patch: pytest.MonkeyPatch, buses: tuple[str, str], login: Service, *others: Service
) -> AsyncIterator[Office]:
    """Give an office at eight in the morning, on a `HurriedLoop`; ``buses`` are the session's and the system's."""
    session_bus, system_bus = buses
    loop = asyncio.get_running_loop()
    assert isinstance(loop, HurriedLoop)
    sources = loop.clocks(instant("08:00"))
    patch.setattr(clock, "host_clocks", lambda: sources)
    patch.setenv("DBUS_SESSION_BUS_ADDRESS", session_bus)
    patch.setenv("DBUS_SYSTEM_BUS_ADDRESS", system_bus)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "NOTIFY_SOCKET", "WATCHDOG_USEC"):
        patch.delenv(name, raising=False)
    patch.setenv("XDG_RUNTIME_DIR", str(folder))
    settings = replace(default_settings(vocabulary()), zone=UTC)
    daemon = Daemon(settings, Places(folder / "state", folder / "socket"))
    office = Office(loop, daemon, Busy(patch), login)
    office.hands = Hands(lambda: datetime.fromtimestamp(sources.wall(), UTC))
    for service in (office.hands.service, *others):
        await service.appear(session_bus)
    await login.appear(system_bus)
    running = asyncio.create_task(daemon.run())
    deadline = time.monotonic() + 20
    while daemon.started_at is None or "me" not in getattr(daemon, "people", ()):
        assert not running.done(), running.exception()
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    try:
        yield office
    finally:
        daemon.stop()
        await running
