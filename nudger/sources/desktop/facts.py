"""What the desktop says, by fact and by who says it, and what that makes of a signal. Values in, values out.

Several parts of a desktop may tell of one fact: the screen saver and the login manager both of a lock. A fact is so
when one of them says it is; it is unknown when nobody speaks of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from nudger.core.words import Kind
from nudger.sources.desktop.options import DesktopOptions, Video

VIDEO_LASTS: Final = timedelta(hours=4)
"""A screen kept awake for longer is kept awake by a program that stays, not by a video that somebody watches."""

LOCK_ASKED: Final = "lock request"
"""Who says that somebody asked for a lock. Any sign that the lock is gone ends it, new input too."""


class Fact(StrEnum):
    """What parts of a desktop tell of."""

    INPUT = "input"
    VIDEO = "video"
    LOCK = "lock"
    CALL = "call"
    DND = "dnd"


FACT_OF: Final = {Kind.ACTIVITY: Fact.INPUT, Kind.LOCKED: Fact.LOCK, Kind.CALL: Fact.CALL, Kind.DND: Fact.DND}
"""The fact without which a signal of that kind cannot be told."""


@dataclass(frozen=True, slots=True)
class Value:
    """On or off, and since when; None where it has been so for as long as anybody knows."""

    on: bool
    since: datetime | None = None


class Facts:
    """Remembers what each part of the desktop said last."""

    def __init__(self) -> None:
        """Know nothing."""
        self._said: dict[Fact, dict[str, Value]] = {fact: {} for fact in Fact}

    def tell(self, fact: Fact, by: str, on: bool, since: datetime | None) -> None:
        """Take in what one part of the desktop says. Its ``since`` counts only where the value changes."""
        said = self._said[fact]
        before = said.get(by)
        if before is None or before.on is not on:
            said[by] = Value(on, since)
            if (fact is Fact.INPUT and on) or (fact is Fact.LOCK and not on):
                self._said[Fact.LOCK].pop(LOCK_ASKED, None)

    def withdraw(self, fact: Fact, by: str) -> None:
        """That part of the desktop is gone, and what it said with it."""
        self._said[fact].pop(by, None)

    def tellers(self, fact: Fact) -> tuple[str, ...]:
        """Return who speaks of a fact."""
        return tuple(self._said[fact])

    def shift(self, by: timedelta) -> None:
        """The wall clock was set: move every instant with it."""
        for said in self._said.values():
            for name, value in said.items():
                if value.since is not None:
                    said[name] = Value(value.on, value.since + by)

    def value(self, fact: Fact) -> Value | None:
        """Return whether a fact is so: on since the first who says so, off since the last who ended."""
        values = self._said[fact].values()
        if not values:
            return None
        on = [value.since for value in values if value.on]
        if on:
            return Value(True, min((since for since in on if since is not None), default=None))
        return Value(False, max((value.since for value in values if value.since is not None), default=None))

    def of_signal(self, options: DesktopOptions, now: datetime) -> Value | None:
        """Return what the signal says now; None while nobody can tell."""
        if options.kind is Kind.ACTIVITY:
            return self._activity(options.video, now)
        return self.value(FACT_OF[options.kind])

    def _activity(self, video: Video, now: datetime) -> Value | None:
        hands, film = self.value(Fact.INPUT), self._film(now)
        if hands is None or film is None or video == "ignore":
            return hands
        if film.on and video == "away":
            return Value(False, film.since)
        if film.on and not hands.on:
            return Value(True, _later(hands.since, film.since))
        return Value(hands.on, hands.since if film.on else _later(hands.since, film.since))

    def _film(self, now: datetime) -> Value | None:
        """Return whether a video plays that somebody may be watching: not behind a lock, and not for ever."""
        film, lock = self.value(Fact.VIDEO), self.value(Fact.LOCK)
        if film is None or not film.on:
            return film
        is_stuck = film.since is not None and now >= film.since + VIDEO_LASTS
        return Value(False) if is_stuck or (lock is not None and lock.on) else film

    def deadline(self, now: datetime) -> datetime | None:
        """Return when a signal changes by mere passing of time."""
        film = self.value(Fact.VIDEO)
        if film is None or not film.on or film.since is None or now >= film.since + VIDEO_LASTS:
            return None
        return film.since + VIDEO_LASTS


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return other if one is None else one if other is None else max(one, other)
