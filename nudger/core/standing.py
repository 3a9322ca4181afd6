"""What follows from a new Recovery: records, events, a pause in the prompts. Every change goes through `settle`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from nudger.core.effects import Announce, Effect, RecordDecision, RecordStage, Refuse
from nudger.core.recovery import diary
from nudger.core.recovery.course import Recovery, Tier
from nudger.core.recovery.diary import Activity
from nudger.core.recovery.told import Facts, Refusal
from nudger.core.running import planner
from nudger.core.state import State

QUIET_AFTER_MESSAGE: Final = timedelta(minutes=30)
"""After a safety message nothing else comes for this long (our choice): it is to be read, not buried."""


def settle(state: State, outcome: Recovery | Refusal, now: datetime, out: list[Effect]) -> State:
    """Go on from the new Recovery, and order what follows from the difference; a refusal changes nothing."""
    if isinstance(outcome, Refusal):
        out.append(Refuse(outcome.key, outcome.data))
        return state
    before, after = state.recovery.standing, outcome.standing
    decision = after.decision
    if decision is not None and decision != before.decision:
        out.append(RecordDecision(decision))
        out += [Announce("safety", {"message": banner}) for banner in decision.banners]
    if after.offer is not None and after.offer != before.offer:
        out.append(Announce("stage_offered", {"stage": after.offer.stage, "rule": after.offer.rule}))
    changes: dict[str, Any] = {}
    if after.stage != before.stage:
        rule = decision.rule if decision is not None else ""
        out.append(RecordStage(before.stage, after.stage, rule))
        out.append(Announce("stage_changed", {"from": before.stage, "to": after.stage, "rule": rule}))
        changes = {"changed_at": now, "breaks_since_long": 0}
    if (after.flare is None) != (before.flare is None):
        out.append(Announce("flare", {"on": after.flare is not None}))
        changes["changed_at"] = now
    if after.lock is not None and after.lock != before.lock:
        message = "S1" if after.lock.tier is Tier.EMERGENCY else "S2"
        out.append(Announce("safety", {"message": message}))
        changes["silent_until"] = now + QUIET_AFTER_MESSAGE
    return replace(state.but_health(recovery=outcome), **changes)


def facts(state: State, today: date) -> Facts:
    """Return what the run planner knows, for the rules of the ladder."""
    return planner.facts(state.health.plan, state.health.runs, state.recovery.days, today)


def note_in_diary(recovery: Recovery, day: date, done: Activity) -> Recovery:
    """Return the Recovery with something done added to that day, whatever else is known of it."""
    held = diary.day_of(recovery.days, day)
    held = replace(held, activity=diary.add(held.activity, done))
    return replace(recovery, days=diary.with_day(recovery.days, held))
