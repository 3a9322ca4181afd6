"""Notifications on a desktop: a real notification service, and small ones that lack what a real one has."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pytest
from message_bus import BusDaemon, eventually, leave_all
from notification_rig import Dunst, Plain

from nudger import dbus
from nudger.outputs import desktop
from nudger.outputs.channel import Button, ChannelError, Message
from nudger.outputs.desktop import DesktopChannel, DesktopOutput

PROMPT: Final = Message(
    id="me-1",
    kind="prompt",
    title="Walk to the far window",
    body="Three minutes, at your own pace.",
    category="walk",
    buttons=(
        Button("Done", "done", {"id": "me-1"}),
        Button("Snooze", "snooze", {"id": "me-1"}),
        Button("Pause 30 min", "pause"),
    ),
)
AGAIN: Final = replace(PROMPT, level=1, repeated=True)


@dataclass
class Screenful:
    """A channel on a bus, and the answers that came back from it."""

    channel: DesktopChannel
    answers: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)


@asynccontextmanager
async def channel_on(address: str, **options: Any) -> AsyncIterator[Screenful]:
    answers: list[tuple[str, Mapping[str, Any]]] = []
    channel = DesktopChannel(
        DesktopOutput(type="desktop", **options), address, lambda command, data: answers.append((command, data))
    )
    try:
        yield Screenful(channel, answers)
    finally:
        await channel.close()
        await leave_all()


def on_a_desktop(folder: Path, story: Callable[[Dunst, Screenful], Any], **options: Any) -> None:
    async def tell(dunst: Dunst) -> None:
        async with channel_on(dunst.bus.address, **options) as screen:
            await story(dunst, screen)

    with Dunst(folder) as dunst:
        asyncio.run(tell(dunst))


def test_a_prompt_is_shown_and_taken_away(tmp_path: Path) -> None:
    async def story(dunst: Dunst, screen: Screenful) -> None:
        await screen.channel.show(PROMPT)
        assert dunst.shown() == 1
        await screen.channel.withdraw("me-1", "up")
        await eventually(lambda: dunst.shown() == 0)
        (entry,) = dunst.history()
        assert entry["summary"] == PROMPT.title
        assert entry["body"] == PROMPT.body
        assert (entry["appname"], entry["timeout"]) == ("nudger", 0)
        assert entry["category"] == "x-nudger.walk"

    on_a_desktop(tmp_path, story)


def test_on_the_screen_it_is_there_and_gone_and_a_repeat_takes_no_more_room(tmp_path: Path) -> None:
    async def story(dunst: Dunst, screen: Screenful) -> None:
        empty = dunst.screen.pixels()

        def covered() -> int:
            now = dunst.screen.pixels()
            return sum(now[at : at + 3] != empty[at : at + 3] for at in range(0, len(empty), 3))

        await screen.channel.show(PROMPT)
        await eventually(lambda: covered() > 400 * 40)  # as wide as it is told to be, two lines high
        first = covered()
        await screen.channel.show(AGAIN)
        await eventually(lambda: 0 < covered() < first * 1.5)
        await screen.channel.withdraw("me-1", "up")
        await eventually(lambda: covered() == 0)

    on_a_desktop(tmp_path, story)


def test_a_repeat_takes_the_place_of_the_first(tmp_path: Path) -> None:
    async def story(dunst: Dunst, screen: Screenful) -> None:
        await screen.channel.show(PROMPT)
        await screen.channel.show(AGAIN)
        assert dunst.shown() == 1

    on_a_desktop(tmp_path, story)


@pytest.mark.parametrize(
    ("label", "answer"),
    [("Done", ("done", {"id": "me-1"})), ("Snooze", ("snooze", {"id": "me-1"})), ("Pause 30 min", ("pause", {}))],
)
def test_a_button_answers(tmp_path: Path, label: str, answer: tuple[str, object]) -> None:
    async def story(dunst: Dunst, screen: Screenful) -> None:
        await screen.channel.show(PROMPT)
        await asyncio.to_thread(dunst.press, label)
        await eventually(lambda: screen.answers == [answer])
        await eventually(lambda: dunst.shown() == 0)

    on_a_desktop(tmp_path, story)


def test_after_it_was_dismissed_the_repeat_shows(tmp_path: Path) -> None:
    async def story(dunst: Dunst, screen: Screenful) -> None:
        await screen.channel.show(PROMPT)
        dunst.close_all()
        await eventually(lambda: dunst.shown() == 0)
        await screen.channel.show(AGAIN)
        assert dunst.shown() == 1

    on_a_desktop(tmp_path, story)


def test_text_is_text_though_the_service_understands_markup(tmp_path: Path) -> None:
    async def story(dunst: Dunst, screen: Screenful) -> None:
        await screen.channel.show(replace(PROMPT, body="1 < 2 & <b>3</b>\x1b[31m"))
        dunst.close_all()
        assert dunst.history()[0]["body"] == "1 &lt; 2 &amp; &lt;b&gt;3&lt;/b&gt;[31m"

    on_a_desktop(tmp_path, story)


def test_a_service_that_was_killed_is_told_and_gets_the_prompt_again_when_it_returns(tmp_path: Path) -> None:
    async def story(dunst: Dunst, screen: Screenful) -> None:
        await screen.channel.show(PROMPT)
        dunst.stop()
        with pytest.raises(
            ChannelError, match="no notification service runs on this desktop; install one, such as dunst"
        ):
            await screen.channel.show(AGAIN)
        await asyncio.to_thread(dunst.start)
        await eventually(lambda: dunst.shown() == 1)
        await screen.channel.withdraw("me-1", "up")
        await eventually(lambda: dunst.shown() == 0)

    on_a_desktop(tmp_path, story)


def test_a_service_that_hangs_costs_three_seconds_and_shows_it_once_when_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desktop, "PATIENCE_S", 0.3)
    monkeypatch.setattr(dbus, "CALL_LIMIT_S", 0.3)

    async def story(dunst: Dunst, screen: Screenful) -> None:
        await screen.channel.show(replace(PROMPT, id="me-0"))
        await screen.channel.withdraw("me-0", "up")
        dunst.suspend()
        for _ in range(3):
            before = time.monotonic()
            with pytest.raises(ChannelError, match="does not answer"):
                await screen.channel.show(PROMPT)
            assert time.monotonic() - before < 3
        with pytest.raises(ChannelError, match="does not answer"):
            await screen.channel.withdraw("me-1", "up")
        dunst.resume()
        await screen.channel.show(AGAIN)
        assert dunst.shown() == 1
        await screen.channel.withdraw("me-1", "up")
        await eventually(lambda: dunst.shown() == 0)

    on_a_desktop(tmp_path, story)


def test_a_service_that_is_killed_while_it_hangs_is_followed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desktop, "PATIENCE_S", 0.3)

    async def story(dunst: Dunst, screen: Screenful) -> None:
        await screen.channel.show(replace(PROMPT, id="me-0"))
        await screen.channel.withdraw("me-0", "up")
        dunst.suspend()
        with pytest.raises(ChannelError, match="does not answer"):
            await screen.channel.show(PROMPT)
        dunst.stop()
        await asyncio.to_thread(dunst.start)
        await screen.channel.show(AGAIN)
        assert dunst.shown() == 1

    on_a_desktop(tmp_path, story)


def test_a_bus_that_is_gone_is_told_and_works_again_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dbus, "BACK_OFF_S", (0.05,))

    async def story(dunst: Dunst, screen: Screenful) -> None:
        await screen.channel.show(PROMPT)
        dunst.stop()
        dunst.bus.stop()
        await eventually(lambda: screen.channel._bus.trouble)
        with pytest.raises(ChannelError, match="the notification service failed"):
            await screen.channel.show(AGAIN)
        dunst.bus.start()
        await asyncio.to_thread(dunst.start)
        await eventually(lambda: dunst.shown() == 1)

    on_a_desktop(tmp_path, story)


def test_the_first_is_of_ordinary_urgency_and_the_repeat_of_a_high_one(tmp_path: Path) -> None:
    service = Plain("body", "actions")

    async def story(screen: Screenful) -> None:
        await screen.channel.show(PROMPT)
        assert (service.last()["replaces"], service.last()["hints"]["urgency"]) == (0, 1)
        await screen.channel.show(AGAIN)
        assert (service.last()["replaces"], service.last()["hints"]["urgency"]) == (7, 2)

    on_a_plain_one(tmp_path, service, story)


# --- Services that lack something ------------------------------------------------------------------------------------


def on_a_plain_one(folder: Path, service: Plain, story: Callable[[Screenful], Any], **options: Any) -> None:
    async def tell(bus: BusDaemon) -> None:
        await service.appear(bus.address)
        async with channel_on(bus.address, **options) as screen:
            await story(screen)

    with BusDaemon(folder) as bus:
        asyncio.run(tell(bus))


def test_without_buttons_the_commands_that_say_the_same_are_named(tmp_path: Path) -> None:
    service = Plain("body")

    async def story(screen: Screenful) -> None:
        await screen.channel.show(PROMPT)
        assert service.last()["actions"] == []
        assert service.last()["body"] == (
            "Three minutes, at your own pace.\nDone: nudger done · Snooze: nudger snooze · Pause 30 min: nudger pause"
        )

    on_a_plain_one(tmp_path, service, story)


def test_without_markup_text_is_left_alone(tmp_path: Path) -> None:
    service = Plain("body", "actions")

    async def story(screen: Screenful) -> None:
        await screen.channel.show(replace(PROMPT, body="1 < 2 & 3"))
        assert service.last()["body"] == "1 < 2 & 3"

    on_a_plain_one(tmp_path, service, story)


def test_without_a_body_all_stands_in_the_title(tmp_path: Path) -> None:
    service = Plain()

    async def story(screen: Screenful) -> None:
        await screen.channel.show(PROMPT)
        assert service.last()["title"] == "Walk to the far window: Three minutes, at your own pace."
        assert service.last()["body"] == ""

    on_a_plain_one(tmp_path, service, story)


def test_a_neutral_one_tells_nothing_of_the_person(tmp_path: Path) -> None:
    service = Plain("body", "actions")

    async def story(screen: Screenful) -> None:
        await screen.channel.show(PROMPT)
        last = service.last()
        assert (last["title"], last["body"], last["icon"]) == ("nudger", "", "appointment-soon")
        assert last["hints"]["category"] == "x-nudger.prompt"
        assert len(last["actions"]) == 6

    on_a_plain_one(tmp_path, service, story, neutral=True)


def test_sound_only_where_it_was_asked_for_and_not_when_it_comes_back_silently(tmp_path: Path) -> None:
    service = Plain("body", "actions", "sound")

    async def story(screen: Screenful) -> None:
        await screen.channel.show(PROMPT)
        assert service.last()["hints"]["sound-name"] == "message-new-instant"
        await screen.channel.show(replace(PROMPT, silent=True))
        assert service.last()["hints"]["suppress-sound"] is True
        assert service.last()["hints"]["urgency"] == 0

    on_a_plain_one(tmp_path, service, story, sound=True)


def test_what_merely_informs_goes_away_by_itself(tmp_path: Path) -> None:
    service = Plain("body", "actions")

    async def story(screen: Screenful) -> None:
        await screen.channel.show(
            Message(id="me-enough", kind="enough", title="That is enough", body="Sit if you like.")
        )
        last = service.last()
        assert (last["expires"], last["hints"]["transient"], last["hints"]["urgency"]) == (-1, True, 0)
        assert last["hints"]["suppress-sound"] is True

    on_a_plain_one(tmp_path, service, story)


def test_an_endless_text_is_cut(tmp_path: Path) -> None:
    service = Plain("body", "actions")

    async def story(screen: Screenful) -> None:
        await screen.channel.show(replace(PROMPT, body="a" * 100_000))
        assert len(service.last()["body"]) == 500

    on_a_plain_one(tmp_path, service, story)


def test_a_button_pressed_twice_or_after_the_end_or_in_another_run_is_ignored_with_a_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    service = Plain("body", "actions")

    async def story(screen: Screenful) -> None:
        ignored = "a button of a notification that is no longer asking was ignored"
        await screen.channel.show(PROMPT)
        done, _, snooze, *_ = service.last()["actions"]
        await service.press(7, "nudger-0badf00d-1")  # another run's
        await eventually(lambda: caplog.text.count(ignored) == 1)
        await service.press(7, "default")  # another program's
        await service.press(7, done)
        await service.press(7, done)
        await eventually(lambda: caplog.text.count(ignored) == 2)
        assert screen.answers == [("done", {"id": "me-1"})]
        await screen.channel.show(PROMPT)
        done = service.last()["actions"][0]
        await screen.channel.withdraw("me-1", "up")
        await service.press(7, done)
        await service.press(7, snooze)
        await eventually(lambda: caplog.text.count(ignored) == 4)
        assert len(screen.answers) == 1

    on_a_plain_one(tmp_path, service, story)


def test_no_service_at_all_is_told_at_once(tmp_path: Path) -> None:
    async def story(bus: BusDaemon) -> None:
        async with channel_on(bus.address) as screen:
            with pytest.raises(ChannelError, match="no notification service runs on this desktop"):
                await screen.channel.show(PROMPT)
            await screen.channel.withdraw("me-1", "up")
            service = await Plain("body").appear(bus.address)
            await screen.channel.show(PROMPT)
            assert service.last()["title"] == PROMPT.title

    with BusDaemon(tmp_path) as bus:
        asyncio.run(story(bus))


def test_without_a_session_the_options_say_what_is_lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    lacks = DesktopOutput(type="desktop").lacks()
    assert lacks is not None
    assert "nudger service install" in lacks
