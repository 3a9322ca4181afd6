"""The options of a lamp."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, field_validator, model_validator

from nudger.config.fields import Duration, Options, Topic
from nudger.core.lamp import AMBIENT_STEPS
from nudger.core.policy import LampPolicy
from nudger.core.words import Scene
from nudger.outputs.lamp_json import JsonLamp
from nudger.outputs.lamp_presets import Paint, Preset
from nudger.outputs.lamp_tasmota import TasmotaLamp
from nudger.outputs.lamp_templates import TemplateLamp, TemplateName, writer_of
from nudger.outputs.look import RGB, between, rgb_of_hex
from nudger.template import ReaderSource, compile_reader

PresetName = Literal["zigbee2mqtt", "home_assistant_json", "tasmota", "templates"]
SceneName = Literal["due", "overdue", "break", "ambient"]


def _check_color(text: str) -> str:
    if not re.fullmatch(_COLOR, text):
        raise ValueError("must be a colour written '#RRGGBB', such as '#FFA000' for amber")
    return text


_COLOR: Final = "#[0-9a-fA-F]{6}"
Color = Annotated[str, AfterValidator(_check_color), WithJsonSchema({"type": "string", "pattern": f"^{_COLOR}$"})]


class Appearance(Options):
    """How a scene looks."""

    color: Color | None = None
    """The colour, as '#RRGGBB'."""
    brightness: Annotated[int, Field(ge=1, le=100)] | None = None
    """The brightness, in percent."""


DEFAULTS: Final[Mapping[str, tuple[str, int]]] = MappingProxyType(
    {"due": ("#FFA000", 70), "overdue": ("#FF1E00", 80), "break": ("#70D080", 40), "ambient": ("#FFE0A0", 40)}
)
"""Colour and brightness (percent) of each scene: amber, red, soft green, warm white."""

_OPTIONS: Final[Mapping[PresetName, tuple[frozenset[str], frozenset[str]]]] = MappingProxyType(
    {
        "zigbee2mqtt": (frozenset({"name"}), frozenset({"base"})),
        "home_assistant_json": (frozenset({"command_topic", "state_topic"}), frozenset()),
        "tasmota": (frozenset({"name"}), frozenset()),
        "templates": (frozenset({"command_topic", "templates"}), frozenset({"state_topic", "state_template"})),
    }
)
"""Which of the options that say how to speak to the lamp each preset needs, and which others it takes."""
_ALL_OPTIONS: Final = frozenset().union(*(needed | optional for needed, optional in _OPTIONS.values()))


class LightOptions(Options):
    """A lamp that turns amber when a break is due, red when it is overdue, and then is again what it was."""

    needs_mqtt: ClassVar[bool] = True

    type: Literal["light"]
    preset: PresetName
    """The language of the lamp: zigbee2mqtt; home_assistant_json (ESPHome too); tasmota; or templates of your own."""
    name: Topic | None = None
    """Its friendly name in Zigbee2MQTT, or its topic in Tasmota."""
    base: Topic = "zigbee2mqtt"
    """The base topic of Zigbee2MQTT."""
    command_topic: Topic | None = None
    """The topic that takes its commands."""
    state_topic: Topic | None = None
    """The topic on which it reports its state."""
    state_template: ReaderSource | None = None
    """For preset templates: makes '{"state": "ON", "brightness": 0-255, "color": {"r", "g", "b"}}' out of what it
    reports. Default: it reports that."""
    templates: Mapping[TemplateName, str] = {}
    """For preset templates: the payloads. due and off are needed, restore with a state_topic; overdue, break and
    ambient are as due where left out; get makes it report. They see r, g, b, hex, brightness (0-255), brightness_pct,
    step (0-10), transition_s, and snapshot, what it reported before; restore sees the last two."""
    scenes: Mapping[SceneName, Appearance] = {}
    """How each scene looks, where not as usual; ambient is where it starts, and warms from there to due."""
    transition: Annotated[Duration, Field(le=timedelta(minutes=1))] = timedelta(seconds=2)
    """How long a change takes."""
    ambient: bool = False
    """Warm slowly from soft to hard, before a break is due."""
    break_cue: bool = False
    """Show a soft green while a break that was asked for lasts."""
    in_call: bool = False
    """Light up during calls too, where everything else waits."""

    @field_validator("templates")
    @classmethod
    def _are_templates(cls, templates: Mapping[TemplateName, str]) -> Mapping[TemplateName, str]:
        for name, source in templates.items():
            try:
                writer_of(name, source)
            except ValueError as fault:
                raise ValueError(f"{name}: {fault}") from None
        return templates

    @model_validator(mode="after")
    def _fits_the_preset(self) -> Self:
        given, (needed, optional) = self.model_fields_set, _OPTIONS[self.preset]
        missing = sorted(needed - given)
        if missing:
            raise ValueError(f"preset {self.preset} needs {' and '.join(missing)}")
        strange = sorted((given & _ALL_OPTIONS) - needed - optional)
        if strange:
            raise ValueError(f"{' and '.join(strange)} cannot be used with preset {self.preset}: leave out")
        if self.preset == "templates":
            wanted = {"due", "off", "restore"} if self.state_topic else {"due", "off"}
            lacking = sorted(wanted - self.templates.keys())
            if lacking:
                raise ValueError(f"templates lacks {' and '.join(lacking)}")
        return self

    def lamp_topic(self) -> str:
        """Return where its commands go."""
        return self.speaker().command_topic

    def lamp_policy(self) -> LampPolicy:
        """Return how the lamp takes part."""
        return LampPolicy(ambient=self.ambient, break_cue=self.break_cue, in_call=self.in_call)

    def speaker(self) -> Preset:
        """Return the language of the lamp."""
        transition_s = self.transition.total_seconds()
        name, command, state = self.name or "", self.command_topic or "", self.state_topic
        match self.preset:
            case "zigbee2mqtt":
                topic = f"{self.base}/{name}"
                return JsonLamp(f"{topic}/set", topic, transition_s, is_zigbee=True)
            case "home_assistant_json":
                return JsonLamp(command, state or "", transition_s)
            case "tasmota":
                return TasmotaLamp(name, transition_s)
            case "templates":
                writers: dict[str, Callable[..., str]] = {
                    name: writer_of(name, source) for name, source in self.templates.items()
                }
                reader = compile_reader(self.state_template) if self.state_template else None
                return TemplateLamp(command, state, transition_s, writers, reader)

    def paint(self, scene: Scene, step: int = 0) -> Paint | None:
        """Return how the lamp shows a scene; None where it shows nothing. ``step`` is 0 to 10 for the ambient scene."""
        match scene:
            case Scene.RESTORED:
                return None
            case Scene.AMBIENT if not self.ambient:
                return None
            case Scene.BREAK if not self.break_cue:
                return None
            case Scene.AMBIENT:
                (cool, dim), (warm, bright) = self._appearance("ambient"), self._appearance("due")
                share = step / AMBIENT_STEPS
                red, green, blue = (between(one, other, share) for one, other in zip(cool, warm, strict=True))
                return Paint(scene, (red, green, blue), between(dim, bright, share), step)
            case _:
                return Paint(scene, *self._appearance(scene.value))

    def _appearance(self, scene: str) -> tuple[RGB, int]:
        color, brightness = DEFAULTS[scene]
        own = next((own for name, own in self.scenes.items() if name == scene), Appearance())
        return rgb_of_hex(own.color or color), own.brightness or brightness
