"""Sources: the world in, events for the engine out. They translate, they do not decide.

A source owns the options of its signals, told apart by their ``source`` (see `nudger.config.settings.SignalSource` for
what others ask of them), and turns what it hears into `SignalChanged` and `AvailabilityChanged`. A new one is one file,
and one line below.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from nudger.sources.desktop.options import DesktopOptions
from nudger.sources.signal import SignalOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nudger.config.fields import Options

SOURCES: Final[Mapping[str, type[Options]]] = MappingProxyType({"mqtt": SignalOptions, "desktop": DesktopOptions})
"""The options of one signal, by its ``source``; the first is the one that need not be named."""
