"""What every language of lamps must be able to say.

A preset turns what a lamp reports into a `Look`, and what it should show, or what it showed before, into messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from nudger.core.words import Scene
from nudger.outputs.look import RGB, Look, xy_of_rgb

Messages = tuple[tuple[str, str], ...]
"""What to publish, in this order: topic and payload."""

Report = Mapping[str, object]
"""What a lamp said of itself, in its own words: the latest of every key that counts, None where that made no sense."""


@dataclass(frozen=True, slots=True)
class Paint:
    """What a lamp is asked to show. ``percent`` is the brightness, 1 to 100; ``step`` that of the ambient scene."""

    scene: Scene
    rgb: RGB
    percent: int
    step: int = 0

    @property
    def look(self) -> Look:
        """How a lamp looks that shows it."""
        return Look(on=True, brightness=self.percent / 100, xy=xy_of_rgb(*self.rgb))

    @property
    def hex(self) -> str:
        """The colour as ``#RRGGBB``."""
        return "#{:02X}{:02X}{:02X}".format(*self.rgb)


class Preset(Protocol):
    """One lamp's language. ``command_topic`` is also what the lamp is known by."""

    @property
    def command_topic(self) -> str:
        """Where its commands go."""

    @property
    def state_topics(self) -> tuple[str, ...]:
        """Where it reports; none for a lamp that never does."""

    def read(self, payload: bytes, before: Report) -> Report | None:
        """Add a report to those ``before``; None when it says nothing of how the lamp looks.

        Raises UnreadableError when it is no report at all.
        """

    def look(self, report: Report) -> Look:
        """Return how a lamp looks that reported this."""

    def show(self, paint: Paint, before: Report | None) -> Messages:
        """Return what makes it show ``paint``. ``before`` is what it reported last, None where that is not known."""

    def restore(self, before: Report | None) -> Messages:
        """Return what makes it look as it did ``before``, and off where that is not known."""

    def ask(self) -> Messages:
        """Return what makes it report; nothing for a lamp that cannot be asked."""


def number_in(value: object) -> float | None:
    """Return a number of a report, None for anything else, infinite ones and those beyond all measure included."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_BEYOND < value < _BEYOND:
        return None
    return value


def numbers_in(value: object) -> dict[str, float]:
    """Return the numbers among the keys of an object in a report."""
    parts = value.items() if isinstance(value, dict) else ()
    return {key: part for key, part in parts if number_in(part) is not None}


def text_in(value: object) -> str | None:
    """Return a text of a report, None for anything else."""
    return value if isinstance(value, str) else None


_BEYOND: Final = 1e6
