"""Replay and simulate, from the command line."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from cli_rig import Home, a_home

CHAIR = "mqtt: {}\npeople: {alex: {signals: [{name: chair, kind: seat, state_topic: desk/chair}]}}\n"
START = 1_795_334_400  # Sunday 2026-11-22 08:00 UTC
SAT_HALF_AN_HOUR = "".join(
    json.dumps({"t": START + 60 * minute, "topic": "desk/chair", "payload": payload}) + "\n"
    for minute, payload in ((0, "ON"), (30, "OFF"), (35, "ON"))
)


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        yield made


# --- Looking back -----------------------------------------------------------------------------------------------------


def test_replay_prints_what_would_have_happened(home: Home) -> None:
    home.write(CHAIR)
    recording = home.write(SAT_HALF_AN_HOUR, "day.jsonl")
    shown = home.call("replay", str(recording))
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert "alex, Sunday 22 November 2026" in shown.stdout


@pytest.mark.parametrize("kind", ["file", "gzip", "stdin"])
def test_replay_as_json(home: Home, kind: str) -> None:
    home.write(CHAIR)
    recording = home.write(SAT_HALF_AN_HOUR, "day.jsonl")
    if kind == "gzip":
        recording.write_bytes(gzip.compress(recording.read_bytes()))
    args = ("replay", "-" if kind == "stdin" else str(recording), "--json", "--person", "alex")
    shown = home.call(*args, input_=SAT_HALF_AN_HOUR if kind == "stdin" else None)
    assert (shown.exit_code, shown.stderr) == (0, "")
    records = [json.loads(line) for line in shown.stdout.splitlines()]
    assert records[-1]["type"] == "summary"
    assert records[-1]["persons"]["alex"]["bouts"] == 1
    assert next(record["t"] for record in records if record["type"] == "prompt") == START + 20 * 60


def test_replay_without_a_config_names_the_topics(home: Home) -> None:
    recording = home.write(SAT_HALF_AN_HOUR, "day.jsonl")
    shown = home.call("replay", str(recording), "--json")
    assert shown.exit_code == 0
    assert "no config found, so timer mode for one person (me)" in shown.stderr
    assert "topics of this recording: desk/chair" in shown.stderr
    assert all(json.loads(line) for line in shown.stdout.splitlines())


def test_a_recording_that_is_not_there_is_bad_usage(home: Home) -> None:
    assert home.call("replay", "none.jsonl").exit_code == 2


def test_a_damaged_recording_is_one_plain_line(home: Home) -> None:
    home.write(CHAIR)
    recording = home.folder / "day.jsonl.gz"
    recording.write_bytes(gzip.compress(SAT_HALF_AN_HOUR.encode())[:40])
    shown = home.call("replay", str(recording), "--json")
    assert shown.exit_code == 1
    assert len(shown.stderr.splitlines()) == 1
    assert "damaged or cut off" in shown.stderr


BROKEN = SAT_HALF_AN_HOUR.replace("\n", "\nno message\n", 2)


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_the_first_bad_line_ends_a_replay(home: Home, form: tuple[str, ...]) -> None:
    home.write(CHAIR)
    recording = home.write(BROKEN, "day.jsonl")
    shown = home.call("replay", str(recording), *form)
    assert shown.exit_code == 1
    assert shown.stderr == f"{recording}:2: not JSON: Expecting value at column 1\n"


def test_a_lenient_replay_skips_bad_lines_and_counts_them(home: Home) -> None:
    home.write(CHAIR)
    recording = home.write(BROKEN, "day.jsonl")
    shown = home.call("replay", str(recording), "--lenient", "--json")
    assert (shown.exit_code, shown.stderr) == (0, "2 lines were skipped\n")
    records = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [record["line"] for record in records if record["type"] == "error"] == [2, 4]
    assert records[-1]["persons"]["alex"]["bouts"] == 1
    shown = home.call("replay", str(recording), "--lenient")
    assert (shown.exit_code, shown.stderr) == (0, "2 lines were skipped\n")
    assert "alex, Sunday 22 November 2026" in shown.stdout


def test_a_lenient_replay_of_a_good_recording_is_silent(home: Home) -> None:
    home.write(CHAIR)
    recording = home.write(SAT_HALF_AN_HOUR, "day.jsonl")
    assert home.call("replay", str(recording), "--lenient").stderr == ""


def test_replay_of_a_stranger_is_bad_usage(home: Home) -> None:
    home.write(CHAIR)
    shown = home.call("replay", "-", "--person", "max", input_="")
    assert (shown.exit_code, shown.stderr) == (2, "there is no person 'max'; choose one of: alex\n")


def test_replay_touches_nothing(home: Home) -> None:
    home.write(CHAIR)
    recording = home.write(SAT_HALF_AN_HOUR, "day.jsonl")
    home.call("replay", str(recording))
    assert not home.state.exists()


def test_simulate_is_the_same_every_time(home: Home) -> None:
    first, second = (home.call("simulate", "--json").stdout for _ in range(2))
    assert first == second
    assert home.call("simulate", "--json", "--seed", "2").stdout != first
    assert json.loads(first.splitlines()[-1])["type"] == "summary"


def test_simulate_shows_a_day_and_compares_stages(home: Home) -> None:
    assert "you, Monday 5 January 2026" in home.call("simulate", "--sensors", "timer").stdout
    compared = home.call("simulate", "--compare").stdout
    assert "Gentle start" in compared
    assert "Walk and run" in compared


@pytest.mark.parametrize(
    "args",
    [
        ("--stage", "foo"),
        ("--follow", "2"),
        ("--days", "0"),
        ("--compare", "--json"),
        ("--compare", "--stage", "steady"),
    ],
)
def test_what_cannot_be_simulated_is_bad_usage(home: Home, args: tuple[str, ...]) -> None:
    result = home.call("simulate", *args)
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_reader_that_has_had_enough_is_no_error_of_ours(home: Home) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "nudger", "simulate", "--json", "--days", "20"],
        env=home.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
