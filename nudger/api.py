"""The local API on the daemon's Unix socket: a little HTTP for the command line.

    GET  /api/state            everybody's state and the service's own
    GET  /api/signals          what each signal said last, and what that proves
    GET  /api/history?days=7   bouts, breaks and prompts
    POST /api/<command>        the commands and payloads of the MQTT contract; ?person=ID where there are several

Whoever may open the socket may command: its file mode is the lock. One request a connection keeps it simple.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from nudger.http_server import LARGEST_BODY, Connections, Reply, Request


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
        self._connections = Connections(
            self._reply,
            too_large=_as_json(Answer(413, {"error": f"a command is at most {LARGEST_BODY} bytes"})),
            broken=_as_json(Answer(500, {"error": "nudger could not answer this; its log says more"})),
            no_address=_as_json(Answer(400, {"error": "this is no address"})),
        )

    async def __aenter__(self) -> Self:
        """Bind the socket. Raises SocketTakenError where a living daemon has it, OSError where it cannot be made."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if _somebody_answers(self._path):
            raise SocketTakenError(str(self._path))
        self._path.unlink(missing_ok=True)
        before = os.umask(0o777 & ~self._mode)
        try:
            self._server = await asyncio.start_unix_server(self._connections.serve, self._path)
        finally:
            os.umask(before)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection and remove the socket."""
        if self._server is not None:
            self._server.close()
            await self._connections.close()
            self._path.unlink(missing_ok=True)

    def _reply(self, request: Request) -> Reply:
        return _as_json(self._answer(request))


def _as_json(answer: Answer) -> Reply:
    payload = json.dumps(answer.data, ensure_ascii=False).encode()
    return Reply(answer.status, payload, {"Content-Type": "application/json"})


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
