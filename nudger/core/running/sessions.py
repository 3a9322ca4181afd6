"""What a person tells of a run, how it is taken in, and the colour it gets.

A run belongs to the person's own day. What was not told is None. Scores are whole numbers from 0 to 10.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from datetime import date
from enum import StrEnum
from typing import Final

from nudger.core.recovery.checkins import MOST_MINUTES
from nudger.core.recovery.course import Recovery
from nudger.core.recovery.diary import ONE_DAY, Day, day_of, in_last, is_score
from nudger.core.recovery.told import Refusal
from nudger.core.recovery.values import Values
from nudger.core.running.runs import FEELS, ROUGH, Run, SessionEntry
from nudger.core.running.steps import Plan, top_step

TOLD_DAYS: Final = 7
"""A run can be told of, and corrected, on its day and the six days after it."""


# --- Taking a session in ---------------------------------------------------------------------------------------------


def log_session(
    plan: Plan, runs: Sequence[Run], entry: SessionEntry, recovery: Recovery, today: date, *, correct: bool = False
) -> tuple[Run, ...] | Refusal:
    """Take a session in and return all runs, oldest first.

    There is one session a day. To ``correct`` it is to tell of it again: what is not told again stays as it was. The
    runs before take along what their mornings told (see `settle`).
    """
    held = next((run for run in runs if run.day == entry.day), None)
    refusal = _day_fault(entry.day, held, recovery, today, correct=correct) or _fault(plan, entry, held)
    if refusal is not None:
        return refusal
    told = {each.name: getattr(entry, each.name) for each in fields(entry)}
    told = {name: value for name, value in told.items() if value is not None}
    others = (run for run in runs if run is not held)
    run = Run(**told) if held is None else replace(held, **told)
    return settle(sorted((*others, run), key=lambda each: each.day), recovery.days)


def _day_fault(day: date, held: Run | None, recovery: Recovery, today: date, *, correct: bool) -> Refusal | None:
    if day > today:
        return Refusal("session_in_future", {"day": day})
    if not in_last(TOLD_DAYS, day, today):
        return Refusal("session_too_old", {"day": day, "days": TOLD_DAYS})
    locks = (*recovery.standing.locks, *Values(recovery, today, daily=False).lock_spell)
    if any(lock.covers(day) for lock in locks):
        return Refusal("session_locked", {"day": day})
    if held is not None and not correct:
        return Refusal("session_twice", {"day": day})
    return Refusal("session_nothing_to_correct", {"day": day}) if held is None and correct else None


def _fault(plan: Plan, entry: SessionEntry, held: Run | None) -> Refusal | None:
    top = top_step(plan.target_min)
    if entry.step is None and held is None:
        return Refusal("session_no_step", {"count": top})
    if entry.step is not None and not _is_whole(entry.step, 1, top):
        return Refusal("session_step", {"value": entry.step, "count": top})
    if entry.minutes is not None and not _is_whole(entry.minutes, 0, MOST_MINUTES):
        return Refusal("session_minutes", {"value": entry.minutes, "minutes": MOST_MINUTES})
    for value in (entry.pre, entry.during, entry.limb):
        if value is not None and not is_score(value):
            return Refusal("session_score", {"value": value})
    for name in ("completed", "stopped_pain", "spreading"):
        value = getattr(entry, name)
        if value is not None and not isinstance(value, bool):
            return Refusal("session_yes_no", {"names": name, "value": value})
    if entry.feel is not None and entry.feel not in FEELS:
        return Refusal("session_feel", {"value": entry.feel, "names": ", ".join(FEELS)})
    return None


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


# --- The next morning ------------------------------------------------------------------------------------------------


def rise(run: Run, days: Iterable[Day]) -> int | None:
    """Return dm: the next morning's score minus that of the run's day; None where one of them is missing.

    The diary goes first, since its scores can be corrected; of a day that it has forgotten the run itself knows.
    """
    known = tuple(days)
    before, after = day_of(known, run.day).morning, day_of(known, run.day + ONE_DAY).morning
    return run.rise if before is None or after is None else after.pain - before.pain


def settle(runs: Iterable[Run], days: Iterable[Day]) -> tuple[Run, ...]:
    """Return the runs with what their next mornings told, to be kept beyond the days that the diary holds.

    To do so with every new run is enough: after a break as long as the diary the plan begins anew.
    """
    known = tuple(days)
    return tuple(replace(run, rise=rise(run, known)) for run in runs)


def missing(run: Run, dm: int | None) -> tuple[str, ...]:
    """Return what is still to be told before a run can be green."""
    asked = {"pre": run.pre, "during": run.during, "completed": run.completed, "morning": dm}
    return tuple(name for name, value in asked.items() if value is None)


# --- The colour ------------------------------------------------------------------------------------------------------


class Colour(StrEnum):
    """How a run went, for the plan. Green is "nothing above 1, or no more than before the run"."""

    RED = "red"
    AMBER = "amber"
    HOLD = "hold"
    GREEN = "green"


RED_SCORE: Final = 5
RED_RISE: Final = 3
AMBER_SCORE: Final = 3
AMBER_RISE: Final = 2
HOLD_SCORE: Final = 2
"""Stricter than the pain-monitoring model, which was made for tendons and allows 5 (after Silbernagel 2007). Ours."""


def _red(run: Run, dm: int | None) -> bool:
    """Stopped for pain, or a back or leg score of 5 or more, or a rise of 3 or more, or spreading down the leg."""
    felt = run.stopped_pain is True or run.spreading is True
    return felt or _reaches(run.during, RED_SCORE) or _reaches(dm, RED_RISE) or _reaches(run.limb, RED_SCORE)


def _amber(run: Run, dm: int | None) -> bool:
    """A back or leg score of 3 or 4, or a rise of 2, or a rough feel."""
    scores = _reaches(run.during, AMBER_SCORE) or _reaches(run.limb, AMBER_SCORE)
    return scores or _reaches(dm, AMBER_RISE) or run.feel == ROUGH


def _hold(run: Run, dm: int | None) -> bool:
    """Something is missing, or it was not completed, or the back score was 2 and more than before the run."""
    if run.pre is None or run.during is None or missing(run, dm) or run.completed is False:
        return True
    return run.during >= HOLD_SCORE and run.during > run.pre


def _otherwise(_: Run, __: int | None) -> bool:
    """Whatever is left."""
    return True


def _reaches(value: int | None, limit: int) -> bool:
    return value is not None and value >= limit


COLOURS: Final[tuple[tuple[Colour, Callable[[Run, int | None], bool]], ...]] = (
    (Colour.RED, _red),
    (Colour.AMBER, _amber),
    (Colour.HOLD, _hold),
    (Colour.GREEN, _otherwise),
)
"""Read from the top: the first row that matches is the colour."""


def colour(run: Run, dm: int | None) -> Colour:
    """Return the colour of a run after which the morning score had risen by ``dm``; None where that is not known."""
    return next(colour for colour, matches in COLOURS if matches(run, dm))


def safety_reason(run: Run, dm: int | None) -> str | None:
    """Return why the safety list is to be asked after this run; None where it is not."""
    if run.spreading is True:
        return "spreading"
    return "red_run" if colour(run, dm) is Colour.RED else None
