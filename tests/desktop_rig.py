"""A desktop of one's own: two real buses, whatever services a test puts on them, and who listens to them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from message_bus import BusDaemon, Service, eventually, leave_all

from nudger.core.events import AvailabilityChanged, SignalChanged
from nudger.core.words import Kind
from nudger.sources.desktop.options import DesktopOptions
from nudger.sources.desktop.signals import DesktopSignals

SESSION_PATH: Final = "/org/freedesktop/login1/session/_31"
LOGIN: Final = "org.freedesktop.login1"
LOGIN_PATH: Final = "/org/freedesktop/login1"
MANAGER: Final = "org.freedesktop.login1.Manager"
LOGIN_SESSION: Final = "org.freedesktop.login1.Session"
MUTTER: Final = "org.gnome.Mutter.IdleMonitor"
MUTTER_PATH: Final = "/org/gnome/Mutter/IdleMonitor/Core"


def login_manager() -> Service:
    """A login manager with one session, unlocked."""
    return Service(
        LOGIN,
        {
            (MANAGER, "GetSession"): ("o", [SESSION_PATH]),
            (MANAGER, "=BlockInhibited"): ("s", ["shutdown:sleep"]),
            (LOGIN_SESSION, "=LockedHint"): ("b", [False]),
        },
    )


def idle_monitor(idle_ms: int = 0) -> Service:
    """GNOME's idle monitor, which numbers its watches 1, 2, 3, ..."""
    numbers = iter(range(1, 1000))
    return Service(
        MUTTER,
        {
            (MUTTER, "AddIdleWatch"): lambda _: ("u", [next(numbers)]),
            (MUTTER, "AddUserActiveWatch"): lambda: ("u", [next(numbers)]),
            (MUTTER, "GetIdletime"): ("t", [idle_ms]),
        },
    )


class Desktop:
    """Two buses and the signals under test. ``heard`` is what was passed on, without the instants."""

    def __init__(self, session: BusDaemon, system: BusDaemon, folder: Path) -> None:
        """The buses run."""
        self.session = session
        self.system = system
        self.events: list[SignalChanged | AvailabilityChanged] = []
        self.environ = {
            "DBUS_SESSION_BUS_ADDRESS": session.address,
            "DBUS_SYSTEM_BUS_ADDRESS": system.address,
            "XDG_RUNTIME_DIR": str(folder),
        }
        self.signals = DesktopSignals(
            lambda _, event: self.events.append(event), lambda: datetime.now(UTC), self.environ
        )

    async def listen(self, *kinds: str, **options: Any) -> None:
        """Start, with one signal of each kind, called like it."""
        await self.signals.start()
        wanted = [DesktopOptions(source="desktop", name=kind, kind=Kind(kind), **options) for kind in kinds]
        self.signals.adopt([("me", each) for each in wanted])
        self.signals.say_again()

    @property
    def heard(self) -> list[tuple[str, object]]:
        """What was passed on: a signal's name, and its value, or gone or there."""
        return [
            (event.signal, event.on if isinstance(event, SignalChanged) else "there" if event.available else "gone")
            for event in self.events
        ]

    async def hears(self, *what: tuple[str, object]) -> None:
        """Wait until that is the last that was passed on."""
        await eventually(lambda: self.heard[-len(what) :] == list(what))

    def ago_s(self) -> float:
        """Return how long ago the value that was passed on last began."""
        last = self.events[-1]
        assert isinstance(last, SignalChanged)
        assert last.since is not None
        return (datetime.now(UTC) - last.since).total_seconds()


@asynccontextmanager
async def a_desktop(folder: Path, *services: Service, system: tuple[Service, ...] = ()) -> AsyncIterator[Desktop]:
    """Give a desktop with these services on its session's and its system's bus."""
    with BusDaemon(folder / "session") as session_bus, BusDaemon(folder / "system") as system_bus:
        desktop = Desktop(session_bus, system_bus, folder)
        for service in services:
            await service.appear(session_bus.address)
        for service in system:
            await service.appear(system_bus.address)
        try:
            yield desktop
        finally:
            await desktop.signals.stop()
            await leave_all()
