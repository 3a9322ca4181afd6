"""What a person tells about their back stays with them, whoever may write to the broker or read the log."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest
from broker import requires_mosquitto
from house import House
from playbook import Playbook, prompted, seated

from nudger.core.effects import RecordOutcome
from nudger.core.events import CheckedIn, Event, FlareSaid, SafetyAnswered, StageChosen
from nudger.core.recovery.told import MORNING, Entry, SafetyAnswer
from nudger.library import load_language
from nudger.views.happenings import NOTED, log_lines

CONFIG = """
log_level: debug
mqtt: {host: 127.0.0.1, port: {port}}
time_zone: UTC
people:
  alex:
    stage: daily_walks
    signals:
      - {name: radar, kind: presence, state_topic: desk/radar}
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    requires_mosquitto()
    with House(tmp_path, CONFIG) as made:
        yield made


# --- The broker ------------------------------------------------------------------------------------------------------


def test_health_cannot_be_made_public_over_the_broker_but_can_be_made_private_again(house: House) -> None:
    texts = load_language("en").texts
    intake = {"worst": 3, "walks_5_min": True, "walks": True, "mobility": True, "seen": True, "publish_health": True}
    asked = [("publish_health", "on"), ("publish_health", "true"), ("stage", json.dumps({"intake": intake}))]
    for number, (command, payload) in enumerate(asked, 1):
        house.listener.say(f"nudger/alex/set/{command}", payload)
        house.until(lambda: house.count("error") >= number)  # noqa: B023  (called before the next one is asked)
        assert house.events()[-1] == {
            "event_type": "error",
            "command": command,
            "message": texts["refuse.publish_elsewhere"],
        }

    def said(key: str) -> object:
        return json.loads(house.call("status", "--json").stdout)["persons"]["alex"]["recovery"][key]

    assert (said("publish_health"), said("began")) == (None, None), "nothing was changed"
    assert (house.state() or {})["stage"] is None

    house.listener.say("nudger/alex/set/stage", json.dumps({"intake": {**intake, "publish_health": False}}))
    house.until(lambda: said("began"))
    assert said("publish_health") is False
    assert house.call("publish-health", "on").returncode == 0
    house.until(lambda: (house.state() or {})["stage"] is not None)
    house.listener.say("nudger/alex/set/publish_health", "off")
    house.until(lambda: (house.state() or {})["stage"] is None)
    assert house.count("error") == len(asked)


# --- The password ----------------------------------------------------------------------------------------------------


def test_the_password_of_the_broker_is_told_to_nobody_else(tmp_path: Path) -> None:
    requires_mosquitto()
    password = "canary-in-the-mine"
    config = CONFIG.replace("{port}}", f"{{port}}, username: nudger, password: {password}}}")
    with House(tmp_path, config) as house:
        sockets = house.call("status", "--json").stdout + house.call("signals").stdout
        checked = house.call("check", "-c", str(house.config))
        house.write_config(config.replace("nudger, pass", "nudger, keepalive: soon, pass"))
        assert house.process is not None
        house.process.send_signal(signal.SIGHUP)
        house.until(lambda: "was not reloaded" in house.log())
        house.broker.restart()
        house.until(lambda: house.log().count("connected to") > 1)
        assert any("bout_started" in text for _, text, _ in house.listener.heard), "something was published"
        said = [sockets, checked.stdout, checked.stderr, house.log(), *map(str, house.listener.heard)]
    assert not [text for text in said if password in text]


# --- The log ---------------------------------------------------------------------------------------------------------


def logged(day: Playbook) -> list[str]:
    return list(log_lines([effect for _, effect in day.log], UTC))


HEALTH = (CheckedIn(Entry(seated().now.date(), MORNING, 7)), FlareSaid(on=True), StageChosen("gentle_start", "user"))


@pytest.mark.parametrize("told", HEALTH, ids=["a score", "a flare", "a stage"])
def test_the_log_says_of_health_that_something_was_noted_and_not_what(told: Event) -> None:
    day = seated()
    day.log.clear()
    assert logged(day.tell(told)) == [NOTED]


def test_the_log_does_not_say_that_a_lock_took_a_prompt_away() -> None:
    day = prompted()
    day.log.clear()
    day.tell(SafetyAnswered((SafetyAnswer("E1"),)))
    assert [end.why for _, end in day.orders(RecordOutcome)] == ["locked"]
    assert logged(day) == ["prompt withdrawn (held)"]


def test_the_log_still_tells_of_breaks() -> None:
    day = prompted()
    day.log.clear()
    assert logged(day.off("seat").until("08:25").on("seat")) == [
        "sat for 20 min",
        "prompt followed after 0 s",
        "break long enough; sit down again if you like",
        "break of 5 min",
    ]


def test_nothing_of_it_is_in_the_log_at_any_level(house: House) -> None:
    house.listener.say("nudger/alex/set/checkin", "7")
    house.listener.say("nudger/alex/set/flare", "on")
    house.listener.say("nudger/alex/set/stage", "gentle_start")
    house.listener.say("nudger/alex/set/safety", "E1")
    house.listener.say("nudger/alex/set/stage", "steady")
    house.until(lambda: house.count("error") == 1)
    house.until(lambda: NOTED in house.log())
    log = house.log().lower()
    for word in ("flare", "stage", "gentle", "walks", "lock", "pain", "e1", "s1", "7,", "provider"):
        assert word not in log, log
