"""The MQTT connection when the broker, or another client on it, has something against us."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from broker import Mosquitto
from mqtt_rig import QUICK, FakeBroker, Rig, Stranger, eventually, in_loop

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNACK_3 = b"\x20\x02\x00\x00"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "broker") as running:
        yield running


@in_loop
async def test_a_wrong_password_is_named_and_not_tried_quickly(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Mosquitto(tmp_path / "broker", users={"nudger": "right"}) as broker:
        async with Rig(broker.port, username="nudger", password="wrong") as rig:
            await eventually(lambda: rig.links)
            await asyncio.sleep(0.5)
            assert broker.log.count("disconnected, not authorised") == 1, "the next attempt is half a minute away"
        async with Rig(broker.port) as rig:
            await eventually(lambda: rig.links)
        where = f"localhost:{broker.port}"
        advice = "Not authorized; check mqtt.username and mqtt.password; going on trying slowly"
        assert caplog.messages == [
            f"MQTT: {where} refuses user 'nudger': {advice}",
            f"MQTT: {where} refuses a client without user name: {advice}",
        ]
        patient = replace(QUICK, refused_backoff_s=(0.05, 0.1))
        async with Rig(broker.port, username="nudger", password="later", timing=patient) as rig:
            await eventually(lambda: rig.links)
            broker.set_users({"nudger": "later"})
            broker.reload()
            await rig.up()


@in_loop
async def test_another_client_with_our_id_is_named_and_not_fought(
    broker: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    # The stranger comes back a second after it was kicked; so do we, at first.
    async with Rig(broker.port, timing=replace(QUICK, short_life_s=3.0)) as rig:
        await rig.up()
        with Stranger(broker.port, client_id="nudger-test"):
            await eventually(lambda: "client id" in caplog.text, 10)
            kicked = broker.log.count("already connected, closing old connection")
            await asyncio.sleep(1.5)
            assert broker.log.count("already connected, closing old connection") <= kicked + 1
    lines = [line for line in caplog.messages if "client id" in line]
    assert len(lines) == 1
    assert "'nudger-test'" in lines[0]


@pytest.mark.parametrize(
    ("answer_to_connect", "line", "is_patient"),
    [
        (
            b"\x20\x03\x00\x00\x00\xe0\x02\x8e\x00",
            "another client has connected with our client id 'nudger-test'",
            True,
        ),
        (b"\x20\x03\x00\x85\x00", "Client identifier not valid ('nudger-test')", True),
        (b"\x20\x03\x00\x8a\x00", "Banned", True),
        (b"\x20\x03\x00\x89\x00", "Server busy", False),
        (b"\x20\x03\x00\x00\x00\xe0\x02\x8b\x00", "the broker closed it: Server shutting down", False),
    ],
)
@in_loop
async def test_what_an_mqtt_5_broker_says_decides_how_soon_we_ask_again(
    answer_to_connect: bytes, line: str, is_patient: bool, caplog: pytest.LogCaptureFixture
) -> None:
    greetings = []

    def answer(packet: bytes) -> bytes:
        if packet[0] != 0x10:
            return b""
        greetings.append(packet)
        return answer_to_connect

    with FakeBroker(answer) as fake:
        async with Rig(fake.port):
            await eventually(lambda: line in caplog.text)
            if is_patient:
                await asyncio.sleep(0.4)
                assert len(greetings) == 1
            else:
                await eventually(lambda: len(greetings) >= 5)
    assert caplog.text.count(line) == 1


@in_loop
async def test_the_window_of_an_mqtt_5_broker_is_respected() -> None:
    published = []

    def answer(packet: bytes) -> bytes:
        if packet[0] & 0xF0 == 0x30:
            published.append(packet)
        return b"\x20\x06\x00\x00\x03\x21\x00\x02" if packet[0] == 0x10 else b""  # two at once, please

    with FakeBroker(answer) as fake:
        async with Rig(fake.port) as rig:
            await rig.up()
            for number in range(5):
                rig.publish("event", str(number), qos=1)
            await asyncio.sleep(0.2)
            assert len(published) == 2


@in_loop
async def test_a_message_that_the_broker_hangs_up_on_is_found_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # MQTT 3.1.1 has no way to say what is too large: the connection is simply closed.
    with Mosquitto(tmp_path / "broker", max_packet_size=2000) as broker, Stranger(broker.port, "#") as stranger:
        async with Rig(broker.port, protocol="3.1.1") as rig:
            await rig.up()
            rig.publish("before", "1", retain=True)
            rig.publish("poison", "x" * 3000, qos=1, retain=True)
            rig.publish("after", "2", qos=1)
            await eventually(lambda: "'poison' is dropped" in caplog.text)
            await eventually(lambda: {b"1", b"2"} <= {payload for _, payload, _ in stranger.messages})
            await rig.up()
            reconnects = rig.connection.health.reconnects
            await asyncio.sleep(0.5)
            assert rig.connection.health.reconnects == reconnects == 3
            assert rig.connection.health.connected
    assert "client id" not in caplog.text, "nobody else is to blame"


@in_loop
async def test_a_broker_that_hangs_up_politely_is_no_other_client(caplog: pytest.LogCaptureFixture) -> None:
    published = []

    def answer(packet: bytes) -> bytes | None:
        if packet[0] == 0x10:
            return CONNACK_3
        if packet[0] & 0xF0 != 0x30:
            return b""
        length = packet[3]
        topic, packet_id = packet[4 : 4 + length], packet[4 + length : 6 + length]
        published.append(topic)
        return None if topic == b"poison" else b"\x40\x02" + packet_id

    with FakeBroker(answer) as fake:
        async with Rig(fake.port, protocol="3.1.1") as rig:
            await rig.up()
            rig.publish("poison", "x", qos=1)
            await eventually(lambda: "'poison' is dropped" in caplog.text)
            rig.publish("innocent", "x", qos=1)
            await eventually(lambda: b"innocent" in published)
    assert "client id" not in caplog.text


@in_loop
async def test_the_limit_of_an_mqtt_5_broker_is_respected(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Mosquitto(tmp_path / "broker", max_packet_size=2000) as broker, Stranger(broker.port, "#") as stranger:
        async with Rig(broker.port) as rig:
            await rig.up()
            rig.publish("large", "x" * 3000, qos=1)
            rig.publish("small", "x", qos=1)
            await eventually(lambda: stranger.payloads("small"))
            assert rig.connection.health.reconnects == 0
    assert "'large' is dropped: the broker takes no packets above 2000 bytes" in caplog.text


@pytest.mark.parametrize("rules", ["topic read nudger/#", "topic write nudger/#"])
@in_loop
async def test_access_rules_that_deny_silently_are_named(
    tmp_path: Path, rules: str, caplog: pytest.LogCaptureFixture
) -> None:
    with Mosquitto(tmp_path / "broker", acl=rules + "\n") as broker:
        async with Rig(broker.port, protocol="3.1.1") as rig:
            await eventually(lambda: rig.connection.health.degraded)
            assert rig.connection.health.connected
            assert "seem to deny anonymous users reading or writing 'nudger/#'" in (
                rig.connection.health.degraded or ""
            )
    assert caplog.text.count("(ACL)") == 1


@in_loop
async def test_a_status_from_before_proves_nothing(tmp_path: Path) -> None:
    rules = "user other\ntopic readwrite #\nuser nudger\ntopic read nudger/#\n"
    with (
        Mosquitto(tmp_path / "broker", users={"nudger": "nudger", "other": "other"}, acl=rules) as broker,
        Stranger(broker.port, "nudger/status", user="other") as stranger,
    ):
        stranger.publish("nudger/status", "online", retain=True)
        await eventually(lambda: stranger.messages)
        async with Rig(broker.port, protocol="3.1.1", username="nudger", password="nudger") as rig:
            await eventually(lambda: rig.connection.health.degraded)
            assert "deny user 'nudger' reading or writing" in (rig.connection.health.degraded or "")


@in_loop
async def test_a_broker_that_never_answers_a_subscription_is_degraded() -> None:
    with FakeBroker(lambda packet: CONNACK_3 if packet[0] == 0x10 else b"") as fake:
        async with Rig(fake.port, protocol="3.1.1") as rig:
            await rig.up()
            await eventually(lambda: rig.connection.health.degraded)
            assert "did not come back" in (rig.connection.health.degraded or "")


@in_loop
async def test_a_message_that_was_not_asked_for_is_ignored() -> None:
    granted, uncalled, called = b"\x90\x04\x00\x01\x01\x01", b"\x30\x05\x00\x02nox", b"\x30\x05\x00\x02inx"

    def answer(packet: bytes) -> bytes:
        return {0x10: CONNACK_3, 0x82: granted + uncalled + called}.get(packet[0], b"")

    with FakeBroker(answer) as fake:
        rig = Rig(fake.port, protocol="3.1.1")
        rig.connection.set_subscriptions({"in": 1})
        async with rig:
            await eventually(lambda: rig.messages)
    assert rig.messages == [("in", b"x", False)]


@in_loop
async def test_access_rules_that_allow_are_not_complained_of(tmp_path: Path) -> None:
    with Mosquitto(tmp_path / "broker", acl="topic readwrite nudger/#\n") as broker:
        async with Rig(broker.port) as rig:
            await rig.up()
            await asyncio.sleep(QUICK.echo_s + 0.2)
            assert rig.connection.health.degraded is None


@in_loop
async def test_a_refused_publish_is_named_by_topic(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Mosquitto(tmp_path / "broker", acl="topic readwrite nudger/#\n") as broker:
        async with Rig(broker.port) as rig:
            await rig.up()
            rig.publish("lamp/set", "1", qos=1)
            rig.publish("lamp/set", "2", qos=1)
            await eventually(lambda: rig.connection.health.dropped == 2)
            assert rig.connection.health.degraded == (
                "the broker refuses what is published on 'lamp/set': Not authorized"
            )
    assert caplog.text.count("lamp/set") == 1


@pytest.mark.parametrize(
    ("rubbish", "reconnects", "line"),
    [
        (b"\x30\x06\x00\x02\xff\xfehi", False, "a topic that is not UTF-8 (b'\\xff\\xfe') is ignored"),
        (b"\x90\x03\x00\x01\x80", False, "refuses the subscription to 'nudger/status': Unspecified error"),
        (b"\x30\x01\x00", True, "sent something that is not MQTT 3.1.1"),  # a message cut short
        (b"\xf0\x00", True, "sent something that is not MQTT 3.1.1"),  # no such packet
        (b"\x30\xff\xff\xff\xff\x01", True, "sent something that is not MQTT 3.1.1"),  # no such length
    ],
)
@in_loop
async def test_nonsense_from_the_other_end_is_survived(
    rubbish: bytes, reconnects: bool, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(packet: bytes) -> bytes | None:
        return {0x10: CONNACK_3, 0x82: rubbish}.get(packet[0], b"")

    with FakeBroker(answer) as fake:
        async with Rig(fake.port, protocol="3.1.1") as rig:
            await eventually(lambda: line in caplog.text)
            await asyncio.sleep(0.3)
            assert (rig.connection.health.reconnects > 0) == reconnects
            assert rig.connection.health.errors == 0
    assert caplog.text.count(line) == 1
    assert "is dropped" not in caplog.text, "what we had sent is not to blame"
