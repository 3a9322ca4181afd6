"""Who changes a lamp while it is borrowed has it; what merely looks like it changes nothing."""

from __future__ import annotations

import json

import pytest
from lamp_rig import (
    CASES,
    DUE,
    LONG,
    MAKES,
    OVERDUE,
    RESTORED,
    SETTLED,
    ZIGBEE_STATES,
    other_state,
    same,
    wire_of,
)
from simulated_lamps import State

from nudger.outputs.lamp import ANSWER_S


@pytest.mark.parametrize(("make", "state"), CASES)
@pytest.mark.parametrize("after_s", [0, 1, SETTLED + 1, LONG])
def test_who_changes_the_lamp_meanwhile_has_it(make: str, state: str, after_s: float) -> None:
    wire = wire_of(make, state)
    wire.lamps.set_scene("p0", DUE)
    wire.passes(after_s)
    wire.touch(other_state(make, state))
    wire.passes(SETTLED + ANSWER_S)
    assert not [topic for topic, _ in wire.commands(lambda: wire.lamps.set_scene("p0", OVERDUE))]
    wire.passes(LONG)
    assert not wire.commands(lambda: wire.lamps.set_scene("p0", RESTORED))
    assert same(wire.lamp, other_state(make, state))
    # The next cue has the lamp again.
    wire.lamps.set_scene("p0", DUE)
    assert not same(wire.lamp, other_state(make, state))
    wire.passes(LONG)
    wire.lamps.set_scene("p0", RESTORED)
    assert same(wire.lamp, other_state(make, state))


SAME_BRIGHTNESS: dict[str, State] = {
    "zigbee": {"state": "ON", "brightness": 178, "color_mode": "color_temp", "color_temp": 250},
    "home assistant": {"state": "ON", "brightness": 178, "color_mode": "rgb", "color": {"r": 0, "g": 0, "b": 255}},
    "tasmota": {"POWER": "ON", "Dimmer": 70, "HSBColor": "38,100,0", "White": 70, "CT": 250},
}


@pytest.mark.parametrize("make", SAME_BRIGHTNESS)
@pytest.mark.parametrize("happens", ["nothing", "crash", "link lost"])
def test_another_colour_of_the_same_brightness_is_somebody_elses(make: str, happens: str) -> None:
    wire = wire_of(make, "colour")
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    if happens != "nothing":
        wire.link(up=False)
    wire.touch(SAME_BRIGHTNESS[make])
    if happens == "crash":
        wire.start()
    if not wire.is_up:
        wire.link(up=True)
    wire.passes(LONG)
    wire.lamps.set_scene("p0", RESTORED)
    wire.passes(LONG)
    assert same(wire.lamp, SAME_BRIGHTNESS[make])


@pytest.mark.parametrize(("make", "state"), CASES)
@pytest.mark.parametrize("happens", ["at once", "later", "link lost"])
def test_who_puts_the_lamp_back_by_hand_does_not_see_it_lit_again(make: str, state: str, happens: str) -> None:
    wire = wire_of(make, state)
    wire.lamps.set_scene("p0", DUE)
    wire.passes(0 if happens == "at once" else LONG)
    if happens == "link lost":
        wire.link(up=False)
    wire.touch(MAKES[make][2][state])
    if happens == "link lost":
        wire.link(up=True)
    wire.passes(LONG)
    wire.lamps.set_scene("p0", OVERDUE)
    wire.passes(LONG)
    assert same(wire.lamp, MAKES[make][2][state])


def test_a_lamp_that_was_taken_stays_taken_over_a_lost_link() -> None:
    wire = wire_of("zigbee", "white")
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    wire.touch(ZIGBEE_STATES["off"])
    wire.link(up=False)
    wire.link(up=True)
    wire.passes(LONG)
    wire.lamps.set_scene("p0", OVERDUE)
    wire.passes(LONG)
    assert same(wire.lamp, ZIGBEE_STATES["off"])


