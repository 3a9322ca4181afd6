"""Makes of lamps, the states they can be in, and what tests ask of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from simulated_lamps import JsonLampOfHomeAssistant, SimulatedLamp, State, TasmotaBulb, Wire, ZigbeeLamp

from nudger.core.words import Scene

DUE, OVERDUE, BREAK, AMBIENT, RESTORED = Scene.DUE, Scene.OVERDUE, Scene.BREAK, Scene.AMBIENT, Scene.RESTORED
SETTLED = 4.0
"""Seconds after a command until reports count: a transition of 2 s and 2 s more."""
LONG = 60.0

ZIGBEE = {"preset": "zigbee2mqtt", "name": "desk"}
HOME_ASSISTANT = {"preset": "home_assistant_json", "command_topic": "lamp/command", "state_topic": "lamp/state"}
TASMOTA = {"preset": "tasmota", "name": "desk"}

ZIGBEE_STATES: dict[str, State] = {
    "colour": {"state": "ON", "brightness": 240, "color_mode": "xy", "color": {"x": 0.17, "y": 0.04}},
    "hue": {"state": "ON", "brightness": 24, "color_mode": "hs", "color": {"hue": 240, "saturation": 90}},
    "white": {"state": "ON", "brightness": 254, "color_mode": "color_temp", "color_temp": 250},
    "off": {"state": "OFF", "brightness": 254, "color_mode": "color_temp", "color_temp": 250},
}
HOME_ASSISTANT_STATES: dict[str, State] = {
    "colour": {"state": "ON", "brightness": 240, "color_mode": "rgb", "color": {"r": 20, "g": 30, "b": 255}},
    "white": {"state": "ON", "brightness": 25, "color_mode": "color_temp", "color_temp": 250},
    "off": {"state": "OFF"},
}
TASMOTA_STATES: dict[str, State] = {
    "colour": {"POWER": "ON", "Dimmer": 95, "HSBColor": "240,100,95", "White": 0, "CT": 300},
    "white": {"POWER": "ON", "Dimmer": 10, "HSBColor": "240,100,0", "White": 10, "CT": 250},
    "off": {"POWER": "OFF", "Dimmer": 95, "HSBColor": "240,100,95", "White": 0, "CT": 300},
}
MAKES: dict[str, tuple[Callable[[], SimulatedLamp], dict[str, Any], dict[str, State]]] = {
    "zigbee": (ZigbeeLamp, ZIGBEE, ZIGBEE_STATES),
    "white zigbee": (lambda: ZigbeeLamp(colours=False), ZIGBEE, {k: ZIGBEE_STATES[k] for k in ("white", "off")}),
    "home assistant": (JsonLampOfHomeAssistant, HOME_ASSISTANT, HOME_ASSISTANT_STATES),
    "tasmota": (TasmotaBulb, TASMOTA, TASMOTA_STATES),
}
CASES = [(make, state) for make, (_, _, states) in MAKES.items() for state in states]


def wire_of(make: str, state: str | None = None, *, persons: int = 1, **options: Any) -> Wire:
    """A wire to a lamp of that make, in that state, used by some persons."""
    lamp, preset, states = MAKES[make]
    wire = Wire(lamp(), *((f"p{n}", {**preset, **options}) for n in range(persons)))
    if state is not None:
        wire.touch(states[state])
    return wire


def same(lamp: SimulatedLamp | None, state: State) -> bool:
    """Tell whether the lamp shows this."""
    assert lamp is not None
    return visible(lamp.state) == visible(state)


def visible(state: State) -> State:
    """What can be seen of a lamp: nothing of one that is off; of white light no hue, of coloured no temperature."""
    if "OFF" in (state.get("state"), state.get("POWER")):
        return {}
    hidden = "HSBColor" if state.get("White") else "CT"
    return {key: value for key, value in state.items() if key != hidden}


def payloads(commands: list[tuple[str, str]]) -> list[tuple[str, Any]]:
    """Commands, with payloads that are JSON read."""
    return [(topic, json.loads(payload) if payload.startswith("{") else payload) for topic, payload in commands]


ZIGBEE_DUE = {"state": "ON", "brightness": 178, "color": {"hex": "#FFA000"}, "transition": 2}
HOME_ASSISTANT_DUE = {"state": "ON", "brightness": 178, "color": {"r": 255, "g": 160, "b": 0}, "transition": 2}


def other_state(make: str, state: str) -> State:
    """A state that somebody could set, other than this one."""
    states = MAKES[make][2]
    return next(states[name] for name in states if name != state)
