"""All lamps of all persons.

A lamp belongs to its topic. Persons who use the same one share it: the most urgent of what they need shows, it never
turns red, and it is given back when nobody needs it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from nudger.core.words import Scene
from nudger.outputs.lamp import SETTLE_S, Lamp
from nudger.outputs.lamp_record import Memory, Record, record_of
from nudger.outputs.light_options import LightOptions

if TYPE_CHECKING:
    from nudger.outputs.lamp_presets import Messages, Paint

__all__ = ["Lamps", "LightOptions"]

_log = logging.getLogger(__name__)

_URGENCY: Final = (Scene.OVERDUE, Scene.DUE, Scene.AMBIENT, Scene.BREAK)


class Publish(Protocol):
    """Hands a message to the broker connection; True when it went to a living link."""

    def __call__(self, topic: str, payload: str, *, qos: int = 0, retain: bool = False) -> bool:
        """Publish; never blocks."""


class Lamps:
    """All lamps. It does nothing by itself: call `tick` when `wakeup` says so."""

    def __init__(
        self,
        publish: Publish,
        memory: Memory,
        specs: Sequence[tuple[str, LightOptions]],
        monotonic: Callable[[], float],
    ) -> None:
        """``specs`` are the lamps with the ids of their persons; ``monotonic`` gives seconds.

        Where several persons describe the same lamp, how it is spoken to is taken from the first.
        """
        self._publish = publish
        self._memory = memory
        self._is_linked = True
        self._wishes: dict[str, tuple[Scene, int]] = {}
        self._lamps: dict[str, Lamp] = {}
        self._users: dict[str, dict[str, LightOptions]] = {}
        self._by_state_topic: dict[str, list[Lamp]] = {}
        for person, options in specs:
            preset = options.speaker()
            self._users.setdefault(preset.command_topic, {}).setdefault(person, options)
            if preset.command_topic not in self._lamps:
                settle_s = options.transition.total_seconds() + SETTLE_S
                lamp = Lamp(preset, settle_s, self._send, memory, monotonic)
                self._lamps[preset.command_topic] = lamp
                for topic in preset.state_topics:
                    self._by_state_topic.setdefault(topic, []).append(lamp)
        self._strays = self._take_over(memory.load_lamps())

    def subscriptions(self) -> Mapping[str, int]:
        """Return the topics to listen to and their QoS."""
        return dict.fromkeys(self._by_state_topic, 0)

    def set_scene(self, person: str, scene: Scene, step: int = 0) -> None:
        """Show what a person needs now on the lamps of that person."""
        self._wishes[person] = (scene, step)
        self._update(person)

    def receive(self, topic: str, payload: bytes, retained: bool) -> None:  # noqa: ARG002  (the last report is the last)
        """Take in a message; those of other topics mean nothing here."""
        for lamp in self._by_state_topic.get(topic, ()):
            lamp.receive(payload)

    def link_up(self) -> None:
        """A connection was made, and no message has come over it yet."""
        self._is_linked = True
        for topic, record in tuple(self._strays.items()):
            if self._send(record.restore):
                del self._strays[topic]
                self._memory.forget_lamp(topic)
        for lamp in self._lamps.values():
            lamp.link_up()

    def inherit(self, earlier: Lamps) -> None:
        """Know what the lamps reported to an earlier one on the same connection: many say a thing only once."""
        for topic, lamp in earlier._lamps.items():
            if topic in self._lamps:
                self._lamps[topic].inherit(lamp)

    def wakeup(self) -> float | None:
        """Return when `tick` is to be called next, by the clock; None while there is nothing to wait for."""
        return min((lamp.deadline for lamp in self._lamps.values() if lamp.deadline is not None), default=None)

    def tick(self) -> None:
        """Do what is due."""
        for lamp in self._lamps.values():
            lamp.tick()

    def shutdown(self) -> None:
        """Give every lamp back; what cannot be sent is left for the next run."""
        for lamp in self._lamps.values():
            lamp.shut_down()

    def _take_over(self, saved: Mapping[str, str]) -> dict[str, Record]:
        """Hand the records of an earlier run to their lamps; return those of lamps that are no longer in the config."""
        strays = {}
        for topic, text in saved.items():
            record = record_of(text)
            if record is None:
                _log.warning("lamp %s: what it showed before cannot be read, so it is left as it is", topic)
                self._memory.forget_lamp(topic)
            elif topic in self._lamps:
                self._lamps[topic].adopt(record)
            else:
                strays[topic] = record
        return strays

    def _update(self, person: str) -> None:
        for topic, users in self._users.items():
            if person in users:
                self._lamps[topic].want(self._most_urgent(users))

    def _most_urgent(self, users: Mapping[str, LightOptions]) -> Paint | None:
        wanted = []
        for person, options in users.items():
            scene, step = self._wishes.get(person, (Scene.RESTORED, 0))
            if scene is Scene.OVERDUE and len(users) > 1:
                scene = Scene.DUE
            paint = options.paint(scene, step)
            if paint is not None:
                wanted.append(paint)
        return min(wanted, key=lambda paint: (_URGENCY.index(paint.scene), -paint.step), default=None)

    def _send(self, messages: Messages) -> bool:
        # QoS 1: a colour that gets lost is a wrong colour. Once the link is known to be gone nothing is sent at all, or
        # the connection would keep it for later and play a whole evening's colours when the broker comes back.
        for topic, payload in messages:
            self._is_linked = self._is_linked and self._publish(topic, payload, qos=1, retain=False)
        return self._is_linked
