"""This computer's own desktop: a source for everybody whose config names it, and for somebody without a config.

Without a config whatever the desktop tells is used. As long as it does not tell of keyboard and mouse, nothing could
show that anybody sits there, so the timer counts, and a lock, a call and do-not-disturb interrupt it; the moment it
does, the signals take over. In a trial hands count for nothing: they do not move 60 times as fast.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from nudger.config.settings import Person, Settings
from nudger.core.events import Event
from nudger.core.words import Kind
from nudger.dbus_address import NO_SESSION, session_address
from nudger.outputs.desktop import DesktopOutput
from nudger.sources.desktop.options import DesktopOptions, automatic
from nudger.sources.desktop.signals import DesktopLine, DesktopSignals

log = logging.getLogger(__name__)


class Desk(Protocol):
    """What the desktop asks of the daemon."""

    def now(self) -> datetime:
        """Return this instant; everybody then knows whether the host slept before it, or its clock was set."""

    def handle(self, person: str, event: Event) -> object:
        """Let a person decide on an event."""


class OwnDesktop:
    """The desktop, followed for as long as somebody needs it."""

    def __init__(self, desk: Desk, when_more_is_offered: Callable[[], None]) -> None:
        """``when_more_is_offered`` is called when the next `adopt` may have more to add."""
        self._desk = desk
        self._when_more_is_offered = when_more_is_offered
        self._signals: DesktopSignals | None = None
        self._offered: tuple[Kind, ...] = ()
        self._lacks: str | None = None

    async def adopt(self, settings: Settings, *, automatic: bool = False, trial: bool = False) -> Settings:
        """Go by these settings from the next `say_again` on, and return them with what the desktop adds.

        ``automatic`` is without a config: then all that it offers at present are signals (in a ``trial`` all but
        hands), and its notifications the output. Takes 2 s at most.
        """
        self._lacks = NO_SESSION if automatic and session_address(os.environ) is None else None
        wanted = _named(settings)
        if not wanted and (not automatic or self._lacks is not None):
            await self.close()
            return _with_offers(settings, ()) if automatic else settings
        if self._signals is None:
            self._signals = DesktopSignals(self._desk.handle, self._desk.now)
            self._signals.when_more_is_offered(self._on_offer)
            await self._signals.start()
            without_hands = "; in a trial keyboard and mouse do not count" if trial else ""
            log.info("this desktop tells: %s%s", self.summary(), without_hands)
        if automatic:
            self._offered = self._signals.offers()
            hands = Kind.ACTIVITY in self._offered
            if not hands and not trial:
                log.info("it does not tell of keyboard and mouse, so the clock counts; more: nudger status --signals")
            without = {Kind.ACTIVITY} if trial else set()
            settings = _with_offers(settings, [kind for kind in self._offered if kind not in without])
        self._signals.adopt(_named(settings))
        return settings

    def _on_offer(self) -> None:
        offers = self._signals.offers() if self._signals is not None else ()
        if set(offers) - set(self._offered):
            self._when_more_is_offered()

    def say_again(self) -> None:
        """Tell everybody how everything is: they are new, or have forgotten it over a gap."""
        if self._signals is not None:
            self._signals.say_again()

    def shift(self, by: timedelta) -> None:
        """The wall clock was set by that much."""
        if self._signals is not None:
            self._signals.shift(by)

    def summary(self) -> str:
        """Return in one line what the desktop tells."""
        return self._signals.summary() if self._signals is not None else "nothing"

    @property
    def lines(self) -> Sequence[DesktopLine]:
        """Every signal's line."""
        return () if self._signals is None else self._signals.lines

    def report(self) -> list[dict[str, Any]]:
        """Return who on the desktop tells what, and what is missing; nothing where nobody needs the desktop."""
        if self._signals is not None:
            return self._signals.report()
        return [{"name": "anything", "from": [], "missing": self._lacks}] if self._lacks else []

    async def close(self) -> None:
        """Let go of the desktop."""
        if self._signals is not None:
            signals, self._signals = self._signals, None
            await signals.stop()


def sits_here(person: Person) -> bool:
    """Tell whether this computer is the desk of that person, so that its sleep is their absence."""
    return not person.signals or any(isinstance(signal, DesktopOptions) for signal in person.signals)


def _named(settings: Settings) -> list[tuple[str, DesktopOptions]]:
    people = settings.people.values()
    return [(p.id, signal) for p in people for signal in p.signals if isinstance(signal, DesktopOptions)]


def _with_offers(settings: Settings, offered: Sequence[Kind]) -> Settings:
    signals = tuple(automatic(kind) for kind in offered)
    timer = Kind.ACTIVITY not in offered
    notifications = DesktopOutput(type="desktop")
    outputs = (notifications,) if notifications.lacks() is None else ()
    people = {p.id: replace(p, signals=signals, outputs=outputs, timer=timer) for p in settings.people.values()}
    return replace(settings, people=people)
