"""The first and the last moment of a prompt: when it may come, how it is put on the channels and taken off them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from nudger.core import hours, prompts, sitting
from nudger.core.effects import Effect, Notify, RecordOutcome, RecordPrompt, Refuse, Withdraw
from nudger.core.ladder import LibraryPrompt, Stage
from nudger.core.policy import Policy
from nudger.core.recovery import diary
from nudger.core.recovery.diary import Activity, Walk
from nudger.core.state import Bout, Note, Prompt, State, changed
from nudger.core.words import ZERO, Outcome, PromptKind

SETTLE: Final = timedelta(seconds=60)
"""No prompt comes this soon after a change of settings."""
MOMENT: Final = timedelta(seconds=60)
"""A call or a do-not-disturb that ended this recently is a good moment."""
SNOOZE_LIMIT: Final = timedelta(minutes=30)
"""A snooze may not stretch a bout beyond this, or beyond `hard` where that is later."""
_MINUTE: Final = timedelta(minutes=1)


def window_opens(bout: Bout, stage: Stage) -> datetime:
    """Return the earliest instant for the next prompt of this bout."""
    return bout.start + bout.unknown + bout.nudged + stage.soft


def window_closes(bout: Bout, stage: Stage) -> datetime:
    """Return the instant at which the next prompt comes at the latest, unless a hold applies."""
    return bout.start + bout.unknown + bout.nudged + stage.hard


def is_settled(state: State, now: datetime) -> bool:
    """Tell whether no setting has changed within the last minute."""
    return state.changed_at is None or now >= state.changed_at + SETTLE


def issue(policy: Policy, state: State, kind: PromptKind, now: datetime, out: list[Effect]) -> State:
    """Pick a prompt and show it. Where nothing in the library fits the person now, nothing is shown this window."""
    entry, seed = prompts.pick(policy, state, now, kind)
    if entry is None:
        bout = state.bout and replace(state.bout, nudged=sitting.sat(state.bout, now))
        return changed(state, bout=bout, note=Note("nothing_fits", now))
    return show(policy, changed(state, seed=seed), entry, now, out)


def show(policy: Policy, state: State, entry: LibraryPrompt, now: datetime, out: list[Effect]) -> State:
    """Show this entry of the library as the prompt under way."""
    sat = sitting.sat(state.bout, now) if state.bout is not None else ZERO
    id_ms = max(int((now - _EPOCH) / timedelta(milliseconds=1)), state.last_id_ms + 1)
    is_break = entry.kind is PromptKind.BREAK
    after_call = is_break and state.call_ended is not None and now < state.call_ended + MOMENT
    wording = "{body}"
    if after_call:
        wait = f"{policy.snooze / _MINUTE:g}"
        wording = policy.after_call.replace("{minutes}", f"{sat // _MINUTE}").replace("{wait}", wait)
    elif is_break and prompts.is_eased(state, now):
        wording = policy.gentler
    prompt = Prompt(
        id=f"{policy.person}-{id_ms}",
        entry=entry.id,
        title=entry.title,
        body=wording.replace("{body}", entry.body),
        category=entry.category,
        kind=entry.kind,
        duration=entry.duration,
        issued_at=now,
        shown_at=now,
        wait=policy.snooze if after_call else None,
    )
    prompt = offered(policy, state, prompt, now)
    out.append(RecordPrompt(prompt, sat, state.stage))
    out.append(Notify(prompt))
    days = state.strength_days
    if entry.category == "strength":
        today = hours.local_day(policy.zone, now)
        days = (*(day for day in days if 0 < (today - day).days < 7), today)
    bout = state.bout
    return replace(
        state,
        prompt=prompt,
        bout=replace(bout, noticed=bout.nudged) if is_break and bout is not None else bout,
        recent=(*(shown for shown in state.recent if shown != entry.id), entry.id),
        strength_days=days,
        last_id_ms=id_ms,
        today=replace(state.today, prompts=state.today.prompts + 1),
    )


def no_snooze(policy: Policy, state: State, prompt: Prompt, now: datetime) -> Refuse | None:
    """Return how a snooze of this prompt would be refused now; None where it would be granted."""
    bout = state.bout
    if prompt.kind is PromptKind.PLAN:
        return Refuse("snooze_plan")
    if bout is None or prompt.kind is not PromptKind.BREAK or prompt.hidden_at is not None:
        return Refuse("no_prompt", {"command": "snooze"})
    limit = max(SNOOZE_LIMIT, prompts.stage_now(policy, state).hard)
    after_call = state.moment_at is not None and prompt.issued_at <= state.moment_at + MOMENT
    if prompt.snoozed_until or prompt.asked_again or (bout.snoozed and not after_call):
        return Refuse("snooze_used")
    if sitting.sat(bout, now) + policy.snooze > limit and not after_call:
        return Refuse("snooze_late", {"minutes": round(limit.total_seconds() / 60)})
    return None


def offered(policy: Policy, state: State, prompt: Prompt, now: datetime) -> Prompt:
    """Return the prompt as it is to be shown now: it offers a snooze where that would be granted."""
    return replace(prompt, can_snooze=no_snooze(policy, state, prompt, now) is None)


def without_notes(policy: Policy, prompt: Prompt) -> Prompt:
    """Return the prompt as it is once the minutes for the notes of a call were taken: in the library's own words."""
    if prompt.wait is None:
        return prompt
    body = next((entry.body for entry in policy.library if entry.id == prompt.entry), prompt.body)
    return replace(prompt, body=body, wait=None)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def end(
    state: State,
    outcome: Outcome,
    now: datetime,
    out: list[Effect],
    *,
    policy: Policy | None = None,
    why: str | None = None,
    rise: timedelta | None = None,
) -> State:
    """End the prompt under way: take it off every channel, record how it ended, count it.

    ``policy`` is given where the ending answers the prompt with a break, which then has a length to reach.
    """
    prompt = state.prompt
    if prompt is None:
        return state
    if prompt.hidden_at is None and prompt.snoozed_until is None:
        out.append(Withdraw(prompt.id, why or str(outcome)))
    after = None
    if outcome in (Outcome.FOLLOWED, Outcome.DONE):
        after = max(ZERO, (prompt.hidden_at or now) - prompt.issued_at)
    out.append(RecordOutcome(prompt.id, outcome, after, why, rise))
    answered = outcome in (Outcome.FOLLOWED, Outcome.DONE)
    today = replace(state.today, followed=state.today.followed + answered)
    if prompt.kind is not PromptKind.POSTURE and outcome is not Outcome.WITHDRAWN:
        today = replace(today, doing=diary.add(today.doing, _what_it_tells(prompt, outcome)))
    if policy is not None and prompt.kind is PromptKind.BREAK:
        state = _set_target(policy, state, prompt)
    row = state.ignored_in_row + (prompt.kind is PromptKind.BREAK) if outcome is Outcome.IGNORED else 0
    return replace(
        state,
        prompt=None,
        ignored_in_row=state.ignored_in_row if outcome is Outcome.WITHDRAWN else row,
        today=today,
        note=Note(str(outcome), now),
    )


def _what_it_tells(prompt: Prompt, outcome: Outcome) -> Activity:
    """Return what the end of a prompt tells of the day's goals.

    That the person got up makes it a chore or a walk; that it was this exercise and no other, only their word does.
    """
    answered, done = outcome in (Outcome.FOLLOWED, Outcome.DONE), outcome is Outcome.DONE
    walked = Walk(max(1, round(prompt.duration / timedelta(minutes=1))))
    return Activity(
        windows=int(prompt.kind is PromptKind.BREAK),
        answered=int(answered and prompt.kind is PromptKind.BREAK),
        chores=int(answered and prompt.category == "chores"),
        walks=(walked,) if answered and prompt.category == "walk" else (),
        mobility=int(done and prompt.category == "mobility"),
        strength=int(done and prompt.category == "strength"),
    )


def _set_target(policy: Policy, state: State, prompt: Prompt) -> State:
    stage = prompts.stage_now(policy, state)
    was_long = prompts.is_long_break(stage, state)
    state = changed(state, breaks_since_long=0 if was_long else state.breaks_since_long + 1)
    if state.rest is None:
        return state
    target = max(stage.break_target, prompt.duration) if was_long else stage.break_target
    return changed(state, rest=replace(state.rest, target=target))
