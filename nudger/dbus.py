"""One connection to a D-Bus message bus that is kept: when it is lost, it is made again, a little later each time.

Small shared helper of what listens to the desktop and of what shows notifications on it. dbus-fast is loaded with the
first connection, and introspection is left out: it is one more call that a hanging service can sit on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

log = logging.getLogger(__name__)

CALL_LIMIT_S: Final = 3.0
"""A service that has not answered by then hangs."""
BACK_OFF_S: Final = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Waits before connecting again; the last one for ever after."""

_BUS: Final = "org.freedesktop.DBus"
_BUS_PATH: Final = "/org/freedesktop/DBus"

Handler = Callable[..., None]
"""Takes the arguments of a D-Bus signal, variants unpacked."""


RETRY_S: Final = 60.0
"""A service that hung is asked again after this long."""


class BusError(Exception):
    """A call was not answered, or with an error; the text is the error's D-Bus name, or what happened."""


class HangingError(BusError):
    """The service did not answer in time. It may do so later."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """A D-Bus signal that is listened for, of a followed service or (an empty one) of anybody.

    ``path`` None means any object.
    """

    service: str
    interface: str
    member: str
    path: str | None = None

    def rule(self) -> str:
        """Return the match rule, as the bus wants it."""
        parts = {"type": "signal", "interface": self.interface, "member": self.member}
        if self.service:
            parts["sender"] = self.service
        if self.path is not None:
            parts["path"] = self.path
        return ",".join(f"{key}='{value}'" for key, value in parts.items())


class Bus:
    """A bus, and who on it is listened to. `start` and `stop` may be called once each."""

    def __init__(self, address: str) -> None:
        """``address`` is as in DBUS_SESSION_BUS_ADDRESS."""
        self.address = address
        self.trouble: str | None = None
        self._bus: MessageBus | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._followed: dict[str, list[Callable[[bool], None]]] = {}
        self._owners: dict[str, str] = {}
        self._handlers: dict[Emitted, list[Handler]] = {}
        self._looked = asyncio.Event()

    def start(self) -> None:
        """Begin connecting, in the background."""
        self._keeper = asyncio.get_running_loop().create_task(self._keep())

    async def stop(self) -> None:
        """Disconnect; nobody is told of anything any more."""
        self._followed.clear()
        self._handlers.clear()
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)

    async def look_around(self) -> None:
        """Wait until the first attempt to connect has come to an end, and whoever is there has been told of."""
        await self._looked.wait()

    def follow(self, service: str, changed: Callable[[bool], None]) -> None:
        """Have ``changed`` called with whether the service is there, at every change. To be called before `start`."""
        self._followed.setdefault(service, []).append(changed)

    def is_there(self, service: str) -> bool:
        """Tell whether a service that is followed is there."""
        return service in self._owners

    async def listen(self, emitted: Emitted, handler: Handler) -> None:
        """Have the handler called for a D-Bus signal, until the service or the bus is gone. Raises BusError."""
        handlers = self._handlers.setdefault(emitted, [])
        if handler not in handlers:
            handlers.append(handler)
        if len(handlers) == 1:
            await self.call(_BUS, _BUS_PATH, _BUS, "AddMatch", "s", emitted.rule())

    def stop_listening(self, service: str) -> None:
        """Call no handler of that service any more; the bus is told, and not asked whether it heard."""
        for emitted in [each for each in self._handlers if each.service == service]:
            del self._handlers[emitted]
            self._send(_BUS, _BUS_PATH, _BUS, "RemoveMatch", "s", emitted.rule())

    async def call(
        self,
        service: str,
        path: str,
        interface: str,
        member: str,
        signature: str = "",
        *arguments: Any,
        may_start: bool = False,
        limit_s: float | None = None,
    ) -> tuple[Any, ...]:
        """Call a method and return what it answers, variants unpacked; ``may_start`` lets the bus start the service.

        Raises HangingError when there is no answer within ``limit_s`` (3 s), and BusError for all else that goes wrong.
        """
        limit_s = CALL_LIMIT_S if limit_s is None else limit_s
        from dbus_fast import Message, MessageFlag, MessageType  # noqa: PLC0415  (loaded with the connection)
        from dbus_fast.unpack import unpack_variants  # noqa: PLC0415

        bus = self._bus
        if bus is None:
            raise BusError(self.trouble or "not connected")
        flags = MessageFlag.NONE if may_start else MessageFlag.NO_AUTOSTART
        message = Message(
            destination=service,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=list(arguments),
            flags=flags,
        )
        try:
            async with asyncio.timeout(limit_s):
                reply: Message | None = await bus.call(message)
        except TimeoutError:
            raise HangingError(f"no answer in {limit_s:g} s") from None
        except Exception as error:  # noqa: BLE001  (dbus-fast passes on whatever ended the connection)
            raise BusError(f"the bus is gone: {error!r}") from None
        if reply is None:
            raise BusError("the bus is gone")
        if reply.message_type is MessageType.ERROR:
            raise BusError(reply.error_name)
        return tuple(unpack_variants(reply.body))

    # --- keeping the connection --------------------------------------------------------------------------------------

    async def _keep(self) -> None:
        failures = 0
        while True:
            try:
                async with asyncio.timeout(CALL_LIMIT_S):
                    bus = await self._connect()
            except Exception as error:  # noqa: BLE001  (a missing socket, a refusal, a broken address: all mean the same)
                self.trouble = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
                log.debug("no connection to the bus at %s: %s", self.address, self.trouble)
            else:
                failures, self.trouble = 0, None
                try:
                    await self._serve(bus)
                finally:
                    self._bus = None
                    await _disconnect(bus)
                    for service in tuple(self._owners):
                        self._set_owner(service, "")
                    self._handlers.clear()
                self.trouble = "the connection was lost"
            self._looked.set()
            await asyncio.sleep(BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)])
            failures += 1

    async def _connect(self) -> MessageBus:
        from dbus_fast.aio import MessageBus  # noqa: PLC0415  (megabytes that only a desktop needs)

        return await MessageBus(bus_address=self.address).connect()

    async def _serve(self, bus: MessageBus) -> None:
        """See who is there, then let the messages come until the connection ends."""
        self._bus = bus
        bus.add_message_handler(self._on_message)
        try:
            for service in tuple(self._followed):
                rule = f"type='signal',sender='{_BUS}',interface='{_BUS}',member='NameOwnerChanged',arg0='{service}'"
                await self.call(_BUS, _BUS_PATH, _BUS, "AddMatch", "s", rule)
                with contextlib.suppress(BusError):  # the error says that nobody has the name
                    (owner,) = await self.call(_BUS, _BUS_PATH, _BUS, "GetNameOwner", "s", service)
                    self._set_owner(service, owner)
        except BusError as error:
            log.debug("the bus at %s does not answer: %s", self.address, error)
            return
        self._looked.set()
        with contextlib.suppress(Exception):  # whatever ended it, it has ended
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # dbus-fast's hints leave it out

    def _send(self, service: str, path: str, interface: str, member: str, signature: str, *arguments: Any) -> None:
        from dbus_fast import Message, MessageFlag  # noqa: PLC0415  (loaded with the connection)

        if self._bus is None or not self._bus.connected:
            return
        flags = MessageFlag.NO_REPLY_EXPECTED | MessageFlag.NO_AUTOSTART
        message = Message(service, path, interface, member, flags=flags, signature=signature, body=list(arguments))
        self._bus.send(message).add_done_callback(lambda sent: sent.cancelled() or sent.exception())

    def _on_message(self, message: Message) -> None:
        from dbus_fast import MessageType  # noqa: PLC0415  (loaded with the connection)
        from dbus_fast.unpack import unpack_variants  # noqa: PLC0415

        if message.message_type is not MessageType.SIGNAL:
            return
        try:
            body = unpack_variants(message.body)
            if message.sender == _BUS:
                if message.member == "NameOwnerChanged" and body[0] in self._followed:
                    self._set_owner(body[0], body[2])
                return
            for emitted, handlers in tuple(self._handlers.items()):
                is_theirs = message.sender == self._owners.get(emitted.service, message.sender)
                if is_theirs and _is_it(emitted, message):
                    for handler in tuple(handlers):
                        handler(*body)
        except Exception:  # a service that speaks otherwise than agreed harms nobody but itself
            log.exception("a D-Bus signal could not be read: %s.%s", message.interface, message.member)

    def _set_owner(self, service: str, owner: str) -> None:
        before = self._owners.get(service, "")
        if owner == before:
            return
        if before:
            del self._owners[service]
            self.stop_listening(service)
            self._tell(service, is_there=False)
        if owner:
            self._owners[service] = owner
            self._tell(service, is_there=True)

    def _tell(self, service: str, *, is_there: bool) -> None:
        for changed in self._followed.get(service, ()):
            changed(is_there)


async def _disconnect(bus: MessageBus) -> None:
    """Close the connection, which takes a turn of the loop."""
    bus.disconnect()
    with contextlib.suppress(Exception):  # it may have ended by itself before
        async with asyncio.timeout(1):
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # dbus-fast's hints leave it out


def _is_it(emitted: Emitted, message: Message) -> bool:
    path = emitted.path in (None, message.path)
    return path and emitted.member == message.member and emitted.interface == message.interface


async def until_answered(attempt: Callable[[], Awaitable[None]]) -> None:
    """Carry something out, again and again as long as a service hangs. Raises the other kinds of BusError."""
    while True:
        try:
            await attempt()
        except HangingError as error:
            log.debug("asking again later: %s", error)
            await asyncio.sleep(RETRY_S)
        else:
            return
