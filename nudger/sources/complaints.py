"""Says that payloads could not be understood: once in a while, not for every message of a broken sensor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from nudger.payload import printable

if TYPE_CHECKING:
    from nudger.sources.decoder import Undecodable

AGAIN_AFTER: Final = timedelta(minutes=10)
"""The same complaint of the same signal is said once in this time."""


@dataclass(slots=True)
class _Said:
    at: datetime
    since_then: int = 0


class Complaints:
    """Decides which of the payloads that could not be understood are worth a log line."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], _Said] = {}

    def add(self, signal: str, topic: str, what: Undecodable, now: datetime) -> str | None:
        """Return the line to log, None when the same was said a short while ago.

        ``signal`` names the signal among those of all persons.
        """
        key = (signal, what.reason)
        before = self._said.get(key)
        if before is not None and timedelta(0) <= now - before.at < AGAIN_AFTER:
            before.since_then += 1
            return None
        self._said[key] = _Said(now)
        more = f" ({before.since_then} more like it since this was last said)" if before and before.since_then else ""
        return f"signal {printable(signal)}: ignored '{what.sample}' on {printable(topic)}: it {what.reason}{more}"
