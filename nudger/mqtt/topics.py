"""What may be published and subscribed to. Checked here, because brokers answer a bad topic by cutting the link.

paho takes such a message, the broker drops the connection, paho sends it again on the next one, and so for ever.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from paho.mqtt.client import topic_matches_sub

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TOPIC_BYTES = 255
"""MQTT allows 65,535; brokers and file-backed tools commonly stop far earlier, and no topic of ours comes near."""

MAX_PAYLOAD_BYTES = 64 * 1024
"""Of one message, in and out. The largest thing we know of is a Home Assistant discovery payload of a few KB."""


@lru_cache(maxsize=1024)  # the same few topics are published to again and again
def check_topic(topic: str) -> None:
    """Raise ValueError, naming what is wrong, unless ``topic`` may be published to."""
    _check_text(topic, "topic")
    if "+" in topic or "#" in topic:
        raise ValueError(f"topic {topic!r}: '+' and '#' are for subscriptions only")


def check_filter(topic_filter: str) -> None:
    """Raise ValueError, naming what is wrong, unless ``topic_filter`` may be subscribed to."""
    _check_text(topic_filter, "topic filter")
    levels = topic_filter.split("/")
    if any("+" in level and level != "+" for level in levels):
        raise ValueError(f"topic filter {topic_filter!r}: '+' must stand alone between slashes")
    if any("#" in level and level != "#" for level in levels) or "#" in levels[:-1]:
        raise ValueError(f"topic filter {topic_filter!r}: '#' must stand alone at the end")


def check_qos(qos: int) -> None:
    """Raise ValueError unless ``qos`` is 0 or 1. QoS 2 costs two more packets and buys nothing for state."""
    if qos not in (0, 1):
        raise ValueError(f"qos must be 0 or 1, not {qos!r}")


def check_payload(payload: bytes) -> None:
    """Raise ValueError if ``payload`` is larger than we send."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"payload has {len(payload)} bytes, {MAX_PAYLOAD_BYTES} is the limit")


def _check_text(text: str, what: str) -> None:
    if not text:
        raise ValueError(f"{what} is empty")
    for char in text:
        code = ord(char)
        if unicodedata.category(char) in ("Cc", "Cs") or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
            raise ValueError(f"{what} {text!r}: character U+{code:04X} is not allowed")
    if (size := len(text.encode())) > MAX_TOPIC_BYTES:
        raise ValueError(f"{what} {text!r} has {size} bytes, {MAX_TOPIC_BYTES} is the limit")


class Filters:
    """A set of topic filters that can be asked about a topic."""

    def __init__(self, subscriptions: Mapping[str, int]) -> None:
        """``subscriptions`` maps filters to their QoS. Raises ValueError if one of them is not valid."""
        for topic_filter, qos in subscriptions.items():
            check_filter(topic_filter)
            check_qos(qos)
        self.subscriptions = dict(subscriptions)
        self._patterns = [each for each in subscriptions if "+" in each or "#" in each]

    def __contains__(self, topic: str) -> bool:
        """Whether a message on ``topic`` was asked for."""
        return topic in self.subscriptions or any(topic_matches_sub(each, topic) for each in self._patterns)
