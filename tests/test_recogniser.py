"""What speaks on a broker is recognised for what it could be, and the options that come of it can read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nudger.core.words import Kind
from nudger.sources.announced import announced
from nudger.sources.recogniser import Finding, look_at, recognise
from nudger.sources.signal import SignalOptions

NOW = datetime(2026, 11, 28, 17, 0, tzinfo=UTC)


def seen(topic: str, *payloads: Any) -> list[Finding]:
    return look_at(
        topic, [each.encode() if isinstance(each, str) else json.dumps(each).encode() for each in payloads], NOW
    )


SHAPES: Sequence[tuple[str, Any, str, Kind, bool | None]] = (
    # topic, payload, maker, kind, what it reads as
    ("zigbee2mqtt/desk radar", {"presence": True, "linkquality": 90}, "Zigbee2MQTT", Kind.PRESENCE, True),
    ("zigbee2mqtt/hall", {"occupancy": False, "battery": 80}, "Zigbee2MQTT", Kind.MOTION, False),
    ("zigbee2mqtt/ceiling", {"occupancy": True, "fading_time": 30}, "Zigbee2MQTT", Kind.PRESENCE, True),
    ("zigbee2mqtt/chair", {"contact": False, "voltage": 2900}, "Zigbee2MQTT", Kind.SEAT, True),
    ("zigbee2mqtt/screen plug", {"state": "ON", "power": 41.2}, "Zigbee2MQTT", Kind.POWER, True),
    ("bees/pir", {"occupancy": True, "linkquality": 12}, "Zigbee2MQTT", Kind.MOTION, True),
    ("desk/binary_sensor/ld2410_presence/state", "ON", "ESPHome", Kind.PRESENCE, True),
    ("desk/binary_sensor/moving_target/state", "OFF", "ESPHome", Kind.MOTION, False),
    ("desk/binary_sensor/chair_pad/state", "ON", "ESPHome", Kind.SEAT, True),
    ("desk/sensor/desk_height/state", "112.5", "ESPHome", Kind.STANDING, True),
    ("desk/sensor/desk_height/state", "720", "ESPHome", Kind.STANDING, False),
    ("tele/monitor/SENSOR", {"ENERGY": {"Power": 4, "Today": 0.1}}, "Tasmota", Kind.POWER, False),
    ("stat/chair/RESULT", {"Switch1": {"Action": "ON"}}, "Tasmota", Kind.SEAT, True),
    ("espresense/devices/my-phone/office", {"distance": 1.2, "rssi": -60}, "ESPresense", Kind.PRESENCE, True),
    ("espresense/rooms/office/radar", "ON", "ESPresense", Kind.PRESENCE, True),
    ("espresense/rooms/office/pir", "OFF", "ESPresense", Kind.MOTION, False),
    ("lnxlink/tower/monitor_controls/idle", "3.0", "LNXlink", Kind.ACTIVITY, True),
    ("lnxlink/tower/monitor_controls/camera_used", "OFF", "LNXlink", Kind.CALL, False),
    ("homeassistant/sensor/TOWER/lastactive/state", "2026-11-28 16:59:58Z", "HASS.Agent", Kind.ACTIVITY, True),
    ("homeassistant/sensor/TOWER/sessionstate/state", "Unlocked", "HASS.Agent", Kind.LOCKED, False),
    ("homeassistant/sensor/TOWER/sessionstate/state", "Locked", "HASS.Agent", Kind.LOCKED, True),
    ("homeassistant/binary_sensor/TOWER/webcamactive/state", "ON", "HASS.Agent", Kind.CALL, True),
    ("frigate/study/person", "1", "Frigate", Kind.PRESENCE, True),
    ("frigate/study/person", "0", "Frigate", Kind.PRESENCE, False),
    ("home/TheengsGateway/BTtoMQTT/AABBCC", {"rssi": -42, "distance": 0.8}, "Theengs", Kind.PRESENCE, True),
    ("statestream/binary_sensor/study_occupancy/state", "on", "Home Assistant", Kind.PRESENCE, True),
    ("ha/binary_sensor/macbook_camera_in_use/state", "off", "Home Assistant", Kind.CALL, False),
    ("ha/binary_sensor/macbook_active/state", "on", "Home Assistant", Kind.ACTIVITY, True),
    ("ha/calendar/work/state", "on", "Home Assistant", Kind.CALL, True),
    ("ha/sensor/pixel_do_not_disturb_sensor/state", "priority_only", "Home Assistant", Kind.DND, True),
    ("ha/sensor/monitor_power/state", "33.1", "Home Assistant", Kind.POWER, True),
    ("shellies/plug/relay/0/power", "12.5", "somebody", Kind.POWER, True),
    ("desktop/locked", "true", "somebody", Kind.LOCKED, True),
    ("BLE-1/aa:bb:cc/Distance", "1.4", "somebody", Kind.PRESENCE, True),
    ("desk/height_cm", "74", "somebody", Kind.STANDING, False),
    ("buero/Anwesenheit", "ON", "somebody", Kind.PRESENCE, True),
)


@pytest.mark.parametrize(("topic", "payload", "maker", "kind", "says"), SHAPES, ids=[f"{s[0]}={s[1]}" for s in SHAPES])
def test_a_shape_is_recognised(topic: str, payload: Any, maker: str, kind: Kind, says: bool | None) -> None:
    raw = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()
    [found] = recognise({topic: [raw], "desk/status": [b"online"]}, NOW)
    assert (found.maker, found.kind, found.says) == (maker, kind, says)
    assert found.why
    assert SignalOptions.model_validate(found.options).kind is kind


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("zigbee2mqtt/bridge/state", {"state": "online"}),
        ("zigbee2mqtt/chair/set", {"contact": True}),
        ("zigbee2mqtt/chair/availability", {"state": "online"}),
        ("zigbee2mqtt/weather", {"temperature": 20.1, "humidity": 40}),
        ("zigbee2mqtt/pir", {"occupancy": None}),
        ("ha/person/alex/state", "home"),
        ("ha/lock/front_door/state", "locked"),
        ("ha/binary_sensor/front_door_lock/state", "on"),
        ("ha/binary_sensor/study_occupancy/device_class", '"occupancy"'),
        ("ha/sensor/phone_battery_power/state", "12"),
        ("frigate/study/person", "unknown"),
        ("desk/sensor/tree_height/state", "9000"),
        ("any/presence", "{broken"),
        ("any/presence", "[1, 2]"),
        ("any/presence", ""),
        ("any/presence", "\ud83d".encode("utf-8", "surrogatepass").decode("latin-1")),
        ("any/motion", "sometimes"),
    ],
)
def test_what_says_nothing_about_a_desk_is_left_alone(topic: str, payload: Any) -> None:
    assert seen(topic, payload) == []


def test_of_presence_and_occupancy_in_one_message_presence_is_the_one_to_read() -> None:
    [found] = seen("zigbee2mqtt/radar", {"occupancy": False, "presence": True, "motion_direction": "still"})
    assert found.options["value_template"] == "{{ value_json.presence }}"
    assert found.says is True


def test_the_newest_payload_counts_and_an_older_one_helps_where_the_newest_says_nothing() -> None:
    [found] = seen("zigbee2mqtt/pir", {"occupancy": True}, {"occupancy": False})
    assert found.says is False
    [found] = seen("zigbee2mqtt/pir", {"occupancy": True}, {"battery": 3})
    assert found.says is True


def test_odd_keys_make_templates_that_read_them() -> None:
    [found] = seen("some/plug", {"values": {"power": 12.0}})  # values is a method of the object in a template
    assert found.options["value_template"] == "{{ value_json['values'].power }}"


def test_the_time_of_a_reading_is_used_where_it_is_one() -> None:
    [dated] = seen("zigbee2mqtt/pir", {"occupancy": True, "last_seen": "2026-11-28T16:59:00Z"})
    assert dated.options["timestamp_template"] == "{{ value_json.last_seen }}"
    [undated] = seen("zigbee2mqtt/pir", {"occupancy": True, "last_seen": "a while ago"})
    assert "timestamp_template" not in undated.options
    assert undated.says is True


def test_availability_is_used_where_it_was_heard() -> None:
    heard = {"zigbee2mqtt/pir": [b'{"occupancy": true}'], "zigbee2mqtt/pir/availability": [b"online"]}
    [found] = recognise(heard, NOW)
    assert found.options["availability_topic"] == "zigbee2mqtt/pir/availability"
    [other] = recognise({"lnxlink/pc/monitor_controls/idle": [b"3"], "lnxlink/pc/lwt": [b"ON"]}, NOW)
    assert (other.options["availability_topic"], other.options["payload_available"]) == ("lnxlink/pc/lwt", "ON")
    [silent] = recognise({"zigbee2mqtt/pir": [b'{"occupancy": true}']}, NOW)
    assert "availability_topic" not in silent.options


def test_the_likeliest_come_first() -> None:
    heard = {
        "zigbee2mqtt/fridge": [b'{"power": 80}'],
        "zigbee2mqtt/window": [b'{"contact": true}'],
        "zigbee2mqtt/hall": [b'{"occupancy": true}'],
        "zigbee2mqtt/desk chair": [b'{"contact": true}'],
    }
    found = recognise(heard, NOW)
    assert [each.name for each in found] == ["desk chair", "hall", "window", "fridge"]
    assert [each.weak for each in found] == [False, False, True, True]


ANNOUNCED = {
    "dev_cla": "occupancy",
    "~": "zigbee2mqtt",
    "stat_t": "~/hall pir",
    "val_tpl": '{{ value_json["occupancy"] }}',
    "pl_on": True,
    "pl_off": False,
    "dev": {"name": "hall pir"},
    "o": {"name": "Zigbee2MQTT"},
}


def test_a_sensor_that_has_only_announced_itself_is_found_too() -> None:
    topic = "homeassistant/binary_sensor/0x01/occupancy/config"
    [found] = announced({topic: [json.dumps(ANNOUNCED).encode()]}, NOW)
    assert (found.name, found.kind, found.topic, found.says) == ("hall pir", Kind.MOTION, "zigbee2mqtt/hall pir", None)
    assert SignalOptions.model_validate(found.options).payload_on is True
    spoken = {topic: [json.dumps(ANNOUNCED).encode()], "zigbee2mqtt/hall pir": [b'{"occupancy": true}']}
    assert list(announced(spoken, NOW)) == []
    assert [each.topic for each in recognise(spoken, NOW)] == ["zigbee2mqtt/hall pir"]


def test_a_whole_device_is_announced_in_one_message() -> None:
    device = {
        "dev": {"name": "Radar"},
        "o": {"name": "esp"},
        "cmps": {
            "here": {"p": "binary_sensor", "dev_cla": "presence", "stat_t": "radar/here"},
            "lux": {"p": "sensor", "dev_cla": "illuminance", "stat_t": "radar/lux"},
            "odd": {"p": "binary_sensor", "dev_cla": "presence", "stat_t": "radar/odd", "val_tpl": "{{ states('x') }}"},
            "gone": "nonsense",
        },
    }
    [found] = announced({"homeassistant/device/radar/config": [json.dumps(device).encode()]}, NOW)
    assert (found.topic, found.kind, found.maker) == ("radar/here", Kind.PRESENCE, "esp")
    broken = (b"", b"{", b"[]", b'"text"', b'{"dev_cla": "presence"}')
    assert list(announced({f"ha/sensor/{n}/config": [each] for n, each in enumerate(broken)}, NOW)) == []


@given(
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.one_of(
        st.binary(max_size=60),
        st.recursive(
            st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
            lambda inner: st.dictionaries(st.sampled_from(["presence", "power", "a'b", "height", "contact"]), inner),
        ).map(lambda value: json.dumps(value).encode()),
    ),
)
def test_nothing_that_is_said_breaks_it_and_what_is_found_can_be_read(topic: str, payload: bytes) -> None:
    for prefix in ("", "zigbee2mqtt/", "desk/motion "):
        for found in recognise({prefix + topic: [payload]}, NOW):
            SignalOptions.model_validate(found.options)
            assert found.sample.isprintable()
