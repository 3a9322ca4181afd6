"""Commands as people send them, over MQTT, the local API or inside a recording, to events of the core.

Only the form of a message is judged here. Whether the command can be carried out now (no prompt is showing, the pause
would be too long, there is no such stage) is for the core to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final, NoReturn

from nudger.config.durations import format_duration, parse_duration
from nudger.config.faults import did_you_mean
from nudger.core import hours
from nudger.core.commands import Command
from nudger.core.events import (
    DoneSaid,
    FlareSaid,
    PauseAsked,
    RestAsked,
    ResumeAsked,
    SkipAsked,
    SnoozeAsked,
    StageChosen,
)
from nudger.core.model import ZERO

MAX_PAYLOAD_BYTES: Final = 4096
PAUSE: Final = timedelta(minutes=30)
REST: Final = timedelta(minutes=60)
LONGEST_REST: Final = timedelta(hours=24)
"""Lying down for longer is a pause; a slip of the pen must not silence the program for years."""

_MINUTE: Final = timedelta(minutes=1)
_CLOCK: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Problem:
    """A message that is no command; ``message`` says to the sender what would be one."""

    message: str


def parse_command(command: str, payload: bytes | str, now: datetime, zone: tzinfo) -> Command | Problem:
    """Read one command, such as ``pause`` with the payload ``30 min``.

    A payload is plain text or JSON, UTF-8, up to 4 KB. A bare number is minutes. Times without an offset are local to
    ``zone``; ``HH:MM`` is the next time the clock shows that.
    """
    parse = _COMMANDS.get(command)
    if parse is None:
        near = did_you_mean(command, _COMMANDS)
        return Problem(f"there is no command {_cut(command)}{near}; the commands are: {', '.join(_COMMANDS)}")
    try:
        return parse(_read(payload), now, zone)
    except ValueError as error:
        return Problem(f"{command}: {error}")


# --- The commands ----------------------------------------------------------------------------------------------------


def _done(value: Any, _now: datetime, _zone: tzinfo) -> Command:
    return DoneSaid(_prompt_id(_fields(value, ("id",))))


def _snooze(value: Any, _now: datetime, _zone: tzinfo) -> Command:
    return SnoozeAsked(_prompt_id(_fields(value, ("id",))))


def _skip(value: Any, _now: datetime, _zone: tzinfo) -> Command:
    fields = _fields(value, ("id", "unwanted"))
    unwanted = fields.get("unwanted", False)
    if not isinstance(unwanted, bool):
        raise ValueError(f"'unwanted' must be true or false, not {_cut(unwanted)}")  # noqa: TRY004  (a fault of the input)
    return SkipAsked(_prompt_id(fields), unwanted)


def _pause(value: Any, now: datetime, zone: tzinfo) -> Command:
    if isinstance(value, dict):
        fields = _fields(value, ("minutes", "until"))
        if len(fields) > 1:
            raise ValueError("give either 'minutes' or 'until', not both")
        if "until" in fields:
            return PauseAsked(_until(fields["until"], now, zone))
        value = fields.get("minutes")
    length = PAUSE if value is None else _length(value)
    return PauseAsked(now + length)


def _resume(value: Any, _now: datetime, _zone: tzinfo) -> Command:
    _fields(value, ())
    return ResumeAsked()


def _rest(value: Any, _now: datetime, _zone: tzinfo) -> Command:
    if isinstance(value, dict):
        value = _fields(value, ("minutes",)).get("minutes")
    length = REST if value is None else _length(value)
    if length > LONGEST_REST:
        raise ValueError(f"a rest lasts {format_duration(LONGEST_REST)} at most; for longer there is 'pause'")
    return RestAsked(length)


def _flare(value: Any, _now: datetime, _zone: tzinfo) -> Command:
    if isinstance(value, dict):
        value = _fields(value, ("on",)).get("on")
    word = json.dumps(value) if isinstance(value, bool | int) else value
    switch = _SWITCH.get(word.lower()) if isinstance(word, str) else None
    if switch is None:
        raise ValueError(f"must be on or off, not {_cut(value)}")
    return FlareSaid(switch)


def _stage(value: Any, _now: datetime, _zone: tzinfo) -> Command:
    fields = _fields(value, ("set", "by")) if isinstance(value, dict) else {"set": value}
    stage, by = fields.get("set"), fields.get("by", "user")
    if not isinstance(stage, str) or not stage:
        raise ValueError(f'must name a stage, such as daily_walks or {{"set": "daily_walks"}}, not {_cut(stage)}')
    if by not in ("user", "provider"):
        raise ValueError(f"'by' must be user or provider, not {_cut(by)}")
    return StageChosen(stage, by)


_COMMANDS: Final[Mapping[str, Callable[[Any, datetime, tzinfo], Command]]] = {
    "done": _done,
    "snooze": _snooze,
    "skip": _skip,
    "pause": _pause,
    "resume": _resume,
    "rest": _rest,
    "flare": _flare,
    "stage": _stage,
}
COMMANDS: Final = tuple(_COMMANDS)
"""The names of all commands."""

_SWITCH: Final = {
    **dict.fromkeys(("on", "true", "yes", "1"), True),
    **dict.fromkeys(("off", "false", "no", "0"), False),
}


# --- Payloads --------------------------------------------------------------------------------------------------------


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


_JSON: Final = json.JSONDecoder(parse_constant=_no_constant)


def _read(payload: bytes | str) -> Any:
    """Return what the payload says: a JSON value, else its text; None when it is empty."""
    try:
        raw = payload.encode() if isinstance(payload, str) else payload
        text = raw.decode().strip()
    except UnicodeError:
        raise ValueError("the payload is not UTF-8 text") from None
    if len(raw) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"the payload has {len(raw)} bytes, {MAX_PAYLOAD_BYTES} is the limit")
    if not text:
        return None
    try:
        return _JSON.decode(text)
    except (ValueError, RecursionError) as error:
        if text[0] in "{[":  # meant as JSON: half a message must not count as a plain one
            raise ValueError(f"the payload is no valid JSON: {error}") from None
        return text


def _fields(value: Any, known: Collection[str]) -> dict[str, Any]:
    """Return the fields of an object. Plain words (a button's PRESS, true) have none; null fields are left out."""
    if isinstance(value, list):
        raise ValueError("the payload must be empty, a word or a JSON object, not a list")  # noqa: TRY004  (input)
    if not isinstance(value, dict):
        return {}
    for name in value:
        if name not in known:
            can = f"; it can be: {', '.join(known)}" if known else ""
            raise ValueError(f"unknown field {_cut(name)}{did_you_mean(name, known) or can}")
    return {name: field for name, field in value.items() if field is not None}


def _prompt_id(fields: Mapping[str, Any]) -> str | None:
    prompt_id = fields.get("id")
    if prompt_id is not None and not isinstance(prompt_id, str):
        raise ValueError(f"'id' must be the id of a prompt, not {_cut(prompt_id)}")
    return prompt_id


def _length(value: Any) -> timedelta:
    """Return a length of time; a bare number is minutes."""
    try:
        length = parse_duration(value, bare=_MINUTE)
    except ValueError as error:
        if "at most" in str(error):
            raise
        length = ZERO
    if length <= ZERO:
        raise ValueError(f"must be a length of time such as 30 (minutes), '30 min' or '1 h 30 min', not {_cut(value)}")
    return length


def _until(value: Any, now: datetime, zone: tzinfo) -> datetime:
    """Return the instant that was named: an ISO instant, a date (the morning it begins), or a time of the clock."""
    hint = "'until' must be a time such as 17:30, a date such as 2026-11-25, or 2026-11-25T17:30+01:00"
    if not isinstance(value, str):
        raise ValueError(f"{hint}, not {_cut(value)}")  # noqa: TRY004  (a fault of the input)
    text = value.strip()
    try:
        if clock := _CLOCK.fullmatch(text):
            return _next_time(time(int(clock[1]), int(clock[2])), now, zone)
        if len(text) <= len("2026-11-25"):
            return hours.day_start(zone, date.fromisoformat(text))
        instant = datetime.fromisoformat(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{hint}, not {_cut(value)}") from None


def _next_time(wall: time, now: datetime, zone: tzinfo) -> datetime:
    today = now.astimezone(zone).date()
    at = datetime.combine(today, wall, tzinfo=zone).astimezone(UTC)
    return at if at > now else datetime.combine(today + timedelta(days=1), wall, tzinfo=zone).astimezone(UTC)


def _cut(value: Any) -> str:
    """Return a value as one may show it in a message: on one line, and not all of it."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
