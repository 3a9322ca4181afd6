"""Everything on a bus that is on or off and says when it changes, in one table.

Each row is a property or a method that tells the present value, and the D-Bus signal that tells of changes. A desktop
has some of them: whoever is on the bus is asked once and then listened to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from nudger.chores import Chores
from nudger.core.words import ZERO
from nudger.dbus import Bus, Emitted, until_answered
from nudger.sources.desktop.facts import Fact
from nudger.sources.desktop.parts import Tell

PROPERTIES: Final = "org.freedesktop.DBus.Properties"
_IDLE_INHIBITED: Final = 8
"""The flag of GNOME's session manager for: may not be taken for idle."""


@dataclass(frozen=True, slots=True)
class Switch:
    """Something on or off. ``by`` names it for people.

    With ``member`` a method tells the value and the D-Bus signal ``changed`` tells it anew; without, it is the property
    ``name``. ``arguments`` go to that method and stand before the value in that signal. ``means`` reads a value.
    """

    fact: Fact
    by: str
    service: str
    path: str
    interface: str
    name: str
    member: str | None = None
    changed: str | None = None
    arguments: tuple[str, ...] = ()
    means: Callable[[Any], bool] = bool


def _saver(by: str, name: str, path: str) -> Switch:
    return Switch(Fact.LOCK, by, name, path, name, "", "GetActive", "ActiveChanged")


SESSION: Final[Sequence[Switch]] = (
    _saver("the screen saver", "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    _saver("GNOME's screen saver", "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
    _saver("Cinnamon's screen saver", "org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver"),
    _saver("MATE's screen saver", "org.mate.ScreenSaver", "/org/mate/ScreenSaver"),
    _saver("Xfce's screen saver", "org.xfce.ScreenSaver", "/org/xfce/ScreenSaver"),
    Switch(
        Fact.VIDEO,
        "GNOME's session manager",
        "org.gnome.SessionManager",
        "/org/gnome/SessionManager",
        "org.gnome.SessionManager",
        "InhibitedActions",
        means=lambda flags: bool(flags & _IDLE_INHIBITED),
    ),
    Switch(
        Fact.VIDEO,
        "the power manager",
        "org.freedesktop.PowerManagement.Inhibit",
        "/org/freedesktop/PowerManagement/Inhibit",
        "org.freedesktop.PowerManagement.Inhibit",
        "",
        "HasInhibit",
        "HasInhibitChanged",
    ),
    Switch(
        Fact.DND,
        "the notification service",
        "org.freedesktop.Notifications",
        "/org/freedesktop/Notifications",
        "org.freedesktop.Notifications",
        "Inhibited",
    ),
    Switch(
        Fact.DND,
        "dunst",
        "org.freedesktop.Notifications",
        "/org/freedesktop/Notifications",
        "org.dunstproject.cmd0",
        "paused",
    ),
    Switch(
        Fact.DND,
        "Xfce's notifications",
        "org.xfce.Xfconf",
        "/org/xfce/Xfconf",
        "org.xfce.Xfconf",
        "/do-not-disturb",
        "GetProperty",
        "PropertyChanged",
        ("xfce4-notifyd", "/do-not-disturb"),
    ),
)
"""What may be on the session's bus."""


class Switches:
    """Follows rows of the table on one bus."""

    def __init__(self, bus: Bus, rows: Iterable[Switch], tell: Tell, chores: Chores) -> None:
        """Follow the rows' services, from the start of the bus on."""
        self._bus = bus
        self._tell = tell
        self._rows: dict[str, list[Switch]] = {}
        self._chores = chores
        for row in rows:
            self._rows.setdefault(row.service, []).append(row)
        for service in self._rows:
            bus.follow(service, partial(self._on_service, service))

    def _on_service(self, service: str, is_there: bool) -> None:
        for row in self._rows[service]:
            if is_there:
                self._chores.begin(self.begin(row))
            else:
                self._tell(row.fact, row.by, None)

    async def begin(self, row: Switch) -> None:
        """Listen to a row, then ask it; one without such a property or method is not there. Raises BusError."""
        await self._bus.listen(*self._listener(row))

        async def ask_first() -> None:
            on = await ask(self._bus, row)
            self._tell(row.fact, row.by, on, ZERO if on else None)

        await until_answered(ask_first)

    def _listener(self, row: Switch) -> tuple[Emitted, Callable[..., None]]:
        if row.member is None:
            return Emitted(row.service, PROPERTIES, "PropertiesChanged", row.path), self._on_properties(row)
        return Emitted(row.service, row.interface, row.changed or ""), self._on_changed(row)

    def _on_changed(self, row: Switch) -> Callable[..., None]:
        def changed(*body: Any) -> None:
            if body[:-1] == row.arguments:
                self._tell(row.fact, row.by, row.means(body[-1]))

        return changed

    def _on_properties(self, row: Switch) -> Callable[..., None]:
        def changed(interface: str, values: dict[str, Any], invalidated: list[str]) -> None:
            if interface != row.interface:
                return
            if row.name in values:
                self._tell(row.fact, row.by, row.means(values[row.name]))
            elif row.name in invalidated:
                self._chores.begin(self._ask_again(row))

        return changed

    async def _ask_again(self, row: Switch) -> None:
        self._tell(row.fact, row.by, await ask(self._bus, row))


async def ask(bus: Bus, row: Switch) -> bool | None:
    """Return the present value of a row. Raises BusError where the service has none."""
    if row.member is None:
        (value,) = await bus.call(row.service, row.path, PROPERTIES, "Get", "ss", row.interface, row.name)
    else:
        signature = "s" * len(row.arguments)
        (value,) = await bus.call(row.service, row.path, row.interface, row.member, signature, *row.arguments)
    return row.means(value)
