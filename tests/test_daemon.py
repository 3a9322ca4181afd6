"""The whole spine, for real: a message at the broker becomes a prompt, an event, a lamp, a row in the history."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from broker import requires_mosquitto
from house import House

from nudger.library import load_language

CONFIG = """
mqtt: {host: 127.0.0.1, port: {port}}
time_zone: UTC
people:
  alex:
    stage: daily_walks
    signals:
      - {name: radar, kind: presence, state_topic: desk/radar}
      - {name: meeting, kind: call, state_topic: desk/call}
      - {name: quiet, kind: dnd, state_topic: desk/dnd}
      - {name: height, kind: standing, state_topic: desk/height, above: 95}
    outputs:
      - {type: light, preset: zigbee2mqtt, name: lamp}
"""
AS_IT_WAS = {"state": "ON", "brightness": 90, "color_temp": 300, "color_mode": "color_temp"}
STATE_KEYS = [
    "at",
    "posture",
    "since",
    "bout_started",
    "sitting_s",
    "next_prompt_at",
    "next_prompt_by",
    "hold",
    "prompt",
    "stage",
    "flare",
    "lock",
    "offer",
    "pain",
    "break_until",
    "day_started",
    "sitting_today_s",
    "breaks_today",
    "longest_bout_today_s",
    "prompts_today",
    "followed_today",
    "silent_signals",
    "next_session",
    "goals",
    "why",
]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    requires_mosquitto()
    with House(tmp_path, CONFIG) as made:
        made.listener.say("zigbee2mqtt/lamp", json.dumps(AS_IT_WAS))
        yield made


def sit_until_prompted(house: House) -> str:
    """Sit at the desk until a prompt shows; return its id."""
    before = house.count("prompt")
    house.listener.say("desk/height", "72")
    house.listener.say("desk/radar", "ON")
    house.until(lambda: house.count("prompt") > before)
    house.until(lambda: (house.state() or {})["prompt"])
    return str([e for e in house.events() if e["event_type"] == "prompt"][-1]["id"])


def lamp_commands(house: House) -> list[dict[str, object]]:
    return [json.loads(text) for text in house.listener.on("zigbee2mqtt/lamp/set")]


def test_presence_becomes_a_prompt_a_lamp_and_a_break(house: House) -> None:
    prompt = sit_until_prompted(house)
    state = house.state()
    assert state is not None
    assert list(state) == STATE_KEYS
    assert state["posture"] == "sitting"
    assert state["prompt"]["id"] == prompt
    assert set(state["prompt"]) == {"id", "title", "body", "category", "duration_s", "level", "issued_at"}
    house.until(lambda: lamp_commands(house))
    due = lamp_commands(house)[0]
    assert due.get("color") or due.get("color_temp")

    house.until(lambda: house.count("prompt_repeated") == 1)  # three minutes later, still sitting
    house.until(lambda: len(lamp_commands(house)) >= 2)
    assert lamp_commands(house)[1] != due, "overdue is not due"

    house.listener.say("desk/radar", "OFF")
    house.until(lambda: house.count("prompt_withdrawn") == 1)
    house.until(lambda: lamp_commands(house)[-1].get("brightness") == 90)  # as it was
    house.until(lambda: house.count("break_started") == 1)
    house.until(lambda: house.count("enough") == 1)
    house.listener.say("desk/radar", "ON")
    house.until(lambda: house.count("break_ended") == 1)
    state = house.state()
    assert state is not None
    assert state["breaks_today"] == 1
    assert state["followed_today"] == 1
    assert state["prompt"] is None


def test_a_gap_of_thirty_seconds_is_no_break_but_answers_the_prompt(house: House) -> None:
    sit_until_prompted(house)
    house.listener.say("desk/radar", "OFF")
    house.minutes(0.5)
    house.listener.say("desk/radar", "ON")
    house.until(lambda: (house.state() or {})["followed_today"] == 1)
    house.minutes(2)
    state = house.state()
    assert state is not None
    assert state["breaks_today"] == 0
    assert state["bout_started"] is not None
    assert house.count("break_started") == 0


def test_snooze_keeps_the_prompt_and_a_second_one_is_refused(house: House) -> None:
    prompt = sit_until_prompted(house)
    house.listener.say("nudger/alex/set/snooze", json.dumps({"id": prompt}))
    house.until(lambda: house.count("snoozed") == 1)
    house.until(lambda: (house.state() or {})["hold"] == "snoozed")
    house.until(lambda: house.count("prompt_repeated") == 1)
    again = next(e for e in house.events() if e["event_type"] == "prompt_repeated")
    assert again["id"] == prompt
    house.listener.say("nudger/alex/set/snooze")
    house.until(lambda: house.count("error") == 1)


def test_a_call_holds_the_prompt_and_its_end_lets_one_through(house: House) -> None:
    house.listener.say("desk/call", "ON")
    house.listener.say("desk/radar", "ON")
    house.until(lambda: (house.state() or {})["hold"] == "call")
    house.minutes(27)
    assert house.count("prompt") == 0
    assert not lamp_commands(house)
    house.listener.say("desk/call", "OFF")
    house.until(lambda: house.count("prompt") == 1)


def test_do_not_disturb_and_a_pause_hold_too(house: House) -> None:
    house.listener.say("desk/dnd", "ON")
    house.listener.say("desk/radar", "ON")
    house.until(lambda: (house.state() or {})["hold"] == "dnd")
    house.listener.say("nudger/alex/set/pause", '{"minutes": 25}')
    house.until(lambda: (house.state() or {})["hold"] == "paused")
    house.listener.say("desk/dnd", "OFF")
    house.minutes(22)
    assert house.count("prompt") == 0
    house.until(lambda: house.count("prompt") == 1)  # when the pause ends


def test_outside_active_hours_nothing_comes_and_when_they_begin_one_prompt_does(tmp_path: Path) -> None:
    requires_mosquitto()
    begin, end = (datetime.now(UTC) + timedelta(minutes=after) for after in (29, 629))
    hours = f'active_hours: "{begin:%H:%M}-{end:%H:%M}"'
    with House(tmp_path, CONFIG.replace("stage: daily_walks", f"stage: daily_walks\n    {hours}")) as house:
        house.listener.say("desk/radar", "ON")
        house.until(lambda: (house.state() or {})["hold"] == "quiet")
        house.minutes(26)
        assert house.count("prompt") == 0
        house.until(lambda: house.count("prompt") == 1)


def test_a_raised_desk_is_standing(house: House) -> None:
    house.listener.say("desk/radar", "ON")
    house.listener.say("desk/height", "72")
    house.until(lambda: (house.state() or {})["posture"] == "sitting")
    house.listener.say("desk/height", "110")
    house.until(lambda: (house.state() or {})["posture"] == "standing")
    house.until(lambda: house.count("break_started") == 1)


@pytest.mark.parametrize(
    ("topic", "payload", "retain"),
    [
        ("done", '{"id": "alex-1"}', False),
        ("done", "", False),  # nobody has been sitting: nothing to credit
        ("pause", '{"minutes": "soon"}', False),
        ("pause", '{"minutes": NaN}', False),
        ("stage", "astronaut", False),
        ("dance", "", False),
        ("snooze", "x" * 5000, False),
        ("pause", "30", True),
    ],
)
def test_a_bad_command_changes_nothing_and_is_answered(house: House, topic: str, payload: str, retain: bool) -> None:
    house.listener.say("desk/radar", "OFF")
    house.until(lambda: (house.state() or {})["posture"] == "away")
    before = house.state()
    if retain:  # the broker hands it to nudger as a retained one when nudger connects anew
        house.stop()
        house.listener.say(f"nudger/alex/set/{topic}", payload, retain=True)
        house.start()
    else:
        house.listener.say(f"nudger/alex/set/{topic}", payload)
    house.until(lambda: house.count("error") == 1)
    assert next(e for e in house.events() if e["event_type"] == "error")["message"]
    after = house.state()
    assert before is not None
    assert after is not None
    assert after["hold"] != "paused"
    assert after["stage"] == before["stage"]


@pytest.mark.parametrize("payload", ["\x00", "maybe", "{", "[" * 5000, "NaN"])
def test_a_payload_without_sense_changes_nothing_and_is_told_once(house: House, payload: str) -> None:
    house.listener.say("desk/radar", "ON")
    house.until(lambda: (house.state() or {})["posture"] == "sitting")
    for _ in range(5):
        house.listener.say("desk/radar", payload)
    house.listener.say("desk/call", "ON")
    house.until(lambda: (house.state() or {})["hold"] == "call")
    assert (house.state() or {})["posture"] == "sitting"
    assert house.log().count("ignored") == 1
    status = json.loads(house.call("status", "--json").stdout)
    assert status["service"]["undecodable"] == 5


def test_the_broker_may_go_and_come_back(house: House) -> None:
    house.listener.say("desk/radar", "ON")
    house.until(lambda: (house.state() or {})["posture"] == "sitting")
    bout = (house.state() or {})["bout_started"]
    online = house.listener.on("nudger/status").count("online")
    house.broker.restart()
    house.until(lambda: house.listener.on("nudger/status").count("online") > online)
    house.listener.say("desk/radar", "ON")
    house.listener.say("desk/call", "ON")
    house.until(lambda: (house.state() or {})["hold"] == "call")
    assert (house.state() or {})["bout_started"] == bout


@pytest.mark.parametrize("publishes", [False, True])
def test_why_the_back_has_something_refused_is_told_to_the_broker_only_with_a_yes(
    house: House, publishes: bool
) -> None:
    if publishes:
        assert house.call("publish-health", "on").returncode == 0
    house.listener.say("nudger/alex/set/safety", "E1")
    house.listener.say("nudger/alex/set/stage", "steady")
    house.until(lambda: house.count("error") == 1)
    texts = load_language("en").texts
    [error] = [event for event in house.events() if event["event_type"] == "error"]
    assert error == {
        "event_type": "error",
        "command": "stage",
        "message": texts["refuse.locked_red" if publishes else "refuse.private"],
    }
    local = house.call("stage", "set", "steady")
    assert local.returncode != 0
    assert " ".join((local.stdout + local.stderr).split()) == texts["refuse.locked_red"]
    house.listener.say("nudger/alex/set/resume")
    house.until(lambda: house.count("error") == 2)
    assert house.events()[-1]["message"] == texts["refuse.not_paused"], "what is about breaks is no secret"


def test_a_clean_stop_gives_the_lamp_back_and_says_offline(house: House) -> None:
    sit_until_prompted(house)
    house.until(lambda: lamp_commands(house))
    began = time.monotonic()
    assert house.stop() == 0
    assert time.monotonic() - began < 5
    house.until(lambda: house.listener.on("nudger/status")[-1] == "offline")
    house.until(lambda: lamp_commands(house)[-1].get("brightness") == 90)


def test_what_happened_is_in_the_history(house: House) -> None:
    prompt = sit_until_prompted(house)
    assert house.call("done").returncode == 0
    house.until(lambda: (house.state() or {})["breaks_today"] == 1)
    house.stop()
    files = list((house.folder / "home").rglob("nudger.db"))
    assert len(files) == 1
    with sqlite3.connect(files[0]) as database:
        assert database.execute("SELECT id, outcome FROM prompts").fetchall() == [(prompt, "done")]
        assert database.execute("SELECT count(*) FROM bouts").fetchone() == (1,)
        assert database.execute("SELECT confirmed FROM breaks").fetchall() == [("user",)]
    database.close()


def test_reload_takes_a_person_in_and_lets_one_go_and_keeps_the_old_config_when_the_new_is_wrong(house: House) -> None:
    house.listener.say("desk/radar", "ON")
    house.until(lambda: (house.state() or {})["posture"] == "sitting")
    bout = (house.state() or {})["bout_started"]
    assert house.process is not None

    house.write_config(CONFIG.replace("kind: presence", "kind: presents"))
    house.process.send_signal(1)
    house.until(lambda: "presents" in house.log())
    assert "was not reloaded" in house.log()

    house.write_config(CONFIG + "  kim: {stage: steady}\n")
    house.process.send_signal(1)
    house.until(lambda: house.state("kim") is not None)
    assert (house.state() or {})["bout_started"] == bout

    house.write_config(CONFIG)
    house.process.send_signal(1)
    house.until(lambda: house.listener.on("nudger/kim/state")[-1] == "")


STILL = """
mqtt: {host: 127.0.0.1, port: {port}}
time_zone: UTC
people:
  alex:
    signals:
      - {name: radar, kind: presence, state_topic: desk/radar, trust_retained: state}
