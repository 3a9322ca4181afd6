"""What the rules R1-R9 do: one function per action of the rule table. Whether they should is asked in `rules`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from nudger.core.recovery import placement, safety
from nudger.core.recovery.course import Change, Did, Flare, Lack, Standing
from nudger.core.recovery.diary import KEPT_DAYS, ONE_DAY, Spell, day_of, in_last
from nudger.core.recovery.told import Refusal
from nudger.core.recovery.view import COOL_DAYS, View

WARY: Final = timedelta(days=7)
FLARE_SHORT_DAYS: Final = 3
FLARE_LONG_DAYS: Final = 8
RETURN_LONG_DAYS: Final = 21


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of an action: where the person stands now, what was done; or why it was refused.

    ``limit`` is the number that the scores were held against, ``lacks`` what is missing for the next stage or asked.
    """

    standing: Standing
    did: Did
    limit: float | None = None
    lacks: tuple[Lack, ...] = ()
    refusal: Refusal | None = None


# --- Where the person then stands ------------------------------------------------------------------------------------


def stay(view: View, **changes: Any) -> Standing:
    """Return the standing at the same stage; an offer that is not made again is gone."""
    return replace(view.standing, **{"dwell": view.dwell, "offer": None} | changes)


def go(view: View, stage: str, **changes: Any) -> Standing:
    """Return the standing at this stage, or at the same one, counted anew from today."""
    standing = view.standing
    changes = {"stage": stage, "since": view.today, "dwell": 0, "offer": None} | changes
    if stage != standing.stage:
        change = Change(view.today, view.undo or standing.stage)
        left = {"change": change, "plateau": None, "declined_until": None, "wary_until": None}
        changes = left | changes
    return replace(standing, **changes)


def down(view: View, stage: str, **changes: Any) -> Standing:
    """Return the standing at a lower stage; at most one change a day, so on the day of another one at the same."""
    return go(view, stage if view.undo is None else view.standing.stage, **cooled(view) | changes)


def cooled(view: View) -> dict[str, Any]:
    """Return the change after which no upward move is allowed for 3 days."""
    return {"cool_until": view.today + COOL_DAYS * ONE_DAY}


def _with(view: View, spells: tuple[Spell, ...], ended: tuple[Spell, ...]) -> tuple[Spell, ...]:
    return (*(each for each in spells if in_last(KEPT_DAYS, each.last, view.today)), *ended)


def refuse(view: View, key: str, **data: object) -> Verdict:
    """Return the verdict that changes nothing and says why."""
    return Verdict(view.standing, Did.REFUSED, refusal=Refusal(key, data))


# --- R1-R5 -----------------------------------------------------------------------------------------------------------


def lock_red(view: View) -> Verdict:
    """R1: lock red; the stage is frozen."""
    return Verdict(_locked(view), Did.LOCKED_RED)


def lock_amber(view: View) -> Verdict:
    """R2: lock amber, where the lock is not red already; the stage is frozen."""
    return Verdict(_locked(view), Did.LOCKED_AMBER)


def _locked(view: View) -> Standing:
    return stay(view, lock=safety.locked(view.standing, view.locking, view.today))


def unlock(view: View) -> Verdict:
    """R3: the person was seen and may go on: at the lower of the two stages. This is not to be undone."""
    stage = placement.lowest(view.ladder, view.standing.stage, view.picked)
    standing = go(view, stage, lock=None, locks=_with(view, view.standing.locks, view.lock_spell), **cooled(view))
    return Verdict(_final(view, standing), Did.UNLOCKED)


def stay_locked(view: View) -> Verdict:
    """R3: nothing else."""
    lock = view.standing.lock
    if view.daily or lock is None:
        return Verdict(stay(view), Did.STAYED_LOCKED)
    return Verdict(view.standing, Did.REFUSED, refusal=safety.held_back(lock))


def set_plan(view: View) -> Verdict:
    """R4: the stage that a health provider set, whatever the scores say. This is not to be undone."""
    lower = placement.rung(view.ladder, view.picked) < placement.rung(view.ladder, view.standing.stage)
    standing = go(view, view.picked, plan=view.picked, **(cooled(view) if lower else {}))
    return Verdict(_final(view, standing), Did.PLAN_SET)


def _final(view: View, standing: Standing) -> Standing:
    """Return the standing with no way back by an undo, where the stage changed today."""
    change = standing.change
    changed = change is not None and change.day == view.today
    return replace(standing, change=Change(view.today, standing.stage)) if changed else standing


def keep_plan(view: View) -> Verdict:
    """R4: no automatic moves."""
    return Verdict(stay(view), Did.PLAN_KEPT)


def user_down(view: View) -> Verdict:
    """R5: accept at once, as often as asked."""
    return Verdict(go(view, view.picked, **cooled(view)), Did.USER_DOWN)


# --- R6-R9 -----------------------------------------------------------------------------------------------------------


def come_back(view: View) -> Verdict:
    """R6: the same stage for somebody who stayed active and scores as at its entry; for others a lower one."""
    compared = day_of(view.recovery.days, view.today).compared
    limit = view.stage.enter_max
    if compared in {"same", "more"} and view.recent[-1] <= limit:
        standing = go(view, view.stage.id, dwell=1, wary_until=view.today + WARY, **cooled(view))
        return Verdict(standing, Did.RETURNED, limit)
    asked = () if compared else (Lack("compared"),)
    if view.missing_days < RETURN_LONG_DAYS:
        return Verdict(down(view, view.lower, dwell=1), Did.RETURNED, limit, asked)
    function = placement.by_diary(view.recovery.days, view.today)
    stage = placement.lowest(view.ladder, view.stage.id, _by_pain(view), function)
    return Verdict(down(view, stage, dwell=1), Did.RETURNED, limit, (*asked, Lack("intake")))


def _by_pain(view: View) -> str:
    """Return the intake placement for the latest score of the last days; without one, the present stage."""
    return placement.by_pain(view.recent[-1]) if view.recent else view.stage.id


def flare_on(view: View) -> Verdict:
    """R7: the overlay is on, and the baseline from before it is kept."""
    return Verdict(go(view, view.stage.id, flare=Flare(view.today, view.baseline)), Did.FLARE_ON, view.baseline)


def end_flare(view: View) -> Verdict:
    """R8: the flare is over. The longer it was, the lower the stage after it."""
    length = view.flare_days
    stage = view.stage.id if length <= FLARE_SHORT_DAYS else view.lower
    if length >= FLARE_LONG_DAYS:
        stage = placement.lowest(view.ladder, stage, _by_pain(view))
    flares = _with(view, view.standing.flares, view.flare_spell)
    return Verdict(down(view, stage, flare=None, flares=flares), Did.FLARE_ENDED, length)


def stay_in_flare(view: View) -> Verdict:
    """R8: stay."""
    return Verdict(stay(view), Did.FLARE_STAYED, view.baseline) if view.daily else refuse(view, "flare")


def hold_missing(view: View) -> Verdict:
    """R9: hold."""
    return Verdict(stay(view), Did.HELD_MISSING)
