"""The command line as such: help, usage, the config, and what it says where nobody runs."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import pytest
from cli_rig import Home, a_home

from nudger import __version__
from nudger.cli.common import say, zone_of
from nudger.cli.main import SECTIONS, main

YES = ("--walks-5-min", "--walks", "--mobility", "--seen")


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        yield made


def every_command(group: click.Group, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*above, name)
        if isinstance(command, click.Group):
            yield from every_command(command, (*above, name))


# --- Help -------------------------------------------------------------------------------------------------------------


def test_help_lists_every_command_once_by_section(home: Home) -> None:
    shown = home.call("--help")
    assert shown.exit_code == 0
    for title in SECTIONS:
        assert f"{title}:" in shown.output
    for name in main.commands:
        assert len(re.findall(rf"^  {name} ", shown.output, re.MULTILINE)) == 1
    assert "...\n" not in shown.output.split("\n", 1)[1], "a summary is too long for its line"


@pytest.mark.parametrize("command", [*every_command(main)], ids=" ".join)
def test_every_command_helps(home: Home, command: tuple[str, ...]) -> None:
    shown = home.call(*command, "-h")
    assert shown.exit_code == 0
    assert shown.output.startswith("Usage: nudger")
    assert "\x08" not in shown.output, "a mark for click, not for people"
    assert max(map(len, shown.output.splitlines())) <= 80
    assert "...\n" not in shown.output.split("\n", 1)[1], "a summary is too long for its line"


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


@pytest.mark.parametrize(
    ("typed", "at", "offered"),
    [
        ("nudger st", 1, ["plain,status", "plain,stage"]),
        ("nudger stage set d", 3, ["plain,daily_walks"]),
        ("nudger log mobility --c", 3, ["plain,--comfortable"]),
        ("nudger checkin --compared m", 3, ["plain,more"]),
    ],
)
def test_completes_commands_and_choices(home: Home, typed: str, at: int, offered: list[str]) -> None:
    completing = {"_NUDGER_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": str(at)}
    code = "from nudger.cli.main import main; main(prog_name='nudger')"
    shown = subprocess.run(
        [sys.executable, "-c", code], env={**home.env, **completing}, capture_output=True, text=True, check=False
    )
    assert shown.stdout.split() == offered


def test_long_lines_wrap_on_a_terminal_and_nowhere_else(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 40))
    with os.fdopen(ours, "rb", buffering=0) as shown, os.fdopen(theirs, "w") as terminal:
        say("word " * 12 + "end", file=terminal)
        assert shown.read(200).decode().splitlines() == [("word " * 8).strip(), "word " * 4 + "end"]
    with (tmp_path / "log").open("w+") as log:
        say("word " * 12 + "end", file=log)
        log.seek(0)
        assert log.read() == "word " * 12 + "end\n"


# --- Without a daemon -------------------------------------------------------------------------------------------------


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
        ("stage", "why"),
        ("stage", "cleared", "--on", "today", "--stage", "steady"),
        ("stage", "intake", "--worst", "3", "--nothing-new", *YES),
        ("checkin", "3"),
        ("checkin", "3", "--date", "yesterday", "--morning"),
        ("offer", "accept"),
        ("log", "walk", "10"),
        ("session", "next"),
        ("session", "log", "--pre", "1"),
        ("session", "plan", "--per-week", "2"),
        ("safety",),
        ("safety", "E1"),
        ("away", "less"),
        ("running", "yes"),
        ("pace", "fine"),
        ("publish-health", "on"),
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
        "import sys; from nudger.cli.main import main; main(['status'], standalone_mode=False, prog_name='nudger')\n"
        "heavy = {'pydantic', 'paho', 'rich', 'yaml', 'jinja2', 'asyncio', 'sqlite3', 'apscheduler', 'h11'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    home.start("--plain")
    shown = subprocess.run([sys.executable, "-c", code], env=home.env, capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[-1] == "[]"
    assert "me: " in shown.stdout


def test_times_are_told_in_the_daemons_zone_where_it_has_a_name() -> None:
    assert zone_of({"time_zone": "Europe/Berlin"}) == ZoneInfo("Europe/Berlin")
    assert zone_of({"time_zone": None}) is None


def test_what_the_system_refuses_is_one_plain_line(home: Home) -> None:
    (home.folder / "run").touch()  # so that no folder for the socket can be made
    result = home.run("run", "--plain")
    assert result.returncode == 1
    assert result.stderr.splitlines()[1:] == [f"{home.folder}/run/nudger: Not a directory"]


# --- The config -------------------------------------------------------------------------------------------------------


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


def test_check_tells_of_holidays_only_once_all_of_them_are_over(home: Home) -> None:
    home.write(
        "people:\n"
        "  alex: {holidays: [2020-05-01, 2020-12-24 - 2021-01-02]}\n"
        "  sam: {holidays: [2020-05-01, 2999-12-24 - 3000-01-02]}\n"
    )
    result = home.call("check")
    assert result.exit_code == 0
    assert result.stderr == "note: all holidays of alex are over; they can go, or new ones can come\n"


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
    assert home.call("stage", "set", "steady", "--by", "provider").exit_code == 0
    note = "note: me is on stage steady by now, and that counts, not daily_walks from the config"
    assert home.call("check").stderr.startswith(note)
    home.stop()
    assert home.call("check").stderr.startswith(note), "from the history, with nobody running"


def test_a_history_that_no_person_of_the_config_has_is_named(home: Home) -> None:
    home.start("--plain")
    home.stop()
    home.write("people: {alex: {}}\n")
    note = "note: the history of 'me' is not used by this config; name the person me to go on with it\n"
    assert home.call("check").stderr == note
    home.start("--plain")
    assert f"nudger: {note}" in home.log()
    home.stop()
    home.write("people: {bob: {}}\n")
    assert "the history of 'alex', 'me' is not used by this config; name a person so" in home.call("check").stderr
    home.write("people: {me: {}, alex: {}}\n")
    assert home.call("check").stderr == ""


def test_schema_is_the_configs(home: Home) -> None:
    shown = json.loads(home.call("schema").stdout)
    assert shown["$schema"].startswith("https://json-schema.org/")
    assert {"mqtt", "people", "time_zone"} <= shown["properties"].keys()


# --- The service ------------------------------------------------------------------------------------------------------


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
