"""The blueprints in a real Home Assistant, with a phone, a lamp and a speaker that say what they were told."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from home_assistant_rig import BROKER_GONE, RunningHome, SharedBroker
from house import House, Listener

pytestmark = [pytest.mark.homeassistant, pytest.mark.slow, pytest.mark.timeout(600)]

BLUEPRINTS: Final = Path(__file__).parent.parent / "homeassistant" / "blueprints" / "automation" / "nudger"
PAGE: Final = Path(__file__).parent.parent / "docs" / "homeassistant-setup.md"
LAMP: Final = {
    "name": "Lamp",
    "unique_id": "a_lamp",
    "default_entity_id": "light.lamp",
    "object_id": "lamp",
    "schema": "json",
    "command_topic": "lamp/set",
    "state_topic": "lamp",
    "brightness": True,
    "supported_color_modes": ["rgb", "color_temp"],
}
BLUE: Final = {"state": "ON", "brightness": 120, "color_mode": "rgb", "color": {"r": 0, "g": 0, "b": 255}}
SPEAKER: Final = '''"""Stands in for text to speech: what it is asked to say becomes an MQTT message."""

DOMAIN = "tts"


async def async_setup(hass, config):
    async def speak(call):
        await hass.services.async_call("mqtt", "publish", {"topic": "spoken", "payload": call.data["message"]})

    hass.services.async_register("tts", "speak", speak)
    return True
'''
PROMPT: Final = {
    "event_type": "prompt",
    "id": "alex-1790000000000",
    "title": "Stand up",
    "body": "Walk to the window and back.",
    "category": "walk",
    "duration_s": 60,
    "level": 0,
    "issued_at": "2026-11-28T10:00:00Z",
}
WITHDRAWN: Final = {"event_type": "prompt_withdrawn", "id": PROMPT["id"], "why": "up"}
CONFIG: Final = """
mqtt: {host: 127.0.0.1, port: {port}, base_topic: real}
time_zone: UTC
people:
  alex:
    stage: gentle_start
    publish_health: true
    signals:
      - {name: chair, kind: seat, state_topic: desk/chair}
"""
MEMORY: Final = "nudger-lights/alex/light.lamp"
"""Where the blueprint keeps how the light was."""
QUIET_S: Final = 2.0
"""Long enough for a push that must not come: a wanted one takes a tenth of a second."""


class Rig:
    """Home Assistant with every blueprint in use, and whatever they reach."""

    def __init__(self, home: RunningHome) -> None:
        self.home = home
        self.listener = Listener(home.port)
        self.lamp: dict[str, Any] = dict(BLUE)
        self._obeyed = 0

    @property
    def pushes(self) -> list[dict[str, Any]]:
        """What reached the phone so far: title, message, and the data beside them."""
        return [entry["body"] for entry in self.home.probe.phone_log()]

    def say(self, event: Mapping[str, Any], base: str = "nudger") -> None:
        """Say an event as nudger does."""
        self.listener.say(f"{base}/alex/event", json.dumps(event))

    def answer(self, action: str, **data: str) -> None:
        """Tap a button on the phone."""
        self.home.probe.phone_act({"action": action, **data})

    def report(self, state: Mapping[str, Any]) -> None:
        """Have the lamp report, as it does after a command or when somebody touches it."""
        self.lamp = dict(state)
        self.listener.say("lamp", json.dumps(self.lamp), retain=True)

    def obey(self) -> None:
        """Have the lamp carry out what it was told since the last time."""
        commands = self.listener.on("lamp/set")
        for text in commands[self._obeyed :]:
            told = json.loads(text)
            if "color" in told:
                self.lamp |= {"color": told["color"], "color_mode": "rgb"}
            if "color_temp" in told:
                self.lamp.pop("color", None)
                self.lamp |= {"color_temp": told["color_temp"], "color_mode": "color_temp"}
            self.lamp |= {key: told[key] for key in ("state", "brightness") if key in told}
        if commands[self._obeyed :]:
            self._obeyed = len(commands)
            self.report(self.lamp)

    def until_lamp(self, **wanted: Any) -> None:
        """Wait until the lamp shows that, and Home Assistant knows."""

        def shows() -> bool:
            self.obey()
            return all(self.lamp.get(key) == value for key, value in wanted.items())

        self.home.until(shows)
        self.home.until(lambda: self.home.state("light.lamp") == self.lamp["state"].lower())

    def watch(self, seconds: float) -> None:
        """Have the lamp obey for that long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.obey()
            time.sleep(0.05)


