"""Crashes, stops and lost links: a lamp is never kept, and a cue is not lost."""

from __future__ import annotations

import pytest
from lamp_rig import (
    CASES,
    DUE,
    HOME_ASSISTANT_DUE,
    HOME_ASSISTANT_STATES,
    LONG,
    MAKES,
    OVERDUE,
    RESTORED,
    ZIGBEE_DUE,
    ZIGBEE_STATES,
    other_state,
    payloads,
    same,
    wire_of,
)


@pytest.mark.parametrize(("make", "state"), CASES)
def test_a_crash_does_not_keep_the_lamp(make: str, state: str) -> None:
    wire = wire_of(make, state)
    wire.lamps.set_scene("p0", OVERDUE)
    wire.passes(LONG)
    wire.start()
    wire.passes(LONG)
    assert same(wire.lamp, MAKES[make][2][state])
    assert not wire.store.saved


@pytest.mark.parametrize(("make", "state"), CASES)
def test_a_crash_before_the_lamp_could_answer_does_not_keep_it(make: str, state: str) -> None:
    wire = wire_of(make, state)
    wire.lamps.set_scene("p0", DUE)
    wire.start()
    wire.passes(LONG)
    assert same(wire.lamp, MAKES[make][2][state])
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    wire.lamps.set_scene("p0", OVERDUE)
    wire.start()
    wire.passes(LONG)
    assert same(wire.lamp, MAKES[make][2][state])


@pytest.mark.parametrize(("make", "state"), CASES)
def test_after_a_crash_a_cue_goes_on_without_taking_itself_for_the_lamps_own_state(make: str, state: str) -> None:
    wire = wire_of(make, state)
    wire.lamps.set_scene("p0", OVERDUE)
    wire.passes(LONG)
    wire.start()
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    assert not same(wire.lamp, MAKES[make][2][state])
    wire.lamps.set_scene("p0", RESTORED)
    assert same(wire.lamp, MAKES[make][2][state])


@pytest.mark.parametrize(("make", "state"), CASES)
def test_who_changed_the_lamp_while_nobody_listened_has_it(make: str, state: str) -> None:
    for happens in ("crash", "link lost"):
        wire = wire_of(make, state)
        wire.lamps.set_scene("p0", DUE)
        wire.passes(LONG)
        wire.link(up=False)
        wire.touch(other_state(make, state))
        if happens == "crash":
            wire.start()
        wire.link(up=True)
        wire.passes(LONG)
        wire.lamps.set_scene("p0", RESTORED)
        wire.passes(LONG)
        assert same(wire.lamp, other_state(make, state))
        assert not wire.store.saved


@pytest.mark.parametrize(("make", "state"), CASES)
def test_a_lamp_that_could_not_be_given_back_is_given_back_when_the_link_returns(make: str, state: str) -> None:
    wire = wire_of(make, state)
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    wire.link(up=False)
    wire.lamps.set_scene("p0", RESTORED)
    wire.passes(LONG)
    assert wire.store.saved, "never forgotten before it was given back"
    wire.link(up=True)
    wire.passes(LONG)
    assert same(wire.lamp, MAKES[make][2][state])
    assert not wire.store.saved


@pytest.mark.parametrize(("make", "state"), CASES)
def test_a_cue_that_came_without_a_link_shows_when_it_returns(make: str, state: str) -> None:
    wire = wire_of(make, state)
    wire.link(up=False)
    assert not wire.commands(lambda: wire.lamps.set_scene("p0", DUE))
    wire.passes(LONG)
    wire.link(up=True)
    wire.passes(LONG)
    assert not same(wire.lamp, MAKES[make][2][state])
    wire.lamps.set_scene("p0", RESTORED)
    assert same(wire.lamp, MAKES[make][2][state])


def test_what_was_known_before_a_lost_link_is_asked_anew() -> None:
    wire = wire_of("zigbee", "white")
    wire.link(up=False)
    wire.touch(ZIGBEE_STATES["colour"])
    wire.link(up=True)
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    wire.lamps.set_scene("p0", RESTORED)
    assert same(wire.lamp, ZIGBEE_STATES["colour"])


def test_a_cue_after_a_link_that_was_lost_as_the_lamp_was_given_back() -> None:
    wire = wire_of("zigbee", "white")
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    wire.lamps.set_scene("p0", RESTORED)
    wire.link(up=False)
    wire.link(up=True)
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    assert not same(wire.lamp, ZIGBEE_STATES["white"])
    wire.lamps.set_scene("p0", RESTORED)
    assert same(wire.lamp, ZIGBEE_STATES["white"])


def test_a_lamp_that_was_unplugged_takes_part_when_it_is_back() -> None:
    wire = wire_of("zigbee")
    lamp, wire.lamp = wire.lamp, None
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    wire.lamp = lamp
    wire.link(up=False)
    wire.touch(ZIGBEE_STATES["colour"])
    wire.link(up=True)
    wire.passes(LONG)
    assert not same(wire.lamp, ZIGBEE_STATES["colour"])
    wire.lamps.set_scene("p0", RESTORED)
    assert same(wire.lamp, ZIGBEE_STATES["colour"])


