"""A flood: one sensor goes mad and sends 20,000 messages a second, each saying the opposite of the one before.

Meanwhile another person's sensor speaks four times a second (at QoS 1: what is lost on the way to nudger is not
nudger's to answer for), and how long their state and their lamp take is how late decisions are. When the flood ends,
nudger must soon believe what the mad sensor said last, which it goes on saying a few times: a broker drops messages of
QoS 0 for a reader that is behind, nudger skips older values of a topic, but nobody may keep the newest from being seen.

What did not come within `GIVES_UP_S` is infinitely late.
"""

from __future__ import annotations

import math
import threading
import time
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
LAST_WORDS = 5
LAST_WORDS_APART_S = 0.2
QUIET_S = 1.5


@dataclass(slots=True)
class Watched:
    """What was seen of the other person while the flood went on, and of the daemon."""

    state_ms: list[float] = field(default_factory=list)
    lamp_ms: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)


def measure(size: Size) -> list[Figure]:
    """Return how nudger fared under ``size.flood_per_s`` messages a second for ``size.flood_s``."""
    alex, mad = Person("alex"), Person("mad")
    with (
        mosquitto() as port,
        desk(port, alex, mad) as at,
        Wire(port, "bench-driver") as wire,
        Wire(port, "bench-flood") as flood,
    ):
        wire.subscribe(STATUS, alex.command, alex.state)
        at.light_up(wire)
        at.sit_down()
        with running(at, wire) as daemon:
            wire.wait_for(alex.command)
            for _ in wire.receive_all(1.0):
                pass
            before = process.rss_mb(daemon.pid)
            say(f"flood: {size.flood_per_s:,} messages a second for {size.flood_s:g} s")
            rates: list[float] = []
            pouring = threading.Thread(target=lambda: rates.append(_pour(flood, mad, size)))
            pouring.start()
            watched = _watch(wire, alex, daemon.pid, pouring)
            pouring.join()
            with Wire(port, "bench-witness") as witness:
                settled_ms = _until_believed_ms(flood, witness, mad)
    grown = max(watched.memory_mb) - before if before is not None and watched.memory_mb else None
    return [
        Figure("flood", f"messages a second, of {size.flood_per_s:,} asked for", rates[0], "/s"),
        Figure("flood", "latest decision on another person", max(watched.state_ms), "ms", at_most(2000)),
        Figure("flood", "latest lamp command for another person", max(watched.lamp_ms), "ms", at_most(2000)),
        Figure("flood", "newest message believed after the end", settled_ms, "ms", at_most(2000)),
        Figure("flood", "memory grown by", grown, "MB", at_most(30)),
    ]


def _pour(flood: Wire, mad: Person, size: Size) -> float:
    """Send the flood at its pace, as far as the broker takes it; return the messages a second that went out."""
    batch = b"".join(mad.message(there=bool(number % 2)) for number in range(BATCH))
    began, sent, total = time.perf_counter(), 0, round(size.flood_per_s * size.flood_s)
    while sent < total:
        flood.send(batch)
        sent += BATCH
        time.sleep(max(0.0, began + sent / size.flood_per_s - time.perf_counter()))
    return sent / (time.perf_counter() - began)


def _watch(wire: Wire, alex: Person, pid: int, pouring: threading.Thread) -> Watched:
    """Move the other person about until the flood is over, and look at the memory each time."""
    watched, there = Watched(), False
    while pouring.is_alive() or not watched.state_ms:
        began = time.perf_counter()
        _move(wire, alex, watched, there=there)
        there = not there
        memory = process.rss_mb(pid)
        if memory is not None:
            watched.memory_mb.append(memory)
        time.sleep(max(0.0, began + LOOKS_EVERY_S - time.perf_counter()))
    return watched


def _move(wire: Wire, alex: Person, watched: Watched, *, there: bool) -> None:
    posture, colour = (b'"posture":"sitting"', b'"hex"') if there else (b'"posture":"away"', b'"color_temp"')
    state_ms = lamp_ms = math.inf
    began = time.perf_counter()
    wire.send(alex.message(there=there, sure=True))
    while math.inf in (state_ms, lamp_ms):
        passed_s = time.perf_counter() - began
        try:
            topic, payload = wire.receive(max(0.01, GIVES_UP_S - passed_s))
        except TimeoutError:
            break
        if topic == alex.state and posture in payload:
            state_ms = (time.perf_counter() - began) * 1000
        elif topic == alex.command and colour in payload:
            lamp_ms = (time.perf_counter() - began) * 1000
    watched.state_ms.append(state_ms)
    watched.lamp_ms.append(lamp_ms)


def _until_believed_ms(flood: Wire, witness: Wire, mad: Person) -> float:
    """Say the last word a few times; return when the state agreed with it for good."""
    began = agreed = time.perf_counter()
    believed = False
    witness.subscribe(mad.state)
    for number in range(LAST_WORDS + 1):
        if number < LAST_WORDS:
            flood.send(mad.message(there=False))
        quiet_s = LAST_WORDS_APART_S if number < LAST_WORDS else QUIET_S
        for _, payload in witness.receive_all(quiet_s):
            believed = b'"posture":"away"' in payload
            agreed = time.perf_counter()
    return (agreed - began) * 1000 if believed else math.inf
