"""GNOME's do-not-disturb: a setting that no D-Bus service tells, but every change of which is announced."""

from __future__ import annotations

import shutil
from typing import Final

from nudger.chores import Chores
from nudger.core.words import ZERO
from nudger.dbus import Bus, Emitted
from nudger.sources.desktop.facts import Fact
from nudger.sources.desktop.parts import Tell
from nudger.sources.desktop.tools import output_of

SHELL: Final = "org.gnome.Shell"
_BY: Final = "GNOME's notifications"
_FOLDER: Final = "/org/gnome/desktop/notifications/"


class GnomeBanners:
    """Reads the switch with `gsettings`, at the start and whenever the settings of notifications were written."""

    def __init__(self, bus: Bus, tell: Tell, chores: Chores) -> None:
        """Follow, from the start of the bus on."""
        self.missing: str | None = None
        self._bus = bus
        self._tell = tell
        self._chores = chores
        bus.follow(SHELL, self._on_shell)

    def _on_shell(self, is_there: bool) -> None:
        if not is_there:
            self._tell(Fact.DND, _BY, None)
        elif shutil.which("gsettings") is None:
            self.missing = "the program gsettings is not installed (package libglib2.0-bin)"
        else:
            self._chores.begin(self._begin())

    async def _begin(self) -> None:
        # Whoever writes a setting announces it, under a name that comes and goes: so any sender will do.
        await self._bus.listen(Emitted("", "ca.desrt.dconf.Writer", "Notify"), self._on_written)
        await self._read(at_start=True)

    def _on_written(self, prefix: str, *_: object) -> None:
        if prefix.startswith(_FOLDER) or _FOLDER.startswith(prefix):
            self._chores.begin(self._read())

    async def _read(self, *, at_start: bool = False) -> None:
        output = await output_of("gsettings", "get", "org.gnome.desktop.notifications", "show-banners")
        match (output or "").strip():
            case "true":
                self._tell(Fact.DND, _BY, False, None if at_start else ZERO)
            case "false":
                self._tell(Fact.DND, _BY, True)
            case _:
                self.missing = "gsettings does not know the setting of GNOME's notifications"
