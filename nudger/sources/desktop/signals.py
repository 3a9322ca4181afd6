"""The signals that the desktop tells: finds out what is there, follows it, and passes on what changes.

Nothing is asked for at intervals but whether a camera is open, and that only where there is a camera.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from nudger.alarm import Alarm
from nudger.chores import Chores
from nudger.core.events import AvailabilityChanged, SignalChanged
from nudger.core.words import ZERO, Kind
from nudger.dbus import Bus, BusError
from nudger.dbus_address import NO_SESSION, session_address, system_address
from nudger.sources.desktop.busy import Camera, Microphone
from nudger.sources.desktop.display import Display
from nudger.sources.desktop.facts import FACT_OF, Fact, Facts, Value
from nudger.sources.desktop.gnome_banners import GnomeBanners
from nudger.sources.desktop.logind import Logind
from nudger.sources.desktop.mutter import Mutter
from nudger.sources.desktop.options import DesktopOptions
from nudger.sources.desktop.parts import Part
from nudger.sources.desktop.switches import PROPERTIES, SESSION, Switches

log = logging.getLogger(__name__)

FIRST_LOOK_S: Final = 2.0
"""The start waits this long for the desktop to say how things are; who answers later is heard later."""

_SYSTEMD: Final = "org.freedesktop.systemd1"
_DISPLAY_NAMES: Final = ("DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY")

_NAMES: Final = {
    Fact.INPUT: "keyboard and mouse",
    Fact.LOCK: "screen lock and sleep",
    Fact.CALL: "camera and microphone",
    Fact.DND: "do not disturb",
    Fact.VIDEO: "video",
}
_ENABLED_BY: Final = {
    Fact.INPUT: "GNOME, a Wayland compositor with ext-idle-notify-v1 (KDE Plasma 6, sway, Hyprland, COSMIC) or X11",
    Fact.LOCK: "systemd-logind, or a screen saver that is on the session's D-Bus",
    Fact.CALL: "a camera, or the program pactl for the microphone",
    Fact.DND: "GNOME (with gsettings), KDE Plasma, Xfce or dunst",
    Fact.VIDEO: "systemd-logind, GNOME or KDE Plasma",
}

Hear = Callable[[str, SignalChanged | AvailabilityChanged], object]
"""Takes what a signal of a person says."""


@dataclass(slots=True)
class DesktopLine:
    """What is known about one signal, for the person who sets it up, and what was passed on last."""

    person: str
    options: DesktopOptions
    where: str = "the desktop"
    told: Value | None = None
    is_told: bool = False
    count: int = 0
    heard: datetime | None = None
    undecodable: int = 0
    sample: str | None = None
    trouble: str | None = None


class DesktopSignals:
    """One desktop, and the signals of all persons who sit at it."""

    def __init__(self, hear: Hear, now: Callable[[], datetime], environ: Mapping[str, str] = os.environ) -> None:
        """``environ`` says where the session is."""
        self.lines: list[DesktopLine] = []
        self._hear = hear
        self._now = now
        self._environ = environ
        self._facts = Facts()
        self._chores = Chores()
        self._session: Bus | None = None
        self._buses: list[Bus] = []
        self._parts: list[Part] = []
        self._banners: GnomeBanners | None = None
        self._mutter: Mutter | None = None
        self._plays = False
        self._on_offer: Callable[[], None] | None = None
        self._alarm = Alarm(self._delay, self.pass_on)
        self._is_open = False

    async def start(self) -> None:
        """Find out what is there and how things are; in 2 s at most, whatever hangs. Nothing is passed on yet."""
        address = session_address(self._environ)
        if address is None:
            log.warning("%s", NO_SESSION)
            return
        self._session = Bus(address)
        system = Bus(system_address(self._environ))
        self._buses = [self._session, system]
        Switches(self._session, SESSION, self.tell, self._chores)
        self._mutter = Mutter(self._session, self.tell, self._chores)
        Logind(system, self.tell, self._chores)
        self._banners = GnomeBanners(self._session, self.tell, self._chores)
        self._session.follow(_SYSTEMD, lambda _: None)
        for bus in self._buses:
            bus.start()
        self._chores.begin(self._start_parts(self._session))
        try:
            async with asyncio.timeout(FIRST_LOOK_S):
                await system.look_around()
                await self._chores.settle()
                for part in self._parts:
                    await part.looked.wait()
        except TimeoutError:
            log.info("the desktop is slow to answer; what it says later counts from then on")

    async def _start_parts(self, session: Bus) -> None:
        """Begin with what is not on a bus, once the session's bus can say where that is."""
        await session.look_around()
        display = Display(self.tell, self._session_environ)
        self._parts = [display, Camera(self.tell), Microphone(self.tell)]
        for part in self._parts:
            part.start()

    async def _session_environ(self) -> Mapping[str, str]:
        """Return the environment with what the session told the user's systemd since this process began."""
        path, interface = "/org/freedesktop/systemd1", f"{_SYSTEMD}.Manager"
        try:
            if self._session is None or not self._session.is_there(_SYSTEMD):
                return self._environ
            (known,) = await self._session.call(_SYSTEMD, path, PROPERTIES, "Get", "ss", interface, "Environment")
        except BusError:
            return self._environ
        pairs = (entry.partition("=")[::2] for entry in known)
        return {**{name: value for name, value in pairs if name in _DISPLAY_NAMES}, **self._environ}

    async def stop(self) -> None:
        """Let go of everything; nothing is passed on any more."""
        self._is_open = False
        self._alarm.stop()
        for part in self._parts:
            await part.stop()
        await self._chores.cancel()
        for bus in self._buses:
            await bus.stop()

    # --- signals -----------------------------------------------------------------------------------------------------

    def adopt(self, signals: Sequence[tuple[str, DesktopOptions]]) -> None:
        """Tell these signals, each with the id of its person, from the next `say_again` on."""
        self._is_open = False
        self.lines = [DesktopLine(person, options) for person, options in signals]

    def say_again(self) -> None:
        """Pass on how everything is now: to persons who are new, or who have forgotten it over a gap."""
        self._is_open = True
        for line in self.lines:
            line.is_told = False
        self.pass_on()

    def shift(self, by: timedelta) -> None:
        """The wall clock was set by that much."""
        self._facts.shift(by)
        for line in self.lines:
            line.heard = None if line.heard is None else line.heard + by

    def when_more_is_offered(self, call: Callable[[], None]) -> None:
        """Have that called whenever the desktop may have begun to tell of something."""
        self._on_offer = call

    def offers(self) -> tuple[Kind, ...]:
        """Return the kinds of signals that the desktop tells at present."""
        return tuple(kind for kind, fact in FACT_OF.items() if self._facts.tellers(fact))

    def tell(self, fact: Fact, by: str, on: bool | None, ago: timedelta | None = ZERO) -> None:
        """Take in what a part of the desktop says; see `Tell`."""
        now = self._now()  # after a sleep it is first passed on how things were, then what this changes
        is_new = by not in self._facts.tellers(fact)
        if on is None:
            self._facts.withdraw(fact, by)
        else:
            self._facts.tell(fact, by, on, None if ago is None else now - ago)
        if fact is Fact.VIDEO:
            self._mind_video()
        if self._is_open:
            self.pass_on()
            if is_new and on is not None and self._on_offer is not None:
                self._on_offer()

    def _mind_video(self) -> None:
        film = self._facts.value(Fact.VIDEO)
        plays = film is not None and film.on
        if plays is not self._plays and self._mutter is not None:
            self._plays = plays
            self._mutter.mind_video(plays)

    def pass_on(self) -> None:
        """Tell what has changed since it was told last."""
        now = self._now()
        for line in self.lines:
            value = self._facts.of_signal(line.options, now)
            if not line.is_told or _says(value) is not _says(line.told):
                try:
                    self._pass_on(line, value, now)
                except Exception:  # what listens to the desktop must go on listening
                    log.exception("what signal %s says could not be taken in", line.options.name)
        self._alarm.set()

    def _pass_on(self, line: DesktopLine, value: Value | None, now: datetime) -> None:
        was_there = line.is_told and line.told is not None
        line.told, line.is_told = value, True
        line.trouble = self._missing(FACT_OF[line.options.kind])
        name = line.options.name
        if value is None:
            self._hear(line.person, AvailabilityChanged(name, available=False))
            return
        line.count += 1
        line.heard = now
        if not was_there:
            self._hear(line.person, AvailabilityChanged(name, available=True))
        self._hear(line.person, SignalChanged(name, value.on, value.since))

    def _delay(self) -> float | None:
        now = self._now()
        due = self._facts.deadline(now)
        return None if due is None else (due - now).total_seconds()

    # --- what people want to know ------------------------------------------------------------------------------------

    def report(self) -> list[dict[str, Any]]:
        """Return for each fact who tells it, and where nobody does, what would."""
        return [
            {"name": name, "from": self._sources(fact), "missing": self._missing(fact)} for fact, name in _NAMES.items()
        ]

    def _sources(self, fact: Fact) -> list[str]:
        """Name who tells a fact, each once: what stands in brackets only tells the parts of one from each other."""
        return list(dict.fromkeys(by.partition(" (")[0] for by in self._facts.tellers(fact)))

    def summary(self) -> str:
        """Return in one line what the desktop tells."""
        return ", ".join(name for fact, name in _NAMES.items() if self._facts.tellers(fact)) or "nothing"

    def _missing(self, fact: Fact) -> str | None:
        if self._facts.tellers(fact):
            return None
        if self._session is None:
            return NO_SESSION
        lacks = self._lacking(fact)
        return f"needs {_ENABLED_BY[fact]}{f'; here: {lacks}' if lacks else ''}"

    def _lacking(self, fact: Fact) -> str:
        if self._session is not None and self._session.trouble:
            return f"the session's D-Bus is out of reach ({self._session.trouble})"
        if fact is Fact.DND:
            return (self._banners.missing if self._banners is not None else None) or ""
        parts = [part for part in self._parts if isinstance(part, Display) is (fact is Fact.INPUT)]
        return "; ".join(part.missing for part in parts if part.missing) if fact in {Fact.INPUT, Fact.CALL} else ""


def _says(value: Value | None) -> bool | None:
    return None if value is None else value.on
