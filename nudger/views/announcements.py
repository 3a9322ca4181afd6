"""When Home Assistant is told of which devices, and that nothing stays there of those that are gone.

What was announced is remembered over restarts. A component that is gone is taken away by its bare platform, a device by
an empty message, and its retained state a little later, when nobody reads it any more. State topics are remembered by
themselves too, as something that announces nothing: where there is no discovery, they are left behind all the same.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

from nudger.views.homeassistant import Device, with_removals
from nudger.views.mqtt import Publish, dumps

SETTLE_S: Final = 5.0
"""After this long, Home Assistant has read a removal and need not be told again."""
JITTER_S: Final = (0.5, 2.0)
"""From..to, after Home Assistant was born: everybody else at the broker tells it of their devices now too."""
ROUND_S: Final = 10.0
"""The least time between two rounds, however often it is born."""


class Memory(Protocol):
    """Where it is kept what was announced."""

    def load_announced(self) -> Mapping[str, str]:
        """Return what was saved, by topic."""

    def save_announced(self, topic: str, device: str, /) -> object:
        """Save what was announced on a topic, in place of the last."""

    def forget_announced(self, topic: str, /) -> object:
        """Forget what was announced on a topic."""


class Announcements:
    """Keeps the discovery topics as they should be. Whoever owns it calls `tick` at `wakeup`, and tells of the link."""

    def __init__(
        self,
        publish: Publish,
        memory: Memory,
        clock: Callable[[], float],
        spread: Callable[[float, float], float] = random.uniform,
    ) -> None:
        """``clock`` gives seconds, ``spread`` a number between two others."""
        self._publish = publish
        self._memory = memory
        self._clock = clock
        self._spread = spread
        self._devices: dict[str, Device] = {}
        self._kept: frozenset[str] = frozenset()
        self._sent: dict[str, str] = {}
        self._settle_at: float | None = None
        self._round_at: float | None = None
        self._last_round = float("-inf")
        self.is_up = False

    def adopt(self, devices: Iterable[Device], kept: Iterable[str]) -> None:
        """Announce these devices and take away all others; publish on the state topics ``kept``, and empty all others.

        What the broker cannot be told now is sent when it is back.
        """
        self._devices = {device.topic: device for device in devices}
        self._kept = frozenset(kept)
        known = self._known()
        for topic, device in self._devices.items():
            gone = self._gone(device, known)
            self._send(topic, dumps(with_removals(device, gone)))
            platforms = {**device.platforms, **dict(gone)}
            self._remember(topic, {"state_topic": device.state_topic, "platforms": platforms})
        for topic in self._kept:
            self._remember(topic, {"state_topic": topic, "platforms": {}})
        for topic in self._left(known):
            if topic != known[topic]["state_topic"]:
                self._send(topic, "")
        if self._has_leftovers():
            self._settle_at = self._clock() + SETTLE_S if self.is_up else None

    def born(self) -> None:
        """Home Assistant says that it has started: tell it everything again, soon."""
        if self._round_at is None:
            earliest = max(self._clock(), self._last_round + ROUND_S)
            self._round_at = earliest + self._spread(*JITTER_S)

    def link(self, *, up: bool) -> None:
        """The broker is there, or gone. The connection itself sends all that the broker should hold when it is back."""
        self.is_up = up
        self._settle_at = self._clock() + SETTLE_S if up and self._has_leftovers() else None

    def wakeup(self) -> float | None:
        """Return when `tick` is due."""
        return min((each for each in (self._settle_at, self._round_at) if each is not None), default=None)

    def tick(self) -> bool:
        """Do what is due. Tells whether this was a round, in which availability and states are to be repeated too."""
        now = self._clock()
        if self._settle_at is not None and self._settle_at <= now:
            self._settle_at = None
            self.settle()
        if self._round_at is None or self._round_at > now:
            return False
        self._round_at, self._last_round = None, now
        for topic in self._devices:
            self._publish(topic, self._sent[topic], qos=1, retain=True)
        return True

    def settle(self) -> None:
        """Home Assistant has read the removals: leave nothing of them."""
        known = self._known()
        for topic, device in self._devices.items():
            if self._gone(device, known):
                self._send(topic, dumps(device.payload))
                self._remember(topic, {"state_topic": device.state_topic, "platforms": dict(device.platforms)})
        left = self._left(known)
        for state_topic in {known[topic]["state_topic"] for topic in left} - self._kept:
            self._publish(state_topic, "", retain=True)
        for topic in left:
            self._memory.forget_announced(topic)

    def _has_leftovers(self) -> bool:
        known = self._known()
        return bool(self._left(known)) or any(self._gone(device, known) for device in self._devices.values())

    def _left(self, known: Mapping[str, Mapping[str, Any]]) -> set[str]:
        """Return the topics, of devices and of states, that are known and no longer ours."""
        return known.keys() - self._devices.keys() - self._kept

    @staticmethod
    def _gone(device: Device, known: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
        """Return the components, with their platforms, that are known of the device and that it no longer has."""
        before: Mapping[str, str] = known[device.topic]["platforms"] if device.topic in known else {}
        return [item for item in before.items() if item not in device.platforms.items()]

    def _send(self, topic: str, payload: str) -> None:
        if self._sent.get(topic) != payload:
            self._sent[topic] = payload
            self._publish(topic, payload, qos=1, retain=True)

    def _known(self) -> dict[str, dict[str, Any]]:
        return {topic: json.loads(text) for topic, text in self._memory.load_announced().items()}

    def _remember(self, topic: str, device: Mapping[str, Any]) -> None:
        text = dumps(device)
        if self._memory.load_announced().get(topic) != text:
            self._memory.save_announced(topic, text)
