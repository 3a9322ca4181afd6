"""When Home Assistant is told what: at its birth but not too often, and of what is gone exactly once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nudger.views.announcements import ROUND_S, SETTLE_S, Announcements
from nudger.views.homeassistant import Device

ALEX: Final = "homeassistant/device/nudger_alex/config"
KIM: Final = "homeassistant/device/nudger_kim/config"


def device(topic: str = ALEX, **platforms: str) -> Device:
    """A device with components of these platforms, by their keys."""
    person = topic.removeprefix("homeassistant/device/nudger_").removesuffix("/config")
    components = {key: {"p": platform, "uniq_id": key} for key, platform in platforms.items()}
    return Device(topic, {"cmps": components}, f"nudger/{person}/state")


class Home:
    """A broker that keeps what is retained, a memory that outlives restarts, and a clock that is told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sent: list[tuple[str, str]] = []
        self.memory: dict[str, str] = {}
        self.spread = 1.0
        self.start()

    def start(self) -> None:
        """Start nudger (again)."""
        self.announcements = Announcements(self.publish, self, lambda: self.now, lambda *_: self.spread)

    def publish(self, topic: str, payload: str, *, qos: int = 0, retain: bool = False) -> None:
        assert retain
        assert qos == 1 or topic.endswith("/state")
        self.sent.append((topic, payload))

    def load_announced(self) -> Mapping[str, str]:
        return dict(self.memory)

    def save_announced(self, topic: str, device: str, /) -> None:
        self.memory[topic] = device

    def forget_announced(self, topic: str, /) -> None:
        del self.memory[topic]

    def pass_time(self, seconds: float) -> int:
        """Let time pass, with a tick whenever one is due; return the number of rounds."""
        end, rounds = self.now + seconds, 0
        while (due := self.announcements.wakeup()) is not None and due <= end:
            self.now = max(self.now, due)
            rounds += self.announcements.tick()
        self.now = end
        return rounds

    def on(self, topic: str) -> list[Any]:
        """Return what was sent on a topic: the components, or nothing where it was emptied."""
        return [json.loads(text)["cmps"] if text.startswith("{") else text for name, text in self.sent if name == topic]


@pytest.fixture
def home() -> Home:
    made = Home()
    made.announcements.link(up=True)
    return made


FULL: Final = {"a": {"p": "sensor", "uniq_id": "a"}, "b": {"p": "button", "uniq_id": "b"}}
WITHOUT_B: Final = {"a": FULL["a"]}
TAKING_B_AWAY: Final = {"a": FULL["a"], "b": {"p": "button"}}


def test_what_is_there_is_announced_once(home: Home) -> None:
    for _ in range(3):
        home.announcements.adopt([device(a="sensor", b="button")], ())
        home.pass_time(60)
    assert home.on(ALEX) == [FULL]
    home.announcements.adopt([device(a="sensor", b="button", c="switch")], ())
    assert len(home.on(ALEX)) == 2


def test_a_component_that_goes_is_taken_away_and_then_left_out(home: Home) -> None:
    home.announcements.adopt([device(a="sensor", b="button")], ())
    home.announcements.adopt([device(a="sensor")], ())
    assert home.on(ALEX) == [FULL, TAKING_B_AWAY]
    home.pass_time(SETTLE_S - 1)
    assert home.on(ALEX) == [FULL, TAKING_B_AWAY]
    home.pass_time(1)
    assert home.on(ALEX) == [FULL, TAKING_B_AWAY, WITHOUT_B]
    home.pass_time(3600)
    home.announcements.adopt([device(a="sensor")], ())
    assert len(home.on(ALEX)) == 3


def test_a_component_that_is_gone_after_a_restart_is_taken_away_too(home: Home) -> None:
    home.announcements.adopt([device(a="sensor", b="button")], ())
    home.start()
    home.announcements.adopt([device(a="sensor")], ())
    home.announcements.link(up=True)
    home.pass_time(SETTLE_S)
    assert home.on(ALEX) == [FULL, TAKING_B_AWAY, WITHOUT_B]
    home.start()
    home.announcements.adopt([device(a="sensor")], ())
    assert home.on(ALEX)[3:] == [WITHOUT_B], "it is forgotten when it is gone"


def test_a_restart_in_the_middle_begins_the_removal_again(home: Home) -> None:
    home.announcements.adopt([device(a="sensor", b="button")], ())
    home.announcements.adopt([device(a="sensor")], ())
    home.start()
    home.announcements.adopt([device(a="sensor")], ())
    home.announcements.link(up=True)
    home.pass_time(SETTLE_S)
    assert home.on(ALEX) == [FULL, TAKING_B_AWAY, TAKING_B_AWAY, WITHOUT_B]


def test_a_removal_waits_for_the_broker(home: Home) -> None:
    home.announcements.adopt([device(a="sensor", b="button")], ())
    home.announcements.link(up=False)
    home.announcements.adopt([device(a="sensor")], ())
    home.pass_time(3600)
    assert home.on(ALEX)[-1] == TAKING_B_AWAY, "the connection sends this one when the broker is back"
    home.announcements.link(up=True)
    home.pass_time(SETTLE_S / 2)
    home.announcements.link(up=False)
    home.pass_time(3600)
    assert home.on(ALEX)[-1] == TAKING_B_AWAY
    home.announcements.link(up=True)
    home.pass_time(SETTLE_S)
    assert home.on(ALEX)[-1] == WITHOUT_B