def settled(rig: Rig) -> None:
    """Wait out the time that the light may take to report."""
    rig.watch(4.5)


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with RunningHome(tmp_path_factory.mktemp("home")) as home:
        config = home.probe.cfg / "configuration.yaml"
        recipe = re.search(r"<!-- statestream recipe -->\n```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
        assert recipe
        config.write_text(f"{config.read_text()}tts:\ninput_boolean:\n  camera:\n{recipe[1]}")
        stand_in = home.probe.cfg / "custom_components" / "tts"
        stand_in.mkdir(parents=True)
        (stand_in / "__init__.py").write_text(SPEAKER)
        about = {"domain": "tts", "name": "Stand-in", "version": "1.0.0", "documentation": "", "codeowners": []}
        (stand_in / "manifest.json").write_text(json.dumps({**about, "dependencies": ["mqtt"], "requirements": []}))
        home.restart("ha")
        made = Rig(home)
        made.listener.say("homeassistant/light/lamp/config", json.dumps(LAMP), retain=True)
        made.report(BLUE)
        home.until_state("light.lamp", "on")
        home._harness("phone")  # in a process of its own, so that it outlives a reload of the probe
        home._load()
        phone = next(each["id"] for each in home.probe.devices() if each["name"] == "Test Phone")
        inputs: dict[str, dict[str, Any]] = {
            "phone_prompt": {"person": "alex", "phone": phone},
            "check_in": {"person": "alex", "phone": phone},
            "light_cue": {"person": "alex", "lamp": "light.lamp", "transition": 0},
            "speaker": {
                "person": "alex",
                "voice": "tts.stand_in",
                "speaker": "media_player.desk",
                "quiet_from": "00:00:00",
                "quiet_to": "00:00:00",
            },
            "meeting": {"sources": ["input_boolean.camera"], "topic": "signals/meeting"},
        }
        for name, each in inputs.items():
            checked = home.probe.blueprint_check(str(BLUEPRINTS / f"{name}.yaml"), each)
            assert checked["ok"], f"{name}: {checked}"
        real = {"person": "alex", "phone": phone, "base_topic": "real"}
        for name in ("phone_prompt", "check_in"):
            home.probe.req(
                "POST",
                f"/api/config/automation/config/real_{name}",
                {"alias": f"real_{name}", "use_blueprint": {"path": f"harness/{name}.yaml", "input": real}},
            )
            home.until_state(f"automation.real_{name}", "on")
        home.complaints()
        yield made
        made.listener.close()


@pytest.fixture(autouse=True)
def nothing_to_complain_of(rig: Rig) -> Iterator[None]:
    yield
    words = ("ERROR", "WARNING")
    parts = ("components.automation", "helpers.template", "components.mqtt", "helpers.script")
    lines = [line for line in rig.home.probe.log(mqtt_only=False) if any(part in line for part in parts)]
    bad = [line for line in lines if any(word in line for word in words)]
    of_a_lost_broker = (*BROKER_GONE, "The client is not currently connected", "No ACK from MQTT server")
    assert [line for line in bad if not any(words in line for words in of_a_lost_broker)] == []


# --- The phone -------------------------------------------------------------------------------------------------------


def test_a_prompt_of_a_real_nudger_reaches_the_phone_is_answered_and_cleared(rig: Rig, tmp_path: Path) -> None:
    broker: Any = SharedBroker(rig.home)
    before = len(rig.pushes)
    with House(tmp_path, CONFIG, scale=240, broker=broker, base="real") as house:
        house.listener.say("desk/chair", "ON")
        rig.home.until(lambda: len(rig.pushes) > before)
        shown = rig.pushes[before]
        prompt = next(each for each in house.events() if each["event_type"] == "prompt")
        assert (shown["title"], shown["message"]) == (prompt["title"], prompt["body"])
        assert shown["data"]["tag"] == "real-alex"
        titles = [each["title"] for each in shown["data"]["actions"]]
        assert titles == ["Done", "Snooze", "Skip"]

        rig.answer(shown["data"]["actions"][0]["action"], tag="real-alex")
        rig.home.until(lambda: house.count("prompt_withdrawn") == 1)
        assert next(e for e in house.events() if e["event_type"] == "prompt_withdrawn")["why"] == "done"
        rig.home.until(lambda: len(rig.pushes) == before + 2)
        assert rig.pushes[before + 1]["message"] == "clear_notification"
        assert rig.pushes[before + 1]["data"]["tag"] == "real-alex"

        def reached() -> tuple[int, int]:
            cleared = sum(each["message"] == "clear_notification" for each in rig.pushes[before:])
            return len(rig.pushes) - before - cleared, cleared

        def said() -> tuple[int, int]:
            return house.count("prompt") + house.count("prompt_repeated"), house.count("prompt_withdrawn")

        rig.home.until(lambda: house.count("prompt") == 2)
        house.listener.say("desk/chair", "OFF")
        rig.home.until(lambda: house.count("prompt_withdrawn") == 2)
        rig.home.until(lambda: reached() == said())
        assert rig.pushes[-1]["message"] == "clear_notification", "who stands has nothing on the phone"

        house.listener.say("desk/chair", "ON")
        rig.home.until(lambda: house.count("prompt") == 3)
        house.stop()
        house.start()
        time.sleep(QUIET_S)
        assert reached() == said(), "a restart says nothing twice"


def test_a_repeat_sounds_again_and_a_silent_one_does_not(rig: Rig) -> None:
    before = len(rig.pushes)
    rig.say({**PROMPT, "event_type": "prompt_repeated", "level": 1})
    rig.say({**PROMPT, "event_type": "prompt_repeated", "silent": True})
    rig.home.until(lambda: len(rig.pushes) == before + 2)
    loud, silent = rig.pushes[before:]
    assert (loud["data"]["alert_once"], silent["data"]["alert_once"]) == (False, True)
    assert silent["data"]["push"]["interruption-level"] == "passive"
    rig.say(WITHDRAWN)
    rig.home.until(lambda: len(rig.pushes) == before + 3)


def test_a_phone_may_be_for_repeats_only_or_for_times_that_a_condition_names(rig: Rig) -> None:
    phone = next(each["id"] for each in rig.home.probe.devices() if each["name"] == "Test Phone")
    never = {"conditions": [{"condition": "template", "value_template": "{{ false }}"}]}
    for person, more in (("pat", {"which": "repeats"}), ("sam", never)):
        inputs = {"person": person, "phone": phone, **more}
        rig.home.probe.req(
            "POST",
            f"/api/config/automation/config/phone_{person}",
            {"alias": f"phone_{person}", "use_blueprint": {"path": "harness/phone_prompt.yaml", "input": inputs}},
        )
        rig.home.until_state(f"automation.phone_{person}", "on")
    before = len(rig.pushes)

    def reached(person: str) -> list[str]:
        tagged = [each for each in rig.pushes[before:] if each["data"]["tag"] == f"nudger-{person}"]
        return [each["message"] for each in tagged]

    def say_until_cleared() -> bool:
        for person in ("pat", "sam"):  # again: Home Assistant subscribes a little later
            for event in (PROMPT, WITHDRAWN):
                rig.listener.say(f"nudger/{person}/event", json.dumps(event))
        time.sleep(0.5)
        return bool(reached("pat") and reached("sam"))

    rig.home.until(say_until_cleared)
    assert set(reached("pat")) == set(reached("sam")) == {"clear_notification"}
    for person in ("sam", "pat"):
        again = {**PROMPT, "event_type": "prompt_repeated", "level": 1}
        rig.listener.say(f"nudger/{person}/event", json.dumps(again))
    rig.home.until(lambda: PROMPT["body"] in reached("pat"))
    assert set(reached("sam")) == {"clear_notification"}


def test_answers_go_to_nudger_with_the_prompt_they_are_for_and_nothing_else_does(rig: Rig) -> None:
    for command in ("done", "snooze", "skip"):
        rig.answer(f"NUDGER:{command}:nudger/alex:{PROMPT['id']}")
        rig.home.until(lambda command=command: rig.listener.on(f"nudger/alex/set/{command}"))  # type: ignore[misc]  # no lambda has types
        assert json.loads(rig.listener.on(f"nudger/alex/set/{command}")[-1]) == {"id": PROMPT["id"]}
    said = len(rig.listener.heard)
    for action in ("NUDGER:format:nudger/alex:x", "NUDGER:done:nudger/kim:x", "OTHER", "NUDGER:done"):
        rig.answer(action)
    time.sleep(QUIET_S)
    assert [topic for topic, _, _ in rig.listener.heard[said:] if "/set/" in topic] == []


def test_restarts_send_nothing_twice_and_take_away_what_ended_meanwhile(rig: Rig) -> None:
    rig.listener.say("nudger/alex/state", json.dumps({"prompt": PROMPT}), retain=True)
    rig.listener.say("real/alex/state", json.dumps({"prompt": None}), retain=True)
    before = len(rig.pushes)
    rig.say(PROMPT)
    rig.home.until(lambda: len(rig.pushes) == before + 1)
    rig.until_lamp(color={"r": 255, "g": 160, "b": 0})
    rig.home.restart("broker")
    rig.home.until_state("light.lamp", "on")
    rig.home.restart("ha")
    rig.until_lamp(color=BLUE["color"])
    rig.home.until(lambda: len(rig.pushes) > before + 1)
    time.sleep(QUIET_S)
    [cleared] = rig.pushes[before + 1 :]
    assert cleared["message"] == "clear_notification"
    assert cleared["data"]["tag"] == "real-alex", "the other is showing still, and was sent once"


# --- The check-in ----------------------------------------------------------------------------------------------------


def test_a_check_in_is_asked_answered_by_reply_and_completed(rig: Rig) -> None:
    before = len(rig.pushes)
    rig.say({"event_type": "checkin_due", "when": "evening", "date": "2026-11-28"})
    rig.home.until(lambda: len(rig.pushes) == before + 1)
    asked = rig.pushes[-1]
    reply, low, _ = asked["data"]["actions"]
    assert reply["behavior"] == "textInput"
    assert low["title"] == "2/10"

    for wrong in ("eleven", "11", "-1", "3.5", ""):
        rig.answer(reply["action"], reply_text=wrong)
    rig.home.until(lambda: len(rig.pushes) == before + 6)
    assert rig.pushes[-1]["title"] == "A number from 0 to 10, please."
    assert rig.listener.on("nudger/alex/set/checkin") == []

    rig.answer(reply["action"], reply_text=" 3/10 ")
    rig.home.until(lambda: len(rig.pushes) == before + 7)
    evening = {"date": "2026-11-28", "when": "evening", "pain": 3}
    rig.home.until(lambda: rig.listener.on("nudger/alex/set/checkin"))
    assert json.loads(rig.listener.on("nudger/alex/set/checkin")[-1]) == evening
    second = rig.pushes[-1]
    assert "keep you" in second["message"]
    rig.answer(second["data"]["actions"][1]["action"])
    rig.home.until(lambda: len(rig.listener.on("nudger/alex/set/checkin")) == 2)
    assert json.loads(rig.listener.on("nudger/alex/set/checkin")[-1]) == {**evening, "impact": False}
    rig.home.until(lambda: rig.pushes[-1]["message"] == "clear_notification")


def test_a_real_nudger_takes_a_check_in_and_completes_it(rig: Rig, tmp_path: Path) -> None:
    broker: Any = SharedBroker(rig.home)
    day = rig.home.probe.template("{{ (now() - timedelta(hours=4)).date() }}")
    with House(tmp_path, CONFIG, scale=1, broker=broker, base="real") as house:

        def evening() -> Any:
            return ((house.state() or {}).get("pain") or {}).get("evening")

        before = len(rig.pushes)
        rig.say({"event_type": "checkin_due", "when": "evening", "date": day}, "real")
        rig.home.until(lambda: len(rig.pushes) == before + 1)
        rig.answer(rig.pushes[-1]["data"]["actions"][0]["action"], reply_text="5")
        rig.home.until(lambda: evening() == {"pain": 5, "impact": None})
        rig.home.until(lambda: len(rig.pushes) == before + 2)
        rig.answer(rig.pushes[-1]["data"]["actions"][0]["action"])
        rig.home.until(lambda: evening() == {"pain": 5, "impact": True})
        assert house.count("error") == 0


def test_in_the_morning_one_tap_is_enough(rig: Rig) -> None:
    before, said = len(rig.pushes), len(rig.listener.on("nudger/alex/set/checkin"))
    rig.say({"event_type": "checkin_due", "when": "morning", "date": "2026-11-29"})
    rig.home.until(lambda: len(rig.pushes) == before + 1)
    rig.answer(rig.pushes[-1]["data"]["actions"][2]["action"])
    rig.home.until(lambda: len(rig.listener.on("nudger/alex/set/checkin")) == said + 1)
    morning = {"date": "2026-11-29", "when": "morning", "pain": 4}
    assert json.loads(rig.listener.on("nudger/alex/set/checkin")[-1]) == morning
    rig.home.until(lambda: rig.pushes[-1]["message"] == "clear_notification")


# --- The light -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before",
    [BLUE, {"state": "ON", "brightness": 90, "color_mode": "color_temp", "color_temp": 300}, {"state": "OFF"}],
    ids=["blue", "warm", "off"],
)
def test_the_light_is_amber_red_and_then_as_it_was(rig: Rig, before: dict[str, Any]) -> None:
    rig.report(before)
    rig.home.until_state("light.lamp", before["state"].lower())
    time.sleep(0.3)
    rig.say(PROMPT)
    rig.until_lamp(state="ON", color={"r": 255, "g": 160, "b": 0})
    settled(rig)
    rig.say({**PROMPT, "event_type": "prompt_repeated", "silent": True})
    rig.watch(0.5)
    assert rig.lamp["color"] == {"r": 255, "g": 160, "b": 0}
    rig.say({**PROMPT, "event_type": "prompt_repeated", "level": 1})
    rig.until_lamp(color={"r": 255, "g": 30, "b": 0})
    rig.say(WITHDRAWN)
    wanted = {key: value for key, value in before.items() if key != "brightness"}
    rig.until_lamp(**wanted)
    assert before["state"] == "OFF" or abs(rig.lamp["brightness"] - before["brightness"]) <= 2
    rig.home.until_state("automation.harness_light_cue", "on")


