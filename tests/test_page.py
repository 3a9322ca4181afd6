"""The page with all scores, over real sockets: what it takes, and everything that it does not."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from message_bus import requires
from mqtt_rig import eventually, in_loop

from nudger import http_server, page
from nudger.library import Language, load_language
from nudger.page import Outcome, ScorePage

NASTY = "<img src=x onerror=\"document.title='owned'\">"
EVENING = {"when": "evening", "date": "2026-11-23"}


class House:
    """One person, and what was said."""

    def __init__(self, language: str = "en") -> None:
        self.words = load_language(language)
        self.names = {"alex": f"Alex {NASTY}"}
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.refusal: str | None = None
        self.sent_to: list[str] = []
        self.failed: list[str] = []
        self.can_browse = True
        self.page = ScorePage(self, self._browse, self.failed.append)

    def name(self, person: str) -> str | None:
        return self.names.get(person)

    def language(self, person: str) -> Language:
        assert person in self.names
        return self.words

    def check_in(self, person: str, said: Mapping[str, Any]) -> Outcome:
        self.said.append((person, dict(said)))
        return Outcome(self.refusal, (f"Thank you, noted. {person} may <b>rest</b>.", "Thank you, noted."))

    async def _browse(self, url: str) -> bool:
        self.sent_to.append(url)
        return self.can_browse

    async def send(self, when: str = "evening") -> str:
        """Have the button pressed; return the address that was opened."""
        before = len(self.sent_to)
        self.page.open("alex", {**EVENING, "when": when})
        await eventually(lambda: len(self.sent_to) > before)
        return self.sent_to[-1]


@dataclass(frozen=True)
class Got:
    """An answer, as it came."""

    status: int
    headers: Mapping[str, str]
    text: str


async def ask(url: str, method: str = "GET", *, host: str | None = None, body: str = "", **headers: str) -> Got:
    """Send one request, with these headers (``_`` for ``-``) and nothing that a browser would add."""
    parts = urlsplit(url)
    lines = {"Host": host or parts.netloc, **{name.replace("_", "-"): value for name, value in headers.items()}}
    if body:
        lines |= {"Content-Length": str(len(body)), "Content-Type": "application/x-www-form-urlencoded"}
    text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return await raw(url, f"{method} {parts.path} HTTP/1.1\r\n{text}\r\n{body}")


async def raw(url: str, request: str) -> Got:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(request.encode())
        head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
    finally:
        writer.close()
    first, *rest = head.split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in rest)
    return Got(int(first.split()[1]) if first else 0, headers, body)


def token_in(got: Got) -> str:
    found = re.search('name="token" value="([^"]+)"', got.text)
    assert found
    return unescape(found[1])


async def answer(url: str, token: str, pain: str = "4", *, origin: str | None = None, **fields: str) -> Got:
    """Send the form as a browser does."""
    parts = urlsplit(url)
    body = urlencode({"token": token, "pain": pain, **fields})
    home = origin or f"http://{parts.netloc}"
    return await ask(url, "POST", body=body, Origin=home, Sec_Fetch_Site="same-origin")


@in_loop
async def test_a_score_is_saved_once_and_what_came_of_it_is_shown() -> None:
    house = House()
    url = await house.send()
    asked = await ask(url)
    assert (asked.status, asked.text.count('<button name="pain"')) == (200, 11)
    assert house.said == []
    thanks = await answer(url, token_in(asked), impact="no")
    assert (thanks.status, house.said) == (200, [("alex", {"pain": 4, **EVENING, "impact": False})])
    assert "alex may &lt;b&gt;rest&lt;/b&gt;." in thanks.text
    assert thanks.text.count("Thank you, noted.") == 2  # the title and the heading; the outcome does not say it again
    for again in (await answer(url, token_in(asked)), await ask(url)):
        assert (again.status, house.words.texts["page.gone.heading"] in again.text) == (404, True)
    assert len(house.said) == 1
    await house.page.close()


@in_loop
async def test_impact_is_asked_in_the_evening_and_may_stay_open() -> None:
    house = House("de")
    morning, evening = await ask(await house.send("morning")), await ask(url := await house.send())
    assert ('name="impact"' in morning.text, 'name="impact"' in evening.text) == (False, True)
    assert '<html lang="de">' in evening.text
    assert "schlimmster vorstellbarer" in evening.text
    await answer(url, token_in(evening), "10")
    assert house.said == [("alex", {"pain": 10, **EVENING})]
    await house.page.close()


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
@pytest.mark.parametrize(
    "fields", [{"pain": "11"}, {"pain": "-1"}, {"pain": ""}, {"pain": "4.5"}, {"pain": "٤"}, {"impact": "maybe"}]
)
async def test_what_is_no_score_is_refused_and_can_be_put_right(fields: dict[str, str]) -> None:
    house = House()
    url = await house.send()
    token = token_in(await ask(url))
    assert (await answer(url, token, **fields)).status == 400
    assert house.said == []
    assert (await answer(url, token)).status == 200
    await house.page.close()


@in_loop
async def test_a_refusal_is_shown_and_the_page_stays() -> None:
    house = House()
    house.refusal = "That day is over <for good>."
    url = await house.send()
    token = token_in(await ask(url))
    got = await answer(url, token)
    assert (got.status, "That day is over &lt;for good&gt;." in got.text) == (409, True)
    house.refusal = None
    assert (await answer(url, token)).status == 200
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
    with contextlib.suppress(ConnectionResetError):
        assert (await ask(url)).status == 0
    for each in writers:
        each.close()
    await eventually(lambda: not house.page._connections._open)
    assert (await ask(url)).status == 200
    await house.page.close()


@in_loop
async def test_nothing_listens_before_and_after(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    assert house.page._server is None
    url = await house.send()
    with socket.create_connection((urlsplit(url).hostname or "", urlsplit(url).port or 0)) as probe:
        assert probe.getpeername()[0] == "127.0.0.1"
    await house.page.close()
    with pytest.raises(ConnectionRefusedError):
        await ask(url)
    monkeypatch.setattr(page, "LIFETIME_S", 0.05)
    url = await house.send()
    await eventually(lambda: house.page._server is None)
    with pytest.raises(ConnectionRefusedError):
        await ask(url)
    await house.page.close()


@in_loop
async def test_once_the_last_page_is_answered_nothing_listens_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    url, other = await house.send(), await house.send("morning")
    monkeypatch.setattr(page, "LINGER_S", 0.05)
    await answer(url, token_in(await ask(url)))
    asked = await ask(other)
    assert (await answer(other, token_in(asked))).status == 200
    await eventually(lambda: house.page._server is None)
    assert (await ask(await house.send())).status == 200  # and it listens anew for who comes later
    await house.page.close()


@in_loop
async def test_whoever_is_still_connected_at_the_end_delays_nothing(caplog: pytest.LogCaptureFixture) -> None:
    house = House()
    place = urlsplit(await house.send())
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    await eventually(lambda: house.page._connections._open)
    async with asyncio.timeout(2):
        await house.page.close()
    with contextlib.suppress(ConnectionResetError):
        assert await reader.read() == b""
    writer.close()
    assert not house.page._connections._open
    assert not caplog.records


@in_loop
async def test_a_page_whose_time_is_over_is_gone_though_another_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    monkeypatch.setattr(page, "LIFETIME_S", 0.0)
    old = await house.page.address_for("alex", "evening", "2026-11-23")
    monkeypatch.undo()
    new = await house.send()
    assert ((await ask(old)).status, (await ask(new)).status) == (404, 200)
    house.names.clear()
    assert (await ask(new)).status == 404
    await house.page.close()


@in_loop
async def test_old_pages_give_way() -> None:
    house = House()
    urls = [await house.page.address_for("alex", "evening", "2026-11-23") for _ in range(page.MOST_TICKETS + 1)]
    assert [(await ask(url)).status for url in (urls[0], urls[1], urls[-1])] == [404, 200, 200]
    await house.page.close()


@in_loop
async def test_where_no_browser_opens_the_person_is_told() -> None:
    house = House()
    house.can_browse = False
    await house.send()
    await eventually(lambda: house.failed == ["alex"])
    await house.page.close()


@in_loop
async def test_a_page_that_cannot_be_served_is_told_as_well(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    house = House()
    monkeypatch.setattr(page, "ADDRESS", "192.0.2.1")  # no address of this computer
    house.page.open("alex", EVENING)
    await eventually(lambda: house.failed == ["alex"])
    assert "the page with the scores cannot be served" in caplog.text
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
