"""The MQTT connection when the network, the broker or another client misbehaves."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from broker import Mosquitto, free_port
from mqtt_rig import FakeBroker, Rig, Stranger, eventually, in_loop
from tcp_proxy import TcpProxy

from nudger.mqtt import MqttTiming, TlsSettings
from nudger.mqtt.loop_client import LoopClient

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNACK_3 = b"\x20\x02\x00\x00"


def open_files() -> int:
    """File descriptors of this process; the counting uses one."""
    return sum(1 for _ in Path("/dev/fd").iterdir())


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "broker") as running:
        yield running


@pytest.mark.parametrize("end", [Mosquitto.stop, Mosquitto.kill9])
@in_loop
async def test_a_broker_that_returns_empty_is_told_everything(broker: Mosquitto, end: Any) -> None:
    rig = Rig(broker.port, timing=MqttTiming())
    rig.connection.set_subscriptions({"in": 1})
    async with rig:
        await rig.up()
        rig.publish("config", "old", retain=True)
        rig.publish("config", "new", retain=True)
        end(broker)
        await rig.down()
        broker.start()
        await rig.up(within_s=5)
        with Stranger(broker.port, "config", "nudger/status") as stranger:
            stranger.publish("in", "heard")
            await eventually(lambda: ("in", b"heard", False) in rig.messages)
            await eventually(lambda: sorted(stranger.payloads("config")) == [b"new"])
            assert stranger.payloads("nudger/status") == [b"online"]
        assert rig.connection.health.reconnects == 1
        assert [up for up, _ in rig.links] == [True, False, True]


@in_loop
async def test_messages_wait_for_the_broker_but_not_too_many(
    broker: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    with TcpProxy(broker.port) as proxy, Stranger(broker.port, "event", "state") as stranger:
        proxy.set("refuse")
        async with Rig(proxy.port) as rig:
            for number in range(1, 151):
                rig.publish("event", str(number), qos=1)
                rig.publish("state", str(number), retain=True)
            proxy.set("pass")
            newest = [str(number).encode() for number in range(51, 151)]
            await eventually(lambda: stranger.payloads("event") == newest)
            await eventually(lambda: stranger.payloads("state") == [b"150"])
            assert rig.connection.health.dropped == 50
    assert "a message on 'event' is dropped: more than 100 messages wait for the broker" in caplog.text


@pytest.mark.parametrize("dead", ["blackhole", "blackhole-up", "blackhole-down"])
@in_loop
async def test_a_dead_line_is_noticed_and_replaced(
    broker: Mosquitto, dead: Literal["blackhole", "blackhole-up", "blackhole-down"]
) -> None:
    with TcpProxy(broker.port) as proxy, Stranger(broker.port) as stranger:
        rig = Rig(proxy.port, keepalive_s=1)
        rig.connection.set_subscriptions({"noise": 0})
        async with rig:
            await rig.up()
            proxy.set(dead)
            rig.publish("event", "never acknowledged", qos=1)
            began = time.monotonic()
            while rig.connection.health.connected:
                # Whatever goes on in one direction must not hide that the other is dead.
                stranger.publish("noise", "x", qos=0)
                rig.publish("state", "y")
                assert time.monotonic() - began < 3.0, "not noticed within twice the keepalive and a second"
                await asyncio.sleep(0.1)
            proxy.set("pass")
            await rig.up()
            assert "the broker no longer answers" in (rig.connection.health.last_error or "")


@in_loop
async def test_a_hanging_broker_is_noticed(broker: Mosquitto) -> None:
    async with Rig(broker.port, keepalive_s=1) as rig:
        await rig.up()
        broker.suspend()
        await rig.down(within_s=3)
        broker.resume()
        await rig.up()


@in_loop
async def test_a_check_finds_a_dead_link_at_once(broker: Mosquitto) -> None:
    with TcpProxy(broker.port) as proxy:
        async with Rig(proxy.port) as rig:
            await rig.up()
            rig.connection.check_link()
            await asyncio.sleep(0.5)
            assert rig.connection.health.connected, "a live link survives being asked"
            proxy.set("blackhole")
            rig.connection.check_link()
            await rig.down(within_s=1)


@in_loop
async def test_many_resets_leave_nothing_behind(broker: Mosquitto, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with TcpProxy(broker.port) as proxy:
        async with Rig(proxy.port) as rig:
            await rig.up()
            base = open_files()
            for _ in range(30):
                proxy.reset()
                await asyncio.sleep(0.03)
            await asyncio.sleep(0.1)
            await rig.up()
            await eventually(lambda: open_files() <= base + 2)
            await eventually(lambda: not [each for each in threading.enumerate() if each.name == "mqtt-dial"])
            assert rig.connection.health.reconnects >= 3
    losses = [line for line in caplog.messages if "going on trying" in line]
    returns = [line for line in caplog.messages if "connected to" in line]
    assert len(losses) <= 3
    assert len(returns) <= 1 + len(losses)


@pytest.mark.parametrize("tls", [None, TlsSettings()])
@in_loop
async def test_stop_is_quick_while_nobody_answers(tls: TlsSettings | None) -> None:
    with TcpProxy(free_port()) as proxy:
        proxy.set("hang-new")
        async with Rig(proxy.port, tls=tls, timing=MqttTiming()) as rig:
            await eventually(lambda: proxy.accepted == 1)
            began = time.monotonic()
            await rig.connection.stop()
            assert time.monotonic() - began < 1.0


@in_loop
async def test_a_silent_name_server_blocks_neither_the_loop_nor_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answer = threading.Event(), threading.Event()

    def lookup(_host: str, port: int, *_: Any) -> Any:
        asked.set()
        answer.wait(10)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with FakeBroker(lambda _packet: b"") as fake:
        async with Rig(fake.port, host="broker.invalid") as rig:
            began = time.monotonic()
            await eventually(asked.is_set)
            assert all(each.daemon for each in threading.enumerate() if each.name == "mqtt-dial")
            await rig.connection.stop()
            assert time.monotonic() - began < 1.0
            answer.set()
            await eventually(lambda: fake.ended == 1)  # who is connected too late is disconnected again


@pytest.mark.parametrize(
    ("host", "cause"),
    [
        ("localhost", "nothing listens on localhost:{port} (connection refused)"),
        ("x" * 64 + ".example", "is not a host name"),
        ("no-such-host.invalid", "host 'no-such-host.invalid'"),
    ],
)
@in_loop
async def test_the_cause_is_named_once(host: str, cause: str, caplog: pytest.LogCaptureFixture) -> None:
    port = free_port()
    async with Rig(port, host=host) as rig:
        await eventually(lambda: rig.links, 15)
        await asyncio.sleep(0.4)
        assert cause.format(port=port) in rig.links[0][1]
        assert [up for up, _ in rig.links] == [False]
        assert len(caplog.messages) == 1
        assert "going on trying" in caplog.messages[0]


@in_loop
async def test_a_failing_library_costs_one_connection(
    broker: Mosquitto, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with Rig(broker.port) as rig:
        await rig.up()
        with monkeypatch.context() as patched, Stranger(broker.port) as stranger:
            patched.setattr(LoopClient, "loop_read", lambda _self: 1 / 0)
            rig.connection.check_link()
            await rig.down()
            stranger.publish("x", "x")
        await rig.up()
    assert "the MQTT library failed: ZeroDivisionError" in caplog.text


@in_loop
async def test_small_packets_do_not_wait_for_each_other(broker: Mosquitto) -> None:
    async with Rig(broker.port) as rig:
        await rig.up()
        assert rig.connection._link
        assert rig.connection._link._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
