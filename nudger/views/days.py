"""Records sorted by person and day: what a timeline is drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise

from nudger.core.hours import day_start, local_day
from nudger.core.words import Posture
from nudger.views.records import Record, from_unix

AT_DESK = frozenset({Posture.SITTING, Posture.STANDING})


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one posture."""

    start: datetime
    end: datetime
    posture: str


@dataclass(slots=True)
class Shown:
    """A prompt, and how it ended; ``after`` is from issue to the answer, where there was one."""

    at: datetime
    title: str
    outcome: str | None = None
    after: timedelta | None = None

    @property
    def answered(self) -> bool:
        """Whether the person did something about it."""
        return self.outcome in ("followed", "done")


@dataclass(slots=True)
class Sat:
    """A sitting bout, the prompts of it, and the break that followed."""

    start: datetime
    end: datetime
    sitting: timedelta
    prompts: list[Shown] = field(default_factory=list)
    rest: timedelta | None = None


@dataclass(slots=True)
class Day:
    """One person's day, which starts at 04:00. A bout belongs to the day it began in."""

    day: date
    spans: list[Span] = field(default_factory=list)
    bouts: list[Sat] = field(default_factory=list)
    prompts: list[Shown] = field(default_factory=list)
    stages: list[tuple[datetime, str, str]] = field(default_factory=list)
    breaks: int = 0

    @property
    def extent(self) -> tuple[datetime, datetime] | None:
        """From the first to the last sign of the person at the desk; None where there is none."""
        seen = [span for span in self.spans if span.posture in AT_DESK]
        return (seen[0].start, seen[-1].end) if seen else None


def days_of(records: Iterable[Record], zone: tzinfo) -> dict[str, list[Day]]:
    """Return each person's days, in order, with nothing in them left out."""
    people: dict[str, _Person] = {}
    end = None
    for record in records:
        if record["type"] == "summary":
            for person in record["persons"]:
                people.setdefault(person, _Person())
            continue
        if record["t"] is not None:
            end = from_unix(record["t"])
        if "person" in record:
            people.setdefault(record["person"], _Person()).add(record)
    return {name: person.days(zone, end) for name, person in people.items()}


class _Person:
    """Collects the records of one person."""

    def __init__(self) -> None:
        self._turns: list[tuple[datetime, str]] = []
        self._bouts: list[Sat] = []
        self._breaks: list[tuple[datetime, datetime]] = []
        self._prompts: dict[str, Shown] = {}
        self._stages: list[tuple[datetime, str, str]] = []

    def add(self, record: Record) -> None:
        at = from_unix(record["t"])
        match record["type"]:
            case "posture":
                self._turns.append((from_unix(record["since"]), record["posture"]))
            case "bout":
                sitting = timedelta(seconds=record["sitting_s"])
                self._bouts.append(Sat(from_unix(record["start"]), from_unix(record["end"]), sitting))
            case "break":
                self._breaks.append((from_unix(record["start"]), from_unix(record["end"])))
            case "prompt":
                self._prompts.setdefault(record["id"], Shown(at, record["title"]))
            case "outcome" if record["id"] in self._prompts:
                shown = self._prompts[record["id"]]
                shown.outcome = record["outcome"]
                shown.after = None if record["after_s"] is None else timedelta(seconds=record["after_s"])
            case "stage":
                self._stages.append((at, record["from"], record["to"]))
            case _:
                pass

    def days(self, zone: tzinfo, end: datetime | None) -> list[Day]:
        days: dict[date, Day] = {}

        def on(at: datetime) -> Day:
            day = local_day(zone, at)
            return days.setdefault(day, Day(day))

        for span in self._spans(end, zone):
            on(span.start).spans.append(span)
        lengths = {start: end - start for start, end in self._breaks}
        prompts = list(self._prompts.values())
        for bout in self._bouts:
            bout.rest = lengths.get(bout.end)
            bout.prompts = [shown for shown in prompts if bout.start <= shown.at <= bout.end]
            on(bout.start).bouts.append(bout)
        for shown in prompts:
            on(shown.at).prompts.append(shown)
        for start, _ in self._breaks:
            on(start).breaks += 1
        for change in self._stages:
            on(change[0]).stages.append(change)
        return [days[day] for day in sorted(days)]

    def _spans(self, end: datetime | None, zone: tzinfo) -> Iterator[Span]:
        """Yield the stretches between the turns, cut where a day ends."""
        if end is None or not self._turns:
            return
        for (start, posture), (until, _) in pairwise([*self._turns, (max(end, self._turns[-1][0]), "")]):
            while start < until:
                tomorrow = day_start(zone, local_day(zone, start) + timedelta(days=1))
                yield Span(start, min(until, tomorrow), posture)
                start = tomorrow  # noqa: PLW2901  (walks through the days of the stretch)
