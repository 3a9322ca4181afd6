"""What the desktop tells becomes signals: on real buses, with services that play the parts of a desktop."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from desktop_rig import (
    LOGIN_PATH,
    LOGIN_SESSION,
    MANAGER,
    MUTTER,
    MUTTER_PATH,
    SESSION_PATH,
    a_desktop,
    idle_monitor,
    login_manager,
)
from message_bus import Service, eventually
from notification_rig import Dunst
from screen import Screen

from nudger import dbus
from nudger.core.events import AvailabilityChanged, SignalChanged
from nudger.core.words import Kind
from nudger.sources.desktop.options import DesktopOptions
from nudger.sources.desktop.signals import DesktopSignals


def run(coroutine: object) -> None:
    asyncio.run(coroutine)  # type: ignore[arg-type]  # every caller hands in a coroutine


def test_lock_and_unlock_are_told_by_the_login_manager(tmp_path: Path) -> None:
    async def story() -> None:
        login = login_manager()
        async with a_desktop(tmp_path, system=(login,)) as desktop:
            await desktop.listen("locked")
            assert desktop.heard == [("locked", "there"), ("locked", False)]
            await login.change(SESSION_PATH, LOGIN_SESSION, "LockedHint", "b", True)
            await desktop.hears(("locked", True))
            assert 0 <= desktop.ago_s() < 2
            await login.change(SESSION_PATH, LOGIN_SESSION, "LockedHint", "b", False)
            await desktop.hears(("locked", False))

    run(story())


def test_a_lock_that_was_there_at_the_start_is_told(tmp_path: Path) -> None:
    async def story() -> None:
        login = login_manager()
        login.answers[LOGIN_SESSION, "=LockedHint"] = ("b", [True])
        async with a_desktop(tmp_path, system=(login,)) as desktop:
            await desktop.listen("locked")
            assert desktop.heard == [("locked", "there"), ("locked", True)]

    run(story())


def test_a_request_to_lock_counts_until_hands_move_again(tmp_path: Path) -> None:
    async def story() -> None:
        login, mutter = login_manager(), idle_monitor()
        async with a_desktop(tmp_path, mutter, system=(login,)) as desktop:
            await desktop.listen("locked")
            await login.emit(SESSION_PATH, LOGIN_SESSION, "Lock")
            await desktop.hears(("locked", True))
            await mutter.emit(MUTTER_PATH, MUTTER, "WatchFired", "u", 1)
            await eventually(lambda: mutter.asked("AddUserActiveWatch"))
            await mutter.emit(MUTTER_PATH, MUTTER, "WatchFired", "u", 2)
            await desktop.hears(("locked", False))

    run(story())


def test_suspend_is_a_lock_and_resume_ends_it(tmp_path: Path) -> None:
    async def story() -> None:
        login = login_manager()
        async with a_desktop(tmp_path, system=(login,)) as desktop:
            await desktop.listen("locked")
            await login.emit(LOGIN_PATH, MANAGER, "PrepareForSleep", "b", True)
            await desktop.hears(("locked", True))
            await login.emit(LOGIN_PATH, MANAGER, "PrepareForSleep", "b", False)
            await desktop.hears(("locked", False))

    run(story())


@pytest.mark.parametrize("name", ["freedesktop", "gnome", "cinnamon", "mate", "xfce"])
def test_every_screen_saver_tells_of_the_lock(tmp_path: Path, name: str) -> None:
    async def story() -> None:
        saver = Service(f"org.{name}.ScreenSaver", {(f"org.{name}.ScreenSaver", "GetActive"): ("b", [False])})
        async with a_desktop(tmp_path, saver) as desktop:
            await desktop.listen("locked")
            assert desktop.heard == [("locked", "there"), ("locked", False)]
            await saver.emit(f"/org/{name}/ScreenSaver", f"org.{name}.ScreenSaver", "ActiveChanged", "b", True)
            await desktop.hears(("locked", True))

    run(story())


def test_idle_hands_are_told_once_a_pause_and_dated_back_to_the_last_input(tmp_path: Path) -> None:
    async def story() -> None:
        mutter = idle_monitor()
        async with a_desktop(tmp_path, mutter) as desktop:
            await desktop.listen("activity")
            assert desktop.heard == [("activity", "there"), ("activity", True)]
            assert mutter.asked("AddIdleWatch") == [[12_000]]
            for active_watch in (2, 3):
                await mutter.emit(MUTTER_PATH, MUTTER, "WatchFired", "u", 1)
                await desktop.hears(("activity", False))
                assert 11.9 < desktop.ago_s() < 14
                await mutter.was_asked("AddUserActiveWatch", active_watch - 1)
                await mutter.emit(MUTTER_PATH, MUTTER, "WatchFired", "u", active_watch)
                await desktop.hears(("activity", True))
            assert len(mutter.asked("GetIdletime")) == 1

    run(story())


def test_hands_that_have_been_idle_at_the_start_are_dated_back(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_desktop(tmp_path, idle_monitor(200_000)) as desktop:
            await desktop.listen("activity")
            assert desktop.heard == [("activity", "there"), ("activity", False)]
            assert 199 < desktop.ago_s() < 203

    run(story())


def test_a_watch_that_rings_before_its_number_is_known_is_heard(tmp_path: Path) -> None:
    async def story() -> None:
        mutter = idle_monitor()
        async with a_desktop(tmp_path, mutter) as desktop:
            await desktop.listen("activity")

            def ring_at_once() -> tuple[str, list[int]]:
                task = asyncio.ensure_future(mutter.emit(MUTTER_PATH, MUTTER, "WatchFired", "u", 7))
                task.add_done_callback(lambda _: None)
                return "u", [7]

            mutter.answers[MUTTER, "AddUserActiveWatch"] = ring_at_once
            await mutter.emit(MUTTER_PATH, MUTTER, "WatchFired", "u", 1)
            await desktop.hears(("activity", False), ("activity", True))

    run(story())


INHIBITORS = {
    "gnome": (
        "org.gnome.SessionManager",
        ("/org/gnome/SessionManager", "org.gnome.SessionManager", "InhibitedActions", "u"),
        (0, 8 | 4),
    ),
    "login manager": (
        "org.freedesktop.login1",
        (LOGIN_PATH, MANAGER, "BlockInhibited", "s"),
        ("sleep", "sleep:idle:handle-lid-switch"),
    ),
}


@pytest.mark.parametrize("who", INHIBITORS)
@pytest.mark.parametrize(("video", "counts_as"), [("present", True), ("away", False), ("ignore", False)])
def test_a_video_counts_as_the_person_chose(tmp_path: Path, who: str, video: str, counts_as: bool) -> None:
    async def story() -> None:
        name, (path, interface, prop, signature), (off, on) = INHIBITORS[who]
        service = login_manager() if name == "org.freedesktop.login1" else Service(name, {})
        service.answers[interface, f"={prop}"] = (signature, [off])
        mutter = idle_monitor(60_000)
        on_system = (service,) if name == "org.freedesktop.login1" else ()
        async with a_desktop(tmp_path, mutter, *(() if on_system else (service,)), system=on_system) as desktop:
            await desktop.listen("activity", video=video)
            assert desktop.heard[-1] == ("activity", False)
            await service.change(path, interface, prop, signature, on)
            await eventually(lambda: "video" in desktop.signals.summary())
            if counts_as:
                await desktop.hears(("activity", True))
            await service.change(path, interface, prop, signature, off)
            if counts_as:
                await desktop.hears(("activity", False))
                assert desktop.ago_s() < 5, "present until the video ended"
            assert len(desktop.heard) == (4 if counts_as else 2)

    run(story())


def test_while_a_video_plays_the_idle_monitor_is_asked_for_it_does_not_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nudger.sources.desktop.mutter.ASK_EVERY_S", 0.02)

    async def story() -> None:
        login, mutter = login_manager(), idle_monitor()
        async with a_desktop(tmp_path, mutter, system=(login,)) as desktop:
            await desktop.listen("activity", video="ignore")
            mutter.answers[MUTTER, "GetIdletime"] = ("t", [40_000])
            await login.change(LOGIN_PATH, MANAGER, "BlockInhibited", "s", "idle")
            await desktop.hears(("activity", False))
            assert 39.9 < desktop.ago_s() < 42
            await mutter.was_asked("AddUserActiveWatch", 1)
            mutter.answers[MUTTER, "GetIdletime"] = ("t", [0])
            await mutter.emit(MUTTER_PATH, MUTTER, "WatchFired", "u", 2)
            await desktop.hears(("activity", True))
            await login.change(LOGIN_PATH, MANAGER, "BlockInhibited", "s", "")
            await eventually(lambda: "video" in desktop.signals.summary())
            await asyncio.sleep(0.1)
            asked = len(mutter.asked("GetIdletime"))
            await asyncio.sleep(0.2)
            assert len(mutter.asked("GetIdletime")) == asked

    run(story())


def test_kde_tells_of_inhibitors_through_the_power_manager(tmp_path: Path) -> None:
    async def story() -> None:
        name = "org.freedesktop.PowerManagement.Inhibit"
        power = Service(name, {(name, "HasInhibit"): ("b", [True])})
        async with a_desktop(tmp_path, power, idle_monitor(60_000)) as desktop:
            await desktop.listen("activity")
            assert desktop.heard[-1] == ("activity", True)
            await power.emit("/org/freedesktop/PowerManagement/Inhibit", name, "HasInhibitChanged", "b", False)
            await desktop.hears(("activity", False))

    run(story())


def test_do_not_disturb_of_kde_is_a_property_of_the_notification_service(tmp_path: Path) -> None:
    async def story() -> None:
        name, path = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
        server = Service(name, {(name, "=Inhibited"): ("b", [False])})
        async with a_desktop(tmp_path, server) as desktop:
            await desktop.listen("dnd")
            assert desktop.heard == [("dnd", "there"), ("dnd", False)]
            await server.change(path, name, "Inhibited", "b", True)
            await desktop.hears(("dnd", True))
            server.answers[name, "=Inhibited"] = ("b", [False])  # told only that it changed
            properties = "org.freedesktop.DBus.Properties"
            await server.emit(path, properties, "PropertiesChanged", "sa{sv}as", name, {}, ["Inhibited"])
            await desktop.hears(("dnd", False))

    run(story())


def test_do_not_disturb_of_dunst_is_its_pause(tmp_path: Path) -> None:
    async def story(dunst: Dunst) -> None:
        heard: list[object] = []
        environ = {"DBUS_SESSION_BUS_ADDRESS": dunst.bus.address, "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere"}
        signals = DesktopSignals(lambda _, event: heard.append(event), lambda: datetime.now(UTC), environ)
        await signals.start()
        signals.adopt([("me", DesktopOptions(source="desktop", name="quiet", kind=Kind.DND))])
        signals.say_again()
        assert heard == [AvailabilityChanged("quiet", available=True), SignalChanged("quiet", on=False)]
        await asyncio.to_thread(dunst.set_paused, True)
        await eventually(lambda: getattr(heard[-1], "on", None) is True)
        await asyncio.to_thread(dunst.set_paused, False)
        await eventually(lambda: getattr(heard[-1], "on", None) is False)
        await signals.stop()

    with Dunst(tmp_path) as dunst:
        asyncio.run(story(dunst))


def test_do_not_disturb_of_xfce_is_in_its_settings(tmp_path: Path) -> None:
    async def story() -> None:
        from dbus_fast import Variant

        name = "org.xfce.Xfconf"
        xfconf = Service(name, {(name, "GetProperty"): ("v", [Variant("b", False)])})
        async with a_desktop(tmp_path, xfconf) as desktop:
            await desktop.listen("dnd")
            assert desktop.heard == [("dnd", "there"), ("dnd", False)]
            for channel, prop, value in (
                ("xfwm4", "/do-not-disturb", True),
                ("xfce4-notifyd", "/theme", True),
                ("xfce4-notifyd", "/do-not-disturb", True),
            ):
                changed = (channel, prop, Variant("b", value))
                await xfconf.emit("/org/xfce/Xfconf", name, "PropertyChanged", "ssv", *changed)
            await desktop.hears(("dnd", True))
            assert len(desktop.heard) == 3

    run(story())


def test_do_not_disturb_of_gnome_is_read_when_its_settings_were_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        tool = tmp_path / "bin" / "gsettings"
        tool.parent.mkdir()
        tool.write_text(f'#!/bin/sh\n[ "$3" = show-banners ] && cat {tmp_path}/banners\n')
        tool.chmod(0o755)
        (tmp_path / "banners").write_text("true\n")
        monkeypatch.setenv("PATH", str(tool.parent), prepend=":")
        writer = Service("ca.desrt.dconf", {})
        async with a_desktop(tmp_path, Service("org.gnome.Shell", {}), writer) as desktop:
            await desktop.listen("dnd")
            assert desktop.heard == [("dnd", "there"), ("dnd", False)]
            (tmp_path / "banners").write_text("false\n")
            at = ("/ca/desrt/dconf/Writer/user", "ca.desrt.dconf.Writer", "Notify", "sass")
            await writer.emit(*at, "/org/gnome/desktop/background/picture-uri", [""], "tag")
            await writer.emit(*at, "/org/gnome/desktop/notifications/show-banners", [""], "tag")
            await desktop.hears(("dnd", True))

    run(story())


def test_a_session_that_began_after_the_service_is_found_through_systemd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nudger.sources.desktop.display.AGAIN_S", 0.05)

    async def story(screen: Screen) -> None:
        name = "org.freedesktop.systemd1"
        systemd = Service(name, {(f"{name}.Manager", "=Environment"): ("as", [["LANG=C"]])})
        async with a_desktop(tmp_path, systemd) as desktop:
            await desktop.listen("activity")
            assert desktop.heard == [("activity", "gone")]
            told = ["LANG=C", f"DISPLAY={screen.display}", "PATH=/nowhere"]
            systemd.answers[f"{name}.Manager", "=Environment"] = ("as", [told])
            await eventually(lambda: desktop.signals.report()[0]["from"] == ["the X server"])
            assert desktop.heard[1] == ("activity", "there")

    with Screen() as screen:
        run(story(screen))


# --- What goes wrong -------------------------------------------------------------------------------------------------


def test_a_service_that_vanishes_proves_nothing_and_one_that_returns_does(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_desktop(tmp_path) as desktop:
            mutter = await idle_monitor().appear(desktop.session.address)
            await desktop.listen("activity")
            await mutter.vanish()
            await desktop.hears(("activity", "gone"))
            await idle_monitor(90_000).appear(desktop.session.address)
            await desktop.hears(("activity", "there"), ("activity", False))

    run(story())


@pytest.mark.parametrize("member", ["AddIdleWatch", "GetIdletime"])
def test_a_service_that_vanishes_in_the_middle_of_a_call_harms_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, member: str
) -> None:
    async def story() -> None:
        mutter, login = idle_monitor(), login_manager()
        mutter.answers[MUTTER, member] = None
        async with a_desktop(tmp_path, mutter, system=(login,)) as desktop:
            listening = asyncio.ensure_future(desktop.listen("activity", "locked"))
            await mutter.was_asked(member, 1)
            await mutter.vanish()
            await listening
            assert desktop.heard == [("activity", "gone"), ("locked", "there"), ("locked", False)]
            await idle_monitor().appear(desktop.session.address)
            await desktop.hears(("activity", "there"), ("activity", True))

    run(story())
    assert [record for record in caplog.records if record.levelname in {"WARNING", "ERROR"}] == []


def test_a_bus_that_is_gone_comes_back(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_desktop(tmp_path) as desktop:
            login = await login_manager().appear(desktop.system.address)
            await desktop.listen("locked", "activity")
            assert login.asked("GetSession")
            desktop.system.stop()
            await desktop.hears(("locked", "gone"))
            desktop.system.start()
            again = login_manager()
            again.answers[LOGIN_SESSION, "=LockedHint"] = ("b", [True])
            await again.appear(desktop.system.address)
            await eventually(lambda: ("locked", True) in desktop.heard)

    run(story())


def test_a_service_that_hangs_delays_nobody_and_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbus, "RETRY_S", 0.1)
    monkeypatch.setattr(dbus, "CALL_LIMIT_S", 0.5)

    async def story() -> None:
        mutter, login = idle_monitor(), login_manager()
        mutter.answers[MUTTER, "GetIdletime"] = None
        async with a_desktop(tmp_path, mutter, system=(login,)) as desktop:
            before = asyncio.get_running_loop().time()
            await desktop.listen("activity", "locked")
            assert asyncio.get_running_loop().time() - before < 5
            assert desktop.heard == [("activity", "gone"), ("locked", "there"), ("locked", False)]
            mutter.answers[MUTTER, "GetIdletime"] = ("t", [0])
            await desktop.hears(("activity", "there"), ("activity", True))

    run(story())


def test_a_bus_that_hangs_delays_the_start_by_two_seconds_at_most(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_desktop(tmp_path, idle_monitor()) as desktop:
            desktop.session.suspend()
            before = asyncio.get_running_loop().time()
            await desktop.listen("activity")
            assert asyncio.get_running_loop().time() - before < 4
            assert desktop.heard == [("activity", "gone")]
            desktop.session.resume()
            await desktop.hears(("activity", "there"), ("activity", True))

    run(story())


def test_nonsense_from_a_service_changes_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        login = login_manager()
        async with a_desktop(tmp_path, system=(login,)) as desktop:
            await desktop.listen("locked")
            await login.emit(LOGIN_PATH, MANAGER, "PrepareForSleep", "ss", "what", "is this")
            await login.emit(LOGIN_PATH, MANAGER, "PrepareForSleep", "b", True)
            await desktop.hears(("locked", True))

    run(story())
    assert "could not be read: org.freedesktop.login1.Manager.PrepareForSleep" in caplog.text


def test_somebody_else_cannot_play_the_login_manager(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_desktop(tmp_path, system=(login_manager(),)) as desktop:
            stranger = await Service("org.example.Stranger", {}).appear(desktop.system.address)
            await desktop.listen("locked")
            _, system = desktop.signals._buses
            assert system._bus is not None
            assert system._bus.unique_name is not None
            at = (LOGIN_PATH, MANAGER, "PrepareForSleep", "b")
            await stranger.emit(*at, True)
            await stranger.emit_to(system._bus.unique_name, *at, True)
            await asyncio.sleep(0.2)
            assert desktop.heard == [("locked", "there"), ("locked", False)]

    run(story())


def test_without_a_session_it_is_said_once_how_to_get_one(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        async with a_desktop(tmp_path) as desktop:
            desktop.environ.clear()
            await desktop.listen("activity", "locked")
            assert desktop.heard == [("activity", "gone"), ("locked", "gone")]
            assert desktop.signals.offers() == ()

    run(story())
    assert caplog.text.count("nudger service install") == 1


def test_what_is_there_and_what_is_missing_is_told(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_desktop(tmp_path, idle_monitor(), system=(login_manager(),)) as desktop:
            await desktop.listen("activity")
            assert desktop.signals.offers()[:2] == (Kind.ACTIVITY, Kind.LOCKED)
            rows = {row["name"]: row for row in desktop.signals.report()}
            assert rows["keyboard and mouse"] == {
                "name": "keyboard and mouse",
                "from": ["GNOME's idle monitor"],
                "missing": None,
            }
            assert rows["do not disturb"]["from"] == []
            assert "KDE Plasma, Xfce or dunst" in rows["do not disturb"]["missing"]

    run(story())
