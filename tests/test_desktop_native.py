"""What shows notifications on macOS, tried here: the library under it speaks to a real notification service as well.

What is left untried is the library's way to macOS itself, and the run loop there.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from dbus_fast import SignatureTree
from desktop_notifier import DesktopNotifier, main
from desktop_notifier.backends.dummy import DummyNotificationCenter
from message_bus import BusDaemon, eventually, leave_all
from notification_rig import NAME, Dunst, Plain
from test_desktop_notifications import AGAIN, PROMPT

from nudger.config.load import default_settings
from nudger.core.events import Event
from nudger.desktop import OwnDesktop
from nudger.outputs import desktop, desktop_native
from nudger.outputs.channel import ChannelError
from nudger.outputs.desktop import DesktopOutput
from nudger.outputs.desktop_native import NativeChannel
from nudger.vocabulary import vocabulary


@dataclass
class Screenful:
    """A channel, and the answers that came back from it."""

    channel: NativeChannel
    answers: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)


@asynccontextmanager
async def a_channel(**options: Any) -> AsyncIterator[Screenful]:
    answers: list[tuple[str, Mapping[str, Any]]] = []
    channel = NativeChannel(lambda command, data: answers.append((command, data)), **options)
    try:
        yield Screenful(channel, answers)
    finally:
        await channel.close()
        await hang_up(channel)


async def hang_up(channel: NativeChannel) -> None:
    """Close the connection to the bus, which the library keeps; on macOS there is none."""
    bus = getattr(getattr(channel._notifier, "_backend", None), "bus", None)
    if bus is not None:
        bus.disconnect()
        await asyncio.wait((asyncio.ensure_future(bus.wait_for_disconnect()),), timeout=5)


_METHODS: Final = (("Notify", "susssasa{sv}i", "u"), ("GetCapabilities", "", "as"), ("CloseNotification", "u", ""))


class Told(Plain):
    """A small notification service that also says what it is, for the library wants to know."""

    def __init__(self, *capabilities: str) -> None:
        super().__init__(*capabilities)
        methods = (*_METHODS, ("GetServerInformation", "", "ssss"))
        described = "".join(_described(*method) for method in methods)
        about = f'<node><interface name="{NAME}">{described}</interface></node>'
        self.answers["org.freedesktop.DBus.Introspectable", "Introspect"] = "s", [about]
        self.answers[NAME, "GetServerInformation"] = "ssss", ["told", "us", "1", "1.2"]


def _described(name: str, takes: str, gives: str) -> str:
    ways = ((takes, "in"), (gives, "out"))
    arguments = (
        f'<arg type="{kind.signature}" direction="{way}"/>'
        for signature, way in ways
        for kind in SignatureTree(signature).types
    )
    return f'<method name="{name}">{"".join(arguments)}</method>'


def on_a_plain_one(
    folder: Path, patch: pytest.MonkeyPatch, service: Plain, story: Callable[[Screenful], Any], **options: Any
) -> None:
    async def tell(bus: BusDaemon) -> None:
        await service.appear(bus.address)
        async with a_channel(**options) as screen:
            await story(screen)
        await leave_all()

    with BusDaemon(folder) as bus:
        patch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        asyncio.run(tell(bus))


def on_a_desktop(
    folder: Path, patch: pytest.MonkeyPatch, story: Callable[[Dunst, Screenful], Any], **options: Any
) -> None:
    async def tell(dunst: Dunst) -> None:
        async with a_channel(**options) as screen:
            await story(dunst, screen)

    with Dunst(folder) as dunst:
        patch.setenv("DBUS_SESSION_BUS_ADDRESS", dunst.bus.address)
        asyncio.run(tell(dunst))


def test_a_prompt_is_shown_repeated_in_its_place_and_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(dunst: Dunst, screen: Screenful) -> None:
        await screen.channel.show(PROMPT)
        assert dunst.shown() == 1
        await screen.channel.show(AGAIN)
        await eventually(lambda: dunst.shown() == 1)
        await screen.channel.withdraw("me-1", "up")
        await eventually(lambda: dunst.shown() == 0)
        await screen.channel.withdraw("me-1", "up")
        repeat, first = dunst.history()
        for entry in (first, repeat):
            assert (entry["appname"], entry["summary"], entry["body"]) == ("nudger", PROMPT.title, PROMPT.body)

    on_a_desktop(tmp_path, monkeypatch, story)


@pytest.mark.parametrize(
    ("label", "answer"),
    [("Done", ("done", {"id": "me-1"})), ("Snooze", ("snooze", {"id": "me-1"})), ("Pause 30 min", ("pause", {}))],
)
def test_a_button_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, label: str, answer: tuple[str, object]
) -> None:
    async def story(dunst: Dunst, screen: Screenful) -> None:
        await screen.channel.show(PROMPT)
        await asyncio.to_thread(dunst.press, label)
        await eventually(lambda: screen.answers == [answer])
        await screen.channel.withdraw("me-1", "done")
        await screen.channel.show(replace(PROMPT, id="me-2"))
        assert dunst.shown() == 1

    on_a_desktop(tmp_path, monkeypatch, story)


def test_after_it_was_dismissed_the_repeat_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(dunst: Dunst, screen: Screenful) -> None:
        await screen.channel.show(PROMPT)
        dunst.close_all()
        await eventually(lambda: dunst.shown() == 0)
        await screen.channel.show(AGAIN)
        assert dunst.shown() == 1

    on_a_desktop(tmp_path, monkeypatch, story)


def test_a_button_of_another_run_is_ignored_with_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    async def story(_: Dunst, screen: Screenful) -> None:
        await screen.channel.show(PROMPT)
        pressed = screen.channel._open().on_button_pressed
        assert pressed is not None
        pressed("nudger-0badf00d-1", "0")
        pressed(screen.channel._shown["me-1"][0], "1")
        pressed(screen.channel._shown["me-1"][0], "1")
        await eventually(lambda: caplog.text.count("no longer asking was ignored") == 2)
        assert screen.answers == [("snooze", {"id": "me-1"})]

    on_a_desktop(tmp_path, monkeypatch, story)


class Kept(logging.Handler):
    """Keeps all that is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def test_a_failure_is_told_with_its_reason_and_not_logged_by_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_the_log = Kept()
    logging.getLogger().addHandler(to_the_log)

    async def story(dunst: Dunst, screen: Screenful) -> None:
        await screen.channel.show(PROMPT)
        dunst.stop()
        with pytest.raises(ChannelError, match="Notification failed") as caught:
            await screen.channel.show(AGAIN)
        assert "org.freedesktop" in caught.value.detail
        assert to_the_log.records == []
        await asyncio.to_thread(dunst.start)
        await screen.channel.show(AGAIN)
        assert dunst.shown() == 1

    on_a_desktop(tmp_path, monkeypatch, story)


