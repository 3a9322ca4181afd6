"""When nudger has to end: by systemd, because it no longer keeps its deadlines, and by SIGTERM at any moment."""

from __future__ import annotations

import configparser
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from broker import requires_mosquitto
from house import House
from test_daemon import CONFIG
from test_daemon_faults import PATIENCE_S, Alone

HERE = Path(__file__).parent
UNITS = sorted((HERE.parent / "systemd").glob("*.service"))
SILENT_S = 2.0
"""systemd is told every half second here; after this long without a word it would have ended a nudger long ago."""


# --- Deadlines that are not kept -------------------------------------------------------------------------------------


@pytest.fixture
def stuck(tmp_path: Path) -> Path:
    """Return the file that makes nudger fail or hang (see stuck_nudger)."""
    return tmp_path / "stuck"


@pytest.fixture
def nudger(tmp_path: Path, stuck: Path) -> Iterator[Alone]:
    """Start a nudger, on a fast clock so that deadlines come often, and hear that it is alive."""
    config = tmp_path / "config.yaml"
    config.write_text("time_zone: UTC\npeople: {me: {}}\n")
    program = (str(HERE / "stuck_nudger.py"), str(stuck))
    made = Alone(tmp_path, "--config", str(config), "--time-scale", "3600", program=program)
    try:
        made.wait_for("READY=1")
        for _ in range(4):
            made.wait_for("WATCHDOG=1")
        yield made
    finally:
        stuck.unlink(missing_ok=True)
        assert made.stop() == 0


def falls_silent(nudger: Alone) -> bool:
    """Tell whether systemd is sooner or later told nothing more."""
    nudger.hear_for(SILENT_S)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            nudger.wait_for("WATCHDOG=1")
        except TimeoutError:
            return True
    return False


@pytest.mark.parametrize("fault", ["fail", "hang"])
def test_who_does_not_keep_deadlines_is_left_to_the_watchdog(nudger: Alone, stuck: Path, fault: str) -> None:
    stuck.write_text(fault)
    assert falls_silent(nudger)
    assert ("a deadline could not be kept" in nudger.log()) is (fault == "fail")

    stuck.unlink()
    nudger.hear_for(PATIENCE_S)
    nudger.wait_for("WATCHDOG=1")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_watchdog_starts_it_anew_within_a_minute(unit: Path) -> None:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]  # as the documentation of configparser has it
    read.read(unit)
    service = read["Service"]
    assert (service["Type"], service["Restart"], service["RestartPreventExitStatus"]) == ("notify", "on-failure", "2")
    assert int(service["WatchdogSec"]) <= 60
    assert int(service["RestartSec"]) <= 5
    assert read["Unit"]["StartLimitIntervalSec"] == "0", "it is never given up for ever"


# --- SIGTERM ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_sigterm_at_any_moment_ends_it_soon_and_says_offline(tmp_path: Path) -> None:
    requires_mosquitto()
    chance = random.Random(38)  # noqa: S311  (which moment, not a secret)
    with House(tmp_path, CONFIG, scale=1) as house:
        house.stop()
        for number in range(12):
            said = len(house.listener.on("nudger/status"))
            house.start()
            time.sleep(chance.uniform(0, 1.5))
            house.listener.say("desk/radar", ("ON", "OFF")[number % 2])
            began = time.monotonic()
            status = house.stop()
            assert time.monotonic() - began < 5
            # Before it has begun there is nothing to save, and Python ends as everybody does.
            assert status in {0, -signal.SIGTERM}
            words = house.listener.on("nudger/status")[said:]
            if "online" in words:
                assert status == 0
                house.until(lambda: house.listener.on("nudger/status")[-1] == "offline")
        assert "Traceback" not in house.log()
        house.start()
        house.until(lambda: house.listener.on("nudger/status")[-1] == "online")
        house.listener.say("desk/radar", "ON")
        house.until(lambda: (house.state() or {})["posture"] == "sitting")
        assert "damaged" not in house.log()
