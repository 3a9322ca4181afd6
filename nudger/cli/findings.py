"""What `nudger ha signals` prints: the topics that could be signals, the config for those that were chosen, and what to
do where there are none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from nudger.core.words import Kind
from nudger.payload import printable
from nudger.views.status import Paint, plain

if TYPE_CHECKING:
    from nudger.mqtt.settings import MqttSettings
    from nudger.sources.recogniser import Finding

PAGE: Final = "docs/homeassistant-setup.md"
FIRST: Final = 25
"""Findings shown unless all are asked for."""

_SENSORS: Final = {
    Kind.SEAT: "chair pad",
    Kind.PRESENCE: "somebody at the desk",
    Kind.MOTION: "motion",
    Kind.ACTIVITY: "keyboard and mouse",
    Kind.LOCKED: "screen lock",
    Kind.POWER: "plug of a monitor",
    Kind.STANDING: "raised desk",
    Kind.CALL: "call or meeting",
    Kind.DND: "do-not-disturb",
}

_HELP: Final = (
    "Sensors only count here when they speak on this broker. The usual ways to get them there:",
    "  * Zigbee chair pads, PIRs and mmWave sensors: Zigbee2MQTT, which speaks MQTT by itself",
    "  * ESP boards (LD2410 and the like): add `mqtt:` to the ESPHome config of the board",
    "  * anything else that Home Assistant knows: its mqtt_statestream integration, ten lines of YAML",
    "  * the keyboard of a Linux or Windows computer: LNXlink, HASS.Agent",
    f"How to do each of these, step by step, is in {PAGE}.",
)

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_ /.-]*[A-Za-z0-9_]")
_MOMENTARY: Final = frozenset({Kind.MOTION, Kind.ACTIVITY})
_WORDS_OF_YAML: Final = frozenset({"on", "off", "yes", "no", "true", "false", "null"})


def table(
    found: Sequence[Finding], quiet: Collection[str], mine: Mapping[str, str], paint: Paint = plain
) -> Iterator[str]:
    """Yield the lines that list findings.

    ``quiet`` are topics that did not speak, of which only what the broker had kept was heard; ``mine`` maps the topics
    of the config to the signals that read them.
    """
    width = len(str(len(found)))
    for number, each in enumerate(found, 1):
        state = {True: "on", False: "off", None: "?"}[each.says]
        heard = f"it says {each.sample}, which reads as {state}" if each.sample else "it has said nothing yet"
        note = ", kept by the broker: it did not speak meanwhile" if each.topic in quiet else ""
        yield paint(f"{number:>{width}}  {each.name}: {_SENSORS[each.kind]} (kind {each.kind})")
        yield f"{'':{width}}  {printable(each.topic)}, from {each.maker}"
        yield f"{'':{width}}  {heard}{note}"
        maybe = "a guess: " if each.weak else ""
        yield f"{'':{width}}  {maybe}{each.why}"
        if each.topic in mine:
            yield f"{'':{width}}  you have it already: signal {mine[each.topic]!r}"


def snippet(
    chosen: Iterable[Finding],
    person: str,
    *,
    mqtt: MqttSettings | None = None,
    taken: Collection[str] = (),
    kept: Collection[str] = (),
) -> Iterator[str]:
    """Yield YAML for the config: the signals of a person, and the broker where ``mqtt`` is given.

    ``taken`` are names of signals that the person has; the new ones get others. What is kept by the broker (``kept``)
    and says when it is gone may be believed after a restart, when it has nothing new to say.
    """
    if mqtt is not None:
        yield "mqtt:"
        yield f"  host: {_scalar(mqtt.host)}"
        if mqtt.port != (8883 if mqtt.tls else 1883):
            yield f"  port: {mqtt.port}"
        if mqtt.username:
            yield f"  username: {_scalar(mqtt.username)}"
        if mqtt.password:
            yield "  password: !secret mqtt_password"
    yield "people:"
    yield f"  {person}:"
    yield "    signals:"
    names = set(taken)
    for each in chosen:
        options = {**each.options, "name": _free(each.name, names)}
        if each.topic in kept and each.kind not in _MOMENTARY and ("availability_topic" in options or each.is_stream):
            options["trust_retained"] = "state"
        names.add(str(options["name"]))
        for number, (key, value) in enumerate(options.items()):
            yield f"      {'-' if number == 0 else ' '} {key}: {_scalar(value)}"


def as_json(found: Sequence[Finding], kept: Collection[str]) -> list[dict[str, Any]]:
    """Return findings for scripts; ``kept`` are the topics that the broker keeps."""
    return [
        {
            "maker": each.maker,
            "options": dict(each.options),
            "why": each.why,
            "sample": each.sample,
            "says": each.says,
            "weak": each.weak,
            "retained": each.topic in kept,
        }
        for each in found
    ]


def nothing_found(topics: Collection[str], where: str) -> Iterator[str]:
    """Yield what to do where nothing could be a signal."""
    if not topics:
        yield f"{where} let us in, but not one message came: nothing speaks there yet, or this user may not read."
    else:
        yield f"{where} is alive ({len(topics)} topics), but none of them looks like somebody at a desk."
        if any(topic.endswith("/bridge/state") for topic in topics):
            yield "Zigbee2MQTT is there, but it keeps no states: walk past your sensors while this listens."
    yield from _HELP


def _free(name: str, names: Collection[str]) -> str:
    """Return the name, with a number where it is taken."""
    number, free = 1, name
    while free in names:
        number += 1
        free = f"{name} {number}"
    return free


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if isinstance(value, int | float) or (_PLAIN.fullmatch(text) and text.lower() not in _WORDS_OF_YAML):
        return text
    return json.dumps(text, ensure_ascii=False)
