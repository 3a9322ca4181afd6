"""The MQTT connection in everyday life, against a real broker."""

from __future__ import annotations

import asyncio
import logging
import selectors
import sys
import time
from typing import TYPE_CHECKING, Literal

import pytest
from broker import Mosquitto, requires_mosquitto
from mqtt_rig import QUICK, Rig, Stranger, eventually, in_loop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_without_a_broker_ci_fails_and_a_laptop_skips(
    ci: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr("broker._PLACES", "")
    with pytest.raises(outcome, match="mosquitto is not installed"):
        requires_mosquitto()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "broker") as running:
        yield running


@in_loop
async def test_connects_with_mqtt_5_and_says_online(broker: Mosquitto) -> None:
    async with Rig(broker.port) as rig:
        await rig.up()
        health = rig.connection.health
        assert (health.protocol, health.reconnects, health.dropped, health.errors) == ("5", 0, 0, 0)
        assert health.last_error is None
        assert rig.links == [(True, f"connected to localhost:{broker.port} with MQTT 5")]
        assert "as nudger-test (p5, c1, k60)" in broker.log
        with Stranger(broker.port, "nudger/status") as stranger:
            await eventually(lambda: ("nudger/status", b"online", True) in stranger.messages)


@in_loop
async def test_messages_go_both_ways(broker: Mosquitto) -> None:
    with Stranger(broker.port, "out/#") as stranger:
        stranger.publish("in/old", "kept", retain=True)
        rig = Rig(broker.port)
        rig.connection.set_subscriptions({"in/old": 0, "in/wild card/+": 1})
        async with rig:
            await rig.up()
            rig.publish("out/a", "text")
            rig.publish("out/b", b"\x00bytes", qos=1, retain=True)
            await eventually(lambda: len(stranger.messages) == 2)
            assert stranger.messages == [("out/a", b"text", False), ("out/b", b"\x00bytes", False)]
            stranger.publish("in/wild card/x", "live")
            stranger.publish("in/unlisted", "not asked for")
            await eventually(lambda: len(rig.messages) == 2)
    assert rig.messages == [("in/old", b"kept", True), ("in/wild card/x", b"live", False)]


@in_loop
async def test_subscriptions_change_while_connected(broker: Mosquitto) -> None:
    with Stranger(broker.port) as stranger:
        rig = Rig(broker.port)
        rig.connection.set_subscriptions({"a": 1, "b": 1})
        async with rig:
            await rig.up()
            rig.connection.set_subscriptions({"b": 1, "c": 1})
            with pytest.raises(ValueError, match="'#' must stand alone at the end"):
                rig.connection.set_subscriptions({"d": 1, "x/#/y": 1})
            await eventually(lambda: "Received UNSUBSCRIBE" in broker.log and "1 c" in broker.log)
            for topic in ("a", "b", "c", "d", "end"):
                stranger.publish(topic, "1")
            stranger.publish("b", "2")
            await eventually(lambda: ("b", b"2", False) in rig.messages)
        assert [topic for topic, _, _ in rig.messages] == ["b", "c", "b"]


@in_loop
async def test_a_failing_handler_is_logged_counted_and_harmless(
    broker: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Rig):
        def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
            super().on_message(topic, payload, retained)
            raise RuntimeError("the handler is broken")

        def on_link(self, up: bool, reason: str) -> None:
            super().on_link(up, reason)
            raise RuntimeError("the other handler is broken too")

    rig = Broken(broker.port)
    rig.connection.set_subscriptions({"x": 1})
    async with rig:
        await rig.up()
        for number in range(3):
            rig.publish("x", str(number), qos=1)
        await eventually(lambda: len(rig.messages) == 3)
        health = rig.connection.health
    assert (health.connected, health.errors) == (True, 4)
    assert [record.getMessage() for record in caplog.records if record.exc_info] == [
        "MQTT: on_link failed; going on",
        "MQTT: handler of messages failed; going on",
    ]


@in_loop
async def test_stop_sends_what_waits_and_says_offline(broker: Mosquitto) -> None:
    with Stranger(broker.port, "last", "nudger/status") as stranger:
        async with Rig(broker.port) as rig:
            await rig.up()
            for number in range(50):
                rig.publish("last", str(number), qos=1)
        await eventually(lambda: stranger.payloads("nudger/status") == [b"online", b"offline"])
        assert stranger.payloads("last") == [str(number).encode() for number in range(50)]
        assert rig.links == [(True, rig.links[0][1])]


_VICTIM = """
import asyncio, sys
from nudger.mqtt import MqttConnection, MqttSettings

async def main():
    settings = MqttSettings(host="localhost", port=int(sys.argv[1]), client_id="victim")
    await MqttConnection(settings, print, lambda *_: None, lambda _: False).start()
    await asyncio.sleep(60)

asyncio.run(main())
"""


@in_loop
async def test_the_broker_says_offline_when_the_process_is_killed(broker: Mosquitto) -> None:
    with Stranger(broker.port, "nudger/status") as stranger:
        victim = await asyncio.create_subprocess_exec(sys.executable, "-c", _VICTIM, str(broker.port))
        try:
            await eventually(lambda: stranger.payloads("nudger/status") == [b"online"], 10)
        finally:
            victim.kill()
            await victim.wait()
        await eventually(lambda: stranger.payloads("nudger/status") == [b"online", b"offline"])


