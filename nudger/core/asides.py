"""Prompts that are no breaks from sitting: against standing still, and about the day's walk or run.

A plan prompt goes by itself, after a while or when a break comes due; one against standing still ends with the
standing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from nudger.core import prompts, showing
from nudger.core.effects import Effect
from nudger.core.policy import Policy
from nudger.core.state import Prompt, State, changed
from nudger.core.words import Hold, Outcome, Posture, PromptKind

LASTS: Final = {PromptKind.POSTURE: timedelta(minutes=10), PromptKind.PLAN: timedelta(minutes=15)}
"""After this long they count as ignored (our choice)."""
WITHDRAWING: Final = frozenset({Hold.LOCKED, Hold.PAUSED, Hold.QUIET, Hold.CALL, Hold.DND})
"""Holds that take a prompt off the channels."""


def follow_up(policy: Policy, state: State, prompt: Prompt, now: datetime, out: list[Effect]) -> State:
    """See what became of such a prompt under way."""
    if prompt.kind is PromptKind.POSTURE:
        if state.posture is Posture.UNKNOWN:
            return showing.end(state, Outcome.WITHDRAWN, now, out, why="unknown")
        if state.posture is not Posture.STANDING:
            return showing.end(state, Outcome.FOLLOWED, now, out)
    if state.hold in WITHDRAWING:
        return showing.end(state, Outcome.WITHDRAWN, now, out, why=str(state.hold))
    if now >= _ends_at(policy, state, prompt):
        return showing.end(state, Outcome.IGNORED, now, out)
    return state


def _ends_at(policy: Policy, state: State, prompt: Prompt) -> datetime:
    """Return when it goes by itself. A break that comes due goes before the plan."""
    ends = prompt.issued_at + LASTS[prompt.kind]
    if state.bout is None or prompt.kind is PromptKind.POSTURE:
        return ends
    return min(ends, showing.window_opens(state.bout, prompts.stage_now(policy, state)))


def maybe_issue_posture(policy: Policy, state: State, now: datetime, out: list[Effect]) -> State:
    """Standing still is not moving."""
    since = _standing_since(state, now)
    if now < since + policy.standing_limit or (state.silent_until and now < state.silent_until):
        return state
    return showing.issue(policy, changed(state, standing_told=now), PromptKind.POSTURE, now, out)


def _standing_since(state: State, now: datetime) -> datetime:
    since = state.since or now
    return max(since, state.standing_told) if state.standing_told else since


def deadlines(policy: Policy, state: State, now: datetime) -> Iterator[datetime]:
    """Yield the instants at which such a prompt comes or goes by mere passing of time."""
    prompt = state.prompt
    if prompt is not None and prompt.kind in LASTS:
        yield _ends_at(policy, state, prompt)
    if state.posture is Posture.STANDING:
        yield _standing_since(state, now) + policy.standing_limit
