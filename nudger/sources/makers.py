"""Who speaks on a broker: the programs that sensors come from, told by the shape of their topics."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

Option = str | bool | int | float
"""A value in the config."""


@dataclass(frozen=True, slots=True)
class Maker:
    """A program that speaks MQTT in its own shape of topics.

    ``topic`` matches whole topics; its group ``name`` is what the owner called the thing. ``availability`` are topics
    on which such a device says whether it is there, with groups of ``topic`` in braces, and what it says there.
    """

    name: str
    topic: re.Pattern[str]
    availability: tuple[str, ...] = ()
    says: Mapping[str, Option] = field(default_factory=dict)


def _rx(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_DOMAINS: Final = "binary_sensor|sensor|input_boolean|calendar|number|text_sensor"

IGNORED: Final = _rx(
    r"(?:.*/)?(?:set|get|command|cmd|config|availability|available|status|lwt|bridge|log(?:ging)?|snapshot)"
    rf"|.+/bridge/.+|cmnd/.+|(?:.+/)?tele/.+/(?:STATE|INFO\d?|LWT)|.+/(?:{_DOMAINS})/[^/]+/(?!state$)[^/]+"
    r"|.+/(?:person|device_tracker|lock|light|switch|media_player|sun|weather|automation|update)/[^/]+/state"
)
"""Topics that carry orders, birth and death, pictures; and states of Home Assistant that say nothing about a desk: to
be at home is not to be at the desk."""

MAKERS: Final = (
    Maker("ESPresense", _rx(r"espresense/devices/(?P<name>[^/]+/[^/]+)")),
    Maker(
        "ESPresense",
        _rx(r"(?P<room>espresense/rooms/[^/]+)/(?P<name>motion|pir|radar)"),
        ("{room}/status",),
    ),
    Maker("Frigate", _rx(r"(?P<base>frigate[^/]*)/(?P<name>[^/]+/person)"), ("{base}/available",)),
    Maker(
        "LNXlink",
        _rx(r"(?P<pc>lnxlink/[^/]+)/monitor_controls/(?P<name>.+)"),
        ("{pc}/lwt",),
        {"payload_available": "ON", "payload_not_available": "OFF"},
    ),
    Maker(
        "HASS.Agent",
        _rx(r"(?P<prefix>[^/]+)/(?:binary_)?sensor/(?P<pc>[^/]+)/(?P<name>[^/]+)/state"),
        ("{prefix}/sensor/{pc}/availability",),
    ),
    Maker("Tasmota", _rx(r"(?:tele|stat)/(?P<name>.+)/(?:SENSOR|RESULT)"), ("tele/{name}/LWT",)),
    Maker("Theengs", _rx(r".+/BTtoMQTT/(?P<name>[^/]+)")),
    Maker("Zigbee2MQTT", _rx(r"zigbee2mqtt[^/]*/(?P<name>.+)"), ("{topic}/availability",)),
    Maker("ESPHome", _rx(rf"(?P<node>[^/]+)/(?:{_DOMAINS})/(?P<name>[^/]+)/state"), ("{node}/status",)),
    Maker("somebody", _rx(r"(?P<name>.+)"), ("{topic}/availability",)),
)
"""Who speaks. Home Assistant's statestream has the shape of ESPHome; `recogniser` tells them apart by their words."""


def maker_of(topic: str) -> tuple[Maker, re.Match[str]] | None:
    """Return who speaks on a topic, and how its shape matches; None for topics that carry no states."""
    if IGNORED.fullmatch(topic):
        return None
    return next(((maker, match) for maker in MAKERS if (match := maker.topic.fullmatch(topic))), None)