@pytest.mark.parametrize("is_red", [False, True], ids=["amber", "red"])
def test_a_light_that_was_touched_is_left_alone(rig: Rig, is_red: bool) -> None:
    rig.report(BLUE)
    rig.home.until_state("light.lamp", "on")
    time.sleep(0.3)
    rig.say(PROMPT)
    rig.until_lamp(color={"r": 255, "g": 160, "b": 0})
    settled(rig)
    if is_red:
        rig.say({**PROMPT, "event_type": "prompt_repeated", "level": 1})
        rig.until_lamp(color={"r": 255, "g": 30, "b": 0})
        settled(rig)
    mine = {"state": "ON", "brightness": 255, "color_mode": "rgb", "color": {"r": 0, "g": 255, "b": 0}}
    rig.report(mine)
    rig.home.until(lambda: rig.home.attributes("light.lamp")["brightness"] == 255)
    rig.say(WITHDRAWN)
    rig.watch(QUIET_S)
    assert rig.lamp == mine


def test_when_nudger_stops_the_light_goes_back(rig: Rig) -> None:
    rig.report(BLUE)
    rig.home.until_state("light.lamp", "on")
    time.sleep(0.3)
    rig.say(PROMPT)
    rig.until_lamp(color={"r": 255, "g": 160, "b": 0})
    rig.listener.say("nudger/status", "offline", retain=True)
    rig.until_lamp(color=BLUE["color"])
    rig.listener.say("nudger/status", "online", retain=True)


