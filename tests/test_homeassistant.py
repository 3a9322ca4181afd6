"""nudger in a real Home Assistant: found, driven and followed through every kind of restart, without one complaint."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from home_assistant_rig import RunningHome, SharedBroker
from house import House

from nudger.views.entities import PERSON, SERVICE

pytestmark = [pytest.mark.homeassistant, pytest.mark.slow, pytest.mark.timeout(900)]

CONFIG = """
mqtt: {host: 127.0.0.1, port: {port}}
time_zone: UTC
people:
  alex:
    name: Alex
    stage: daily_walks
    publish_health: true
    signals:
      - {name: radar, kind: presence, state_topic: desk/radar}
"""
KIM = "  kim: {name: Kim, language: de}\n"
TRIAL = CONFIG.replace("port: {port}", "port: {port}, base_topic: home/trial").replace("desk/radar", "trial/radar")
OF_ALEX = {f"{row.platform}.nudger_alex_{row.key}" for row in PERSON}
OF_KIM = {f"{row.platform}.nudger_kim_{row.key}" for row in PERSON}
OF_THE_SERVICE = {f"{row.platform}.nudger_{row.key}" for row in SERVICE}
UNTIL_READ_S = 1.0
"""For Home Assistant to read what it was sent, before its silence means anything."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHome]:
    with RunningHome(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="module")
