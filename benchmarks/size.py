"""How much each benchmark does. One value, so that the tests can run all of them in a tiny configuration."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """The amounts. The defaults give figures that repeat to within a few percent on an idle machine."""

    events: int = 600
    """Presence messages to each side of the latency benchmark; every second one makes a burst of three publishes."""
    idle_s: float = 60.0
    """Length of the window in which the idle daemon is watched."""
    starts: int = 7
    """Starts of a process; their median counts."""
    messages: int = 300_000
    """Messages of the synthetic recording."""
    days: int = 261
    """Simulated working days: those of one year."""
    crowds: tuple[int, ...] = (1, 100, 10_000)
    """Numbers of persons in one process."""
    crowd_events: int = 4000
    """Events that a crowd decides on, spread over its persons."""
    flood_per_s: int = 20_000
    """Messages a second on one topic."""
    flood_s: float = 10.0
    """How long the flood lasts."""
    commits: int = 3000
    """Repetitions of the microbenchmarks of the store."""


FULL = Size()
"""What the table is made with."""

TINY = Size(
    events=8,
    idle_s=0.3,
    starts=1,
    messages=500,
    days=2,
    crowds=(1, 5),
    crowd_events=20,
    flood_per_s=2000,
    flood_s=0.5,
    commits=10,
)
"""Enough to see that a benchmark works; its figures mean nothing."""
