"""Where the daemon listens, and where the command line looks for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from nudger.state_dir import runtime_dir

SOCKET: Final = "nudger.sock"
SYSTEM_RUNTIME: Final = Path("/run/nudger")
"""Where systemd puts the socket of the system's nudger; its group may use it from any session."""


def socket_path(env: Mapping[str, str]) -> Path:
    """Return the socket that a daemon started with this environment serves."""
    return runtime_dir(env) / SOCKET


def socket_paths(env: Mapping[str, str], system: Path = SYSTEM_RUNTIME) -> tuple[Path, ...]:
    """Return the sockets to look for a daemon at, in order: this session's own, then the system's."""
    return tuple(dict.fromkeys((socket_path(env), system / SOCKET)))
