"""The walk/run plan at work: what is told of runs, and when the day's walk or run is spoken of.

A plan prompt is no break: it comes at a time of its own, twice a day at most, never while a break is due, and it goes
by itself (see `asides`). What it says follows from the plan.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from nudger.core import hours, prompts, showing
from nudger.core.effects import Effect, RecordRun, Refuse
from nudger.core.events import PlanChosen, PlanTimeCame, SessionTold
from nudger.core.ladder import LibraryPrompt
from nudger.core.policy import Policy
from nudger.core.recovery import engine, lacks, safety
from nudger.core.recovery.course import BUILD_STRENGTH, DAILY_WALKS, EASY_MOBILITY
from nudger.core.recovery.diary import ONE_DAY, Activity
from nudger.core.recovery.told import Refusal
from nudger.core.recovery.view import View
from nudger.core.running import planner, sessions, steps
from nudger.core.running.planner import RUNNING, Proposal
from nudger.core.running.runs import SessionEntry
from nudger.core.running.steps import RUN, Plan
from nudger.core.standing import facts, note_in_diary, settle
from nudger.core.state import State, changed
from nudger.core.words import PromptKind

A_DAY_AT_MOST: Final = 2
BEFORE_A_BREAK: Final = timedelta(minutes=5)
"""No plan prompt this soon before a break may come due."""

_WALKING: Final = "walking_min"


def take_in(
    policy: Policy, state: State, told: SessionTold | PlanChosen | PlanTimeCame, now: datetime, out: list[Effect]
) -> State:
    """Take in what was told of a run or chosen of the plan, or that its time has come."""
    match told:
        case SessionTold():
            return _tell(policy, state, told, now, out)
        case PlanChosen():
            return _choose(state, told, out)
        case _:
            return state.but_health(plan_due=state.today.day)


def _choose(state: State, chosen: PlanChosen, out: list[Effect]) -> State:
    before = state.health.plan
    plan = Plan(
        before.start_step if chosen.start_min is None else steps.start_step(chosen.start_min),
        before.per_week if chosen.per_week is None else chosen.per_week,
        before.target_min if chosen.target_min is None else chosen.target_min or None,
    )
    refusal = steps.fault(plan)
    if refusal is not None:
        out.append(Refuse(refusal.key, refusal.data))
        return state
    return state.but_health(plan=plan)


def _tell(policy: Policy, state: State, told: SessionTold, now: datetime, out: list[Effect]) -> State:
    entry: SessionEntry = told.entry
    today, health = hours.local_day(policy.zone, now), state.health
    runs = sessions.log_session(health.plan, health.runs, entry, health.recovery, today, correct=told.correct)
    if isinstance(runs, Refusal):
        out.append(Refuse(runs.key, runs.data))
        return state
    run = next(run for run in runs if run.day == entry.day)
    out.append(RecordRun(run))
    recovery = note_in_diary(health.recovery, entry.day, Activity(run=True))
    reason = sessions.safety_reason(run, run.rise)
    if reason is not None:
        recovery = safety.due(recovery, reason)
    state = state.but_health(runs=runs)
    evaluated = recovery.standing.evaluated
    if evaluated is not None and entry.day < evaluated:
        recovery = engine.judge_anew(policy.ladder, recovery, facts(state, today))
    return settle(state, recovery, now, out)


# --- The plan prompt -------------------------------------------------------------------------------------------------


def propose(policy: Policy, state: State, now: datetime, out: list[Effect]) -> State:
    """Speak of the day's walk or run, if its time has come and nothing else is to be said."""
    due = state.health.plan_due
    if due is None or state.prompt is not None or not _is_free(policy, state, now):
        return state
    state = state.but_health(plan_due=None)
    if due != state.today.day or state.today.plans >= A_DAY_AT_MOST:
        return state
    entry = _entry(policy, state, now)
    if entry is None:
        return state
    state = changed(state, today=replace(state.today, plans=state.today.plans + 1))
    return showing.show(policy, state, entry, now, out)


def _is_free(policy: Policy, state: State, now: datetime) -> bool:
    """Tell whether nothing else is to be said now, and for a while to come."""
    if state.hold is not None or not showing.is_settled(state, now):
        return False
    if state.silent_until is not None and now < state.silent_until:
        return False
    bout = state.bout
    return bout is None or now + BEFORE_A_BREAK < showing.window_opens(bout, prompts.stage_now(policy, state))


def _entry(policy: Policy, state: State, now: datetime) -> LibraryPrompt | None:
    """Return the prompt that says what today is for; None where there is nothing to say, or it has to be spared."""
    wanted = _situation(policy, state, hours.local_day(policy.zone, now))
    fitting = prompts.fitting(policy, state, now, PromptKind.PLAN)
    return next((entry for entry in fitting if entry.id == wanted), None)


def _situation(policy: Policy, state: State, today: date) -> str | None:
    """Return the id of the prompt that fits the plan today."""
    if state.stage in RUNNING:
        proposal = planner.next_session(state.health.plan, state.health.runs, state.recovery, today)
        return None if proposal is None else _about_run(state, proposal, today)
    if state.stage in {DAILY_WALKS, EASY_MOBILITY, BUILD_STRENGTH}:
        view = View(state.recovery, today, False, policy.ladder, facts(state, today))
        walking = [goal for group in lacks.goals_today(view) for goal in group if goal.key == _WALKING]
        if any(goal.met for goal in walking):
            return None
        return "plan-half-hour" if state.stage == BUILD_STRENGTH else "plan-small-walk"
    return None


def _about_run(state: State, proposal: Proposal, today: date) -> str:
    last = state.health.runs[-1] if state.health.runs else None
    if last is not None and last.day == today - ONE_DAY and proposal.missing == ("morning",):
        return "plan-run-next-morning"
    if last is not None and set(proposal.missing) - {"morning"}:
        return "plan-run-note"
    if proposal.kind != RUN:
        return "plan-run-walk-instead"
    if proposal.day == today:
        return "plan-run-today"
    return "plan-run-tomorrow" if proposal.day == today + ONE_DAY else "plan-run-free"
