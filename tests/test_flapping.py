"""A contact that flaps: states are coalesced, the newest wins; events and lamps wait for nobody."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from broker import requires_mosquitto
from house import PATIENCE_S, House
from playbook import Playbook, seated

from nudger.core.effects import Announce
from nudger.core.events import PublishingAnswered
from nudger.library import load_language
from nudger.store import Store
from nudger.views.mqtt import AT_ONCE, PAUSE, MqttView
from nudger.views.state import instant

ENGLISH = load_language("en")
MOMENT = timedelta(milliseconds=10)


class Published:
    """What a view publishes of one day, and when; the day's clock is the only one."""

    def __init__(self, day: Playbook) -> None:
        self.day = day
        self.states: list[tuple[datetime, dict[str, object]]] = []
        self.events: list[str] = []
        self.view = MqttView(self._publish, "nudger")

    def _publish(self, topic: str, payload: str, *, qos: int = 0, retain: bool = False) -> None:
        del topic, qos
        said = json.loads(payload)
        if retain:
            self.states.append((self.day.now, said))
        else:
            self.events.append(said["event_type"])

    def act(self, *effects: Announce) -> Published:
        self.view.act(self.day.policy, self.day.state, effects, ENGLISH, self.day.now)
        return self

    def flap(self, times: int, apart: timedelta) -> Published:
        """Leave the seat and take it again, so often; in between the view is called when it wished to be."""
        for _ in range(times):
            for there in (False, True):
                self.let_pass(apart)
                (self.day.on if there else self.day.off)("seat")
                self.act()
        return self

    def let_pass(self, length: timedelta) -> Published:
        until = self.day.now + length
        while (due := self.view.wakeup()) is not None and due <= until:
            self.day.wait(seconds=(due - self.day.now).total_seconds())
            self.view.tick(self.day.now)
        self.day.wait(seconds=(until - self.day.now).total_seconds())
        return self

    def last(self) -> dict[str, object]:
        return self.states[-1][1]


def waiting() -> Published:
    """Somebody whose seat has flapped and is empty now, which is not told yet."""
    wire = Published(seated()).act().flap(20, timedelta(0))
    wire.day.off("seat")
    wire.act()
    assert (wire.last()["posture"], wire.view.wakeup()) == ("sitting", wire.day.now + PAUSE)
    return wire


def test_what_changes_now_and_then_goes_out_at_once() -> None:
    wire = Published(seated()).act()
    for there in (False, True) * 5:
        wire.let_pass(PAUSE)
        (wire.day.on if there else wire.day.off)("seat")
        wire.act()
        assert (wire.states[-1][0], wire.view.wakeup()) == (wire.day.now, None)
    assert len(wire.states) == 11


def test_a_few_changes_in_a_row_go_out_at_once_and_the_next_waits_its_turn() -> None:
    wire = Published(seated()).act().let_pass(PAUSE * AT_ONCE)
    wire.states.clear()
    wire.flap(AT_ONCE, timedelta(0))
    assert [at for at, _ in wire.states] == [wire.day.now] * AT_ONCE
    assert wire.view.wakeup() == wire.day.now + PAUSE


def test_the_newest_wins_and_is_always_published() -> None:
    wire = Published(seated()).act().flap(200, MOMENT)
    wire.day.wait(milliseconds=10).off("seat")
    wire.act().let_pass(PAUSE)
    assert wire.last()["posture"] == str(wire.day.state.posture) == "away"
    assert wire.view.wakeup() is None
    count = len(wire.states)
    wire.let_pass(PAUSE * 10)
    assert len(wire.states) == count


def test_what_is_as_it_was_told_is_not_told_again() -> None:
    wire = waiting()
    wire.day.on("seat")
    count = len(wire.act().states)
    assert len(wire.let_pass(PAUSE * 2).states) == count


def test_ten_minutes_of_flapping_are_a_state_a_second() -> None:
    wire = Published(seated()).act().flap(3000, timedelta(milliseconds=100))
    gaps = [after - before for (before, _), (after, _) in zip(wire.states, wire.states[1:], strict=False)]
    assert 500 <= len(wire.states) <= 600 + AT_ONCE
    assert min(gaps[AT_ONCE:]) >= PAUSE
    assert max(gaps) < 2 * PAUSE


