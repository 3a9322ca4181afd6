"""A small TCP proxy that breaks connections on demand, between a client under test and a real server."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from typing import Literal, Self

Mode = Literal["pass", "blackhole", "blackhole-up", "blackhole-down", "hang-new", "refuse"]


class TcpProxy:
    """Forwards a free loopback port to ``target_port``, in the way that `set` says.

    - ``pass``: forwards.
    - ``blackhole``, ``blackhole-up`` (client to server), ``blackhole-down``: bytes are held back, as on a line that
      lost its other end; ``pass`` lets them through again.
    - ``hang-new``: takes new connections and does nothing with them; those that exist go on.
    - ``refuse``: nothing listens any more, and existing connections are reset.
    """

    def __init__(self, target_port: int) -> None:
        """Start forwarding, to 127.0.0.1."""
        self._target = target_port
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._up, self._down = threading.Event(), threading.Event()
        self._hang_new = False
        self._listener: socket.socket | None = None
        self.port = 0
        self.accepted = 0
        self.set("pass")

    def set(self, mode: Mode) -> None:
        """Change the way of forwarding, for existing connections too."""
        if mode == "refuse":
            self._stop_listening()
            self.reset()
        elif self._listener is None:
            self._listen()
        self._hang_new = mode == "hang-new"
        for gate, closed_by in ((self._up, "blackhole-up"), (self._down, "blackhole-down")):
            if mode in ("blackhole", closed_by):
                gate.clear()
            else:
                gate.set()

    def reset(self) -> None:
        """Reset (RST) all existing connections."""
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for sock in sockets:
            with suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            _cut(sock, socket.SHUT_RD)  # without a FIN, so that the closing resets

    def close(self) -> None:
        """Stop listening and drop all connections."""
        self._stop_listening()
        self.reset()
        self._up.set()
        self._down.set()

    def __enter__(self) -> Self:
        """The proxy runs already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _listen(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _stop_listening(self) -> None:
        if self._listener:
            _cut(self._listener)
            self._listener = None

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return  # closed
            self.accepted += 1
            self._keep(client)
            if self._hang_new:
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                _cut(client)
                continue
            self._keep(server)
            threading.Thread(target=_pump, args=(client, server, self._up), daemon=True).start()
            threading.Thread(target=_pump, args=(server, client, self._down), daemon=True).start()

    def _keep(self, sock: socket.socket) -> None:
        with self._lock:
            self._sockets.append(sock)


def _pump(source: socket.socket, sink: socket.socket, gate: threading.Event) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            gate.wait()
            sink.sendall(data)
    gate.wait()
    _cut(source)
    _cut(sink)


def _cut(sock: socket.socket, how: int = socket.SHUT_RDWR) -> None:
    """Close for good: a thread that is blocked in a call on the socket returns."""
    with suppress(OSError):
        sock.shutdown(how)
    sock.close()
