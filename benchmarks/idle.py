"""What nudger takes while nothing happens: wake-ups, processor time, memory.

The real daemon with its broker connection, calendar, store and socket, some seconds after its start; nobody moves.
"""

from __future__ import annotations

import time

from benchmarks import process
from benchmarks.broker import mosquitto
from benchmarks.desk import STATUS, Person, desk, running
from benchmarks.figures import Figure, at_most, say
from benchmarks.size import Size
from benchmarks.wire import Wire

SETTLES_S = 3.0
"""After the start, until the lamp has been waited for and the first states are out."""


def measure(size: Size) -> list[Figure]:
    """Return what an idle daemon takes, watched for ``size.idle_s``."""
    alex = Person("alex")
    with mosquitto() as port, desk(port, alex) as at, Wire(port, "bench-driver") as wire:
        wire.subscribe(STATUS)
        at.light_up(wire)
        with running(at, wire) as daemon:
            wire.send(alex.message(there=True))
            time.sleep(min(SETTLES_S, size.idle_s))
            say(f"idle: watching for {size.idle_s:g} s")
            began, woken, ran = time.monotonic(), process.wakeups(daemon.pid), process.cpu_s(daemon.pid)
            time.sleep(size.idle_s)
            passed = time.monotonic() - began
            woken_more, ran_more = process.wakeups(daemon.pid), process.cpu_s(daemon.pid)
            rss, uss = process.rss_mb(daemon.pid), process.uss_mb(daemon.pid)
    wakeups = None if woken is None or woken_more is None else (woken_more - woken) / passed
    cpu = None if ran is None or ran_more is None else (ran_more - ran) / passed * 3600
    return [
        Figure("idle", f"wake-ups a second, over {size.idle_s:g} s", wakeups, "/s", at_most(0.12)),
        Figure("idle", "processor seconds an hour", cpu, "s/h", at_most(0.15)),
        Figure("idle", "resident memory (RSS)", rss, "MB", at_most(45)),
        Figure("idle", "memory of its own (USS)", uss, "MB"),
    ]
