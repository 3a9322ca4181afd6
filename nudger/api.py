"""The local API on the daemon's Unix socket: a little HTTP for the command line.

    GET  /api/state            everybody's state and the service's own
    GET  /api/signals          what each signal said last, and what that proves
    GET  /api/history?days=7   bouts, breaks and prompts
    POST /api/<command>        the commands and payloads of the MQTT contract; ?person=ID where there are several

Whoever may open the socket may command: its file mode is the lock. One request a connection keeps it simple.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlsplit

import h11

log = logging.getLogger(__name__)

LARGEST_BODY: Final = 4096
"""Bytes; the contract's limit for a command."""
PATIENCE_S: Final = 5.0
MOST_CONNECTIONS: Final = 32


@dataclass(frozen=True, slots=True)
class Request:
    """One request, its query already taken apart."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and the JSON to go with it."""

    status: int
    data: Any


class SocketTakenError(Exception):
    """Another daemon answers on the socket."""


class Api:
    """Serves requests on a Unix socket for as long as the context lasts."""

    def __init__(self, path: Path, answer: Callable[[Request], Answer], mode: int = 0o600) -> None:
        """``answer`` runs in the event loop and must not block. ``mode`` is the socket's file mode."""
        self._path = path
        self._answer = answer
        self._mode = mode
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        """Bind the socket. Raises SocketTakenError where a living daemon has it, OSError where it cannot be made."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if _somebody_answers(self._path):
            raise SocketTakenError(str(self._path))
        self._path.unlink(missing_ok=True)
        before = os.umask(0o777 & ~self._mode)
        try:
            self._server = await asyncio.start_unix_server(self._serve, self._path)
        finally:
            os.umask(before)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection and remove the socket."""
        if self._server is not None:
            self._server.close()
            for writer in tuple(self._open):
                writer.close()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= MOST_CONNECTIONS:
            writer.close()
            return
        self._open.add(writer)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._talk(reader, writer)
        except (TimeoutError, ConnectionError, h11.RemoteProtocolError) as error:
            log.debug("a connection to the local API ended early: %s", error)
        finally:
            self._open.discard(writer)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=8192)
        head: h11.Request | None = None
        body = b""
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                data = await reader.read(8192)
                connection.receive_data(data)
                if not data and head is None:
                    return
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > LARGEST_BODY:
                    answer = Answer(413, {"error": f"a command is at most {LARGEST_BODY} bytes"})
                    break
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                answer = self._reply_to(head, body)
                break
            else:
                return
        payload = json.dumps(answer.data, ensure_ascii=False).encode()
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(payload))),
            ("Connection", "close"),
        ]
        writer.write(connection.send(h11.Response(status_code=answer.status, headers=headers)) or b"")
        writer.write(connection.send(h11.Data(data=payload)) or b"")
        writer.write(connection.send(h11.EndOfMessage()) or b"")
        await writer.drain()

    def _reply_to(self, head: h11.Request, body: bytes) -> Answer:
        try:
            target = urlsplit(head.target.decode("latin-1"))
        except ValueError as error:  # brackets that hold no IPv6 address
            return Answer(400, {"error": f"this is no address: {error}"})
        request = Request(head.method.decode("latin-1"), target.path, dict(parse_qsl(target.query)), body)
        try:
            return self._answer(request)
        except Exception:  # a fault in one answer must not end the service
            log.exception("the local API could not answer %s %s", request.method, request.path)
            return Answer(500, {"error": "nudger could not answer this; its log says more"})


def _somebody_answers(path: Path) -> bool:
    if not path.exists():
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
