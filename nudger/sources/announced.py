"""Sensors that announce themselves to Home Assistant: their discovery messages, kept by the broker, tell of topics on
which nothing may have been heard yet. Zigbee2MQTT keeps no states, so a quiet PIR is found here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from nudger.core.words import Kind
from nudger.payload import Document, UnreadableError, printable
from nudger.sources.makers import Option
from nudger.sources.recogniser import Finding
from nudger.sources.signal import SignalOptions

_CONFIG: Final = re.compile(r".+/(?P<platform>binary_sensor|sensor|device)/(?:[^/]+/)?[^/]+/config")

_CLASSES: Final[Mapping[tuple[str, str], tuple[Kind, Mapping[str, Option]]]] = {
    ("binary_sensor", "presence"): (Kind.PRESENCE, {}),
    ("binary_sensor", "occupancy"): (Kind.MOTION, {}),
    ("binary_sensor", "motion"): (Kind.MOTION, {}),
    ("sensor", "power"): (Kind.POWER, {"above": 10, "hysteresis": 2}),
}
"""What Home Assistant's device classes mean here. Its occupancy is a PIR's, too, so only what a PIR proves counts."""

_SHORT: Final[Mapping[str, str]] = {
    "p": "platform",
    "stat_t": "state_topic",
    "val_tpl": "value_template",
    "pl_on": "payload_on",
    "pl_off": "payload_off",
    "dev_cla": "device_class",
    "dev": "device",
    "cmps": "components",
    "o": "origin",
}
_READING: Final = ("value_template", "payload_on", "payload_off")


def announced(heard: Mapping[str, Sequence[bytes]], now: datetime) -> Iterator[Finding]:
    """Yield what announced itself and has not spoken. ``heard`` and ``now`` are as for `recognise`."""
    del now  # nothing was heard, so nothing is read
    for topic, payloads in heard.items():
        match = _CONFIG.fullmatch(topic)
        if match is None or not payloads:
            continue
        config = _object(payloads[-1])
        parts = config.get("components") if match["platform"] == "device" else {"": config}
        if isinstance(parts, dict):
            for part in parts.values():
                finding = _finding(
                    {**_long(part), "device": config.get("device"), "origin": config.get("origin")}, match
                )
                if finding is not None and finding.topic not in heard:
                    yield finding


def _object(payload: bytes) -> dict[str, Any]:
    try:
        return _long(Document(payload).json())
    except UnreadableError:
        return {}


def _long(config: object) -> dict[str, Any]:
    """Return a config with its keys and topics written out."""
    if not isinstance(config, dict):
        return {}
    base = config.get("~")
    whole: dict[str, Any] = {_SHORT.get(str(key), str(key)): value for key, value in config.items()}
    topic = whole.get("state_topic")
    if isinstance(base, str) and isinstance(topic, str):
        whole["state_topic"] = topic.replace("~", base)
    return whole


def _finding(config: Mapping[str, Any], match: re.Match[str]) -> Finding | None:
    platform = config.get("platform") if match["platform"] == "device" else match["platform"]
    device_class = config.get("device_class")
    if not isinstance(platform, str) or not isinstance(device_class, str) or (platform, device_class) not in _CLASSES:
        return None
    kind, more = _CLASSES[platform, device_class]
    device, origin = config.get("device"), config.get("origin")
    name = device.get("name") if isinstance(device, dict) else None
    maker = origin.get("name") if isinstance(origin, dict) else None
    options: dict[str, Option] = {
        "name": printable(str(name or device_class))[:48],
        "kind": kind.value,
        "state_topic": config.get("state_topic", ""),
        **{
            key: config[key]
            for key in _READING
            if config.get(key) is not None and not (more and key != "value_template")
        },
        **more,
    }
    try:
        SignalOptions.model_validate(options)
    except ValueError:  # a template that uses what only Home Assistant knows, a topic that we would not take
        return None
    why = f"announced to Home Assistant as {device_class}; sit in front of it to see it speak"
    return Finding(printable(str(maker or "somebody"))[:32], options, why, "", None, weak=kind is Kind.POWER)
