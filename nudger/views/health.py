"""What a person told about their back, as others see it: published, where they agreed, and on their own machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from nudger.core import asking, health, hours
from nudger.core.events import Event, IntakeTaken, PublishingAnswered
from nudger.core.policy import Policy
from nudger.core.recovery import diary, lacks
from nudger.core.recovery.diary import ONE_DAY, Day, Score, in_last
from nudger.core.recovery.told import EVENING, MORNING
from nudger.core.recovery.view import View
from nudger.core.running import planner
from nudger.core.running.planner import Proposal
from nudger.core.running.sessions import TOLD_DAYS
from nudger.core.running.steps import RUN, Piece, top_step
from nudger.core.standing import facts
from nudger.core.state import State
from nudger.library import Language
from nudger.views import recovery
from nudger.views.phrases import asked, say

FIRST_DAYS: Final = timedelta(days=7)
"""For this long after the first start the intake is mentioned; who has not taken it then does without."""

PRIVATE_EVENTS: Final = frozenset({"stage_changed", "stage_offered", "flare", "safety"})

PRIVATE_REASONS: Final = frozenset({"locked", "eased"})
"""Why a prompt was taken away, where that tells of a lock or of a score."""

OPEN_REFUSALS: Final = frozenset(
    {
        *("no_prompt", "stale_id", "snooze_used", "snooze_plan", "snooze_late"),
        *("pause_past", "pause_too_long", "not_paused", "nothing_to_credit", "already_resting"),
    }
)
"""Refusals that are about breaks alone. All others tell of the back, or would by being told only at times."""


def asks_to_publish(event: Event) -> bool:
    """Tell whether a command would let health go out. That is the person's to say, not of all who reach the broker."""
    return event == PublishingAnswered(yes=True) or (isinstance(event, IntakeTaken) and event.publish_health is True)


def withheld(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an event that is no secret says, less the score of a check-in and a reason that tells of health."""
    if "last" in data:
        return {**data, "last": None}
    return {**data, "why": "held"} if data.get("why") in PRIVATE_REASONS else data


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
    """Return what only the person's own machine shows: why, what came of it, what is asked, told and agreed."""
    held, today = state.recovery, hours.local_day(policy.zone, now)
    decision, lock = held.standing.decision, held.standing.lock
    is_new = decision is not None and today - decision.day <= ONE_DAY
    offer = held.standing.offer
    evening = now >= hours.at_local(policy.zone, today, asking.NOON)
    reason = asking.open_safety(policy, state, now)
    told, before = diary.day_of(held.days, today), diary.day_of(held.days, today - ONE_DAY)
    return {
        "language": language.code,
        "today": today.isoformat(),
        "half": EVENING if evening else MORNING,
        "scores": {day.on.isoformat(): _pains_of(day) for day in (before, told)},
        "tags": sorted(told.tags),
        "spared": sorted(policy.contraindications | state.health.wishes.contraindications),
        "began": None if held.began is None else held.began.isoformat(),
        "intake_offered": held.began is None and today - held.standing.since < FIRST_DAYS,
        "stage_name": language.texts[f"stage.{state.stage}"],
        "explain": None if decision is None else recovery.explain(decision, language),
        "outcome": recovery.outcome(policy.ladder, held, language, facts(state, today)) if is_new else "",
        "lock": None if lock is None else recovery.lock_message(lock, language),
        "lock_end": None if lock is None else language.texts["told.lock_end"],
        "offer": None if offer is None else language.texts[f"stage.{offer.stage}"],
        "asks": list(asking.open_questions(policy, state, now)),
        "questions": list(asked(decision.lacks, language)) if decision and decision.day == today else [],
        "pace_asked": asking.is_pace_open(state),
        "safety_reason": reason,
        "safety_question": None if reason is None else recovery.safety_question(reason, language),
        "running_goal": held.running_goal,
        "runs": [run.day.isoformat() for run in state.health.runs if in_last(TOLD_DAYS, run.day, today)],
        "top_step": top_step(state.health.plan.target_min),
        "publish_health": policy.publish_health
        if policy.publish_health is not None
        else state.health.wishes.publish_health,
    }


def _pain(state: State, today: date) -> dict[str, Any] | None:
    """Return today's scores; None until there is one."""
    told = diary.day_of(state.recovery.days, today)
    if told.morning is None and told.evening is None:
        return None
    return {"date": today.isoformat(), "morning": _score(told.morning), EVENING: _score(told.evening)}


def _pains_of(day: Day) -> dict[str, int | None]:
    return {
        half: None if score is None else score.pain for half, score in ((MORNING, day.morning), (EVENING, day.evening))
    }


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
        "text": pieces_in_words(proposal.pieces, language),
        "title": say(language, f"session.title.{proposal.kind}", {"day": proposal.day, "step": proposal.step}),
        "why": " ".join(say(language, f"session.why.{key}", proposal.data) for key in keys),
        "missing": [language.texts[f"session.ask.{name}"] for name in proposal.missing],
        "rule": proposal.rule,
    }


def pieces_in_words(pieces: Sequence[Piece], language: Language) -> str:
    """Return a session as one reads it: the walk before, what is repeated with its number of times, the walk after."""
    before, *inner, after = pieces
    parts, at = [_piece(before, language)], 0
    while at < len(inner):
        pair = inner[at : at + 2]
        times = 1
        while inner[at + 2 * times : at + 2 * times + 2] == pair:
            times += 1
        names = ", ".join(_piece(piece, language) for piece in pair)
        once = times == 1
        parts.append(names if once else say(language, "session.piece.times", {"count": times, "names": names}))
        at += 2 * times
    return ", ".join([*parts, _piece(after, language)])


def _piece(piece: Piece, language: Language) -> str:
    return say(language, f"session.piece.{piece.kind}", {"minutes": piece.minutes})
