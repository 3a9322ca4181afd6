"""The command line with a real daemon: what one says to it, and how it runs."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cli_rig import Home, a_home
from store_rig import LOG, NOW, filled

from nudger import __version__
from nudger.cli.daily import _is_counted
from nudger.cli.foreground import _empty
from nudger.cli.telling import Told
from nudger.store import Store

TWO = "people:\n  alex: {stage: daily_walks}\n  sam: {}\n"


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


# --- With a daemon ----------------------------------------------------------------------------------------------------


def test_status_shows_everybody(two: Home) -> None:
    shown = two.call("status").stdout
    assert re.search(r"^alex: sitting for .*\n  Why     Going by the clock alone", shown, re.MULTILINE)
    assert re.search(r"^  Stage   Daily walks$", shown, re.MULTILINE)
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
        (("30", "min"), 30),
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
    paused_until = re.search(r"until (?:(tomorrow|[0-9-]+) )?(\d\d):(\d\d)\.\n", result.stdout)
    assert paused_until is not None
    now = int(state["at"][11:13]) * 60 + int(state["at"][14:16]) + float(state["at"][17:19]) / 60
    length = (int(paused_until[2]) * 60 + int(paused_until[3]) - now) % (24 * 60)
    assert min(abs(length - minutes), 24 * 60 - abs(length - minutes)) < 1.5  # the clock shows whole minutes
    assert two.call("resume", "--person", "sam").stdout.startswith("The pause is over. ")
    assert two.status("sam")["hold"] is None


def test_a_pause_for_today_ends_where_the_day_does(two: Home) -> None:
    result = two.call("pause", "--today", "--person", "sam")
    assert result.exit_code == 0
    assert re.match(r"Paused until (tomorrow )?04:00\.\n", result.stdout), result.stdout
    assert two.status("sam")["hold"] == "paused"
    two.call("resume", "--person", "sam")


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (("0",), "must be longer than 0"),
        (("soon",), "must be a duration such as 30 (minutes), '10 min' or '1 h 30 min', not 'soon'"),
        (("--", "-5"), "must be a duration"),
        (("5", "--until", "14:00"), "give one of a length, --until and --today"),
        (("5", "--today"), "give one of a length, --until and --today"),
        (("--today", "--until", "14:00"), "give one of a length, --until and --today"),
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
    assert two.call("rest", "20", "--person", "alex").stdout.startswith("Resting until ")
    assert two.call("resume", "--person", "alex").stdout.startswith("The rest is over. ")


def test_a_flare_begins_and_ends(two: Home) -> None:
    assert two.call("flare", "off", "--person", "alex").stdout.startswith("There was no flare-up, ")
    assert two.call("flare", "ON", "--person", "alex").stdout.startswith("A rough patch is common on the way.")
    assert two.status("alex")["flare"] is True
    assert "Daily walks, in a flare" in two.call("status", "--person", "alex").stdout
    assert two.call("flare", "off", "--person", "alex").stdout.startswith("The rough patch has eased.")
    assert two.status("alex")["flare"] is False


def test_a_pause_into_other_days_names_them(two: Home) -> None:
    today = datetime.now(UTC)
    for days, said in ((1, "tomorrow 04:00"), (3, f"{today + timedelta(days=3):%Y-%m-%d} 04:00")):
        until = f"{today + timedelta(days=days):%Y-%m-%d}"
        assert two.call("pause", "--until", until, "--person", "sam").stdout == f"Paused until {said}.\n"
        assert two.call("resume", "--person", "sam").exit_code == 0


def test_stages_are_listed_and_chosen(two: Home) -> None:
    lines = two.call("stage").stdout.splitlines()
    assert lines[0] == "gentle_start    Gentle start    a prompt after 20 to 22 min   <- sam"
    assert lines[1].endswith("<- alex")
    assert len(lines) == 6
    chosen = two.call("stage", "--person", "sam", "set", "walk_run", "--by", "provider")
    assert chosen.stdout.startswith("Noted: your health provider set the stage “Walk and run”. ")
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
    assert two.call("signals").stdout == "There are no signals, so nudger goes by the clock alone.\n"
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


# --- Running ----------------------------------------------------------------------------------------------------------


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
        "nudger: no config found, so it goes by the clock (timer mode), for one person (me), "
        "active 07:00-22:00 every day; history in ~/state/nudger"
    )
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d nudger .* is running: 1 person", home.log(), re.MULTILINE)


def test_done_by_the_clock_alone_says_when_it_starts_again_and_that_a_pause_does_not_hide_it(home: Home) -> None:
    always = "active_hours: {mon-sun: '00:00-24:00'}"
    home.write(f"people: {{me: {{{always}}}, eve: {{{always}}}}}\n")
    home.start("--plain")
    shown = home.call("done", "--person", "me").stdout
    assert re.fullmatch(r"You got up at (.+). Enjoy it; the clock starts again by itself at (.+).\n", shown)
    assert home.call("pause", "--person", "eve").exit_code == 0
    assert home.call("done", "--person", "eve").stdout.startswith("Thank you, the break is counted. Paused until ")
    assert home.call("done", "--person", "eve").stdout.startswith("Paused until "), "it is counted once"


@pytest.mark.parametrize("hold", ["paused", "unknown", "call", "quiet"])
def test_done_says_that_it_counted_whatever_holds_the_next_prompt(hold: str) -> None:
    before = {"breaks_today": 2, "hold": hold, "recovery": {"language": "en"}}
    assert _is_counted(Told(before, {**before, "breaks_today": 3}, None)) == "Thank you, the break is counted."
    assert not _is_counted(Told(before, before, None)), "nothing was counted"
    assert not _is_counted(Told(before, {**before, "breaks_today": 3, "hold": None}, None)), "the reason says it"


def test_with_a_config_there_is_nothing_to_explain(home: Home) -> None:
    home.write(TWO)
    home.start("--plain")
    assert "no config" not in home.log()


@pytest.mark.parametrize("damaged", [False, True])
def test_a_lamp_that_a_killed_trial_borrowed_is_given_back_by_the_next(tmp_path: Path, damaged: bool) -> None:
    path = tmp_path / "nudger.db"
    filled(path, backup=True)
    if damaged:
        path.write_bytes(b"no database")
    _empty(tmp_path)
    store = Store.open(path, now=NOW, log=LOG)
    assert store.load_lamps() == ({} if damaged else {"lamp": "{}"})
    assert not store.load_states(), "all else is thrown away"
    assert store.notice is None
    store.close()


def test_a_trial_leaves_the_history_alone_and_keeps_none(home: Home) -> None:
    home.start("--plain")
    assert home.call("stage", "set", "steady", "--by", "provider").exit_code == 0
    home.stop()
    before = (home.state / "nudger.db").read_bytes()
    for _ in range(2):
        home.start("--plain", "--time-scale", "60")
        assert home.status()["stage"] == "gentle_start"
        assert home.call("stage", "set", "walk_run", "--by", "provider").exit_code == 0
        assert "trying out, 60 times as fast" in home.call("status").stdout
        home.stop()
    assert (home.state / "nudger.db").read_bytes() == before
    home.start("--plain")
    assert home.status()["stage"] == "steady"


def test_a_trial_says_what_of_yours_it_acts_on(home: Home) -> None:
    path = home.write("people: {me: {}}\n")
    home.start("--plain", "--time-scale", "60")
    assert "this trial talks to" not in home.log()
    home.stop()
    lamp = "{type: light, preset: zigbee2mqtt, name: desk_lamp}"
    path.write_text(f"mqtt: {{host: localhost, port: 1}}\npeople: {{me: {{outputs: [{lamp}]}}}}\n")
    home.start("--plain", "--time-scale", "60")
    assert "\nnudger: this trial talks to your broker and lamps\n" in home.log()
    home.stop()
    home.start("--plain")
    assert home.log().count("this trial talks to") == 1, "otherwise that goes without saying"


def test_reads_the_config_again_on_sighup(home: Home) -> None:
    path = home.write(TWO)
    home.start("--plain")
    path.write_text("people: {alex: {stage: steady}, kim: {}}\n")
    assert home.process is not None
    home.process.send_signal(signal.SIGHUP)
    home.until(lambda: "kim" in home.call("status").stdout)
    assert "sam" not in home.call("status").stdout
    path.write_text("people: {alex: {stagee: steady}}\n")
    home.process.send_signal(signal.SIGHUP)
    home.until(lambda: "did you mean 'stage'" in home.log())
    assert "kim" in home.call("status").stdout


def test_log_level_is_heeded_at_the_start_and_later(home: Home) -> None:
    path = home.write("log_level: warning\n")
    home.start("--plain")
    assert home.log() == ""
    path.write_text("log_level: info\n")
    assert home.process is not None
    home.process.send_signal(signal.SIGHUP)
    home.until(lambda: "config reloaded" in home.log())


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
    assert f"<6>nudger {__version__} is running: 1 person, history is kept" in lines


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
