"""The timer of a part that does nothing by itself rings when the part wants it, and no oftener."""

from __future__ import annotations

import asyncio

from message_bus import eventually

from nudger.alarm import Alarm


def test_it_asks_again_after_each_ring_and_rings_no_more_when_the_part_wants_nothing() -> None:
    async def rings() -> int:
        rung: list[None] = []
        delays = iter((0.0, 0.0, None))
        Alarm(lambda: next(delays), lambda: rung.append(None)).set()
        await eventually(lambda: len(rung) == 2)
        await asyncio.sleep(0)
        return len(rung)

    assert asyncio.run(rings()) == 2


def test_a_stopped_alarm_does_not_ring_and_rings_once_it_is_set_again() -> None:
    async def rings() -> None:
        rung: list[None] = []
        alarm = Alarm(lambda: None if rung else 0.0, lambda: rung.append(None))
        alarm.set()
        alarm.stop()
        for _ in range(3):
            await asyncio.sleep(0)
        assert not rung
        alarm.set()
        await eventually(lambda: rung)

    asyncio.run(rings())


def test_a_part_that_sets_the_alarm_while_it_is_asked_hears_it_once() -> None:
    async def rings() -> int:
        rung: list[None] = []
        asked: list[None] = []

        def delay() -> float | None:
            asked.append(None)
            if len(asked) == 1:
                alarm.set()
            return None if rung else 0.0

        alarm = Alarm(delay, lambda: rung.append(None))
        alarm.set()
        await eventually(lambda: rung)
        for _ in range(3):
            await asyncio.sleep(0)
        return len(rung)

    assert asyncio.run(rings()) == 1
