"""Home Assistant's part of the broker's traffic, with a real broker: what is kept there, when, and what never is."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from broker import Mosquitto, requires_mosquitto
from home_assistant_rig import SharedBroker
from house import House, Listener

from nudger.views.announcements import SETTLE_S
from nudger.views.service import SLOW, ServiceView

CONFIG = """
mqtt: {host: 127.0.0.1, port: {port}}
time_zone: UTC
people:
  alex:
    publish_health: true
    signals:
      - {name: radar, kind: presence, state_topic: desk/radar}
"""
KIM = "  kim: {}\n"
HUB, ALEX, KIMS = (f"homeassistant/device/{each}/config" for each in ("nudger", "nudger_alex", "nudger_kim"))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    requires_mosquitto()
    with House(tmp_path, CONFIG, scale=1) as made:
        made.until(lambda: made.listener.on(ALEX))
        yield made


def kept(house: House) -> dict[str, str]:
    """Return what the broker keeps, by topic."""
    newcomer = Listener(house.broker.port)
    newcomer.say("test/done")
    house.until(lambda: newcomer.on("test/done"))
    newcomer.close()
    return {topic: payload for topic, payload, retained in newcomer.heard if retained}


def reload(house: House, config: str) -> None:
    assert house.process is not None
    house.write_config(config)
    house.process.send_signal(signal.SIGHUP)


def test_the_broker_keeps_what_home_assistant_needs_and_nothing_else(house: House) -> None:
    assert kept(house).keys() == {HUB, ALEX, "nudger/status", "nudger/alex/state", "nudger/service"}
    topics = [topic for topic, _, _ in house.listener.heard]
    assert topics.index(HUB) < topics.index(ALEX) < topics.index("nudger/status")
    service = json.loads(kept(house)["nudger/service"])
    assert list(service) == ["version", "started_at", "reconnects", "undecodable", "database"]
    assert (service["reconnects"], service["undecodable"], service["database"]) == (0, 0, "ok")


def test_a_birth_is_answered_once_and_a_death_is_not(house: House) -> None:
    house.listener.say("homeassistant/status", "offline")
    house.listener.say("homeassistant/status", "online, I think")
    time.sleep(2.5)
    assert len(house.listener.on(ALEX)) == 1
    house.listener.say("nudger/alex/set/flare", "on")
    house.until(lambda: house.count("flare") == 1)
    before = {
        topic: len(house.listener.on(topic)) for topic in ("nudger/status", "nudger/alex/state", "nudger/service")
    }
    for _ in range(100):
        house.listener.say("homeassistant/status", "online")
    house.until(lambda: len(house.listener.on(HUB)) == 2 and len(house.listener.on(ALEX)) == 2, 5)
    house.until(lambda: all(len(house.listener.on(topic)) == count + 1 for topic, count in before.items()))
    assert (house.state() or {})["flare"] is True
    assert house.count("flare") == 1, "an event is never repeated"


def test_a_retained_birth_is_an_old_one(house: House) -> None:
    house.stop()
    house.listener.say("homeassistant/status", "online", retain=True)
    house.start()
    house.until(lambda: len(house.listener.on(ALEX)) == 2)
    time.sleep(2.5)
    assert len(house.listener.on(ALEX)) == 2


def test_a_retained_command_is_not_obeyed_even_the_first_time(house: House) -> None:
    house.listener.say("nudger/alex/set/pause", "30", retain=True)
    house.until(lambda: house.count("error") == 1)
    assert "retained" in house.events()[-1]["message"]
    house.listener.say("nudger/alex/set/pause", "", retain=True)  # as one clears it
    house.listener.say("nudger/alex/set/pause", "30")
    house.until(lambda: (house.state() or {})["hold"] == "paused")
    assert house.count("error") == 1


def test_a_broker_that_returns_empty_is_told_again_and_counted(house: House) -> None:
    house.broker.kill9()
    house.broker.start()
    house.until(lambda: json.loads(house.listener.on("nudger/service")[-1])["reconnects"] == 1)
    house.until(lambda: kept(house).keys() >= {HUB, ALEX, "nudger/status", "nudger/alex/state", "nudger/service"})


def test_another_prefix_and_birth_topic_are_used_and_the_old_ones_left_empty(house: House) -> None:
    options = "home_assistant: {prefix: ha, birth_topic: ha/born, birth_payload: here}"
    reload(house, CONFIG.replace("{host", f"{{{options}, host"))
    house.until(lambda: house.listener.on(ALEX)[-1] == "" and house.listener.on("ha/device/nudger_alex/config"))
    house.listener.say("ha/born", "here")
    house.until(lambda: len(house.listener.on("ha/device/nudger_alex/config")) == 2)
    assert kept(house).keys() >= {"nudger/alex/state", "ha/device/nudger/config"}
    assert not kept(house).keys() & {HUB, ALEX}


def test_another_base_topic_leaves_nothing_under_the_old_one(house: House) -> None:
    reload(house, CONFIG.replace("{host", "{base_topic: desk2, host"))
    house.until(lambda: house.listener.on("homeassistant/device/desk2_alex/config"))
    house.until(lambda: "desk2/alex/state" in kept(house))
    assert {topic for topic in kept(house) if "nudger" in topic} == {"nudger/status"}


def test_another_keepalive_takes_nobody_away(house: House) -> None:
    reload(house, CONFIG.replace("{host", "{keepalive: 30, host"))
    house.until(lambda: "config reloaded" in house.log())
    house.until(lambda: house.listener.on("nudger/status")[-1] == "online")
    assert "" not in [*house.listener.on(ALEX), *house.listener.on("nudger/alex/state")]


def test_somebody_who_goes_is_gone_though_nudger_is_killed_at_once(house: House) -> None:
    reload(house, CONFIG + KIM)
    house.until(lambda: KIMS in kept(house))
    house.stop(signal.SIGKILL)
    house.write_config(CONFIG)
    house.start()
    house.until(lambda: house.listener.on(KIMS)[-1] == "")
    house.stop(signal.SIGKILL)
    house.start()
    house.until(lambda: house.listener.on("nudger/kim/state")[-1] == "")
    assert not kept(house).keys() & {KIMS, "nudger/kim/state"}


def test_a_state_stays_until_home_assistant_no_longer_reads_it(house: House) -> None:
    reload(house, CONFIG + KIM)
    house.until(lambda: KIMS in kept(house))
    before = time.monotonic()
    reload(house, CONFIG)
    house.until(lambda: house.listener.on("nudger/kim/state")[-1] == "")
    assert time.monotonic() - before >= SETTLE_S
    heard = [(topic, payload) for topic, payload, _ in house.listener.heard]
    assert heard.index((KIMS, "")) < heard.index(("nudger/kim/state", ""))


def test_switched_off_from_the_start_nothing_is_announced(tmp_path: Path) -> None:
    requires_mosquitto()
    with House(tmp_path, CONFIG.replace("{host", "{home_assistant: false, host"), scale=1) as house:
        house.listener.say("homeassistant/status", "online")
        house.until(lambda: "nudger/service" in kept(house))
        assert not [topic for topic, _, _ in house.listener.heard if topic.startswith("homeassistant/device")]


@pytest.mark.parametrize("base", ["nudger", "desk2"])
def test_who_is_taken_out_while_nudger_is_stopped_leaves_no_state_without_discovery_either(
    tmp_path: Path, base: str
) -> None:
    requires_mosquitto()
    config = CONFIG.replace("{host", "{home_assistant: false, host")
    with House(tmp_path, config + KIM, scale=1) as house:
        house.until(lambda: kept(house).keys() >= {"nudger/alex/state", "nudger/kim/state"})
        house.stop()
        house.write_config(config.replace("{home", f"{{base_topic: {base}, home"))
        house.start()
        wanted = {f"{base}/status", f"{base}/service", f"{base}/alex/state", "nudger/status"}
        house.until(lambda: kept(house).keys() == wanted)
        assert '"at"' in kept(house)[f"{base}/alex/state"]


def test_discovery_that_is_switched_off_leaves_the_states_alone(house: House) -> None:
    reload(house, CONFIG.replace("{host", "{home_assistant: false, host"))
    house.until(lambda: not kept(house).keys() & {HUB, ALEX})
    time.sleep(SETTLE_S + 0.5)
    assert kept(house).keys() == {"nudger/status", "nudger/alex/state", "nudger/service"}


def test_a_trial_leaves_nothing(tmp_path: Path) -> None:
    requires_mosquitto()
    with House(tmp_path, CONFIG) as house:
        house.until(lambda: ALEX in kept(house))
        house.stop()
        assert kept(house).keys() == {"nudger/status"}
        assert kept(house)["nudger/status"] == "offline"


def degraded(house: House) -> str:
    """Return what does not work on the link to the broker."""
    return str(json.loads(house.call("status", "--json").stdout)["service"]["mqtt"]["degraded"])


def test_a_broker_that_denies_the_discovery_topics_is_told_of_in_one_line(tmp_path: Path) -> None:
    acl = "topic readwrite nudger/#\ntopic readwrite desk/#\ntopic read homeassistant/#\ntopic read #\n"
    with House(tmp_path, CONFIG + KIM, scale=1, broker=Mosquitto(tmp_path / "broker", acl=acl)) as house:
        house.until(lambda: "homeassistant" in house.log())
        house.until(lambda: "nudger_kim" in degraded(house))
        lines = [line for line in house.log().splitlines() if "homeassistant" in line]
        assert len(lines) == 1
        assert "'homeassistant/device/nudger/config'" in lines[0]
        assert "refuses it: Not authorized" in lines[0]
        assert house.state() is not None, "all else works"
        assert "nudger_alex" in degraded(house)


# --- How the service is ----------------------------------------------------------------------------------------------

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SERVICE: dict[str, Any] = {
    "version": "1.0",
    "started_at": NOON.isoformat(),
    "undecodable": 0,
    "store": "ok",
    "mqtt": {"reconnects": 0},
}


def test_the_service_is_published_when_it_changes_and_nonsense_is_counted_slowly() -> None:
    sent: list[dict[str, Any]] = []

    def publish(topic: str, payload: str, **_: object) -> None:
        assert topic == "nudger/service"
        sent.append(json.loads(payload))

    view = ServiceView(publish, "nudger")
    view.repeat()
    assert sent == [], "nothing is known yet"
    for _ in range(3):
        view.show(SERVICE, NOON)
    assert len(sent) == 1
    for number in range(1, 60):
        view.show({**SERVICE, "undecodable": number}, NOON + SLOW * number / 60)
    assert len(sent) == 1
    view.show({**SERVICE, "undecodable": 59, "store": "disk full"}, NOON + SLOW * 59 / 60)
    assert (sent[-1]["database"], sent[-1]["undecodable"]) == ("disk full", 0)
    view.show({**SERVICE, "undecodable": 60}, NOON + SLOW)
    assert (sent[-1]["database"], sent[-1]["undecodable"]) == ("ok", 60)
    view.show({**SERVICE, "undecodable": 61}, NOON + SLOW + timedelta(seconds=1))
    assert len(sent) == 3


def test_another_nudger_on_the_same_topics_is_told_of_by_both_in_one_line_each(house: House, tmp_path: Path) -> None:
    told = "another nudger at this broker uses the base topic 'nudger' too"
    assert told not in house.log()
    broker: Any = SharedBroker(house.broker)
    (tmp_path / "other").mkdir()
    with House(tmp_path / "other", CONFIG, scale=1, broker=broker) as other:
        for each in (house, other):
            each.until(lambda each=each: told in each.log())  # type: ignore[misc]  # no lambda has types
        assert house.log().count(told) == other.log().count(told) == 1
    (tmp_path / "third").mkdir()
    elsewhere = CONFIG.replace("port: {port}", "port: {port}, base_topic: elsewhere")
    with House(tmp_path / "third", elsewhere, scale=1, broker=broker, base="elsewhere") as third:
        third.until(lambda: third.listener.on("elsewhere/service"))
        assert told not in third.log()
    assert house.log().count(told) == 1


def test_our_own_words_that_come_back_are_nobody_elses_and_a_flood_of_strangers_is_told_once() -> None:
    sent: list[bytes] = []

    def publish(topic: str, payload: str, **_: object) -> None:
        assert topic == "nudger/service"
        sent.append(payload.encode())

    view = ServiceView(publish, "nudger")
    stranger = json.dumps({"started_at": "2026-01-01T00:00:00Z"}).encode()
    assert not view.receive(stranger, NOON), "we have not spoken yet"
    view.show(SERVICE, NOON)
    view.show({**SERVICE, "started_at": (NOON + timedelta(seconds=3)).isoformat()}, NOON)
    assert not any(view.receive(payload, NOON) for payload in (*sent, b"", b"{", b"[]", b"{}", b"[" * 9999))
    assert view.receive(stranger, NOON)
    assert len(sent) == 3
    assert not any(view.receive(json.dumps({"started_at": str(n)}).encode(), NOON) for n in range(100))
    assert len(sent) == 3
    assert view.receive(stranger, NOON + timedelta(days=1))
