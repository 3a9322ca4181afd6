"""How the service itself is, on a retained topic of its own: for the hub device in Home Assistant, and for scripts."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from nudger.views.mqtt import Publish, dumps
from nudger.views.state import instant

SLOW: Final = timedelta(minutes=10)
"""A sensor that sends nonsense with every reading moves its counter on the topic no more often than this."""

DAY: Final = timedelta(days=1)


def render(service: Mapping[str, Any]) -> dict[str, Any]:
    """Return the topic's JSON, made of what `nudger status --json` tells of the service."""
    started, mqtt = service["started_at"], service["mqtt"]
    return {
        "version": service["version"],
        "started_at": instant(datetime.fromisoformat(started)) if started else None,
        "reconnects": mqtt["reconnects"] if mqtt else 0,
        "undecodable": service["undecodable"],
        "database": service["store"],
    }


class ServiceView:
    """Publishes how the service is, when that has changed."""

    def __init__(self, publish: Publish, base_topic: str) -> None:
        """``base_topic`` is the first part of every topic of the contract."""
        self._publish = publish
        self.topic = f"{base_topic}/service"
        self._starts: deque[object] = deque(maxlen=2)
        self._rival_heard: datetime | None = None
        self._last: dict[str, Any] | None = None
        self._counted: datetime | None = None

    def show(self, service: Mapping[str, Any], now: datetime) -> None:
        """Publish what is new."""
        rendered = render(service)
        if self._last is not None and self._counted is not None and abs(now - self._counted) < SLOW:
            rendered["undecodable"] = self._last["undecodable"]
        if rendered == self._last:
            return
        if self._last is None or rendered["undecodable"] != self._last["undecodable"]:
            self._counted = now
        self._last = rendered
        if rendered["started_at"] not in self._starts:
            self._starts.append(rendered["started_at"])  # it moves when the clock does
        self.repeat()

    def repeat(self) -> None:
        """Publish it once more, for somebody who has just begun to listen."""
        if self._last is not None:
            self._publish(self.topic, dumps(self._last), retain=True)

    def receive(self, payload: bytes, now: datetime) -> bool:
        """Take what was just said on our topic, and tell whether another nudger said it; once a day.

        It is answered, so that the other hears of us too.
        """
        if self._rival_heard is not None and abs(now - self._rival_heard) < DAY:
            return False
        try:
            said = json.loads(payload)
        except (ValueError, RecursionError):
            return False
        started = said.get("started_at") if isinstance(said, dict) else None
        if not isinstance(started, str) or self._last is None or started in self._starts:
            return False
        self._rival_heard = now
        self.repeat()
        return True
