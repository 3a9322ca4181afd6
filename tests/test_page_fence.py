"""The page with all scores, over real sockets: everything that it refuses, and what a real browser makes of it."""

from __future__ import annotations

import asyncio
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from message_bus import requires
from mqtt_rig import eventually, in_loop
from page_rig import House, answer, ask, raw, token_in

from nudger import http_server


@in_loop
async def test_every_page_is_fenced_in() -> None:
    house = House()
    url = await house.send()
    for got in (await ask(url), await ask(url + "x"), await ask(url, "POST"), await ask(url, host="evil.example")):
        policy = got.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert ("frame-ancestors 'none'" in policy, "script" in policy) == (True, False)
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["cache-control"] == "no-store"
        assert not [name for name in got.headers if name.startswith("access-control")]
        assert not re.search("<script|javascript:| on[a-z]+=[\"']", got.text)
    await house.page.close()


@in_loop
@pytest.mark.parametrize("host", ["evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "[::1]:{port}"])
async def test_another_name_for_this_address_is_refused(host: str) -> None:
    house = House()
    url = await house.send()
    name = host.format(port=urlsplit(url).port)
    token = token_in(await ask(url))
    body = urlencode({"token": token, "pain": "4"})
    got = await ask(url, "POST", host=name, body=body, Origin=f"http://{name}", Sec_Fetch_Site="same-origin")
    assert (got.status, (await ask(url, host=name)).status) == (421, 421)
    local = f"localhost:{urlsplit(url).port}"
    assert (await ask(url, host=local)).status == 200
    assert house.said == []
    await house.page.close()


@in_loop
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "HOME", "Sec_Fetch_Site": "cross-site"},
        {"Origin": "HOME", "Sec_Fetch_Site": "same-site"},
        {"Origin": "http://evil.example", "Sec_Fetch_Site": "same-origin"},
    ],
)
async def test_a_form_of_another_page_is_refused(headers: dict[str, str]) -> None:
    house = House()
    url = await house.send()
    home = f"http://{urlsplit(url).netloc}"
    token = token_in(await ask(url))
    body = urlencode({"token": token, "pain": "4"})
    got = await ask(url, "POST", body=body, **{key: value.replace("HOME", home) for key, value in headers.items()})
    assert (got.status, house.said) == (403, [])
    assert (await ask(url, "POST", body=body, Origin=home)).status == 200  # browsers that do not send Sec-Fetch-Site
    await house.page.close()


@in_loop
@pytest.mark.parametrize("token", ["", "wrong", "ä"])
async def test_a_form_without_its_token_is_refused(token: str) -> None:
    house = House()
    url = await house.send()
    assert (await answer(url, token)).status == 403
    assert house.said == []
    assert (await answer(url, token_in(await ask(url)))).status == 200
    await house.page.close()


@in_loop
@pytest.mark.parametrize("path", ["/", "/../etc/passwd", "/%2e%2e/etc/passwd", "/%00", "//etc/passwd", "/api/state"])
async def test_there_is_nothing_else_to_find(path: str) -> None:
    house = House()
    url = await house.send()
    place = urlsplit(url)
    got = await raw(url, f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n")
    assert (got.status, "Alex" in got.text) == (404, False)
    assert (await ask(url, "DELETE")).status == 405
    assert (await ask(url)).status == 200
    await house.page.close()


@in_loop
async def test_what_is_too_large_or_malformed_or_slow_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    url = await house.send()
    assert (await ask(url, "POST", body="x" * 4097)).status == 413
    assert (await raw(url, "GET / HTTP/1.1\r\n" + "X: y\r\n" * 3000 + "\r\n")).status == 0
    assert (await raw(url, "nonsense\r\n\r\n")).status == 0
    monkeypatch.setattr(http_server, "PATIENCE_S", 0.05)
    assert (await raw(url, "GET / HTTP/1.1\r\n")).status == 0
    monkeypatch.undo()
    assert (await ask(url)).status == 200
    await house.page.close()


@in_loop
async def test_no_more_than_32_are_served_at_once() -> None:
    house = House()
    url = await house.send()
    place = urlsplit(url)
    writers = []
    for _ in range(http_server.MOST_CONNECTIONS):
        _, writer = await asyncio.open_connection(place.hostname, place.port)
        writers.append(writer)
    await eventually(lambda: len(house.page._connections._open) == http_server.MOST_CONNECTIONS)
    assert (await ask(url)).status == 0
    for each in writers:
        each.close()
    await eventually(lambda: not house.page._connections._open)
    assert (await ask(url)).status == 200
    await house.page.close()


@in_loop
async def test_a_fault_of_ours_is_logged_without_the_address(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    house = House()
    url = await house.send()

    def fail(*_: Any) -> str:
        raise ValueError("oops")

    monkeypatch.setattr(house, "name", fail)
    assert (await ask(url)).status == 500
    assert "oops" in caplog.text
    assert urlsplit(url).path not in caplog.text
    await house.page.close()


@in_loop
@pytest.mark.slow
async def test_a_browser_shows_a_name_as_text_and_runs_none_of_it(tmp_path: Path) -> None:
    browser = requires("chromium", "this test needs a real browser")
    house = House()
    url = await house.send()
    command = (browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}", "--dump-dom", url)
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True, timeout=90)
    assert "&lt;img src=x onerror=" in done.stdout
    assert "<img" not in done.stdout
    assert "<title>Your back today · nudger</title>" in done.stdout
    assert done.stdout.count("<button") == 11
    assert house.said == []
    await house.page.close()
