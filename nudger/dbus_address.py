"""Where the message buses are: the session's, which a system service has not, and the system's."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final


def session_address(environ: Mapping[str, str]) -> str | None:
    """Return the address of the session's bus; None where this process belongs to no session."""
    if address := environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return address
    if folder := environ.get("XDG_RUNTIME_DIR"):
        socket = Path(folder) / "bus"
        return f"unix:path={socket}" if socket.is_socket() else None
    return None


def system_address(environ: Mapping[str, str]) -> str:
    """Return the address of the system's bus."""
    return environ.get("DBUS_SYSTEM_BUS_ADDRESS") or "unix:path=/run/dbus/system_bus_socket"


NO_SESSION: Final = (
    "macOS does not tell of hands, locks and calls here, so nudger goes by the clock, or by signals over MQTT"
    if sys.platform == "darwin"
    else "there is no desktop session here (no D-Bus session bus); on the desktop you sit at, run nudger as your user "
    "service: nudger service install"
)
"""What is said, once, where no desktop can be listened to: to somebody whose nudger runs as a system service, say."""
