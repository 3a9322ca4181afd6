"""When to prompt, how loud, and how a prompt ends. The only place where `soft` and `hard` are compared.

The life of a prompt:

    due --> shown at level 0 -- 3 min, fresh evidence of sitting --> level 1 -- then the lamp alone
             |-- snoozed (once a bout) --> shown again
             |-- the person is up: hidden at once
             |      |-- for min_break: followed
             |      |-- back after 15 s or more: followed too, nothing shows for 10 min
             |      `-- back sooner: shown again, silently
             |-- done, skipped: as the person says
             |-- a hold begins, or the posture becomes unknown: withdrawn
             `-- still sitting `hard` after issue: ignored
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from nudger.core import asides, hours, presence, prompts, showing, sitting
from nudger.core.effects import Announce, Effect, Notify, Withdraw
from nudger.core.ladder import Stage
from nudger.core.policy import Policy
from nudger.core.presence import Evidence
from nudger.core.state import Bout, Declared, Note, Prompt, State, changed
from nudger.core.words import Declaration, Hold, Lock, Outcome, Posture, PromptKind

REPEAT_AFTER: Final = timedelta(minutes=3)
"""A prompt is repeated once, after this long (an internal measure; no study was found that gives one)."""
SHORT_RISE: Final = timedelta(seconds=15)
"""A rise this long answers a prompt: one slow rise is what some prompts ask."""
QUIET_AFTER_RISE: Final = timedelta(minutes=10)
IGNORED_IN_A_ROW: Final = 3
"""So many prompts ignored in a row end timer mode; where sensors see the person, the rest of the half-day is eased."""
HALF_DAY: Final = timedelta(hours=13)
"""Local time at which the second half of a day begins (our choice: after lunch)."""

_KEEPS_SNOOZE: Final = frozenset({Hold.CALL, Hold.DND})


def is_gentle(policy: Policy, state: State) -> bool:
    """At the start of the ladder and in a flare there is one channel, no repeat and no red lamp."""
    return state.flare or state.stage == policy.ladder.stages[0].id


def advance(policy: Policy, state: State, evidence: Evidence, now: datetime, out: list[Effect]) -> State:
    """Bring holds, the prompt under way and the next one to where they are now."""
    state = _expire(state, evidence, now)
    state = _note_hold(policy, state, evidence, now)
    if state.prompt is not None:
        state = follow_up(policy, state, evidence, now, out)
        state = _note_hold(policy, state, evidence, now)  # the prompt that has ended may be the last of the budget
    if state.prompt is None:
        state = _maybe_issue(policy, state, evidence, now, out)
    return tell_enough(state, now, out)


def _expire(state: State, evidence: Evidence, now: datetime) -> State:
    if state.paused_until is not None and now >= state.paused_until:
        state = changed(state, paused_until=None)
    declared = state.declared
    if declared is None:
        return state
    sat_down = evidence.posture is Posture.SITTING
    if sat_down or (declared.until is not None and now >= declared.until):
        state = changed(state, declared=None)
    return state


def _note_hold(policy: Policy, state: State, evidence: Evidence, now: datetime) -> State:
    hold = _hold(policy, state, evidence, now)
    return state if hold is state.hold else changed(state, hold=hold)


def _hold(policy: Policy, state: State, evidence: Evidence, now: datetime) -> Hold | None:
    """Return the first reason not to prompt now."""
    prompt, declared = state.prompt, state.declared
    if state.lock is Lock.RED:
        return Hold.LOCKED
    if state.paused_until is not None or (declared is not None and declared.what is Declaration.REST):
        return Hold.PAUSED
    if not hours.is_active(policy.hours, policy.zone, now, policy.holidays):
        return Hold.QUIET
    if evidence.posture is Posture.UNKNOWN or evidence.deaf:
        return Hold.UNKNOWN
    if evidence.call:
        return Hold.CALL
    if evidence.dnd:
        return Hold.DND
    if prompt is not None and prompt.snoozed_until is not None and now < prompt.snoozed_until:
        return Hold.SNOOZED
    if prompt is None and policy.budget is not None and state.today.prompts >= policy.budget:
        return Hold.CAPPED
    return None


# --- The prompt under way --------------------------------------------------------------------------------------------


def follow_up(policy: Policy, state: State, evidence: Evidence, now: datetime, out: list[Effect]) -> State:
    """See what became of the prompt under way, if there is one: it grows louder, waits, or ends."""
    prompt = state.prompt
    if prompt is None:
        return state
    if _is_overtaken(policy, state, prompt, now):
        return showing.end(state, Outcome.WITHDRAWN, now, out, why="eased")
    if prompt.kind is not PromptKind.BREAK:
        return asides.follow_up(policy, state, prompt, now, out)
    silenced = state.hold in asides.WITHDRAWING and not (prompt.snoozed_until and state.hold in _KEEPS_SNOOZE)
    if silenced and prompt.hidden_at is None:  # one who is up when the hold begins may still have followed
        return showing.end(state, Outcome.WITHDRAWN, now, out, why=str(state.hold))
    if state.posture in sitting.UP:
        return _person_is_up(policy, state, prompt, now, out)
    if state.posture is Posture.UNKNOWN:
        return showing.end(state, Outcome.WITHDRAWN, now, out, why="unknown")
    if prompt.hidden_at is not None and (rise := (state.since or now) - prompt.hidden_at) >= SHORT_RISE:
        state = showing.end(state, Outcome.FOLLOWED, now, out, policy=policy, rise=rise)
        return changed(state, silent_until=now + QUIET_AFTER_RISE, note=Note("rose_briefly", now))
    if silenced:
        return showing.end(state, Outcome.WITHDRAWN, now, out, why=str(state.hold))
    if prompt.snoozed_until is not None:
        return _wait_or_show_again(state, prompt, now, out)
    if now >= _gives_up_at(prompt, prompts.stage_now(policy, state)):
        return _ignored(policy, state, now, out)
    repeat_due = prompt.level == 0 and now >= prompt.shown_at + REPEAT_AFTER
    if repeat_due and evidence.fresh and not is_gentle(policy, state) and showing.is_settled(state, now):
        prompt = showing.offered(policy, state, replace(prompt, level=1, shown_at=now, hidden_at=None), now)
        out.append(Notify(prompt, repeated=True))
    elif prompt.hidden_at is not None:
        prompt = showing.offered(policy, state, replace(prompt, hidden_at=None), now)
        out.append(Notify(prompt, repeated=True, silent=True))
    return state if prompt is state.prompt else changed(state, prompt=prompt)


def _is_overtaken(policy: Policy, state: State, prompt: Prompt, now: datetime) -> bool:
    """Tell whether a lock came over the prompt, whose message is to stand alone, or a flare for which it strains."""
    if state.lock is Lock.AMBER and state.silent_until is not None and now < state.silent_until:
        return True
    return state.flare and prompts.strains_in_flare(policy, prompt.entry)


def _gives_up_at(prompt: Prompt, stage: Stage) -> datetime:
    """Return when a prompt counts as ignored; one that was put off until after that shows for a while yet."""
    lasts_until = prompt.issued_at + stage.hard
    return lasts_until if prompt.asked_again is None else max(lasts_until, prompt.asked_again + REPEAT_AFTER)


def _wait_or_show_again(state: State, prompt: Prompt, now: datetime, out: list[Effect]) -> State:
    """The prompt is put off, and a short rise does not change that."""
    prompt = replace(prompt, hidden_at=None)
    if state.hold is None:
        prompt = replace(prompt, snoozed_until=None, shown_at=now, asked_again=now, can_snooze=False)
        out.append(Notify(prompt, repeated=True))
    return changed(state, prompt=prompt)


def _person_is_up(policy: Policy, state: State, prompt: Prompt, now: datetime, out: list[Effect]) -> State:
    rose = prompt.hidden_at
    if rose is None:
        rose = state.since or now
        if rose < prompt.issued_at:
            return showing.end(state, Outcome.WITHDRAWN, now, out, why="already_up")
        if prompt.snoozed_until is None:
            out.append(Withdraw(prompt.id, "up"))
        state = changed(state, prompt=replace(prompt, hidden_at=rose))
    if now >= rose + policy.min_break:
        return showing.end(state, Outcome.FOLLOWED, now, out, policy=policy)
    return state


def _ignored(policy: Policy, state: State, now: datetime, out: list[Effect]) -> State:
    state = showing.end(state, Outcome.IGNORED, now, out)
    if state.ignored_in_row < IGNORED_IN_A_ROW:
        return state
    if not policy.timer_mode:
        half_day_ends = hours.half_day_ends(policy.zone, now, HALF_DAY)
        state = changed(state, eased_until=half_day_ends, ignored_in_row=0)
    else:
        # nobody answers and no sensor can tell: take it that nobody is there until the person says otherwise
        close = hours.next_change(policy.hours, policy.zone, now, policy.holidays)
        until = None if close is None else hours.next_change(policy.hours, policy.zone, close, policy.holidays)
        state = changed(state, declared=Declared(Declaration.IDLE, now, until), ignored_in_row=0)
    return state


# --- The next prompt -------------------------------------------------------------------------------------------------


def _maybe_issue(policy: Policy, state: State, evidence: Evidence, now: datetime, out: list[Effect]) -> State:
    if state.hold is not None or state.declared is not None or not showing.is_settled(state, now):
        return state
    if state.posture is Posture.STANDING:
        return asides.maybe_issue_posture(policy, state, now, out)
    bout = state.bout
    if state.posture is not Posture.SITTING or bout is None or (state.silent_until and now < state.silent_until):
        return state
    stage = prompts.stage_now(policy, state)
    if now < showing.window_opens(bout, stage):
        return state
    closes = showing.window_closes(bout, stage)
    typing = evidence.pause is False and now < closes + policy.typing_grace
    if (now < closes or typing) and not _is_good_moment(state, evidence, now):
        return _give_notice(policy, state, bout, evidence, closes, now, out)
    return showing.issue(policy, state, PromptKind.BREAK, now, out)


def _give_notice(
    policy: Policy, state: State, bout: Bout, evidence: Evidence, closes: datetime, now: datetime, out: list[Effect]
) -> State:
    """Say, once a window, that it closes soon: not into an empty room, and not when it is all but closed."""
    in_time = policy.pre_notice / 2 <= closes - now <= policy.pre_notice
    if not policy.pre_notice or not in_time or not evidence.fresh or bout.noticed == bout.nudged:
        return state
    out.append(Announce("pre_notice", {"by": closes}))
    return changed(state, bout=replace(bout, noticed=bout.nudged))


def _is_good_moment(state: State, evidence: Evidence, now: datetime) -> bool:
    if state.moment_at is not None and now < state.moment_at + showing.MOMENT:
        return True
    if prompts.is_eased(state, now):  # at the latest moment, not at the first
        return False
    return not evidence.wait_for_sign and evidence.pause is not False


def tell_enough(state: State, now: datetime, out: list[Effect]) -> State:
    """Say once that a prompted break has reached its length."""
    rest = state.rest
    if rest is None or rest.target is None or rest.enough_told or now < rest.start + rest.target:
        return state
    if state.hold is None:
        out.append(Announce("enough"))
    return changed(state, rest=replace(rest, enough_told=True))


def deadlines(policy: Policy, state: State, now: datetime) -> Iterator[datetime]:
    """Yield the instants at which a prompt begins, grows louder or ends by mere passing of time."""
    stage = prompts.stage_now(policy, state)
    prompt = state.prompt
    for instant in (state.paused_until, state.silent_until, state.eased_until):
        if instant is not None:
            yield instant
    if state.changed_at is not None:
        yield state.changed_at + showing.SETTLE
    if prompt is not None:
        if prompt.snoozed_until is not None:
            yield prompt.snoozed_until
        if prompt.kind is PromptKind.BREAK:
            yield prompt.shown_at + REPEAT_AFTER
            yield _gives_up_at(prompt, stage)
    elif state.bout is not None:
        opens, closes = showing.window_opens(state.bout, stage), showing.window_closes(state.bout, stage)
        yield from (opens, closes - policy.pre_notice, closes, closes + policy.typing_grace)
        yield from (pause for pause in presence.pauses(policy, state) if pause >= opens)
    if state.rest is not None and state.rest.target is not None:
        yield state.rest.start + state.rest.target
    yield from asides.deadlines(policy, state, now)
    change = hours.next_change(policy.hours, policy.zone, now, policy.holidays)
    if change is not None:
        yield change