def test_colours_on_the_way_are_not_somebody_elses() -> None:
    wire = wire_of("zigbee", "white")
    wire.lamps.set_scene("p0", DUE)
    wire.passes(0)
    for brightness in (230, 200):
        wire.lamps.receive(
            "zigbee2mqtt/desk", json.dumps({**ZIGBEE_STATES["white"], "brightness": brightness}).encode(), False
        )
        wire.now += 0.5
    assert [topic for topic, _ in wire.commands(lambda: wire.passes(LONG))] == ["zigbee2mqtt/desk/get"]
    wire.lamps.set_scene("p0", RESTORED)
    assert same(wire.lamp, ZIGBEE_STATES["white"])


def test_a_lamp_in_doubt_is_given_back_when_the_doubt_is_over() -> None:
    wire = wire_of("zigbee", "white")
    wire.lamps.set_scene("p0", DUE)
    half = json.dumps({**ZIGBEE_STATES["white"], "brightness": 200}).encode()
    wire.lamps.receive("zigbee2mqtt/desk", half, False)
    assert not wire.commands(lambda: wire.lamps.set_scene("p0", RESTORED)), "never while it may be somebody else's"
    wire.deliver()
    assert same(wire.lamp, ZIGBEE_STATES["white"])


def test_a_report_that_was_under_way_is_not_somebody_elses() -> None:
    wire = wire_of("zigbee", "off")
    wire.lamps.set_scene("p0", DUE)
    wire.lamps.receive("zigbee2mqtt/desk", json.dumps(ZIGBEE_STATES["off"]).encode(), False)
    wire.passes(LONG)
    assert not wire.commands(lambda: wire.lamps.set_scene("p0", DUE)), "still ours, and still due"
    wire.lamps.set_scene("p0", RESTORED)
    assert same(wire.lamp, ZIGBEE_STATES["off"])


def test_an_echo_that_comes_after_the_lamp_was_given_back_is_not_its_state() -> None:
    wire = wire_of("zigbee", "white")
    assert wire.lamp is not None
    wire.lamps.set_scene("p0", DUE)
    echo = wire.lamp.report()
    wire.passes(LONG)
    wire.lamps.set_scene("p0", RESTORED)
    wire.deliver()
    wire.lamps.receive(*echo[0], False)
    wire.passes(LONG)
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    wire.lamps.set_scene("p0", RESTORED)
    assert same(wire.lamp, ZIGBEE_STATES["white"])


def test_an_echo_that_comes_after_somebody_took_the_lamp_is_not_its_state() -> None:
    wire = wire_of("zigbee", "white")
    assert wire.lamp is not None
    wire.lamps.set_scene("p0", DUE)
    echo = wire.lamp.report()
    wire.passes(LONG)
    wire.lamps.set_scene("p0", RESTORED)
    wire.touch(ZIGBEE_STATES["colour"])
    wire.lamps.receive(*echo[0], False)
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    wire.lamps.set_scene("p0", RESTORED)
    assert same(wire.lamp, ZIGBEE_STATES["colour"])


def test_who_changes_the_lamp_just_after_it_was_given_back_has_it() -> None:
    wire = wire_of("zigbee", "white")
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    wire.lamps.set_scene("p0", RESTORED)
    wire.touch(ZIGBEE_STATES["colour"])
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    wire.lamps.set_scene("p0", RESTORED)
    assert same(wire.lamp, ZIGBEE_STATES["colour"])


@pytest.mark.parametrize(
    "payload", [b"", b"\xff", b"[]", b"nonsense", b'{"linkquality":3}', b'{"state":null}', b"[" * 60000]
)
def test_what_is_no_report_changes_nothing(payload: bytes) -> None:
    for make in MAKES:
        wire = wire_of(make, "white")
        wire.lamps.set_scene("p0", DUE)
        wire.passes(LONG)
        for topic in wire.lamps.subscriptions():
            wire.lamps.receive(topic, payload, False)
        wire.lamps.receive("elsewhere", b"ON", False)
        wire.lamps.set_scene("p0", RESTORED)
        assert same(wire.lamp, MAKES[make][2]["white"])
