"""Where the runs so far lead to: the step, how many clean sessions it has, and the rule that says so.

Nothing here is remembered: the runs are gone through from the first to the last, each judged by what was then planned.
Two tables: what a run of each colour does (W2-W5, W11), and what becomes of the step on the day of the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from nudger.core.recovery.diary import Day, in_last
from nudger.core.running import sessions
from nudger.core.running.runs import Run
from nudger.core.running.sessions import Colour
from nudger.core.running.steps import GOAL, Plan, lower, step, top_step

WEEK: Final = timedelta(days=7)
LAST_RUNS: Final = 14
"""With one run a day at most, no week and no week before it reaches further back."""

GROWTH_PERCENT: Final = 130
GROWTH_MIN: Final = 12
"""Weekly increases above 30 % go with injury in healthy novices (Nielsen 2013, 2014, read in summaries only). The 12
minutes, without which nobody could begin, are our choice."""

USUAL_RUNS: Final = 2
"""Runs a week, the fewest there are, taken to lie before the plan of somebody who ran before it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A run with how much the next morning's score rose (dm), and its colour as far as it is known."""

    run: Run
    rise: int | None
    colour: Colour


@dataclass(frozen=True, slots=True)
class Place:
    """A step, its clean sessions so far, and the rule and sentence that led there.

    ``ambers`` counts the amber runs since the last green one.
    """

    step: int
    clean: int = 0
    rule: str = "start"
    key: str = "start"
    ambers: int = 0

    @property
    def ready(self) -> bool:
        """Whether the step has all the clean sessions that it takes."""
        return self.clean >= step(self.step).clean

    @property
    def at_goal(self) -> bool:
        """Whether the plan's goal is reached: its last step green twice, or a step beyond it."""
        return self.step > GOAL or (self.step == GOAL and self.ready)


def judge(runs: Iterable[Run], days: Iterable[Day]) -> tuple[Judged, ...]:
    """Return the runs with their colours, oldest first."""
    known = tuple(days)
    rises = [(run, sessions.rise(run, known)) for run in sorted(runs, key=lambda run: run.day)]
    return tuple(Judged(run, dm, sessions.colour(run, dm)) for run, dm in rises)


# --- What a run does -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AfterRun:
    """One row: what a run does to the place at which it was run."""

    id: str
    key: str
    matches: Callable[[Place, Judged], bool]
    act: Callable[[Place, Judged], Place]


def _is(colour: Colour) -> Callable[[Place, Judged], bool]:
    return lambda _, judged: judged.colour is colour


def _amber_again(place: Place, judged: Judged) -> bool:
    """The second amber in a row; only a green run ends the row."""
    return judged.colour is Colour.AMBER and place.ambers > 0


def _unanswered(_: Place, judged: Judged) -> bool:
    """A hold for which something is still to be told."""
    return judged.colour is Colour.HOLD and bool(sessions.missing(judged.run, judged.rise))


def _down(by: int, ambers: int = 0) -> Callable[[Place, Judged], Place]:
    """So many steps below the one that was run, and in any case not above the one that was planned."""
    return lambda place, judged: Place(
        min(place.step, lower(judged.run.step, by)), clean=0, ambers=place.ambers + ambers
    )


def _keep(place: Place, _: Judged) -> Place:
    return place


def _count(place: Place, _: Judged) -> Place:
    return replace(place, clean=place.clean + 1, ambers=0)


AFTER: Final = (
    AfterRun("W5", "W5", _is(Colour.RED), _down(2)),
    AfterRun("W4", "W4_again", _amber_again, _down(2, ambers=1)),
    AfterRun("W4", "W4", _is(Colour.AMBER), _down(1, ambers=1)),
    AfterRun("W11", "W11", _unanswered, _keep),
    AfterRun("W3", "W3", _is(Colour.HOLD), _keep),
    AfterRun("W2", "W2", _is(Colour.GREEN), _count),
)
"""Read from the top: the first row that matches says where a run leads."""


# --- The step of a day -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Turn:
    """The question which step to run on a day: after these runs, from that place, up to a top step."""

    plan: Plan
    earlier: Sequence[Judged]
    place: Place
    day: date
    top: int


