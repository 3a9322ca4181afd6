"""A session of the plan, as it comes in and as it is kept. Only the words: what they mean is said in `sessions`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from nudger.core.running.steps import step

ROUGH: Final = "rough"
FEELS: Final = ("good", "so-so", ROUGH)


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """One session as it comes in, not yet looked at; None where it was not told.

    ``step`` is the number of the step, ``minutes`` the minutes actually run. ``pre``, ``during`` and ``limb`` are the
    back score before, the worst back score and the worst leg or foot score. ``spreading``: new pain or tingling further
    down the leg. ``feel`` is one of FEELS.
    """

    day: date
    step: Any = None
    minutes: Any = None
    pre: Any = None
    during: Any = None
    limb: Any = None
    completed: Any = None
    stopped_pain: Any = None
    spreading: Any = None
    feel: Any = None


@dataclass(frozen=True, slots=True)
class Run:
    """One session that was taken in; the fields of `SessionEntry`, and what the next morning added.

    ``rise`` is the next morning's score minus the one of the run's day, as `settle` last saw it.
    """

    day: date
    step: int
    minutes: int | None = None
    pre: int | None = None
    during: int | None = None
    limb: int | None = None
    completed: bool | None = None
    stopped_pain: bool | None = None
    spreading: bool | None = None
    feel: str | None = None
    rise: int | None = None

    @property
    def run_min(self) -> int:
        """Minutes run: as told, else what the step asks for."""
        return step(self.step).total if self.minutes is None else self.minutes
