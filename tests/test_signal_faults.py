"""A payload that cannot be understood is named, and changes nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from signal_rig import CONTACT, MINUTE, NOW, PICK, decode, options

from nudger.core.events import AvailabilityChanged, SignalChanged
from nudger.payload import LARGEST, SAMPLE, Document
from nudger.sources.complaints import AGAIN_AFTER, Complaints
from nudger.sources.decoder import Decoder, Undecodable
from nudger.template import LONGEST, compile_reader


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
        ({"value_template": "{{ value_json.x + 1 }}"}, "hello", "is not JSON"),
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