@dataclass(frozen=True, slots=True)
class NextStep:
    """One row: when it decides at which place to run, and at which."""

    id: str
    key: str
    matches: Callable[[Turn], bool]
    act: Callable[[Turn], Place]


def gap_days(turn: Turn) -> int:
    """Return how many days before the day the last run was; 0 where there was none."""
    return (turn.day - turn.earlier[-1].run.day).days if turn.earlier else 0


def week_allows(turn: Turn, minutes: int) -> bool:
    """Tell whether a run of that many minutes leaves the week that ends on the day within 1.3 times the week before.

    Or within 12 minutes more than that. Who started above step 1 ran before the plan: the days before its first run
    count as if there had been two runs a week of the starting step.
    """
    runs = [judged.run for judged in turn.earlier]
    week = minutes + sum(run.run_min for run in runs if in_last(WEEK.days, run.day, turn.day))
    last = turn.day - WEEK
    before = sum(run.run_min for run in runs if in_last(WEEK.days, run.day, last))
    if runs and turn.plan.start_step > 1:
        unknown = min(WEEK.days, max(0, (runs[0].day - (last - WEEK)).days - 1))
        before += USUAL_RUNS * step(turn.plan.start_step).total * unknown // WEEK.days
    return week * 100 <= before * GROWTH_PERCENT or week <= before + GROWTH_MIN


def _break_of(days: int) -> Callable[[Turn], bool]:
    return lambda turn: gap_days(turn) >= days


def _lower(by: int) -> Callable[[Turn], Place]:
    return lambda turn: _at(turn.place, lower(turn.place.step, by))


def _begin_again(turn: Turn) -> Place:
    return _at(turn.place, 1)


def _at_top(turn: Turn) -> bool:
    """The last step there is, with all its clean sessions."""
    return turn.place.ready and turn.place.step == turn.top


def _week_full(turn: Turn) -> bool:
    """The next step is earned, but would let the week grow too much."""
    return turn.place.ready and not week_allows(turn, step(turn.place.step + 1).total)


def _earned(turn: Turn) -> bool:
    """The step has its clean sessions."""
    return turn.place.ready


def _same(turn: Turn) -> Place:
    return turn.place


def _up(turn: Turn) -> Place:
    return _at(turn.place, turn.place.step + 1)


def _at(place: Place, number: int) -> Place:
    return replace(place, step=number, clean=0)


NEXT: Final = (
    NextStep("W10", "W10_start", _break_of(28), _begin_again),
    NextStep("W10", "W10", _break_of(14), _lower(3)),
    NextStep("W10", "W10", _break_of(7), _lower(1)),
    NextStep("W13", "W13", _at_top, _same),
    NextStep("W9", "W9", _week_full, _same),
    NextStep("W2", "W2_up", _earned, _up),
)
"""Read from the top. Where no row matches, the step is the one that the last run led to (`AFTER`)."""


def planned(turn: Turn) -> Place:
    """Return the place at which to run on that day."""
    if turn.place.step > turn.top:
        turn = replace(turn, place=_at(turn.place, turn.top))
    row = next((row for row in NEXT if row.matches(turn)), None)
    if row is None:
        return turn.place
    return replace(row.act(turn), rule=row.id, key=row.key)


def replay(plan: Plan, judged: Sequence[Judged]) -> Place:
    """Return where the runs lead to.

    A run counts at the step that was then planned, or at its own where that is lower (W12: never two steps up at once).
    """
    place, top = Place(plan.start_step), top_step(plan.target_min)
    for number, each in enumerate(judged):
        earlier = judged[max(0, number - LAST_RUNS) : number]
        at = _counted(planned(Turn(plan, earlier, place, each.run.day, top)), place, each.run)
        row = next(row for row in AFTER if row.matches(at, each))
        place = replace(row.act(at, each), rule=row.id, key=row.key)
    return place


def _counted(plan: Place, before: Place, run: Run) -> Place:
    """Return the place at which the run counts; the step before, run once more, keeps its clean sessions."""
    if run.step >= plan.step:
        return plan
    return replace(plan, step=run.step, clean=before.clean if run.step == before.step else 0)
