"""What a person tells about their back, taken in: the recovery engine's part of a decision.

`nudger.core.recovery` says where the person then stands, `standing` what follows from it. What is told of runs goes to
`plans`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Final

from nudger.core import hours, plans, prompts, sitting
from nudger.core.effects import (
    Effect,
    RecordActivity,
    RecordCheckIn,
    Refuse,
)
from nudger.core.events import (
    ActivityLogged,
    CheckedIn,
    FlareSaid,
    IntakeTaken,
    OfferAnswered,
    PaceJudged,
    PlanChosen,
    PlanTimeCame,
    PublishingAnswered,
    RunningWished,
    SafetyAnswered,
    SessionTold,
    StageChosen,
    TimeAwayCompared,
)
from nudger.core.policy import Policy
from nudger.core.recovery import checkins, engine, intake, safety
from nudger.core.recovery.course import Recovery
from nudger.core.recovery.diary import NOTHING_DONE, ONE_DAY, Activity
from nudger.core.recovery.told import Entry, FlareTold, LockCleared, Refusal, Said, StagePicked
from nudger.core.running import planner, sessions
from nudger.core.running.runs import Run
from nudger.core.standing import facts, note_in_diary, settle
from nudger.core.state import State, Wishes

_Said = LockCleared | StageChosen | FlareSaid
_AsOne = SafetyAnswered | OfferAnswered | ActivityLogged | TimeAwayCompared | RunningWished | _Said
Told = (
    CheckedIn
    | SafetyAnswered
    | IntakeTaken
    | OfferAnswered
    | ActivityLogged
    | SessionTold
    | PlanChosen
    | PlanTimeCame
    | TimeAwayCompared
    | RunningWished
    | PublishingAnswered
    | PaceJudged
    | _Said
)

PACE_STEP: Final = timedelta(minutes=1)
PACE_MOST: Final = timedelta(minutes=5)
PACES: Final = {"too_many": PACE_STEP, "fine": timedelta(0), "too_few": -PACE_STEP}
"""By how much the window moves after each weekly answer; it never leaves 20 to 30 minutes (see `prompts.stage_now`)."""


def take_in(policy: Policy, state: State, told: Told, now: datetime, out: list[Effect]) -> State:
    """Take in what the person told, or append the `Refuse` that says why not."""
    match told:
        case CheckedIn(entry):
            return _check_in(policy, state, entry, now, out)
        case IntakeTaken():
            return _take_intake(policy, state, told, now, out)
        case SessionTold() | PlanChosen() | PlanTimeCame():
            return plans.take_in(policy, state, told, now, out)
        case PublishingAnswered(yes):
            return _wish(state, publish_health=yes)
        case PaceJudged(judged):
            return _judge_pace(state, judged)
        case _:
            return _settle(policy, state, told, now, out)


def _settle(policy: Policy, state: State, told: _AsOne, now: datetime, out: list[Effect]) -> State:
    outcome = _recover(policy, state, told, now, out)
    state = settle(state, outcome, now, out)
    list_answered = isinstance(told, SafetyAnswered) and isinstance(outcome, Recovery)
    return _note_list(state, now) if list_answered else state


def _note_list(state: State, now: datetime) -> State:
    """The safety list was answered."""
    asked = state.health.asked
    asked = None if asked is None else replace(asked, safety=None)
    return state.but_health(recovery=safety.asked(state.recovery, now), asked=asked)


def _recover(policy: Policy, state: State, told: _AsOne, now: datetime, out: list[Effect]) -> Recovery | Refusal:
    ladder, recovery = policy.ladder, state.recovery
    today = hours.local_day(policy.zone, now)
    match told:
        case SafetyAnswered(answers):
            return checkins.answer_safety(ladder, recovery, answers, today)
        case OfferAnswered(yes, stage):
            return engine.answer_offer(ladder, recovery, today, yes=yes, stage=stage)
        case ActivityLogged(done, day):
            outcome = checkins.log(ladder, recovery, done, day or today, today, facts(state, today))
            if isinstance(outcome, Recovery):
                out.append(RecordActivity(day or today, done))
            return outcome
        case TimeAwayCompared(compared):
            return checkins.compare(ladder, recovery, compared, today, facts(state, today))
        case RunningWished(wanted):
            return intake.set_running_goal(recovery, wanted=wanted)
        case _:
            return engine.tell(ladder, recovery, _as_said(told), today, facts(state, today))


def _check_in(policy: Policy, state: State, entry: Entry, now: datetime, out: list[Effect]) -> State:
    """Take a score in. It may be the morning after a run and give that its colour: then the rules know more."""
    ladder, today, tags = policy.ladder, hours.local_day(policy.zone, now), prompts.known_tags(policy)
    known, before = facts(state, today), state.health.runs
    outcome = checkins.check_in(ladder, state.recovery, entry, today, tags, known)
    if isinstance(outcome, Recovery):
        runs = sessions.settle(state.health.runs, outcome.days)
        state = state if runs == state.health.runs else state.but_health(runs=runs)
        after = planner.facts(state.health.plan, runs, outcome.days, today)
        if after != known:
            outcome = checkins.check_in(ladder, state.recovery, entry, today, tags, after)
    if isinstance(outcome, Refusal):
        return settle(state, outcome, now, out)
    out.append(RecordCheckIn(entry))
    too_much = _shown_too_much(before, state.health.runs)
    if too_much is not None and entry.safety is None:
        outcome = safety.due(outcome, too_much)
    state = settle(state, outcome, now, out)
    return state if entry.safety is None else _note_list(state, now)


def _shown_too_much(before: Sequence[Run], after: Sequence[Run]) -> str | None:
    """Return why the safety list is to be asked, where a morning has just shown that a run was too much."""
    new = (run for run in after if run not in before)
    return next((reason for run in new if (reason := sessions.safety_reason(run, run.rise)) is not None), None)


def evaluate(policy: Policy, state: State, now: datetime, out: list[Effect]) -> State:
    """Judge the day, unless it was judged already."""
    today = hours.local_day(policy.zone, now)
    return settle(state, engine.evaluate(policy.ladder, state.recovery, today, facts(state, today)), now, out)


# --- What was seen of the day ----------------------------------------------------------------------------------------


def close_day(policy: Policy, state: State, watched_until: datetime, out: list[Effect]) -> State:
    """Write what was seen of the day that is over into the diary; nobody looked after ``watched_until``."""
    day = state.today.day
    done = seen_today(policy, state, min(watched_until, hours.day_start(policy.zone, day + ONE_DAY)))
    if done == NOTHING_DONE:
        return state
    out.append(RecordActivity(day, done, seen=True))
    return state.but_health(recovery=note_in_diary(state.recovery, day, done))


def with_today(policy: Policy, state: State, now: datetime) -> Recovery:
    """Return the Recovery as if the day were over: with what was seen of today in the diary."""
    return note_in_diary(state.recovery, state.today.day, seen_today(policy, state, now))


def seen_today(policy: Policy, state: State, now: datetime) -> Activity:
    """Return what was seen of today's goals by ``now``; what the person told of today is in the diary already."""
    return replace(state.today.doing, monitored=sitting.monitored_today(policy, state, now))


