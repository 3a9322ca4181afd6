"""The login manager on the system's bus: whether the session is locked, the computer sleeps, idling is inhibited."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Final

from nudger.chores import Chores
from nudger.core.words import ZERO
from nudger.dbus import Bus, BusError, Emitted
from nudger.sources.desktop.facts import LOCK_ASKED, Fact
from nudger.sources.desktop.parts import Tell
from nudger.sources.desktop.switches import Switch, Switches

LOGIND: Final = "org.freedesktop.login1"
_PATH: Final = "/org/freedesktop/login1"
_MANAGER: Final = "org.freedesktop.login1.Manager"
_SESSION: Final = "org.freedesktop.login1.Session"

SLEEP: Final = Switch(Fact.LOCK, "the login manager (sleep)", LOGIND, _PATH, _MANAGER, "PreparingForSleep")
INHIBITED: Final = Switch(
    Fact.VIDEO,
    "the login manager (inhibitors)",
    LOGIND,
    _PATH,
    _MANAGER,
    "BlockInhibited",
    means=lambda what: "idle" in what.split(":"),
)
LOCKED: Final = Switch(Fact.LOCK, "the login manager", LOGIND, "", _SESSION, "LockedHint")


class Logind:
    """Follows this user's session and the sleep of the computer."""

    def __init__(self, bus: Bus, tell: Tell, chores: Chores) -> None:
        """Follow, from the start of the bus on."""
        self._bus = bus
        self._tell = tell
        self._session: str | None = None
        self._chores = chores
        self._switches = Switches(bus, (INHIBITED,), tell, chores)
        bus.follow(LOGIND, self._on_service)

    def _on_service(self, is_there: bool) -> None:
        self._session = None
        if is_there:
            self._chores.begin(self._begin())
        else:
            for row in (SLEEP, LOCKED):
                self._tell(row.fact, row.by, None)

    async def _begin(self) -> None:
        await self._bus.listen(Emitted(LOGIND, _MANAGER, "PrepareForSleep", _PATH), self._on_sleep)
        self._tell(SLEEP.fact, SLEEP.by, False, None)
        for change in ("SessionNew", "SessionRemoved"):
            await self._bus.listen(Emitted(LOGIND, _MANAGER, change, _PATH), self._on_sessions)
        await self._find_session()

    def _on_sleep(self, begins: bool) -> None:
        self._tell(SLEEP.fact, SLEEP.by, begins)

    def _on_sessions(self, *_: object) -> None:
        self._chores.begin(self._find_session())

    async def _find_session(self) -> None:
        """Find the session of this user that is on a screen, and listen to it. Raises BusError."""
        path = await self._session_path()
        if path == self._session:
            return
        self._session = path
        if path is None:
            self._tell(LOCKED.fact, LOCKED.by, None)
            return
        for member, on in (("Lock", True), ("Unlock", False)):
            emitted = Emitted(LOGIND, _SESSION, member, path)
            await self._bus.listen(emitted, lambda on=on: self._on_request(on))
        await self._switches.begin(replace(LOCKED, path=path))

    async def _session_path(self) -> str | None:
        for session in ("auto", os.environ.get("XDG_SESSION_ID")):
            if session:
                try:
                    (path,) = await self._bus.call(LOGIND, _PATH, _MANAGER, "GetSession", "s", session)
                except BusError:
                    continue
                return str(path)
        return None

    def _on_request(self, on: bool) -> None:
        """Somebody asked for a lock, or for its end; not every screen locker says whether it obeyed."""
        self._tell(Fact.LOCK, LOCK_ASKED, True if on else None, ZERO)
        if not on and self._session is not None:
            self._tell(LOCKED.fact, LOCKED.by, False)
