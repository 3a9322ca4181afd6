"""The page with all scores, over real sockets: whose score it saves, and for how long it is there."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from urllib.parse import urlsplit

import pytest
from mqtt_rig import eventually, in_loop
from page_rig import EVENING, House, answer, ask, token_in

from nudger import page


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
