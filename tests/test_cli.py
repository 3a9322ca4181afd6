"""The command line: the real commands, and a real daemon where one is asked."""

from __future__ import annotations

import gzip
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from cli_rig import Home, a_home

from nudger import __version__
from nudger.cli import SECTIONS, main

TWO = "people:\n  alex: {stage: daily_walks}\n  sam: {}\n"
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


@pytest.fixture(scope="module")
def two() -> Iterator[Home]:
    """A daemon for two persons, by the clock alone; each test leaves it as it was."""
    with a_home() as made:
        made.write(TWO)
        made.start("--plain")
        yield made


def every_command(group: click.Group, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*above, name)
        if isinstance(command, click.Group):
            yield from every_command(command, (*above, name))


# --- Help ------------------------------------------------------------------------------------------------------------


def test_help_lists_every_command_once_by_section(home: Home) -> None:
    shown = home.call("--help")
    assert shown.exit_code == 0
    for title in SECTIONS:
        assert f"{title}:" in shown.output
    for name in main.commands:
        assert len(re.findall(rf"^  {name} ", shown.output, re.MULTILINE)) == 1
    assert "..." not in shown.output, "a summary is too long for its line"


@pytest.mark.parametrize("command", [*every_command(main)], ids=" ".join)
def test_every_command_helps(home: Home, command: tuple[str, ...]) -> None:
    shown = home.call(*command, "-h")
    assert shown.exit_code == 0
    assert shown.output.startswith("Usage: nudger")
    assert "\x08" not in shown.output, "a mark for click, not for people"
    assert max(map(len, shown.output.splitlines())) <= 80


def test_version(home: Home) -> None:
    assert home.call("--version").output == f"nudger {__version__}\n"


@pytest.mark.parametrize(
    "args", [("foo",), ("pause", "--foo"), ("flare",), ("flare", "maybe"), ("run", "--time-scale", "0")]
)
def test_bad_usage_is_2(home: Home, args: tuple[str, ...]) -> None:
    result = home.call(*args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: " in result.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_says_how_to_install_it(home: Home, shell: str) -> None:
    result = home.call("completion", shell)
    first, rest = result.stdout.split("\n", 1)
    assert first.startswith("# ")
    assert f"nudger completion {shell}" in first
    assert "_NUDGER_COMPLETE" in rest


def test_completes_commands_and_choices(home: Home) -> None:
    completing = {"_NUDGER_COMPLETE": "bash_complete", "COMP_WORDS": "nudger st", "COMP_CWORD": "1"}
    code = "from nudger.cli import main; main(prog_name='nudger')"
    shown = subprocess.run(
        [sys.executable, "-c", code], env={**home.env, **completing}, capture_output=True, text=True, check=False
    )
    assert shown.stdout.split() == ["plain,status", "plain,stage"]


# --- Without a daemon ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "args",
    [
        ("status",),
        ("status", "--json"),
        ("done",),
        ("snooze",),
        ("skip",),
        ("pause",),
        ("resume",),
        ("rest",),
        ("flare", "on"),
        ("stage",),
        ("stage", "set", "steady"),
        ("signals",),
        ("signals", "try", "chair"),
    ],
)
def test_says_that_nudger_is_not_running(home: Home, args: tuple[str, ...]) -> None:
    result = home.call(*args)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "nudger is not running; start it with `nudger run`\n"


