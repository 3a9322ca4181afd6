"""Signals of well-known devices and programs, as one table: what their topics are called and what is in them.

A preset fills in options; whatever a config says itself comes first. In the table <device>, <part> and <base> stand for
the signal's options of these names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from nudger.config.faults import did_you_mean

_PLACES: Final = ("device", "part", "base")


@dataclass(frozen=True, slots=True)
class Preset:
    """What is filled in.

    ``base`` is what the topics begin with, by default; None where that cannot be chosen. ``part`` is the default of
    what else has to be named (a room, an entity): None where there is nothing, empty where there is no usual name.
    """

    options: Mapping[str, Any]
    base: str | None = None
    part: str | None = None


def _zigbee2mqtt(kind: str, **options: Any) -> Preset:
    return Preset(
        {
            "kind": kind,
            "state_topic": "<base>/<device>",
            "availability_topic": "<base>/<device>/availability",
            "timestamp_template": "{{ value_json.last_seen }}",
            **options,
        },
        base="zigbee2mqtt",
    )


def _esphome(kind: str, domain: str, part: str, **options: Any) -> Preset:
    topics = {"state_topic": f"<device>/{domain}/<part>/state", "availability_topic": "<device>/status"}
    return Preset({"kind": kind, **topics, **options}, part=part)


def _tasmota(kind: str, topic: str, part: str | None = None, **options: Any) -> Preset:
    return Preset({"kind": kind, "state_topic": topic, "availability_topic": "tele/<device>/LWT", **options}, part=part)


def _lnxlink(kind: str, module: str, **options: Any) -> Preset:
    return Preset(
        {
            "kind": kind,
            "state_topic": f"<base>/<device>/monitor_controls/{module}",
            "availability_topic": "<base>/<device>/lwt",
            "payload_available": "ON",
            "payload_not_available": "OFF",
            **options,
        },
        base="lnxlink",
    )


def _hass_agent(kind: str, domain: str, part: str, **options: Any) -> Preset:
    return Preset(
        {
            "kind": kind,
            "state_topic": f"<base>/{domain}/<device>/<part>/state",
            "availability_topic": "<base>/sensor/<device>/availability",
            **options,
        },
        base="homeassistant",
        part=part,
    )


PRESETS: Final[Mapping[str, Preset]] = MappingProxyType(
    {
        "zigbee2mqtt_occupancy": _zigbee2mqtt("motion", value_template="{{ value_json.occupancy }}"),
        "zigbee2mqtt_presence": _zigbee2mqtt("presence", value_template="{{ value_json.presence }}"),
        # open under weight, as with a reed switch that the seat pushes apart; turned round with payload_on: true
        "zigbee2mqtt_contact": _zigbee2mqtt("seat", value_template="{{ value_json.contact }}", payload_on=False),
        "zigbee2mqtt_power": _zigbee2mqtt("power", value_template="{{ value_json.power }}", above=10.0),
        "esphome_binary": _esphome("presence", "binary_sensor", "presence"),
        "esphome_height": _esphome("standing", "sensor", "height", above=95.0, hysteresis=2.0),
        "tasmota_switch": _tasmota(
            "seat", "stat/<device>/RESULT", "Switch1", value_template="{{ value_json.<part>.Action }}"
        ),
        "tasmota_power": _tasmota(
            "power", "tele/<device>/SENSOR", value_template="{{ value_json.ENERGY.Power }}", above=10.0
        ),
        # somebody who has left is not reported as gone, but no longer at all
        "espresense_distance": Preset(
            {
                "kind": "presence",
                "state_topic": "<base>/devices/<device>/<part>",
                "availability_topic": "<base>/rooms/<part>/status",
                "value_template": "{{ value_json.distance }}",
                "below": 2.5,
                "hysteresis": 0.5,
                "expire_after": "2 min",
            },
            base="espresense",
            part="",
        ),
        "espresense_motion": Preset(
            {
                "kind": "motion",
                "state_topic": "<base>/rooms/<device>/<part>",
                "availability_topic": "<base>/rooms/<device>/status",
            },
            base="espresense",
            part="motion",
        ),
        "frigate_person": Preset(
            {
                "kind": "presence",
                "state_topic": "<base>/<device>/person",
                "above": 0.5,
                "availability_topic": "<base>/available",
                "availability_template": "{{ 'online' if value == 'online' else 'offline' }}",  # or stopped
            },
            base="frigate",
        ),
        "lnxlink_idle": _lnxlink("activity", "idle", idle_seconds=True),
        "lnxlink_lock": _lnxlink("locked", "session_lock_state", value_template="{{ value_json.status }}"),
        "lnxlink_camera": _lnxlink("call", "camera_used"),
        "lnxlink_microphone": _lnxlink("call", "microphone_used"),
        "lnxlink_dnd": _lnxlink("dnd", "do_not_disturb", value_template="{{ value_json.status }}"),
        # It says when the last input was: at that instant the idle time was 0. While there is no input, it sends
        # nothing: so silence means idle, not dead; that the computer is gone says its availability.
        "hass_agent_lastactive": _hass_agent(
            "activity",
            "sensor",
            "<device>_lastactive",
            value_template="{{ '0' if value[:2] == '20' else 'unknown' }}",
            timestamp_template="{{ value }}",
            idle_seconds=True,
            off_delay="30 s",
            expire_after="12 h",
        ),
        "hass_agent_session": _hass_agent(
            "locked",
            "sensor",
            "<device>_sessionstate",
            value_template="{{ 'ON' if value == 'Locked' else 'OFF' if value == 'Unlocked' else 'unknown' }}",
        ),
        "hass_agent_webcam": _hass_agent("call", "binary_sensor", "<device>_webcamactive"),
        "hass_agent_microphone": _hass_agent("call", "binary_sensor", "<device>_microphoneactive"),
        "statestream_binary": Preset(
            {"kind": "presence", "state_topic": "<base>/binary_sensor/<device>/state"}, base="statestream"
        ),
    }
)
"""The presets, by name."""


def fill_in(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a signal's options with those of its preset added, where it has one. Raises ValueError, in plain words."""
    name = given.get("preset")
    if name is None:
        strange = [place for place in _PLACES if given.get(place) is not None]
        if strange:
            raise ValueError(f"{' and '.join(strange)} can only be used with a preset")
        return dict(given)
    preset = PRESETS.get(name) if isinstance(name, str) else None
    if preset is None:
        near = did_you_mean(str(name), PRESETS)
        raise ValueError(f"{str(name)[:40]!r} is no preset{near or '; they are: ' + ', '.join(PRESETS)}")
    values = _values(name, preset, given)
    filled = {key: _put(value, values) for key, value in preset.options.items()}
    return filled | {key: value for key, value in given.items() if value is not None or key not in filled}


def _values(name: str, preset: Preset, given: Mapping[str, Any]) -> dict[str, str]:
    device = given.get("device") or given.get("name")
    values = {"device": device, "part": given.get("part") or preset.part, "base": given.get("base") or preset.base}
    for place in ("part", "base"):
        if given.get(place) is not None and getattr(preset, place) is None:
            raise ValueError(f"preset {name} takes no {place}: leave it out")
    if values["part"] == "":
        raise ValueError(f"preset {name} needs part, the room")
    texts = {place: value for place, value in values.items() if isinstance(value, str)}
    return {place: _put(value, {"device": texts.get("device", "")}) for place, value in texts.items()}


def _put(value: Any, values: Mapping[str, str]) -> Any:
    """Put the values in their places, wherever a text has some."""
    if isinstance(value, str):
        for place, text in values.items():
            value = value.replace(f"<{place}>", text)
    return value
