"""Time that survives suspend, clock steps and a host that boots in 1970."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from clockshim import ClockShim

from nudger.clock import Clock, ClockSources, Slept, Stepped, host_clocks

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
YEAR = 365 * timedelta(days=1)


class Host:
    """A host whose clocks the test moves. It has been up for a while, and has slept before."""

    def __init__(self, wall: datetime = NOON) -> None:
        self.wall, self.boot, self.monotonic = wall.timestamp(), 5000.0, 4000.0

    @property
    def sources(self) -> ClockSources:
        return ClockSources(lambda: self.wall, lambda: self.boot, lambda: self.monotonic)

    def run(self, length: timedelta) -> None:
        self.monotonic += length.total_seconds()
        self.sleep(length)

    def sleep(self, length: timedelta) -> None:
        self.boot += length.total_seconds()
        self.step(length)

    def step(self, by: timedelta) -> None:
        self.wall += by.total_seconds()


def clock_on(host: Host, floor: datetime | None = None, scale: float = 1.0) -> Clock:
    return Clock(floor, scale, host.sources)


def test_time_passes_and_there_is_no_news() -> None:
    host = Host()
    clock = clock_on(host, floor=NOON - HOUR)
    host.run(90 * MINUTE)
    assert clock.now() == NOON + 90 * MINUTE
    assert clock.now().tzinfo is UTC
    assert clock.check() == ()
    assert clock.ahead == timedelta()


@pytest.mark.parametrize("by", [2 * HOUR, -HOUR, -10 * YEAR, 3 * SECOND])
def test_a_step_moves_time_only_when_it_is_checked(by: timedelta) -> None:
    host = Host()
    clock = clock_on(host)
    host.run(MINUTE)
    host.step(by)
    assert clock.now() == NOON + MINUTE
    assert clock.check() == (Stepped(by),)
    assert clock.now() == NOON + MINUTE + by
    assert clock.check() == ()


def test_small_corrections_are_no_step_until_they_add_up() -> None:
    host = Host()
    clock = clock_on(host)
    host.step(1.5 * SECOND)
    assert clock.check() == ()
    host.step(1.5 * SECOND)
    assert clock.check() == (Stepped(3 * SECOND),)


@pytest.mark.parametrize("length", [HOUR, 9 * HOUR])
def test_sleep_counts_and_is_reported_once(length: timedelta) -> None:
    host = Host()
    clock = clock_on(host)
    host.run(MINUTE)
    host.sleep(length)
    assert clock.now() == NOON + MINUTE + length
    assert clock.check() == (Slept(NOON + MINUTE, NOON + MINUTE + length),)
    assert clock.check() == ()


def test_a_step_during_sleep_is_told_apart_from_it() -> None:
    host = Host()
    clock = clock_on(host)
    host.sleep(HOUR)
    host.step(-2 * HOUR)
    assert clock.check() == (Stepped(-2 * HOUR), Slept(NOON - 2 * HOUR, NOON - HOUR))
    assert clock.now() == NOON - HOUR


def test_a_host_without_a_clock_that_counts_sleep_sees_a_step() -> None:
    host = Host()
    clock = Clock(sources=ClockSources(lambda: host.wall, lambda: host.monotonic, lambda: host.monotonic))
    host.sleep(HOUR)
    assert clock.check() == (Stepped(HOUR),)
    assert clock.now() == NOON + HOUR


def test_without_saved_state_a_wrong_clock_is_all_there_is() -> None:
    boot_1969 = datetime(1969, 12, 31, 23, tzinfo=UTC)
    host = Host(boot_1969)
    clock = clock_on(host)
    assert clock.now() == boot_1969
    host.step(NOON - boot_1969)
    assert clock.check() == (Stepped(NOON - boot_1969),)
    assert clock.now() == NOON


def test_time_never_starts_before_what_was_saved_and_follows_a_wall_clock_that_came_right() -> None:
    host = Host(datetime(1970, 1, 1, tzinfo=UTC))
    clock = clock_on(host, floor=NOON)
    assert clock.now() == NOON
    assert clock.ahead > 50 * YEAR
    host.run(MINUTE)
    assert clock.check() == ()
    host.step(YEAR)  # still wrong
    assert clock.check() == ()
    host.step(-HOUR)
    assert clock.check() == ()
    assert clock.now() == NOON + MINUTE
    host.wall = (NOON + 8 * HOUR).timestamp()
    assert clock.check() == (Stepped(8 * HOUR - MINUTE),)
    assert clock.now() == NOON + 8 * HOUR
    assert clock.ahead == timedelta()
    host.step(-HOUR)  # from now on the wall clock is believed again
    assert clock.check() == (Stepped(-HOUR),)


def test_a_floor_within_tolerance_does_not_hold_the_wall_clock_off() -> None:
    host = Host()
    clock = clock_on(host, floor=NOON + SECOND)
    assert clock.now() == NOON + SECOND
    assert clock.ahead == timedelta()
    host.step(-HOUR)
    assert clock.check() == (Stepped(-HOUR),)


def test_scaled_time_runs_faster_but_steps_as_the_wall_does() -> None:
    host = Host()
    clock = clock_on(host, scale=60)
    assert clock.delay_until(NOON + HOUR) == 60
    host.run(MINUTE)
    assert clock.now() == NOON + HOUR
    assert clock.check() == ()
    host.sleep(MINUTE)
    host.step(HOUR)
    assert clock.check() == (Stepped(HOUR), Slept(NOON + 2 * HOUR, NOON + 3 * HOUR))
    assert clock.delay_until(NOON) == 0


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_a_scale_must_be_a_positive_number(scale: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Clock(scale=scale)


def test_the_host_has_the_clocks() -> None:
    sources = host_clocks()
    assert sources.boot() >= sources.monotonic() - 0.1
    assert abs(datetime.now(UTC) - Clock().now()) < SECOND


CHILD = """
import json, sys
from nudger.clock import Clock, Stepped
clock = Clock()
for _ in sys.stdin:
    news = [("stepped", n.by.total_seconds()) if isinstance(n, Stepped)
            else ("slept", (n.until - n.since).total_seconds()) for n in clock.check()]
    print(json.dumps([clock.now().timestamp(), news]), flush=True)
"""


def test_a_running_process_notices_other_clocks(tmp_path: Path) -> None:
    shim = ClockShim(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", CHILD],
        env=os.environ | shim.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin
        assert child.stdout

        def check() -> tuple[float, list[tuple[str, int]]]:
            assert child.stdin
            assert child.stdout
            child.stdin.write("\n")
            child.stdin.flush()
            now, news = json.loads(child.stdout.readline())
            return now, [(kind, round(seconds)) for kind, seconds in news]

        start, news = check()
        assert news == []
        shim.sleep(9 * HOUR)
        now, news = check()
        assert news == [("slept", 9 * 3600)]
        assert now - start == pytest.approx(9 * 3600, abs=10)
        shim.step(-HOUR)
        now, news = check()
        assert news == [("stepped", -3600)]
        assert now - start == pytest.approx(8 * 3600, abs=10)
        assert check()[1] == []
        child.stdin.close()
