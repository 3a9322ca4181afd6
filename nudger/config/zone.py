"""Time zones: by name, or the one this computer is set to."""

from __future__ import annotations

from datetime import UTC, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, available_timezones

from nudger.config.faults import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCALTIME: Final = Path("/etc/localtime")
_ZONES_FOLDER: Final = "zoneinfo/"


def parse_zone(name: str) -> ZoneInfo:
    """Return the zone of an IANA name; ValueError with a suggestion when there is none."""
    zone = _zone(name)
    if zone is None:
        near = did_you_mean(name, available_timezones())
        raise ValueError(f"{name!r} is no time zone such as 'Europe/Berlin'{near}")
    return zone


def system_zone(environ: Mapping[str, str], localtime: Path = LOCALTIME) -> tzinfo:
    """Return the zone this computer is set to: that of ``TZ``, else of /etc/localtime (Linux, macOS), else UTC."""
    if zone := _zone(environ.get("TZ", "").removeprefix(":")):
        return zone
    target = str(localtime.resolve())
    if zone := _zone(target.rpartition(_ZONES_FOLDER)[2]):
        return zone
    try:
        with localtime.open("rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return UTC


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not there; not a name at all; the name of a folder
        return None
