"""Many persons in one process: what an event costs, and what a person costs.

Each crowd lives in a process of its own, with everything the daemon holds for a person but their MQTT subscriptions:
options, decoder, policy, state, deadline, the row in the database, the last state that was published. An event is a
presence message of a random person, decoded, decided, committed, and rendered for the broker; the time includes what
falls due meanwhile.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import process
from benchmarks.figures import Figure, at_most, say, times_floor
from benchmarks.size import Size
from nudger.config.settings import Person, policy
from nudger.core.effects import Effect
from nudger.core.state import State
from nudger.core.words import Kind
from nudger.library import ORIGINAL, load_ladder, load_language
from nudger.people import People
from nudger.sources.mqtt import MqttSignals
from nudger.sources.signal import SignalOptions
from nudger.store import Store
from nudger.views.mqtt import MqttView

BEGINS = datetime(2026, 1, 5, 6, tzinfo=UTC)
STEP = timedelta(milliseconds=5)
"""Between two events: 200 messages a second, of ten thousand persons or of one."""
BATCHES = 10
"""Of events; the median of their means counts, so that a moment in which the machine did something else does not."""


def measure(size: Size) -> list[Figure]:
    """Return the cost of an event in each crowd, the smallest being the floor, and of a person in the largest."""
    costs = {}
    for count in size.crowds:
        say(f"people: {count:,} in one process")
        costs[count] = _in_own_process(count, size.crowd_events)
    fewest, most = min(costs), max(costs)
    floor_us, floor_mb = costs[fewest]
    figures = [
        Figure("people", f"an event, {count:,} persons", us, "us", times_floor(2), floor_us, f"{fewest:,} person")
        for count, (us, _) in costs.items()
        if count != fewest
    ]
    most_mb = costs[most][1]
    each = None if floor_mb is None or most_mb is None else (most_mb - floor_mb) * 1024 / (most - fewest)
    return [*figures, Figure("people", f"memory of a person, of {most:,}", each, "KB", at_most(20))]


def _in_own_process(count: int, events: int) -> tuple[float, float | None]:
    """Run this module as a program: memory can only be told apart between processes."""
    command = [sys.executable, "-m", __name__, str(count), str(events)]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, check=True)
    event_us, memory_mb = json.loads(done.stdout)
    return event_us, memory_mb


def crowd(count: int, events: int) -> tuple[float, float | None]:
    """Return microseconds an event in a crowd of so many, and this process's resident memory in MB."""
    with TemporaryDirectory(prefix="nudger-bench-") as folder:
        store = Store.open(Path(folder) / "nudger.db", now=BEGINS, log=logging.getLogger("benchmarks"))
        run = _Crowd(count, store)
        event_us = median(_event_us(run, max(1, events // BATCHES)) for _ in range(BATCHES))
        memory = process.rss_mb(os.getpid())
        store.close()
    return event_us, memory


def _event_us(run: _Crowd, events: int) -> float:
    began = time.perf_counter()
    run.receive(events)
    return (time.perf_counter() - began) / events * 1e6


class _Crowd:
    """What the daemon and its switchboard do with many persons, short of the broker."""

    def __init__(self, count: int, store: Store) -> None:
        self._language = load_language(ORIGINAL)
        self._now = BEGINS
        self._rng = Random(1)  # noqa: S311  (it has to repeat itself)
        self._view = MqttView(lambda *_, **__: None, "nudger")
        persons = [_person(f"p{number}") for number in range(count)]
        self._topics = [f"desk/{person.id}" for person in persons]
        self._there = [True] * count
        self._signals = MqttSignals([(p.id, s) for p in persons for s in p.signals if isinstance(s, SignalOptions)])
        self._people = People(store, self._act)
        for person in persons:
            chosen = policy(person, ladder=load_ladder(), words=self._language, zone=UTC)
            self._people.add(chosen, None, self._now)
        for number in range(count):
            self._hear(number)

    def receive(self, events: int) -> None:
        """Let the sensors of random persons change, one after the other."""
        for _ in range(events):
            number = self._rng.randrange(len(self._topics))
            self._there[number] = not self._there[number]
            self._now += STEP
            self._people.tick(self._now)
            self._hear(number)
            self._people.next_deadline()

    def _hear(self, number: int) -> None:
        payload = b"ON" if self._there[number] else b"OFF"
        for heard in self._signals.receive(self._topics[number], payload, self._now, retained=False):
            if not isinstance(heard, str):
                self._people.handle(*heard, self._now)

    def _act(self, person: str, state: State, effects: Sequence[Effect]) -> None:
        self._view.act(self._people.policy(person), state, effects, self._language, self._now)
        self._view.settle(self._now)  # one person at this pace would be told of once a second, and so be cheap


def _person(name: str) -> Person:
    return Person(
        id=name,
        name=name,
        language=ORIGINAL,
        stage="daily_walks",
        hours=None,
        window=None,
        snooze=timedelta(minutes=5),
        budget=None,
        standing_limit=timedelta(minutes=40),
        office=False,
        floor_space=True,
        contraindications=frozenset(),
        signals=(SignalOptions(name="mmwave", kind=Kind.PRESENCE, state_topic=f"desk/{name}"),),
        outputs=(),
    )


if __name__ == "__main__":
    print(json.dumps(crowd(int(sys.argv[1]), int(sys.argv[2]))))
