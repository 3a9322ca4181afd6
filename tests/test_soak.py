"""Days of a bad neighbourhood in a minute: what nudger holds on to does not grow, and nothing is wrong at the end."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from broker import requires_mosquitto
from house import House
from test_daemon import CONFIG

SCALE: Final = 3600
"""An hour a second."""
LASTS_S: Final = float(os.environ.get("NUDGER_SOAK_S", "36"))
"""NUDGER_SOAK_S=72 is three days."""
WARM_S: Final = 12.0
"""Until everything has been loaded and used for the first time."""
RUBBISH: Final = ("", "ja", "NaN", "1e999", "[" * 5000, '{"x":', "\ud7ff\x00", "x" * 70_000, '"\\ud800"', "-0")
COMMANDS: Final = ("done", "snooze", "skip", "pause", "resume", "rest", "checkin", "flare", "offer", "nonsense")
WORDS: Final = ("", "1", "on", "off", "3", "{", '{"id": "alex-1"}', "accept")


@dataclass(frozen=True)
class Held:
    """What a process holds on to."""

    memory_mb: float
    files: int
    threads: int


def held_by(pid: int) -> Held:
    said = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    files = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return Held(int(said["VmRSS"].split()[0]) / 1024, files, int(said["Threads"]))


def live(house: House, chance: random.Random, length_s: float) -> None:
    """Let so much happen for so long, good and bad, with the broker going away now and then."""
    assert house.process is not None
    until = time.monotonic() + length_s
    broken = time.monotonic() + 4
    while time.monotonic() < until:
        match chance.randrange(20):
            case 0:
                house.process.send_signal(signal.SIGHUP)
            case 1:
                house.listener.say("homeassistant/status", chance.choice(("online", "offline")))
            case 2 | 3:
                house.listener.say(f"nudger/alex/set/{chance.choice(COMMANDS)}", chance.choice(WORDS))
            case 4 | 5:
                house.listener.say("desk/radar", chance.choice(RUBBISH))
            case 6:
                house.listener.say("zigbee2mqtt/lamp", chance.choice((*RUBBISH, '{"state": "OFF"}')))
            case _:
                house.listener.say("desk/radar", chance.choice(("ON", "OFF")))
        if time.monotonic() > broken:
            (house.broker.kill9 if chance.random() < 0.5 else house.broker.stop)()
            time.sleep(chance.uniform(0, 0.5))
            house.broker.start()
            broken = time.monotonic() + 4
        time.sleep(chance.uniform(0, 0.05))


def settled(house: House) -> Held:
    """Return what it holds once it has its broker back and knows that somebody sits."""
    house.listener.say("nudger/alex/set/resume")
    house.until(lambda: json.loads(house.call("status", "--json").stdout)["service"]["mqtt"]["connected"])

    def sits() -> bool:
        house.listener.say("desk/radar", "ON")
        return bool((house.state() or {})["posture"] == "sitting")

    house.until(sits)
    assert house.process is not None
    return held_by(house.process.pid)


@pytest.mark.slow
@pytest.mark.timeout(180 + 2 * LASTS_S)
@pytest.mark.skipif(sys.platform != "linux", reason="what a process holds is read from /proc")
def test_days_of_trouble_leave_nothing_behind(tmp_path: Path) -> None:
    requires_mosquitto()
    chance = random.Random(40)  # noqa: S311  (it has to repeat itself)
    with House(tmp_path, CONFIG, scale=SCALE) as house:
        live(house, chance, WARM_S)
        before = settled(house)
        live(house, chance, LASTS_S)
        after = settled(house)
        assert after.files <= before.files + 1, (before, after)
        assert after.threads <= before.threads + 1, (before, after)
        days = LASTS_S * SCALE / 86400
        assert after.memory_mb < before.memory_mb + 1 + days, (before, after)
        assert "Traceback" not in house.log()
        assert " error: " not in house.log()
        assert house.stop() == 0
