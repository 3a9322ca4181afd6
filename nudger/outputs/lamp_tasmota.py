"""Lamps that run Tasmota."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from nudger.outputs.lamp_presets import number_in, text_in
from nudger.outputs.look import OFF, Look, xy_of_hs
from nudger.payload import Document, UnreadableError

if TYPE_CHECKING:
    from nudger.outputs.lamp_presets import Messages, Paint, Report

_KEYS: Final[Mapping[str, Callable[[object], object]]] = MappingProxyType(
    {"POWER": text_in, "Dimmer": number_in, "HSBColor": text_in, "White": number_in, "CT": number_in}
)
"""What counts of a report, and how to understand it."""
_HSB: Final = re.compile(r"([0-9]{1,3}),([0-9]{1,3}),([0-9]{1,3})")


@dataclass(frozen=True, slots=True)
class TasmotaLamp:
    """A lamp that runs Tasmota, with the default layout of topics; ``name`` is its topic."""

    name: str
    transition_s: float

    @property
    def command_topic(self) -> str:
        """See `Preset`."""
        return f"cmnd/{self.name}/Backlog"

    @property
    def state_topics(self) -> tuple[str, ...]:
        """See `Preset`: the answer to each command, and what is sent every few minutes."""
        return f"stat/{self.name}/RESULT", f"tele/{self.name}/STATE"

    def read(self, payload: bytes, before: Report) -> Report | None:
        """See `Preset`. Switching answers with POWER alone, a colour with all keys."""
        value = Document(payload).json()
        if not isinstance(value, dict):
            raise UnreadableError("is no JSON object")
        if "POWER1" in value:  # with SetOption26
            value = {**value, "POWER": value["POWER1"]}
        said = {key: understand(value[key]) for key, understand in _KEYS.items() if key in value}
        report = {**before, **said}
        return report if report.get("POWER") in {"ON", "OFF"} else None

    def look(self, report: Report) -> Look:
        """See `Preset`."""
        if report["POWER"] != "ON":
            return OFF
        dimmer = number_in(report.get("Dimmer"))
        colour, white = self._colour(report), number_in(report.get("White"))
        shows_white = bool(white) or colour is None
        return Look(
            on=True,
            brightness=None if dimmer is None else dimmer / 100,
            xy=None if shows_white or colour is None else xy_of_hs(colour[0], colour[1]),
            mired=number_in(report.get("CT")) if shows_white else None,
        )

    def show(self, paint: Paint, before: Report | None) -> Messages:  # noqa: ARG002  (one interface for all)
        """See `Preset`."""
        hue, saturation, _ = colorsys.rgb_to_hsv(*(part / 255 for part in paint.rgb))
        return self._backlog(f"HSBColor {round(hue * 360) % 360},{round(saturation * 100)},{paint.percent}", "Power ON")

    def restore(self, before: Report | None) -> Messages:
        """See `Preset`."""
        if before is None or not self.look(before).on:
            return ((f"cmnd/{self.name}/Power", "OFF"),)
        colour = self._colour(before)
        white, temperature, dimmer = (number_in(before.get(key)) for key in ("White", "CT", "Dimmer"))
        if colour is not None and not white:
            return self._backlog("HSBColor {},{},{}".format(*colour), "Power ON")
        commands = [] if temperature is None else [f"CT {temperature:.0f}"]
        if white and temperature is None:
            commands.append(f"White {white:.0f}")
        elif dimmer is not None:
            commands.append(f"Dimmer {dimmer:.0f}")
        return self._backlog(*commands, "Power ON")

    def ask(self) -> Messages:
        """See `Preset`."""
        return ((f"cmnd/{self.name}/State", ""),)

    def _colour(self, report: Report) -> tuple[int, int, int] | None:
        match = _HSB.fullmatch(str(report.get("HSBColor")))
        return None if match is None else (int(match[1]), int(match[2]), int(match[3]))

    def _backlog(self, *commands: str) -> Messages:
        # Speed2 fades this once, in half seconds, and leaves the lamp's own settings alone.
        half_seconds = min(40, round(self.transition_s * 2))
        fade = (f"Speed2 {half_seconds}",) if half_seconds else ()
        return ((self.command_topic, "; ".join((*fade, *commands))),)