def house(home: RunningHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A nudger as it runs every day; it starts when Home Assistant has long been there."""
    folder = tmp_path_factory.mktemp("nudger")
    broker: Any = SharedBroker(home)
    with House(folder, CONFIG, scale=1, broker=broker) as made:
        yield made


@pytest.fixture(autouse=True)
def nothing_to_complain_of(home: RunningHome) -> Iterator[None]:
    home.complaints()
    yield
    time.sleep(UNTIL_READ_S)
    assert home.complaints() == []


def available(home: RunningHome, wanted: set[str]) -> bool:
    states = home.entities("nudger")
    return wanted <= states.keys() and not {states[each] for each in wanted} & {"unavailable", None}


def unavailable(home: RunningHome, wanted: set[str]) -> bool:
    states = home.entities("nudger")
    return {states.get(each) for each in wanted} == {"unavailable"}


# --- It is found -----------------------------------------------------------------------------------------------------


def test_everything_is_available_within_three_seconds(home: RunningHome, house: House) -> None:
    house.stop()
    began = time.monotonic()
    house.start()
    home.until(lambda: available(home, OF_ALEX | OF_THE_SERVICE), 3)
    print(f"{home.version}: available after {time.monotonic() - began:.2f} s")  # noqa: T201  (a figure of the docs)
    assert home.entities("nudger").keys() == OF_ALEX | OF_THE_SERVICE


@pytest.mark.usefixtures("house")
def test_the_devices_hang_together(home: RunningHome) -> None:
    hub, alex = home.device("nudger"), home.device("nudger_alex")
    assert hub is not None
    assert alex is not None
    assert alex["name"] == "nudger Alex"
    assert alex["via_device_id"] == hub["id"]
    assert home.attributes("binary_sensor.nudger_alex_sitting")["friendly_name"] == "nudger Alex"
    assert home.attributes("sensor.nudger_alex_next_prompt")["friendly_name"] == "nudger Alex Next prompt"


@pytest.mark.usefixtures("house")
def test_at_first_nothing_is_known_and_that_is_what_it_says(home: RunningHome) -> None:
    states = home.entities("nudger_alex")
    assert states["binary_sensor.nudger_alex_sitting"] == "unknown"
    assert states["sensor.nudger_alex_posture"] == "unknown"
    assert states["sensor.nudger_alex_next_prompt"] == "unknown"
    assert states["sensor.nudger_alex_followed_share"] == "unknown"
    assert states["binary_sensor.nudger_alex_silent_signals"] == "on"
    assert home.attributes("binary_sensor.nudger_alex_silent_signals")["signals"] == ["radar"]
    assert "radar" in states["sensor.nudger_alex_why"]


def test_sitting_down_shows(home: RunningHome, house: House) -> None:
    house.listener.say("desk/radar", "ON")
    home.until_state("binary_sensor.nudger_alex_sitting", "on")
    states = home.entities("nudger_alex")
    assert states["sensor.nudger_alex_posture"] == "sitting"
    since = datetime.fromisoformat(states["sensor.nudger_alex_sitting_since"])
    following = datetime.fromisoformat(states["sensor.nudger_alex_next_prompt"])
    assert 19 * 60 < (following - since).total_seconds() < 31 * 60
    assert states["binary_sensor.nudger_alex_silent_signals"] == "off"
    house.listener.say("desk/radar", "OFF")
    home.until_state("binary_sensor.nudger_alex_sitting", "off")
    assert home.state("sensor.nudger_alex_posture") == "sitting", "until it is a break"


# --- It is driven ----------------------------------------------------------------------------------------------------


def press(home: RunningHome, name: str) -> None:
    home.call("button.press", f"button.nudger_alex_{name}")


def test_pauses_and_rests_have_an_end_and_can_be_ended(home: RunningHome, house: House) -> None:
    for button, long in (("pause_30", False), ("pause_today", True)):
        press(home, button)
        home.until_state("sensor.nudger_alex_hold", "paused")
        until = house.call("status", "--json").stdout
        assert ("04:00" in json.loads(until)["persons"]["alex"]["why"]) is long
        press(home, "resume")
        home.until_state("sensor.nudger_alex_hold", "nothing")
    press(home, "rest")
    home.until_state("sensor.nudger_alex_hold", "paused")
    assert "resting" in (home.state("sensor.nudger_alex_why") or "")
    press(home, "resume")
    home.until_state("sensor.nudger_alex_hold", "nothing")


@pytest.mark.usefixtures("house")
def test_a_flare_is_switched_on_and_off(home: RunningHome) -> None:
    for state in ("on", "off"):
        home.call(f"switch.turn_{state}", "switch.nudger_alex_flare")
        home.until_state("binary_sensor.nudger_alex_in_flare", state)
        home.until_state("switch.nudger_alex_flare", state)


def test_a_stage_is_picked_by_its_id_where_the_rules_allow_it(home: RunningHome, house: House) -> None:
    home.call("select.select_option", "select.nudger_alex_stage", option="gentle_start")
    house.until(lambda: (house.state() or {})["stage"] == "gentle_start")
    home.until_state("select.nudger_alex_stage", "gentle_start")
    home.call("select.select_option", "select.nudger_alex_stage", option="steady")
    home.until(lambda: home.attributes("event.nudger_alex_news").get("event_type") == "error")
    home.until_state("select.nudger_alex_stage", "gentle_start")


def test_a_check_in_and_an_offer_are_answered_in_the_words_of_the_contract(home: RunningHome, house: House) -> None:
    home.call("number.set_value", "number.nudger_alex_pain_morning", value=3)
    home.call("number.set_value", "number.nudger_alex_pain_evening", value=10)
    home.until(lambda: home.attributes("switch.nudger_alex_impact").get("pain") == 10)  # the two are told together
    home.call("switch.turn_on", "switch.nudger_alex_impact")
    for button in ("accept", "decline"):
        press(home, button)
    house.until(lambda: len(house.listener.on("nudger/alex/set/offer")) == 2)
    assert house.listener.on("nudger/alex/set/offer") == ["accept", "decline"]
    morning, evening, impact = (json.loads(each) for each in house.listener.on("nudger/alex/set/checkin"))
    assert morning == {"when": "morning", "pain": 3, "impact": None}
    assert (evening["when"], evening["pain"]) == ("evening", 10)
    assert (impact["when"], impact["impact"]) == ("evening", True)
    home.until_state("number.nudger_alex_pain_morning", "3")
    home.until_state("number.nudger_alex_pain_evening", "10")
    home.until_state("switch.nudger_alex_impact", "on")


@pytest.mark.usefixtures("house")
def test_a_wrong_command_changes_nothing_and_is_told(home: RunningHome) -> None:
    before = home.entities("nudger_alex")
    for topic, payload, retain in (
        ("stage", "astronaut", False),
        ("pause", '{"minutes": -5}', False),
        ("flare", "perhaps", False),
        ("checkin", '{"pain": 11}', False),
        ("pause", "30", True),
    ):
        said = home.state("event.nudger_alex_news")
        home.probe.call("mqtt", "publish", {"topic": f"nudger/alex/set/{topic}", "payload": payload, "retain": retain})
        home.until(lambda said=said: home.state("event.nudger_alex_news") != said)  # type: ignore[misc]  # as above
        news = home.attributes("event.nudger_alex_news")
        assert news["event_type"] == "error"
        assert news["command"] == topic
    home.probe.publish("nudger/alex/set/pause", "", retain=True)
    after = home.entities("nudger_alex")
    changed = {each for each in before if before[each] != after[each]}
    assert changed <= {"event.nudger_alex_news"}


def test_a_prompt_comes_and_is_answered(home: RunningHome, tmp_path: Path) -> None:
    """In a trial, for life is too slow; and two nudgers at one broker do not get into each other's way."""
    broker: Any = SharedBroker(home)
    with House(tmp_path, TRIAL, scale=240, broker=broker, base="home/trial") as trial:
        device = next(each for each in home.probe.devices() if each["name"] == "nudger (home/trial)")
        ((_, hub),) = device["identifiers"]
        home.until(lambda: len(home.entities(f"{hub}_alex")) == len(PERSON))
        home.until(lambda: "unavailable" not in home.entities(f"{hub}_alex").values())
        slug = hub.replace("-", "_")

        def state(name: str) -> str | None:
            return home.state(name.replace(".", f".{slug}_alex_"))

        trial.listener.say("trial/radar", "ON")
        home.until(lambda: state("sensor.exercise") != "unknown")
        home.until(lambda: state("event.prompt") != "unknown")
        prompt = home.attributes(f"event.{slug}_alex_prompt")
        assert prompt["event_type"] == "prompt"
        assert {"id", "title", "body", "category", "duration_s", "level", "issued_at"} <= prompt.keys()
        assert home.attributes(f"sensor.{slug}_alex_exercise")["body"] == prompt["body"]

        home.call("button.press", f"button.{slug}_alex_snooze")
        home.until(lambda: state("sensor.hold") == "snoozed")
        home.until(lambda: state("sensor.exercise") == prompt["title"])
        home.call("button.press", f"button.{slug}_alex_skip")
        home.until(lambda: state("sensor.exercise") == "unknown")
        home.until(lambda: state("sensor.exercise") != "unknown")
        home.call("button.press", f"button.{slug}_alex_done")
        home.until(lambda: state("sensor.breaks_today") == "1")
        home.until(lambda: state("sensor.exercise") == "unknown")
        assert state("sensor.prompts_today") == "2"
        assert state("sensor.posture") == "sitting"
        trial.listener.say("trial/radar", "OFF")
        home.until(lambda: state("sensor.posture") == "away")
        assert state("sensor.longest_bout_today") == str(round((trial.state() or {})["longest_bout_today_s"] / 60))
    home.until(lambda: home.device(hub) is None and home.device(f"{hub}_alex") is None)
    assert available(home, OF_ALEX | OF_THE_SERVICE)


def test_device_triggers_start_automations(home: RunningHome, house: House) -> None:
    device = home.device("nudger_alex")
    assert device is not None
    offered = home.probe.wscmd("device_automation/trigger/list", device_id=device["id"])
    triggers = {(each["type"], each["subtype"]): each for each in offered if each["domain"] == "mqtt"}
    assert triggers.keys() == {("shown", "prompt"), ("repeated", "prompt"), ("ended", "break"), ("due", "check-in")}
    trigger = triggers["ended", "break"]
    wanted = {key: trigger[key] for key in ("domain", "device_id", "type", "subtype")}
    home.probe.req(
        "POST",
        "/api/config/automation/config/nudger_test",
        {
            "alias": "nudger_test",
            "triggers": [{"trigger": "device", **wanted}],
            "actions": [{"event": "nudger_test"}],
        },
    )
    home.until_state("automation.nudger_test", "on")
    house.listener.say("nudger/alex/event", '{"event_type":"break_started","start":"x","confirmed":"sensor"}')
    house.listener.say("nudger/alex/event", '{"event_type":"break_ended","start":"x","end":"y","confirmed":"sensor"}')
    home.until(lambda: home.attributes("automation.nudger_test")["last_triggered"])
    home.probe.req("DELETE", "/api/config/automation/config/nudger_test")


# --- It is followed through restarts ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("house")
def test_home_assistant_restarts(home: RunningHome) -> None:
    lasting = {"sensor.nudger_alex_hold", "select.nudger_alex_stage"}
    lasting |= OF_THE_SERVICE | {"binary_sensor.nudger_alex_sitting", "switch.nudger_alex_flare"}
    before = home.entities("nudger")
    home.restart("ha")
    home.until(lambda: available(home, OF_ALEX | OF_THE_SERVICE))
    after = home.entities("nudger")
    assert {each: after[each] for each in lasting} == {each: before[each] for each in lasting}


@pytest.mark.usefixtures("house")
def test_the_broker_restarts(home: RunningHome) -> None:
    home.restart("broker")
    home.until(lambda: home.state("sensor.nudger_reconnects") == "1")
    home.until(lambda: available(home, OF_ALEX | OF_THE_SERVICE))


@pytest.mark.usefixtures("house")
def test_the_broker_is_killed_and_loses_everything(home: RunningHome) -> None:
    home.kill_broker()
    home.until(lambda: home.state("sensor.nudger_reconnects") == "2")
    home.until(lambda: available(home, OF_ALEX | OF_THE_SERVICE))
    press(home, "pause_30")
    home.until_state("sensor.nudger_alex_hold", "paused")
    press(home, "resume")
    home.until_state("sensor.nudger_alex_hold", "nothing")


def test_nudger_restarts(home: RunningHome, house: House) -> None:
    house.stop()
    home.until(lambda: unavailable(home, OF_ALEX | OF_THE_SERVICE))
    house.start()
    home.until(lambda: available(home, OF_ALEX | OF_THE_SERVICE))
    assert home.state("sensor.nudger_reconnects") == "0"


def test_nudger_is_killed(home: RunningHome, house: House) -> None:
    house.stop(signal.SIGKILL)
    home.until(lambda: unavailable(home, OF_ALEX | OF_THE_SERVICE))
    house.start()
    home.until(lambda: available(home, OF_ALEX | OF_THE_SERVICE))


# --- It follows the config -------------------------------------------------------------------------------------------


def reload(house: House, config: str) -> None:
    assert house.process is not None
    house.write_config(config)
    house.process.send_signal(signal.SIGHUP)


def test_a_person_comes_and_goes(home: RunningHome, house: House) -> None:
    reload(house, CONFIG + KIM)
    home.until(lambda: available(home, OF_KIM))
    assert home.attributes("sensor.nudger_kim_next_prompt")["friendly_name"] == "nudger Kim Nächster Anstoß"
    reload(house, CONFIG)
    home.until(lambda: home.device("nudger_kim") is None)
    house.until(lambda: house.listener.on("nudger/kim/state")[-1] == "")
    assert home.entities("nudger").keys() == OF_ALEX | OF_THE_SERVICE


def test_who_left_while_nudger_was_down_is_taken_away_too(home: RunningHome, house: House) -> None:
    reload(house, CONFIG + KIM)
    home.until(lambda: available(home, OF_KIM))
    house.stop(signal.SIGKILL)
    house.write_config(CONFIG)
    house.start()
    home.until(lambda: home.device("nudger_kim") is None)
    house.until(lambda: house.listener.on("nudger/kim/state")[-1] == "")


def test_switched_off_nothing_stays_and_on_again_all_is_back(home: RunningHome, house: House) -> None:
    reload(house, CONFIG.replace("port: {port}", "port: {port}, home_assistant: false"))
    home.until(lambda: home.device("nudger") is None and home.device("nudger_alex") is None)
    assert (house.state() or {})["posture"] == "away"
    reload(house, CONFIG)
    home.until(lambda: available(home, OF_ALEX | OF_THE_SERVICE))


def test_nothing_is_sent_while_nothing_happens(house: House) -> None:
    topics = ("homeassistant/device/nudger_alex/config", "nudger/alex/state", "nudger/service", "nudger/status")
    time.sleep(UNTIL_READ_S)
    before = [len(house.listener.on(topic)) for topic in topics]
    house.listener.say("desk/radar", "OFF")  # what is known already is nothing new
    time.sleep(5)
    assert [len(house.listener.on(topic)) for topic in topics] == before