@pytest.mark.parametrize("is_touched", [False, True], ids=["as it was left", "touched meanwhile"])
def test_home_assistant_is_killed_during_a_cue_and_gives_the_light_back(rig: Rig, is_touched: bool) -> None:
    """Unless somebody has changed it while Home Assistant was down."""
    if "Test Phone" not in (rig.home.probe.cfg / ".storage" / "core.device_registry").read_text():
        rig.home.restart("ha")  # which saves what a kill would lose for minutes yet: the phone
    rig.report(BLUE)
    rig.home.until_state("light.lamp", "on")
    time.sleep(0.3)
    rig.say(PROMPT)
    rig.until_lamp(color={"r": 255, "g": 160, "b": 0})
    settled(rig)
    rig.home.kill_home()
    rig.watch(0.5)
    assert rig.lamp["color"] == {"r": 255, "g": 160, "b": 0}, "nobody could tell it anything else"
    mine = {"state": "ON", "brightness": 179, "color_mode": "rgb", "color": {"r": 0, "g": 255, "b": 0}}
    if is_touched:
        rig.report(mine)
    rig.home.start_home()
    if is_touched:
        rig.home.until(lambda: rig.listener.on(MEMORY)[-1] == "")
        rig.watch(QUIET_S)
        assert rig.lamp == mine
    else:
        rig.until_lamp(color=BLUE["color"], brightness=BLUE["brightness"])
        rig.home.until(lambda: rig.listener.on(MEMORY)[-1] == "")
    rig.say(WITHDRAWN)
    rig.watch(0.5)