def test_without_buttons_the_commands_are_named_and_a_repeat_is_more_urgent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Told("body", "sound")

    async def story(screen: Screenful) -> None:
        await screen.channel.show(PROMPT)
        assert service.last()["hints"] == {"urgency": 1}
        assert service.last()["body"].endswith("Done: nudger done · Snooze: nudger snooze · Pause 30 min: nudger pause")
        await screen.channel.show(AGAIN)
        assert service.last()["hints"] == {"urgency": 2}
        assert service.asked("CloseNotification") == [[7]]

    on_a_plain_one(tmp_path, monkeypatch, service, story)


def test_sound_only_where_it_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = Told("body", "actions", "sound")

    async def story(screen: Screenful) -> None:
        await screen.channel.show(PROMPT)
        assert "sound-name" in service.last()["hints"]
        await screen.channel.show(replace(PROMPT, silent=True))
        assert "sound-name" not in service.last()["hints"]

    on_a_plain_one(tmp_path, monkeypatch, service, story, sound=True)


def test_where_nobody_was_allowed_to_notify_it_is_told_until_somebody_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desktop_native, "PATIENCE_S", 0.05)
    answer: asyncio.Future[bool]

    async def wait_for_the_person(_: object) -> bool:
        return await asyncio.shield(answer)

    monkeypatch.setattr(DesktopNotifier, "request_authorisation", wait_for_the_person)

    async def story(dunst: Dunst, screen: Screenful) -> None:
        nonlocal answer
        answer = asyncio.get_running_loop().create_future()
        for _ in range(2):
            with pytest.raises(ChannelError, match="waits for your answer"):
                await screen.channel.show(PROMPT)
        answer.set_result(False)
        with pytest.raises(ChannelError, match="does not let nudger notify"):
            await screen.channel.show(PROMPT)
        answer = asyncio.get_running_loop().create_future()
        answer.set_result(True)
        await screen.channel.show(PROMPT)
        assert dunst.shown() == 1

    on_a_desktop(tmp_path, monkeypatch, story)


def test_a_python_from_which_macos_shows_nothing_is_named_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "get_backend_class", lambda: DummyNotificationCenter)  # what the library then takes

    async def story() -> None:
        async with a_channel() as screen:
            with pytest.raises(ChannelError, match="no app bundle") as caught:
                await screen.channel.show(PROMPT)
            assert not caught.value.passes

    asyncio.run(story())


def test_a_neutral_one_tells_nothing_of_the_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(dunst: Dunst, screen: Screenful) -> None:
        await screen.channel.show(PROMPT)
        dunst.close_all()
        (entry,) = dunst.history()
        assert (entry["summary"], entry["body"]) == ("nudger", "")

    on_a_desktop(tmp_path, monkeypatch, story, neutral=True)


def test_the_run_loop_gets_its_turn_while_a_button_shows_and_none_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desktop_native, "TURN_EVERY_S", 0.01)
    turns: list[None] = []

    async def story(_: Dunst, screen: Screenful) -> None:
        await screen.channel.show(replace(PROMPT, buttons=()))
        await asyncio.sleep(0.05)
        assert turns == []
        await screen.channel.show(PROMPT)
        await eventually(lambda: len(turns) > 3)
        await screen.channel.withdraw("me-1", "up")
        turning = screen.channel._turning
        assert turning is not None
        await eventually(turning.done)
        await screen.channel.show(PROMPT)
        seen = len(turns)
        await eventually(lambda: len(turns) > seen)

    on_a_desktop(tmp_path, monkeypatch, story, turn=lambda: turns.append(None))


def test_on_macos_it_is_the_desktop_with_and_without_a_config(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(desktop, "main_run_loop", lambda: None)
    bare = default_settings(vocabulary())

    async def story() -> None:
        own = OwnDesktop(Nobody(), lambda: None)
        assert (await own.adopt(bare, automatic=True)).people["me"].outputs == ()
        with monkeypatch.context() as on_a_mac:
            on_a_mac.setattr(sys, "platform", "darwin")
            (output,) = (await own.adopt(bare, automatic=True)).people["me"].outputs
            assert isinstance(output, DesktopOutput)
            assert output.lacks() is None
            channel = output.open(lambda _command, _data: None)
        assert isinstance(channel, NativeChannel)
        await channel.close()

    asyncio.run(story())


class Nobody:
    """Who needs nothing of the desktop."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def handle(self, person: str, event: Event) -> object:
        raise AssertionError(f"{person} was told of {event}")