def test_a_lost_link_keeps_only_what_is_wanted_last() -> None:
    wire = wire_of("zigbee", "white")
    wire.link(up=False)
    for scene in (DUE, OVERDUE, RESTORED, DUE):
        wire.lamps.set_scene("p0", scene)
    assert wire.refused == 1, "tried once, then kept"
    wire.link(up=True)
    sent = payloads(wire.commands(lambda: wire.passes(LONG)))
    assert sent == [("zigbee2mqtt/desk/set", ZIGBEE_DUE)]


def test_a_second_colour_that_got_lost_with_the_link_is_sent_again() -> None:
    wire = wire_of("zigbee", "white")
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    lamp, wire.lamp = wire.lamp, None
    wire.lamps.set_scene("p0", OVERDUE)
    wire.lamp = lamp
    wire.link(up=False)
    wire.link(up=True)
    wire.passes(LONG)
    assert wire.lamp is not None
    assert wire.lamp.state["brightness"] == round(254 * 0.8)


def test_a_command_that_got_lost_with_the_link_is_sent_again() -> None:
    wire = wire_of("zigbee", "white")
    lamp, wire.lamp = wire.lamp, None
    wire.lamps.set_scene("p0", DUE)
    wire.lamp = lamp
    wire.link(up=False)
    wire.link(up=True)
    wire.passes(LONG)
    assert not same(lamp, ZIGBEE_STATES["white"])
    wire.lamp = None
    wire.lamps.set_scene("p0", RESTORED)
    wire.lamp = lamp
    wire.link(up=False)
    wire.link(up=True)
    wire.passes(LONG)
    assert same(lamp, ZIGBEE_STATES["white"])


def test_a_lamp_that_missed_being_given_back_gets_it_again_when_it_shows_up() -> None:
    wire = wire_of("zigbee", "white")
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    lamp, wire.lamp = wire.lamp, None  # unplugged
    assert lamp is not None
    wire.lamps.set_scene("p0", RESTORED)
    wire.passes(LONG)
    assert wire.store.saved
    wire.lamp = lamp
    wire.waiting.extend(lamp.report())
    wire.passes(LONG)
    assert same(lamp, ZIGBEE_STATES["white"])
    assert not wire.store.saved


def test_a_lamp_that_says_late_that_it_is_back_is_believed() -> None:
    wire = wire_of("zigbee", "white")
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    wire.lamps.set_scene("p0", RESTORED)
    late = list(wire.waiting)
    wire.waiting.clear()
    wire.passes(LONG)
    assert wire.store.saved
    wire.waiting.extend(late)
    wire.deliver()
    assert not wire.store.saved


@pytest.mark.parametrize(("make", "state"), CASES)
def test_stopping_gives_every_lamp_back(make: str, state: str) -> None:
    wire = wire_of(make, state)
    wire.lamps.set_scene("p0", DUE)
    wire.passes(1)
    wire.lamps.shutdown()
    assert same(wire.lamp, MAKES[make][2][state])
    assert not wire.store.saved
    assert wire.lamps.wakeup() is None


def test_stopping_without_a_link_leaves_it_to_the_next_run() -> None:
    wire = wire_of("zigbee", "white")
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    wire.link(up=False)
    wire.lamps.shutdown()
    assert wire.store.saved
    wire.start()
    wire.link(up=True)
    wire.passes(LONG)
    assert same(wire.lamp, ZIGBEE_STATES["white"])


def test_a_lamp_that_is_no_longer_in_the_config_is_given_back() -> None:
    wire = wire_of("zigbee", "white")
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    wire.specs = []
    wire.is_up = False
    wire.start()
    assert wire.store.saved
    wire.link(up=True)
    assert same(wire.lamp, ZIGBEE_STATES["white"])
    assert not wire.store.saved


def test_a_record_that_cannot_be_read_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    wire = wire_of("zigbee", "white")
    wire.store.saved["zigbee2mqtt/desk/set"] = "{"
    assert not wire.commands(wire.start)
    assert not wire.store.saved
    assert "cannot be read" in caplog.text


def test_a_reload_of_the_config_keeps_what_is_known() -> None:
    wire = wire_of("home assistant", "white")
    earlier = wire.lamps
    earlier.shutdown()
    wire.kept.clear()
    wire.start()
    wire.lamps.inherit(earlier)
    assert payloads(wire.commands(lambda: wire.lamps.set_scene("p0", DUE))) == [("lamp/command", HOME_ASSISTANT_DUE)]
    wire.passes(LONG)
    wire.lamps.set_scene("p0", RESTORED)
    assert same(wire.lamp, HOME_ASSISTANT_STATES["white"])