@in_loop
async def test_a_late_will_of_an_older_connection_is_corrected(broker: Mosquitto) -> None:
    async with Rig(broker.port) as rig:
        await rig.up()
        with Stranger(broker.port, "nudger/status") as stranger:
            stranger.publish("nudger/status", "offline", retain=True)
            await eventually(lambda: stranger.payloads("nudger/status")[-2:] == [b"offline", b"online"])


@pytest.mark.parametrize(
    ("topic", "fault"),
    [
        ("", "topic is empty"),
        ("a\x00b", "U+0000"),
        ("a\x01b", "U+0001"),
        ("a\ufffeb", "U+FFFE"),
        ("a\U0001ffffb", "U+1FFFF"),
        ("a\ufdd0b", "U+FDD0"),
        ("a\ud800b", "U+D800"),
        ("a/+/b", "for subscriptions only"),
        ("a/#", "for subscriptions only"),
        ("ä" * 128, "256 bytes, 255 is the limit"),
    ],
)
def test_a_topic_that_brokers_answer_by_hanging_up_is_refused(topic: str, fault: str) -> None:
    rig = Rig(1)
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the text is looked at below
        rig.publish(topic, "x")
    assert fault in str(error.value)
    assert rig.connection._outbox.is_empty


def test_payload_and_qos_have_limits() -> None:
    rig = Rig(1)
    with pytest.raises(ValueError, match="payload has 65537 bytes, 65536 is the limit"):
        rig.publish("a", b"x" * 65537)
    with pytest.raises(ValueError, match="qos must be 0 or 1, not 2"):
        rig.publish("a", b"x", qos=2)
    assert rig.connection._outbox.is_empty
    rig.publish("a", b"x" * 65536)
    assert not rig.connection._outbox.is_empty


@in_loop
async def test_a_quick_pair_arrives_as_two_messages(broker: Mosquitto) -> None:
    rig = Rig(broker.port)
    rig.connection.set_subscriptions({"chair": 0})
    with Stranger(broker.port) as stranger:
        async with rig:
            await rig.up()
            stranger.publish("chair", "ON", qos=0)
            stranger.publish("chair", "OFF", qos=0)
            await eventually(lambda: len(rig.messages) == 2)
    assert [payload for _, payload, _ in rig.messages] == [b"ON", b"OFF"]


@pytest.mark.parametrize(("protocol", "dropped"), [("5", 2), ("3.1.1", 3)])
@in_loop
async def test_a_large_payload_is_refused_with_one_line(
    broker: Mosquitto, caplog: pytest.LogCaptureFixture, protocol: Literal["5", "3.1.1"], dropped: int
) -> None:
    rig = Rig(broker.port, protocol=protocol)
    rig.connection.set_subscriptions({"big": 1})
    with Stranger(broker.port) as stranger:
        async with rig:
            await rig.up()
            stranger.publish("big", b"x" * 1_000_000)
            stranger.publish("big", b"x" * 70_000)
            stranger.publish("big", b"x" * 10_000_000)  # above what we tell a broker of MQTT 5: there it never comes
            stranger.publish("big", b"fits")
            await eventually(lambda: rig.messages)
            assert rig.connection.health.dropped == dropped
            assert rig.connection.health.connected
    assert [payload for _, payload, _ in rig.messages] == [b"fits"]
    assert [line for line in caplog.messages if "big" in line] == [
        "MQTT: a message of 1000000 bytes on 'big' is too large; ignored"
    ]


@in_loop
async def test_secrets_are_in_no_log_line_and_no_repr(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "canary-7f3a"
    with Mosquitto(tmp_path / "broker", users={"nudger": secret}) as broker:
        async with Rig(broker.port, username="nudger", password=secret) as rig:
            await rig.up()
            broker.restart()
            await rig.down()
            await rig.up()
        async with Rig(broker.port, username="stranger", password=secret) as refused:
            await eventually(lambda: refused.links)
        assert secret not in caplog.text + repr(rig.settings) + repr(rig.connection.health) + repr(refused.links)
        assert "connected to" in caplog.text


def test_an_idle_connection_sleeps(broker: Mosquitto) -> None:
    class CountingSelector(selectors.DefaultSelector):
        calls = 0

        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            self.calls += 1
            return super().select(timeout)

    selector = CountingSelector()

    async def scenario() -> None:
        async with Rig(broker.port, timing=QUICK) as rig:
            await rig.up()
            await asyncio.sleep(0.6)  # the echo of our own status has come and gone
            before = selector.calls
            await asyncio.sleep(1.0)
            assert selector.calls - before <= 2, "only our own sleep may have woken the loop"

    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        runner.run(scenario())


@in_loop
async def test_a_keepalive_shows_that_the_broker_answers(broker: Mosquitto) -> None:
    async with Rig(broker.port, keepalive_s=1) as rig:
        await rig.up()
        await eventually(lambda: broker.log.count("Received PINGREQ from nudger-test") == 2)
        await eventually(lambda: time.monotonic() - (rig.connection.health.last_pong or 0) < 0.2)
        assert rig.connection.health.reconnects == 0
