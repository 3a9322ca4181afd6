"""Shows the live view on a terminal and takes single keys, for as long as a daemon runs in it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from itertools import cycle, islice
from typing import IO, Any, Final, Protocol, cast

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from nudger.cli.keyboard import Keyboard, in_foreground
from nudger.cli.screen import Screen
from nudger.core.effects import Effect
from nudger.core.state import State
from nudger.views.happenings import happenings
from nudger.views.terminal import KEYS, Frame, draw

REDRAW_S: Final = 1.0
REMEMBERED: Final = 8
"""Happenings shown, where there is room: a spell of sitting and how it ended are three or four."""

LAST_WORDS_S: Final = 0.5
"""How long a terminal may take to be put in order before this process stops or ends."""


class Desk(Protocol):
    """What the view asks of the daemon."""

    def states(self) -> Mapping[str, Mapping[str, Any]]:
        """Return everybody's state as it is rendered for people."""

    def given_up(self) -> Collection[str]:
        """Return for whom nothing is counted until they say so."""

    def put_off(self) -> Collection[str]:
        """Return whose prompt cannot be put off (any more)."""

    def command(self, person: str, command: str) -> str | None:
        """Carry out a command without a payload; return why it was refused."""

    def now(self) -> datetime:
        """Return this instant."""

    def zone(self) -> tzinfo:
        """Return the zone in which to tell times."""

    def stop(self) -> None:
        """End: nobody is watching any more."""


class LiveView:
    """Draws once a second and after each key, and only while it is in the foreground of its terminal."""

    def __init__(
        self,
        desk: Desk,
        screen: Screen,
        keys_fd: int | None,
        *,
        scale: float = 1.0,
        size: tuple[int, int] | None = None,
    ) -> None:
        """``keys_fd`` is the terminal to read keys from, None for none; ``scale`` is told, so that nobody wonders.

        ``size`` is columns and rows, by default what the terminal has.
        """
        self._desk = desk
        self._screen = screen
        width, height = size or (None, None)
        self._console = Console(file=cast("IO[str]", screen), width=width, height=height, force_terminal=True)
        self._scale = scale
        self._keyboard = None if keys_fd is None else Keyboard(keys_fd, self._on_key)
        self._live: Live | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._chosen = ""
        self._happened: deque[tuple[datetime, str]] = deque(maxlen=REMEMBERED)

    def watch(self, person: str, _state: State, effects: Sequence[Effect]) -> None:
        """Take note of what was decided; the first decision is also the sign to begin showing."""
        for line in happenings(effects, self._desk.zone()):
            self._note(f"{person}: {line}" if len(self._desk.states()) > 1 else line)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGTSTP, self._suspend)
            self._timer = loop.call_later(0, self._tick)

    def print(self, line: str) -> None:
        """Print a line above the view."""
        self._console.print(Text(line))

    def close(self) -> None:
        """Show nothing any more, and give the terminal back."""
        if self._timer is not None:
            self._timer.cancel()
            asyncio.get_running_loop().remove_signal_handler(signal.SIGTSTP)
        self._hide()

    # --- showing -----------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        self._draw()
        # It goes on in the background too: not every shell says so when it brings a job to the front.
        self._timer = asyncio.get_running_loop().call_later(REDRAW_S, self._tick)

    def _draw(self) -> None:
        if self._screen.busy:  # a terminal that takes nothing now gets the next picture
            return
        try:
            is_ours = in_foreground(self._screen.fileno())
        except OSError:
            is_ours = False
            self._desk.stop()
        if is_ours:
            self._show()

    def _show(self) -> None:
        if self._keyboard is not None:
            self._keyboard.start()
        if self._live is None:
            self._live = Live(console=self._console, auto_refresh=False, transient=True, vertical_overflow="crop")
            self._live.start()
        self._live.update(self._picture(), refresh=True)

    def _hide(self) -> None:
        if self._keyboard is not None:
            self._keyboard.stop()
        if self._live is not None:
            self._live.stop()
            self._live = None
        self._screen.drain(LAST_WORDS_S)

    def _suspend(self) -> None:
        """Ctrl-Z: leave the terminal as a shell wants it, then stop as usual."""
        self._hide()
        os.kill(os.getpid(), signal.SIGSTOP)

    def _picture(self) -> RenderableType:
        """Return the picture with as many happenings as fit on the screen."""
        persons, happened = self._desk.states(), list(self._happened)
        reads_keys = self._keyboard is not None and self._keyboard.active
        chosen = self._choose(persons) if reads_keys else None
        desk = self._desk
        frame = Frame(persons, chosen, happened, desk.zone(), self._scale, desk.given_up(), desk.put_off())
        while frame.happened and len(self._console.render_lines(draw(frame))) >= self._console.height:
            frame = replace(frame, happened=frame.happened[1:])
        return draw(frame)

    # --- keys --------------------------------------------------------------------------------------------------------

    def _on_key(self, key: str) -> None:
        persons = self._desk.states()
        chosen = self._choose(persons)
        if key == "\t":
            ids = list(persons)
            self._chosen = next(islice(cycle(ids), ids.index(chosen) + 1, None))
        elif key in KEYS:
            command = "resume" if key == "p" and persons[chosen]["hold"] == "paused" else KEYS[key]
            person = chosen if key == "p" else self._asked(persons)
            refused = self._desk.command(person, command)
            if refused is not None:
                self._note(f"{person}: {refused}" if len(persons) > 1 else refused)
        self._draw()

    def _choose(self, persons: Mapping[str, Any]) -> str:
        """Return whom the keys answer for: a config without anybody is refused, but the chosen one may be gone."""
        if self._chosen not in persons:
            self._chosen = next(iter(persons))
        return self._chosen

    def _asked(self, persons: Mapping[str, Mapping[str, Any]]) -> str:
        """Return whom an answer is from: the only one with a prompt, else whom the keys answer for."""
        prompted = [person for person, state in persons.items() if state["prompt"] is not None]
        return prompted[0] if len(prompted) == 1 else self._choose(persons)

    def _note(self, line: str) -> None:
        self._happened.append((self._desk.now(), line))