"""
KIM = "  kim: {signals: [{name: pad, kind: seat, state_topic: desk/pad, trust_retained: state}]}\n"


@pytest.fixture
def still(tmp_path: Path) -> Iterator[House]:
    """Yield a house whose sensors have nothing new to say, and whose broker keeps what they said."""
    requires_mosquitto()
    with House(tmp_path, STILL, scale=1) as made:
        made.listener.say("desk/radar", "ON", retain=True)
        made.listener.say("desk/pad", "ON", retain=True)
        made.until(lambda: posture(made) == "sitting")
        yield made


def posture(house: House, person: str = "alex") -> object:
    """Return a person's posture as their own machine knows it."""
    return json.loads(house.call("status", "--json").stdout)["persons"].get(person, {}).get("posture")


def reload(house: House, config: str) -> None:
    assert house.process is not None
    count = house.log().count("config reloaded")
    house.write_config(config)
    house.process.send_signal(1)
    house.until(lambda: house.log().count("config reloaded") > count)


def test_a_signal_that_is_changed_hears_again_what_the_broker_keeps(still: House) -> None:
    reload(still, STILL.replace("radar, kind", "radar, expire_after: 2 h, kind"))
    still.until(lambda: posture(still) == "sitting", 5)
    reload(still, STILL.replace("radar, kind", "radar, payload_on: 'OFF', payload_off: 'ON', kind"))
    still.until(lambda: posture(still) == "away", 5)


def test_who_is_put_back_hears_that_the_broker_has_returned_meanwhile(still: House) -> None:
    kim = KIM.replace("kind: seat", "kind: seat, max_age: 1 s")
    reload(still, STILL + kim)
    still.until(lambda: posture(still, "kim") == "sitting")
    still.broker.kill9()
    still.until(lambda: "lost" in still.log())
    reload(still, STILL)
    still.broker.start()
    still.until(lambda: still.log().count("MQTT: connected") == 2)
    time.sleep(1)
    reload(still, STILL + kim)

    def sits() -> bool:
        still.listener.say("desk/pad", "ON")
        return posture(still, "kim") == "sitting"

    still.until(sits, 10)
