"""What the commands share: options, errors and their exit codes, the way to the daemon and to the config."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from datetime import timedelta, tzinfo

    from nudger.cli.client import Client
    from nudger.config.settings import Settings

T = TypeVar("T")

NO_SIGNALS = "There are no signals, so nudger goes by the clock alone."

config_option = click.option(
    "-c",
    "--config",
    "config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The config file. Default: your own, then /etc/nudger/config.yaml.",
)
person_option = click.option("--person", metavar="ID", help="Whose, where there are several: the id in the config.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


def examples(*lines: str) -> str:
    """Return the end of a command's help: examples, line by line as they are."""
    return "\b\n" + "\n".join(("Examples:", *(f"  {line}" for line in lines)))  # click does not wrap what follows \\b


def say(text: str, *, file: IO[Any] | None = None, err: bool = False, hang: int = 0) -> None:
    """Print one line; on a terminal it is wrapped at words to its width, elsewhere it stays one line.

    ``hang`` is by how many columns the lines after the first are moved in.
    """
    stream = file or (sys.stderr if err else sys.stdout)
    width = terminal_width(stream)
    if width is not None and len(text) > width:
        text = textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False, subsequent_indent=hang * " ")
    click.echo(text, file=stream)


def terminal_width(stream: IO[Any]) -> int | None:
    """Return the columns of the terminal that the stream goes to; None where it is a file or a pipe."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or None  # 0 where the terminal does not know
    except (OSError, ValueError):
        return None


class Failure(click.ClickException):
    """A command that cannot go on: exit status 1. Its lines go to standard error as they are."""

    exit_code = 1

    def __init__(self, lines: str | Iterable[object]) -> None:
        """``lines`` is one message, or several of one line each."""
        self.lines = [lines] if isinstance(lines, str) else [str(line) for line in lines]
        super().__init__("\n".join(self.lines))

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the lines."""
        for line in self.lines:
            say(line, file=file, err=True)


class BadUsage(Failure):
    """Bad usage, or a config that cannot be used: exit status 2."""

    exit_code = 2


def as_length(_ctx: click.Context, _param: click.Parameter, words: tuple[str, ...]) -> timedelta | None:
    """Read a length of time on the command line, where a bare number is minutes; None where there is none."""
    from nudger.config.durations import parse_minutes  # noqa: PLC0415  (not for the commands that take none)

    if not words:
        return None
    value = " ".join(words)  # so that `pause 30 min` needs no quotes
    try:
        length = parse_minutes(value)
    except ValueError as error:
        raise click.BadParameter(f"{error}, not {value!r}") from None
    if not length:
        raise click.BadParameter("must be longer than 0")
    return length


def ask(question: Callable[[Client], T]) -> T:
    """Ask the running daemon and return its answer, or fail with what it said."""
    from nudger.cli.client import Client, ClientError, RefusedError  # noqa: PLC0415  (it loads http)
    from nudger.cli.sockets import socket_paths  # noqa: PLC0415

    try:
        return question(Client(socket_paths(os.environ)))
    except ClientError as error:
        kind = BadUsage if isinstance(error, RefusedError) and error.usage else Failure
        raise kind(str(error)) from None


def zone_of(service: dict[str, Any]) -> tzinfo | None:
    """Return the zone in which the daemon tells times; None for this computer's own."""
    name = service.get("time_zone")
    if name is None:
        return None
    from zoneinfo import ZoneInfo  # noqa: PLC0415  (10 ms that only this needs)

    return ZoneInfo(name)


def check_libraries() -> None:
    """Fail where a library is missing or of a version that will not do."""
    from nudger.libraries import unfit  # noqa: PLC0415  (importlib.metadata takes a while to load)

    if faults := unfit():
        raise BadUsage(faults)


def load_config(path: Path | None) -> Settings | None:
    """Read the config file that was named, else the one that is found; None without one. Fails with every fault."""
    from nudger.config.faults import ConfigError  # noqa: PLC0415  (reading a config loads pydantic)
    from nudger.config.load import load  # noqa: PLC0415
    from nudger.state_dir import config_path  # noqa: PLC0415
    from nudger.vocabulary import vocabulary  # noqa: PLC0415

    found = path or config_path(os.environ)
    if found is None:
        return None
    try:
        return load(found, vocabulary())
    except ConfigError as error:
        raise BadUsage(error.faults) from None


def check_person(settings: Settings, person: str | None) -> None:
    """Fail where the config knows no such person."""
    if person is not None and person not in settings.people:
        raise BadUsage(f"there is no person {person!r}; choose one of: {', '.join(settings.people)}")
