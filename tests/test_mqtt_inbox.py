"""What comes in: handled at once, merged in a flood, and never for long enough to stop the loop."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from broker import Mosquitto
from mqtt_rig import FakeBroker, Rig, eventually, in_loop

from nudger.mqtt.guard import Guard
from nudger.mqtt.inbox import MAX_COMMANDS, MAX_WAITING, MERGE_ABOVE, Inbox

if TYPE_CHECKING:
    from pathlib import Path


class Reader:
    """An inbox, and what its handler got."""

    def __init__(self) -> None:
        self.got: list[tuple[str, bytes]] = []
        self.inbox = Inbox(
            lambda topic, payload, _retained: self.got.append((topic, payload)),
            lambda topic: topic.startswith("set/"),
            Guard(time.monotonic, 600),
        )

    async def drain(self) -> None:
        self.inbox.drain()
        await asyncio.sleep(0.2)


@in_loop
async def test_below_the_limit_every_message_counts() -> None:
    reader = Reader()
    for number in range(MERGE_ABOVE):
        reader.inbox.put("chair", b"ON" if number % 2 else b"OFF", False)
    await reader.drain()
    assert reader.got == [("chair", b"OFF"), ("chair", b"ON")] * (MERGE_ABOVE // 2)


@in_loop
async def test_in_a_flood_the_newest_of_each_topic_wins() -> None:
    reader = Reader()
    for number in range(20 * MERGE_ABOVE):
        reader.inbox.put(f"state/{number % 3}", b"%d" % number, False)
    await reader.drain()
    last = 20 * MERGE_ABOVE - 1
    assert len(reader.got) == 3
    assert sorted(payload for _, payload in reader.got) == [b"%d" % (last - 2), b"%d" % (last - 1), b"%d" % last]
    reader.got.clear()
    reader.inbox.put("state/0", b"ON", False)
    reader.inbox.put("state/0", b"OFF", False)
    await reader.drain()
    assert len(reader.got) == 2, "after the flood, every message counts again"


@in_loop
async def test_commands_are_never_merged_but_bounded() -> None:
    reader = Reader()
    for number in range(30 * MAX_COMMANDS):
        reader.inbox.put("state", b"%d" % number, False)
        if number % 10 == 0:
            reader.inbox.put("set/done", b"%d" % number, False)
    await reader.drain()
    commands = [payload for topic, payload in reader.got if topic == "set/done"]
    assert commands == [b"%d" % (number * 10) for number in range(MAX_COMMANDS)]
    assert reader.inbox.dropped == 2 * MAX_COMMANDS


@in_loop
async def test_even_a_flood_of_topics_is_bounded() -> None:
    reader = Reader()
    for number in range(3 * MAX_WAITING):
        reader.inbox.put(f"state/{number}", b"x", False)
    await reader.drain()
    assert [topic for topic, _ in reader.got] == [
        f"state/{number}" for number in range(2 * MAX_WAITING, 3 * MAX_WAITING)
    ]
    assert reader.inbox.dropped == 2 * MAX_WAITING


@in_loop
async def test_large_payloads_merge_earlier() -> None:
    reader = Reader()
    for number in range(MERGE_ABOVE // 2):
        reader.inbox.put("state", b"%060000d" % number, False)
        assert reader.inbox._waiting_bytes <= 5 * 1024 * 1024
    await reader.drain()
    assert len(reader.got) < MERGE_ABOVE // 2
    assert reader.got[-1][1].endswith(b"0%d" % (MERGE_ABOVE // 2 - 1))


@in_loop
async def test_a_slow_handler_leaves_the_loop_to_others() -> None:
    reader = Reader()
    reader.inbox._handler = lambda *_: time.sleep(0.002)
    for _ in range(100):
        reader.inbox.put("state", b"x", False)
    reader.inbox.drain()
    turns = 0
    while reader.inbox._waiting:
        await asyncio.sleep(0)
        turns += 1
    assert turns >= 10


@in_loop
async def test_a_stream_that_does_not_end_leaves_the_loop_to_others() -> None:
    count = 50_000
    stream = b"".join(b"\x30\x08\x00\x01x%05d" % number for number in range(count))

    def answer(packet: bytes) -> bytes:
        return {0x10: b"\x20\x02\x00\x00", 0x82: b"\x90\x04\x00\x01\x00\x01" + stream}.get(packet[0], b"")

    with FakeBroker(answer) as fake:
        rig = Rig(fake.port, protocol="3.1.1")
        rig.connection.set_subscriptions({"x": 0})
        async with rig:
            last = ("x", b"%05d" % (count - 1), False)
            deadline = time.monotonic() + 60
            turns = set()
            while rig.messages[-1:] != [last]:
                assert time.monotonic() < deadline
                await asyncio.sleep(0)
                turns.add(len(rig.messages) + rig.connection._inbox.merged)
            assert len(turns) >= 5, "others had a turn at several stages of the reading"
            assert rig.connection.health.dropped == 0


_FLOOD = """
import socket, struct, sys, time

port, rate, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
line = socket.create_connection(("127.0.0.1", port))
line.sendall(b"\\x10\\x0d\\x00\\x04MQTT\\x04\\x02\\x00\\x3c\\x00\\x01f")
line.recv(4)
sent, began = 0, time.monotonic()
while (passed := time.monotonic() - began) < seconds:
    due = int(passed * rate)
    line.sendall(b"".join(b"\\x30\\x10\\x00\\x04flux%010d" % number for number in range(sent + 1, due + 1)))
    sent = due
    time.sleep(0.005)
time.sleep(0.3)
line.sendall(b"\\x30\\x10\\x00\\x04flux%010d" % (sent + 1) + b"\\xe0\\x00")
print(sent + 1)
"""


def resident_mb() -> float:
    """Memory of this process, in MB."""
    status = subprocess.run(["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True, check=True)
    return int(status.stdout) / 1024


class SlowRig(Rig):
    """Takes as long for a message as a decision and a commit."""

    def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        time.sleep(0.002)
        super().on_message(topic, payload, retained)

    def count(self, topic: str) -> int:
        """Messages that came on ``topic``."""
        return sum(1 for seen, _, _ in self.messages if seen == topic)


@pytest.mark.slow
@in_loop
async def test_a_flood_neither_stops_the_loop_nor_fills_the_memory(tmp_path: Path) -> None:
    with Mosquitto(tmp_path, extra=["log_type none", "max_queued_messages 0"]) as broker:
        rig = SlowRig(broker.port)
        rig.connection.set_subscriptions({"flux": 0, "nudger/set/done": 1})
        async with rig:
            await rig.up()
            base_mb = resident_mb()
            flood = await asyncio.create_subprocess_exec(
                sys.executable, "-c", _FLOOD, str(broker.port), "5000", "2", stdout=subprocess.PIPE
            )
            loop, worst_s, commands = asyncio.get_running_loop(), 0.0, 0
            while flood.returncode is None:
                due = loop.time() + 0.02
                await asyncio.sleep(0.02)
                worst_s = max(worst_s, loop.time() - due)
                rig.publish("nudger/set/done", b"%d" % commands, qos=1)
                commands += 1
            assert flood.stdout
            newest = await flood.stdout.read()
            await eventually(lambda: ("flux", b"%010d" % int(newest), False) in rig.messages)
            assert worst_s < 2.0
            assert resident_mb() - base_mb < 30
            assert rig.count("flux") < int(newest) / 2, "this was no flood"
            assert rig.connection.health.connected
            await eventually(lambda: rig.count("nudger/set/done") == commands)
