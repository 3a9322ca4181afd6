"""The recovery ladder: its stages, and the library of prompts that they draw from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from nudger.core.words import PromptKind


@dataclass(frozen=True, slots=True)
class LibraryPrompt:
    """One entry of the prompt library. ``intensity`` goes from 0 (still) to 3 (moderate)."""

    id: str
    title: str
    body: str
    category: str
    kind: PromptKind
    stages: frozenset[str]
    duration: timedelta
    intensity: int
    needs_floor: bool
    discreet: bool
    contraindications: frozenset[str]


@dataclass(frozen=True, slots=True)
class Stage:
    """One rung of the ladder: the window of a bout in which a prompt comes, the break it asks for, what it may ask.

    Every ``long_break_every``-th prompted break is a long one (0: never). ``weights`` are percent per category.
    A stage is offered at a score of ``enter_max`` or less and left downward from ``back_off_at`` on (None: never), both
    on the 0-10 scale; ``min_observed_days`` with a score come before the next one (None: there is none).
    """

    id: str
    soft: timedelta
    hard: timedelta
    break_target: timedelta
    long_break_every: int
    max_intensity: int
    weights: Mapping[str, int]
    enter_max: int = 10
    back_off_at: int | None = None
    min_observed_days: int | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """All stages, lowest first, and the overlay that a flare puts over each of them."""

    stages: tuple[Stage, ...]
    flare: Stage
    min_break: timedelta
    long_break: timedelta

    def stage(self, stage_id: str) -> Stage:
        """Return the stage of that id; KeyError when there is none."""
        for stage in self.stages:
            if stage.id == stage_id:
                return stage
        raise KeyError(stage_id)
