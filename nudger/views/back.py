"""What waits for an answer about the back, and how to give it: from the JSON of the local API, loading nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

INTAKE: Final = "`nudger stage intake` finds your starting stage"
"""Mentioned in the first days; it is an offer and never a gate."""

_SCORES: Final = {
    "morning": "How is your back this morning?",
    "evening": "How was your back today?",
}
_ANSWERS: Final = {
    "compared": ("Were you less active while away, about as active, or more?", "`nudger away less`, `same` or `more`"),
    "intake": ("Would you like to answer the starting questions once more?", "`nudger stage intake`"),
    "new_episode": ("Is this a new episode?", "`nudger stage intake`, if so"),
}


class Waiting(NamedTuple):
    """Something that waits for an answer, and the command that gives it.

    ``is_told`` says that the outcome of the latest decision asks for it in words of its own.
    """

    label: str
    text: str
    how: str
    is_told: bool = False

    @property
    def answer(self) -> str:
        """The sentence that says how to answer."""
        return f"Answer with {self.how}."


def waiting(state: Mapping[str, Any], *, safety: bool = True, weekly: bool = False) -> Iterator[Waiting]:
    """Yield what waits for an answer of the person whose state that is; during a lock nothing but the lock does.

    ``safety`` is False where the safety list was asked for already. The one of once a week (``weekly``) belongs to an
    evening's check-in: elsewhere it would be nagging.
    """
    recovery = state["recovery"]
    if recovery["lock"] is not None:
        return
    if recovery["offer"] is not None:
        how = "`nudger offer accept` or `nudger offer decline`"
        yield Waiting("Offer", f"the next stage, {recovery['offer']}.", how, is_told=True)
    for half in recovery["asks"]:
        yield Waiting("Asked", _SCORES[half], f"`nudger checkin --{half}`")
    if safety and recovery["safety_question"] is not None and (weekly or recovery["safety_reason"] != "weekly"):
        yield Waiting("Asked", recovery["safety_question"], "`nudger safety`")
    for key in recovery["questions"]:
        yield Waiting("Asked", *_ANSWERS[key], is_told=True)
    if recovery["pace_asked"]:
        text = "Were this week's prompts too many, fine, or too few?"
        yield Waiting("Asked", text, "`nudger pace too-many`, `fine` or `too-few`")
