"""A working day at a laptop, through the whole daemon: real buses, a real notification service, a real sound server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from day_rig import HurriedLoop, Office, an_office, instant
from desktop_rig import login_manager
from message_bus import BusDaemon, Service, eventually, leave_all
from notification_rig import Dunst
from sound_rig import recording, sound_server

from nudger.library import load_language

SESSION_MANAGER: Final = "org.gnome.SessionManager"
KEEPS_AWAKE: Final = 8
NEAR: Final = timedelta(seconds=5)


def assert_near(found: Sequence[tuple[str, ...]], *script: tuple[str, ...]) -> None:
    """Check that these are the instants of the script, within five seconds."""
    assert len(found) == len(script), found
    apart = [
        abs(instant(one) - instant(other))
        for a, b in zip(found, script, strict=True)
        for one, other in zip(a, b, strict=True)
    ]
    assert max(apart) <= NEAR, found


class Day:
    """Lives through it, and looks at the screen at every moment that matters."""

    def __init__(self, office: Office, dunst: Dunst, videos: Service) -> None:
        self.office = office
        self.dunst = dunst
        self.videos = videos

    async def shows(self, number: int) -> None:
        """Wait until so many notifications are on the screen."""
        await eventually(lambda: self.dunst.shown() == number)

    async def goes_by(self) -> None:
        """All of it."""
        await self.shows(1)  # the first start's sample
        self.dunst.close_all()
        for part in (self.desk, self.call, self.lid, self.video, self.coffee, self.presenting, self.lunch):
            await part()

    async def desk(self) -> None:
        """Somebody at the door; later a prompt at the first pause, followed."""
        await self.office.locks("08:10")
        await self.office.unlocks("08:10:40")
        await self.office.rests("08:21:00")
        await self.shows(1)
        await self.office.until("08:22:20")
        await self.shows(0)
        await self.office.types("08:25")

    async def call(self) -> None:
        """It lasts over the time at which a prompt was due; one comes at its end, and is followed after some notes."""
        await self.office.until("08:40")
        with recording("mic"):
            await self.office.hears("call", on=True)
            await self.office.rests("08:41")
            await self.office.until("09:19")
            await self.shows(0)
            assert self.office.count_prompts() == 1
            await self.office.until("09:20")
        await self.office.hears("call", on=False)
        await self.shows(1)
        await self.office.types("09:20:20")
        await self.office.locks("09:21")
        await self.shows(0)
        await self.office.unlocks("09:30")

    async def lid(self) -> None:
        """The computer sleeps; who opens it is left in peace."""
        await self.office.sleeps("09:40", until="10:10")
        await self.office.until("10:14:30")
        await self.shows(0)
        assert self.office.count_prompts() == 2

    async def video(self) -> None:
        """Hands rest and nobody is away; a prompt comes at the latest moment, and is followed."""
        await self.office.until("10:15")
        await self._keep_awake(KEEPS_AWAKE)
        await self.office.until("10:32:10")
        await self.shows(1)
        await self.office.until("10:33")
        await self._keep_awake(0)
        await self.office.locks("10:33")
        await self.office.unlocks("10:40")

    async def _keep_awake(self, flags: int) -> None:
        await self.videos.change("/org/gnome/SessionManager", SESSION_MANAGER, "InhibitedActions", "u", flags)

    async def coffee(self) -> None:
        """A break that nobody asked for."""
        await self.office.locks("10:55")
        await self.office.unlocks("11:05")

    async def presenting(self) -> None:
        """Do-not-disturb; what was due comes when it ends."""
        await self.office.until("11:20")
        self.dunst.set_paused(True)
        await self.office.hears("dnd", on=True)
        await self.office.until("11:35")
        assert self.office.count_prompts() == 3
        self.dunst.set_paused(False)
        await self.office.hears("dnd", on=False)
        await self.shows(1)
        await self.office.locks("11:36")
        await self.office.unlocks("11:41")

    async def lunch(self) -> None:
        """The screen is left as it was, three and a half minutes before a prompt would be due."""
        await self.office.rests("11:57:30")
        await self.office.until("12:45")
        await self.shows(0)
        await self.office.types("12:45")
        await self.office.locks("12:55")
        await self.office.until("13:00")


@pytest.mark.slow
def test_a_working_day_through_the_whole_daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    videos = Service(SESSION_MANAGER, {(SESSION_MANAGER, "=InhibitedActions"): ("u", [0])})

    async def story(dunst: Dunst, system: BusDaemon) -> Office:
        try:
            buses = dunst.bus.address, system.address
            async with an_office(tmp_path, monkeypatch, buses, login_manager(), videos) as office:
                await Day(office, dunst, videos).goes_by()
                office.close_the_books()
                return office
        finally:
            await leave_all()

    (tmp_path / "sound").mkdir()
    with (
        sound_server(tmp_path / "sound", monkeypatch),
        Dunst(tmp_path / "dunst") as dunst,
        BusDaemon(tmp_path / "system") as system,
        asyncio.Runner(loop_factory=HurriedLoop) as runner,
    ):
        office = runner.run(story(dunst, system))
        shown = [entry["summary"] for entry in dunst.history()]
    assert_near(
        office.bouts,
        ("08:00", "08:21:12"),
        ("08:25", "09:21"),
        ("09:30", "09:40"),
        ("10:10", "10:33"),
        ("10:40", "10:55"),
        ("11:05", "11:36"),
        ("11:41", "11:57:30"),
        ("12:45", "12:55"),
    )
    assert_near([(issued,) for issued, _ in office.prompts], ("08:21:12",), ("09:20",), ("10:32",), ("11:35",))
    assert {outcome for _, outcome in office.prompts} == {"followed"}
    enough = load_language("en").texts["enough.title"]
    assert len([title for title in shown if title != enough]) == 1 + len(office.prompts)  # and the sample
