"""What the person says about breaks: done, snooze, skip, pause, resume, rest. A refused word changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from nudger.core import hours, prompts, showing, sitting
from nudger.core.effects import Announce, Effect, Refuse, Withdraw
from nudger.core.events import DoneSaid, PauseAsked, RestAsked, ResumeAsked, SkipAsked, SnoozeAsked
from nudger.core.policy import Policy
from nudger.core.recovery import timing
from nudger.core.recovery.diary import ONE_DAY
from nudger.core.state import Declared, Note, Prompt, State, changed
from nudger.core.words import Confirmed, Declaration, Outcome, PromptKind

LONGEST_PAUSE: Final = timedelta(days=366)
Said = DoneSaid | SnoozeAsked | SkipAsked | PauseAsked | ResumeAsked | RestAsked


def obey(policy: Policy, state: State, command: Said, now: datetime, out: list[Effect]) -> State:
    """Carry out the command, or append the `Refuse` that says why not."""
    match command:
        case DoneSaid():
            return _done(policy, state, command, now, out)
        case SnoozeAsked():
            return _snooze(policy, state, command, now, out)
        case SkipAsked():
            return _skip(state, command, now, out)
        case PauseAsked():
            return _pause(policy, state, command, now, out)
        case ResumeAsked():
            return _resume(policy, state, now, out)
        case _:
            return _rest(state, command, now, out)


def _addressed(state: State, prompt_id: str | None, command: str, out: list[Effect]) -> Prompt | None:
    """Return the prompt that the command means, or refuse it."""
    prompt = state.prompt
    if prompt_id is not None and (prompt is None or prompt.id != prompt_id):
        out.append(Refuse("stale_id", {"command": command, "id": prompt_id}))
        return None
    if prompt is None:
        out.append(Refuse("no_prompt", {"command": command}))
    return prompt


def _done(policy: Policy, state: State, command: DoneSaid, now: datetime, out: list[Effect]) -> State:
    idle = state.declared is not None and state.declared.what is Declaration.IDLE
    if idle:
        state = changed(state, declared=None, ignored_in_row=0)
    if state.declared is not None and state.declared.what is Declaration.REST:
        out.append(Refuse("already_resting"))
        return state
    prompt = state.prompt
    if command.prompt_id is not None:
        prompt = _addressed(state, command.prompt_id, "done", out)
        if prompt is None:
            return state
    if prompt is not None and prompt.kind is PromptKind.PLAN:  # a walk or a run is no break from this chair
        return replace(showing.end(state, Outcome.DONE, now, out), note=state.note)
    just_begun = state.bout is not None and not policy.timer_mode and sitting.sat(state.bout, now) < policy.min_break
    if prompt is None and state.rest is None and (state.bout is None or just_begun):
        if not idle:
            out.append(Refuse("nothing_to_credit") if state.bout is None else Refuse("just_sat_down"))
        return state
    was_sitting = state.bout is not None
    state = sitting.credit_break(policy, state, now, Confirmed.ASSUMED if policy.timer_mode else Confirmed.USER, out)
    if prompt is not None:
        state = showing.end(state, Outcome.DONE, now, out, policy=policy)
    if policy.timer_mode and was_sitting and state.rest is not None:
        length = state.rest.target or prompts.stage_now(policy, state).break_target
        state = changed(state, declared=Declared(Declaration.BREAK, now, now + length))
    return changed(state, note=Note("done", now))


def _snooze(policy: Policy, state: State, command: SnoozeAsked, now: datetime, out: list[Effect]) -> State:
    prompt = _addressed(state, command.prompt_id, "snooze", out)
    if prompt is None:
        return state
    if (refused := showing.no_snooze(policy, state, prompt, now)) is not None:
        out.append(refused)
        return state
    until = now + policy.snooze
    bout = state.bout and replace(state.bout, snoozed=True)
    out.append(Withdraw(prompt.id, "snoozed"))
    out.append(Announce("snoozed", {"id": prompt.id, "until": until}))
    prompt = showing.without_notes(policy, prompt)
    return changed(state, prompt=replace(prompt, snoozed_until=until, level=0), bout=bout)


def _skip(state: State, command: SkipAsked, now: datetime, out: list[Effect]) -> State:
    prompt = _addressed(state, command.prompt_id, "skip", out)
    if prompt is None:
        return state
    state = showing.end(state, Outcome.SKIPPED, now, out)
    if command.unwanted:
        state = changed(state, unwanted=state.unwanted | {prompt.entry})
    if state.bout is not None and prompt.kind is PromptKind.BREAK:
        state = changed(state, bout=replace(state.bout, nudged=sitting.sat(state.bout, now)))
    return state


def _pause(policy: Policy, state: State, command: PauseAsked, now: datetime, out: list[Effect]) -> State:
    if command.until <= now:
        out.append(Refuse("pause_past", {"until": command.until}))
        return state
    if command.until > now + LONGEST_PAUSE:
        out.append(Refuse("pause_too_long", {"days": LONGEST_PAUSE.days}))
        return state
    today, back = hours.local_day(policy.zone, now), hours.local_day(policy.zone, command.until)
    if state.paused_until is not None:  # this pause takes the place of the one that runs
        state = state.but_health(recovery=timing.resume(state.recovery, today))
    if back > today:  # the questions rest too, and nobody misses the days
        state = state.but_health(recovery=timing.pause(state.recovery, today, back - ONE_DAY))
    return changed(state, paused_until=command.until)


def _resume(policy: Policy, state: State, now: datetime, out: list[Effect]) -> State:
    if state.paused_until is None and state.declared is None:
        out.append(Refuse("not_paused"))
        return state
    if state.paused_until is not None:
        state = state.but_health(recovery=timing.resume(state.recovery, hours.local_day(policy.zone, now)))
    return changed(state, paused_until=None, declared=None, ignored_in_row=0, changed_at=now, note=None)


def _rest(state: State, command: RestAsked, now: datetime, out: list[Effect]) -> State:
    if state.declared is not None and state.declared.what is Declaration.REST:
        out.append(Refuse("already_resting", {"until": state.declared.until}))
        return state
    if state.prompt is not None:
        state = showing.end(state, Outcome.WITHDRAWN, now, out, why="rest")
    return changed(state, declared=Declared(Declaration.REST, now, now + command.length))