def _as_said(told: _Said) -> Said:
    match told:
        case StageChosen(stage, by):
            return StagePicked(stage, provider=by == "provider")
        case FlareSaid(on):
            return FlareTold(on)
        case _:
            return told


def _take_intake(policy: Policy, state: State, told: IntakeTaken, now: datetime, out: list[Effect]) -> State:
    unknown = sorted((told.contraindications or frozenset()) - prompts.known_tags(policy))
    if unknown:
        out.append(Refuse("unknown_tag", {"value": unknown[0], "names": ", ".join(sorted(prompts.known_tags(policy)))}))
        return state
    today = hours.local_day(policy.zone, now)
    outcome = intake.take_intake(policy.ladder, state.recovery, told.answers, today)
    if isinstance(outcome, Recovery):
        known = {f.name for f in fields(Wishes)} & {f.name for f in fields(IntakeTaken)}
        state = _wish(state, **{name: getattr(told, name) for name in known if getattr(told, name) is not None})
        return _note_list(settle(state, outcome, now, out), now)
    return settle(state, outcome, now, out)


def _wish(state: State, **wishes: object) -> State:
    change: Callable[..., Wishes] = replace
    return state.but_health(wishes=change(state.health.wishes, **wishes))


def _judge_pace(state: State, judged: str) -> State:
    asked = state.health.asked
    if asked is not None:
        state = state.but_health(asked=replace(asked, pace=False))
    pace = state.health.wishes.pace + PACES[judged]
    return _wish(state, pace=max(-PACE_MOST, min(PACE_MOST, pace)))
