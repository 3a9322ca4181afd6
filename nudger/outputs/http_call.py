"""HTTP/1.1 requests inside the event loop: bounded, cancelled at once, and never naming more than the host.

The libraries that Apprise brings along block a thread; here an attempt that is cut off is really over.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import h11

from nudger.outputs.channel import ChannelError

LARGEST: Final = 64 * 1024
"""Bytes of an answer, or of one line of a stream, that are looked at."""

_MAY_PASS: Final = frozenset({408, 425, 429})
"""Refusals (4xx) that are not for good."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where to send requests. ``headers`` may hold a password, so they are kept out of every text."""

    host: str
    port: int
    tls: bool
    verify: bool = True
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def url(self) -> str:
        """The address as others write it, without any secret."""
        scheme, usual = ("https", 443) if self.tls else ("http", 80)
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}" if self.port == usual else f"{scheme}://{host}:{self.port}"


def basic_auth(user: str, password: str) -> str:
    """Return the value of an Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


async def call(server: Server, method: str, path: str, body: bytes = b"", **headers: str) -> int:
    """Send one request and return the status; raises ChannelError unless it is 2xx, OSError, TimeoutError."""
    async with _exchange(server, method, path, body, headers) as (status, _):
        if not 200 <= status < 300:
            raise refusal(status)
        return status


async def lines(server: Server, path: str) -> AsyncGenerator[bytes, None]:
    """Yield the lines of an answer that goes on and on, the first time an empty one: then the server listens to us."""
    async with _exchange(server, "GET", path, b"", {}) as (status, chunks):
        if status != 200:
            raise refusal(status)
        yield b""
        rest = b""
        async for chunk in chunks:
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                yield line
            if len(rest) > LARGEST:
                raise ChannelError("sends lines without an end")


def refusal(status: int) -> ChannelError:
    """Return what a status that is no success means, and whether it may pass."""
    try:
        phrase = HTTPStatus(status).phrase.lower()
    except ValueError:
        phrase = "no known status"
    if status == HTTPStatus.UNAUTHORIZED:
        phrase += "; the token or password in its address is wrong, or no longer counts"
    is_for_good = 400 <= status < 500 and status not in _MAY_PASS
    return ChannelError(f"HTTP {status}: {phrase}", passes=not is_for_good, status=status)


@contextlib.asynccontextmanager
async def _exchange(
    server: Server, method: str, path: str, body: bytes, headers: Mapping[str, str]
) -> AsyncIterator[tuple[int, AsyncIterator[bytes]]]:
    reader, writer = await asyncio.open_connection(server.host, server.port, ssl=_trust(server))
    try:
        connection = h11.Connection(h11.CLIENT)
        every = {
            "Host": server.url.partition("://")[2],
            "User-Agent": "nudger",
            "Content-Length": str(len(body)),
            "Connection": "close",
            **server.headers,
            **headers,
        }
        request = h11.Request(method=method, target=path, headers=list(every.items()))
        for part in (request, h11.Data(data=body), h11.EndOfMessage()):
            writer.write(connection.send(part) or b"")
        await writer.drain()
        status = None
        while status is None:
            event = await _next(connection, reader)
            if isinstance(event, h11.Response):
                status = event.status_code
            elif not isinstance(event, h11.InformationalResponse):
                raise ChannelError("closed the connection without an answer")
        yield status, _chunks(connection, reader)
    except h11.RemoteProtocolError:
        raise ChannelError("does not speak HTTP") from None
    except h11.LocalProtocolError:  # the text may quote a header, and so a password
        raise ChannelError("the address holds characters that cannot be sent", passes=False) from None
    finally:
        writer.transport.abort()  # nothing is left to say, and a graceful end could hang


async def _chunks(connection: h11.Connection, reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while isinstance(event := await _next(connection, reader), h11.Data):
        yield bytes(event.data)


async def _next(connection: h11.Connection, reader: asyncio.StreamReader) -> Any:
    while (event := connection.next_event()) is h11.NEED_DATA:
        connection.receive_data(await reader.read(LARGEST))
    return event


def _trust(server: Server) -> ssl.SSLContext | None:
    if not server.tls:
        return None
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not server.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
