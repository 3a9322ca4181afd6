"""Payloads of commands: text or JSON, up to 4 KB, read into plain values."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final, NoReturn

from nudger.config.durations import parse_duration
from nudger.config.faults import did_you_mean
from nudger.core.words import ZERO


class BadPayloadError(ValueError):
    """A payload says nothing that can be understood; the message says in plain words what would be right."""


Parse = Callable[[Any, datetime, tzinfo], Any]
"""Reads the payload of one command; ``now`` and the person's zone tell what words such as 14:00 mean."""

MAX_PAYLOAD_BYTES: Final = 4096
_MINUTE: Final = timedelta(minutes=1)
_SHOWN: Final = 40
_SWITCH: Final = {
    **dict.fromkeys(("on", "true", "yes", "1"), True),
    **dict.fromkeys(("off", "false", "no", "0"), False),
}


def _no_constant(name: str) -> NoReturn:
    raise BadPayloadError(f"{name} is no JSON value")


_JSON: Final = json.JSONDecoder(parse_constant=_no_constant)


def read(payload: bytes | str) -> Any:
    """Return what the payload says: a JSON value, else its text; None when it is empty."""
    try:
        raw = payload.encode() if isinstance(payload, str) else payload
        text = raw.decode().strip()
    except UnicodeError:
        raise BadPayloadError("the payload is not UTF-8 text") from None
    if len(raw) > MAX_PAYLOAD_BYTES:
        raise BadPayloadError(f"the payload has {len(raw)} bytes, {MAX_PAYLOAD_BYTES} is the limit")
    if not text:
        return None
    try:
        value = _JSON.decode(text)
    except (ValueError, RecursionError) as error:
        if text[0] in "{[":  # meant as JSON: half a message must not count as a plain one
            raise BadPayloadError(f"the payload is no valid JSON: {error}") from None
        return text
    return _whole(value)


def _whole(value: Any) -> Any:
    """Return a value that can be written again: JSON can name half a character, which no text holds."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BadPayloadError("the payload holds half a character (a lone surrogate)") from None
    return value


def fields_of(value: Any, known: Collection[str]) -> dict[str, Any]:
    """Return the fields of an object. Plain words (a button's PRESS, true) have none; null fields are left out."""
    if isinstance(value, list):
        raise BadPayloadError("the payload must be empty, a word or a JSON object, not a list")
    if not isinstance(value, dict):
        return {}
    for name in value:
        if name not in known:
            can = f"; it can be: {', '.join(known)}" if known else ""
            raise BadPayloadError(f"unknown field {cut(name)}{did_you_mean(name, known) or can}")
    return {name: field for name, field in value.items() if field is not None}


def prompt_id(fields: Mapping[str, Any]) -> str | None:
    """Return the prompt that is meant; None where none is named."""
    value = fields.get("id")
    if value is not None and not isinstance(value, str):
        raise BadPayloadError(f"'id' must be the id of a prompt, not {cut(value)}")
    return value


def length_of(value: Any) -> timedelta:
    """Return a length of time; a bare number is minutes."""
    try:
        length = parse_duration(value, bare=_MINUTE)
    except ValueError as error:
        if "at most" in str(error):
            raise
        length = ZERO
    if length <= ZERO:
        raise BadPayloadError(
            f"must be a length of time such as 30 (minutes), '30 min' or '1 h 30 min', not {cut(value)}"
        )
    return length


def switch(value: Any) -> bool:
    """Return what on or off, yes or no, true or false say."""
    said = json.dumps(value) if isinstance(value, bool | int) else value
    found = _SWITCH.get(said.lower()) if isinstance(said, str) else None
    if found is None:
        raise BadPayloadError(f"must be on or off, not {cut(value)}")
    return found


def flag(fields: Mapping[str, Any], name: str) -> bool | None:
    """Return a field that is true or false; None where it is not given."""
    value = fields.get(name)
    if value is not None and not isinstance(value, bool):
        raise BadPayloadError(f"'{name}' must be true or false, not {cut(value)}")
    return value


def word(fields: Mapping[str, Any], name: str, known: Collection[str]) -> str | None:
    """Return a field that is one of the known words; None where it is not given."""
    value = fields.get(name)
    if value is not None and value not in known:
        raise BadPayloadError(
            f"'{name}' must be one of {', '.join(known)}, not {cut(value)}{did_you_mean(str(value), known)}"
        )
    return value


def words(fields: Mapping[str, Any], name: str) -> frozenset[str] | None:
    """Return a field that is a list of words; None where it is not given."""
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadPayloadError(f"'{name}' must be a list of words, not {cut(value)}")
    return frozenset(value)


def day(fields: Mapping[str, Any], name: str) -> date | None:
    """Return a field that is a date; None where it is not given."""
    value = fields.get(name)
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadPayloadError(f"'{name}' must be a date such as 2026-11-25, not {cut(value)}") from None


def cut(value: Any) -> str:
    """Return a value as one may show it in a message: on one line, and not all of it."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
