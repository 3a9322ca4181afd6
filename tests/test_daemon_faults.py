"""The daemon when things go wrong: killed, started twice, its clock set, its broker away, its disk refusing."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import pytest
from broker import Mosquitto, free_port, requires_mosquitto
from clockshim import ClockShim
from house import House
from test_daemon import CONFIG, sit_until_prompted

PATIENCE_S = 15.0


class Alone:
    """A nudger without a broker, in timer mode, watched by somebody who plays systemd."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        env: dict[str, str] | None = None,
        program: Sequence[str] = ("-m", "nudger"),
    ) -> None:
        """Start it with an empty home; ``program`` is what Python is to run."""
        self.folder = folder
        self._notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notified.bind(str(folder / "notify"))
        self._notified.settimeout(PATIENCE_S)
        run = folder / "run"
        run.mkdir(mode=0o700, exist_ok=True)
        self.env = {"HOME": str(folder), "PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": str(run), **(env or {})}
        watched = {"NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": "1000000"}
        command = (sys.executable, *program, "run", "--plain", *arguments)
        with (folder / "log").open("a") as log:
            self.process = subprocess.Popen(command, env={**self.env, **watched}, stdout=log, stderr=log)

    def hear_for(self, patience_s: float) -> None:
        """Wait for each word to systemd so long; then comes TimeoutError."""
        self._notified.settimeout(patience_s)

    def notified(self) -> str:
        """Return what systemd is told next."""
        return self._notified.recv(4096).decode()

    def wait_for(self, word: str) -> str:
        """Return the next word to systemd that holds this."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            said = self.notified()
            if word in said:
                return said
        raise AssertionError(f"never told {word}: {self.log()}")

    def log(self) -> str:
        """Return what it wrote."""
        return (self.folder / "log").read_text()

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a nudger command against it."""
        command = (sys.executable, "-m", "nudger", *arguments)
        return subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=30, check=False)

    def state(self) -> dict[str, object]:
        """Return the state of its one person."""
        persons: dict[str, dict[str, object]] = json.loads(self.call("status", "--json").stdout)["persons"]
        return persons["me"]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it by its own pid."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(10)
        self._notified.close()
        return status


@pytest.fixture
def all_day(tmp_path: Path) -> Path:
    """Return a config of timer mode around the clock."""
    config = tmp_path / "config.yaml"
    config.write_text("time_zone: UTC\npeople: {me: {}}\n")
    return config


def test_systemd_hears_that_it_is_ready_alive_and_stopping(tmp_path: Path, all_day: Path) -> None:
    nudger = Alone(tmp_path, "--config", str(all_day))
    try:
        assert "STATUS=1 person" in nudger.wait_for("READY=1")
        for _ in range(3):
            nudger.wait_for("WATCHDOG=1")
        nudger.process.send_signal(signal.SIGHUP)
        nudger.wait_for("RELOADING=1")
        nudger.wait_for("READY=1")
        nudger.process.send_signal(signal.SIGTERM)
        nudger.wait_for("STOPPING=1")
    finally:
        assert nudger.stop() == 0


def test_a_second_nudger_is_refused_and_told_who_is_there(tmp_path: Path, all_day: Path) -> None:
    nudger = Alone(tmp_path, "--config", str(all_day))
    try:
        nudger.wait_for("READY=1")
        second = nudger.call("run", "--plain", "--config", str(all_day))
        assert second.returncode == 1
        assert str(nudger.process.pid) in second.stderr
        assert len(second.stderr.strip().splitlines()) == 1
        assert nudger.call("status").returncode == 0, "the first one is none the worse for it"
    finally:
        nudger.stop()


