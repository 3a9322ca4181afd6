"""What a person's lamps should show. Amber when due, red when overdue, and back to what it was for every other case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from nudger.core import nudging, prompts, showing
from nudger.core.policy import LampPolicy, Policy
from nudger.core.state import State
from nudger.core.words import Posture, PromptKind, Scene

CUE_LASTS: Final = timedelta(minutes=10)
"""A lamp goes back by itself after this long: a cue that nobody answers is furniture."""
AMBIENT_STEPS: Final = 10


def cue(policy: Policy, state: State, now: datetime) -> tuple[Scene, int]:
    """Return the scene that fits now, and for the ambient scene how warm (0 at soft, 10 at hard)."""
    if policy.lamp is None:
        return Scene.RESTORED, 0
    scene, step, began = _wanted(policy, policy.lamp, state, now)
    return (scene, step) if now < began + CUE_LASTS else (Scene.RESTORED, 0)


def _wanted(policy: Policy, lamp: LampPolicy, state: State, now: datetime) -> tuple[Scene, int, datetime]:
    """Return the scene, its step, and when the cue began, from which its ten minutes count."""
    prompt, bout, rest = state.prompt, state.bout, state.rest
    if prompt is not None and prompt.kind is PromptKind.BREAK:
        if prompt.hidden_at is not None or prompt.snoozed_until is not None:
            return Scene.RESTORED, 0, now
        if prompt.level == 0 or nudging.is_gentle(policy, state):
            return Scene.DUE, 0, prompt.asked_at
        return Scene.OVERDUE, 0, prompt.asked_at
    if (
        lamp.break_cue
        and state.hold is None
        and rest is not None
        and rest.target is not None
        and now < rest.start + rest.target
    ):
        return Scene.BREAK, 0, rest.start
    if bout is None or state.posture is not Posture.SITTING:
        return Scene.RESTORED, 0, now
    stage = prompts.stage_now(policy, state)
    opens, closes = showing.window_opens(bout, stage), showing.window_closes(bout, stage)
    if lamp.in_call and state.hold == "call" and now >= closes:
        return Scene.DUE, 0, closes
    if lamp.ambient and state.hold is None and prompt is None and opens <= now < closes + policy.typing_grace:
        step = AMBIENT_STEPS if now >= closes else int(AMBIENT_STEPS * ((now - opens) / (closes - opens)))
        return Scene.AMBIENT, step, opens
    return Scene.RESTORED, 0, now


def deadlines(policy: Policy, state: State) -> Iterator[datetime]:
    """Yield the instants at which the lamp changes by mere passing of time."""
    if policy.lamp is None:
        return
    if state.prompt is not None:
        yield state.prompt.asked_at + CUE_LASTS
    elif state.bout is not None:
        stage = prompts.stage_now(policy, state)
        opens, closes = showing.window_opens(state.bout, stage), showing.window_closes(state.bout, stage)
        yield from (closes, closes + CUE_LASTS, opens + CUE_LASTS)
        if policy.lamp.ambient:
            yield from (opens + (closes - opens) * step / AMBIENT_STEPS for step in range(AMBIENT_STEPS + 1))
    elif state.rest is not None:
        yield state.rest.start + CUE_LASTS
