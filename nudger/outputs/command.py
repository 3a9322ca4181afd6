"""A program of one's own for every message: whatever has no output here can be wired with it."""

from __future__ import annotations

from typing import Literal

from nudger.outputs.channel import Answer, ChannelOptions, Message
from nudger.outputs.program import Argv, is_there, run


class CommandOptions(ChannelOptions):
    """A program that is run for every message, without a shell; what it is about stands in environment variables."""

    type: Literal["command"]
    command: Argv
    """The program and its arguments, as a list. It sees NUDGER_ID, NUDGER_KIND, NUDGER_TITLE, NUDGER_BODY,
    NUDGER_CATEGORY, NUDGER_DURATION_S, NUDGER_LEVEL, NUDGER_REPEATED (0 or 1) and NUDGER_LANGUAGE."""
    withdraw_command: Argv | None = None
    """The program that is run when a message is withdrawn. It sees NUDGER_ID and NUDGER_WHY. Default: none."""

    def lacks(self) -> str | None:
        """Return the programs that are not there."""
        wanted = (self.command[0], *(self.withdraw_command or ())[:1])
        missing = [f"the program {program!r}" for program in wanted if not is_there(program)]
        return " and ".join(dict.fromkeys(missing)) or None

    def open(self, answer: Answer) -> CommandChannel:  # noqa: ARG002  (a program answers with `nudger done`)
        """Return the channel."""
        return CommandChannel(self)


class CommandChannel:
    """Runs the programs, one after the other."""

    def __init__(self, options: CommandOptions) -> None:
        """Run what the options say."""
        self._options = options

    async def show(self, message: Message) -> None:
        """Run the command with what the message is about."""
        await run(self._options.command, environment(message))

    async def withdraw(self, prompt_id: str, why: str) -> None:
        """Run the other command, where there is one."""
        if self._options.withdraw_command is not None:
            await run(self._options.withdraw_command, {"NUDGER_ID": prompt_id, "NUDGER_WHY": why})

    async def close(self) -> None:
        """Hold nothing."""


def environment(message: Message) -> dict[str, str]:
    """Return a message as environment variables."""
    return {
        "NUDGER_ID": message.id,
        "NUDGER_KIND": message.kind,
        "NUDGER_TITLE": message.title,
        "NUDGER_BODY": message.body,
        "NUDGER_CATEGORY": message.category,
        "NUDGER_DURATION_S": str(round(message.duration.total_seconds())),
        "NUDGER_LEVEL": str(message.level),
        "NUDGER_REPEATED": str(int(message.repeated)),
        "NUDGER_LANGUAGE": message.language,
    }
