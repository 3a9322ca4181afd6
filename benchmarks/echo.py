"""The floors of the latency: a bare paho client, on its own thread, that answers every message with one of its own.

Run as a program, with the broker's port, and, for the second floor, a database: every message is then committed to it,
in the mode and at the length of nudger's own commits, before it is answered. Nothing is decoded, nothing decided.
"""

from __future__ import annotations

import socket
import sqlite3
import sys
from threading import Event
from typing import TYPE_CHECKING, Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

if TYPE_CHECKING:
    from paho.mqtt.client import SocketLike

ASKED, ANSWERED = "bench/echo/in", "bench/echo/out"
ASKED_TO_COMMIT, ANSWERED_COMMITTED = "bench/commit/in", "bench/commit/out"
STATE = "x" * 1700
"""As long as a typical State."""


class Echo:
    """One bare client."""

    def __init__(self, port: int, asked: str, answered: str) -> None:
        """Connect, and publish once on ``answered`` when the subscription to ``asked`` stands."""
        self._asked, self._answered = asked, answered
        client = Client(CallbackAPIVersion.VERSION2)
        client.on_socket_open = self._on_socket_open
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self.on_message
        client.connect("127.0.0.1", port)
        client.loop_start()

    def on_message(self, client: Client, _data: Any, message: MQTTMessage) -> None:
        """Answer."""
        client.publish(self._answered, message.payload)

    def _on_socket_open(self, _client: Client, _data: Any, sock: SocketLike) -> None:
        assert isinstance(sock, socket.socket)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _on_connect(self, client: Client, *_: Any) -> None:
        client.subscribe(self._asked)

    def _on_subscribe(self, client: Client, *_: Any) -> None:
        client.publish(self._answered, b"ready")


class CommittingEcho(Echo):
    """One that writes a row down before it answers."""

    def __init__(self, port: int, asked: str, answered: str, database: str) -> None:
        """The database is made, in write-ahead mode."""
        self._database = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL").fetchone()
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.execute("CREATE TABLE snapshot (person TEXT PRIMARY KEY, state TEXT NOT NULL)")
        self._database.execute("INSERT INTO snapshot VALUES ('alex', '')")
        super().__init__(port, asked, answered)

    def on_message(self, client: Client, data: Any, message: MQTTMessage) -> None:
        """Commit, and answer."""
        self._database.execute("UPDATE snapshot SET state = ? WHERE person = 'alex'", (STATE,))
        super().on_message(client, data, message)


def main(port: int, *database: str) -> None:
    """Echo until the process is ended."""
    if database:
        CommittingEcho(port, ASKED_TO_COMMIT, ANSWERED_COMMITTED, *database)
    else:
        Echo(port, ASKED, ANSWERED)
    Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
