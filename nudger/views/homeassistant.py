"""Home Assistant's MQTT discovery: a person as a device, and the service as the hub that it hangs on.

One retained message describes a device with all its entities. The ids in it are for ever: Home Assistant keeps names,
rooms and history by them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from nudger import __version__
from nudger.library import Language
from nudger.views.entities import PERSON, SERVICE, TRIGGERS
from nudger.views.entity import Entity, Trigger

MAKER: Final = "nudger"
ORIGIN: Final = {"name": "nudger", "sw": __version__}


@dataclass(frozen=True, slots=True)
class Device:
    """A device as it is announced: on which topic, with what, and the topic that its state is kept on."""

    topic: str
    payload: Mapping[str, Any]
    state_topic: str

    @property
    def platforms(self) -> Mapping[str, str]:
        """The platform of every component, by the key of the component."""
        return {key: component["p"] for key, component in self.payload["cmps"].items()}


class Announcer:
    """Makes the devices of one nudger, whose topics begin with ``base_topic``."""

    def __init__(self, base_topic: str, prefix: str) -> None:
        """``prefix`` is Home Assistant's discovery prefix."""
        self._base = base_topic
        self._prefix = prefix
        self._hub = hub_id(base_topic)

    def hub(self, language: Language) -> Device:
        """Return the device that stands for the service itself."""
        name = MAKER if self._base == MAKER else f"{MAKER} ({self._base})"
        topic = f"{self._base}/service"
        about = {"name": name, "mdl": "Service", "sw": __version__}
        components = {row.key: self._entity(self._hub, row, language, topic) for row in SERVICE}
        return self._device(self._hub, about, components, topic)

    def person(self, person: str, name: str, language: Language, stages: Sequence[str]) -> Device:
        """Return the device of a person; ``stages`` are the ids of the ladder's."""
        device_id = f"{self._hub}_{person}"
        root = f"{self._base}/{person}"
        about = {"name": f"{MAKER} {name}", "mdl": "Person", "sw": __version__, "via_device": self._hub}
        components = {row.key: self._entity(device_id, row, language, f"{root}/{row.reads}", root) for row in PERSON}
        components["stage"]["ops"] = list(stages)
        components |= {f"on_{each.event_type}": _trigger(each, f"{root}/event") for each in TRIGGERS}
        return self._device(device_id, about, components, f"{root}/state")

    def _device(
        self, device_id: str, about: Mapping[str, str], components: Mapping[str, Mapping[str, Any]], state_topic: str
    ) -> Device:
        payload = {
            "dev": {"ids": [device_id], "mf": MAKER, **about},
            "o": ORIGIN,
            "avty_t": f"{self._base}/status",
            "cmps": components,
        }
        return Device(f"{self._prefix}/device/{device_id}/config", payload, state_topic)

    @staticmethod
    def _entity(device_id: str, row: Entity, language: Language, topic: str, root: str = "") -> dict[str, Any]:
        unique = f"{device_id}_{row.key}"
        entity_id = unique.lower().replace("-", "_")
        component: dict[str, Any] = {
            "p": row.platform,
            "uniq_id": unique,
            "def_ent_id": f"{row.platform}.{entity_id}",
            "object_id": entity_id,  # the same for releases before 2025.10, which do not know the other
            "name": None if row.is_main else language.texts[f"entity.{row.key}"],
            "qos": 1,
        }
        if row.icon is not None:
            component["ic"] = row.icon
        if row.value is not None:
            component |= {"stat_t": topic, "val_tpl": row.value}
        if row.attributes is not None:
            component |= {"json_attr_t": topic, "json_attr_tpl": row.attributes}
        if row.command is not None:
            component["cmd_t"] = f"{root}/set/{row.command}"
        return component | dict(row.more)


def hub_id(base_topic: str) -> str:
    """Return the discovery id of the service; that of a person is ``<hub>_<person>``.

    It is the base topic, of which no two nudgers at one broker have the same. Ids may not hold a slash, and ``a_b`` of
    the person ``c`` could be ``a`` of the person ``b_c``: a base topic with ``/`` or ``_`` has a mark of its own added.
    """
    if "_" not in base_topic and "/" not in base_topic:
        return base_topic
    mark = hashlib.sha256(base_topic.encode()).hexdigest()[:6]
    return f"{base_topic.replace('/', '_')}-{mark}"


def with_removals(device: Device, gone: Iterable[tuple[str, str]]) -> Mapping[str, Any]:
    """Return the payload that also takes away components (key and platform); a later one can do without them."""
    return {**device.payload, "cmps": {**device.payload["cmps"], **{key: {"p": platform} for key, platform in gone}}}


def _trigger(trigger: Trigger, topic: str) -> dict[str, Any]:
    # A prompt that comes back after a short rise is shown again without a sound, so it triggers nothing.
    template = "{{ value_json.event_type if not value_json.get('silent') else '' }}"
    return {
        "p": "device_automation",
        "atype": "trigger",
        "t": topic,
        "type": trigger.happens,
        "stype": trigger.subject,
        "pl": trigger.event_type,
        "val_tpl": template,
        "qos": 1,
    }
