"""The page with all scores as its tests meet it: whose page it is, and a client that sends what no browser would."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

from mqtt_rig import eventually

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
    """Send these bytes; a connection that is closed without an answer has status 0."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(request.encode())
        head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
    except ConnectionResetError:  # what was sent is not even read
        head = body = ""
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
