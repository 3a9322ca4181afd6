"""What no option can know of itself: how the sections of a config go together.

These look at the raw data, so that they are told along with all other faults.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from nudger.config.faults import Fault, Path
from nudger.config.mqtt_options import MqttOptions
from nudger.config.settings import Lamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nudger.config.options import Vocabulary
    from nudger.config.yaml_tree import Tree


def cross_faults(tree: Tree, vocabulary: Vocabulary) -> Iterator[Fault]:
    """Yield a fault for what needs the broker without one, for names of two signals, and for lamps that are none."""
    data = _mapping(tree.data)
    has_broker = "mqtt" in data
    base = _mapping(data.get("mqtt")).get("base_topic") or MqttOptions.model_fields["base_topic"].default
    for person, options in _mapping(data.get("people")).items():
        here = ("people", person)
        if not has_broker:
            yield from (tree.fault(path, _NEEDS_BROKER) for path in _of_the_broker(here, _mapping(options), vocabulary))
        yield from _same_names((*here, "signals"), _list(_mapping(options).get("signals")), tree)
        outputs = _list(_mapping(options).get("outputs"))
        yield from _wrong_lamps((*here, "outputs"), _lamp_topics(outputs, vocabulary), f"{base}/", tree)


_NEEDS_BROKER = "needs the MQTT broker: add its section at the top level, such as 'mqtt: {host: localhost}'"


def _of_the_broker(here: Path, options: dict[str, Any], vocabulary: Vocabulary) -> Iterator[Path]:
    usual = next(iter(vocabulary.signals))
    sources = [_mapping(signal).get("source") or usual for signal in _list(options.get("signals"))]
    if any(_needs_mqtt(vocabulary.signals, source) for source in sources):
        yield (*here, "signals")
    for index, output in enumerate(_list(options.get("outputs"))):
        if _needs_mqtt(vocabulary.outputs, _mapping(output).get("type")):
            yield (*here, "outputs", index)


def _needs_mqtt(models: Mapping[str, object], kind: object) -> bool:
    return isinstance(kind, str) and getattr(models.get(kind), "needs_mqtt", False) is True


def _same_names(here: Path, signals: list[Any], tree: Tree) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, signal in enumerate(signals):
        name = _mapping(signal).get("name")
        if isinstance(name, str) and first.setdefault(name, index) != index:
            line = tree.lines[(*here, first[name], "name")]
            yield tree.fault((*here, index, "name"), f"is the name of another signal, on line {line}")


def _lamp_topics(outputs: list[Any], vocabulary: Vocabulary) -> Iterator[tuple[int, str]]:
    """Yield where the commands of the lamps go; those with faults of their own, which are told elsewhere, nowhere."""
    for index, output in enumerate(outputs):
        kind = _mapping(output).get("type")
        model = vocabulary.outputs.get(kind) if isinstance(kind, str) else None
        if model is not None and issubclass(model, Lamp):
            with contextlib.suppress(ValidationError):
                yield index, model.model_validate(output).lamp_topic()


def _wrong_lamps(here: Path, topics: Iterator[tuple[int, str]], own: str, tree: Tree) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, topic in topics:
        if topic.startswith(own):
            yield tree.fault(
                (*here, index),
                f"its commands would go to '{topic}', which is nudger's own; what is below '{own}' is no lamp",
            )
        elif first.setdefault(topic, index) != index:
            line = tree.lines[(*here, first[topic])]
            yield tree.fault((*here, index), f"is the lamp of line {line} once more: give it one entry")


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
