"""The first start: one sample of a prompt, with the real buttons, so that nobody wonders what it was when it comes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from nudger.core.policy import Policy
from nudger.core.state import State
from nudger.library import Language
from nudger.outputs.channel import Message
from nudger.outputs.messages import buttons, sample_id
from nudger.views.why import clock_time, fill, next_window

_MARK: Final = "welcomed"


def is_due(folder: Path) -> bool:
    """Tell whether nobody was welcomed yet with the history in that state folder."""
    return not (folder / _MARK).exists()


def done(folder: Path) -> None:
    """Remember that the sample was shown. Raises OSError."""
    (folder / _MARK).touch()


def sample(policy: Policy, state: State, language: Language, now: datetime) -> Message:
    """Return the sample. Its buttons are the real ones: done and snooze merely take it away, pause pauses."""
    id_ = sample_id(policy.person)
    window = next_window(policy, state)
    body = language.texts["sample.body"]
    if window is not None:
        body = fill(language, "sample.body_at", {"time": clock_time(policy, window[0], now)})
    return Message(
        id=id_,
        kind="told",
        title=language.texts["sample.title"],
        body=body,
        language=language.code,
        buttons=buttons(language, id_, can_wait=True),
    )