def test_a_reload_in_the_middle_of_a_cue_ends_it(rig: Rig) -> None:
    """As when its user changes the automation, which ends what runs without a word."""
    rig.report(BLUE)
    rig.home.until_state("light.lamp", "on")
    time.sleep(0.3)
    rig.say(PROMPT)
    rig.until_lamp(color={"r": 255, "g": 160, "b": 0})
    rig.home.probe.call("automation", "reload", {})
    rig.home.call("automation.turn_off", "automation.harness_light_cue")
    rig.home.call("automation.turn_on", "automation.harness_light_cue")
    rig.until_lamp(color=BLUE["color"])
    rig.say(WITHDRAWN)


# --- The speaker, and meetings ---------------------------------------------------------------------------------------


def test_a_prompt_is_spoken_but_not_what_comes_back_without_a_sound(rig: Rig) -> None:
    before = len(rig.listener.on("spoken"))
    rig.say({**PROMPT, "event_type": "prompt_repeated", "silent": True})
    rig.say({"event_type": "enough", "title": "Enough", "body": "Sit if you like."})
    rig.say(PROMPT)
    rig.home.until(lambda: len(rig.listener.on("spoken")) > before)
    time.sleep(0.5)
    assert rig.listener.on("spoken")[before:] == ["Stand up. Walk to the window and back."]
    rig.say(WITHDRAWN)


