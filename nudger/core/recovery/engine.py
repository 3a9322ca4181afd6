"""The recovery engine's front door: what a person says goes in, where they then stand comes out.

Every function returns a new Recovery, or the Refusal that says why nothing changed. None reads a clock: ``today`` is
the person's own day, which starts at 04:00.

A day is evaluated once. A clock that was set back has to catch up before the next evaluation; however many days a jump
forward leaves out, one evaluation follows, of the day that it led to. Where the host noticed the jump,
`timing.set_clock` carries the days along, so that none is missing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final

from nudger.core.ladder import Ladder
from nudger.core.recovery import banners, climbs, rules, safety
from nudger.core.recovery.course import Answer, Decision, Did, Lack, Recovery, Standing
from nudger.core.recovery.moves import Verdict
from nudger.core.recovery.told import Facts, FlareTold, LockCleared, Refusal, Said, StagePicked
from nudger.core.recovery.view import View

SEVERE: Final = 8
"""A score this high that is new asks for the safety list."""

NOTHING: Final = Facts()


def begin(stage: str, today: date) -> Recovery:
    """Return the recovery of somebody of whom nothing is known yet."""
    return Recovery(Standing(stage, since=today))


# --- The daily evaluation --------------------------------------------------------------------------------------------


def evaluate(ladder: Ladder, recovery: Recovery, today: date, facts: Facts = NOTHING) -> Recovery:
    """Judge the day by the rule table, if it was not judged yet: at the morning check-in, or at noon without one."""
    evaluated = recovery.standing.evaluated
    if evaluated is not None and today <= evaluated:
        return recovery
    return judge(View(recovery, today, True, ladder, facts))


def judge(view: View) -> Recovery:
    """Judge a day, with what was said along with its score; keep what it takes to judge it anew."""
    rule, verdict = rules.decide(view)
    shown = banners.due(view, verdict)
    asked = (Lack("new_episode"),) if banners.new_episode(view) else ()
    made = decision(view, rule, verdict, lacks=verdict.lacks + asked, banners=shown)
    recovery = replace(
        view.recovery,
        standing=replace(verdict.standing, evaluated=view.today, decision=made),
        before=None if view.said else view.standing,
        answer=None,
        banners={**view.recovery.banners, **dict.fromkeys(shown, view.today)},
    )
    return _ask(recovery, view, verdict)


def judge_anew(ladder: Ladder, recovery: Recovery, facts: Facts = NOTHING) -> Recovery:
    """Judge the last evaluated day again, from where it began, after something of it or before it was corrected.

    An answer to its offer holds if the same is offered again. Nothing is judged anew once the person has moved things
    by hand.
    """
    before, evaluated, answer = recovery.before, recovery.standing.evaluated, recovery.answer
    if before is None or evaluated is None:
        return recovery
    again = judge(View(replace(recovery, standing=before), evaluated, True, ladder, facts))
    offer = again.standing.offer
    if answer is None or offer is None or offer.stage != answer.offer.stage:
        return again
    return _answer(View(again, answer.day, False, ladder, facts), replace(answer, offer=offer))


def decision(view: View, rule: str, verdict: Verdict, **more: Any) -> Decision:
    """Return the record of what the rule decided and saw."""
    before, after = view.standing.stage, verdict.standing.stage
    limit = None if verdict.limit is None else float(verdict.limit)
    return Decision(view.today, rule, verdict.did, before, after, view.seen, limit, **more)


def _ask(recovery: Recovery, view: View, verdict: Verdict) -> Recovery:
    """Let the safety list be asked at every flare, after time away, and when a very high score is new."""
    earlier = [score for day, score in view.scores.items() if day < view.today][-1:]
    if verdict.did is Did.FLARE_ON:
        return safety.due(recovery, "flare")
    if verdict.did is Did.RETURNED:
        return safety.due(recovery, "return")
    if view.observed and view.recent[-1] >= SEVERE and all(score < SEVERE for score in earlier):
        return safety.due(recovery, "high")
    return recovery


# --- What acts at once -----------------------------------------------------------------------------------------------


def tell(ladder: Ladder, recovery: Recovery, said: Said, today: date, facts: Facts = NOTHING) -> Recovery | Refusal:
    """Let the rules act on what the person said: R1-R5, R7, R8 and R11.

    Saying what is so already changes nothing, but who picks the stage they are at takes it over from a provider's plan.
    """
    standing = recovery.standing
    today = newest(recovery, today)
    refusal = _fault(ladder, standing, said, today)
    if refusal is not None:
        return refusal
    if isinstance(said, FlareTold) and said.on == (standing.flare is not None):
        return recovery
    if said == StagePicked(standing.stage) and standing.lock is None:
        return replace(recovery, standing=replace(standing, plan=None))
    view = View(recovery, today, False, ladder, facts, said)
    rule, verdict = rules.decide(view)
    if verdict.refusal is not None:
        return verdict.refusal
    standing = replace(verdict.standing, decision=decision(view, rule, verdict, lacks=verdict.lacks))
    return _ask(replace(recovery, standing=standing, before=None, answer=None), view, verdict)


def newest(recovery: Recovery, today: date) -> date:
    """Return today; or the last evaluated day, for a clock that was set back behind it."""
    evaluated = recovery.standing.evaluated
    return today if evaluated is None else max(today, evaluated)


def _fault(ladder: Ladder, standing: Standing, said: Said, today: date) -> Refusal | None:
    if isinstance(said, StagePicked | LockCleared):
        known = [stage.id for stage in ladder.stages]
        if said.stage not in known:
            return Refusal("unknown_stage", {"value": said.stage, "names": ", ".join(known)})
    if isinstance(said, LockCleared):
        if standing.lock is None:
            return Refusal("not_locked")
        if said.on > today:
            return Refusal("seen_in_future", {"value": said.on})
        if said.on < standing.lock.latest:
            return Refusal("seen_before_lock", {"value": said.on, "day": standing.lock.latest})
    return None


def answer_offer(
    ladder: Ladder, recovery: Recovery, today: date, *, yes: bool, stage: str | None = None
) -> Recovery | Refusal:
    """Take the answer to the offer that waits; ``stage`` names it, where the answer may come late.

    An offer rests on the scores of its day: on a later day it is made again by that day's evaluation, or it is gone.
    """
    offer = recovery.standing.offer
    if offer is None or (stage is not None and stage != offer.stage):
        return Refusal("no_offer")
    if recovery.standing.evaluated != newest(recovery, today):
        return Refusal("offer_needs_score", {"stage": offer.stage})
    view = View(recovery, newest(recovery, today), False, ladder, NOTHING)
    return _answer(view, Answer(offer, yes, view.today))


def _answer(view: View, answer: Answer) -> Recovery:
    standing = climbs.accept(view, answer.offer) if answer.yes else climbs.decline(view)
    verdict = Verdict(standing, Did.ACCEPTED if answer.yes else Did.DECLINED)
    standing = replace(standing, decision=decision(view, answer.offer.rule, verdict))
    return replace(view.recovery, standing=standing, answer=answer)
