"""A newcomer at a laptop: the installed command, an empty home, no config; bus, screen and notifications are real."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli_rig import Home, a_home, in_the_morning
from desktop_rig import LOGIN_SESSION, SESSION_PATH, login_manager
from message_bus import BusDaemon, Service, ServiceThread
from notification_rig import Dunst
from terminal_rig import Person, a_terminal

SOON_S = 10.0
COMMAND = (str(Path(sys.executable).with_name("nudger")),)


@dataclass
class Laptop:
    """A home in a session with notifications and a login manager, and a terminal."""

    home: Home
    ends: tuple[int, int]
    dunst: Dunst
    services: ServiceThread
    login: Service

    def types(self, *args: str) -> Person:
        """Type the command in the terminal."""
        self.dunst.screen.press()
        person = Person(self.home, self.ends, *args, program=COMMAND)
        self.home.process = person.process
        return person

    def lock(self, on: bool) -> None:
        """Lock or unlock the screen."""
        self.services.do(self.login.change(SESSION_PATH, LOGIN_SESSION, "LockedHint", "b", on))


@pytest.fixture
def laptop() -> Iterator[Laptop]:
    with (
        a_home() as home,
        Dunst(home.folder / "dunst") as dunst,
        BusDaemon(home.folder / "system") as system,
        ServiceThread() as services,
        a_terminal() as ends,
    ):
        (home.folder / "log").touch()
        home.env = {
            **home.env,
            "TZ": in_the_morning().key,
            "DISPLAY": dunst.screen.display,
            "DBUS_SESSION_BUS_ADDRESS": dunst.bus.address,
            "DBUS_SYSTEM_BUS_ADDRESS": system.address,
        }
        yield Laptop(home, ends, dunst, services, services.do(login_manager().appear(system.address)))
        home.stop()


def test_the_first_start_says_what_it_goes_by_and_shows_what_a_prompt_looks_like(laptop: Laptop) -> None:
    begun = time.monotonic()
    person = laptop.types("run")
    laptop.home.until(lambda: laptop.dunst.shown() == 1)
    assert time.monotonic() - begun < SOON_S
    person.sees("no config found, so it goes by what this desktop tells, for one person (me)")
    person.sees("wherever you read “nudger”, type ")
    person.sees("It is not a medical device")
    person.sees("this desktop tells: keyboard and mouse, screen lock and sleep")
    person.sees("once your hands are still.")
    laptop.dunst.press("Done")
    laptop.home.until(lambda: laptop.dunst.shown() == 0)
    assert [each["summary"] for each in laptop.dunst.history()] == ["This is how I'll tap you"]
    person.terminal.press("\x03")
    assert person.ended() == 0
    person.sees("To have it run whenever you log in: nudger service install")
    assert "not carried out" not in person.read_all()
    assert "warning" not in person.read_all()


def test_a_trial_shows_a_prompt_and_takes_it_away_when_the_person_locks_and_leaves(laptop: Laptop) -> None:
    person = laptop.types("run", "--time-scale", "120")
    person.sees("in a trial keyboard and mouse do not count")
    laptop.home.until(lambda: laptop.dunst.shown() == 1)
    person.sees("put off")
    laptop.lock(on=True)
    laptop.home.until(lambda: laptop.dunst.shown() == 0)
    laptop.home.until(lambda: laptop.home.status()["followed_today"] == 1)
    assert laptop.home.status()["posture"] == "away"
    laptop.lock(on=False)
    laptop.home.until(lambda: laptop.home.status()["posture"] == "sitting")
    person.sees("prompt followed after")
    person.terminal.press("\x03")
    assert person.ended() == 0
    assert "warning" not in person.read_all()
