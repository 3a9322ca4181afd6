"""An address is shown in the browser: by the desktop's portal, on a real bus, or by xdg-open where there is none."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from message_bus import BusDaemon, Service, eventually, leave_all
from mqtt_rig import in_loop

from nudger import browser
from nudger.browser import OPEN_URI, PORTAL, PORTAL_PATH, REQUEST, browse

URL = "http://127.0.0.1:1/word"


class Portal(Service):
    """A portal that answers each request with this code; None never does."""

    def __init__(self, code: int | None) -> None:
        self.code = code
        super().__init__(PORTAL, {(OPEN_URI, "OpenURI"): ("o", [f"{PORTAL_PATH}/request/1"])})

    async def respond(self) -> None:
        """Tell what became of the request, once it is there."""
        await self.was_asked("OpenURI", 1)
        if self.code is not None:
            await self.emit(f"{PORTAL_PATH}/request/1", REQUEST, "Response", "ua{sv}", self.code, {})


@pytest.fixture
def opener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An xdg-open that writes down what it was to open."""
    folder, opened = tmp_path / "bin", tmp_path / "opened"
    folder.mkdir()
    program = folder / "xdg-open"
    program.write_text(f'#!/bin/sh\necho "$1" > {opened}.new && mv {opened}.new {opened}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return opened


def was_opened(opener: Path) -> bool:
    return opener.exists()


def taken(opener: Path) -> str:
    """Return what was opened, and forget it."""
    said = opener.read_text().strip()
    opener.unlink()
    return said


async def shown_with(portal: Portal | None, folder: Path) -> bool:
    with BusDaemon(folder / "bus") as bus:
        tasks: list[Any] = []
        if portal is not None:
            await portal.appear(bus.address)
            tasks.append(asyncio.create_task(portal.respond()))
        try:
            return await browse(URL, {"DBUS_SESSION_BUS_ADDRESS": bus.address})
        finally:
            await asyncio.gather(*tasks)
            await leave_all()


@in_loop
@pytest.mark.parametrize("code", [0, 1])
async def test_the_portal_shows_it_and_whoever_cancels_has_seen_it(code: int, tmp_path: Path, opener: Path) -> None:
    portal = Portal(code)
    assert await shown_with(portal, tmp_path)
    assert portal.asked("OpenURI") == [["", URL, {}]]
    assert not was_opened(opener)


@in_loop
async def test_a_portal_that_says_nothing_more_is_taken_at_its_word(
    tmp_path: Path, opener: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "PATIENCE_S", 0.2)
    assert await shown_with(Portal(None), tmp_path)
    assert not was_opened(opener)


@in_loop
async def test_where_the_portal_fails_or_is_missing_xdg_open_does_it(tmp_path: Path, opener: Path) -> None:
    for portal in (Portal(2), None):
        assert await shown_with(portal, tmp_path)
        await eventually(lambda: was_opened(opener))
        assert taken(opener) == URL
    assert await browse(URL, {})
    await eventually(lambda: was_opened(opener))


@in_loop
async def test_without_either_it_says_so_and_not_the_address(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert not await browse(URL, {})
    assert "no browser could be opened" in caplog.text
    assert "word" not in caplog.text


@in_loop
async def test_an_xdg_open_that_finds_no_browser_is_noticed(opener: Path, caplog: pytest.LogCaptureFixture) -> None:
    program = opener.parent / "bin" / "xdg-open"
    program.write_text("#!/bin/sh\nexit 3\n")
    assert not await browse(URL, {})
    assert "no browser could be opened: setsid: exit status 3" in caplog.text


@in_loop
async def test_a_browser_that_xdg_open_waits_for_is_open_and_stays(
    opener: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "OPENS_S", 0.2)
    program = opener.parent / "bin" / "xdg-open"
    program.write_text(f'#!/bin/sh\nsleep 1\necho "$1" > {opener}.new && mv {opener}.new {opener}\n')
    assert await browse(URL, {})
    assert not was_opened(opener)
    await eventually(lambda: was_opened(opener))