def test_in_quiet_hours_nothing_is_spoken_and_something_outside_of_them(rig: Rig) -> None:
    """The hours of one speaker began in this hour, those of the other are over; they may pass midnight."""
    hour = int(rig.home.probe.template("{{ now().hour }}"))
    voice = {"voice": "tts.stand_in", "speaker": "media_player.desk", "says_body": False}
    for person, begins, ends in (("kim", hour, hour + 2), ("sam", hour + 2, hour)):
        hours = {"quiet_from": f"{begins % 24:02}:00:00", "quiet_to": f"{ends % 24:02}:00:00"}
        rig.home.probe.req(
            "POST",
            f"/api/config/automation/config/speaker_{person}",
            {
                "alias": f"speaker_{person}",
                "use_blueprint": {"path": "harness/speaker.yaml", "input": {"person": person, **voice, **hours}},
            },
        )
        rig.home.until_state(f"automation.speaker_{person}", "on")
    before = len(rig.listener.on("spoken"))

    def say_until_heard() -> bool:
        for person, title in (("kim", "Hush"), ("sam", "Hear")):  # again: Home Assistant subscribes a little later
            rig.listener.say(f"nudger/{person}/event", json.dumps({**PROMPT, "title": title}))
        time.sleep(0.5)
        return len(rig.listener.on("spoken")) > before + 2

    rig.home.until(say_until_heard)
    assert set(rig.listener.on("spoken")[before:]) == {"Hear"}


def test_a_meeting_is_told_on_its_topic(rig: Rig) -> None:
    for service, payload in (("turn_on", "ON"), ("turn_off", "OFF")):
        rig.home.call(f"input_boolean.{service}", "input_boolean.camera")
        rig.home.until(lambda payload=payload: rig.listener.on("signals/meeting")[-1:] == [payload])  # type: ignore[misc]  # as above


# --- Signals ---------------------------------------------------------------------------------------------------------


def test_what_home_assistant_streams_is_found_and_named(rig: Rig) -> None:
    """By the recipe of the page, to the letter."""
    about = {"name": "Presence", "unique_id": "a_radar", "default_entity_id": "binary_sensor.desk_presence"}
    about |= {"object_id": "desk_presence", "state_topic": "radar", "device_class": "occupancy"}
    rig.listener.say("homeassistant/binary_sensor/radar/config", json.dumps(about), retain=True)
    rig.home.until_state("binary_sensor.desk_presence", "unknown")
    rig.listener.say("radar", "ON", retain=True)
    rig.home.until(lambda: "on" in rig.listener.on("statestream/binary_sensor/desk_presence/state"))
    command = (sys.executable, "-m", "nudger", "ha", "signals", "--host", "127.0.0.1", "--port", str(rig.home.port))
    done = subprocess.run(
        (*command, "--seconds", "2", "--json"), capture_output=True, text=True, timeout=60, check=False
    )
    [found] = [each for each in json.loads(done.stdout) if "desk_presence" in each["options"]["state_topic"]]
    assert (found["maker"], found["says"], found["retained"]) == ("Home Assistant", True, True)
    assert found["options"]["kind"] == "presence"