def test_a_component_of_another_platform_is_taken_away_first(home: Home) -> None:
    home.announcements.adopt([device(a="switch")], ())
    home.announcements.adopt([device(a="select")], ())
    home.pass_time(SETTLE_S)
    assert [each["a"]["p"] for each in home.on(ALEX)] == ["switch", "switch", "select"]
    assert home.on(ALEX)[1]["a"] == {"p": "switch"}


def test_one_that_comes_back_at_once_stays(home: Home) -> None:
    home.announcements.adopt([device(a="sensor", b="button")], ())
    home.announcements.adopt([device(a="sensor")], ())
    home.announcements.adopt([device(a="sensor", b="button")], ())
    home.pass_time(3600)
    assert home.on(ALEX)[-1] == FULL


def test_a_device_that_goes_leaves_neither_itself_nor_its_state(home: Home) -> None:
    home.announcements.adopt([device(a="sensor"), device(KIM, a="sensor")], ())
    home.announcements.adopt([device(a="sensor")], ["nudger/alex/state"])
    assert home.on(KIM)[-1] == ""
    assert home.on("nudger/kim/state") == [], "Home Assistant may still be reading it"
    home.pass_time(SETTLE_S)
    assert home.on("nudger/kim/state") == [""]
    home.pass_time(3600)
    assert len(home.on(KIM)) == 2
    assert home.on("nudger/alex/state") == []


def test_a_device_that_goes_while_nudger_is_down_is_remembered(home: Home) -> None:
    home.announcements.adopt([device(a="sensor"), device(KIM, a="sensor")], ())
    home.start()
    home.announcements.adopt([device(a="sensor")], ["nudger/alex/state"])
    home.announcements.link(up=True)
    home.pass_time(SETTLE_S)
    assert home.on(KIM)[-1] == ""
    assert home.on("nudger/kim/state") == [""]


def test_switched_off_it_takes_all_away_but_the_states(home: Home) -> None:
    home.announcements.adopt([device(a="sensor")], ["nudger/alex/state"])
    home.announcements.adopt([], ["nudger/alex/state"])
    home.pass_time(SETTLE_S)
    assert home.on(ALEX)[-1] == ""
    assert home.on("nudger/alex/state") == []
    assert home.memory.keys() == {"nudger/alex/state"}, "somebody who goes then must not leave it there"


def test_a_state_that_is_no_longer_published_is_emptied_though_nothing_was_announced(home: Home) -> None:
    home.announcements.adopt([], ["nudger/alex/state", "nudger/kim/state"])
    home.start()
    home.announcements.adopt([], ["nudger/alex/state"])
    assert home.announcements.wakeup() is None, "it waits for the broker"
    home.announcements.link(up=True)
    home.pass_time(SETTLE_S)
    assert home.sent == [("nudger/kim/state", "")]
    home.pass_time(3600)
    home.announcements.adopt([], ["nudger/alex/state"])
    assert len(home.sent) == 1, "it is forgotten when it is gone"


# --- Births ----------------------------------------------------------------------------------------------------------


def test_a_birth_brings_everything_again_soon(home: Home) -> None:
    home.announcements.adopt([device(a="sensor"), device(KIM, a="sensor")], ())
    home.announcements.born()
    assert home.pass_time(0.9) == 0, "everybody else answers it now too"
    assert home.pass_time(0.2) == 1
    assert len(home.on(ALEX)) == len(home.on(KIM)) == 2
    assert home.pass_time(3600) == 0


def test_a_hundred_births_in_ten_seconds_bring_two_rounds(home: Home) -> None:
    home.announcements.adopt([device(a="sensor")], ())
    rounds = 0
    for _ in range(100):
        home.announcements.born()
        rounds += home.pass_time(0.1)
    assert rounds == 1
    assert home.pass_time(3600) == 1, "whoever was born after the first one is told too"


@given(st.lists(st.floats(0, 3600), max_size=50), st.floats(0.5, 2))
def test_no_birth_is_forgotten_and_rounds_keep_their_distance(births: list[float], spread: float) -> None:
    home = Home()
    home.spread = spread
    home.announcements.adopt([device(a="sensor")], ())
    rounds: list[float] = []
    for birth in sorted(births):
        while (due := home.announcements.wakeup()) is not None and due <= 1000 + birth:
            home.now = due
            assert home.announcements.tick()
            rounds.append(due)
        home.now = 1000 + birth
        home.announcements.born()
    while (due := home.announcements.wakeup()) is not None:
        home.now = due
        assert home.announcements.tick()
        rounds.append(due)
    assert all(later - earlier >= ROUND_S for earlier, later in pairwise(rounds))
    for birth in births:
        assert any(1000 + birth < each <= 1000 + birth + ROUND_S + spread for each in rounds)


def test_nothing_is_due_while_nothing_happens(home: Home) -> None:
    home.announcements.adopt([device(a="sensor")], ())
    assert home.announcements.wakeup() is None
