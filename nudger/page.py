"""The page with all scores: served to this computer alone, from the moment a button asks for it until it is answered.

Nothing listens before. The address holds a word that only the button knows, and the form in the page a second one that
only who has seen the page knows; both count for one answer. To look at it changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl

from nudger.chores import Chores
from nudger.http_server import Connections, Reply, Request
from nudger.library import Language, load_language
from nudger.views import page

log = logging.getLogger(__name__)

ADDRESS: Final = "127.0.0.1"
LIFETIME_S: Final = 30 * 60.0
LINGER_S: Final = 60.0
"""For so long after the last answer, a page that is loaded again still says that it was answered."""
MOST_TICKETS: Final = 32
_HEADERS: Final[Mapping[str, str]] = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": page.CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers would not say where a form comes from
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_IMPACT: Final[Mapping[str | None, bool | None]] = {None: None, "yes": True, "no": False}


class House(Protocol):
    """Who lives here, and what they are told."""

    def name(self, person: str) -> str | None:
        """Return what the person is called, "" where nobody else is meant; None for somebody who is gone."""

    def language(self, person: str) -> Language:
        """Return the texts in the person's language."""

    def check_in(self, person: str, said: Mapping[str, Any]) -> Outcome:
        """Take in what the command ``checkin`` takes, and return what came of it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a check-in: why it was ``refused``, or what there is to say to it."""

    refused: str | None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ticket:
    """One question that somebody was sent to: it is good for one answer, until its time is over."""

    person: str
    when: str
    date: str
    form: str
    until: float


class ScorePage:
    """Serves the page while somebody is expected. `close` ends it."""

    def __init__(self, house: House, browse: Callable[[str], Awaitable[bool]], failed: Callable[[str], None]) -> None:
        """``browse`` shows an address to the person and tells whether it could; ``failed`` is told for whom not."""
        self._house = house
        self._browse = browse
        self._failed = failed
        self._tickets: dict[str, Ticket] = {}
        self._server: asyncio.Server | None = None
        self._end: asyncio.TimerHandle | None = None
        self._chores = Chores()
        self._opening = asyncio.Lock()
        english = load_language("en")
        self._connections = Connections(
            self._reply,
            too_large=_html(413, page.say("Too large", ["A score needs less."], english)),
            no_address=_html(400, page.say("No address", ["There is no such page."], english)),
            broken=_html(500, page.say("That failed", ["The log of nudger says more."], english)),
        )

    def open(self, person: str, asked: Mapping[str, Any]) -> None:
        """Show the person the page for one half (``when``) of a day (``date``, ISO 8601). Returns at once."""
        self._chores.begin(self._show(person, str(asked["when"]), str(asked["date"])))

    async def close(self) -> None:
        """Serve nobody any more."""
        await self._chores.cancel()
        await self._stop()

    async def address_for(self, person: str, when: str, date: str) -> str:
        """Return the address of a new page, which is served from now on. Raises OSError."""
        async with self._opening:
            if self._server is None:
                self._server = await asyncio.start_server(self._connections.serve, ADDRESS, 0)
        now = asyncio.get_running_loop().time()
        word = secrets.token_urlsafe(24)
        self._tickets[word] = Ticket(person, when, date, secrets.token_urlsafe(24), now + LIFETIME_S)
        for oldest in list(self._tickets)[:-MOST_TICKETS]:
            del self._tickets[oldest]
        self._end_in(LIFETIME_S)
        return f"http://{ADDRESS}:{self._port}/{word}"

    async def _show(self, person: str, when: str, date: str) -> None:
        try:
            shown = await self._browse(await self.address_for(person, when, date))
        except OSError as error:
            log.warning("the page with the scores cannot be served: %s", error.strerror)
            shown = False
        if not shown:
            self._failed(person)

    @property
    def _port(self) -> int:
        return int(self._server.sockets[0].getsockname()[1]) if self._server is not None else 0

    def _end_in(self, seconds: float) -> None:
        if self._end is not None:
            self._end.cancel()
        self._end = asyncio.get_running_loop().call_later(seconds, lambda: self._chores.begin(self._stop()))

    async def _stop(self) -> None:
        server, self._server = self._server, None
        self._tickets.clear()
        if self._end is not None:
            self._end.cancel()
        if server is not None:
            server.close()
            await self._connections.close()

    # --- requests ----------------------------------------------------------------------------------------------------

    def _reply(self, request: Request) -> Reply:
        english = load_language("en")
        if request.headers.get("host") not in self._hosts():  # another name for this address is somebody's trick
            return _html(421, page.say("Not here", ["This address is not served under that name."], english))
        if request.method not in {"GET", "POST"}:
            return _html(
                405, page.say("Not this way", ["There is only a page and its form."], english), Allow="GET, POST"
            )
        word = request.path.removeprefix("/")
        ticket = self._tickets.get(word)
        name = None if ticket is None else self._house.name(ticket.person)
        if ticket is None or name is None or ticket.until < asyncio.get_running_loop().time():
            words = english if ticket is None or name is None else self._house.language(ticket.person)
            return _html(404, page.say(words.texts["page.gone.heading"], [words.texts["page.gone"]], words))
        words = self._house.language(ticket.person)
        if request.method == "GET":
            return _html(200, page.ask(page.Question(name, ticket.when, ticket.form), words))
        return self._take_in(request, word, ticket, words)

    def _hosts(self) -> frozenset[str]:
        return frozenset(f"{host}:{self._port}" for host in (ADDRESS, "localhost"))

    def _take_in(self, request: Request, word: str, ticket: Ticket, words: Language) -> Reply:
        """Save the score that a form brings, if the form is ours."""
        fields = dict(parse_qsl(request.body.decode("latin-1")))
        if not _is_from_our_page(request) or not secrets.compare_digest(
            fields.get("token", "").encode(), ticket.form.encode()
        ):
            return _html(403, page.say("Not from here", ["This form does not come from nudger's page."], words))
        pain, impact = fields.get("pain", ""), fields.get("impact")
        if pain not in map(str, page.SCORES) or impact not in _IMPACT:
            heading = words.texts["page.refused.heading"]
            return _html(400, page.say(heading, [words.texts[f"checkin.{ticket.when}"]], words))
        said: dict[str, Any] = {"pain": int(pain), "when": ticket.when, "date": ticket.date}
        if _IMPACT[impact] is not None:
            said["impact"] = _IMPACT[impact]
        outcome = self._house.check_in(ticket.person, said)
        if outcome.refused is not None:
            return _html(409, page.say(words.texts["page.refused.heading"], [outcome.refused], words))
        del self._tickets[word]
        if not self._tickets:
            self._end_in(LINGER_S)
        return _html(200, page.thank(outcome.lines, words))


def _is_from_our_page(request: Request) -> bool:
    """Tell whether a browser says that the form was on a page of ours; one that says nothing of it is refused."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if origin is not None and origin != f"http://{request.headers['host']}":
        return False
    return site == "same-origin" if site is not None else origin is not None


def _html(status: int, text: str, **headers: str) -> Reply:
    return Reply(status, text.encode(), {**_HEADERS, **headers})
