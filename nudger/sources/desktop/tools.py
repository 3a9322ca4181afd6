"""Small programs of the desktop that are asked for what no bus tells."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import Final

LIMIT_S: Final = 5.0
"""A program that has not answered by then hangs."""


async def start(*argv: str) -> asyncio.subprocess.Process:
    """Start a program whose output is read, in English. Raises OSError."""
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    environ = {**os.environ, "LC_ALL": "C"}
    return await asyncio.create_subprocess_exec(*argv, stdin=nothing, stdout=pipe, stderr=nothing, env=environ)


async def end(process: asyncio.subprocess.Process) -> None:
    """End a program that may have ended by itself."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


async def output_of(*argv: str) -> str | None:
    """Return what a program prints; None where it fails. Raises OSError, and TimeoutError after 5 s."""
    process = await start(*argv)
    try:
        async with asyncio.timeout(LIMIT_S):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            await end(process)
    return output.decode(errors="replace") if process.returncode == 0 else None
