"""The next session: which step, on which day at the earliest, and why. And what the rules of the ladder ask.

The rules W1-W13 are rows of three tables: two in `place` decide about the step, one in `waits` about the day. Nothing
reads a clock: ``today`` is the person's own day, and never before the last run, so that a clock that was set back has
to catch up first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from nudger.core.recovery.course import STEADY, WALK_RUN, Recovery
from nudger.core.recovery.diary import Day
from nudger.core.recovery.told import Facts
from nudger.core.running import place as places
from nudger.core.running import sessions
from nudger.core.running.place import LAST_RUNS, Turn
from nudger.core.running.runs import Run
from nudger.core.running.sessions import Colour
from nudger.core.running.steps import GOAL, RUN, Piece, Plan, step, top_step
from nudger.core.running.waits import look, not_before, reds, when

RUNNING: Final = frozenset({WALK_RUN, STEADY})


@dataclass(frozen=True, slots=True)
class Proposal:
    """The next session.

    ``day`` is the earliest day on which it may be run. ``kind`` is ``run``, or ``walk`` where a walk takes its place
    until then. ``pieces`` are all of it, with the walking before and after. ``rule`` and ``key`` name the rule that
    decided and its sentence; ``step_rule`` and ``step_key`` those for the step, which are the same where nothing puts
    the run off. ``colour`` is the last run's, ``gap`` the days from it to ``day``, ``missing`` what is still to be told
    of it. Of the ``needed`` clean sessions of the step ``clean`` are done.
    """

    day: date
    kind: str
    step: int
    pieces: tuple[Piece, ...]
    rule: str
    key: str
    step_rule: str
    step_key: str
    colour: Colour | None
    gap: int
    missing: tuple[str, ...]
    clean: int
    needed: int

    @property
    def data(self) -> Mapping[str, object]:
        """What fills the places of both sentences."""
        return {
            "day": self.day,
            "step": self.step,
            "minutes": step(self.step).total,
            "days": self.gap,
            "count": self.clean,
            "needed": self.needed,
        }


def next_session(plan: Plan, runs: Sequence[Run], recovery: Recovery, today: date) -> Proposal | None:
    """Return the next session; None at a stage without running, and during a lock, when the planner is off.

    The plan is one in which `steps.fault` finds nothing.
    """
    standing = recovery.standing
    if standing.lock is not None or standing.stage not in RUNNING:
        return None
    outlook = look(plan, runs, recovery, today)
    day, wait = when(outlook)
    at = outlook.step_on(day, top_step(plan.target_min) if standing.stage == STEADY else GOAL)
    last = outlook.last
    return Proposal(
        day=day,
        kind=RUN if wait is None else wait.kind,
        step=at.step,
        pieces=step(at.step).session,
        rule=at.rule if wait is None else wait.id,
        key=at.key if wait is None else wait.key,
        step_rule=at.rule,
        step_key=at.key,
        colour=None if last is None else last.colour,
        gap=0 if last is None else (day - last.run.day).days,
        missing=() if last is None else sessions.missing(last.run, last.rise),
        clean=at.clean,
        needed=step(at.step).clean,
    )


def facts(plan: Plan, runs: Sequence[Run], days: Iterable[Day], today: date) -> Facts:
    """Return what the rules of the ladder ask: the days of red runs in the last 14, and whether the goal is reached.

    ``days`` hold the scores of the check-in that is about to be judged: a morning can make yesterday's run red.
    """
    judged = places.judge(runs, days)
    day = not_before(judged, today)
    at = places.planned(Turn(plan, judged[-LAST_RUNS:], places.replay(plan, judged), day, top_step(plan.target_min)))
    return Facts(red_runs=tuple(reds(judged, day)), run_goal_reached=at.at_goal)
