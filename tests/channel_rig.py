"""What the tests of channels share: a channel that remembers, and fails or hangs when it is told to."""

from __future__ import annotations

import asyncio
import logging
from datetime import date, timedelta
from typing import Literal

import pytest

from nudger.core.effects import RecordDecision
from nudger.core.recovery.course import Decision, Did, Seen
from nudger.outputs.channel import Answer, ChannelError, ChannelOptions, Message

REFUSED = ChannelError("refused: wrong password", passes=False)
BUSY = ChannelError("busy")


class Pager:
    """A channel of whose deeds there is a list; ``faults`` are raised in turn, ``hangs`` makes it wait for ever."""

    def __init__(self, answer: Answer | None = None) -> None:
        """``answer`` is kept, to press buttons with."""
        self.answer = answer
        self.tried: list[str] = []
        self.done: list[str] = []
        self.shown: list[Message] = []
        self.faults: list[Exception] = []
        self.hangs = False
        self.go = asyncio.Event()
        self.go.set()
        self.is_closed = False

    async def show(self, message: Message) -> None:
        """Show, unless told otherwise."""
        await self._act(f"show {message.id}")
        self.shown.append(message)

    async def withdraw(self, prompt_id: str, why: str) -> None:
        """Withdraw, unless told otherwise."""
        await self._act(f"withdraw {prompt_id} {why}")

    async def close(self) -> None:
        """Close."""
        await self._act("close")
        self.is_closed = True

    async def _act(self, what: str) -> None:
        self.tried.append(what)
        if self.hangs:
            await asyncio.Event().wait()
        await self.go.wait()
        if self.faults:
            raise self.faults.pop(0)
        self.done.append(what)


PAGERS: dict[str, list[Pager]] = {}
"""All pagers that were opened, by the name in their options."""


class PagerOptions(ChannelOptions):
    """An output that opens pagers."""

    type: Literal["pager"] = "pager"
    name: str = "pager"
    is_there: bool = True
    time_limit: timedelta = timedelta(seconds=1)

    def open(self, answer: Answer) -> Pager:
        """Return a pager that can be found by its name."""
        pager = Pager(answer)
        PAGERS.setdefault(self.name, []).append(pager)
        return pager

    def lacks(self) -> str | None:
        """Say that it lacks something where the options say so."""
        return None if self.is_there else "the extra pager: pip install 'nudger[pager]'"


class ScreenOptions(PagerOptions):
    """One that shows again what merely comes back."""

    shows_silent = True


class BoardOptions(ScreenOptions):
    """One whose buttons can open a page of this computer."""

    @property
    def opens_page(self) -> bool:
        """Always."""
        return True


def decided(did: Did) -> RecordDecision:
    """Return that a rule decided this, whatever it saw."""
    seen = Seen(None, (), None, None, None, None, None, 0, 0, None)
    return RecordDecision(Decision(date(2026, 11, 23), "R12", did, "daily_walks", "daily_walks", seen))


def message(id_: str = "alex-1", **parts: object) -> Message:
    """Return a prompt to show."""
    values: dict[str, object] = {"id": id_, "kind": "prompt", "title": "Up", "body": "Walk to the door.", **parts}
    return Message(**values)  # type: ignore[arg-type]  # the tests know what a message takes


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the warnings of nudger, whatever else is logged."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.WARNING and record.name.startswith("nudger")
    ]
