"""What a person told about their back, as others see it: published, where they agreed, and on their own machine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from nudger.core import asking, health, hours
from nudger.core.model import Policy, State
from nudger.core.recovery import diary, lacks
from nudger.core.recovery.diary import ONE_DAY, Score
from nudger.core.recovery.told import EVENING
from nudger.core.recovery.view import View
from nudger.core.running import planner
from nudger.core.running.planner import Proposal
from nudger.core.running.steps import RUN
from nudger.core.standing import facts
from nudger.library import Language
from nudger.views import recovery
from nudger.views.phrases import say

PRIVATE_EVENTS: Final = frozenset({"stage_changed", "stage_offered", "flare", "safety"})


def withheld(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an event that is no secret says, less the score that only a check-in of the person's own names."""
    return {**data, "last": None} if "last" in data else data


def goes_out(policy: Policy, state: State) -> bool:
    """Tell whether health may be published: as the config says, else as the person answered, else not."""
    answer = state.health.wishes.publish_health
    return (policy.publish_health if policy.publish_health is not None else answer) is True


def public(policy: Policy, state: State, language: Language, now: datetime) -> dict[str, Any]:
    """Return the keys of `state.NOTHING_TOLD` with their values."""
    today = hours.local_day(policy.zone, now)
    offer, proposal = state.recovery.standing.offer, _next_session(state, today)
    return {
        "stage": state.stage,
        "flare": state.flare,
        "lock": state.lock,
        "offer": None if offer is None else {"stage": offer.stage, "rule": offer.rule},
        "pain": _pain(state, today),
        "next_session": None if proposal is None else _session(proposal, language),
        "goals": _goals(policy, state, language, now),
    }


def private(policy: Policy, state: State, language: Language, now: datetime) -> dict[str, Any]:
    """Return what only the person's own machine shows: why, what came of it, what is asked, what was agreed."""
    held, today = state.recovery, hours.local_day(policy.zone, now)
    decision, lock = held.standing.decision, held.standing.lock
    is_new = decision is not None and today - decision.day <= ONE_DAY
    offer = held.standing.offer
    reason = asking.open_safety(policy, state, now)
    return {
        "began": None if held.began is None else held.began.isoformat(),
        "stage_name": language.texts[f"stage.{state.stage}"],
        "explain": None if decision is None else recovery.explain(decision, language),
        "outcome": recovery.outcome(policy.ladder, held, language, facts(state, today)) if is_new else "",
        "lock": None if lock is None else recovery.lock_message(lock, language),
        "offer": None if offer is None else language.texts[f"stage.{offer.stage}"],
        "asks": list(asking.open_questions(policy, state, now)),
        "pace_asked": asking.is_pace_open(state),
        "safety_reason": reason,
        "safety_question": None if reason is None else recovery.safety_question(reason, language),
        "running_goal": held.running_goal,
        "publish_health": policy.publish_health
        if policy.publish_health is not None
        else state.health.wishes.publish_health,
    }


def _pain(state: State, today: date) -> dict[str, Any] | None:
    """Return today's scores; until there is one this morning, the evening is yesterday's."""
    told = diary.day_of(state.recovery.days, today)
    if told.morning is None and told.evening is None:
        return None
    return {"date": today.isoformat(), "morning": _score(told.morning), EVENING: _score(told.evening)}


def _score(score: Score | None) -> dict[str, Any] | None:
    return None if score is None else {"pain": score.pain, "impact": score.impact}


def _goals(policy: Policy, state: State, language: Language, now: datetime) -> dict[str, Any] | None:
    today = hours.local_day(policy.zone, now)
    seen = health.with_today(policy, state, now)
    view = View(seen, today, False, policy.ladder, facts(state, today))
    text = recovery.goals_line(view, language)
    if not text:
        return None
    groups = lacks.goals_today(view)
    met = sum(any(goal.met for goal in group) for group in groups)
    return {"percent": round(100 * met / len(groups)) if groups else None, "text": text}


def _next_session(state: State, today: date) -> Proposal | None:
    return planner.next_session(state.health.plan, state.health.runs, state.recovery, today)


def _session(proposal: Proposal, language: Language) -> Mapping[str, Any]:
    pieces = [{"kind": piece.kind, "minutes": piece.minutes} for piece in proposal.pieces]
    keys = dict.fromkeys((proposal.step_key, proposal.key))
    return {
        "date": proposal.day.isoformat(),
        "kind": proposal.kind,
        "step": proposal.step,
        "run_min": sum(piece.minutes for piece in proposal.pieces if piece.kind == RUN),
        "pieces": pieces,
        "title": say(language, f"session.title.{proposal.kind}", {"day": proposal.day, "step": proposal.step}),
        "why": " ".join(say(language, f"session.why.{key}", proposal.data) for key in keys),
        "missing": [language.texts[f"session.ask.{name}"] for name in proposal.missing],
        "rule": proposal.rule,
    }
