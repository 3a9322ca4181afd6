"""Presets: two words of config, and the right topic, the right kind, the right reading of what the device sends."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playbook import Playbook
from pydantic import ValidationError
from signal_rig import NOW, on_or_off, raw

from nudger.core.events import AvailabilityChanged, SignalChanged
from nudger.core.words import Kind, Posture
from nudger.sources.decoder import Decoder, Undecodable
from nudger.sources.presets import PRESETS, fill_in
from nudger.sources.signal import SignalOptions


def preset(name: str, **given: Any) -> SignalOptions:
    return SignalOptions.model_validate({"name": "Desk One", "preset": name, **given})


CASES: dict[str, tuple[dict[str, str], str, str, list[tuple[object, bool | None]]]] = {
    "zigbee2mqtt_occupancy": (
        {},
        "motion",
        "zigbee2mqtt/Desk One",
        [
            ({"battery": 97, "occupancy": True, "illuminance": 3}, True),
            ({"occupancy": False, "last_seen": "2026-11-22T16:29:50+01:00"}, False),
        ],
    ),
    "zigbee2mqtt_presence": (
        {"base": "z2m/attic", "device": "radar"},
        "presence",
        "z2m/attic/radar",
        [
            ({"presence": True, "occupancy": False, "target_distance": None}, True),
            ({"presence": False, "last_seen": 1795361390000}, False),
        ],
    ),
    "zigbee2mqtt_contact": (
        {},
        "seat",
        "zigbee2mqtt/Desk One",
        [({"contact": False, "tamper": False}, True), ({"contact": True}, False)],
    ),
    "zigbee2mqtt_power": (
        {"device": "plug"},
        "power",
        "zigbee2mqtt/plug",
        [({"state": "ON", "power": 41.2}, True), ({"state": "ON", "power": 0, "current": 0.06}, False)],
    ),
    "esphome_binary": (
        {"device": "desk-node"},
        "presence",
        "desk-node/binary_sensor/presence/state",
        [("ON", True), ("OFF", False)],
    ),
    "esphome_height": (
        {"device": "desk-node", "part": "desk_height"},
        "standing",
        "desk-node/sensor/desk_height/state",
        [("110.5", True), ("72", False), ("nan", None)],
    ),
    "tasmota_switch": (
        {"device": "pad"},
        "seat",
        "stat/pad/RESULT",
        [({"Switch1": {"Action": "ON"}}, True), ({"Switch1": {"Action": "OFF"}}, False)],
    ),
    "tasmota_power": (
        {"device": "monitor"},
        "power",
        "tele/monitor/SENSOR",
        [
            ({"Time": "2026-11-22T15:30:00", "ENERGY": {"Power": 33, "Voltage": 229}}, True),
            ({"ENERGY": {"Power": 0}}, False),
        ],
    ),
    "espresense_distance": (
        {"device": "irk:0123", "part": "office"},
        "presence",
        "espresense/devices/irk:0123/office",
        [
            ({"id": "irk:0123", "rssi": -40, "raw": 0.3, "distance": 0.2, "mac": "00"}, True),
            ({"distance": 9.1}, False),
        ],
    ),
    "espresense_motion": (
        {"device": "office"},
        "motion",
        "espresense/rooms/office/motion",
        [("ON", True), ("OFF", False)],
    ),
    "frigate_person": ({"device": "office_cam"}, "presence", "frigate/office_cam/person", [("2", True), ("0", False)]),
    "lnxlink_idle": (
        {"device": "laptop"},
        "activity",
        "lnxlink/laptop/monitor_controls/idle",
        [("2.0", True), ("75.0", False)],
    ),
    "lnxlink_lock": (
        {"device": "laptop"},
        "locked",
        "lnxlink/laptop/monitor_controls/session_lock_state",
        [({"status": "ON", "attributes": {"locked": True}}, True), ({"status": "OFF", "attributes": {}}, False)],
    ),
    "lnxlink_camera": (
        {"device": "laptop"},
        "call",
        "lnxlink/laptop/monitor_controls/camera_used",
        [("ON", True), ("OFF", False)],
    ),
    "lnxlink_microphone": (
        {"device": "laptop"},
        "call",
        "lnxlink/laptop/monitor_controls/microphone_used",
        [("ON", True), ("OFF", False)],
    ),
    "lnxlink_dnd": (
        {"device": "laptop"},
        "dnd",
        "lnxlink/laptop/monitor_controls/do_not_disturb",
        [({"status": "ON"}, True), ({"status": "OFF"}, False)],
    ),
    "hass_agent_lastactive": (
        {"device": "PC7"},
        "activity",
        "homeassistant/sensor/PC7/PC7_lastactive/state",
        [("2026-11-22 15:29:55Z", True), ("2026-11-22 15:20:00Z", False), ("unavailable", None)],
    ),
    "hass_agent_session": (
        {"device": "PC7", "part": "lock"},
        "locked",
        "homeassistant/sensor/PC7/lock/state",
        [("Locked", True), ("Unlocked", False), ("Unknown", None)],
    ),
    "hass_agent_webcam": (
        {"device": "PC7"},
        "call",
        "homeassistant/binary_sensor/PC7/PC7_webcamactive/state",
        [("ON", True), ("OFF", False)],
    ),
    "hass_agent_microphone": (
        {"device": "PC7"},
        "call",
        "homeassistant/binary_sensor/PC7/PC7_microphoneactive/state",
        [("ON", True), ("OFF", False)],
    ),
    "statestream_binary": (
        {"device": "office_presence", "base": "ha/stream"},
        "presence",
        "ha/stream/binary_sensor/office_presence/state",
        [("on", True), ("off", False), ("unavailable", None)],
    ),
}
NO_NUMBER = {"esphome_height"}


def test_the_statestream_preset_listens_where_our_recipe_for_home_assistant_speaks() -> None:
    page = (Path(__file__).parent.parent / "docs" / "homeassistant-setup.md").read_text()
    [base] = re.findall(r"^  base_topic: (\w+)$", page, re.MULTILINE)
    options = fill_in({"name": "desk_presence", "preset": "statestream_binary"})
    assert options["state_topic"] == f"{base}/binary_sensor/desk_presence/state"
    assert options["state_topic"] in page


def test_every_preset_is_tried() -> None:
    assert set(CASES) == set(PRESETS)


@pytest.mark.parametrize("name", PRESETS)
def test_it_knows_topic_kind_and_payloads(name: str) -> None:
    given, kind, topic, payloads = CASES[name]
    options = preset(name, **given)
    assert (options.kind, options.state_topic) == (Kind(kind), topic)
    for payload, expected in payloads:
        decoded = Decoder(options).decode(raw(payload), NOW)
        if name in NO_NUMBER and payload == "nan":
            assert isinstance(decoded, Undecodable)
        else:
            assert on_or_off(decoded) is expected, payload


@pytest.mark.parametrize("name", PRESETS)
def test_what_else_comes_on_the_topic_says_nothing_or_is_named(name: str) -> None:
    options = preset(name, **CASES[name][0])
    for payload in ({"linkquality": 98}, {"Uptime": "0T00:10:00", "POWER": "OFF"}):
        decoded = Decoder(options).decode(raw(payload), NOW)
        assert decoded is None or isinstance(decoded, Undecodable) or decoded.on is None


@pytest.mark.parametrize(
    ("name", "topic", "there", "gone"),
    [
        ("zigbee2mqtt_presence", "z2m/attic/radar/availability", '{"state":"online"}', '{"state":"offline"}'),
        ("zigbee2mqtt_contact", "zigbee2mqtt/Desk One/availability", "online", "offline"),
        ("esphome_binary", "desk-node/status", "online", "offline"),
        ("tasmota_switch", "tele/pad/LWT", "Online", "Offline"),
        ("espresense_distance", "espresense/rooms/office/status", "online", "offline"),
        ("espresense_motion", "espresense/rooms/office/status", "online", "offline"),
        ("frigate_person", "frigate/available", "online", "stopped"),
        ("lnxlink_idle", "lnxlink/laptop/lwt", "ON", "OFF"),
        ("hass_agent_webcam", "homeassistant/sensor/PC7/availability", "online", "offline"),
    ],
)
def test_the_devices_availability_comes_along(name: str, topic: str, there: str, gone: str) -> None:
    options = preset(name, **CASES[name][0])
    assert options.availability_topic == topic
    heard = [Decoder(options).decode_availability(text.encode()) for text in (there, gone)]
    assert heard == [AvailabilityChanged(options.name, available=True), AvailabilityChanged(options.name, False)]


def test_what_the_config_says_itself_comes_first() -> None:
    turned = preset("zigbee2mqtt_contact", payload_on=True, kind="presence", hold=None)
    assert on_or_off(Decoder(turned).decode(b'{"contact": true}', NOW)) is True
    assert turned.kind is Kind.PRESENCE
    assert preset("espresense_distance", part="office", below=1).below == 1
    assert preset("zigbee2mqtt_presence", state_topic="other/topic").state_topic == "other/topic"
    assert preset("zigbee2mqtt_presence", device=None, base=None).state_topic == "zigbee2mqtt/Desk One"


def test_a_switch_of_another_number() -> None:
    options = preset("tasmota_switch", device="pad", part="Switch2")
    assert on_or_off(Decoder(options).decode(b'{"Switch2":{"Action":"ON"}}', NOW)) is True
    assert Decoder(options).decode(b'{"Switch1":{"Action":"ON"}}', NOW) is None


def test_the_last_input_dates_the_leaving() -> None:
    options = preset("hass_agent_lastactive", device="PC7")
    decoded = Decoder(options).decode(b"2026-11-22 15:29:52Z", NOW)
    assert isinstance(decoded, SignalChanged)
    assert decoded.since == NOW - timedelta(seconds=8)
    day = Playbook(signals=[options.to_signal()])
    day.at("08:00").on(options.name)
    for minute in range(1, 11):
        day.at(f"08:{minute:02}").on(options.name)
    day.until("08:16")
    assert day.state.posture is Posture.AWAY
    assert day.state.since == day.time("08:10")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"preset": "zigbee2mqt_contact"}, "'zigbee2mqt_contact' is no preset, did you mean 'zigbee2mqtt_contact'?"),
        ({"preset": "teapot"}, "'teapot' is no preset; they are: zigbee2mqtt_occupancy, "),
        ({"preset": 7}, "'7' is no preset"),
        ({"kind": "seat", "state_topic": "t", "device": "x"}, "device can only be used with a preset"),
        ({"preset": "lnxlink_idle", "part": "x"}, "preset lnxlink_idle takes no part: leave it out"),
        ({"preset": "esphome_binary", "base": "x"}, "preset esphome_binary takes no base: leave it out"),
        ({"preset": "espresense_distance"}, "preset espresense_distance needs part, the room"),
        ({"preset": "zigbee2mqtt_contact", "device": "desk/#"}, "must be one topic, without the wildcards"),
    ],
)
def test_what_is_wrong_is_named(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError) as caught:
        SignalOptions.model_validate({"name": "x", **given})
    assert reason in str(caught.value)


def test_without_a_preset_nothing_is_filled_in() -> None:
    given = {"name": "x", "kind": "seat", "state_topic": "t", "device": None}
    assert fill_in(given) == given
