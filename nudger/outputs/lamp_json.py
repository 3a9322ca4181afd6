"""Lamps that speak JSON: those of Zigbee2MQTT, and those of Home Assistant's JSON schema, ESPHome among them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from nudger.outputs.lamp_presets import number_in, numbers_in, text_in
from nudger.outputs.look import OFF, Look, xy_of_hs, xy_of_rgb
from nudger.payload import Document, UnreadableError

if TYPE_CHECKING:
    from nudger.outputs.lamp_presets import Messages, Paint, Report

_NO_EFFECT: Final = (None, "", "none", "None")
_KELVIN: Final = 1000
"""Colour temperatures above are in kelvin, those below in mired: no white has 1000 of either."""


@dataclass(frozen=True, slots=True)
class JsonLamp:
    """A lamp that takes and reports ``{"state": "ON", "brightness": ..., "color": {...}, "color_temp": ...}``.

    ``transition_s`` is how long it takes to change. Zigbee2MQTT has ways of its own: brightness goes to 254, colours
    are sent as hex, and it can be asked for the state.
    """

    command_topic: str
    state_topic: str
    transition_s: float
    is_zigbee: bool = False

    @property
    def state_topics(self) -> tuple[str, ...]:
        """See `Preset`."""
        return (self.state_topic,)

    def read(self, payload: bytes, before: Report) -> Report | None:
        """See `Preset`."""
        return read_json(Document(payload), before)

    def look(self, report: Report) -> Look:
        """See `Preset`."""
        return look_of_json(report, self._full)

    def show(self, paint: Paint, before: Report | None) -> Messages:
        """See `Preset`. A running effect would go on painting over the colour, so it is ended."""
        red, green, blue = paint.rgb
        command: dict[str, object] = {
            "state": "ON",
            "brightness": round(self._full * paint.percent / 100),
            "color": {"hex": paint.hex} if self.is_zigbee else {"r": red, "g": green, "b": blue},
        }
        if self._effect(before):
            command["effect"] = "none"
        return self._command(command)

    def restore(self, before: Report | None) -> Messages:
        """See `Preset`. A lamp that was off is told nothing but that: every other key would switch it on."""
        if before is None or not self.look(before).on:
            return ((self.command_topic, '{"state":"OFF"}'),)
        command = {"state": "ON", "brightness": before.get("brightness"), **_colour_command(before)}
        if self._effect(before):
            command["effect"] = before["effect"]
        return self._command({key: value for key, value in command.items() if value is not None})

    def ask(self) -> Messages:
        """See `Preset`."""
        return ((f"{self.state_topic}/get", '{"state":""}'),) if self.is_zigbee else ()

    @property
    def _full(self) -> int:
        return 254 if self.is_zigbee else 255

    def _effect(self, report: Report | None) -> bool:
        # Zigbee2MQTT reports effects that are over, and would play them once more.
        return report is not None and not self.is_zigbee and report.get("effect") not in _NO_EFFECT

    def _command(self, command: dict[str, object]) -> Messages:
        # ESPHome takes whole seconds only when they are written without a point.
        seconds = int(self.transition_s) if self.transition_s == int(self.transition_s) else self.transition_s
        return ((self.command_topic, _dumps({**command, "transition": seconds})),)


def read_json(document: Document, before: Report) -> Report | None:
    """Add a report in Home Assistant's JSON to those ``before``, as `Preset.read` does."""
    value = document.json()
    if not isinstance(value, dict):
        raise UnreadableError("is no JSON object")
    said = {key: understand(value[key]) for key, understand in _KEYS.items() if key in value}
    report = {**before, **said}
    return report if report.get("state") in {"ON", "OFF"} else None


def look_of_json(report: Report, full: int) -> Look:
    """Return how a lamp looks that reported this in Home Assistant's JSON."""
    if report["state"] != "ON":
        return OFF
    brightness = number_in(report.get("brightness"))
    shown = _colour_command(report)
    temperature = number_in(shown.get("color_temp"))
    if temperature is not None and temperature > _KELVIN:
        temperature = 1e6 / temperature
    return Look(
        on=True,
        brightness=None if brightness is None else brightness / full,
        xy=_chromaticity(numbers_in(shown.get("color"))),
        mired=temperature,
    )


def _colour_command(report: Report) -> dict[str, object]:
    """The colour or the colour temperature, whichever the lamp shows, as a command: both at once would be a third."""
    mode, temperature, color = report.get("color_mode"), report.get("color_temp"), numbers_in(report.get("color"))
    if mode in {"onoff", "brightness"}:
        return {}
    if color and mode != "color_temp":
        return {"color": {key: color[key] for key in _PARTS.get(str(mode), ()) if key in color} or color}
    return {"color_temp": temperature} if temperature is not None and mode in {"color_temp", None} else {}


def _chromaticity(color: Mapping[str, float]) -> tuple[float, float] | None:
    for keys, convert in _TO_XY:
        if all(key in color for key in keys):
            return convert(*(color[key] for key in keys))
    return None


def _dumps(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


_KEYS: Final[Mapping[str, Callable[[object], object]]] = MappingProxyType(
    {
        "state": text_in,
        "brightness": number_in,
        "color": numbers_in,
        "color_temp": number_in,
        "color_mode": text_in,
        "effect": text_in,
    }
)
"""What counts of a report, and how to understand it."""

_PARTS: Final = MappingProxyType({"xy": ("x", "y"), "hs": ("hue", "saturation", "h", "s"), "rgb": ("r", "g", "b")})
"""Which parts of a colour count, by colour mode: lamps report the same colour in several ways at once."""

_TO_XY: Final[tuple[tuple[tuple[str, ...], Callable[..., tuple[float, float]]], ...]] = (
    (("x", "y"), lambda x, y: (x, y)),
    (("hue", "saturation"), xy_of_hs),
    (("h", "s"), xy_of_hs),
    (("r", "g", "b"), xy_of_rgb),
)