def test_a_faulty_config_ends_with_status_two_and_a_line_each(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("time_zon: UTC\npeople: {me: {snooze: soon}}\n")
    nudger = Alone(tmp_path, "--config", str(config))
    assert nudger.process.wait(PATIENCE_S) == 2
    nudger.stop()
    lines = nudger.log().strip().splitlines()
    assert len(lines) == 2
    assert f"{config}:1: time_zon" in lines[0]
    assert "did you mean 'time_zone'" in lines[0]
    assert f"{config}:2: people.me.snooze" in lines[1]


@pytest.mark.parametrize("by", [timedelta(hours=2), timedelta(hours=-1), timedelta(days=-3652)], ids=str)
def test_a_clock_that_is_set_changes_no_sitting_time(tmp_path: Path, all_day: Path, by: timedelta) -> None:
    shim = ClockShim(tmp_path)
    nudger = Alone(tmp_path, "--config", str(all_day), env=dict(shim.env))
    try:
        nudger.wait_for("READY=1")
        before = str(nudger.state()["bout_started"])
        shim.step(by)
        nudger.wait_for("WATCHDOG=1")
        nudger.wait_for("WATCHDOG=1")
        state = nudger.state()
        assert "clock was set" in nudger.log()
        assert str(state["bout_started"]) != before, "the instant moved with the clock"
        sitting = state["sitting_s"]
        assert isinstance(sitting, int | float)
        assert 0 <= sitting < 60
        assert state["prompt"] is None
    finally:
        nudger.stop()


class OutOfTime(House):
    """A house whose nudger is woken by nobody when its clock is set: it hears of something else first."""

    @property
    def env(self) -> Mapping[str, str]:
        """Return the environment of a house, with other clocks."""
        return {**super().env, **self.shim.env}

    @cached_property
    def shim(self) -> ClockShim:
        """The clocks."""
        return ClockShim(self.folder)


def test_a_message_that_is_heard_before_a_set_clock_is_noticed_is_read_by_the_new_time(tmp_path: Path) -> None:
    requires_mosquitto()
    idle = "{name: hands, kind: activity, state_topic: desk/idle, idle_seconds: true, hold: 35 s}"
    config = f"mqtt: {{host: 127.0.0.1, port: {{port}}}}\npeople: {{alex: {{signals: [{idle}]}}}}\n"
    with OutOfTime(tmp_path, config, scale=1) as house:
        house.listener.say("desk/idle", "0")
        house.until(lambda: (house.state() or {})["posture"] == "sitting")
        house.shim.step(timedelta(hours=2))
        house.listener.say("desk/idle", "20")
        house.listener.say("desk/idle", "nonsense")
        house.until(lambda: "nonsense" in house.log())
        assert "clock was set" in house.log()
        assert (house.state() or {})["posture"] == "sitting", "hands have rested for 20 s, not for two hours"
        house.until(lambda: (house.state() or {})["posture"] == "away")


@pytest.mark.parametrize("named", [False, True], ids=["no zone in the config", "one in the config"])
def test_a_laptop_that_travels_takes_its_zone_along_unless_the_config_names_one(tmp_path: Path, named: bool) -> None:
    localtime, config = tmp_path / "localtime", tmp_path / "config.yaml"
    localtime.symlink_to("/usr/share/zoneinfo/Europe/Berlin")
    config.write_text(f"{'time_zone: Europe/Berlin' if named else ''}\npeople: {{me: {{}}}}\n")
    program = (str(Path(__file__).with_name("travelled_nudger.py")), str(localtime))
    nudger = Alone(tmp_path, "--config", str(config), program=program)

    def zone() -> str:
        return str(json.loads(nudger.call("status", "--json").stdout)["service"]["time_zone"])

    try:
        nudger.wait_for("READY=1")
        assert zone() == "Europe/Berlin"
        before = nudger.state()
        localtime.unlink()
        localtime.symlink_to("/usr/share/zoneinfo/Pacific/Auckland")
        if named:
            for _ in range(4):
                nudger.wait_for("WATCHDOG=1")
            assert zone() == "Europe/Berlin"
            return
        nudger.wait_for("READY=1")
        after = nudger.state()
        assert zone() == "Pacific/Auckland"
        assert str(after["day_started"]) != before["day_started"], "04:00 is another instant there"
        assert (after["posture"], after["bout_started"]) == (before["posture"], before["bout_started"])
        assert nudger.log().count("this computer is set to Pacific/Auckland now") == 1
    finally:
        nudger.stop()


def test_two_changes_at_once_lose_neither(tmp_path: Path) -> None:
    requires_mosquitto()
    localtime, config = tmp_path / "localtime", tmp_path / "config.yaml"
    localtime.symlink_to("/usr/share/zoneinfo/Europe/Berlin")
    program = (str(Path(__file__).with_name("travelled_nudger.py")), str(localtime))
    with Mosquitto(tmp_path / "broker") as broker:
        mqtt = f"mqtt: {{host: 127.0.0.1, port: {broker.port}"
        config.write_text(f"{mqtt}}}\npeople: {{me: {{}}}}\n")
        nudger = Alone(tmp_path, "--config", str(config), program=program)
        try:
            nudger.wait_for("READY=1")
            nudger.wait_for("broker connected")
            broker.suspend()  # so that to leave it takes a while
            config.write_text(f"{mqtt}, base_topic: other}}\npeople: {{me: {{}}, kim: {{}}}}\n")
            nudger.process.send_signal(signal.SIGHUP)
            nudger.wait_for("RELOADING=1")
            localtime.unlink()
            localtime.symlink_to("/usr/share/zoneinfo/Pacific/Auckland")
            assert "2 persons" in nudger.wait_for("READY=1"), "reloaded"
            assert "2 persons" in nudger.wait_for("READY=1"), "in the other zone, and still by the new config"
            status = json.loads(nudger.call("status", "--json").stdout)
            assert status["service"]["time_zone"] == "Pacific/Auckland"
            assert set(status["persons"]) == {"me", "kim"}
            assert nudger.log().count("this computer is set to") == 1
        finally:
            broker.resume()
            nudger.stop()


def test_a_night_asleep_is_not_counted_and_nothing_is_made_up_for(tmp_path: Path, all_day: Path) -> None:
    shim = ClockShim(tmp_path)
    nudger = Alone(tmp_path, "--config", str(all_day), env=dict(shim.env))
    try:
        nudger.wait_for("READY=1")
        shim.sleep(timedelta(hours=9))
        nudger.wait_for("WATCHDOG=1")
        nudger.wait_for("WATCHDOG=1")
        state = nudger.state()
        assert "slept" in nudger.log()
        assert isinstance(state["sitting_s"], int | float)
        assert state["sitting_s"] < 60
        assert state["prompts_today"] == 0
    finally:
        nudger.stop()


def test_a_raspberry_pi_that_boots_in_1970_goes_on_from_what_was_saved(tmp_path: Path, all_day: Path) -> None:
    first = Alone(tmp_path, "--config", str(all_day))
    first.wait_for("READY=1")
    stage = first.call("stage", "set", "daily_walks", "--by", "provider")
    assert stage.returncode == 0, stage.stderr
    first.stop()
    (tmp_path / "notify").unlink()

    shim = ClockShim(tmp_path)
    shim.step(timedelta(seconds=100 - time.time()))
    nudger = Alone(tmp_path, "--config", str(all_day), env=dict(shim.env))
    try:
        nudger.wait_for("READY=1")
        state = nudger.state()
        assert str(state["at"]) > "2026"
        assert state["stage"] == "daily_walks"
    finally:
        nudger.stop()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    requires_mosquitto()
    with House(tmp_path, CONFIG) as made:
        yield made


def test_killed_and_started_again_it_goes_on_with_the_same_bout(tmp_path: Path) -> None:
    requires_mosquitto()
    with House(tmp_path, CONFIG, scale=1) as house:
        house.listener.say("desk/radar", "ON")
        house.until(lambda: (house.state() or {})["posture"] == "sitting")
        bout = (house.state() or {})["bout_started"]
        assert house.stop(signal.SIGKILL) == -signal.SIGKILL
        house.until(lambda: house.listener.on("nudger/status")[-1] == "offline")  # by the broker: the last will
        house.start()
        house.until(lambda: house.listener.on("nudger/status")[-1] == "online")
        house.until(lambda: json.loads(house.call("status", "--json").stdout)["persons"]["alex"]["hold"] is None)
        assert (house.state() or {})["bout_started"] == bout
        assert house.count("prompt") == 0


def test_without_its_broker_nothing_is_prompted_and_all_goes_on_when_it_is_back(house: House) -> None:
    house.listener.say("desk/radar", "ON")
    house.until(lambda: (house.state() or {})["posture"] == "sitting")
    house.broker.stop()
    house.until(lambda: "lost" in house.log())
    house.minutes(27)
    status = json.loads(house.call("status", "--json").stdout)
    assert status["persons"]["alex"]["hold"] == "unknown"
    assert status["persons"]["alex"]["prompts_today"] == 0
    assert "broker" in status["persons"]["alex"]["why"]
    assert status["service"]["mqtt"]["connected"] is False
    online = house.listener.on("nudger/status").count("online")
    house.broker.start()
    house.until(lambda: house.listener.on("nudger/status").count("online") > online)
    sit_until_prompted(house)


def test_a_broker_that_was_never_there_is_named_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.replace("{port}", str(free_port())))
    nudger = Alone(tmp_path, "--config", str(config))
    try:
        nudger.wait_for("READY=1")
        nudger.wait_for("refused")
        status = nudger.call("status")
        assert status.returncode == 0
        began = time.monotonic()
    finally:
        assert nudger.stop() == 0
    assert time.monotonic() - began < 5


