"""The command line's side of the local API, against the daemon's own server."""

from __future__ import annotations

import asyncio
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from ordinary import ordinary_user

from nudger.api import Answer, Api
from nudger.cli.client import Client, ClientError, NotRunningError, RefusedError
from nudger.cli.sockets import socket_path, socket_paths
from nudger.http_server import Request


class Served:
    """The daemon's server with answers made up here; remembers what it was asked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.asked: list[Request] = []
        self.answer = Answer(200, {"persons": {}, "service": {}})

    def _reply(self, request: Request) -> Answer:
        self.asked.append(request)
        return self.answer

    async def serve(self, ready: threading.Event, stop: asyncio.Event) -> None:
        async with Api(self.path, self._reply):
            ready.set()
            await stop.wait()


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="nudger-") as name:
        yield Path(name)


@pytest.fixture
def served(folder: Path) -> Iterator[Served]:
    made, ready = Served(folder / "nudger.sock"), threading.Event()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(made.serve(ready, stop)))
    thread.start()
    assert ready.wait(5)
    yield made
    loop.call_soon_threadsafe(stop.set)
    thread.join(5)
    loop.close()


def test_looks_up_the_state(served: Served) -> None:
    served.answer = Answer(200, {"persons": {"alex": {"why": "Grüße"}}, "service": {}})
    assert Client((served.path,)).state() == served.answer.data
    assert (served.asked[0].method, served.asked[0].path) == ("GET", "/api/state")


def test_looks_up_the_signals(served: Served) -> None:
    served.answer = Answer(200, {"signals": [{"name": "chair"}]})
    assert Client((served.path,)).signals() == [{"name": "chair"}]


def test_sends_a_command_with_its_payload_and_person(served: Served) -> None:
    served.answer = Answer(200, {"person": "alex", "state": {"hold": "paused"}})
    assert Client((served.path,)).command("pause", "30 min", "a lex&x=ä") == {"hold": "paused"}
    (asked,) = served.asked
    assert (asked.method, asked.path, asked.query, asked.body) == (
        "POST",
        "/api/pause",
        {"person": "a lex&x=ä"},
        b"30 min",
    )


def test_names_no_person_where_none_is_meant(served: Served) -> None:
    served.answer = Answer(200, {"state": {}})
    Client((served.path,)).command("done")
    assert served.asked[0].query == {}


@pytest.mark.parametrize(("status", "usage"), [(400, True), (409, False), (404, False)])
def test_a_refusal_says_why_and_whose_fault_it_is(served: Served, status: int, usage: bool) -> None:
    served.answer = Answer(status, {"error": "not so"})
    with pytest.raises(RefusedError, match="not so") as caught:
        Client((served.path,)).state()
    assert caught.value.usage is usage


def test_one_client_may_ask_again(served: Served) -> None:
    client = Client((served.path,))
    for _ in range(3):
        client.state()
    assert len(served.asked) == 3


def test_without_a_socket_nobody_runs(folder: Path) -> None:
    with pytest.raises(NotRunningError, match="not running; start it with `nudger run`"):
        Client((folder / "none", folder / "neither" / "none")).state()


def test_what_a_killed_daemon_left_is_nobody(folder: Path) -> None:
    left = folder / "nudger.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(left))
    with pytest.raises(NotRunningError):
        Client((left,)).state()


def test_the_first_that_answers_is_asked(served: Served, folder: Path) -> None:
    Client((folder / "none", served.path)).state()
    assert len(served.asked) == 1


def test_a_stopped_daemon_is_not_waited_for_for_ever(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as stopped:
        stopped.bind(str(folder / "s"))
        stopped.listen()
        with pytest.raises(ClientError, match=r"no answer within 0\.1 s"):
            Client((folder / "s",), patience_s=0.1).state()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", b"what?\r\n\r\n"])
def test_an_answer_that_breaks_off_is_an_error_in_plain_words(folder: Path, answer: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "s"))
        listener.listen()

        def reply() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = threading.Thread(target=reply)
        thread.start()
        with pytest.raises(ClientError, match="broke off"):
            Client((folder / "s",)).state()
        thread.join(5)


def test_a_socket_of_others_is_told_as_such() -> None:
    with ordinary_user() as folder:
        path = folder / "s"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen()
            path.chmod(0)
            with pytest.raises(ClientError, match="may not open"):
                Client((path,)).state()


def test_the_session_comes_before_the_system() -> None:
    env = {"HOME": "/people/alex", "XDG_RUNTIME_DIR": "/run/user/1000"}
    assert socket_paths(env) == (Path("/run/user/1000/nudger/nudger.sock"), Path("/run/nudger/nudger.sock"))


def test_the_systems_own_daemon_serves_one_socket() -> None:
    env = {"RUNTIME_DIRECTORY": "/run/nudger"}
    assert socket_paths(env) == (Path("/run/nudger/nudger.sock"),)


def test_without_a_session_the_socket_is_beside_the_history() -> None:
    assert socket_path({"HOME": "/people/alex"}) == Path("/people/alex/.local/state/nudger/nudger.sock")
