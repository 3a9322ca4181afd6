"""Presence message in, lamp command out.

The whole path is real: the daemon as its own process, decode (a template over JSON), decide, commit, publish. Before it
starts, its state folder is given somebody who has been sitting for 40 minutes, so a prompt is due with the first live
message. From then on every presence message moves the lamp: OFF hides the prompt and gives the lamp back, ON within
15 s shows both again. Nothing is scaled or shortened. Each message makes two publishes at once, lamp command and event;
the state, which changes so often here, follows once a second.

The floor is a bare paho `echo`, which answers with one publish. A second echo commits a row first, as nudger does; it
shows how much of the distance is that promise. All three are asked in turn, in short blocks of one run, over the same
broker and by the same driver.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import echo
from benchmarks.broker import end, mosquitto
from benchmarks.desk import STATUS, Person, desk, running
from benchmarks.figures import Figure, Target, at_most, percentile, say, times_floor
from benchmarks.size import Size
from benchmarks.wire import Wire, publication

APART_S = 0.005
BLOCK = 20
"""Events to one side before it is the next one's turn; even, so that every block starts with somebody at the desk."""
WARM_UP = 2
"""Blocks that are not counted."""
STALL_MS = 35.0
"""Nagle's algorithm and a delayed acknowledgement make 40 ms, of every burst; a busy machine does that to a few."""
SETTLES_S = 0.5


@dataclass(slots=True)
class Times:
    """Milliseconds from sending a message to what came of it."""

    echo: list[float] = field(default_factory=list)
    committed: list[float] = field(default_factory=list)
    lamp: list[float] = field(default_factory=list)
    last_of_two: list[float] = field(default_factory=list)


def measure(size: Size) -> list[Figure]:
    """Return the latencies, each with the bare echo's as its floor."""
    alex, times = Person("alex"), Times()
    with mosquitto() as port, desk(port, alex) as at, Wire(port, "bench-driver") as wire:
        wire.subscribe(STATUS, echo.ANSWERED, echo.ANSWERED_COMMITTED, alex.command, alex.event)
        with _echoes(port, wire):
            at.light_up(wire)
            at.sit_down()
            with running(at, wire):
                wire.wait_for(alex.command)
                for _ in wire.receive_all(SETTLES_S):
                    pass
                blocks = max(1, size.events // BLOCK)
                say(f"latency: {blocks} blocks of {BLOCK} presence messages, and as many of either echo")
                for _ in range(WARM_UP):
                    _block(wire, alex, Times())
                for _ in range(blocks):
                    _block(wire, alex, times)
    return _figures(times)


@contextmanager
def _echoes(port: int, wire: Wire) -> Iterator[None]:
    """Run both echoes; entered when they are subscribed."""
    processes = []
    with TemporaryDirectory(prefix="nudger-bench-") as folder:
        try:
            for database, answer in ((), echo.ANSWERED), ((f"{folder}/echo.db",), echo.ANSWERED_COMMITTED):
                processes.append(subprocess.Popen([sys.executable, str(Path(echo.__file__)), str(port), *database]))
                wire.wait_for(answer)
            yield
        finally:
            for process in processes:
                end(process)


def _block(wire: Wire, person: Person, times: Times) -> None:
    _ask_echo(wire, person, echo.ASKED, echo.ANSWERED, times.echo)
    _move(wire, person, times)
    _ask_echo(wire, person, echo.ASKED_TO_COMMIT, echo.ANSWERED_COMMITTED, times.committed)


def _ask_echo(wire: Wire, person: Person, asked: str, answered: str, took_ms: list[float]) -> None:
    packet = publication(asked, person.message(there=True))
    for _ in range(BLOCK):
        began = time.perf_counter()
        wire.send(packet)
        wire.wait_for(answered)
        took_ms.append(_ms_since(began))
        _wait_until(began + APART_S)


def _move(wire: Wire, person: Person, times: Times) -> None:
    packets = {there: person.message(there=there) for there in (False, True)}
    for number in range(BLOCK):
        there = bool(number % 2)
        began = time.perf_counter()
        wire.send(packets[there])
        topics: list[str] = []
        while not {person.command, person.event} <= set(topics):
            topics.append(wire.receive()[0])
            if topics[-1] == person.command:
                times.lamp.append(_ms_since(began))
        times.last_of_two.append(_ms_since(began))
        _wait_until(began + APART_S)


def _wait_until(instant: float) -> None:
    time.sleep(max(0.0, instant - time.perf_counter()))


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def _figures(times: Times) -> list[Figure]:
    def figure(what: str, values: list[float], percent: float, target: Target | None = None) -> Figure:
        floor, name = percentile(times.echo, percent), f"bare paho echo p{percent:g}"
        return Figure("latency", f"{what}, p{percent:g}", percentile(values, percent), "ms", target, floor, name)

    stalled = 100 * sum(each > STALL_MS for each in times.last_of_two) / len(times.last_of_two)
    return [
        figure("presence message in -> lamp command out", times.lamp, 50, times_floor(1.2)),
        figure("presence message in -> lamp command out", times.lamp, 99, times_floor(1.5)),
        figure("last of two publishes of one event", times.last_of_two, 50, times_floor(1.5)),
        figure("last of two publishes of one event", times.last_of_two, 99),
        Figure("latency", f"bursts that stalled for more than {STALL_MS:g} ms", stalled, "%", at_most(1)),
        figure("for comparison: an echo that commits first", times.committed, 50),
    ]
