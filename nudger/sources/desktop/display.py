"""The display server that tells of hands. A session may begin late, so one that is not there is looked for again."""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

from nudger.sources.desktop.facts import Fact
from nudger.sources.desktop.parts import Server, Tell, UnfitError
from nudger.sources.desktop.wayland import Wayland, wayland_socket
from nudger.sources.desktop.x11 import X11

log = logging.getLogger(__name__)

AGAIN_S: Final = 60.0
"""Where there is none, or it has ended, it is looked for again after this long."""


class Display:
    """Follows the Wayland compositor of the session, else its X server."""

    def __init__(self, tell: Tell, environ: Callable[[], Awaitable[Mapping[str, str]]]) -> None:
        """``environ`` finds out where they are."""
        self.missing: str | None = None
        self.looked = asyncio.Event()
        self._tell = tell
        self._environ = environ
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the background."""
        self._task = asyncio.get_running_loop().create_task(self._keep())

    async def stop(self) -> None:
        """Disconnect."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep(self) -> None:
        while True:
            environ = await self._environ()
            # Where there is both, the X server is one inside the compositor and sees little of what hands do.
            server: Server = Wayland(environ) if wayland_socket(environ) else X11(environ)
            try:
                await self._follow(server)
            except UnfitError as error:
                self.missing = str(error)
            except (OSError, EOFError, TimeoutError, ValueError, struct.error) as error:
                self.missing = f"{server.by} cannot be reached"
                log.debug("%s: %r", self.missing, error)
            self._tell(Fact.INPUT, server.by, None)
            self.looked.set()
            await asyncio.sleep(AGAIN_S)

    async def _follow(self, server: Server) -> None:
        def hands(on: bool, ago: timedelta) -> None:
            self.missing = None
            self._tell(Fact.INPUT, server.by, on, ago)
            self.looked.set()

        await server.follow(hands)
