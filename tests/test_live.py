"""The live view on a real terminal: its keys, its log, and that it leaves the terminal as it was."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import termios
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from typing import Any

import pytest
from cli_rig import Home, a_home
from health_rig import health
from rendered import NOON, PROMPT, state
from terminal_rig import Person, Terminal, a_terminal

from nudger.cli.live import LiveView
from nudger.cli.screen import Screen
from nudger.core.effects import RecordStage
from nudger.core.state import State, Today


class MadeUpDesk:
    """A daemon that remembers what it was told."""

    def __init__(self, **persons: dict[str, Any]) -> None:
        self.persons: Mapping[str, Mapping[str, Any]] = persons
        self.said: list[tuple[str, str]] = []
        self.refusal: str | None = None
        self.stopped = False

    def states(self) -> Mapping[str, Mapping[str, Any]]:
        return self.persons

    def given_up(self) -> Collection[str]:
        return ()

    def put_off(self) -> Collection[str]:
        return ()

    def command(self, person: str, command: str) -> str | None:
        self.said.append((person, command))
        return self.refusal

    def now(self) -> datetime:
        return NOON

    def zone(self) -> tzinfo:
        return UTC

    def stop(self) -> None:
        self.stopped = True


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  (what is waited for is a terminal, which knows no events)
            await asyncio.sleep(0.01)


SOMEBODY = State(at=NOON, seed=1, today=Today(date(2026, 11, 22)), health=health("steady"))


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    with a_terminal() as both:
        yield both


def on_a_terminal(
    desk: MadeUpDesk,
    ends: tuple[int, int],
    check: Callable[[LiveView, Terminal], Awaitable[None]],
    size: tuple[int, int] = (90, 40),
) -> None:
    """Show a view on the terminal, and close it after the check."""
    ours, theirs = ends
    terminal = Terminal(ours)

    async def run() -> None:
        view = LiveView(desk, Screen(theirs), theirs, size=size)
        view.watch("me", SOMEBODY, ())
        await until(lambda: "Ctrl-C ends" in terminal.look())
        try:
            await check(view, terminal)
        finally:
            view.close()

    asyncio.run(run())


@pytest.mark.parametrize(("key", "command"), [("d", "done"), ("s", "snooze"), ("k", "skip"), ("p", "pause")])
def test_a_key_is_a_command(ends: tuple[int, int], key: str, command: str) -> None:
    desk = MadeUpDesk(me=state())

    async def check(_view: LiveView, terminal: Terminal) -> None:
        terminal.press(key)
        await until(lambda: desk.said)

    on_a_terminal(desk, ends, check)
    assert desk.said == [("me", command)]


def test_the_key_for_pause_ends_one(ends: tuple[int, int]) -> None:
    desk = MadeUpDesk(me=state(hold="paused"))

    async def check(_view: LiveView, terminal: Terminal) -> None:
        terminal.press("p")
        await until(lambda: desk.said)

    on_a_terminal(desk, ends, check)
    assert desk.said == [("me", "resume")]


def test_other_keys_and_pastes_say_nothing(ends: tuple[int, int]) -> None:
    desk = MadeUpDesk(me=state())

    async def check(_view: LiveView, terminal: Terminal) -> None:
        for keys in ("x", "D", "\x1b[A", "\x1bd", "ß", "dinner is done, skip the dishes"):
            terminal.press(keys)
            await asyncio.sleep(0.02)
        terminal.press("k")
        await until(lambda: desk.said)

    on_a_terminal(desk, ends, check)
    assert desk.said == [("me", "skip")]


def test_tab_chooses_whom_the_keys_answer_for(ends: tuple[int, int]) -> None:
    desk = MadeUpDesk(me=state(), sam=state())

    async def check(_view: LiveView, terminal: Terminal) -> None:
        for expected, key in ((1, "d"), (1, "\t"), (2, "d"), (2, "\t"), (3, "d")):
            terminal.press(key)
            await until(partial(lambda number: len(desk.said) >= number, expected))
            await asyncio.sleep(0.05)  # what a tab does, is only seen by the next key

    on_a_terminal(desk, ends, check)
    assert desk.said == [("me", "done"), ("sam", "done"), ("me", "done")]


def test_an_answer_is_from_the_only_one_with_a_prompt(ends: tuple[int, int]) -> None:
    desk = MadeUpDesk(me=state(), sam=state(prompt=PROMPT))
    desk.refusal = "Not now."

    async def check(_view: LiveView, terminal: Terminal) -> None:
        terminal.press("k")
        await until(lambda: "sam: Not now." in terminal.look())
        terminal.press("p")
        await until(lambda: "me: Not now." in terminal.look())

    on_a_terminal(desk, ends, check)
    assert desk.said == [("sam", "skip"), ("me", "pause")]


def test_with_several_prompts_the_chosen_one_answers(ends: tuple[int, int]) -> None:
    desk = MadeUpDesk(me=state(prompt=PROMPT), sam=state(prompt=PROMPT))

    async def check(_view: LiveView, terminal: Terminal) -> None:
        terminal.press("d")
        await until(lambda: desk.said)

    on_a_terminal(desk, ends, check)
    assert desk.said == [("me", "done")]


def test_a_refusal_is_shown(ends: tuple[int, int]) -> None:
    desk = MadeUpDesk(me=state())
    desk.refusal = "No prompt is showing."

    async def check(_view: LiveView, terminal: Terminal) -> None:
        terminal.press("d")
        await until(lambda: "12:00  No prompt is showing." in terminal.look())

    on_a_terminal(desk, ends, check)


def test_what_happens_is_shown_and_log_lines_go_above(ends: tuple[int, int]) -> None:
    desk = MadeUpDesk(me=state())

    async def check(view: LiveView, terminal: Terminal) -> None:
        view.watch("me", SOMEBODY, [RecordStage("daily_walks", "steady", "user")])
        await until(lambda: "12:00  stage: Daily walks -> Steady" in terminal.look())
        view.print("a line of the [log]")
        await until(lambda: "a line of the [log]" in terminal.look())
        view.print("long line " * 8 + "the end")
        await until(lambda: "the end" in terminal.look())
        assert re.search(r"line long *\r\nline", terminal.look()), "it is broken between words"

    on_a_terminal(desk, ends, check, size=(75, 24))


def test_many_decisions_are_one_picture(ends: tuple[int, int]) -> None:
    desk = MadeUpDesk(me=state())

    async def check(view: LiveView, terminal: Terminal) -> None:
        pictures = terminal.look().count("me  sitting")
        for _ in range(50):
            view.watch("me", SOMEBODY, ())
            await asyncio.sleep(0)
        assert terminal.look().count("me  sitting") == pictures
        await until(lambda: terminal.look().count("me  sitting") > pictures)

    on_a_terminal(desk, ends, check)


def test_a_small_screen_shows_the_latest_only(ends: tuple[int, int]) -> None:
    desk = MadeUpDesk(me=state())

    async def check(view: LiveView, terminal: Terminal) -> None:
        view.watch("me", SOMEBODY, [RecordStage("", str(number), "user") for number in range(8)])
        await until(lambda: "stage:  -> 7" in terminal.look())
        assert "stage:  -> 5" in terminal.look()
        assert "stage:  -> 1" not in terminal.look()
        assert terminal.look().count("Ctrl-C ends") >= 2, "the last line is still there"

    on_a_terminal(desk, ends, check, size=(90, 13))


def test_a_terminal_that_takes_nothing_holds_nobody_up(ends: tuple[int, int]) -> None:
    desk = MadeUpDesk(me=state())

    async def check(view: LiveView, terminal: Terminal) -> None:
        termios.tcflow(ends[1], termios.TCOOFF)  # as Ctrl-S does
        began = time.monotonic()
        for number in range(400):
            view.print(f"line {number} " + 80 * "x")
            terminal.press("x")
            await asyncio.sleep(0)
        view.close()
        assert time.monotonic() - began < 5
        termios.tcflow(ends[1], termios.TCOON)
        await until(lambda: "line 0 " in terminal.look())

    on_a_terminal(desk, ends, check)


def test_the_terminal_is_left_as_it_was(ends: tuple[int, int]) -> None:
    before = termios.tcgetattr(ends[1])
    desk = MadeUpDesk(me=state())
    shown: list[str] = []

    async def check(_view: LiveView, terminal: Terminal) -> None:
        assert not termios.tcgetattr(ends[1])[3] & (termios.ICANON | termios.ECHO)
        assert "\x1b[?25l" in terminal.look(), "the cursor is hidden"
        shown.append(terminal.look())

    on_a_terminal(desk, ends, check)
    assert termios.tcgetattr(ends[1]) == before
    rest = Terminal(ends[0]).look()
    assert "\x1b[?25h" in rest, "the cursor is back"


def test_a_terminal_that_is_gone_ends_the_program(ends: tuple[int, int]) -> None:
    desk = MadeUpDesk(me=state())

    async def check(_view: LiveView, _terminal: Terminal) -> None:
        os.close(ends[0])
        await until(lambda: desk.stopped)

    on_a_terminal(desk, ends, check)


def test_somebody_who_left_the_config_is_no_longer_chosen(ends: tuple[int, int]) -> None:
    desk = MadeUpDesk(me=state(), sam=state())

    async def check(_view: LiveView, terminal: Terminal) -> None:
        desk.persons = {"sam": state()}
        terminal.press("d")
        await until(lambda: desk.said)

    on_a_terminal(desk, ends, check)
    assert desk.said == [("sam", "done")]


# --- All of it: `nudger run` on a terminal of its own ----------------------------------------------------------------


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        (made.folder / "log").touch()
        yield made


def runs(home: Home, ends: tuple[int, int], *args: str) -> Person:
    """Somebody in whose terminal nudger runs; it ends with their home."""
    person = Person(home, ends, "run", *args)
    home.process = person.process
    return person


def test_a_day_at_the_terminal(home: Home, ends: tuple[int, int]) -> None:
    person = runs(home, ends, "--time-scale", "300")
    person.sees("no config found, so it goes by the clock (timer mode), for one person (me), trying out, 300 times")
    person.sees("It is not a medical device")
    person.sees("sitting for")
    person.sees("put off")
    person.terminal.press("d")
    person.sees("prompt done after")
    person.sees("break of 2 min, assumed")
    assert home.status()["followed_today"] == 1
    person.terminal.press("\x03")
    assert person.process.wait(5) == 0
    assert "Traceback" not in person.terminal.look()
    assert termios.tcgetattr(ends[1])[3] & termios.ICANON


def test_ctrl_z_gives_the_terminal_back_and_the_view_returns(home: Home, ends: tuple[int, int]) -> None:
    person = runs(home, ends)
    person.sees("Ctrl-C ends")
    person.terminal.press("\x1a")
    _, status = os.waitpid(person.process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    assert termios.tcgetattr(ends[1])[3] & termios.ICANON
    drawn = person.terminal.look().count("Ctrl-C ends")
    person.process.send_signal(signal.SIGCONT)
    person.sees("Ctrl-C ends", drawn + 1)
    assert not termios.tcgetattr(ends[1])[3] & termios.ICANON


@pytest.mark.parametrize("args", [(), ("--plain",)])
def test_a_window_that_is_closed_ends_it(home: Home, ends: tuple[int, int], args: tuple[str, ...]) -> None:
    person = runs(home, ends, *args)
    person.sees("is running")
    os.close(ends[0])
    person.process.wait(10)
    home.process = None
    assert home.call("status").exit_code == 1
