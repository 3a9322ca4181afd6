"""How long until nudger is there: the daemon until it is subscribed, and `nudger status` until it has answered.

Each is a whole process, interpreter included; the floor is an interpreter that does nothing. The first start, which
makes the database and warms the disk cache, is not counted.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

from benchmarks.broker import mosquitto
from benchmarks.desk import STATUS, Desk, Person, desk, running
from benchmarks.figures import Figure, at_most, say
from benchmarks.size import Size
from benchmarks.wire import Wire

IMPORTS = ("nudger.cli.main", "nudger.cli.client", "nudger.mqtt", "nudger.config.load", "nudger.store", "nudger.daemon")
"""From the lightest to what the daemon needs in all; each in a process of its own."""


def measure(size: Size) -> list[Figure]:
    """Return the medians over ``size.starts`` processes of each kind."""
    alex = Person("alex")
    with mosquitto() as port, desk(port, alex) as at, Wire(port, "bench-driver") as wire:
        wire.subscribe(STATUS)
        say(f"startup: {size.starts} starts of the daemon, of the status command and of nothing")
        nothing = _median_ms(size, lambda: _call(at, sys.executable, "-c", "pass"))
        start = _median_ms(size, lambda: _start(at, wire))
        with running(at, wire):
            wire.send(alex.message(there=True))
            status = _median_ms(size, lambda: _call(at, *at.command("status")))
        imports = {module: _import_ms(size, at, module) for module in IMPORTS}
    floor_name = "python -c pass"
    return [
        Figure("startup", "start -> subscribed", start, "ms", at_most(350), nothing, floor_name),
        Figure("startup", "nudger status", status, "ms", at_most(150), nothing, floor_name),
        *(Figure("startup", f"import {module}", took, "ms") for module, took in imports.items()),
    ]


def _median_ms(size: Size, timed: Callable[[], float]) -> float:
    timed()
    return median(timed() for _ in range(size.starts)) * 1000


def _call(at: Desk, *command: str) -> float:
    """Return how long a command takes; CalledProcessError when it fails."""
    began = time.perf_counter()
    subprocess.run(command, env=at.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def _start(at: Desk, wire: Wire) -> float:
    """Return how long the daemon takes to say ``online``, which it does when the broker has its subscriptions."""
    began = time.perf_counter()
    with running(at, wire):
        took = time.perf_counter() - began
    wire.wait_for(STATUS, b"offline")
    return took


def _import_ms(size: Size, at: Desk, module: str) -> float:
    code = f"import time; began = time.perf_counter(); import {module}; print(time.perf_counter() - began)"

    def once() -> float:
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=at.environment)
        return float(done.stdout)

    return _median_ms(size, once)
