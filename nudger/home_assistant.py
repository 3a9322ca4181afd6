"""Between the broker connection and Home Assistant: announces the devices, hears of its start, keeps the deadlines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from nudger.alarm import Alarm
from nudger.config.mqtt_options import MqttOptions
from nudger.config.settings import Settings
from nudger.library import load_ladder, load_language
from nudger.views.announcements import Announcements, Memory
from nudger.views.homeassistant import Announcer, Device
from nudger.views.mqtt import Publish

LEAVE_S: Final = 0.5
"""Between taking the devices away and emptying their states, when we are about to go."""


class HomeAssistant:
    """One nudger's part in Home Assistant."""

    def __init__(self, options: MqttOptions, publish: Publish, memory: Memory, repeat: Callable[[], None]) -> None:
        """``repeat`` publishes availability and all states once more. Needs a running loop."""
        self._options = options.home_assistant
        self._base = options.base_topic
        self._announcer = Announcer(options.base_topic, self._options.prefix)
        self._announcements = Announcements(publish, memory, asyncio.get_running_loop().time)
        self._repeat = repeat
        self._alarm = Alarm(self._delay, self._on_time)

    def adopt(self, settings: Settings) -> None:
        """Announce everybody in these settings, and nobody else."""
        states = [f"{self._base}/service", *(f"{self._base}/{person}/state" for person in settings.people)]
        self._announcements.adopt(self._devices(settings) if self._options.enabled else (), states)
        self._alarm.set()

    def subscriptions(self) -> Mapping[str, int]:
        """Return the topics to subscribe to, with their QoS."""
        return {self._options.birth_topic: 1} if self._options.enabled else {}

    def receive(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Look whether a message says that Home Assistant has just started."""
        born = topic == self._options.birth_topic and payload == self._options.birth_payload.encode()
        if born and self._options.enabled and not retained:
            self._announcements.born()
            self._alarm.set()

    def link(self, *, up: bool) -> None:
        """The broker is there, or gone."""
        self._announcements.link(up=up)
        self._alarm.set()

    async def leave(self) -> None:
        """Take everything away from Home Assistant, for good, and the states from the broker."""
        self.close()
        self._announcements.adopt((), ())
        if self._announcements.is_up:  # else the next one of us to reach the broker sees to it
            await asyncio.sleep(LEAVE_S)
            self._announcements.settle()

    def close(self) -> None:
        """Do nothing any more by itself."""
        self._alarm.stop()

    def _devices(self, settings: Settings) -> list[Device]:
        stages = [stage.id for stage in load_ladder().stages]
        return [
            self._announcer.hub(load_language(settings.language)),  # first: the others hang on it
            *(
                self._announcer.person(person.id, person.name, load_language(person.language), stages)
                for person in settings.people.values()
            ),
        ]

    def _delay(self) -> float | None:
        due = self._announcements.wakeup()
        return None if due is None else due - asyncio.get_running_loop().time()

    def _on_time(self) -> None:
        if self._announcements.tick():
            self._repeat()
