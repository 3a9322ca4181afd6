"""Recorded and simulated time: how much faster than life it goes.

The synthetic recording is a desk with four sensors, one message a second in all, in turn: a seat (ON/OFF), a presence
sensor (JSON, read by a template), the idle seconds of keyboard and mouse (a number) and a monitor's power (a number
with a limit). Most messages repeat what was said before, as sensors do: the seat changes once in 40 of its messages,
presence and power once in 200; the idle seconds, which are never the same, count up and start anew at random. Seeded,
so that every run has the same messages.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure, at_least, at_most, say
from benchmarks.size import Size
from nudger.config.load import load
from nudger.config.settings import Settings
from nudger.recording import Message, parse
from nudger.replay import replay
from nudger.simulate import Scenario, simulate
from nudger.vocabulary import vocabulary

BEGINS = datetime(2026, 1, 5, 6, tzinfo=UTC)
CONFIG = """
time_zone: UTC
mqtt: {host: localhost}
people:
  alex:
    stage: daily_walks
    signals:
      - {name: chair, kind: seat, state_topic: desk/chair}
      - name: mmwave
        kind: presence
        state_topic: desk/mmwave
        value_template: "{{ value_json.occupancy }}"
        payload_on: true
        payload_off: false
      - {name: keyboard, kind: activity, state_topic: desk/idle, idle_seconds: true}
      - {name: monitor, kind: power, state_topic: desk/monitor, above: 15}
"""
SHARES = {"desk/chair": 1 / 40, "desk/mmwave": 1 / 200, "desk/monitor": 1 / 200}
"""How often a message of the topic says something else than the one before it."""
SENSORS = 4
RUNS = 3


def measure(size: Size) -> list[Figure]:
    """Return messages a second, decoded and as lines of a file, and the time that a simulated year takes."""
    settings, messages = _settings(), recording(size.messages)
    say(f"replay: {size.messages:,} messages, then {size.days} simulated days")
    lines = [_line(message) for message in messages]
    decided_s = _best_s(lambda: deque(replay(messages, settings), maxlen=0))
    read_s = _best_s(lambda: deque(replay(parse(lines), settings), maxlen=0))
    began = time.perf_counter()
    year = simulate(Scenario(days=size.days))
    simulated_s = time.perf_counter() - began
    days = f"{size.days} working days simulated, {len(year.messages):,} messages"
    per_s, count = "messages/s", len(messages)
    return [
        Figure("replay", "decode, fusion, decision", count / decided_s, per_s, at_least(50_000)),
        Figure("replay", "the same from JSON Lines", count / read_s, per_s),
        Figure("replay", days, simulated_s, "s", at_most(3)),
        Figure("replay", "the simulation's messages", len(year.messages) / simulated_s, per_s),
    ]


def _best_s(run: Callable[[], object]) -> float:
    """Return the shortest of some runs, in seconds: what else goes on in a machine only ever makes them longer."""
    took = []
    for _ in range(RUNS):
        began = time.perf_counter()
        run()
        took.append(time.perf_counter() - began)
    return min(took)


def recording(count: int) -> list[Message]:
    """Return the synthetic recording: see the top of this module."""
    rng = Random(1)  # noqa: S311  (it has to repeat itself)
    on = dict.fromkeys(SHARES, True)
    idle_s = 0
    messages = []
    for number in range(count):
        topic = ("desk/chair", "desk/mmwave", "desk/idle", "desk/monitor")[number % SENSORS]
        if topic == "desk/idle":
            idle_s = 0 if rng.random() < 0.5 else idle_s + SENSORS
            payload = str(idle_s)
        else:
            on[topic] ^= rng.random() < SHARES[topic]
            payload = _payload(topic, rng, on=on[topic])
        messages.append(
            Message(number + 1, BEGINS + timedelta(seconds=number), topic, payload.encode(), retained=False)
        )
    return messages


def _payload(topic: str, rng: Random, *, on: bool) -> str:
    match topic:
        case "desk/chair":
            return "ON" if on else "OFF"
        case "desk/mmwave":
            return json.dumps({"battery": 97, "illuminance": rng.randrange(500), "occupancy": on})
        case _:
            return f"{rng.uniform(25, 32) if on else rng.uniform(0.2, 0.5):.1f}"


def _line(message: Message) -> bytes:
    fields = {"t": message.at.timestamp(), "topic": message.topic, "payload": message.payload.decode()}
    return json.dumps(fields).encode()


def _settings() -> Settings:
    with TemporaryDirectory(prefix="nudger-bench-") as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(CONFIG)
        return load(path, vocabulary())
