"""MQTT payloads of sensors become events."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from signal_rig import CONTACT, MINUTE, NOW, ZIGBEE_POWER, decode, on_or_off, options, raw

from nudger.core.events import AvailabilityChanged, SignalChanged
from nudger.sources.decoder import Decoder, Undecodable


@pytest.mark.parametrize(
    ("given_options", "payload", "expected"),
    [
        # Zigbee2MQTT
        ({"value_template": "{{ value_json.occupancy }}"}, {"battery": 90, "occupancy": True}, True),
        ({"value_template": "{{ value_json.occupancy }}", "payload_on": True}, {"occupancy": False}, False),
        ({"value_template": "{{ value_json.occupancy }}", "payload_on": "true"}, {"occupancy": True}, True),
        ({"value_template": "{{ value_json['presence'] }}"}, {"presence": True, "target_distance": None}, True),
        (CONTACT, {"contact": False, "linkquality": 21}, True),
        (CONTACT, {"contact": True, "linkquality": 21}, False),
        (ZIGBEE_POWER, {"state": "ON", "power": 41.2}, True),
        (ZIGBEE_POWER, {"state": "ON", "power": 0}, False),
        # ESPHome
        ({}, "ON", True),
        ({}, "OFF", False),
        ({"kind": "standing", "above": 95, "hysteresis": 2}, "112.5", True),
        # Tasmota: the topic also carries other telemetry, without the key
        ({"value_template": "{{ value_json.ENERGY.Power }}", "above": 10}, {"ENERGY": {"Power": 61}}, True),
        ({"value_template": "{{ value_json.ENERGY.Power }}", "above": 10}, {"POWER": "ON", "Wifi": {"RSSI": 80}}, None),
        ({"value_template": "{{ value_json.Switch1.Action }}"}, {"Switch1": {"Action": "OFF"}}, False),
        # ESPresense
        ({"value_template": "{{ value_json.distance }}", "below": 2}, {"id": "phone", "distance": 1.24}, True),
        ({"value_template": "{{ value_json.distance }}", "below": 2}, {"id": "phone", "distance": 7}, False),
        # Home Assistant's statestream
        ({}, "on", True),
        ({}, "not_home", False),
        ({"payload_on": "on"}, "off", False),
        # Frigate
        ({"value_template": "{{ 'ON' if value|int(0) > 0 else 'OFF' }}"}, "2", True),
        ({"above": 0}, "0", False),
        # Theengs: present means a message with a distance, absent one with the word
        ({"value_template": "{{ value_json.presence | default('present') }}"}, {"rssi": -42, "distance": 0.3}, True),
        ({"value_template": "{{ value_json.presence | default('present') }}"}, {"presence": "absent"}, False),
        # longer templates
        ({"value_template": "{% if value|int in range(3) %}\n  ON\n{% else %}\n  OFF\n{% endif %}"}, "2", True),
        # JSON without a template
        ({}, True, True),
        ({}, "False", False),
        ({}, 1, True),
    ],
)
def test_the_shapes_of_the_field_are_understood(
    given_options: dict[str, Any], payload: object, expected: bool | None
) -> None:
    result = decode(payload, **given_options)
    assert (None if result is None else on_or_off(result)) is expected


@pytest.mark.parametrize("word", ["ON", "On", "on", "true", "TRUE", "1", "home", "occupied", "Detected", " ON\n"])
def test_common_words_for_on(word: str) -> None:
    assert on_or_off(decode(word)) is True


@pytest.mark.parametrize("word", ["OFF", "off", "false", "0", "not_home", "clear", "Clear", "absent"])
def test_common_words_for_off(word: str) -> None:
    assert on_or_off(decode(word)) is False


@pytest.mark.parametrize("word", ["None", "null", "unknown", "unavailable"])
@pytest.mark.parametrize(
    "given_options", [{}, {"payload_on": "on"}, {"above": 3}, {"kind": "activity", "idle_seconds": True}]
)
def test_a_sensor_may_say_that_it_does_not_know(word: str, given_options: dict[str, Any]) -> None:
    assert on_or_off(decode(word, **given_options)) is None


@pytest.mark.parametrize("payload", ["", "  \n", {"other": 1}])
def test_nothing_said_is_ignored(payload: object) -> None:
    assert decode(payload, value_template="{{ value_json.occupancy }}" if payload == {"other": 1} else None) is None


@pytest.mark.parametrize(
    ("on", "off", "says_on", "says_off", "refused"),
    [
        ("ON", "OFF", ["ON"], ["OFF"], ["on", "true", "Off"]),  # exactly, as in Home Assistant
        ("sitting", None, ["sitting"], ["OFF", "off", "false"], ["Sitting", "standing"]),
        (None, "gone", ["ON", "home"], ["gone"], ["away"]),
        ("OFF", None, ["OFF"], ["ON", "true"], ["off"]),  # turned round
        (True, None, ["True", "true", "ON", "1"], ["False", "false", "0"], ["yes"]),
        (False, None, ["false", "OFF"], ["true", "ON"], ["closed"]),
        ("true", "false", ["True", "true"], ["FALSE"], ["yes"]),
        (1, 0, ["1"], ["0"], ["1.0", "ON"]),
        ("active", True, ["active"], ["true"], ["false"]),
    ],
)
def test_configured_payloads(
    on: object, off: object, says_on: list[str], says_off: list[str], refused: list[str]
) -> None:
    decoder = Decoder(options(payload_on=on, payload_off=off))
    assert [on_or_off(decoder.decode(text.encode(), NOW)) for text in says_on] == [True] * len(says_on)
    assert [on_or_off(decoder.decode(text.encode(), NOW)) for text in says_off] == [False] * len(says_off)
    for text in refused:
        assert decoder.decode(text.encode(), NOW) == Undecodable("is neither payload_on nor payload_off", text)


def test_a_configured_word_for_not_knowing_wins_over_its_usual_meaning() -> None:
    assert on_or_off(decode("unavailable", payload_off="unavailable")) is False


@pytest.mark.parametrize(
    ("given_options", "story"),
    [
        ({"above": 10}, [(10, False), (10.1, True), (10, False)]),
        ({"below": 2}, [(2, False), (1.9, True), (2, False)]),
        ({"above": 10, "below": 20}, [(5, False), (15, True), (20, False), (19.9, True)]),
        # the first number by the limit alone, then only changes past it by more than the hysteresis
        ({"above": 10, "hysteresis": 2}, [(11, True), (8, True), (7.9, False), (11, False), (12, False), (12.1, True)]),
        ({"below": 2, "hysteresis": 0.5}, [(2.2, False), (1.6, False), (1.4, True), (2.5, True), (2.6, False)]),
        ({"above": 10, "below": 20, "hysteresis": 1}, [(15, True), (20.5, True), (21.5, False), (19.5, False)]),
    ],
)
def test_limits_and_hysteresis(given_options: dict[str, Any], story: list[tuple[float, bool]]) -> None:
    decoder = Decoder(options(**given_options))
    assert [on_or_off(decoder.decode(str(number).encode(), NOW)) for number, _ in story] == [on for _, on in story]


@pytest.mark.parametrize(
    "text",
    [
        "nan",
        "NaN",
        "inf",
        "-Infinity",
        "1e999",
        "1_0",
        "\uff11\uff12",
        "\u0663",
        "41 W",
        "0x10",
        "1,5",
        "True",
        "+",
        ".",
    ],
)
def test_only_plain_numbers_are_numbers(text: str) -> None:
    assert decode(text, above=3) == Undecodable("is not a number", text)


@pytest.mark.parametrize(("text", "on"), [("-1", False), ("+4", True), (".5", False), ("4.", True), ("4e0", True)])
def test_plain_numbers(text: str, on: bool) -> None:
    assert on_or_off(decode(text, above=3)) is on


@pytest.mark.parametrize(("text", "on"), [("0", True), ("11.9", True), ("12", False), ("86400", False)])
def test_idle_seconds_tell_the_last_input(text: str, on: bool) -> None:
    since = NOW - timedelta(seconds=float(text))
    assert decode(text, kind="activity", idle_seconds=True) == SignalChanged("desk", on, since)


@pytest.mark.parametrize("text", ["-1", "1e9", "soon", "nan"])
def test_an_impossible_idle_time_is_refused(text: str) -> None:
    assert isinstance(decode(text, kind="activity", idle_seconds=True), Undecodable)


def test_a_kept_idle_time_of_unknown_age_does_not_tell_when() -> None:
    assert decode("40", kind="activity", idle_seconds=True, retained=True) == SignalChanged(
        "desk", on=False, retained=True
    )


def test_a_dated_idle_time_counts_from_its_date() -> None:
    at = NOW - 3 * MINUTE
    payload = {"idle": 5, "at": at.timestamp()}
    templates = {"value_template": "{{ value_json.idle }}", "timestamp_template": "{{ value_json.at }}"}
    result = decode(payload, kind="activity", idle_seconds=True, retained=True, **templates)
    assert result == SignalChanged("desk", on=False, since=at - timedelta(seconds=5), at=at, retained=True)


def dated(text: object, kind: str = "presence", zone: str = "UTC", *, on: bool = True) -> Any:
    decoder = Decoder(
        options(kind=kind, value_template="{{ value_json.on }}", timestamp_template="{{ value_json.at }}"),
        ZoneInfo(zone),
    )
    return decoder.decode(raw({"on": on, "at": text}), NOW)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        (1795361400, "UTC", NOW),
        (1795361400.0, "UTC", NOW),
        (1795361400000, "UTC", NOW),
        ("2026-11-22T15:30:00Z", "UTC", NOW),
        ("2026-11-22 15:30:00Z", "UTC", NOW),
        ("2026-11-22T16:29:00+01:00", "UTC", NOW - MINUTE),
        ("2026-11-22T16:29:00", "Europe/Berlin", NOW - MINUTE),  # Tasmota: local, without a zone
        ("2026-11-22T15:30:59Z", "UTC", NOW),  # slightly ahead: now
        ("2026-11-22T15:31:01Z", "UTC", None),  # plainly wrong
        ("1970-01-01T00:05:12", "UTC", None),  # never set
        (0, "UTC", None),
        (None, "UTC", None),
        ("", "UTC", None),
    ],
)
def test_timestamps(text: object, zone: str, expected: datetime | None) -> None:
    assert dated(text, zone=zone) == SignalChanged("desk", on=True, at=expected)


@pytest.mark.parametrize("text", ["soon", "2026-13-40", 1e300, "-1e15", "0001-01-01T00:00:00", "12:30"])
def test_a_timestamp_that_is_none_is_named(text: object) -> None:
    result = dated(text, zone="Asia/Tokyo")
    assert isinstance(result, Undecodable)
    assert "neither Unix time nor ISO 8601" in result.reason


@pytest.mark.parametrize(
    ("kind", "on", "since"), [("motion", True, NOW), ("activity", True, NOW), ("motion", False, None)]
)
def test_a_movement_was_when_it_was_read(kind: str, on: bool, since: datetime | None) -> None:
    assert dated(NOW.isoformat(), kind, on=on) == SignalChanged("desk", on, since, NOW)


def test_a_presence_did_not_begin_when_it_was_read() -> None:
    assert dated(NOW.isoformat(), "presence").since is None


def test_retained_messages_are_marked() -> None:
    assert decode("ON", retained=True) == SignalChanged("desk", on=True, retained=True)


@pytest.mark.parametrize(
    ("given_options", "payload", "expected"),
    [
        ({}, "online", True),
        ({}, "Offline", False),  # Tasmota
        ({}, {"state": "online"}, True),  # Zigbee2MQTT
        ({}, {"state": "offline"}, False),
        ({"payload_available": "ON", "payload_not_available": "OFF"}, "OFF", False),  # LNXlink
        ({"payload_available": True, "payload_not_available": False}, "True", True),
        ({"availability_template": "{{ value_json.link }}"}, {"link": "online"}, True),
        ({}, "", None),
        ({}, {"other": 1}, None),
    ],
)
def test_availability(given_options: dict[str, Any], payload: object, expected: bool | None) -> None:
    result = Decoder(options(**given_options)).decode_availability(raw(payload))
    assert result == (None if expected is None else AvailabilityChanged("desk", expected))


def test_a_strange_availability_is_named() -> None:
    result = Decoder(options()).decode_availability(b"stopped")
    assert result == Undecodable("is neither payload_available nor payload_not_available", "stopped")
