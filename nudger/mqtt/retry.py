"""What to make of a connection that ended: how long to wait, and which protocol version to try next."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nudger.mqtt.guard import log

if TYPE_CHECKING:
    from nudger.mqtt.settings import MqttSettings, MqttTiming, ProtocolVersion

KICKS = 3
"""Short lives in a row, ended by the other side, until we say that another client has our client id."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Why an attempt to be connected is over, and what that tells.

    ``refused``: the broker said no to who we are. ``lived_s``: how long we were connected, None if never. ``kicked``:
    the other side ended it and nothing that we sent is to blame. ``taken_over``: the broker said so. ``is_step``: only
    a step on the way to the right protocol version, not worth a word.
    """

    reason: str
    refused: bool = False
    lived_s: float | None = None
    kicked: bool = False
    taken_over: bool = False
    is_step: bool = False


class Retry:
    """Remembers the endings in a row and names the wait."""

    def __init__(self, settings: MqttSettings, timing: MqttTiming) -> None:
        """Nothing has ended yet."""
        self._client_id = settings.client_id
        self._timing = timing
        self._attempts = 0
        self._kicks = 0

    def after(self, ending: Ending) -> tuple[float, Ending]:
        """Seconds to wait after ``ending``, and the ending with its reason completed by what came before."""
        timing = self._timing
        if ending.lived_s is not None and ending.lived_s >= timing.short_life_s:
            self._attempts = self._kicks = 0
        elif ending.kicked:
            self._kicks += 1
        if ending.taken_over:
            self._kicks = KICKS
        if ending.lived_s is not None and self._kicks >= KICKS:
            ending = replace(ending, refused=True, reason=self._same_client_id(ending))
        if ending.refused:
            return random.uniform(*timing.refused_backoff_s), ending  # noqa: S311 - spreads load, guards nothing
        wait_s = timing.backoff_s[min(self._attempts, len(timing.backoff_s) - 1)]
        self._attempts += 1
        return wait_s * random.uniform(0.75, 1.0), ending  # noqa: S311 - same

    def _same_client_id(self, ending: Ending) -> str:
        if ending.taken_over:
            return f"another client has connected with our client id {self._client_id!r}; each needs its own"
        return (
            f"the connection is closed again and again soon after it is made: "
            f"most likely another client uses our client id {self._client_id!r}; each needs its own"
        )


class Versions:
    """Which protocol version to speak: 5 first, 3.1.1 where the broker knows no better."""

    def __init__(self, settings: MqttSettings) -> None:
        """Start with the version that was asked for."""
        self._may_change = settings.protocol == "auto"
        self.current: ProtocolVersion = "5" if settings.protocol == "auto" else settings.protocol
        self._proven = False

    def accepted(self) -> None:
        """The broker took us in with the current version: it stays, unless the broker itself refuses it one day."""
        if self._may_change and not self._proven and self.current == "3.1.1":
            log.info("MQTT: the broker does not speak MQTT 5; using 3.1.1")
        self._proven = True

    def refused(self) -> bool:
        """The broker said that it does not know this version. Says whether the older one is to be tried now."""
        self._proven = False
        return self.unanswered()

    def unanswered(self) -> bool:
        """No answer to our greeting: a broker that does not know the version, or one that is just starting.

        Says whether the older version is to be tried now; where neither is answered, they take turns.
        """
        if self._proven or not self._may_change:
            return False
        self.current = "3.1.1" if self.current == "5" else "5"
        return self.current == "3.1.1"
