"""MQTT 5 first, 3.1.1 where the broker knows no better."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from broker import Mosquitto
from mqtt_rig import QUICK, FakeBroker, Rig, eventually, in_loop
from tcp_proxy import TcpProxy

if TYPE_CHECKING:
    from pathlib import Path


def old_broker(answer_to_5: bytes | None) -> tuple[FakeBroker, list[int]]:
    """A broker that speaks 3.1.1 and answers an MQTT 5 greeting as given; and the versions it was greeted with."""
    greeted: list[int] = []

    def answer(packet: bytes) -> bytes | None:
        if packet[0] != 0x10:
            return b"\x90\x03" + packet[2:4] + b"\x01" if packet[0] == 0x82 else b""
        version = packet[packet.index(b"MQTT") + 4]
        greeted.append(version)
        return answer_to_5 if version == 5 else b"\x20\x02\x00\x00"

    return FakeBroker(answer), greeted


@pytest.mark.parametrize(
    "answer_to_5",
    [
        pytest.param(None, id="closes the connection"),
        pytest.param(b"", id="says nothing"),
        pytest.param(b"\x20\x02\x00\x01", id="refuses as 3.1.1 does"),
        pytest.param(b"\x20\x03\x00\x84\x00", id="refuses as 5 does"),
    ],
)
@in_loop
async def test_falls_back_with_one_line_and_remembers(
    answer_to_5: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    fake, greeted = old_broker(answer_to_5)
    with fake, TcpProxy(fake.port) as proxy:
        async with Rig(proxy.port, timing=replace(QUICK, connack_s=0.3, echo_s=10)) as rig:
            await rig.up()
            assert rig.connection.health.protocol == "3.1.1"
            assert [line.partition("localhost")[0] for line in caplog.messages] == [
                "MQTT: the broker does not speak MQTT 5; using 3.1.1",
                "MQTT: connected to ",
            ]
            proxy.reset()
            await rig.down()
            await rig.up()
            assert greeted == [5, 4, 4]


@in_loop
async def test_a_version_that_worked_is_not_given_up_for_a_silent_moment(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker, TcpProxy(broker.port) as proxy:
        async with Rig(proxy.port, timing=replace(QUICK, connack_s=0.2)) as rig:
            await rig.up()
            proxy.set("hang-new")
            proxy.reset()
            await eventually(lambda: proxy.accepted >= 4)
            proxy.set("pass")
            proxy.reset()
            await rig.up()
            assert rig.connection.health.protocol == "5"


@in_loop
async def test_versions_take_turns_while_nobody_answers(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker, TcpProxy(broker.port) as proxy:
        proxy.set("hang-new")
        async with Rig(proxy.port, timing=replace(QUICK, connack_s=0.1)) as rig:
            await eventually(lambda: rig.links)
            assert "takes the connection but does not answer" in rig.links[0][1]
            proxy.set("pass")
            await rig.up()


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
@in_loop
async def test_a_version_that_was_asked_for_is_the_only_one(tmp_path: Path, protocol: str) -> None:
    with Mosquitto(tmp_path) as broker:
        async with Rig(broker.port, protocol=protocol) as rig:
            await rig.up()
            assert rig.connection.health.protocol == protocol
    fake, greeted = old_broker(None)
    with fake:
        async with Rig(fake.port, protocol=protocol) as rig:
            await eventually(lambda: rig.links)
            await asyncio.sleep(0.3)
            assert set(greeted) == {5 if protocol == "5" else 4}
