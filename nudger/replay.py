"""Recorded or simulated messages through the same engine, in virtual time: no network, no files, no notifications.

What a message does here is what it does in the daemon: `MqttSignals` makes events of it, `People` lets the engine
decide, and what the engine wants to do by itself in between is done at the instant it asked for. Chance is seeded by
the person's id, so the same messages give the same records.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final

from nudger.config.mqtt_options import MqttOptions
from nudger.config.settings import Person, Settings, policy
from nudger.core import engine
from nudger.core.effects import Effect, Refuse
from nudger.core.events import Removed
from nudger.core.policy import Policy
from nudger.core.state import State
from nudger.core.words import Scene
from nudger.library import Language, load_ladder, load_language
from nudger.messages import Problem, parse_command
from nudger.payload import printable
from nudger.people import People
from nudger.recording import BadLine, Message
from nudger.sources.mqtt import MqttSignals
from nudger.sources.signal import SignalOptions
from nudger.views.phrases import say
from nudger.views.records import Record, Tally, error_record, records_of

TOPICS_SHOWN: Final = 8
_NOTHING: Final[Sequence[Record]] = ()


def replay(messages: Iterable[Message | BadLine], settings: Settings, person: str | None = None) -> Iterator[Record]:
    """Yield what nudger would have decided, as it becomes known, and a summary at the end.

    With ``person`` only that one is followed; KeyError when the config does not know them.
    """
    run = Replay(settings, person)
    for message in messages:
        yield from run.take(message)
    yield from run.close()


def topics_in(messages: Iterable[Message | BadLine]) -> list[str]:
    """Return the first few topics of a recording: what to write a config for, where there is none."""
    topics = dict.fromkeys(message.topic for message in messages if isinstance(message, Message))
    return list(islice(topics, TOPICS_SHOWN))


@dataclass(slots=True)
class _Followed:
    """A person of the replay."""

    policy: Policy
    language: Language
    tally: Tally = field(default_factory=Tally)
    scene: str = Scene.RESTORED

    def is_news(self, record: Record) -> bool:
        """Tell whether the record says something new: a lamp that only grows warmer does not."""
        if record["type"] != "light":
            return True
        before, self.scene = self.scene, record["scene"]
        return before != self.scene


class _Nowhere:
    """What `People` takes for a store: a replay keeps nothing."""

    def commit(
        self, now: datetime, changes: Sequence[tuple[str, State, Sequence[Effect]]], *, durable: bool = False
    ) -> bool:
        """Write nothing."""
        del now, changes, durable
        return True


class Replay:
    """One run through virtual time, message by message; `replay` is the short way."""

    def __init__(self, settings: Settings, person: str | None = None) -> None:
        """Raises KeyError when ``person`` is not in the settings."""
        chosen = settings.people.values() if person is None else [settings.people[person]]
        signals = [(p.id, s) for p in chosen for s in p.signals if isinstance(s, SignalOptions)]
        self._signals = MqttSignals(signals, settings.zone)
        self._topics = frozenset(self._signals.subscriptions())
        self._base = f"{(settings.mqtt or MqttOptions()).base_topic}/"
        self._everybody = frozenset(settings.people)
        self._followed = {each.id: _follow(each, settings) for each in chosen}
        self._people = People(_Nowhere(), self._act)
        self._records: list[Record] = []
        self._now: datetime | None = None
        self._line: int | None = None
        self._messages = self._bad_lines = 0
        self._ran_backward = False
        self._other_topics: dict[str, None] = {}

    def next_deadline(self) -> datetime | None:
        """Return the next instant at which somebody's time comes without any message."""
        return self._people.next_deadline()

    def advance(self, until: datetime) -> Sequence[Record]:
        """Let time pass, and everybody decide whose time comes; return what became known."""
        self._pass_time(until)
        return self._told()

    def take(self, message: Message | BadLine) -> Sequence[Record]:
        """Take in the next message and return what became known up to and by it.

        A message that is older than the one before it counts as coming with that one.
        """
        self._line = message.line
        if isinstance(message, BadLine):
            self._bad_lines += 1
            self._error(message.message)
            return self._told()
        self._messages += 1
        now = self._reach(message.at)
        if message.topic in self._topics:
            for heard in self._signals.receive(message.topic, message.payload, now, retained=message.retained):
                if isinstance(heard, str):
                    self._error(heard)
                else:
                    self._people.handle(*heard, now)
        elif message.topic.startswith(self._base):
            self._command(message, now)
        elif len(self._other_topics) < TOPICS_SHOWN:
            self._other_topics[message.topic] = None
        return self._told()

    def close(self) -> Sequence[Record]:
        """End at the last message: close what still runs, and sum up."""
        self._line = None
        for line in self._signals.lines:
            self._followed[line.person].tally.messages += line.count
        if self._now is not None:
            for person, followed in self._followed.items():
                if followed.policy.signals and not followed.tally.messages and self._other_topics:
                    others = ", ".join(map(printable, self._other_topics))
                    self._error(f"{person}: no message came on a topic of their signals; there are others: {others}")
                self._people.handle(person, Removed(), self._now)
        undecodable = self._signals.undecodable + self._bad_lines
        summary: Record = {"type": "summary", "messages": self._messages, "undecodable": undecodable}
        summary["persons"] = {person: followed.tally.summary() for person, followed in self._followed.items()}
        self._records.append(summary)
        return self._told()

    # --- Time --------------------------------------------------------------------------------------------------------

    def _reach(self, at: datetime) -> datetime:
        """Let time pass up to a message, and return when it counts as coming."""
        now = self._now
        if now is None:
            self._start(at)
        elif at >= now:
            self._pass_time(at)
        else:
            if not self._ran_backward:
                self._ran_backward = True
                behind = f"the time is {(now - at).total_seconds():g} s earlier than on a line before"
                self._error(f"{behind}; such messages count as coming at the latest time so far (told once)")
            return now
        return at

    def _start(self, now: datetime) -> None:
        self._now = now
        for person, followed in self._followed.items():
            first = engine.first_state(followed.policy, now, zlib.crc32(person.encode()))
            self._people.add(followed.policy, first, now)

    def _pass_time(self, until: datetime) -> None:
        people = self._people
        while (due := people.next_deadline()) is not None and due <= until:
            self._now = due
            people.tick(due)
        self._now = until

    # --- Commands ----------------------------------------------------------------------------------------------------

    def _command(self, message: Message, now: datetime) -> None:
        person, found, command = message.topic.removeprefix(self._base).partition("/set/")
        if not found or (message.retained and not message.payload):
            return  # something nudger itself published, or the end of a retained message
        if person not in self._everybody:
            self._error(f"{printable(message.topic)}: the config has no such person")
        elif message.retained:
            self._error(f"{person}: a retained command is stale and was ignored; publish commands without retain")
        elif (followed := self._followed.get(person)) is not None:
            said = parse_command(command, message.payload, now, followed.policy.zone)
            if isinstance(said, Problem):
                self._error(f"{person}: {said.message}")
            else:
                self._people.handle(person, said, now)

    # --- Records -----------------------------------------------------------------------------------------------------

    def _act(self, person: str, state: State, effects: Sequence[Effect]) -> None:
        if not effects or self._now is None:
            return
        followed = self._followed[person]
        for effect in effects:
            if isinstance(effect, Refuse):
                self._error(f"{person}: {say(followed.language, f'refuse.{effect.key}', effect.data)}")
        for record in records_of(person, state, effects, self._now):
            if followed.is_news(record):
                followed.tally.add(record)
                self._records.append(record)

    def _error(self, message: str) -> None:
        self._records.append(error_record(self._now, self._line, message))

    def _told(self) -> Sequence[Record]:
        if not self._records:
            return _NOTHING
        told, self._records = self._records, []
        return told


def _follow(person: Person, settings: Settings) -> _Followed:
    language = load_language(person.language)
    return _Followed(policy(person, ladder=load_ladder(), words=language, zone=settings.zone), language)
