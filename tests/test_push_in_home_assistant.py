"""A phone with Home Assistant's app, reached by a real Home Assistant without MQTT between it and nudger."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from home_assistant_rig import RunningHome, SharedBroker
from house import House

pytest.importorskip("apprise", reason="the extra push is not installed")
pytestmark = [pytest.mark.homeassistant, pytest.mark.slow, pytest.mark.timeout(600)]

CONFIG: Final = """
mqtt: {host: 127.0.0.1, port: {port}}
time_zone: UTC
people:
  alex:
    stage: gentle_start
    signals:
      - {name: chair, kind: seat, state_topic: desk/chair}
    outputs:
      - {type: push, url: !secret phone}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHome]:
    with RunningHome(tmp_path_factory.mktemp("home")) as running:
        running._harness("phone")  # in a process of its own, so that it outlives a reload of the probe
        running._load()
        yield running


def house(home: RunningHome, folder: Path, token: str) -> House:
    """Give a house whose person has the phone; ``token`` opens Home Assistant."""
    secrets = folder / "secrets.yaml"
    secrets.write_text(f"phone: hassio://127.0.0.1:{home.probe.http_port}/{token}?to=mobile_app_test_phone\n")
    secrets.chmod(0o600)
    broker: Any = SharedBroker(home)
    return House(folder, CONFIG, scale=240, broker=broker)


def pushes(home: RunningHome) -> list[dict[str, Any]]:
    return [entry["body"] for entry in home.probe.phone_log()]


def test_a_prompt_is_shown_answered_and_taken_away(home: RunningHome, tmp_path: Path) -> None:
    with house(home, tmp_path, home.probe.token) as here:
        here.listener.say("desk/chair", "ON")
        home.until(lambda: pushes(home))
        [shown] = pushes(home)
        prompt = next(each for each in here.events() if each["event_type"] == "prompt")
        assert (shown["title"], shown["message"]) == (prompt["title"], prompt["body"])
        assert shown["data"]["tag"] == prompt["id"]
        time.sleep(0.5)  # for nudger to listen; a person takes longer to find the button
        home.probe.phone_act({"action": shown["data"]["actions"][0]["action"], "tag": prompt["id"]})
        home.until(lambda: here.count("prompt_withdrawn") == 1)
        assert next(e for e in here.events() if e["event_type"] == "prompt_withdrawn")["why"] == "done"
        home.until(lambda: pushes(home)[-1]["message"] == "clear_notification")
        assert pushes(home)[-1]["data"]["tag"] == prompt["id"]

        home.until(lambda: here.count("prompt") == 2)
        here.listener.say("desk/chair", "OFF")
        home.until(lambda: here.count("prompt_withdrawn") == 2)
        second = [each for each in here.events() if each["event_type"] == "prompt"][-1]["id"]
        home.until(lambda: pushes(home)[-1]["message"] == "clear_notification")
        assert pushes(home)[-1]["data"]["tag"] == second
        assert home.probe.token not in here.log()


def test_a_token_that_no_longer_counts_is_told_once_and_never_shown(home: RunningHome, tmp_path: Path) -> None:
    token = home.probe.token[:-6] + "AAAAAA"
    before = len(pushes(home))
    with house(home, tmp_path, token) as here:
        here.listener.say("desk/chair", "ON")
        home.until(lambda: here.count("prompt") >= 2)
        here.until(lambda: "the token or password in its address is wrong, or no longer counts" in here.log())
        complaints = [line for line in here.log().splitlines() if "push" in line]
        assert len(complaints) == 1
        assert token not in here.log()
    assert len(pushes(home)) == before
