"""Outputs: effects to the world. They translate, they do not decide.

An output owns its options, told apart by their ``type``, and the class that acts on them. A new one is one file, and
one line below. Those that reach a person by other ways than MQTT and lamps have `ChannelOptions`, which make a
`Channel` when asked to; each of these gets a `Worker` of its own.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from nudger.outputs.command import CommandOptions
from nudger.outputs.desktop import DesktopOutput
from nudger.outputs.light_options import LightOptions
from nudger.outputs.push import PushOptions
from nudger.outputs.speech import SpeechOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nudger.config.fields import Options

OUTPUTS: Final[Mapping[str, type[Options]]] = MappingProxyType(
    {
        "light": LightOptions,
        "desktop": DesktopOutput,
        "push": PushOptions,
        "speech": SpeechOptions,
        "command": CommandOptions,
    }
)
"""The options of each output, by its ``type``."""
