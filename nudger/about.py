"""What the service tells about itself: for `nudger status --json`, and for its topic at the broker."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from nudger import __version__

if TYPE_CHECKING:
    from nudger.daemon import Daemon


def about(daemon: Daemon) -> dict[str, Any]:
    """Return how the service is: its version and process, its clock and store, its broker and outputs."""
    return {
        "version": __version__,
        "pid": os.getpid(),
        "started_at": daemon.started_at.isoformat() if daemon.started_at else None,
        "config": str(daemon.settings.path) if daemon.settings.path else None,
        "time_zone": getattr(daemon.settings.zone, "key", None),
        "time_scale": daemon.time_scale,
        "store": daemon.store.degraded or "ok",
        "notice": daemon.store.notice,
        "undecodable": daemon.signals.undecodable,
        "mqtt": daemon.board.health() if daemon.board is not None else None,
        "outputs": daemon.channels.health(),
    }
