"""What a person tells about their back, taken in: the recovery engine's part of a decision.

`nudger.core.recovery` says where the person then stands. Here that becomes effects: records, events, a pause in the
prompts. Every change of the Recovery goes through `_settle`, whoever caused it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any, Final

from nudger.core import hours, prompts, sitting
from nudger.core.effects import Announce, Effect, RecordActivity, RecordCheckIn, RecordDecision, RecordStage, Refuse
from nudger.core.events import (
    ActivityLogged,
    CheckedIn,
    FlareSaid,
    IntakeTaken,
    OfferAnswered,
    PaceJudged,
    PublishingAnswered,
    RunningWished,
    SafetyAnswered,
    StageChosen,
    TimeAwayCompared,
)
from nudger.core.model import Policy, State, Wishes
from nudger.core.recovery import checkins, diary, engine, intake, safety
from nudger.core.recovery.course import Recovery, Tier
from nudger.core.recovery.diary import NOTHING_DONE, ONE_DAY, Activity
from nudger.core.recovery.told import FlareTold, LockCleared, Refusal, Said, StagePicked

Told = (
    CheckedIn
    | SafetyAnswered
    | IntakeTaken
    | OfferAnswered
    | LockCleared
    | ActivityLogged
    | TimeAwayCompared
    | RunningWished
    | PublishingAnswered
    | PaceJudged
    | StageChosen
    | FlareSaid
)

QUIET_AFTER_MESSAGE: Final = timedelta(minutes=30)
"""After a safety message nothing else comes for this long (our choice): it is to be read, not buried."""
PACE_STEP: Final = timedelta(minutes=1)
PACE_MOST: Final = timedelta(minutes=5)
PACES: Final = {"too_many": PACE_STEP, "fine": timedelta(0), "too_few": -PACE_STEP}
"""By how much the window moves after each weekly answer; it never leaves 20 to 30 minutes (see `prompts.stage_now`)."""


def take_in(policy: Policy, state: State, told: Told, now: datetime, out: list[Effect]) -> State:
    """Take in what the person told, or append the `Refuse` that says why not."""
    ladder, recovery = policy.ladder, state.recovery
    today = hours.local_day(policy.zone, now)
    match told:
        case CheckedIn(entry):
            outcome = checkins.check_in(ladder, recovery, entry, today, prompts.known_tags(policy))
            if isinstance(outcome, Recovery):
                out.append(RecordCheckIn(entry))
                if entry.safety is not None:
                    outcome = safety.asked(outcome, now)
        case SafetyAnswered(answers):
            outcome = checkins.answer_safety(ladder, recovery, answers, today)
            if isinstance(outcome, Recovery):
                outcome = safety.asked(outcome, now)
        case IntakeTaken():
            return _take_intake(policy, state, told, now, out)
        case OfferAnswered(yes, stage):
            outcome = engine.answer_offer(ladder, recovery, today, yes=yes, stage=stage)
        case LockCleared() | StageChosen() | FlareSaid():
            outcome = engine.tell(ladder, recovery, _as_said(told), today)
        case ActivityLogged(done, day):
            outcome = checkins.log(ladder, recovery, done, day or today, today)
            if isinstance(outcome, Recovery):
                out.append(RecordActivity(day or today, done))
        case TimeAwayCompared(compared):
            outcome = checkins.compare(ladder, recovery, compared, today)
        case RunningWished(wanted):
            outcome = intake.set_running_goal(recovery, wanted=wanted)
        case PublishingAnswered(yes):
            return _wish(state, publish_health=yes)
        case PaceJudged(judged):
            return _judge_pace(state, judged)
    return settle(state, outcome, now, out)


def evaluate(policy: Policy, state: State, now: datetime, out: list[Effect]) -> State:
    """Judge the day, unless it was judged already."""
    today = hours.local_day(policy.zone, now)
    return settle(state, engine.evaluate(policy.ladder, state.recovery, today), now, out)


def close_day(policy: Policy, state: State, out: list[Effect]) -> State:
    """Write what was seen of the day that is over into the diary."""
    day = state.today.day
    done = seen_today(policy, state, hours.day_start(policy.zone, day + ONE_DAY))
    if done == NOTHING_DONE:
        return state
    out.append(RecordActivity(day, done, seen=True))
    held = diary.day_of(state.recovery.days, day)
    held = replace(held, activity=diary.add(held.activity, done))
    return state.but_health(recovery=replace(state.recovery, days=diary.with_day(state.recovery.days, held)))


def seen_today(policy: Policy, state: State, now: datetime) -> Activity:
    """Return what was seen of today's goals by ``now``; what the person told of today is in the diary already."""
    return replace(state.today.doing, monitored=sitting.monitored_today(policy, state, now))


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


def _as_said(told: LockCleared | StageChosen | FlareSaid) -> Said:
    match told:
        case StageChosen(stage, by):
            return StagePicked(stage, provider=by == "provider")
        case FlareSaid(on):
            return FlareTold(on)
        case LockCleared():
            return told


def _take_intake(policy: Policy, state: State, told: IntakeTaken, now: datetime, out: list[Effect]) -> State:
    unknown = sorted((told.contraindications or frozenset()) - prompts.known_tags(policy))
    if unknown:
        out.append(Refuse("unknown_tag", {"value": unknown[0], "names": ", ".join(sorted(prompts.known_tags(policy)))}))
        return state
    today = hours.local_day(policy.zone, now)
    outcome = intake.take_intake(policy.ladder, state.recovery, told.answers, today)
    if isinstance(outcome, Recovery):
        outcome = safety.asked(outcome, now)
        known = {f.name for f in fields(Wishes)} & {f.name for f in fields(IntakeTaken)}
        state = _wish(state, **{name: getattr(told, name) for name in known if getattr(told, name) is not None})
    return settle(state, outcome, now, out)


def _wish(state: State, **wishes: object) -> State:
    change: Callable[..., Wishes] = replace
    return state.but_health(wishes=change(state.health.wishes, **wishes))


def _judge_pace(state: State, judged: str) -> State:
    pace = state.health.wishes.pace + PACES[judged]
    return _wish(state, pace=max(-PACE_MOST, min(PACE_MOST, pace)))
