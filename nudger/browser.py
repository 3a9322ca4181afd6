"""Showing an address in the browser of the desktop.

The desktop's portal is asked first: the browser that it starts is outside of nudger's own fence, and outlives nudger.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from nudger.dbus import Bus, BusError, Emitted
from nudger.dbus_address import session_address
from nudger.outputs.channel import ChannelError
from nudger.outputs.program import run

log = logging.getLogger(__name__)

PORTAL: Final = "org.freedesktop.portal.Desktop"
PORTAL_PATH: Final = "/org/freedesktop/portal/desktop"
OPEN_URI: Final = "org.freedesktop.portal.OpenURI"
REQUEST: Final = "org.freedesktop.portal.Request"
FAILED: Final = 2
PATIENCE_S: Final = 60.0
"""The portal may have to ask the person which browser; after this long that counts as shown."""
OPENER: Final = ("setsid", "--fork", "--wait", "xdg-open")
"""Tells how that went, and leaves the browser to itself, whatever becomes of us."""
OPENS_S: Final = 10.0
"""What has not failed by then is a browser that xdg-open waits for."""


async def browse(url: str, environ: Mapping[str, str]) -> bool:
    """Show the address to the person; tell whether anything took it. The address is a secret, and is never logged."""
    address = session_address(environ)
    if address is not None and await _by_portal(address, url):
        return True
    try:
        async with asyncio.timeout(OPENS_S):
            await run((*OPENER, url), {})
    except ChannelError as error:
        log.warning("no browser could be opened: %s", error)
        return False
    except TimeoutError:
        pass
    return True


async def _by_portal(address: str, url: str) -> bool:
    answered: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def on_response(code: int, _results: object) -> None:
        if not answered.done():
            answered.set_result(code)

    bus = Bus(address)
    bus.follow(PORTAL, lambda _: None)
    bus.start()
    try:
        await bus.look_around()
        await bus.listen(Emitted(PORTAL, REQUEST, "Response", None), on_response)
        await bus.call(PORTAL, PORTAL_PATH, OPEN_URI, "OpenURI", "ssa{sv}", "", url, {}, may_start=True, limit_s=10)
        async with asyncio.timeout(PATIENCE_S):
            return await answered != FAILED
    except BusError as error:
        log.debug("the desktop's portal did not take an address: %s", error)
        return False
    except TimeoutError:
        return True
    finally:
        await bus.stop()
