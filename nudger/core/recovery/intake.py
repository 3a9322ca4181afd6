"""The intake: the questions that place a person on the ladder, offered at the first start and never a gate."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from nudger.core.ladder import Ladder
from nudger.core.recovery import engine, placement, safety
from nudger.core.recovery.course import Did, Recovery, Standing
from nudger.core.recovery.diary import is_score
from nudger.core.recovery.moves import Verdict, down, go
from nudger.core.recovery.told import IntakeAnswers, Refusal, SafetyTold
from nudger.core.recovery.view import View


def take_intake(ladder: Ladder, recovery: Recovery, answers: IntakeAnswers, today: date) -> Recovery | Refusal:
    """Place the person by their answers, and lock at once where those to the safety lists say so.

    The first intake places freely. A later one never leads up, nor does the first after a step down, a flare or a lock;
    and the stage that a health provider set stays. Refused during a lock.
    """
    today = engine.newest(recovery, today)
    if recovery.standing.lock is not None:
        return safety.held_back(recovery.standing.lock)
    if not is_score(answers.worst):
        return Refusal("bad_score", {"value": answers.worst})
    refusal = safety.fault(answers.safety, today)
    if refusal is not None:
        return refusal
    view = View(recovery, today, False, ladder, engine.NOTHING)
    verdict = Verdict(_placed(view, answers), Did.PLACED)
    recovery = replace(
        safety.answered(recovery),
        standing=replace(verdict.standing, decision=engine.decision(view, "intake", verdict)),
        before=None,
        answer=None,
        began=today,
        began_at=answers.worst,
        intake=answers.worst,
        seen=answers.seen,
        running_goal=recovery.running_goal if answers.running_goal is None else answers.running_goal,
    )
    items = safety.locking(answers.safety, seen=answers.seen)
    return engine.tell(ladder, recovery, SafetyTold(items), today) if items else recovery


def _placed(view: View, answers: IntakeAnswers) -> Standing:
    function = placement.by_function(walks_5_min=answers.walks_5_min, walks=answers.walks, mobility=answers.mobility)
    stage = placement.lowest(view.ladder, placement.by_pain(answers.worst), function)
    standing = view.standing
    if standing.plan == standing.stage:
        return standing
    lower = placement.lowest(view.ladder, standing.stage, stage)
    if lower != standing.stage:
        return down(view, lower)
    first = view.recovery.intake is None and not standing.locks and not standing.flare and not view.cool
    return replace(go(view, stage), change=None) if first and view.undo is None else go(view, standing.stage)


def set_running_goal(recovery: Recovery, *, wanted: bool) -> Recovery:
    """Note whether the person wants to run. An offer that rested on the other answer is gone."""
    return replace(recovery, running_goal=wanted, standing=replace(recovery.standing, offer=None))
