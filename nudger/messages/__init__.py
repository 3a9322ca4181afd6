"""Commands as people send them, over MQTT, the local API or inside a recording, to events of the core.

Only the form of a message is judged here. Whether the command can be carried out now (no prompt is showing, the pause
would be too long, there is no such stage) is for the core to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from nudger.config.faults import did_you_mean
from nudger.core.commands import Said
from nudger.core.health import Told
from nudger.messages.breaks import BREAKS
from nudger.messages.health import HEALTH
from nudger.messages.payloads import MAX_PAYLOAD_BYTES, Parse, cut, read

__all__ = ["COMMANDS", "MAX_PAYLOAD_BYTES", "Command", "Problem", "parse_command"]

Command = Said | Told
_COMMANDS: Final[Mapping[str, Parse]] = {**BREAKS, **HEALTH}
COMMANDS: Final = tuple(_COMMANDS)
"""The names of all commands."""


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
        return Problem(f"there is no command {cut(command)}{near}; the commands are: {', '.join(_COMMANDS)}")
    try:
        event: Command = parse(read(payload), now, zone)
    except ValueError as error:
        return Problem(f"{command}: {error}")
    return event
