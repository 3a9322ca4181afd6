"""The command line's side of the local API: one small HTTP request over the daemon's Unix socket at a time."""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

PATIENCE_S: Final = 5.0
"""The daemon answers in milliseconds; longer than this, it is stopped or stuck."""


class ClientError(Exception):
    """There is no answer to the request; the message is for the person who asked."""


class NotRunningError(ClientError):
    """Nobody listens on any socket of nudger's."""

    def __init__(self) -> None:
        super().__init__("nudger is not running; start it with `nudger run`")


class RefusedError(ClientError):
    """The daemon refused, and changed nothing. ``usage`` tells whether the request itself was at fault."""

    def __init__(self, message: str, *, usage: bool) -> None:
        super().__init__(message)
        self.usage = usage


class Client:
    """Asks the running daemon. Every method raises ClientError, in one of its kinds, where there is no answer."""

    def __init__(self, paths: tuple[Path, ...], patience_s: float = PATIENCE_S) -> None:
        """Talk to the first of these sockets on which somebody listens."""
        self._paths = paths
        self._patience_s = patience_s

    def state(self) -> dict[str, Any]:
        """Return everybody's state and the service's own, as `nudger status --json` prints them."""
        return self._request("GET", "/api/state")

    def signals(self) -> list[dict[str, Any]]:
        """Return what each signal said last, and what that proves."""
        signals: list[dict[str, Any]] = self._request("GET", "/api/signals")["signals"]
        return signals

    def desktop(self) -> list[dict[str, Any]]:
        """Return what the desktop tells, and what it lacks."""
        desktop: list[dict[str, Any]] = self._request("GET", "/api/signals")["desktop"]
        return desktop

    def command(self, name: str, payload: str = "", person: str | None = None) -> dict[str, Any]:
        """Have a command of the contract carried out; return the person's state after it."""
        query = "" if person is None else f"?person={quote(person, safe='')}"
        state: dict[str, Any] = self._request("POST", f"/api/{name}{query}", payload)["state"]
        return state

    def _request(self, method: str, target: str, body: str | None = None) -> dict[str, Any]:
        connection = self._connect()
        try:
            connection.request(method, target, body=None if body is None else body.encode())
            answer = connection.getresponse()
            status, data = answer.status, json.loads(answer.read())
        except TimeoutError:
            raise ClientError(f"nudger gave no answer within {self._patience_s:g} s; is it stopped?") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ClientError(f"nudger broke off its answer ({error})") from None
        finally:
            connection.close()
        if status != http.client.OK:
            raise RefusedError(str(data["error"]), usage=status == http.client.BAD_REQUEST)
        return dict(data)

    def _connect(self) -> http.client.HTTPConnection:
        for path in self._paths:
            connection = _UnixConnection(path, self._patience_s)
            try:
                connection.connect()
            except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
                continue  # nobody there, or only what a killed daemon left
            except PermissionError:
                raise ClientError(
                    f"this user may not open {path}; who may is said in the unit file of the service"
                ) from None
            except TimeoutError:
                raise ClientError(f"nudger gave no answer within {self._patience_s:g} s; is it stopped?") from None
            return connection
        raise NotRunningError


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, patience_s: float) -> None:
        super().__init__("nudger", timeout=patience_s)
        self._path = path
        self._patience_s = patience_s

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self._patience_s)
        try:
            self.sock.connect(str(self._path))
        except OSError:
            self.sock.close()
            raise
