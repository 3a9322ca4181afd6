"""Decoding one payload with one set of options."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from nudger.core.events import SignalChanged
from nudger.sources.decoder import Decoder, Undecodable
from nudger.sources.signal import SignalOptions

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def options(**given_options: Any) -> SignalOptions:
    """Options of a presence signal unless said otherwise."""
    return SignalOptions.model_validate({"name": "desk", "kind": "presence", "state_topic": "desk", **given_options})


def decode(payload: object, *, retained: bool = False, **given_options: Any) -> SignalChanged | Undecodable | None:
    """Decode one payload (bytes, text, or a value to write as JSON) with a new decoder."""
    return Decoder(options(**given_options)).decode(raw(payload), NOW, retained=retained)


def raw(payload: object) -> bytes:
    """Return the payload as it is on the wire."""
    if isinstance(payload, bytes):
        return payload
    return (payload if isinstance(payload, str) else json.dumps(payload)).encode()


def on_or_off(result: object) -> bool | None:
    """Return what the signal was understood to say; fails when it was not understood."""
    assert isinstance(result, SignalChanged), result
    return result.on


CONTACT = {"value_template": "{{ value_json.contact }}", "payload_on": False}
ZIGBEE_POWER = {"value_template": "{{ value_json.power }}", "above": 15, "hysteresis": 3}
PICK = {"value_template": "{{ value_json.x }}"}
