"""The field types that options are made of, for the config's own models and for those of sources and outputs.

A validator here or in a model raises ValueError and says in plain words what would be right; `load` adds the place.
It may quote the value, which `load` makes unreadable where it is a secret, but never a part of it.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from types import UnionType
from typing import Annotated, ClassVar, Final, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from nudger.config.durations import format_duration, parse_duration

TOPIC_BYTES: Final = 255
"""Longest topic we take, in UTF-8 bytes. MQTT allows 65,535, some brokers far less."""

PERSON_ID: Final = r"[a-z0-9_-]{1,32}"
"""Ids end up in topics, in Home Assistant's discovery ids and in file names: the alphabet all of them take."""


class Options(BaseModel):
    """Base of every options model: unknown keys are faults, and values are frozen.

    The docstrings under the fields are what `nudger schema` tells about them.
    """

    # built when first used: most models are only ever used as a part of the whole config, which holds its own copy
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)

    needs_mqtt: ClassVar[bool] = False
    """Whether the options mean nothing without a broker; `load` then asks for the ``mqtt`` section."""

    @model_validator(mode="before")
    @classmethod
    def _fill_in_empty(cls, data: object) -> object:
        """Take ``name:`` with nothing behind it as not set, but a section with nothing in it as there."""
        if not isinstance(data, dict):
            return data
        filled = dict(data)
        for name in [name for name in data if data[name] is None and name in cls.model_fields]:
            if _is_section(cls.model_fields[name].annotation):
                filled[name] = {}
            else:
                del filled[name]
        return filled


def _is_section(annotation: object) -> bool:
    kinds = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    return any(isinstance(kind, type) and issubclass(kind, Options) for kind in kinds)


def check_topic(topic: str) -> str:
    """Return a topic that can be published to, or raise ValueError saying why it cannot."""
    if "+" in topic or "#" in topic:
        raise ValueError("must be one topic, without the wildcards + and #")
    return _check_topic_text(topic)


def check_filter(topic: str) -> str:
    """Return a topic filter that can be subscribed to (wildcards allowed), or raise ValueError saying why it cannot."""
    *parents, last = topic.split("/")
    if any("#" in level for level in parents) or (last != "#" and "#" in last):
        raise ValueError("the wildcard # must be the whole last level of a topic, as in 'desk/#'")
    if any("+" in level and level != "+" for level in (*parents, last)):
        raise ValueError("the wildcard + must be a whole level of a topic, as in 'desk/+/state'")
    return _check_topic_text(topic)


def _check_topic_text(topic: str) -> str:
    # A broker drops the whole connection over a control or non-character, at every attempt to deliver it.
    if not topic:
        raise ValueError("must be a topic, not an empty text")
    if any(unicodedata.category(char) in {"Cc", "Cs"} or _is_noncharacter(char) for char in topic):
        raise ValueError("must not hold control characters")
    if len(topic.encode()) > TOPIC_BYTES:
        raise ValueError(f"must be at most {TOPIC_BYTES} bytes long")
    return topic


def _is_noncharacter(char: str) -> bool:
    return ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF


def _check_person_id(text: str) -> str:
    if not re.fullmatch(PERSON_ID, text):
        near = re.fullmatch(PERSON_ID, text.lower())
        raise ValueError(
            "an id must be 1 to 32 of the characters a-z, 0-9, _ and -"
            f"{f', such as {text.lower()}' if near else '; how it is shown says the option name'}"
        )
    return text


def _no_switch(value: object) -> object:
    """Refuse ``port: true``, which pydantic would read as 1."""
    if isinstance(value, bool):
        raise ValueError("must be a number, not true or false")  # noqa: TRY004  (what pydantic takes for a fault)
    return value


def _check_payload(value: object) -> str | bool | int | float:
    if isinstance(value, str | bool | int | float):
        return value
    raise ValueError("must be one value, such as 'ON', true or 1")


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    WithJsonSchema({"type": ["string", "number"], "examples": [90, "10 min", "1 h 30 min"]}),
]
"""A length of time, never negative: a bare number is seconds, or ``10 min``, ``1 h 30 min``."""


def between(shortest: timedelta, longest: timedelta) -> AfterValidator:
    """Return the limits of an ``Annotated[Duration, ...]``; both ends are allowed."""

    def check(length: timedelta) -> timedelta:
        if not shortest <= length <= longest:
            raise ValueError(f"must be from {format_duration(shortest)} to {format_duration(longest)}")
        return length

    return AfterValidator(check)


NO_SWITCH: Final = BeforeValidator(_no_switch)
"""For every number: ``Annotated[int, Field(ge=1), NO_SWITCH]``, last, so that the limits stay those of the number."""

Topic = Annotated[str, AfterValidator(check_topic), WithJsonSchema({"type": "string", "minLength": 1})]
"""One MQTT topic, to publish to or to read; spaces are fine, wildcards are not."""

Filter = Annotated[str, AfterValidator(check_filter), WithJsonSchema({"type": "string", "minLength": 1})]
"""An MQTT topic that is only subscribed to: wildcards allowed."""

PersonId = Annotated[
    str, AfterValidator(_check_person_id), WithJsonSchema({"type": "string", "pattern": f"^{PERSON_ID}$"})
]
"""The id of a person, as it stands in topics."""

Payload = Annotated[
    str | bool | int | float,
    PlainValidator(_check_payload, json_schema_input_type=str | bool | int | float),
]
"""A payload to compare with, as it was written: a text, true or false, or a number.

``on``, ``off``, ``yes`` and ``no`` arrive as words, quoted or not; only ``true`` and ``false`` are booleans.
"""
