"""A little HTTP for the few who may ask: one request a connection, bounded in size, in time and in number."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import h11

log = logging.getLogger(__name__)

LARGEST_BODY: Final = 4096
"""Bytes; the contract's limit for a command."""
LARGEST_HEAD: Final = 8192
PATIENCE_S: Final = 5.0
MOST_CONNECTIONS: Final = 32


@dataclass(frozen=True, slots=True)
class Request:
    """One request, its query already taken apart; the names of ``headers`` are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP status, and what goes with it."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Connections:
    """Everybody who is connected. ``serve`` is what `asyncio.start_server` and its kin want."""

    def __init__(self, reply: Callable[[Request], Reply], too_large: Reply, broken: Reply, no_address: Reply) -> None:
        """``reply`` runs in the event loop and must not block; where it fails, ``broken`` is the answer.

        ``too_large`` is the answer to a request of more than 4096 bytes, ``no_address`` to one for what is none.
        """
        self._reply = reply
        self._too_large = too_large
        self._broken = broken
        self._no_address = no_address
        self._open: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = {}

    async def close(self) -> None:
        """Cut every connection, and return when nobody is served any more."""
        serving = [task for task in self._open.values() if task is not None]
        for writer in self._open:
            writer.transport.abort()
        if serving:
            await asyncio.wait(serving, timeout=PATIENCE_S)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        if len(self._open) >= MOST_CONNECTIONS:
            writer.close()
            return
        self._open[writer] = asyncio.current_task()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._talk(reader, writer)
        except (TimeoutError, ConnectionError, h11.RemoteProtocolError) as error:
            log.debug("a local connection ended early: %s", error)
        finally:
            del self._open[writer]
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST_HEAD)
        head: h11.Request | None = None
        body = b""
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                data = await reader.read(LARGEST_HEAD)
                connection.receive_data(data)
                if not data and head is None:
                    return
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > LARGEST_BODY:
                    answer = self._too_large
                    break
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                answer = self._reply_to(head, body)
                break
            else:
                return
        headers = [*answer.headers.items(), ("Content-Length", str(len(answer.body))), ("Connection", "close")]
        writer.write(connection.send(h11.Response(status_code=answer.status, headers=headers)) or b"")
        writer.write(connection.send(h11.Data(data=answer.body)) or b"")
        writer.write(connection.send(h11.EndOfMessage()) or b"")
        await writer.drain()

    def _reply_to(self, head: h11.Request, body: bytes) -> Reply:
        try:
            target = urlsplit(head.target.decode("latin-1"))
        except ValueError:  # brackets that hold no IPv6 address
            return self._no_address
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        method = head.method.decode("latin-1")
        request = Request(method, target.path, dict(parse_qsl(target.query)), body, headers)
        try:
            return self._reply(request)
        except Exception:  # a fault in one answer must not end the service
            log.exception("a local request could not be answered: %s", method)
            return self._broken
