"""A check-in on a desktop: a real nudger, a real bus, and buttons that save a score, open the page, tell of a flare."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from cli_rig import Home, a_home
from message_bus import BusDaemon, Service, ServiceThread
from notification_rig import Dunst, Plain

from nudger.browser import OPEN_URI, PORTAL, PORTAL_PATH

ALWAYS_EVENING = """
language: en
people:
  me:
    name: Alex
    outputs: [{type: desktop}]
    checkins: {ask: true, evening: "04:00"}
"""


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        made.write(ALWAYS_EVENING)
        yield made
        made.stop()


@pytest.fixture
def portal() -> Service:
    return Service(PORTAL, {(OPEN_URI, "OpenURI"): ("o", [f"{PORTAL_PATH}/request/1"])})


def use(home: Home, bus: BusDaemon) -> None:
    home.env = {
        **home.env,
        "DBUS_SESSION_BUS_ADDRESS": bus.address,
        "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/no",
    }


def recovery(home: Home) -> Any:
    """Return what the person's own machine is told, with the flare."""
    state = json.loads(home.call("status", "--json").stdout)["persons"]["me"]
    return {**state["recovery"], "flare": state["flare"]}


def evening_score(home: Home) -> Any:
    """Return today's evening score."""
    told = recovery(home)
    return told["scores"][told["today"]]["evening"]


def send(url: str, method: str, body: str = "", **headers: str) -> tuple[int, str]:
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
    connection.request(method, place.path, body or None, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_the_score_button_opens_a_page_whose_number_is_saved(home: Home, portal: Service) -> None:
    service = Plain("actions", "body")
    with BusDaemon(home.folder / "bus") as bus, ServiceThread() as services:
        use(home, bus)
        for each in (service, portal):
            services.do(each.appear(bus.address))
        home.start("--plain")
        home.until(lambda: "Your back today" in service.titles)
        actions = service.asked("Notify")[service.titles.index("Your back today")][5]
        keys = dict(zip(actions[1::2], actions[::2], strict=True))
        assert list(keys) == ["Score…", "Rough day"]
        number = 7 + service.titles.index("Your back today")
        services.do(service.press(number, keys["Score…"]))
        home.until(lambda: portal.asked("OpenURI"))
        url = portal.asked("OpenURI")[0][1]
        status, text = send(url, "GET")
        token = re.search('name="token" value="([^"]+)"', text)
        assert (status, evening_score(home)) == (200, None)
        assert token
        assert "For Alex" not in text, "there is nobody else"
        body = urlencode({"token": token[1], "pain": "4", "impact": "no"})
        origin = url.rpartition("/")[0]
        form = {"Origin": origin, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
        status, text = send(url, "POST", body, **form)
        assert (status, "Thank you, noted." in text) == (200, True), home.log()
        assert evening_score(home) == 4
        assert send(url, "GET")[0] == 404
        assert urlsplit(url).path not in home.log()
        assert home.stop() == 0
        with pytest.raises(ConnectionRefusedError):
            send(url, "GET")


@pytest.mark.parametrize(
    ("button", "score", "is_flare"), [("Same (3)", 3, False), ("Rough day", None, True)], ids=["same", "rough_day"]
)
def test_one_press_says_the_same_as_yesterday_or_that_it_is_a_rough_day(
    home: Home, button: str, score: int | None, is_flare: bool
) -> None:
    home.write(ALWAYS_EVENING.replace("ask: true", "ask: false"))
    home.start("--plain")
    said = home.call("checkin", "3", "--evening", "--date", "yesterday")
    assert said.exit_code == 0, said.output
    home.stop()
    home.write(ALWAYS_EVENING)
    (home.state / "welcomed").touch()
    with Dunst(home.folder / "dunst") as dunst:
        use(home, dunst.bus)
        home.start("--plain")
        home.until(lambda: dunst.shown() == 1)
        dunst.press(button)
        home.until(lambda: evening_score(home) == score and recovery(home)["flare"] is is_flare)
        home.until(lambda: dunst.shown() == 0)
        home.stop()


def test_an_answer_in_the_terminal_takes_the_question_away(home: Home) -> None:
    with Dunst(home.folder / "dunst") as dunst:
        use(home, dunst.bus)
        home.state.mkdir(parents=True, mode=0o700)
        (home.state / "welcomed").touch()
        home.start("--plain")
        home.until(lambda: dunst.shown() == 1)
        assert home.call("checkin", "2", "--evening").exit_code == 0
        home.until(lambda: dunst.shown() == 0)
        home.stop()


def test_where_no_browser_can_be_opened_the_person_is_told_what_to_do(home: Home) -> None:
    service = Plain("actions", "body")
    with BusDaemon(home.folder / "bus") as bus, ServiceThread() as services:
        use(home, bus)
        home.env = {**home.env, "PATH": "/nowhere"}
        services.do(service.appear(bus.address))
        home.start("--plain")
        home.until(lambda: "Your back today" in service.titles)
        place = service.titles.index("Your back today")
        services.do(service.press(7 + place, service.asked("Notify")[place][5][0]))
        home.until(lambda: "No browser could be opened" in service.titles)
        assert home.stop() == 0


def test_a_safety_message_is_shown_at_once_though_all_is_quiet(home: Home) -> None:
    with Dunst(home.folder / "dunst") as dunst:
        use(home, dunst.bus)
        another_day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(datetime.now(UTC).weekday() + 3) % 7]
        hours = f'active_hours: {{{another_day}: "08:00-09:00"}}'
        home.write(ALWAYS_EVENING.replace("ask: true", "ask: false").replace("name: Alex", hours))
        home.state.mkdir(parents=True, mode=0o700)
        (home.state / "welcomed").touch()
        home.start("--plain")
        assert (home.status()["hold"], dunst.shown()) == ("quiet", 0)
        home.call("safety", "E1")
        home.until(lambda: dunst.shown() == 1)
        dunst.close_all()
        home.until(lambda: dunst.shown() == 0)
        assert dunst.history()[0]["summary"] == "Please read this now"
        home.stop()
