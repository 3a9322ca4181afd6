"""Other people's programs: run without a shell, watched, and killed by their pid when they take too long."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from nudger.outputs.channel import ChannelError
from nudger.payload import printable

SHOWN: Final = 200
"""Characters of a failing program's output that are logged."""
_KEPT: Final = 4 * SHOWN
_OURS_ALONE: Final = (
    "NOTIFY_SOCKET",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
    "CREDENTIALS_DIRECTORY",
    "LISTEN_PID",
    "LISTEN_FDS",
)
"""What systemd tells us is not for programs that we start."""


def _check_argv(argv: tuple[str, ...]) -> tuple[str, ...]:
    if not argv[0] or any("\0" in word for word in argv):
        raise ValueError("must be a program and its arguments, as in [my-script, --flag]")
    return argv


Argv = Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_check_argv)]
"""A program and its arguments. There is no shell, so there are no variables, quotes or pipes in it."""


def is_there(program: str) -> bool:
    """Tell whether there is such a program that may be run."""
    return _found(program) is not None


def _found(program: str) -> str | None:
    return shutil.which(os.path.expanduser(program))  # noqa: PTH111  (a name to be looked for is no path)


async def run(argv: Sequence[str], environ: Mapping[str, str]) -> None:
    """Run a program to its end, with these variables besides our own ones. Raises ChannelError where it fails.

    Being cancelled kills it, and all that it started, unless that has left its session.
    """
    program = _found(argv[0])
    if program is None:
        raise ChannelError(f"{argv[0]} is not there, or may not be run")
    reading, writing = os.pipe()
    heard = bytearray()
    loop = asyncio.get_running_loop()
    try:
        try:
            process = await asyncio.create_subprocess_exec(
                program,
                *argv[1:],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                env={**_inherited(), **environ},
                start_new_session=True,
            )
        except OSError as error:
            raise ChannelError(f"{argv[0]} cannot be run: {error.strerror}") from None
        finally:
            os.close(writing)
        os.set_blocking(reading, False)
        loop.add_reader(reading, _listen, loop, reading, heard)
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # the second is macOS's word for the dead
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            raise
        _listen(loop, reading, heard)  # its last words may have come with its end
        if status:
            ended = f"exit status {status}" if status > 0 else f"ended by signal {-status}"
            raise ChannelError(f"{argv[0]}: {ended}", unsure=True, detail=_sample(heard))
    finally:
        loop.remove_reader(reading)
        os.close(reading)


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _OURS_ALONE}


def _listen(loop: asyncio.AbstractEventLoop, reading: int, heard: bytearray) -> None:
    """Keep the beginning of what it writes; the rest is read all the same, for a full pipe would stop it."""
    try:
        said = os.read(reading, 65536)
    except BlockingIOError:
        return
    if not said:
        loop.remove_reader(reading)
    heard += said[: _KEPT - len(heard)]


def _sample(heard: bytearray) -> str:
    text = printable(" ".join(heard.decode(errors="backslashreplace").split()))
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
