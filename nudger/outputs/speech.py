"""A voice that says the message: speech-dispatcher, espeak-ng, or a program of one's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Final, Literal

from nudger.config.fields import Duration, between
from nudger.outputs.channel import Answer, ChannelOptions, Message, MessageKind
from nudger.outputs.program import Argv, is_there, run

VOICES: Final[Mapping[str, Callable[[str], Sequence[str]]]] = MappingProxyType(
    {
        "spd-say": lambda language: ("spd-say", "--wait", "--language", language),
        "espeak-ng": lambda language: ("espeak-ng", "-v", language),
    }
)
"""The programs that are looked for, in this order, and how each is told which language it speaks."""


class SpeechOptions(ChannelOptions):
    """A voice that says the message."""

    type: Literal["speech"]
    command: Argv | None = None
    """The program that speaks, and its arguments; the words come as one more argument. Default: spd-say or espeak-ng,
    whichever there is, in the person's language."""
    body: bool = True
    """Say the whole message, not the title alone."""
    shows: tuple[MessageKind, ...] = ("prompt", "enough", "checkin", "told")
    """What it says: prompt, posture, enough, checkin, told."""
    time_limit: Annotated[Duration, between(timedelta(seconds=1), timedelta(minutes=1))] = timedelta(seconds=30)
    """How long it may speak; then it is cut off."""

    def lacks(self) -> str | None:
        """Return the program that is not there."""
        if self.command is not None:
            return None if is_there(self.command[0]) else f"the program {self.command[0]!r}"
        return None if any(map(is_there, VOICES)) else f"one of the programs {' and '.join(VOICES)}"

    def open(self, answer: Answer) -> SpeechChannel:  # noqa: ARG002  (it does not listen)
        """Return the channel."""
        return SpeechChannel(self)


class SpeechChannel:
    """Speaks. What was said cannot be unsaid, so withdrawing is nothing."""

    def __init__(self, options: SpeechOptions) -> None:
        """Speak as the options say."""
        self._options = options

    async def show(self, message: Message) -> None:
        """Say the message, and wait for the end of it."""
        text = f"{message.title}. {message.body}" if self._options.body else message.title
        await run((*self._voice(message.language), text), {})

    async def withdraw(self, prompt_id: str, why: str) -> None:
        """Say nothing more."""

    async def close(self) -> None:
        """Hold nothing."""

    def _voice(self, language: str) -> Sequence[str]:
        if self._options.command is not None:
            return self._options.command
        name = next(filter(is_there, VOICES), next(iter(VOICES)))
        return VOICES[name](language)
