"""What every output that reaches a person shares: the message it shows, the buttons on it, the options it has.

A channel is one such output at work: a desktop notification, a phone, a voice. It shows a message and takes it away
again; when, and what to do where that fails, is the business of `worker`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Final, Literal, Protocol

from pydantic import Field, field_validator

from nudger.config.fields import Duration, Options, between
from nudger.core.words import ZERO

MessageKind = Literal["prompt", "posture", "pre_notice", "enough", "checkin", "told"]
"""A break prompt, the prompt against standing still, the heads-up before a prompt, the end of a break, a check-in, and
what is told of the back: safety messages, offers of a stage, the plan."""
Level = Annotated[int, Field(ge=0, le=1)]

SHELF_LIFE: Final[Mapping[MessageKind, timedelta]] = {
    "prompt": timedelta(hours=1),
    "posture": timedelta(minutes=10),
    "pre_notice": timedelta(seconds=30),
    "enough": timedelta(minutes=2),
    "checkin": timedelta(hours=1),
    "told": timedelta(hours=1),
}
"""How long after its time each kind is still worth delivering, where nothing withdrew or replaced it."""


@dataclass(frozen=True, slots=True)
class Button:
    """An answer that a message offers: what stands on it, and the command of the contract that it means.

    One button means no command but the page with all scores (`messages.SCORE_PAGE`).
    """

    label: str
    command: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to show to a person, in the person's language.

    ``id`` is the prompt's, by which it is withdrawn; a message with the id of another takes its place. ``silent`` comes
    back without a sound (after a short rise, or a restart); ``repeated`` is true for every showing after the first.
    ``about_health`` is what only the person's own screen shows, unless an output is allowed to.
    """

    id: str
    kind: MessageKind
    title: str
    body: str
    category: str = ""
    duration: timedelta = ZERO
    level: int = 0
    repeated: bool = False
    silent: bool = False
    language: str = "en"
    about_health: bool = False
    buttons: tuple[Button, ...] = ()

    @property
    def asks(self) -> bool:
        """Whether it waits to be answered or read, and so stays until then, where the output can do that."""
        return self.kind in {"prompt", "posture", "checkin"} or self.about_health

    @property
    def sound(self) -> bool:
        """Whether it may be heard, where the output makes sounds at all."""
        return self.kind in {"prompt", "checkin"} and not self.silent


class ChannelError(Exception):
    """A channel could not do what it was asked; the text says why, and never holds a secret.

    ``passes`` tells whether the same may work later; a refused password does not get better by asking again. ``unsure``
    tells that the person may have noticed the attempt all the same, so that more of them could become a nuisance.
    ``detail`` is logged along with the reason, but makes no other reason of it: what a program wrote, say. ``status``
    is that of HTTP, where it was that.
    """

    def __init__(
        self, reason: str, *, passes: bool = True, unsure: bool = False, detail: str = "", status: int | None = None
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.passes = passes
        self.unsure = unsure
        self.detail = detail


def unforeseen(error: Exception) -> str:
    """Name an exception nobody foresaw by its kind and place. Its text may hold an address with a password in it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" in {trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}" if trace is not None else ""
    return f"failed ({type(error).__name__}{where})"


class Channel(Protocol):
    """One output at work. Its methods are called one at a time, each within the output's time limit.

    They raise ChannelError or OSError for what goes wrong; being cancelled at any await is part of the deal.
    """

    async def show(self, message: Message) -> None:
        """Show a message, in place of one with the same id."""

    async def withdraw(self, prompt_id: str, why: str) -> None:
        """Take away what was shown with this id; nothing happens where the service cannot, or it is gone already."""

    async def close(self) -> None:
        """Give up whatever the channel holds. Nothing is called afterwards."""


Answer = Callable[[str, Mapping[str, Any]], None]
"""Called by a channel, in the event loop, with the command and the data of a button that was pressed."""


class ChannelOptions(Options, ABC):
    """Options that every output has which reaches a person by other ways than MQTT and lamps."""

    shows_silent: ClassVar[bool] = False
    """Whether it shows again what merely comes back: right for a screen, where a message takes the place of the one
    before, not for a phone or a voice. Only a screen is asked without end to show what it may be showing already."""

    levels: tuple[Level, ...] | None = None
    """The levels of a prompt at which it speaks: 0 is the first, 1 the repeat after 3 minutes. Default: the first such
    output of a person takes 0, those after it 1; a single one takes both."""
    shows: tuple[MessageKind, ...] = ("prompt", "posture", "pre_notice", "enough", "checkin", "told")
    """What it shows: break prompts (prompt), the prompt against standing still (posture), the heads-up before a prompt
    (pre_notice), the end of a break (enough), check-ins (checkin), and safety messages, offers of a stage and the plan
    (all of them told, and with `health` only)."""
    health: bool = False
    """Let it tell of the back: safety messages, offers of a stage and the plan (all of them told), and the answers to a
    check-in. They may pass through others' servers, or be overheard. Default: only the desktop does."""
    time_limit: Annotated[Duration, between(timedelta(seconds=1), timedelta(minutes=1))] = timedelta(seconds=10)
    """How long one attempt may take; then it counts as failed, and is tried again later."""

    @field_validator("levels")
    @classmethod
    def _some_level(cls, levels: tuple[int, ...] | None) -> tuple[int, ...] | None:
        if levels == ():
            raise ValueError("must name a level, as in [0] or [0, 1]; leave the output out where it is to be silent")
        return levels

    @abstractmethod
    def open(self, answer: Answer) -> Channel:
        """Return the channel. Called inside the event loop; takes no time: what is slow waits for the first `show`."""

    def lacks(self) -> str | None:
        """Return what has to be installed before this output can work (``the extra push: pip ...``), else None."""
        return None

    @property
    def opens_page(self) -> bool:
        """Whether a button on it can open a page of this computer."""
        return False

    def fitted(self, message: Message) -> Message:
        """Return the message as it may be shown here: without `health` a check-in is a question, with no answers."""
        return message if self.health or message.kind != "checkin" else replace(message, buttons=())

    def wants(self, message: Message, levels: tuple[int, ...]) -> bool:
        """Tell whether the message is for this output; ``levels`` are those at which it speaks."""
        if message.kind not in self.shows or (message.silent and not self.shows_silent):
            return False
        if message.kind == "told" and not self.health:
            return False
        if message.kind not in {"prompt", "posture"}:
            return True
        return message.level >= min(levels) if message.silent else message.level in levels
