"""Lamps for which the owner wrote the payloads as templates: anything that takes messages.

WLED, for example, with the device topic wled/desk:

    type: light
    preset: templates
    command_topic: wled/desk/api
    templates:
      due: >-
        {"on":true,"bri":{{ brightness }},"tt":{{ (transition_s * 10)|int }},"seg":[{"fx":0,"col":[{{ [r, g, b] }}]}]}
      restore: >-
        {"on":true,"bri":{{ snapshot.brightness }},"tt":{{ (transition_s * 10)|int }},
        "seg":[{"col":[[{{ snapshot.color.r }},{{ snapshot.color.g }},{{ snapshot.color.b }}]]}]}
      off: '{"on":false}'
    state_topic: wled/desk/v
    state_template: >-
      {% set bri = value.split('<ac>')[1].split('<')[0]|int %}{% set cl = value.split('<cl>') %}
      {"state":"{{ 'ON' if bri else 'OFF' }}","brightness":{{ bri }},"color":{"r":{{ cl[1].split('<')[0] }},
      "g":{{ cl[2].split('<')[0] }},"b":{{ cl[3].split('<')[0] }}}}
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from nudger.core.words import Scene
from nudger.outputs.lamp_json import look_of_json, read_json
from nudger.payload import Document, UnreadableError
from nudger.template import compile_writer

if TYPE_CHECKING:
    from nudger.outputs.lamp_presets import Messages, Paint, Report
    from nudger.outputs.look import Look
    from nudger.template import Reader

_log = logging.getLogger(__name__)

TemplateName = Literal["due", "overdue", "break", "ambient", "restore", "off", "get"]

_SEEN_IN_SCENES: Final = frozenset(
    {"r", "g", "b", "hex", "brightness", "brightness_pct", "step", "transition_s", "snapshot"}
)
_SEEN_ELSEWHERE: Final = frozenset({"transition_s", "snapshot"})
_SCENES: Final = frozenset(scene.value for scene in Scene)


def writer_of(name: TemplateName, source: str) -> Callable[..., str]:
    """Compile one of the templates. Raises ValueError when it is wrong."""
    return compile_writer(source, _SEEN_IN_SCENES if name in _SCENES else _SEEN_ELSEWHERE)


@dataclass(frozen=True, slots=True)
class TemplateLamp:
    """A lamp for which the owner wrote the payloads. Reports are in Home Assistant's JSON, or ``reader`` makes them so.

    ``writers`` holds the templates by name; one that fails is told of, and sends nothing.
    """

    command_topic: str
    state_topic: str | None
    transition_s: float
    writers: Mapping[str, Callable[..., str]]
    reader: Reader | None = None

    @property
    def state_topics(self) -> tuple[str, ...]:
        """See `Preset`."""
        return () if self.state_topic is None else (self.state_topic,)

    def read(self, payload: bytes, before: Report) -> Report | None:
        """See `Preset`."""
        document = Document(payload)
        if self.reader is None:
            return read_json(document, before)
        text = self.reader(document)
        return read_json(Document(text.encode()), before) if text else None

    def look(self, report: Report) -> Look:
        """See `Preset`."""
        return look_of_json(report, 255)

    def show(self, paint: Paint, before: Report | None) -> Messages:
        """See `Preset`."""
        red, green, blue = paint.rgb
        return self._write(
            paint.scene.value if paint.scene.value in self.writers else Scene.DUE.value,
            snapshot=before or {},
            r=red,
            g=green,
            b=blue,
            hex=paint.hex,
            brightness=round(255 * paint.percent / 100),
            brightness_pct=paint.percent,
            step=paint.step,
        )

    def restore(self, before: Report | None) -> Messages:
        """See `Preset`."""
        if before is not None and self.look(before).on and "restore" in self.writers:
            return self._write("restore", snapshot=before) or self._write("off", snapshot={})
        return self._write("off", snapshot=before or {})

    def ask(self) -> Messages:
        """See `Preset`."""
        return self._write("get", snapshot={}) if "get" in self.writers else ()

    def _write(self, name: str, **values: object) -> Messages:
        try:
            text = self.writers[name](transition_s=self.transition_s, **values)
        except UnreadableError as fault:
            _log.warning("lamp %s: template %r cannot be used: it %s", self.command_topic, name, fault)
            return ()
        return ((self.command_topic, text),) if text else ()
