"""The local API and clients that mean no good: too large, too slow, too many, or speaking something else."""

from __future__ import annotations

import asyncio
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from mqtt_rig import eventually, in_loop

from nudger import http_server
from nudger.api import Answer, Api
from nudger.http_server import Request

GOOD = b"GET /api/state HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="nudger-") as name:  # a short path, as sockets need it
        yield Path(name) / "nudger.sock"


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def everything_is_fine(_request: Request) -> Answer:
    return Answer(200, {"fine": True})


async def ask(path: Path, request: bytes) -> bytes:
    """Return what the server says to that before it hangs up."""
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(request)
    try:
        return await asyncio.wait_for(reader.read(), 5)
    except ConnectionError:
        return b""
    finally:
        writer.close()


@in_loop
async def test_a_body_beyond_the_limit_is_refused_before_it_has_come(path: Path) -> None:
    async with Api(path, everything_is_fine):
        head = b"POST /api/done HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n"
        assert (await ask(path, head + b"x" * 5000)).startswith(b"HTTP/1.1 413 ")
        assert (await ask(path, GOOD)).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "rubbish", [b"\x16\x03\x01\x02\x00", b"hello\r\n\r\n", b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n"]
)
@in_loop
async def test_what_is_no_request_gets_no_answer_and_does_no_harm(
    path: Path, rubbish: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with Api(path, everything_is_fine):
        assert not (await ask(path, rubbish + b"\r\n" * 5)).startswith(b"HTTP/1.1 200 ")
        assert (await ask(path, GOOD)).startswith(b"HTTP/1.1 200 ")
    assert caplog.messages == []


@in_loop
async def test_clients_that_say_nothing_are_bounded_in_number_and_time(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_server, "PATIENCE_S", 1.0)
    async with Api(path, everything_is_fine) as server:
        silent = [await asyncio.open_unix_connection(path) for _ in range(3 * http_server.MOST_CONNECTIONS)]
        await eventually(lambda: len(server._connections._open) == http_server.MOST_CONNECTIONS)
        assert await ask(path, GOOD) == b""
        await eventually(lambda: not server._connections._open)
        assert (await ask(path, GOOD)).startswith(b"HTTP/1.1 200 ")
        for _, writer in silent:
            writer.close()


@in_loop
async def test_the_socket_is_for_its_owner_alone(path: Path) -> None:
    async with Api(path, everything_is_fine):
        assert mode_of(path) == 0o600
