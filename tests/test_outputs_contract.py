"""What every output that has a channel owes: it shows, withdraws, survives failure, delays nobody, and closes."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from channel_rig import Pager, message
from mqtt_rig import eventually, in_loop
from output_worlds import WORLDS, World

from nudger.outputs import OUTPUTS
from nudger.outputs.channel import Channel, ChannelOptions, Message
from nudger.outputs.worker import Timing, Worker

QUICK = Timing(limit_s=0.5, backoff_s=(0.05,), farewell_s=2.0)
CALM = Timing(limit_s=20.0, backoff_s=(0.05,), farewell_s=2.0)


@pytest.fixture(params=sorted(WORLDS))
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with WORLDS[request.param](tmp_path) as made:
        yield made


def open_(world: World) -> Channel:
    return world.options.open(lambda _command, _data: None)


def said(title: str) -> Message:
    return message(f"alex-{title}", title=title)


def test_every_output_with_a_channel_is_tried() -> None:
    assert {name for name, model in OUTPUTS.items() if issubclass(model, ChannelOptions)} == set(WORLDS)


@in_loop
async def test_it_shows_in_order_and_withdraws(world: World) -> None:
    worker = Worker("it", open_(world), lambda _: None, CALM)
    for title in ("one", "two"):
        worker.show(said(title))
        await eventually(lambda title=title: title in world.shown(), within_s=20)  # type: ignore[misc]  # binds the loop's
        worker.withdraw(f"alex-{title}", "up")
        worker.withdraw("alex-never-shown", "up")
    await eventually(lambda: not worker._maybe_shown, within_s=20)
    assert world.shown() == ["one", "two"]
    assert worker.trouble is None
    await worker.close()


@in_loop
async def test_it_survives_a_failure(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "nudger")
    worker = Worker("it", open_(world), lambda _: None, CALM)
    world.fail()
    worker.show(said("one"))
    await eventually(lambda: worker.trouble, within_s=20)
    world.mend()
    await eventually(lambda: world.shown()[-1:] == ["one"] and worker.trouble is None, within_s=20)
    lines = [record.getMessage() for record in caplog.records if record.name == "nudger.outputs.worker"]
    assert len(lines) == 2
    assert lines[1] == "output it: works again"
    await worker.close()


@in_loop
async def test_one_that_hangs_delays_nobody(world: World) -> None:
    worker = Worker("it", open_(world), lambda _: None, QUICK)
    pager = Pager()
    other = Worker("other", pager, lambda _: None, QUICK)
    world.hang()
    worker.show(said("one"))
    longest, before = 0.0, time.monotonic()
    while worker.trouble is None:
        other.show(message("other"))
        await asyncio.sleep(0.01)
        longest, before = max(longest, time.monotonic() - before), time.monotonic()
    assert longest < 3.0
    assert worker.trouble == "timeout after 0.5 s"
    assert len(pager.done) > 5
    world.mend()
    await worker.close()
    await other.close()


@in_loop
async def test_it_closes_in_time_even_when_it_hangs(world: World) -> None:
    worker = Worker("it", open_(world), lambda _: None, CALM)
    world.hang()
    worker.show(said("one"))
    await asyncio.sleep(0.2)
    before = time.monotonic()
    await worker.close()
    assert time.monotonic() - before < 4
    world.mend()