def test_status_loads_nothing_heavy(home: Home) -> None:
    code = (
        "import sys; from nudger.cli import main; main(['status'], standalone_mode=False, prog_name='nudger')\n"
        "heavy = {'pydantic', 'paho', 'rich', 'yaml', 'jinja2', 'asyncio', 'sqlite3', 'apscheduler', 'h11'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    home.start("--plain")
    shown = subprocess.run([sys.executable, "-c", code], env=home.env, capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[-1] == "[]"
    assert "me: " in shown.stdout


def test_what_the_system_refuses_is_one_plain_line(home: Home) -> None:
    (home.folder / "run").touch()  # so that no folder for the socket can be made
    result = home.run("run", "--plain")
    assert result.returncode == 1
    assert result.stderr.splitlines()[1:] == [f"{home.folder}/run/nudger: Not a directory"]


# --- The config ------------------------------------------------------------------------------------------------------


def test_check_sums_a_good_config_up(home: Home) -> None:
    path = home.write(
        "mqtt: {host: broker.lan, port: 1884}\n"
        "people:\n"
        "  alex:\n"
        "    signals:\n"
        "      - {name: chair, kind: seat, state_topic: desk/chair}\n"
        "      - {name: keys, kind: activity, state_topic: desk/idle, idle_seconds: true}\n"
        "    outputs: [{type: light, preset: zigbee2mqtt, name: lamp}]\n"
        "  sam: {}\n"
    )
    result = home.call("check")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        f"{path} is fine: 2 persons, 2 signals, 1 lamp, broker broker.lan:1884, "
        "no signal and so by the clock alone: sam\n"
    )


@pytest.mark.parametrize("command", [("check",), ("run", "--plain"), ("replay", "-")])
def test_every_fault_of_a_config_is_one_line(home: Home, command: tuple[str, ...]) -> None:
    path = home.write("mqqt: {}\npeople:\n  alex: {stagee: x}\n", "bad.yaml")
    result = home.call(*command, "-c", str(path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        f"{path}:1: mqqt: unknown option, did you mean 'mqtt'?",
        f"{path}:3: people.alex.stagee: unknown option, did you mean 'stage'?",
    ]


def test_a_config_that_is_not_there_is_2(home: Home) -> None:
    result = home.call("check", "-c", "none.yaml")
    assert result.exit_code == 2
    assert result.stderr == "none.yaml: cannot be read: No such file or directory\n"


def test_without_a_config_check_says_where_it_looked(home: Home) -> None:
    result = home.call("check")
    assert result.exit_code == 0
    assert f"{home.folder}/config/nudger/config.yaml or /etc/nudger/config.yaml" in result.stdout


def test_check_tells_warnings(home: Home) -> None:
    path = home.write("mqtt: {username: me, password: secret}\n")
    path.chmod(0o644)
    result = home.call("check")
    assert result.exit_code == 0
    assert result.stderr.startswith(f"warning: {path}: holds a password")
    assert "secret" not in result.output.replace("!secret", "")


def test_check_says_where_a_stored_stage_wins(home: Home) -> None:
    home.write("people: {me: {stage: daily_walks}}\n")
    home.start("--plain")
    assert home.call("check").stderr == ""
    assert home.call("stage", "set", "steady").exit_code == 0
    note = "note: me is on stage steady by now, and that counts, not daily_walks from the config"
    assert home.call("check").stderr.startswith(note)
    home.stop()
    assert home.call("check").stderr.startswith(note), "from the history, with nobody running"


def test_schema_is_the_configs(home: Home) -> None:
    shown = json.loads(home.call("schema").stdout)
    assert shown["$schema"].startswith("https://json-schema.org/")
    assert {"mqtt", "people", "time_zone"} <= shown["properties"].keys()


# --- With a daemon ---------------------------------------------------------------------------------------------------


def test_status_shows_everybody(two: Home) -> None:
    shown = two.call("status").stdout
    assert re.search(r"^alex: sitting for .*\n  Why     Going by the clock alone", shown, re.MULTILINE)
    assert re.search(r"^  Stage   daily walks$", shown, re.MULTILINE)
    assert re.search(r"^sam: ", shown, re.MULTILINE)
    assert f"nudger {__version__} since " in shown
    assert "\x1b" not in shown, "colours are for terminals"


def test_status_of_one(two: Home) -> None:
    shown = two.call("status", "--person", "sam").stdout
    assert shown.startswith("sam: ")
    assert "alex" not in shown


def test_status_as_json(two: Home) -> None:
    shown = json.loads(two.call("status", "--json").stdout)
    assert list(shown) == ["persons", "service"]
    assert list(shown["persons"]) == ["alex", "sam"]
    assert shown["service"]["version"] == __version__
    assert list(json.loads(two.call("status", "--json", "--person", "sam").stdout)["persons"]) == ["sam"]


@pytest.mark.parametrize("args", [("status",), ("done",), ("stage",), ("stage", "set", "steady")])
def test_a_stranger_is_bad_usage(two: Home, args: tuple[str, ...]) -> None:
    result = two.call(*args, "--person", "max")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "there is no person 'max'; choose one of: alex, sam\n"


def test_of_several_persons_one_must_be_named(two: Home) -> None:
    result = two.call("pause")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "which person is meant; choose one of: alex, sam\n"


@pytest.mark.parametrize(
    ("args", "minutes"),
    [
        ((), 30),
        (("45",), 45),
        (("1 h 30 min",), 90),
        (("90s",), 1.5),
        (("0.5",), 0.5),
        (("--until", "3000-01-01"), None),
    ],
)
def test_pause_takes_minutes(two: Home, args: tuple[str, ...], minutes: float | None) -> None:
    result = two.call("pause", *args, "--person", "sam")
    if minutes is None:
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == "A pause lasts 366 days at most. Please name an earlier end.\n"
        return
    assert result.exit_code == 0
    assert result.stdout.startswith("Paused until ")
    state = two.status("sam")
    assert state["hold"] == "paused"
    paused_until = re.search(r"until (?:([0-9-]+) )?(\d\d):(\d\d)", state["why"])
    assert paused_until is not None
    now = int(state["at"][11:13]) * 60 + int(state["at"][14:16]) + float(state["at"][17:19]) / 60
    length = (int(paused_until[2]) * 60 + int(paused_until[3]) - now) % (24 * 60)
    assert min(abs(length - minutes), 24 * 60 - abs(length - minutes)) < 1.5  # the clock shows whole minutes
    assert two.call("resume", "--person", "sam").exit_code == 0
    assert two.status("sam")["hold"] is None


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (("0",), "must be longer than 0"),
        (("soon",), "must be a duration such as 30 (minutes), '10 min' or '1 h 30 min', not 'soon'"),
        (("--", "-5"), "must be a duration"),
        (("5", "--until", "14:00"), "give either a length or --until"),
        (("--until", "soon"), "'until' must be a time such as 17:30"),
        (("--until", "25:00"), "'until' must be a time such as 17:30"),
    ],
)
def test_a_pause_that_is_none_is_bad_usage(two: Home, args: tuple[str, ...], complaint: str) -> None:
    result = two.call("pause", "--person", "sam", *args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert complaint in result.stderr
    assert two.status("sam")["hold"] is None


def test_a_refused_command_says_why(two: Home) -> None:
    result = two.call("resume", "--person", "alex")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "You are not paused, so there is nothing to resume.\n"


def test_rest_begins_and_ends(two: Home) -> None:
    assert two.call("rest", "20", "--person", "alex").stdout.startswith("You are resting until ")
    assert two.call("resume", "--person", "alex").exit_code == 0


def test_a_flare_begins_and_ends(two: Home) -> None:
    assert two.call("flare", "on", "--person", "alex").stdout.startswith("Noted. Everything stays small and gentle")
    assert two.status("alex")["flare"] is True
    assert "daily walks, in a flare" in two.call("status", "--person", "alex").stdout
    assert two.call("flare", "off", "--person", "alex").stdout.startswith("Noted, the flare is over.")
    assert two.status("alex")["flare"] is False


def test_stages_are_listed_and_chosen(two: Home) -> None:
    lines = two.call("stage").stdout.splitlines()
    assert lines[0] == "gentle_start    Gentle start    a prompt after 20 to 22 min   <- sam"
    assert lines[1].endswith("<- alex")
    assert len(lines) == 6
    assert two.call("stage", "--person", "sam", "set", "steady", "--by", "provider").exit_code == 0
    assert json.loads(two.call("stage", "--json", "--person", "sam").stdout)["persons"] == {"sam": "steady"}
    assert two.call("stage", "--person", "sam").stdout.splitlines()[-1].endswith("<- you are here")
    assert two.call("stage", "set", "gentle_start", "--person", "sam").exit_code == 0
    assert two.status("sam")["stage"] == "gentle_start"


def test_a_stage_that_there_is_not_is_bad_usage(two: Home) -> None:
    result = two.call("stage", "set", "dayly_walks", "--person", "sam")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "there is no stage 'dayly_walks', did you mean 'daily_walks'?\n"
    assert two.status("sam")["stage"] == "gentle_start"


def test_without_signals_there_is_nothing_to_list(two: Home) -> None:
    assert two.call("signals").stdout == "There are no signals in the config, so nudger goes by the clock alone.\n"
    result = two.call("signals", "try", "chair")
    assert (result.exit_code, result.stderr) == (2, "there is no signal 'chair'; the config names none\n")


def test_a_second_nudger_names_the_first(two: Home) -> None:
    assert two.process is not None
    result = two.call("run", "--plain")
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"already running: another nudger (process {two.process.pid}) is using {two.state}" in result.stderr


def test_a_trial_beside_a_running_nudger_is_refused(two: Home) -> None:
    result = two.call("run", "--plain", "--time-scale", "60")
    assert result.exit_code == 1
    assert f"already running: another one answers on {two.folder}/run/nudger/nudger.sock" in result.stderr


# --- Running ---------------------------------------------------------------------------------------------------------


def test_a_history_of_a_later_release_is_2(home: Home) -> None:
    home.state.mkdir(parents=True)
    with sqlite3.connect(home.state / "nudger.db") as database:
        database.execute("PRAGMA user_version = 99")
    result = home.run("run", "--plain")
    assert result.returncode == 2
    assert "was written by a later release" in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


def test_out_of_the_box_it_says_in_a_line_what_it_uses(home: Home) -> None:
    home.start("--plain")
    assert home.log().splitlines()[0] == (
        "nudger: no config found, so timer mode for one person (me), active 07:00-22:00 every day; "
        "history in ~/state/nudger"
    )
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d nudger .* is running: 1 person", home.log(), re.MULTILINE)


def test_with_a_config_there_is_nothing_to_explain(home: Home) -> None:
    home.write(TWO)
    home.start("--plain")
    assert "no config" not in home.log()


def test_a_trial_leaves_the_history_alone_and_keeps_none(home: Home) -> None:
    home.start("--plain")
    home.call("stage", "set", "steady")
    home.stop()
    before = (home.state / "nudger.db").read_bytes()
    for _ in range(2):
        home.start("--plain", "--time-scale", "60")
        assert home.status()["stage"] == "gentle_start"
        assert home.call("stage", "set", "walk_run").exit_code == 0
        assert "trying out, 60 times as fast" in home.call("status").stdout
        home.stop()
    assert (home.state / "nudger.db").read_bytes() == before
    home.start("--plain")
    assert home.status()["stage"] == "steady"


def test_reads_the_config_again_on_sighup(home: Home) -> None:
    path = home.write(TWO)
    home.start("--plain")
    path.write_text("people: {alex: {stage: steady}, kim: {}}\n")
    assert home.process is not None
    home.process.send_signal(1)
    home.until(lambda: "kim" in home.call("status").stdout)
    assert "sam" not in home.call("status").stdout
    path.write_text("people: {alex: {stagee: steady}}\n")
    home.process.send_signal(1)
    home.until(lambda: "did you mean 'stage'" in home.log())
    assert "kim" in home.call("status").stdout


def test_log_level_is_heeded(home: Home) -> None:
    home.write("log_level: warning\n")
    home.start("--plain")
    assert home.log() == ""


def test_in_the_journal_lines_have_a_priority_and_no_time(home: Home) -> None:
    reader, writer = os.pipe()
    pipe = os.fstat(writer)
    env = {**home.env, "JOURNAL_STREAM": f"{pipe.st_dev}:{pipe.st_ino}"}
    home.process = subprocess.Popen([sys.executable, "-m", "nudger", "run"], env=env, stderr=writer, text=True)
    os.close(writer)
    home.until(lambda: home.call("status").exit_code == 0)
    assert home.stop() == 0
    with os.fdopen(reader) as log:
        lines = log.read().splitlines()
    assert f"<6>nudger {__version__} is running: 1 person, no broker, history is kept" in lines


def test_a_prompt_is_answered_and_the_break_counted(home: Home) -> None:
    """From nothing to the first break: no config, no history, no sensor."""
    home.start("--time-scale", "300", "--plain")  # the first prompt comes after 20 min, which is 4 s
    home.until(lambda: home.status()["prompt"])
    prompt = home.status()["prompt"]
    assert f"  Prompt  {prompt['title']}" in home.call("status").stdout
    answer = home.call("done")
    assert (answer.exit_code, answer.stderr) == (0, "")
    home.until(lambda: home.status()["breaks_today"] == 1)
    home.until(lambda: home.status()["posture"] == "sitting")
    state = home.status()
    assert state["prompt"] is None
    assert (state["prompts_today"], state["followed_today"]) == (1, 1)
    assert home.stop() == 0
    happened = [line.split("me: ")[1] for line in home.log().splitlines() if " me: " in line]
    assert happened[0].startswith(f"prompt: {prompt['title']} (")
    assert any(line.startswith("prompt done after ") for line in happened)
    assert "break of 2 min, assumed" in happened
    assert not (home.folder / "run" / "nudger" / "nudger.sock").exists()


def test_ends_within_five_seconds(home: Home) -> None:
    home.start("--plain")
    process = home.process
    assert process is not None
    process.terminate()
    assert process.wait(5) == 0


# --- Looking back ----------------------------------------------------------------------------------------------------


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
    assert {"t": START + 1200, "type": "prompt"}.items() <= records[1].items()


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
    assert "gentle_start" in compared
    assert "steady" in compared


@pytest.mark.parametrize("args", [("--stage", "foo"), ("--follow", "2"), ("--days", "0"), ("--compare", "--json")])
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


# --- The service -----------------------------------------------------------------------------------------------------


def test_the_service_is_not_there_at_first(home: Home, tmp_path: Path) -> None:
    tool = tmp_path / "systemctl"
    tool.write_text("#!/bin/sh\nexit 1\n")
    tool.chmod(0o755)
    shown = home.call("service", "status", PATH=str(tmp_path))
    assert (shown.exit_code, shown.stdout) == (0, "not installed; `nudger service install` does that\n")


def test_without_systemd_the_service_is_one_plain_line(home: Home) -> None:
    shown = home.call("service", "install", PATH="")
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert shown.stderr.startswith("there is no systemd here: ")


def test_a_service_needs_a_config_that_is_there(home: Home) -> None:
    assert home.call("service", "install", "-c", "none.yaml").exit_code == 2
