"""What a benchmark yields: figures, each with its floor and its target where it has them."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Target:
    """A limit of a figure, or of its ratio to the floor of the same run."""

    limit: float
    of_ratio: bool = False
    at_least: bool = False

    def is_met(self, value: float) -> bool:
        """Tell whether the value keeps the limit."""
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    ``value`` and ``floor`` have the same ``unit``; ``value`` is None where this system cannot tell. ``floor_name`` says
    what the floor is.
    """

    subject: str
    what: str
    value: float | None
    unit: str
    target: Target | None = None
    floor: float | None = None
    floor_name: str = ""

    @property
    def ratio(self) -> float | None:
        """The value as a multiple of the floor; None without a floor."""
        return self.value / self.floor if self.value is not None and self.floor else None

    @property
    def is_met(self) -> bool | None:
        """Whether the target is reached; None where there is none, or nothing to hold against it."""
        if self.target is None:
            return None
        judged = self.ratio if self.target.of_ratio else self.value
        return None if judged is None else self.target.is_met(judged)


def at_most(limit: float) -> Target:
    """Return the target of a value that must not be exceeded."""
    return Target(limit)


def at_least(limit: float) -> Target:
    """Return the target of a value that must be reached."""
    return Target(limit, at_least=True)


def times_floor(limit: float) -> Target:
    """Return the target of a value that must be at most so many times its floor."""
    return Target(limit, of_ratio=True)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest of the values that at least ``percent`` of them do not exceed (nearest rank)."""
    if percent == 50:
        return median(values)
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def say(text: str) -> None:
    """Tell on standard error what is being done."""
    print(text, file=sys.stderr, flush=True)
