"""The options of a lamp, and lamps made of templates."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lamp_rig import (
    DUE,
    HOME_ASSISTANT,
    LONG,
    RESTORED,
    TASMOTA,
    ZIGBEE,
)
from pydantic import ValidationError
from simulated_lamps import Wire

from nudger.core.policy import LampPolicy
from nudger.outputs import OUTPUTS
from nudger.outputs.light import LightOptions

WLED = {
    "preset": "templates",
    "command_topic": "wled/desk/api",
    "templates": {
        "due": '{"on":true,"bri":{{ brightness }},"tt":{{ (transition_s * 10)|int }},'
        '"seg":[{"col":[{{ [r, g, b] }}]}]}',
        "restore": '{"on":true,"bri":{{ snapshot.brightness }},"seg":[{"col":[[{{ snapshot.color.r }},'
        "{{ snapshot.color.g }},{{ snapshot.color.b }}]]}]}",
        "off": '{"on":false}',
    },
    "state_topic": "wled/desk/v",
    "state_template": "{% set bri = value.split('<ac>')[1].split('<')[0]|int %}{% set cl = value.split('<cl>') %}"
    '{"state":"{{ \'ON\' if bri else \'OFF\' }}","brightness":{{ bri }},'
    '"color":{"r":{{ cl[1].split(\'<\')[0] }},"g":{{ cl[2].split(\'<\')[0] }},"b":{{ cl[3].split(\'<\')[0] }}}}',
}


def test_wled_through_templates() -> None:
    wire = Wire(None, ("p0", WLED))
    assert wire.lamps.subscriptions() == {"wled/desk/v": 0}
    state = b'<?xml version="1.0" ?><vs><ac>99</ac><cl>10</cl><cl>20</cl><cl>250</cl><cs>0</cs></vs>'
    wire.lamps.receive("wled/desk/v", state, False)
    ((topic, due),) = wire.commands(lambda: wire.lamps.set_scene("p0", DUE))
    assert topic == "wled/desk/api"
    assert json.loads(due) == {"on": True, "bri": 178, "tt": 20, "seg": [{"col": [[255, 160, 0]]}]}
    wire.passes(LONG)
    ((_, back),) = wire.commands(lambda: wire.lamps.set_scene("p0", RESTORED))
    assert json.loads(back) == {"on": True, "bri": 99, "seg": [{"col": [[10, 20, 250]]}]}


def test_a_template_that_fails_does_not_keep_the_lamp(caplog: pytest.LogCaptureFixture) -> None:
    templates = {"due": "due", "restore": "{{ 1 // snapshot.brightness }}", "off": "off", "get": "?"}
    options = {"preset": "templates", "command_topic": "t", "state_topic": "s", "templates": templates}
    wire = Wire(None, ("p0", options))
    assert wire.commands(lambda: wire.lamps.set_scene("p0", DUE)) == [("t", "?")]
    wire.lamps.receive("s", b'{"state":"ON","brightness":0}', False)
    wire.passes(LONG)
    assert wire.commands(lambda: wire.lamps.set_scene("p0", RESTORED)) == [("t", "off")]
    assert "template 'restore' cannot be used: it makes the template fail (ZeroDivisionError)" in caplog.text


@pytest.mark.parametrize(
    ("options", "place", "says"),
    [
        ({"preset": "zigbee2mqtt"}, (), "preset zigbee2mqtt needs name"),
        ({"preset": "tasmota"}, (), "preset tasmota needs name"),
        ({**ZIGBEE, "command_topic": "x"}, (), "command_topic cannot be used with preset zigbee2mqtt"),
        ({**TASMOTA, "base": "x"}, (), "base cannot be used with preset tasmota"),
        ({"preset": "home_assistant_json"}, (), "needs command_topic and state_topic"),
        ({"preset": "templates", "command_topic": "t"}, (), "needs templates"),
        ({"preset": "templates", "command_topic": "t", "templates": {"due": "x"}}, (), "templates lacks off"),
        ({**WLED, "templates": {"due": "x", "off": "y"}}, (), "templates lacks restore"),
        ({**WLED, "templates": {"due": "{{ x", "off": "y"}}, ("templates",), "due: is no valid template"),
        (
            {**WLED, "templates": {"due": "{{ red }}"}},
            ("templates",),
            "due: the template uses 'red', but can only see b,",
        ),
        ({**WLED, "templates": {"off": "{{ r }}"}}, ("templates",), "off: the template uses 'r'"),
        ({**ZIGBEE, "name": "a/#"}, ("name",), "without the wildcards"),
        ({**ZIGBEE, "scenes": {"due": {"color": "red"}}}, ("scenes", "due", "color"), "#RRGGBB"),
        (
            {**ZIGBEE, "scenes": {"due": {"brightness": 0}}},
            ("scenes", "due", "brightness"),
            "greater than or equal to 1",
        ),
        ({**ZIGBEE, "transition": "2 h"}, ("transition",), "less than or equal to"),
    ],
)
def test_faults_of_options_are_named(options: dict[str, Any], place: tuple[str, ...], says: str) -> None:
    with pytest.raises(ValidationError) as fault:
        LightOptions.model_validate({"type": "light", **options})
    (error,) = fault.value.errors()
    assert error["loc"] == place
    assert says in error["msg"]


def test_options_say_how_the_lamp_takes_part() -> None:
    options = OUTPUTS["light"].model_validate({"type": "light", **ZIGBEE, "ambient": True, "in_call": True})
    assert isinstance(options, LightOptions)
    assert options.lamp_policy() == LampPolicy(ambient=True, break_cue=False, in_call=True)


def test_subscriptions() -> None:
    wire = Wire(None, ("p0", ZIGBEE), ("p1", {**ZIGBEE, "base": "z2m"}), ("p0", TASMOTA), ("p0", HOME_ASSISTANT))
    assert set(wire.lamps.subscriptions()) == {
        "zigbee2mqtt/desk",
        "z2m/desk",
        "stat/desk/RESULT",
        "tele/desk/STATE",
        "lamp/state",
    }
