"""Between the broker and the persons.

Messages become events and commands of persons; what persons decide becomes lamps, states and events on the broker.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from nudger.alarm import Alarm
from nudger.config.mqtt_options import MqttOptions
from nudger.config.settings import Settings
from nudger.core.effects import Effect, SetLight
from nudger.core.events import Event, LinkChanged
from nudger.core.policy import Policy
from nudger.core.state import State
from nudger.home_assistant import HomeAssistant
from nudger.library import Language
from nudger.mqtt import MqttConnection, MqttSettings, TlsSettings
from nudger.outputs.light import Lamps, LightOptions
from nudger.sources.mqtt import MqttSignals
from nudger.sources.signal import SignalOptions
from nudger.store import Store
from nudger.views.mqtt import MqttView
from nudger.views.service import ServiceView

log = logging.getLogger(__name__)


class Desk(Protocol):
    """What the switchboard asks of the daemon."""

    def now(self) -> datetime:
        """Return this instant; everybody then knows whether the host slept before it, or its clock was set."""

    def delay_until(self, instant: datetime) -> float:
        """Return the real seconds until then."""

    def handle(self, person: str, event: Event) -> Sequence[Effect]:
        """Let a person decide on an event."""

    def command(self, person: str, command: str, payload: bytes, *, in_public: bool = False) -> str | None:
        """Carry out a command; return why it was refused, ``in_public`` as far as others may ask and hear it."""

    def service(self) -> Mapping[str, Any]:
        """Return how the service itself is."""


class Switchboard:
    """One broker connection and all that hangs on it."""

    def __init__(self, options: MqttOptions, settings: Settings, folder: Path, store: Store, desk: Desk) -> None:
        """``folder`` is the state folder, from which a client id of this installation's own is made."""
        self._desk = desk
        self._store = store
        self._base = options.base_topic
        self._connection = MqttConnection(
            connection_settings(options, folder),
            on_message=self._on_message,
            on_link=self._on_link,
            is_command=self._is_command,
        )
        self._view = MqttView(self._connection.publish, options.base_topic)
        self._service = ServiceView(self._connection.publish, options.base_topic)
        self._home = HomeAssistant(options, self._connection.publish, store, self._repeat)
        self._lamps: Lamps | None = None
        self._lamp_alarm = Alarm(self._until_lamps, self._on_lamps)
        self._view_alarm = Alarm(self._until_view, self._on_view)
        self.signals = MqttSignals(())
        self.adopt(settings)

    def adopt(self, settings: Settings) -> None:
        """Go by these settings from now on, on the same connection; lamps of the ones before are given back."""
        self._give_lamps_back()
        people = settings.people.values()
        self._people = frozenset(settings.people)
        signals = [(p.id, s) for p in people for s in p.signals if isinstance(s, SignalOptions)]
        lamps = [(p.id, o) for p in people for o in p.outputs if isinstance(o, LightOptions)]
        known = {(line.person, line.options) for line in self.signals.lines}
        self.signals = MqttSignals(signals, settings.zone)
        # What a signal said no longer counts when it has changed, and its sensor may have nothing new to say for hours.
        changed = {topic for person, each in signals if (person, each) not in known for topic in each.subscriptions()}
        clock = asyncio.get_running_loop().time
        earlier = self._lamps
        self._lamps = Lamps(self._publish, self._store, lamps, clock) if lamps else None
        if self._lamps is not None and earlier is not None:
            self._lamps.inherit(earlier)
        commands = {f"{self._base}/{person}/set/+": 1 for person in self._people}
        lamp_topics = self._lamps.subscriptions() if self._lamps is not None else {}
        others = {**self.signals.subscriptions(), **lamp_topics, **commands, self._service.topic: 0}
        self._connection.set_subscriptions({**self._home.subscriptions(), **others}, anew=changed)
        self._home.adopt(settings)

    async def start(self) -> None:
        """Begin connecting, in the background."""
        self.show_service()
        await self._connection.start()

    async def stop(self) -> None:
        """Give the lamps back, publish what waits, say offline, disconnect; in less than 5 s."""
        now = self._desk.now()
        self._give_lamps_back()
        self._home.close()
        self._view_alarm.stop()
        self._view.settle(now)
        await self._connection.stop()

    async def leave(self) -> None:
        """Leave nothing at the broker, neither states nor devices in Home Assistant. `stop` is to follow."""
        for person in self._people:
            self._view.forget(person)
        await self._home.leave()

    def show_service(self) -> None:
        """Publish how the service itself is, if that has changed."""
        self._service.show(self._desk.service(), self._desk.now())

    def check_link(self) -> None:
        """The host slept: find out soon whether the link survived."""
        self._connection.check_link()

    def act(self, policy: Policy, state: State, effects: Sequence[Effect], language: Language, now: datetime) -> None:
        """Act on a decision: the lamp first, for it is what somebody waits for."""
        if self._lamps is not None:
            for effect in effects:
                if isinstance(effect, SetLight):
                    self._lamps.set_scene(policy.person, effect.scene, effect.step)
                    self._lamp_alarm.set()
        self._view.act(policy, state, effects, language, now)
        self._view_alarm.set()

    def forget(self, person: str) -> None:
        """The person is gone; `adopt` without them is to follow, which empties what the broker keeps of them."""
        self._view.forget(person)

    @property
    def is_connected(self) -> bool:
        """Whether the broker is there."""
        return self._connection.health.connected

    def health(self) -> dict[str, Any]:
        """Return how the connection is, for `nudger status --json`."""
        health = self._connection.health
        return {
            "connected": health.connected,
            "protocol": health.protocol,
            "reconnects": health.reconnects,
            "dropped": health.dropped,
            "last_error": health.last_error,
            "degraded": health.degraded,
        }

    def status_line(self) -> str:
        """Return in a few words how the connection is."""
        health = self._connection.health
        if health.connected:
            return f"broker connected{f', but {health.degraded}' if health.degraded else ''}"
        return f"broker not connected ({health.last_error or 'trying'})"

    # --- from the broker ---------------------------------------------------------------------------------------------

    def _is_command(self, topic: str) -> bool:
        before, found, _ = topic.partition("/set/")
        return bool(found) and before.startswith(f"{self._base}/")

    def _on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        if self._is_command(topic):
            self._on_command(topic, payload, retained=retained)
            return
        if topic == self._service.topic and not retained and self._service.receive(payload, self._desk.now()):
            log.warning(
                "another nudger at this broker uses the base topic %r too, and each overwrites what the other says: "
                "stop one, or give it a mqtt.base_topic of its own",
                self._base,
            )
        self._home.receive(topic, payload, retained=retained)
        for heard in self.signals.receive(topic, payload, self._desk.now(), retained=retained):
            if isinstance(heard, str):
                log.warning("%s", heard)
            else:
                self._desk.handle(*heard)
        if self._lamps is not None:
            self._lamps.receive(topic, payload, retained)
            self._lamp_alarm.set()

    def _on_command(self, topic: str, payload: bytes, *, retained: bool) -> None:
        person, _, command = topic.removeprefix(f"{self._base}/").partition("/set/")
        if person not in self._people or (retained and not payload):
            return
        if retained:
            refused: str | None = "a retained command is stale and was ignored; publish commands without retain"
        else:
            refused = self._desk.command(person, command, payload, in_public=True)
        if refused is not None:
            self._view.event(person, "error", {"command": command, "message": refused})

    def _on_link(self, up: bool, reason: str) -> None:
        log.debug("link %s: %s", "up" if up else "down", reason)
        self._home.link(up=up)
        if up:
            self.show_service()
        if up and self._lamps is not None:
            self._lamps.link_up()
            self._lamp_alarm.set()
        for person in sorted({line.person for line in self.signals.lines}):
            self._desk.handle(person, LinkChanged(up))

    def _repeat(self) -> None:
        """Publish availability and every state once more."""
        if self._connection.health.connected:
            self._connection.publish(f"{self._base}/status", "online", qos=1, retain=True)
        self._service.repeat()
        self._view.repeat()

    # --- states that wait for their turn -----------------------------------------------------------------------------

    def _until_view(self) -> float | None:
        due = self._view.wakeup()
        return None if due is None else self._desk.delay_until(due)

    def _on_view(self) -> None:
        self._view.tick(self._desk.now())

    # --- lamps -------------------------------------------------------------------------------------------------------

    def _publish(self, topic: str, payload: bytes | str, *, qos: int = 0, retain: bool = False) -> bool:
        """Publish if the link lives, and tell whether it does: a lamp has no use for yesterday's colour."""
        if not self._connection.health.connected:
            return False
        self._connection.publish(topic, payload, qos=qos, retain=retain)
        return True

    def _give_lamps_back(self) -> None:
        self._lamp_alarm.stop()
        if self._lamps is not None:
            self._lamps.shutdown()

    def _until_lamps(self) -> float | None:
        due = self._lamps.wakeup() if self._lamps is not None else None
        return None if due is None else due - asyncio.get_running_loop().time()

    def _on_lamps(self) -> None:
        if self._lamps is not None:
            self._lamps.tick()


def connection_settings(options: MqttOptions, folder: Path) -> MqttSettings:
    """Return what the connection needs of the options.

    Without a client id in them one is made that is this installation's own: two daemons of one id kick each other out
    for ever.
    """
    mark = hashlib.sha256(f"{socket.gethostname()}:{folder}".encode()).hexdigest()[:8]
    settings = MqttSettings(
        host=options.host,
        port=options.port,
        client_id=options.client_id or f"nudger-{mark}",
        username=options.username,
        password=options.password.get_secret_value() if options.password else None,
        base_topic=options.base_topic,
        keepalive_s=int(options.keepalive.total_seconds()),
        protocol=options.protocol,
    )
    tls = options.tls
    if tls is None:
        return settings
    encryption = TlsSettings(ca_file=tls.ca_file, cert_file=tls.cert_file, key_file=tls.key_file, insecure=tls.insecure)
    return replace(settings, tls=encryption)
