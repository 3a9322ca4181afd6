"""The MQTT connection of the daemon: always trying, never raising, and honest about how it is doing."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from nudger.clock import host_clocks
from nudger.mqtt.dial import DialError, dial, warn_if_insecure
from nudger.mqtt.guard import Guard, log
from nudger.mqtt.inbox import Inbox
from nudger.mqtt.link import Link
from nudger.mqtt.news import Accepted, Closed
from nudger.mqtt.outbox import Outbox
from nudger.mqtt.retry import Ending, Retry, Versions
from nudger.mqtt.session import Session
from nudger.mqtt.settings import MqttHealth, MqttTiming
from nudger.mqtt.topics import Filters, check_payload, check_qos, check_topic

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from nudger.mqtt.settings import MqttSettings

_UNSUPPORTED_VERSION = 132
_TRANSIENT_REFUSALS = (136, 137, 151, 159)
"""Server unavailable, server busy, quota exceeded, connection rate exceeded: nobody needs to mend anything."""
_SHUTTING_DOWN = 139
_TAKEN_OVER = 142


class MqttConnection:
    """One connection to one broker. All methods are for the thread of the running event loop.

    Messages that wait, subscriptions and counters outlive the links; see `outbox` for what is kept and what is dropped.
    """

    def __init__(
        self,
        settings: MqttSettings,
        on_message: Callable[[str, bytes, bool], object],
        on_link: Callable[[bool, str], object],
        is_command: Callable[[str], bool],
        timing: MqttTiming | None = None,
    ) -> None:
        """Nothing happens before `start`. Raises ValueError for a base topic that cannot be one.

        ``on_message(topic, payload, retained)`` gets each message that was subscribed to. ``on_link(up, reason)`` is
        told when the link comes up and goes down, each once, and once when the first attempt fails; not by `stop`.
        ``is_command(topic)`` marks topics whose messages must never replace each other.
        """
        check_topic(settings.status_topic)
        self._settings = settings
        self._timing = timing or MqttTiming()
        self._on_link = on_link
        self._guard = Guard(time.monotonic, self._timing.repeat_s)
        self._inbox = Inbox(on_message, is_command, self._guard)
        self._outbox = Outbox(host_clocks().boot, self._guard, self._timing.poison_s)
        self._retry = Retry(settings, self._timing)
        self._versions = Versions(settings)
        self._filters = Filters({})
        self._task: asyncio.Task[None] | None = None
        self._link: Link | None = None
        self._session: Session | None = None
        self._up: bool | None = None
        self._since: float | None = None
        self._links = 0
        self._last_error: str | None = None
        self._stopping = False
        self._said_down = True

    @property
    def health(self) -> MqttHealth:
        """How it is doing right now."""
        return MqttHealth(
            connected=self._up is True,
            protocol=self._versions.current,
            since=self._since,
            last_pong=self._link.keepalive.last_answer if self._link else None,
            reconnects=max(0, self._links - 1),
            dropped=self._inbox.dropped + self._outbox.dropped,
            errors=self._guard.errors,
            last_error=self._last_error,
            degraded=self._session.degraded if self._session else None,
        )

    async def start(self) -> None:
        """Begin connecting, in the background, and keep at it until `stop`."""
        warn_if_insecure(self._settings)
        self._task = asyncio.create_task(self._run(), name="mqtt")

    async def stop(self) -> None:
        """Publish ``offline``, give what waits a moment to go out, and disconnect. Takes less than 5 s in any case."""
        if self._task is None:
            return
        self._stopping = True
        if self._session:
            await self._session.farewell()
        self._task.cancel()
        await asyncio.wait((self._task,))
        self._task = None

    def set_subscriptions(self, subscriptions: Mapping[str, int], *, anew: Container[str] = ()) -> None:
        """Subscribe to exactly these topics and filters, each with its QoS, now and on every new link.

        To those in ``anew`` it subscribes once more even if it has already: the broker then says again what it keeps.
        Raises ValueError, and changes nothing, if one of them is not valid.
        """
        self._filters = Filters(subscriptions)
        if self._session:
            self._session.subscribe(self._filters, anew)

    def publish(self, topic: str, payload: bytes | str, *, qos: int = 0, retain: bool = False) -> None:
        """Send a message as soon as the broker takes it. Raises ValueError if topic, payload or QoS is not valid."""
        data = payload.encode() if isinstance(payload, str) else payload
        check_topic(topic)
        check_payload(data)
        check_qos(qos)
        self._outbox.put(topic, data, qos, retain=retain)
        if self._session:
            self._session.pump()

    def check_link(self) -> None:
        """Find out within seconds whether the link is alive: to be called when the host resumes from suspend."""
        if self._link:
            self._link.keepalive.check(self._timing.check_s)

    async def _run(self) -> None:
        while True:
            try:
                ending = await self._attempt()
            except Exception as error:  # noqa: BLE001 - whatever it was, the next attempt may do
                if self._guard.is_due(f"attempt {type(error).__name__}"):
                    log.exception("MQTT: the connection failed in an unforeseen way")
                ending = Ending(f"unforeseen {type(error).__name__}")
            wait_s, ending = self._retry.after(ending)
            self._last_error = ending.reason
            if not (self._stopping or ending.is_step):
                slowly = " slowly" if ending.refused else ""
                said = self._guard.complain(f"link {ending.reason}", f"{ending.reason}; going on trying{slowly}")
                self._said_down = said or self._said_down
                self._tell(False, ending.reason)
            await asyncio.sleep(wait_s)

    async def _attempt(self) -> Ending:
        """Connect and stay connected as long as it goes."""
        try:
            sock = await dial(self._settings, self._timing.connect_s)
        except DialError as error:
            return Ending(str(error))
        session = Session(self._settings, self._timing, self._outbox, self._inbox, self._guard)
        link = Link(sock, self._settings, self._versions.current, session, self._guard)
        try:
            answer = await self._greeting(link)
            if isinstance(answer, Ending):
                return answer
            return await self._connected(link, session, answer)
        finally:
            link.abort("given up")
            session.end()
            self._link = self._session = None

    async def _greeting(self, link: Link) -> Accepted | Ending:
        """The broker's answer to CONNECT."""
        where = self._settings.address
        await asyncio.wait(
            (link.welcome, link.closed), timeout=self._timing.connack_s, return_when=asyncio.FIRST_COMPLETED
        )
        if not link.welcome.done():
            is_step = self._versions.unanswered()
            if not link.closed.done():
                reason = f"{where} takes the connection but does not answer; is it an MQTT broker?"
            else:
                reason = f"{where} closed the connection without an answer{self._hint()}"
            return Ending(reason, is_step=is_step)
        answer = link.welcome.result()
        if isinstance(answer, Accepted):
            self._versions.accepted()
            return answer
        if answer.code == _UNSUPPORTED_VERSION:
            version = self._versions.current
            return Ending(f"{where} does not speak MQTT {version}", is_step=self._versions.refused())
        return Ending(self._refusal(answer.reason), refused=answer.code not in _TRANSIENT_REFUSALS)

    async def _connected(self, link: Link, session: Session, accepted: Accepted) -> Ending:
        self._link, self._session = link, session
        self._since = time.monotonic()
        self._links += 1
        closed: Closed | None = None
        try:
            session.begin(link, accepted, self._filters)
            self._tell(True, f"connected to {self._settings.address} with MQTT {self._versions.current}")
            closed = await link.closed
        finally:
            has_suspects = self._outbox.lost(by_them=closed is not None and closed.by != "us")
            lived_s = time.monotonic() - self._since
            self._since = None
        return Ending(
            f"connection to {self._settings.address} lost: {closed.reason}",
            lived_s=lived_s,
            kicked=closed.by == "broker" and not has_suspects and closed.code != _SHUTTING_DOWN,
            taken_over=closed.code == _TAKEN_OVER,
        )

    def _refusal(self, reason: str) -> str:
        who = f"user {self._settings.username!r}" if self._settings.username else "a client without user name"
        text = f"{self._settings.address} refuses {who}: {reason}"
        if reason in ("Bad user name or password", "Not authorized"):
            return f"{text}; check mqtt.username and mqtt.password"
        if reason == "Client identifier not valid":
            return f"{text} ({self._settings.client_id!r})"
        return text

    def _hint(self) -> str:
        if self._settings.tls is None:
            return "; is it a port with TLS?"
        if self._settings.tls.cert_file is None:
            return "; does it ask for a client certificate (mqtt.tls.cert_file)?"
        return ""

    def _tell(self, up: bool, reason: str) -> None:
        if up is self._up:
            return
        self._up = up
        if up:
            # Where the loss was kept quiet, because it happens again and again, the return is kept quiet too.
            log.log(logging.INFO if self._said_down else logging.DEBUG, "MQTT: %s", reason)
            self._said_down = False
        self._guard.call("on_link", self._on_link, up, reason)
