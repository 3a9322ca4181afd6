"""What is sent to lamps of each make, and what their reports mean."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from lamp_rig import (
    AMBIENT,
    DUE,
    HOME_ASSISTANT,
    HOME_ASSISTANT_DUE,
    HOME_ASSISTANT_STATES,
    LONG,
    OVERDUE,
    RESTORED,
    TASMOTA,
    ZIGBEE_DUE,
    ZIGBEE_STATES,
    payloads,
    wire_of,
)

from nudger.outputs.light import LightOptions
from nudger.outputs.look import Look, alike, rgb_of_hex, xy_of_hs, xy_of_rgb

RED: Final[dict[str, Any]] = {
    "zigbee": {"state": "ON", "brightness": 203, "color": {"hex": "#FF1E00"}, "transition": 2},
    "home assistant": {"state": "ON", "brightness": 204, "color": {"r": 255, "g": 30, "b": 0}, "transition": 2},
    "tasmota": "Speed2 4; HSBColor 7,100,80; Power ON",
}


@pytest.mark.parametrize(
    ("make", "state", "due", "back"),
    [
        (
            "zigbee",
            "colour",
            ("zigbee2mqtt/desk/set", ZIGBEE_DUE),
            {"state": "ON", "brightness": 240, "color": {"x": 0.17, "y": 0.04}, "transition": 2},
        ),
        (
            "zigbee",
            "hue",
            ("zigbee2mqtt/desk/set", ZIGBEE_DUE),
            {"state": "ON", "brightness": 24, "color": {"hue": 240, "saturation": 90}, "transition": 2},
        ),
        (
            "zigbee",
            "white",
            ("zigbee2mqtt/desk/set", ZIGBEE_DUE),
            {"state": "ON", "brightness": 254, "color_temp": 250, "transition": 2},
        ),
        ("zigbee", "off", ("zigbee2mqtt/desk/set", ZIGBEE_DUE), {"state": "OFF"}),
        (
            "home assistant",
            "colour",
            ("lamp/command", HOME_ASSISTANT_DUE),
            {"state": "ON", "brightness": 240, "color": {"r": 20, "g": 30, "b": 255}, "transition": 2},
        ),
        (
            "home assistant",
            "white",
            ("lamp/command", HOME_ASSISTANT_DUE),
            {"state": "ON", "brightness": 25, "color_temp": 250, "transition": 2},
        ),
        (
            "home assistant",
            "dim",
            ("lamp/command", HOME_ASSISTANT_DUE),
            {"state": "ON", "brightness": 50, "transition": 2},
        ),
        ("home assistant", "off", ("lamp/command", HOME_ASSISTANT_DUE), {"state": "OFF"}),
        (
            "tasmota",
            "colour",
            ("cmnd/desk/Backlog", "Speed2 4; HSBColor 38,100,70; Power ON"),
            "Speed2 4; HSBColor 240,100,95; Power ON",
        ),
        (
            "tasmota",
            "white",
            ("cmnd/desk/Backlog", "Speed2 4; HSBColor 38,100,70; Power ON"),
            "Speed2 4; CT 250; Dimmer 10; Power ON",
        ),
    ],
)
def test_what_is_sent(make: str, state: str, due: tuple[str, Any], back: object) -> None:
    wire = wire_of(make, None if state == "dim" else state)
    if state == "dim":
        wire.touch({"state": "ON", "brightness": 50, "color_mode": "brightness", "color": {"r": 1, "g": 2, "b": 3}})
    assert payloads(wire.commands(lambda: wire.lamps.set_scene("p0", DUE))) == [due]
    wire.passes(LONG)
    assert payloads(wire.commands(lambda: wire.lamps.set_scene("p0", OVERDUE))) == [(due[0], RED[make])]
    wire.passes(LONG)
    assert payloads(wire.commands(lambda: wire.lamps.set_scene("p0", RESTORED))) == [(due[0], back)]


def test_tasmota_is_switched_off_by_its_own_command() -> None:
    wire = wire_of("tasmota", "off")
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    assert wire.commands(lambda: wire.lamps.set_scene("p0", RESTORED)) == [("cmnd/desk/Power", "OFF")]


def test_a_tasmota_white_without_temperature_is_given_back_as_white() -> None:
    wire = wire_of("tasmota")
    wire.touch({"POWER": "ON", "Dimmer": 30, "HSBColor": "0,0,0", "White": 30})
    wire.lamps.set_scene("p0", DUE)
    wire.lamp = None
    wire.passes(LONG)
    back = wire.commands(lambda: wire.lamps.set_scene("p0", RESTORED))
    assert back == [("cmnd/desk/Backlog", "Speed2 4; White 30; Power ON")]


def test_tasmota_may_number_its_only_light() -> None:
    wire = wire_of("tasmota")
    wire.lamps.receive("stat/desk/RESULT", b'{"POWER1":"ON","Dimmer":50,"HSBColor":"200,50,50","White":0}', False)
    wire.lamps.set_scene("p0", DUE)
    wire.lamp = None
    wire.passes(LONG)
    back = wire.commands(lambda: wire.lamps.set_scene("p0", RESTORED))
    assert back == [("cmnd/desk/Backlog", "Speed2 4; HSBColor 200,50,50; Power ON")]


def test_tasmota_takes_hues_below_360_and_fades_of_at_most_20_seconds() -> None:
    wire = wire_of("tasmota", "off", scenes={"due": {"color": "#FF0001"}}, transition=30)
    ((_, payload),) = wire.commands(lambda: wire.lamps.set_scene("p0", DUE))
    assert payload == "Speed2 40; HSBColor 0,100,70; Power ON"


def test_an_effect_is_ended_and_taken_up_again() -> None:
    wire = wire_of("home assistant")
    wire.touch({**HOME_ASSISTANT_STATES["colour"], "effect": "Rainbow"})
    shown = payloads(wire.commands(lambda: wire.lamps.set_scene("p0", DUE)))
    assert shown == [("lamp/command", {**HOME_ASSISTANT_DUE, "effect": "none"})]
    wire.passes(LONG)
    ((_, back),) = payloads(wire.commands(lambda: wire.lamps.set_scene("p0", RESTORED)))
    assert back["effect"] == "Rainbow"


def test_an_effect_that_zigbee2mqtt_reports_is_over_and_is_not_played_again() -> None:
    wire = wire_of("zigbee")
    wire.touch({**ZIGBEE_STATES["colour"], "effect": "blink"})
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    wire.lamps.set_scene("p0", RESTORED)
    assert not any("effect" in payload for _, payload in wire.sent)


def test_kelvin_goes_back_as_kelvin() -> None:
    wire = wire_of("home assistant")
    wire.touch({"state": "ON", "brightness": 20, "color_mode": "color_temp", "color_temp": 2700})
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    ((_, back),) = payloads(wire.commands(lambda: wire.lamps.set_scene("p0", RESTORED)))
    assert back["color_temp"] == 2700


def test_colours_brightness_and_transition_are_options() -> None:
    scenes = {"due": {"color": "#00ff7F"}, "overdue": {"brightness": 5}}
    wire = wire_of("zigbee", "white", scenes=scenes, transition=0.5)
    ((_, due),) = payloads(wire.commands(lambda: wire.lamps.set_scene("p0", DUE)))
    assert due == {"state": "ON", "brightness": 178, "color": {"hex": "#00FF7F"}, "transition": 0.5}
    ((_, overdue),) = payloads(wire.commands(lambda: wire.lamps.set_scene("p0", OVERDUE)))
    assert (overdue["brightness"], overdue["color"]) == (13, {"hex": "#FF1E00"})


def test_the_ambient_scene_warms_from_white_to_amber() -> None:
    wire = wire_of("zigbee", "white", ambient=True)
    sent = [wire.commands(lambda step=step: wire.lamps.set_scene("p0", AMBIENT, step)) for step in range(11)]  # type: ignore[misc]
    shown = [json.loads(payload) for ((_, payload),) in sent]
    assert shown[0]["color"] == {"hex": "#FFE0A0"}
    assert shown[10]["color"] == {"hex": "#FFA000"}
    assert [each["brightness"] for each in shown] == sorted(each["brightness"] for each in shown)
    assert len({each["color"]["hex"] for each in shown}) == 11


@pytest.mark.parametrize(
    ("make", "reports", "back"),
    [
        (
            "home assistant",
            [b'{"state":"ON","brightness":9,"color_mode":"rgb","color":{"r":1,"g":2,"b":3}}', b'{"brightness":10}'],
            '{"state":"ON","brightness":10,"color":{"r":1,"g":2,"b":3},"transition":2}',
        ),
        (
            "home assistant",
            [b'{"state":"ON","color_mode":"rgbw","color":{"r":1,"g":2,"b":3,"w":4}}'],
            '{"state":"ON","color":{"r":1,"g":2,"b":3,"w":4},"transition":2}',
        ),
        (
            "zigbee",
            [b'{"state":"ON","color_mode":"hs","color":{"x":0.2,"y":0.1,"hue":200,"saturation":5},"color_temp":99}'],
            '{"state":"ON","color":{"hue":200,"saturation":5},"transition":2}',
        ),
        (
            "zigbee",
            [b'{"state":"ON","color_mode":"xy","color":{"x":0.2,"y":0.1,"hue":200,"saturation":5},"color_temp":99}'],
            '{"state":"ON","color":{"x":0.2,"y":0.1},"transition":2}',
        ),
        ("zigbee", [b'{"state":"ON","color_temp":99}'], '{"state":"ON","color_temp":99,"transition":2}'),
        (
            "tasmota",
            [b'{"POWER":"OFF","Dimmer":30,"HSBColor":"9,8,7","White":0}', b'{"POWER":"ON"}'],
            "Speed2 4; HSBColor 9,8,7; Power ON",
        ),
        ("tasmota", [b'{"POWER":"ON","Dimmer":30,"CT":200}'], "Speed2 4; CT 200; Dimmer 30; Power ON"),
        ("tasmota", [b'{"POWER":"ON","Dimmer":30}'], "Speed2 4; Dimmer 30; Power ON"),
    ],
)
def test_what_reports_add_up_to(make: str, reports: list[bytes], back: str) -> None:
    wire = wire_of(make)
    wire.lamp = None
    for report in reports:
        wire.lamps.receive(next(iter(wire.lamps.subscriptions())), report, False)
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    assert [payload for _, payload in wire.commands(lambda: wire.lamps.set_scene("p0", RESTORED))] == [back]


@pytest.mark.parametrize(
    ("hex_", "xy"),
    [("#FF0000", (0.64, 0.33)), ("#00FF00", (0.3, 0.6)), ("#0000FF", (0.15, 0.06)), ("#FFFFFF", (0.3127, 0.329))],
)
def test_chromaticities_of_the_srgb_primaries(hex_: str, xy: tuple[float, float]) -> None:
    assert xy_of_rgb(*rgb_of_hex(hex_)) == pytest.approx(xy, abs=0.001)


def test_hue_and_brightness_do_not_change_the_chromaticity() -> None:
    assert xy_of_hs(0, 100) == pytest.approx(xy_of_rgb(80, 0, 0))
    assert xy_of_rgb(0, 0, 0) == xy_of_rgb(1, 1, 1)


AMBER = Look(on=True, brightness=0.7, xy=(0.51, 0.44))


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (AMBER, True),
        (Look(on=True, brightness=0.72, xy=(0.52, 0.43)), True),
        (Look(on=True), True),
        (Look(on=False), False),
        (Look(on=True, brightness=0.8, xy=(0.51, 0.44)), False),
        (Look(on=True, brightness=0.7, xy=(0.64, 0.33)), False),
        (Look(on=True, brightness=0.7, mired=400), False),
    ],
)
def test_looks_are_alike_but_for_rounding(other: Look, expected: bool) -> None:
    assert alike(AMBER, other) is expected
    assert alike(other, AMBER) is expected


@pytest.mark.parametrize(
    ("options", "report", "mired"),
    [
        (HOME_ASSISTANT, b'{"state":"ON","color_mode":"color_temp","color_temp":400}', 400),
        (HOME_ASSISTANT, b'{"state":"ON","color_mode":"color_temp","color_temp":2500}', 400),
        (TASMOTA, b'{"POWER":"ON","Dimmer":30,"CT":400}', 400),
    ],
)
def test_temperatures_are_read_in_mired_and_kelvin(options: dict[str, Any], report: bytes, mired: float) -> None:
    speaker = LightOptions.model_validate({"type": "light", **options}).speaker()
    assert speaker.look(speaker.read(report, {}) or {}).mired == mired


def test_whites_are_alike_by_temperature() -> None:
    assert alike(Look(on=True, mired=300), Look(on=True, mired=310))
    assert not alike(Look(on=True, mired=300), Look(on=True, mired=350))