def test_a_quiet_while_gives_the_times_in_a_row_back() -> None:
    wire = Published(seated()).act().flap(50, MOMENT)
    wire.let_pass(PAUSE * (AT_ONCE + 1))
    wire.states.clear()
    wire.flap(AT_ONCE, timedelta(0))
    assert len(wire.states) == AT_ONCE


def test_events_never_wait() -> None:
    wire = Published(seated()).act().flap(20, timedelta(0))
    wire.act(Announce("enough"))
    assert wire.events[-1] == "enough"


def test_one_who_flaps_keeps_nobody_else_waiting() -> None:
    wire = Published(seated()).act().flap(20, timedelta(0))
    assert wire.view.wakeup() is not None
    count = len(wire.states)
    wire.view.act(replace(wire.day.policy, person="you"), wire.day.state, (), ENGLISH, wire.day.now)
    assert len(wire.states) == count + 1


def test_a_clock_that_is_set_back_stops_no_state() -> None:
    wire = waiting()
    count = len(wire.states)
    wire.view.tick(wire.day.now - timedelta(hours=1))
    assert len(wire.states) == count + 1
    assert wire.view.wakeup() is None


def test_at_the_end_what_waits_is_told_and_of_somebody_who_is_gone_nothing() -> None:
    wire = waiting()
    count = len(wire.states)
    wire.view.settle(wire.day.now)
    assert (len(wire.states), wire.view.wakeup()) == (count + 1, None)
    wire.day.on("seat")
    wire.act()
    count = len(wire.states)
    assert wire.view.wakeup() is not None
    wire.view.forget("me")
    wire.view.settle(wire.day.now)
    assert (len(wire.states), wire.view.wakeup()) == (count, None)


def test_what_waits_is_told_as_it_may_be_told_when_its_turn_comes() -> None:
    day = seated().tell(PublishingAnswered(yes=True))
    wire = Published(day).act().flap(20, timedelta(0))
    assert wire.last()["stage"] == "daily_walks"
    day.tell(PublishingAnswered(yes=False))
    wire.act().let_pass(PAUSE)
    assert wire.last()["stage"] is None


# --- With a real broker ----------------------------------------------------------------------------------------------

CONFIG = """
mqtt: {host: 127.0.0.1, port: {port}}
people:
  alex:
    signals: [{name: seat, kind: seat, state_topic: desk/alex}]
  blair:
    signals: [{name: seat, kind: seat, state_topic: desk/blair}]
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    requires_mosquitto()
    with House(tmp_path, CONFIG, scale=1) as made:
        yield made


def newest(house: House) -> dict[str, object]:
    """Return what nudger itself knows of alex, whatever it has published."""
    state: dict[str, object] = json.loads(house.call("status", "--json").stdout)["persons"]["alex"]
    return state


def test_a_seat_that_flaps_a_hundred_times_a_second_floods_nobody_and_delays_nobody(house: House) -> None:
    listener = house.listener
    listener.heard.clear()
    began, flaps = time.monotonic(), 0

    def is_answered() -> bool:
        return house.count("error") > 0 and (house.state("blair") or {}).get("posture") == "sitting"

    while time.monotonic() < began + 3 or not is_answered():
        assert time.monotonic() < began + PATIENCE_S, f"blair: {house.state('blair')}, events: {house.events()}"
        listener.say("desk/alex", ("OFF", "ON")[flaps % 2])
        flaps += 1
        if flaps == 100:
            listener.say("desk/blair", "ON")
            listener.say("nudger/alex/set/skip")
        time.sleep(0.01)
    listener.say("desk/alex", "ON")
    listener.say("desk/alex", "OFF")
    house.until(lambda: newest(house)["posture"] == "away")
    house.until(lambda: (house.state() or {})["since"] == newest(house)["since"])
    states, seconds = listener.on("nudger/alex/state"), time.monotonic() - began
    assert flaps > 2 * len(states)
    assert 2 < len(states) <= AT_ONCE + seconds + 1


def test_what_waits_is_told_before_nudger_stops(house: House) -> None:
    for there in ("ON", "OFF") * 20:
        house.listener.say("desk/alex", there)
    assert house.stop() == 0
    house.until(lambda: house.listener.on("nudger/status")[-1] == "offline")
    [file] = (house.folder / "home").rglob("nudger.db")
    store = Store.open(file, now=datetime.now(UTC), log=logging.getLogger("test"))
    kept = store.load_states()["alex"]
    store.close()
    state = house.state() or {}
    assert (state["posture"], state["since"]) == (str(kept.posture), instant(kept.since))
