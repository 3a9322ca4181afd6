"""Whether the libraries that are installed are the ones nudger was made for.

pip sees to that; a distribution's own packages, or another program in the same environment, may not. Some too old ones
fail where one would never look for the reason, and others without a word: APScheduler before 3.11.2 may skip a day.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from importlib import metadata
from typing import Final

NEEDED: Final[Mapping[str, tuple[str, str | None]]] = {
    "paho-mqtt": ("2.2", "3"),
    "APScheduler": ("3.11.2", "4"),
    "PyYAML": ("6.0", None),
    "pydantic": ("2.9", "3"),
    "Jinja2": ("3.1.6", None),
    "click": ("8.1", None),
    "rich": ("13.7", None),
    "h11": ("0.16", None),
    **({"dbus-fast": ("2.24", None)} if sys.platform == "linux" else {}),
    **({"desktop-notifier": ("6.2", "7")} if sys.platform == "darwin" else {}),
}
"""From which version on, and below which, as pyproject.toml has it; tzdata, where the system has it, may be missing."""


def unfit() -> list[str]:
    """Return a line for each library that is missing or of a version that will not do; none where all is well."""
    return [line for name, (least, below) in NEEDED.items() if (line := _fault(name, least, below)) is not None]


def _fault(name: str, least: str, below: str | None) -> str | None:
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        found = None
    if found is not None and _numbers(found) >= _numbers(least) and (not below or _numbers(found) < _numbers(below)):
        return None
    wanted = f"{least} or later" + (f", but below {below}" if below else "")
    installed = "is not installed" if found is None else f"{found} is installed"
    limits = f"{name}>={least}" + (f",<{below}" if below else "")
    return f"{name} {installed}, and nudger needs {wanted}; this gets it: {sys.executable} -m pip install '{limits}'"


def _numbers(version: str) -> tuple[int, ...]:
    """Return a version as far as it is numbers: 4.0.0a5 is 4, 0, 0."""
    release = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, release[0].split("."))) if release else ()
