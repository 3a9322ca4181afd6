"""A flood: one sensor goes mad and sends 20,000 messages a second, each saying the opposite of the one before.

Meanwhile another person's sensor speaks four times a second, and how long their event and their lamp take is how late
decisions are. When the flood ends, nudger must soon believe what the mad sensor said last: a broker drops messages of
QoS 0 for a reader that is behind, nudger skips older values of a topic, but the newest must be seen; as the state of
who flaps is told once a second, that takes up to a second more. What figures hang on goes at QoS 1: what is lost on the
way to nudger is not nudger's to answer for.

What did not come within `GIVES_UP_S` is infinitely late.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from benchmarks import process
from benchmarks.broker import mosquitto
from benchmarks.desk import STATUS, Person, desk, running
from benchmarks.figures import Figure, at_most, say
from benchmarks.size import Size
from benchmarks.wire import Wire

BATCH = 50
"""Messages written at once; even, so that every batch ends with somebody at the desk."""
LOOKS_EVERY_S = 0.25
GIVES_UP_S = 5.0
CATCHES_UP_S = 15.0


@dataclass(slots=True)
class Watched:
    """What was seen of the other person while the flood went on, and of the daemon."""

    event_ms: list[float] = field(default_factory=list)
    lamp_ms: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)


def measure(size: Size) -> list[Figure]:
    """Return how nudger fared under ``size.flood_per_s`` messages a second for ``size.flood_s``."""
    alex, mad, eve = Person("alex"), Person("mad"), Person("eve")
    with (
        mosquitto() as port,
        desk(port, alex, mad, eve) as at,
        Wire(port, "bench-driver") as wire,
        Wire(port, "bench-flood") as flood,
    ):
        wire.subscribe(STATUS, alex.command, alex.event)
        at.light_up(wire)
        at.sit_down()
        with running(at, wire) as daemon, ThreadPoolExecutor(1) as pool:
            wire.wait_for(alex.command)
            for _ in wire.receive_all(1.0):
                pass
            before = process.rss_mb(daemon.pid)
            say(f"flood: {size.flood_per_s:,} messages a second for {size.flood_s:g} s")
            pouring = pool.submit(_pour, flood, mad, eve, size)
            watched = _watch(wire, alex, daemon.pid, pouring.done)
            rate, settled_ms = pouring.result()
    grown = max(watched.memory_mb) - before if before is not None and watched.memory_mb else None
    return [
        Figure("flood", f"messages a second, of {size.flood_per_s:,} asked for", rate, "/s"),
        Figure("flood", "latest decision on another person", max(watched.event_ms), "ms", at_most(2000)),
        Figure("flood", "latest lamp command for another person", max(watched.lamp_ms), "ms", at_most(2000)),
        Figure("flood", "newest message believed after the end", settled_ms, "ms", at_most(2000)),
        Figure("flood", "memory grown by", grown, "MB", at_most(30)),
    ]


def _pour(flood: Wire, mad: Person, eve: Person, size: Size) -> tuple[float, float]:
    """Send the flood at its pace, as far as the broker takes it.

    Return the messages a second that went out, and milliseconds from the last word until it is believed.
    """
    batch = b"".join(mad.message(there=bool(number % 2)) for number in range(BATCH))
    began, sent, total = time.perf_counter(), 0, round(size.flood_per_s * size.flood_s)
    while sent < total:
        flood.send(batch)
        sent += BATCH
        time.sleep(max(0.0, began + sent / size.flood_per_s - time.perf_counter()))
    return sent / (time.perf_counter() - began), _until_believed_ms(flood, mad, eve)


def _until_believed_ms(flood: Wire, mad: Person, eve: Person) -> float:
    """Say the last word; return when the state agrees with it and nothing from before it is left to be handled.

    That is so when a third person, who moves right after it and never before, is seen to have moved.
    """
    began = time.perf_counter()
    flood.send(mad.message(there=False, packet_id=1) + eve.message(there=False, packet_id=2))
    flood.subscribe(mad.state, eve.state)
    away = {mad.state: False, eve.state: False}
    while not all(away.values()):
        left_s = began + CATCHES_UP_S - time.perf_counter()
        if left_s <= 0:
            return math.inf
        try:
            topic, payload = flood.receive(left_s)
        except TimeoutError:
            return math.inf
        away[topic] = b'"posture":"away"' in payload
    return (time.perf_counter() - began) * 1000


def _watch(wire: Wire, alex: Person, pid: int, is_over: Callable[[], bool]) -> Watched:
    """Move the other person about until the flood is over, and look at the memory each time."""
    watched, there = Watched(), False
    while not is_over() or not watched.event_ms:
        began = time.perf_counter()
        _move(wire, alex, watched, there=there)
        there = not there
        memory = process.rss_mb(pid)
        if memory is not None:
            watched.memory_mb.append(memory)
        time.sleep(max(0.0, began + LOOKS_EVERY_S - time.perf_counter()))
    return watched


def _move(wire: Wire, alex: Person, watched: Watched, *, there: bool) -> None:
    told, colour = (b'"prompt_repeated"', b'"hex"') if there else (b'"prompt_withdrawn"', b'"color_temp"')
    event_ms = lamp_ms = math.inf
    began = time.perf_counter()
    wire.send(alex.message(there=there, packet_id=1))
    while math.inf in (event_ms, lamp_ms):
        passed_s = time.perf_counter() - began
        try:
            topic, payload = wire.receive(max(0.01, GIVES_UP_S - passed_s))
        except TimeoutError:
            break
        if topic == alex.event and told in payload:
            event_ms = (time.perf_counter() - began) * 1000
        elif topic == alex.command and colour in payload:
            lamp_ms = (time.perf_counter() - began) * 1000
    watched.event_ms.append(event_ms)
    watched.lamp_ms.append(lamp_ms)
