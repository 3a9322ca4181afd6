"""A nudger process on a desktop of its own: what it makes of it without a config, and with one."""

from __future__ import annotations

import re
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from cli_rig import Home, a_home, in_the_morning
from clockshim import ClockShim
from desktop_rig import LOGIN_SESSION, MUTTER, MUTTER_PATH, SESSION_PATH, idle_monitor, login_manager
from message_bus import BusDaemon, Service, ServiceThread
from notification_rig import Dunst

T = TypeVar("T")


@dataclass
class Session:
    """The buses, and the thread in which services live."""

    session: BusDaemon
    system: BusDaemon
    services: ServiceThread

    def do(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Have the services do something."""
        return self.services.do(coroutine)

    def appear(self, service: Service, *, on_system: bool = False) -> Service:
        """Put a service on a bus."""
        return self.do(service.appear((self.system if on_system else self.session).address))


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        yield made


@pytest.fixture
def session(home: Home) -> Iterator[Session]:
    folder = home.folder / "bus"
    with BusDaemon(folder / "session") as own, BusDaemon(folder / "system") as system, ServiceThread() as services:
        addresses = {"DBUS_SESSION_BUS_ADDRESS": own.address, "DBUS_SYSTEM_BUS_ADDRESS": system.address}
        home.env = {**home.env, **addresses, "TZ": in_the_morning().key}
        yield Session(own, system, services)
        home.stop()


def test_without_a_config_the_desktop_is_used(home: Home, session: Session) -> None:
    mutter, login = session.appear(idle_monitor()), session.appear(login_manager(), on_system=True)
    home.start("--plain")
    said = "no config found, so it goes by what this desktop tells, for one person (me), active 07:00-22:00"
    assert home.log().startswith(f"nudger: {said}")
    assert "this desktop tells: keyboard and mouse, screen lock and sleep" in home.log()
    assert home.status()["posture"] == "sitting"
    session.do(mutter.emit(MUTTER_PATH, MUTTER, "WatchFired", "u", 1))
    session.do(login.change(SESSION_PATH, LOGIN_SESSION, "LockedHint", "b", True))
    home.until(lambda: home.status()["posture"] == "away")
    assert home.stop() == 0


def test_a_desktop_that_comes_later_takes_over_from_the_timer(home: Home, session: Session) -> None:
    home.start("--plain")
    assert home.call("signals").stdout.startswith("There are no signals")
    session.appear(idle_monitor(600_000))
    home.until(lambda: home.status()["posture"] == "away")
    assert "keyboard and mouse" in home.call("signals").stdout


def test_a_desktop_that_tells_nothing_of_hands_leaves_it_to_the_timer(home: Home, session: Session) -> None:
    login = session.appear(login_manager(), on_system=True)
    home.start("--plain")
    assert "it does not tell of keyboard and mouse, so the clock counts; more: nudger status --signals" in home.log()
    assert home.status()["posture"] == "sitting"
    session.do(login.change(SESSION_PATH, LOGIN_SESSION, "LockedHint", "b", True))
    home.until(lambda: home.status()["posture"] == "away")
    session.do(login.change(SESSION_PATH, LOGIN_SESSION, "LockedHint", "b", False))
    home.until(lambda: home.status()["posture"] == "sitting")
    session.appear(idle_monitor(600_000))
    home.until(lambda: home.status()["posture"] == "away")
    assert "this desktop tells more now: keyboard and mouse, screen lock and sleep" in home.log()


def test_the_sleep_of_the_computer_is_a_break_for_who_sits_at_it(home: Home, session: Session, tmp_path: Path) -> None:
    session.appear(idle_monitor())
    shim = ClockShim(tmp_path)
    home.env = {**home.env, **shim.env, "WATCHDOG_USEC": "1000000"}
    home.write("people:\n  me:\n    signals: [{name: hands, kind: activity, source: desktop}]\n")
    home.start("--plain")
    assert home.status()["posture"] == "sitting"
    shim.sleep(timedelta(minutes=30))
    home.until(lambda: "slept" in home.log())
    state = home.status()
    assert state["breaks_today"] == 1
    assert state["posture"] == "sitting"
    assert state["sitting_s"] < 60


def test_what_the_desktop_lacks_is_named_with_what_would_enable_it(home: Home, session: Session) -> None:
    session.appear(idle_monitor())
    session.appear(login_manager(), on_system=True)
    home.start("--plain")
    shown = home.call("status", "--signals").stdout
    assert "This desktop tells:" in shown
    assert "keyboard and mouse: GNOME's idle monitor" in shown
    assert "screen lock and sleep: the login manager\n" in shown
    assert "do not disturb: no; needs GNOME (with gsettings), KDE Plasma, Xfce or dunst" in " ".join(shown.split())


def test_signals_of_desktop_and_broker_stand_in_one_list(home: Home, session: Session) -> None:
    session.appear(login_manager(), on_system=True)
    home.write(
        "mqtt: {port: 1}\n"
        "people:\n  me:\n    signals:\n"
        "      - {name: chair, kind: seat, state_topic: desk/chair}\n"
        "      - {name: lock, kind: locked, source: desktop}\n"
        "      - {name: hands, kind: activity, source: desktop}\n"
    )
    home.start("--plain")
    shown = home.call("signals").stdout
    lines = {line.split()[0]: line for line in shown.splitlines() if line}
    assert "off" in lines["lock"]
    assert "never" in lines["chair"]
    assert "needs GNOME" in shown


def test_in_a_system_service_without_a_session_it_is_said_once_and_the_rest_goes_on(home: Home) -> None:
    home.write("people:\n  me:\n    signals:\n      - {name: hands, kind: activity, source: desktop}\n")
    home.start("--plain")
    assert home.log().count("run nudger as your user service: nudger service install") == 1
    assert home.status()["posture"] == "unknown"
    assert home.stop() == 0


def test_without_a_config_and_a_session_it_goes_by_the_clock_and_says_what_would_help(home: Home) -> None:
    home.start("--plain")
    assert "timer mode" in home.log().splitlines()[0]
    shown = " ".join(home.call("status", "--signals").stdout.split())
    assert "run nudger as your user service: nudger service install" in shown


def test_a_bus_that_dies_harms_nobody(home: Home, session: Session) -> None:
    session.appear(idle_monitor())
    home.start("--plain")
    session.session.stop()
    home.until(lambda: home.status()["posture"] == "unknown")
    session.session.start()
    session.appear(idle_monitor())
    home.until(lambda: home.status()["posture"] == "sitting")
    assert "Traceback" not in home.log()
    assert home.stop() == 0


def test_a_trial_goes_by_the_clock_and_by_the_lock(home: Home, session: Session) -> None:
    session.appear(idle_monitor(600_000))
    login = session.appear(login_manager(), on_system=True)
    home.start("--plain", "--time-scale", "60")
    assert home.log().startswith("nudger: no config found, so it goes by the clock (timer mode), for one person (me)")
    assert "the clock counts" not in home.log()
    assert home.status()["posture"] == "sitting"
    session.do(login.change(SESSION_PATH, LOGIN_SESSION, "LockedHint", "b", True))
    home.until(lambda: home.status()["posture"] == "away")


# --- Notifications ---------------------------------------------------------------------------------------------------


@pytest.fixture
def dunst(home: Home) -> Iterator[Dunst]:
    with Dunst(home.folder / "dunst") as service:
        home.env = {
            **home.env,
            "DBUS_SESSION_BUS_ADDRESS": service.bus.address,
            "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/no",
        }
        yield service
        home.stop()


def test_the_first_start_shows_one_sample_with_the_real_buttons(home: Home, dunst: Dunst) -> None:
    home.write("language: en\npeople:\n  me:\n    outputs: [{type: desktop}]\n")
    home.start("--plain")
    home.until(lambda: dunst.shown() == 1)
    dunst.press("Pause 30 min")
    home.until(lambda: home.status()["hold"] == "paused")
    home.until(lambda: dunst.shown() == 0)
    (sample,) = dunst.history()
    assert sample["summary"] == "This is how I'll tap you"
    assert re.fullmatch(r"First real one about \d\d:\d\d\.", sample["body"])
    home.stop()
    home.start("--plain")
    home.call("resume")
    assert dunst.shown() == 0
    assert len(dunst.history()) == 1


def test_the_samples_buttons_can_be_tried_out(home: Home, dunst: Dunst) -> None:
    home.start("--plain")
    for label in ("Done", "Snooze"):
        home.until(lambda: dunst.shown() == 1)
        dunst.press(label)
        home.until(lambda: dunst.shown() == 0)
        home.stop()
        (home.state / "welcomed").unlink()
        home.start("--plain")
    assert "not carried out" not in home.log()
    home.until(lambda: dunst.shown() == 1)
    dunst.press("Pause 30 min")
    home.until(lambda: home.status()["hold"] == "paused")


def test_without_a_config_the_sample_comes_too(home: Home, dunst: Dunst) -> None:
    home.start("--plain")
    home.until(lambda: dunst.shown() == 1)


def test_a_prompt_is_notified_answered_and_counted(home: Home, dunst: Dunst) -> None:
    home.write("people:\n  me:\n    outputs: [{type: desktop}]\n")
    home.start("--plain", "--time-scale", "600")
    home.until(lambda: dunst.shown() == 1)
    prompt = home.status()["prompt"]
    assert prompt is not None
    dunst.press("Done")
    home.until(lambda: home.status()["followed_today"] == 1)
    home.until(lambda: dunst.shown() == 0)
    assert "\nnudger: this trial talks to your outputs\n" in home.log()


def test_standing_up_takes_the_notification_away(home: Home, session: Session, dunst: Dunst) -> None:
    mutter = idle_monitor()
    session.do(mutter.appear(dunst.bus.address))
    home.write(
        "people:\n  me:\n    outputs: [{type: desktop}]\n"
        "    signals: [{name: hands, kind: activity, source: desktop}]\n"
    )
    home.start("--plain", "--time-scale", "600")
    home.until(lambda: dunst.shown() == 1)
    session.do(mutter.emit(MUTTER_PATH, MUTTER, "WatchFired", "u", 1))
    home.until(lambda: home.status()["posture"] == "away")
    home.until(lambda: dunst.shown() == 0)
    assert home.status()["followed_today"] == 1


def test_an_answer_in_the_terminal_takes_the_notification_away(home: Home, dunst: Dunst) -> None:
    home.write("people:\n  me:\n    outputs: [{type: desktop}]\n")
    home.start("--plain", "--time-scale", "600")
    home.until(lambda: dunst.shown() == 1)
    home.call("skip")
    home.until(lambda: dunst.shown() == 0)


def test_a_service_that_is_killed_under_a_prompt_delays_nobody(home: Home, dunst: Dunst) -> None:
    home.write("people:\n  me:\n    outputs: [{type: desktop}]\n")
    dunst.stop()
    home.start("--plain", "--time-scale", "600")
    home.until(lambda: home.status()["prompt"])
    home.until(lambda: "output desktop: no notification service runs on this desktop" in home.log())
    dunst.start()
    home.until(lambda: dunst.shown() == 1)
    assert home.stop() == 0
    assert "Traceback" not in home.log()
