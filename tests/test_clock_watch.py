"""The watch that notices a clock being set: on the real kernel, whose timer no clock shim can fool."""

from __future__ import annotations

import asyncio
import ctypes
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nudger import clock as clock_module
from nudger.clock import ClockWatch

if TYPE_CHECKING:
    from collections.abc import Callable


def nudge_wall_clock(by_ns: int) -> bool:
    """Really set this host's wall clock, by nanoseconds; False where that is not allowed (mostly)."""
    if sys.platform != "linux" or ctypes.sizeof(ctypes.c_long) != 8:
        return False
    adj_setoffset, adj_nano = 0x0100, 0x2000
    timex = bytearray(256)
    struct.pack_into("I", timex, 0, adj_setoffset | adj_nano)
    struct.pack_into("qq", timex, 72, by_ns // 10**9, by_ns % 10**9)  # .time, after nine longs
    return int(ctypes.CDLL(None).adjtimex((ctypes.c_char * 256).from_buffer(timex))) >= 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has timerfd")
def test_setting_the_clock_calls_back_at_once_and_every_time() -> None:
    async def scenario() -> None:
        called = asyncio.Event()
        async with ClockWatch(called.set) as watch:
            assert watch.active
            for by_ns in (1, -1):
                if not nudge_wall_clock(by_ns):
                    pytest.skip("this process may not set the clock")
                await asyncio.wait_for(called.wait(), 5)
                called.clear()
                assert watch.active
            await asyncio.sleep(0)
            assert not called.is_set()  # quiet again

    asyncio.run(scenario())


def open_files() -> set[str]:
    return {entry.name for entry in Path("/dev/fd").iterdir()}


def test_the_watch_leaves_nothing_behind() -> None:
    async def scenario() -> None:
        called: list[None] = []
        before = open_files()
        for _ in range(3):
            async with ClockWatch(lambda: called.append(None)) as watch:
                assert watch.active is (sys.platform == "linux")
            assert not watch.active
        assert open_files() == before

    asyncio.run(scenario())


def refused() -> int:
    raise PermissionError


def no_such_call() -> int:
    raise AttributeError


@pytest.mark.parametrize("timer", [refused, no_such_call])
def test_a_host_that_refuses_the_timer_breaks_nothing(
    timer: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_module, "_timerfd", timer)

    async def scenario() -> None:
        async with ClockWatch(lambda: None) as watch:
            assert not watch.active

    asyncio.run(scenario())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has timerfd")
def test_a_timer_that_ran_out_does_not_wake_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_module, "_FAR_FUTURE_S", 1)

    async def scenario() -> None:
        async with ClockWatch(lambda: None) as watch:
            for _ in range(500):
                if not watch.active:
                    break
                await asyncio.sleep(0.01)
            assert not watch.active

    asyncio.run(scenario())
