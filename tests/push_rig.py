"""Small servers on loopback that speak the protocols of ntfy, Gotify and a JSON webhook, and misbehave when told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Heard:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class PushServer:
    """A server that keeps what it heard. ``statuses`` are answered in turn, then 200; while it ``hangs``, nothing is.

    Paths that end in /json are streams, as ntfy has them: what is `say`-ed on their topic arrives there. So is
    /api/stream, as Home Assistant has it, for the topic api.
    """

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.statuses: list[int] = []
        self.hangs = threading.Event()
        self.ended = threading.Event()
        self.news = threading.Condition()
        self.said: list[tuple[str, str]] = []
        self.streams = 0
        self.stream_status = 200
        self.cut = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                outer.answer(self)

            do_POST = do_DELETE = do_GET = answer  # noqa: N815  (their names in the base class)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its name in the base class)
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.hangs.clear()
        with self.news:
            self.news.notify_all()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        if handler.command == "GET" and ("/json" in handler.path or handler.path.startswith("/api/stream")):
            self._stream(handler)
            return
        length = int(handler.headers.get("Content-Length") or 0)
        request = Heard(handler.command, handler.path, dict(handler.headers), handler.rfile.read(length))
        self.heard.append(request)
        while self.hangs.is_set() and not self.ended.is_set():
            self.ended.wait(0.02)
        status = self.statuses.pop(0) if self.statuses else 200
        body = json.dumps({"id": len(self.heard)} if status == 200 else {"code": status, "error": "told to"}).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
        if status == 200 and request.method == "POST" and handler.path.count("/") == 1 and handler.path != "/":
            self.say(handler.path.strip("/"), request.body.decode())

    def _stream(self, handler: BaseHTTPRequestHandler) -> None:
        topic = handler.path.split("/")[1]
        with self.news:
            self.streams += 1
            cut = self.cut
            sent = len(self.said) if "since=none" in handler.path or "since" not in handler.path else 0
            self.news.notify_all()
        handler.send_response(self.stream_status)
        handler.end_headers()
        if self.stream_status != 200:
            return
        is_home = topic == "api"
        handler.wfile.write(b"data: ping\n\n" if is_home else b'{"event":"open"}\n')
        with self.news:
            while not self.ended.is_set() and cut == self.cut:
                for name, text in self.said[sent:]:
                    if name == topic:
                        event = {"event_type": "pressed", "data": {"action": text}}
                        message = {"event": "message", "message": text}
                        line = f"data: {json.dumps(event)}\n\n" if is_home else f"{json.dumps(message)}\n"
                        handler.wfile.write(line.encode())
                sent = len(self.said)
                self.news.wait(0.5)

    def say(self, topic: str, text: str) -> None:
        """Publish to a topic, as a phone does when a button is pressed."""
        with self.news:
            self.said.append((topic, text))
            self.news.notify_all()

    def cut_streams(self) -> None:
        """End every stream."""
        with self.news:
            self.cut += 1
            self.news.notify_all()

    def bodies(self, wanted: Callable[[Heard], bool] = lambda _: True) -> list[Any]:
        """Return the JSON bodies of the requests heard."""
        return [request.json for request in self.heard if request.body and wanted(request)]
