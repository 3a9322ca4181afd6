"""Recordings as mosquitto writes them and as people make them, read to the byte."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from broker import Mosquitto
from hypothesis import given
from hypothesis import strategies as st

from nudger.recording import MAX_LINE_BYTES, BadLine, Message, RecordingError, parse, read

AT = datetime(2026, 11, 22, 18, 2, 11, 500_000, tzinfo=UTC)


def line(**fields: Any) -> bytes:
    return json.dumps({"t": AT.timestamp(), "topic": "desk/seat", "payload": "ON"} | fields).encode()


def only(*lines: bytes) -> Message:
    (message,) = parse(lines)
    assert isinstance(message, Message)
    return message


def fault(*lines: bytes) -> str:
    with pytest.raises(RecordingError) as caught:
        list(parse(lines))
    return str(caught.value)


# --- Lines -----------------------------------------------------------------------------------------------------------


def test_a_line_is_one_message() -> None:
    assert only(line()) == Message(1, AT, "desk/seat", b"ON", retained=False)


def test_blank_lines_are_skipped_and_counted() -> None:
    assert only(b"\n", b"  \r\n", line() + b"\r\n", b"").line == 3


@pytest.mark.parametrize(
    "tst",
    [
        "2026-11-22T19:02:11.500000Z+0100",  # mosquitto: local time and offset, in spite of the Z
        "2026-11-22T13:02:11.500000Z-0500",
        "2026-11-22T18:02:11.500000Z+0000",
        "2026-11-22T23:47:11.500000Z+0545",
        "2026-11-22T18:02:11.5Z",
        "2026-11-22T19:02:11.500+01:00",
        "2026-11-22 19:02:11.5+0100",
        AT.timestamp(),  # mosquitto before 1.6, whole seconds then
    ],
)
def test_the_offset_of_a_time_counts(tst: str | float) -> None:
    assert only(json.dumps({"tst": tst, "topic": "a", "payload": ""}).encode()).at == AT


def test_t_wins_over_tst() -> None:
    assert only(line(tst="2020-01-01T00:00:00Z")).at == AT


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        ("ON", b"ON"),
        ("", b""),
        ("Büro", "Büro".encode()),
        ({"occupancy": True}, b'{"occupancy": true}'),
        ([1, 2], b"[1, 2]"),
        (21.5, b"21.5"),
        (True, b"true"),
        (None, b"null"),
    ],
)
def test_a_payload_is_its_text_or_its_json(payload: Any, text: bytes) -> None:
    assert only(line(payload=payload)).payload == text


def test_a_missing_payload_and_mosquittos_null_are_empty() -> None:
    assert only(b'{"t": 1, "topic": "a"}').payload == b""
    assert only(line(payload=None, payloadlen=0)).payload == b""


def test_a_payload_that_is_not_utf8_arrives_as_it_was() -> None:
    assert only(b'{"t": 1, "topic": "a", "payload": "\xff\xfe"}').payload == b"\xff\xfe"


@pytest.mark.parametrize(("retain", "retained"), [(0, False), (1, True), (False, False), (True, True)])
def test_retain_is_honoured(retain: Any, retained: bool) -> None:
    assert only(line(retain=retain)).retained is retained


@pytest.mark.parametrize(
    ("broken", "hint"),
    [
        (b"{", "not JSON"),
        (b"ON", "not JSON"),
        (b"[]", "expected an object"),
        (b"5", "expected an object"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"topic": "a"}', "'t' (seconds since 1970) or 'tst' is needed"),
        (b'{"t": null, "topic": "a"}', "is needed"),
        (line(t="soon"), "ISO 8601"),
        (line(t="2026-11-22T18:02:11"), "offset"),
        (line(t="0001-01-01T00:00:00+14:00"), "between 1970 and 2200"),
        (line(t=True), "seconds since 1970"),
        (line(t=[1]), "seconds since 1970"),
        (line(t=-1), "between 1970 and 2200"),
        (line(t=1795370531500), "milliseconds"),
        (b'{"t": NaN, "topic": "a"}', "NaN"),
        (b'{"t": Infinity, "topic": "a"}', "Infinity"),
        (b'{"t": 1e999, "topic": "a"}', "between 1970 and 2200"),
        (b'{"t": 1' + b"0" * 400 + b', "topic": "a"}', "between 1970 and 2200"),
        (b'{"t": 1' + b"0" * 5000 + b', "topic": "a"}', "digits"),
        (b'{"t": 1}', "topic"),
        (line(topic=""), "topic"),
        (line(topic=5), "topic"),
        (b'{"t": 1, "topic": "a\xff"}', "topic is not UTF-8"),
        (line(payload="\ud800"), "UTF-16"),
        (line(retain="yes"), "retain must be 0 or 1"),
        (line(retain=2), "retain must be 0 or 1"),
        (b" " * (MAX_LINE_BYTES + 1), "longer than"),
    ],
)
def test_a_line_that_is_no_message_is_named_and_said_what_is_wrong(broken: bytes, hint: str) -> None:
    message = fault(line(), broken)
    assert message.startswith("line 2: ")
    assert hint in message
    assert len(message) < 200
    assert message.isprintable()


def test_leniently_read_bad_lines_are_told_and_left_out() -> None:
    first, bad, last = parse([line(), b"{", line(topic="b")], lenient=True)
    assert isinstance(bad, BadLine)
    assert bad.line == 2
    assert isinstance(first, Message)
    assert isinstance(last, Message)
    assert last.topic == "b"


@given(st.lists(st.binary(max_size=80) | st.builds(line, t=st.floats() | st.integers(), payload=st.text()), max_size=5))
def test_no_line_whatever_breaks_a_lenient_reader(lines: list[bytes]) -> None:
    for number, read_one in enumerate(parse(lines, lenient=True)):
        assert read_one.line >= number


# --- Files -----------------------------------------------------------------------------------------------------------


def test_a_file_may_be_compressed_under_any_name(tmp_path: Path) -> None:
    plain, zipped = tmp_path / "day.jsonl", tmp_path / "day.jsonl.gz"
    plain.write_bytes(line() + b"\n" + line(topic="b"))
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    renamed = zipped.rename(tmp_path / "zipped")
    assert list(read(str(plain))) == list(read(str(renamed)))
    assert len(list(read(str(plain)))) == 2


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + line())
    assert len(list(read(str(path)))) == 1


def test_an_empty_file_is_an_empty_recording(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    path.touch()
    assert list(read(str(path))) == []


def test_an_endless_line_costs_one_message_and_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    path.write_bytes(b"x" * (3 * MAX_LINE_BYTES + 5) + b"\n" + line())
    bad, good = read(str(path), lenient=True)
    assert (bad.line, good.line) == (1, 2)
    assert isinstance(bad, BadLine)


def test_files_that_cannot_be_read_say_so(tmp_path: Path) -> None:
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(b"\n".join([line(payload=os.urandom(40).hex())] * 500))[:-200])
    for path, hint in ((tmp_path / "none", "No such file"), (tmp_path, "directory"), (cut, "damaged or cut off")):
        with pytest.raises(RecordingError, match=hint):
            list(read(str(path)))
    with pytest.raises(RecordingError, match="cannot be read"):
        list(read("\0"))


def test_a_dash_is_standard_input() -> None:
    script = "import nudger.recording as r; print([m.topic for m in r.read('-')])"
    for content in (line(), gzip.compress(line())):
        done = subprocess.run([sys.executable, "-c", script], input=content, capture_output=True, check=True)
        assert done.stdout.decode().strip() == "['desk/seat']"


def test_what_mosquitto_records_is_read_back_as_it_was_sent(tmp_path: Path) -> None:
    """The recorder of the manual: ``mosquitto_sub -F %j``, far from Greenwich."""
    if shutil.which("mosquitto_sub") is None:
        pytest.skip("mosquitto's clients are not installed: this test records with mosquitto_sub")
    sent = {
        "desk/seat": b"ON",
        "zigbee2mqtt/my lamp": b'{"x": 1.5}',
        "a/quote": 'he said "x" \\ é\n'.encode(),
        "a/no": b"",
    }
    with Mosquitto(tmp_path / "broker") as broker:
        to = ["-h", "127.0.0.1", "-p", str(broker.port)]
        subprocess.run(["mosquitto_pub", *to, "-t", "a/kept", "-m", "1", "-r"], check=True)
        count = str(len(sent) + 1)
        recorder = subprocess.Popen(
            ["mosquitto_sub", *to, "-t", "#", "-F", "%j", "-C", count, "-W", "10"],
            stdout=subprocess.PIPE,
            env={**os.environ, "TZ": "America/St_Johns"},
        )
        with recorder:
            wait_for(lambda: "Sending SUBACK" in broker.log)
            for topic, payload in sent.items():
                subprocess.run(
                    ["mosquitto_pub", *to, "-t", topic, "-s" if payload else "-n"], input=payload, check=True
                )
            assert recorder.stdout is not None
            written = recorder.stdout.read()
    messages = [message for message in parse(written.splitlines()) if isinstance(message, Message)]
    assert {m.topic: m.payload for m in messages if not m.retained} == sent
    assert [m.topic for m in messages if m.retained] == ["a/kept"]
    assert all(abs(datetime.now(UTC) - m.at) < timedelta(minutes=5) for m in messages)


def wait_for(condition: Any, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
