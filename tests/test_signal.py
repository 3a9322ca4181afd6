"""MQTT payloads of sensors become events; what cannot be understood is named and changes nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from nudger.core.events import AvailabilityChanged, SignalChanged
from nudger.core.model import Kind, TrustRetained
from nudger.payload import LARGEST, SAMPLE, Document, UnreadableError
from nudger.sources.complaints import AGAIN_AFTER, Complaints
from nudger.sources.decoder import Decoder, Undecodable
from nudger.sources.signal import SignalOptions
from nudger.template import LONGEST, _compile_jinja_reader, _plain_path, compile_reader

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def options(**given_options: Any) -> SignalOptions:
    """Options of a presence signal unless said otherwise."""
    return SignalOptions.model_validate({"name": "desk", "kind": "presence", "state_topic": "desk", **given_options})


def decode(payload: object, *, retained: bool = False, **given_options: Any) -> SignalChanged | Undecodable | None:
    """Decode one payload (bytes, text, or a value to write as JSON) with a new decoder."""
    return Decoder(options(**given_options)).decode(raw(payload), NOW, retained=retained)


def raw(payload: object) -> bytes:
    """Return the payload as it is on the wire."""
    if isinstance(payload, bytes):
        return payload
    return (payload if isinstance(payload, str) else json.dumps(payload)).encode()


def on_or_off(result: object) -> bool | None:
    """Return what the signal was understood to say; fails when it was not understood."""
    assert isinstance(result, SignalChanged), result
    return result.on


# --- Shapes of the field ---------------------------------------------------------------------------------------------

CONTACT = {"value_template": "{{ value_json.contact }}", "payload_on": False}
ZIGBEE_POWER = {"value_template": "{{ value_json.power }}", "above": 15, "hysteresis": 3}


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


# --- payload_on and payload_off --------------------------------------------------------------------------------------


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


# --- Numbers ---------------------------------------------------------------------------------------------------------


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


# --- Idle time and timestamps ----------------------------------------------------------------------------------------


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


# --- Availability ----------------------------------------------------------------------------------------------------


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


# --- What cannot be understood ---------------------------------------------------------------------------------------

PICK = {"value_template": "{{ value_json.x }}"}


@pytest.mark.parametrize(
    ("given_options", "payload", "reason"),
    [
        ({}, b"\xff\xfe", "is not UTF-8 text"),
        ({}, b"1" * (LARGEST + 1), "is larger than 64 KiB"),
        ({}, "open", "means neither on nor off"),
        ({}, "41.5", "is a number: say with above or below"),
        ({}, {"occupancy": True}, "is a JSON object: pick a value"),
        (PICK, "hello", "is not JSON"),
        (PICK, b'{"x":', "is not JSON"),
        (PICK, b'{"x": ' + b"9" * 5000 + b"}", "is not JSON"),
        (PICK, b'{"x": NaN}', "holds NaN or Infinity"),
        (PICK, b'{"y": -Infinity}', "holds NaN or Infinity"),
        (PICK, b"[" * 60000, "is nested too deeply"),
        (PICK, b'{"x": "\\ud800"}', "half a character"),
        ({"value_template": "{{ value_json.x + 1 }}"}, {"x": "a"}, "makes the template fail (TypeError)"),
        ({"value_template": "{{ value|int // 0 }}"}, "1", "makes the template fail (ZeroDivisionError)"),
        (
            {"value_template": "{{ ''.__class__.__mro__[1].__subclasses__() }}"},
            "1",
            "makes the template fail (SecurityError)",
        ),
    ],
)
def test_what_cannot_be_understood_is_named(given_options: dict[str, Any], payload: object, reason: str) -> None:
    result = decode(payload, **given_options)
    assert isinstance(result, Undecodable), result
    assert reason in result.reason
    assert len(result.sample) <= SAMPLE
    assert result.sample.isprintable()


def test_a_sample_cannot_forge_a_log_line() -> None:
    result = decode(b"\x1b[31mred\x1b[0m\nWARNING all is lost \xe2\x80\xae" + b"x" * 100)
    assert isinstance(result, Undecodable)
    assert result.sample.startswith("\\x1b[31mred\\x1b[0m\\nWARNING all is lost \\u202ex")
    assert result.sample.endswith("x…")
    assert len(result.sample) == SAMPLE


def test_a_long_output_of_a_template_is_cut() -> None:
    assert len(compile_reader("{{ value * 1000 }}")(Document(b"1234567890"))) == LONGEST


def test_a_complaint_is_made_once_in_a_while_for_each_signal_and_reason() -> None:
    complaints = Complaints()
    what = Undecodable("is not JSON", "hel\\nlo")
    first = complaints.add("alex/pad", "z2m/chair\npad", what, NOW)
    assert first == "signal alex/pad: ignored 'hel\\nlo' on z2m/chair\\npad: it is not JSON"
    assert [complaints.add("alex/pad", "t", what, NOW + n * MINUTE) for n in (0, 1, 9.9)] == [None] * 3
    assert complaints.add("sam/pad", "t", what, NOW) is not None
    assert complaints.add("alex/pad", "t", Undecodable("is not UTF-8 text", ""), NOW) is not None
    again = complaints.add("alex/pad", "t", what, NOW + AGAIN_AFTER)
    assert again is not None
    assert again.endswith("(3 more like it since this was last said)")


def test_a_clock_set_back_does_not_silence_complaints() -> None:
    complaints = Complaints()
    what = Undecodable("is not JSON", "x")
    assert complaints.add("pad", "t", what, NOW)
    assert complaints.add("pad", "t", what, NOW - timedelta(days=1))


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
payloads = st.one_of(
    st.binary(max_size=80),
    st.text(max_size=20).map(lambda text: text.encode(errors="surrogatepass")),
    json_values.map(lambda value: json.dumps(value).encode()),
    json_values.map(lambda value: json.dumps({"x": value, "t": value}).encode()),
    st.floats().map(lambda number: str(number).encode()),
)
every_way = st.sampled_from(
    [
        {},
        PICK,
        CONTACT,
        {"payload_on": "ON", "payload_off": "OFF"},
        {"above": 3, "below": 50, "hysteresis": 5},
        {"value_template": "{{ value_json.x|float(0) * 2 }}", "above": 3, "hysteresis": 1},
        {"value_template": "{{ value_json.x.y[0] ~ value }}"},
        {"kind": "activity", "idle_seconds": True, "timestamp_template": "{{ value_json.t }}"},
        {**PICK, "kind": "motion", "timestamp_template": "{{ value_json.t }}"},
        {"availability_template": "{{ value_json.x }}"},
    ]
)


@given(every_way, st.lists(payloads, max_size=6))
@example(PICK, [b"[" * 60000, b'{"x":1e999}', b'{"x":{"x":' * 300])
def test_no_payload_ever_does_harm(given_options: dict[str, Any], messages: list[bytes]) -> None:
    """Never raises; events are sane; and a payload that is not understood leaves no trace in what follows."""
    decoder, undisturbed = Decoder(options(**given_options)), Decoder(options(**given_options))
    for payload in [*messages, b"7", b'{"x": 7}', b"ON"]:
        result = decoder.decode(payload, NOW)
        assert isinstance(decoder.decode_availability(payload), AvailabilityChanged | Undecodable | None)
        if isinstance(result, SignalChanged):
            assert undisturbed.decode(payload, NOW) == result
            assert all(instant is None or instant <= NOW for instant in (result.since, result.at))
        else:
            assert result is None or result.sample.isprintable()


# --- Templates -------------------------------------------------------------------------------------------------------

keys = st.sampled_from(["a", "b", "_c", "Power", "items", "update", "real", "two words", "ü", "not", "1", "x.y"])


def spell(key: str, how: int) -> str:
    """Write one step of a path in one of the ways Jinja has."""
    if how == 0 and key.isidentifier() and key.isascii():
        return f".{key}"
    quote = "'" if how % 2 else '"'
    return f"[{quote}{key}{quote}]"


paths = st.lists(st.builds(spell, keys, st.integers(0, 2)), min_size=1, max_size=3).map("".join)
objects = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.dictionaries(keys, inner, max_size=4) | st.lists(inner, max_size=2),
    max_leaves=10,
)


@given(
    paths, objects | st.dictionaries(keys, objects), st.sampled_from([("{{ ", " }}"), ("{{", "}}"), (" {{- ", "-}}\n")])
)
@example("['a']", {"a": {"b": 1}}, ("{{ ", " }}"))
@example(".a.b", {"a": None}, ("{{ ", " }}"))
def test_the_short_way_renders_what_jinja_renders(path: str, value: object, braces: tuple[str, str]) -> None:
    source = f"{braces[0]}value_json{path}{braces[1]}"
    assume(_plain_path(source))
    for payload in (json.dumps(value).encode(), b"no JSON"):
        results = []
        for read in (compile_reader(source), _compile_jinja_reader(source)):
            try:
                results.append(read(Document(payload)))
            except UnreadableError as fault:
                results.append(repr(fault))
        assert results[0] == results[1]


@pytest.mark.parametrize(
    ("source", "taken"),
    [
        ("{{ value_json.occupancy }}", ("occupancy",)),
        ("{{value_json['a b'].c}}", ("a b", "c")),
        ("{{ value_json.items }}", ()),  # a method of a dict, in Jinja
        ("{{ value_json.a|float }}", ()),
        ("{{ value }}", ()),
    ],
)
def test_which_templates_go_the_short_way(source: str, taken: tuple[str, ...]) -> None:
    assert _plain_path(source) == taken


def test_plain_configs_do_not_load_jinja() -> None:
    program = (
        "import sys; from nudger.sources.signal import SignalOptions;"
        "from nudger.sources.decoder import Decoder;"
        "Decoder(SignalOptions(name='x', kind='seat', state_topic='t', value_template='{{ value_json.a }}'));"
        "sys.exit('jinja2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{{ value", "is no valid template: unexpected end of template"),
        ("ON\n{{ value|flaot }}", "(line 2 of the template)"),
        ("{{ value|flaot }}", "No filter named 'flaot'"),
        ("{{ now() }}", "uses 'now', but can only see name, value, value_json"),
        ("{{ states('sensor.x') }}", "uses 'states'"),
    ],
)
def test_a_wrong_template_is_a_fault_of_the_config(source: str, says: str) -> None:
    for field in ("value_template", "timestamp_template", "availability_template"):
        with pytest.raises(ValidationError) as fault:
            options(**{field: source})
        assert says in fault.value.errors()[0]["msg"]


def test_a_template_sees_the_name_of_the_signal() -> None:
    assert on_or_off(decode("x", value_template="{{ 'ON' if name == 'desk' and value == 'x' else 'OFF' }}")) is True


def test_a_template_may_cope_with_what_is_not_json() -> None:
    source = "{{ value_json.x if value_json is defined else value }}"
    assert on_or_off(decode("ON", value_template=source)) is True
    assert on_or_off(decode({"x": "OFF"}, value_template=source)) is False


# --- Options ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_options", "place", "says"),
    [
        ({"kind": "seat", "hold": 60}, "hold", "kind motion and activity only"),
        ({"kind": "motion", "hold": 0}, "hold", "must be longer than 0"),
        ({"above": 3, "payload_on": "ON"}, "above", "leave payload_on and payload_off out"),
        ({"below": 3, "payload_off": "OFF"}, "below", "leave payload_on and payload_off out"),
        ({"above": 3, "below": 3}, "below", "must be more than above"),
        ({"hysteresis": 1}, "hysteresis", "needs above or below"),
        ({"above": 1, "below": 3, "hysteresis": 1}, "hysteresis", "less than half the distance"),
        ({"above": 1, "hysteresis": -1}, "hysteresis", "greater than or equal to 0"),
        ({"idle_seconds": True}, "idle_seconds", "kind activity only"),
        ({"kind": "activity", "idle_seconds": True, "above": 3}, "idle_seconds", "above and below out"),
        ({"kind": "activity", "idle_seconds": True, "payload_on": 1}, "idle_seconds", "leave payload_on"),
        ({"payload_on": "x", "payload_off": "x"}, "payload_off", "must differ from payload_on"),
        ({"payload_available": "up", "payload_not_available": "Up"}, "payload_not_available", "must differ"),
        ({"kind": "chair"}, "kind", "'seat', 'presence', 'motion'"),
        ({"qos": 3}, "qos", "0, 1 or 2"),
        ({"state_topic": "a/+"}, "state_topic", "without the wildcards"),
        ({"name": "a\nb"}, "name", "control characters"),
        ({"expire_after": 0}, "expire_after", "must be longer than 0"),
        ({"trust_retained": "always"}, "trust_retained", "'never', 'fresh' or 'state'"),
        ({"off_delya": 3}, "off_delya", "not permitted"),
    ],
)
def test_faults_of_options_are_named_at_their_place(given_options: dict[str, Any], place: str, says: str) -> None:
    with pytest.raises(ValidationError) as fault:
        options(**given_options)
    (error,) = fault.value.errors()
    assert error["loc"] == (place,)
    assert says in error["msg"]


@pytest.mark.parametrize(
    ("given_options", "hold", "expire_after"),
    [
        ({"kind": "seat"}, timedelta(0), None),
        ({"kind": "motion"}, 10 * MINUTE, None),
        ({"kind": "activity"}, 5 * MINUTE, None),
        ({"kind": "motion", "hold": "3 min"}, 3 * MINUTE, None),
        ({"kind": "activity", "idle_seconds": True}, 5 * MINUTE, 5 * MINUTE),
        ({"kind": "activity", "idle_seconds": True, "expire_after": 90}, 5 * MINUTE, 1.5 * MINUTE),
    ],
)
def test_defaults_for_the_core(given_options: dict[str, Any], hold: timedelta, expire_after: timedelta | None) -> None:
    signal = options(**given_options).to_signal()
    assert (signal.name, signal.kind, signal.remote) == ("desk", Kind(given_options["kind"]), True)
    assert (signal.hold, signal.expire_after, signal.off_delay) == (hold, expire_after, None)
    assert (signal.trust_retained, signal.max_age) == (TrustRetained.FRESH, 10 * MINUTE)


def test_subscriptions_of_a_signal() -> None:
    given_options = options(state_topic="z2m/desk pad", availability_topic="z2m/desk pad/availability", qos=2)
    assert given_options.subscriptions() == {"z2m/desk pad": 1, "z2m/desk pad/availability": 1}
    assert options(name="x").subscriptions() == {"desk": 0}
