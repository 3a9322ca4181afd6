"""`nudger ha signals` against a real broker: from what speaks there to lines that the config takes."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from broker import Mosquitto
from cli_rig import Home, a_home
from paho.mqtt.publish import multiple
from playbook import seated

from nudger.library import load_language
from nudger.mqtt.listener import LARGEST, PAYLOADS, ROOM, Heard
from nudger.sources.signal import SignalOptions
from nudger.views.homeassistant import Announcer
from nudger.views.state import render

SAID = {
    "zigbee2mqtt/chair": '{"contact":false,"linkquality":80}',
    "zigbee2mqtt/bridge/state": '{"state":"online"}',
    "desk/binary_sensor/presence/state": "ON",
    "desk/status": "online",
    "ha/binary_sensor/macbook_camera_in_use/state": "off",
    "nudger/me/state": '{"presence":true}',
    "kitchen/temperature": "21.5",
}


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as there:
        yield there


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    it = Mosquitto(tmp_path / "broker")
    it.start()
    yield it
    it.stop()


def tell(broker: Mosquitto, said: dict[str, str], *, retain: bool = True, **auth: str) -> None:
    messages = [{"topic": topic, "payload": payload, "retain": retain, "qos": 1} for topic, payload in said.items()]
    login = {"username": auth["username"], "password": auth["password"]} if auth else None
    multiple(messages, port=broker.port, hostname="127.0.0.1", auth=login)  # type: ignore[arg-type]  # plain dicts will do


def unwrapped(text: str) -> str:
    return " ".join(text.split())


def look(home: Home, broker: Mosquitto, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return home.run("ha", "signals", "--host", "127.0.0.1", "--port", str(broker.port), "--seconds", "1", *args, **env)


def test_what_speaks_is_listed_and_the_config_for_it_is_taken(home: Home, broker: Mosquitto) -> None:
    tell(broker, SAID)
    done = look(home, broker, "--pick", "1 2,3")
    assert done.returncode == 0, done.stderr
    for line in ("zigbee2mqtt/chair, from Zigbee2MQTT", "desk/binary_sensor/presence/state, from ESPHome"):
        assert line in done.stdout
    assert "it says contact: false, which reads as on" in done.stdout
    assert "nudger/me" not in done.stdout
    assert "kitchen" not in done.stdout

    config = done.stdout[done.stdout.index("\nmqtt:") :]
    home.write(config)
    check = home.run("check")
    assert check.returncode == 0, check.stderr
    assert "3 signals" in check.stdout
    [chair, radar, camera] = yaml.safe_load(config)["people"]["me"]["signals"]
    assert (chair["kind"], chair["payload_on"]) == ("seat", False)
    assert (radar["availability_topic"], radar["trust_retained"]) == ("desk/status", "state")
    assert (camera["kind"], camera["trust_retained"]) == ("call", "state")


def test_a_sensor_can_be_chosen_by_its_topic(home: Home, broker: Mosquitto) -> None:
    tell(broker, SAID)
    done = look(home, broker, "--pick", "desk/binary_sensor/presence/state")
    assert done.stdout.count("state_topic:") == 1
    wrong = look(home, broker, "--pick", "desk/nothing")
    assert wrong.returncode == 2
    assert "there is no 'desk/nothing' in the list" in wrong.stderr


def test_a_part_of_a_topic_is_enough_where_only_one_has_it(home: Home, broker: Mosquitto) -> None:
    tell(broker, {**SAID, "zigbee2mqtt/desk radar": '{"presence":true}'})
    done = look(home, broker, "--pick", "Chair, desk radar")
    assert re.findall("state_topic: (.*)", done.stdout) == ["zigbee2mqtt/chair", "zigbee2mqtt/desk radar"]
    several = look(home, broker, "--pick", "zigbee2mqtt")
    assert several.returncode == 2
    assert "several topics have 'zigbee2mqtt' in them" in several.stderr
    assert "zigbee2mqtt/chair" in several.stderr


@pytest.mark.parametrize("origin", ["o", "origin"])
def test_what_nudger_itself_says_is_no_sensor_whatever_its_base_topic(
    home: Home, broker: Mosquitto, origin: str
) -> None:
    device = Announcer("desk2", "homeassistant").person("alex", "Alex", load_language("en"), ["steady"])
    announcement = dict(device.payload)
    announcement[origin] = announcement.pop("o")
    day = seated()
    state = render(day.policy, day.state, load_language("en"), day.now)
    ours = {device.topic: json.dumps(announcement), "desk2/alex/state": json.dumps({**state, "presence": True})}
    tell(broker, {**SAID, **ours})
    found = [each["options"]["state_topic"] for each in json.loads(look(home, broker, "--json").stdout)]
    assert "zigbee2mqtt/chair" in found
    assert not [topic for topic in found if topic.startswith("desk2")]


def test_nothing_below_the_base_topic_is_listed_whoever_announces_it(home: Home, broker: Mosquitto) -> None:
    said = {"name": "odd", "stat_t": "nudger/me/state", "dev_cla": "presence", "uniq_id": "x"}
    other = {"name": "hall", "stat_t": "hall/pir", "dev_cla": "motion", "uniq_id": "y"}
    topics = {f"homeassistant/binary_sensor/{each['uniq_id']}/config": json.dumps(each) for each in (said, other)}
    tell(broker, {**SAID, **topics})
    found = [each["options"]["state_topic"] for each in json.loads(look(home, broker, "--json").stdout)]
    assert "hall/pir" in found
    assert "nudger/me/state" not in found


def test_scripts_get_json(home: Home, broker: Mosquitto) -> None:
    tell(broker, SAID)
    found = json.loads(look(home, broker, "--json").stdout)
    assert {each["options"]["kind"] for each in found} == {"seat", "presence", "call"}
    for each in found:
        SignalOptions.model_validate(each["options"])


def test_live_messages_are_heard_too(home: Home, broker: Mosquitto) -> None:
    speaking = threading.Event()

    def speak() -> None:
        while not speaking.wait(0.1):
            tell(broker, {"zigbee2mqtt/hall": '{"occupancy":true}'}, retain=False)

    thread = threading.Thread(target=speak)
    thread.start()
    try:
        done = look(home, broker, "--seconds", "2")
    finally:
        speaking.set()
        thread.join()
    assert "zigbee2mqtt/hall" in done.stdout
    assert "kept by the broker" not in done.stdout
    assert "Print the config for one with --pick" in done.stdout


@pytest.mark.parametrize(
    ("said", "hint"),
    [({}, "not one message came"), ({"zigbee2mqtt/bridge/state": "{}", "a/b": "1"}, "walk past your sensors")],
)
def test_where_nothing_is_found_it_says_what_to_do(
    home: Home, broker: Mosquitto, said: dict[str, str], hint: str
) -> None:
    tell(broker, said or {"x": ""})
    done = look(home, broker)
    assert done.returncode == 1
    assert hint in done.stdout
    for way in ("Zigbee2MQTT", "ESPHome", "mqtt_statestream", "docs/homeassistant-setup.md"):
        assert way in done.stdout


def test_the_broker_of_the_config_is_used_and_its_signals_are_known(home: Home, tmp_path: Path) -> None:
    with_users = Mosquitto(tmp_path / "users", users={"nudger": "s3cret-word"})
    with_users.start()
    try:
        tell(with_users, SAID, username="nudger", password="s3cret-word")
        home.write("mqtt_password: s3cret-word\n", "config/nudger/secrets.yaml").chmod(0o600)
        home.write(
            f"mqtt: {{host: 127.0.0.1, port: {with_users.port}, username: nudger, password: !secret mqtt_password}}\n"
            "people: {alex: {signals: [{name: presence, kind: seat, state_topic: zigbee2mqtt/chair}]}}\n"
        )
        done = home.run("ha", "signals", "--seconds", "1", "--pick", "1,2")
        assert done.returncode == 0, done.stderr
        assert "you have it already: signal 'presence'" in done.stdout
        assert "name: presence 2" in done.stdout
        assert "'zigbee2mqtt/chair' is in your config already, as signal 'presence'" in " ".join(done.stderr.split())
        assert "mqtt:" not in done.stdout
        assert "s3cret" not in done.stdout + done.stderr

        wrong = home.write("wrong\nmore\n", "password")
        refused = home.run("ha", "signals", "--seconds", "1", "--password-file", str(wrong))
        assert refused.returncode == 1
        assert "refuses user 'nudger'" in refused.stderr
        assert "check the user and password: those of the config, or --username" in unwrapped(refused.stderr)

        named = look(home, with_users, "--username", "nudger", "--pick", "presence/state")
        assert named.returncode == 0, named.stderr
        assert "you have it already: signal 'presence'" in named.stdout
        assert "mqtt:" not in named.stdout

        other = look(home, with_users, "--username", "else")
        assert other.returncode == 1, "the password of one user is not that of another"
        assert "refuses user 'else'" in other.stderr

        stranger = look(home, with_users, "--host", "localhost")
        assert stranger.returncode == 1, "the password of the config is for the broker of the config"
        assert "is about another broker, 127.0.0.1; nothing of it is used here" in unwrapped(stranger.stderr)
        assert "refuses somebody without a username" in unwrapped(stranger.stderr)
    finally:
        with_users.stop()


def test_a_broker_that_is_named_makes_up_for_a_config_without_one_or_with_faults(home: Home, broker: Mosquitto) -> None:
    tell(broker, SAID)
    home.write("people: {alex: {}}\n")
    done = look(home, broker, "--pick", "presence/state")
    assert done.returncode == 0, done.stderr
    printed = yaml.safe_load(done.stdout.split("\n\n")[-2])
    assert printed["mqtt"] == {"host": "127.0.0.1", "port": broker.port}
    assert printed["people"].keys() == {"alex"}

    faulty = home.write("peple: {}\n")
    done = look(home, broker, "--pick", "presence/state")
    assert done.returncode == 0, done.stderr
    assert "The config has faults (`nudger check` names them)" in unwrapped(done.stderr)
    assert look(home, broker, "--config", str(faulty)).returncode == 2
    assert home.run("ha", "signals", "--seconds", "1").returncode == 2


def test_without_a_config_this_computer_is_asked_and_that_is_said(home: Home, broker: Mosquitto) -> None:
    tell(broker, SAID)
    done = home.run("ha", "signals", "--port", str(broker.port), "--seconds", "1")
    assert done.returncode == 0, done.stderr
    assert "There is no config yet, so this computer is asked; --host names another" in unwrapped(done.stderr)


def test_a_password_from_a_file_opens_the_broker_and_stays_secret(home: Home, tmp_path: Path) -> None:
    with_users = Mosquitto(tmp_path / "users", users={"me": "s3cret-word"})
    with_users.start()
    try:
        tell(with_users, SAID, username="me", password="s3cret-word")
        file = str(home.write("s3cret-word\n", "password"))
        done = look(home, with_users, "--username", "me", "--password-file", file, "--pick", "1")
        assert done.returncode == 0, done.stderr
        assert "password: !secret mqtt_password" in done.stdout
        assert "s3cret" not in done.stdout + done.stderr
        assert look(home, with_users, "--password-file", file).returncode == 2
    finally:
        with_users.stop()


def test_what_cannot_be_listened_to_is_told_in_one_line(home: Home, tmp_path: Path, broker: Mosquitto) -> None:
    nobody = home.run("ha", "signals", "--host", "127.0.0.1", "--port", "1", "--seconds", "1")
    assert nobody.returncode == 1
    assert "nothing listens on 127.0.0.1:1" in nobody.stderr
    assert look(home, broker, "--topic", "a/#/b").returncode == 2
    home.write("people: {alex: {}}\n")
    assert "has no mqtt section; name the broker with --host" in home.run("ha", "signals").stderr
    strict = Mosquitto(tmp_path / "strict", acl="topic read open/#\n")
    strict.start()
    try:
        denied = look(home, strict)
        assert denied.returncode == 1
        assert "does not let us listen to '#'" in denied.stderr or "not one message came" in denied.stdout
    finally:
        strict.stop()


def test_on_a_terminal_it_shows_how_far_it_is_and_asks_which_ones(home: Home, broker: Mosquitto) -> None:
    tell(broker, SAID)
    ours, theirs = pty.openpty()
    command = (sys.executable, "-m", "nudger", "ha", "signals", "--host", "127.0.0.1", "--seconds", "2")
    process = subprocess.Popen(
        (*command, "--port", str(broker.port)), env=home.env, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    seen = ""

    def read_until(pattern: str) -> None:
        nonlocal seen
        deadline = time.monotonic() + 30
        while not re.search(pattern, seen):
            assert time.monotonic() < deadline, seen
            seen += os.read(ours, 4096).decode(errors="replace")

    try:
        read_until(r"s left, \d+ topics heard, 3 could be a signal")
        read_until("Which ones")
        os.write(ours, b"9\n")
        read_until("there is no '9' in the list")
        os.write(ours, b"1\n")
        read_until("state_topic: zigbee2mqtt/chair")
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def test_ctrl_c_ends_the_listening_early_and_keeps_what_was_heard(home: Home, broker: Mosquitto) -> None:
    tell(broker, SAID)
    command = (
        sys.executable,
        "-m",
        "nudger",
        "ha",
        "signals",
        "--host",
        "127.0.0.1",
        "--seconds",
        "600",
        "--pick",
        "1",
    )
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        (*command, "--port", str(broker.port)), env=home.env, stdout=subprocess.PIPE, stderr=theirs, text=True
    )
    os.close(theirs)
    try:
        seen, deadline = "", time.monotonic() + 30
        while f" {len(SAID)} topics heard" not in seen:
            assert time.monotonic() < deadline, seen
            seen += os.read(ours, 4096).decode(errors="replace")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
    finally:
        process.kill()
        os.close(ours)
    assert process.returncode == 0, seen
    assert "state_topic: zigbee2mqtt/chair" in out


def test_memory_is_bounded_however_much_is_said() -> None:
    heard = Heard({}, set(), set())
    heard.take("big", b"x" * (LARGEST + 1), retained=False)
    heard.take("$SYS/uptime", b"1", retained=False)
    assert not heard.topics
    for number in range(10):
        heard.take("busy", b"%d" % number, retained=number == 0)
    assert list(heard.topics["busy"]) == [b"7", b"8", b"9"]
    heard.take("busy", b"7", retained=False)
    assert heard.topics["busy"][-1] == b"7", "what is said again is the newest"
    assert heard.used == len("busy") + PAYLOADS
    for number in range(2 * ROOM // LARGEST):
        heard.take(f"flood/{number}", b"%08d" % number * (LARGEST // 8), retained=False)
    assert heard.used <= ROOM
    assert heard.left_out > 0
    heard.take("busy", b"8", retained=False)
    assert heard.topics["busy"][-1] == b"8", "what is known goes on"