def test_who_is_not_in_the_config_is_not_watched_and_so_does_not_sit(tmp_path: Path, all_day: Path) -> None:
    first = Alone(tmp_path, "--config", str(all_day))
    first.wait_for("READY=1")
    assert first.state()["posture"] == "sitting"
    first.stop()
    (tmp_path / "notify").unlink()

    other = tmp_path / "other.yaml"
    other.write_text("time_zone: UTC\npeople: {kim: {}}\n")
    second = Alone(tmp_path, "--config", str(other))
    second.wait_for("READY=1")
    second.stop()
    with sqlite3.connect(next(tmp_path.rglob("nudger.db"))) as database:
        bouts = database.execute("SELECT person, sitting_s FROM bouts").fetchall()
    database.close()
    assert [person for person, _ in bouts] == ["me"]
    assert bouts[0][1] < PATIENCE_S


def test_another_topic_is_another_signal(house: House) -> None:
    house.listener.say("desk/radar", "ON")
    house.until(lambda: (house.state() or {})["posture"] == "sitting")
    assert house.process is not None
    house.write_config(CONFIG.replace("desk/radar", "desk/rader"))
    house.process.send_signal(signal.SIGHUP)
    house.until(lambda: (house.state() or {})["posture"] == "unknown")
    assert "radar" in (house.state() or {})["silent_signals"]
    house.listener.say("desk/rader", "ON")
    house.until(lambda: (house.state() or {})["posture"] == "sitting")
