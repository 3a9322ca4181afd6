"""What the rules R10-R14 do: back off, go up at the person's wish, offer, hold; and what an answer to an offer does."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from nudger.core.recovery import lacks
from nudger.core.recovery.course import WALK_RUN, BackOff, Did, Offer, Standing
from nudger.core.recovery.diary import KEPT_DAYS, ONE_DAY, in_last
from nudger.core.recovery.moves import WARY, Verdict, down, go, refuse, stay
from nudger.core.recovery.view import View

DECLINED_DAYS: Final = 3
SCORED_DAYS_TO_RUN: Final = 3
"""`walk_run` takes three days with a score, unless a health provider sets it."""

HIGHEST: Final = 10


def back_off(view: View) -> Verdict:
    """R10a and R10c: down one."""
    return _back_off(view, view.back_off_limit)


def back_off_warily(view: View) -> Verdict:
    """R10b: down one, for a score that was held against the stage's own limit."""
    return _back_off(view, view.stage.back_off_at)


def _back_off(view: View, limit: float | None) -> Verdict:
    """Remember out of which stage it led."""
    earlier = (each for each in view.standing.back_offs if in_last(KEPT_DAYS, each.day, view.today))
    left = BackOff(view.today, view.stage.id)
    return Verdict(down(view, view.lower, back_offs=(*earlier, left)), Did.BACKED_OFF, limit)


def user_up(view: View) -> Verdict:
    """R11: allow the next stage below its back-off score, and watch every score for a week; else say why not."""
    limit = HIGHEST if view.above.back_off_at is None else view.above.back_off_at - 1
    return _not_now(view) or _scores_say_no(view, limit) or _up(view, limit)


def _up(view: View, limit: int) -> Verdict:
    return Verdict(go(view, view.above.id, wary_until=view.today + WARY), Did.USER_UP, limit)


def _not_now(view: View) -> Verdict | None:
    """More than one stage, or too soon after another change: only what changed today can be undone."""
    if view.picked != view.above.id:
        skipped = view.picked == WALK_RUN and view.recovery.running_goal is False
        return refuse(view, "no_running_goal") if skipped else refuse(view, "one_stage", next=view.above.id)
    if view.undo is not None:
        return None if view.undo == view.picked else refuse(view, "changed_today")
    return refuse(view, "cool", days=view.cool) if view.cool else None


def _scores_say_no(view: View, limit: int) -> Verdict | None:
    """The usual score, or where it is not known the one of today, is held against the limit."""
    if view.above.id == WALK_RUN and len(view.scores) < SCORED_DAYS_TO_RUN:
        return refuse(view, "scored_days", have=len(view.scores), want=SCORED_DAYS_TO_RUN)
    if lacks.red_runs(view):
        return refuse(view, "red_runs", have=view.red_runs)
    usual = view.score if view.usual_up is None else view.usual_up
    if usual is None:
        return refuse(view, "score_needed")
    return refuse(view, "scores_high", usual=usual, limit=limit) if usual > limit else None


def offer_progress(view: View) -> Verdict:
    """R12: offer the next stage."""
    return Verdict(_offering(view, "R12"), Did.OFFERED, view.above.enter_max)


def offer_plateau(view: View) -> Verdict:
    """R13: offer the next stage on function instead of pain."""
    return Verdict(_offering(view, "R13"), Did.OFFERED)


def _offering(view: View, rule: str) -> Standing:
    made = view.standing.offer
    if made is not None and (made.stage, made.rule) == (view.above.id, rule):
        return stay(view, offer=made)
    return stay(view, offer=Offer(view.above.id, rule, view.today, view.baseline))


def hold(view: View) -> Verdict:
    """R14: nothing, but say what is missing for the next stage."""
    return Verdict(stay(view), Did.HELD, lacks=() if view.at_top else lacks.missing(view))


def accept(view: View, offer: Offer) -> Standing:
    """Return the standing after a yes. After a step of R13 its baseline sets what R10c holds scores against."""
    plateau = offer.baseline if offer.rule == "R13" else None
    return go(view, offer.stage, plateau=plateau, wary_until=view.standing.wary_until)


def decline(view: View) -> Standing:
    """Return the standing after a no: the offer rests."""
    return replace(view.standing, offer=None, declined_until=view.today + DECLINED_DAYS * ONE_DAY)
