"""What has just happened, one line each: for the list in the live view, and, less what tells of health, for the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Final

from nudger.core.effects import (
    Announce,
    Effect,
    Notify,
    RecordBout,
    RecordBreak,
    RecordCheckIn,
    RecordOutcome,
    RecordPrompt,
    RecordStage,
)
from nudger.core.state import Prompt
from nudger.core.words import Confirmed, Outcome
from nudger.views.health import PRIVATE_REASONS
from nudger.views.words import length, stage_name

_BY: Final = {
    Confirmed.SENSOR: "",
    Confirmed.USER: ", by your word",
    Confirmed.LIKELY: ", most likely",
    Confirmed.ASSUMED: ", assumed",
}


NOTED: Final = "something about the back was noted"


def log_lines(effects: Sequence[Effect], zone: tzinfo) -> Iterator[str]:
    """Yield the lines that others on this machine may read, as they may the journal: of health, that there was some."""
    about_health = False
    for effect in effects:
        match effect:
            case RecordCheckIn() | RecordStage() | Announce(event_type="flare"):
                about_health = True
            case RecordOutcome(why=why) if why in PRIVATE_REASONS:
                yield _outcome(replace(effect, why="held"))
            case _:
                yield from happenings((effect,), zone)
    if about_health:
        yield NOTED


def happenings(effects: Sequence[Effect], zone: tzinfo) -> Iterator[str]:
    """Yield a line for each effect that a person may want to look back at. Times are in ``zone``."""
    for effect in effects:
        match effect:
            case RecordPrompt(prompt=prompt):
                yield f"prompt: {_called(prompt)}"
            case Notify(prompt=prompt, repeated=True, silent=False):
                yield f"prompt once more: {_called(prompt)}"
            case RecordOutcome():
                yield _outcome(effect)
            case RecordBout(sitting=sitting):
                yield f"sat for {length(sitting.total_seconds())}"
            case RecordBreak(start=start, end=end, confirmed=confirmed):
                yield f"break of {length((end - start).total_seconds())}{_BY[confirmed]}"
            case Announce(event_type="pre_notice"):
                yield "told that a prompt comes soon"
            case Announce(event_type="enough"):
                yield "break long enough; sit down again if you like"
            case Announce(event_type="snoozed", data={"until": datetime() as until}):
                yield f"prompt put off until {until.astimezone(zone):%H:%M}"
            case Announce(event_type="flare", data={"on": on}):
                yield "a flare is on" if on else "the flare is over"
            case RecordStage(before=before, after=after):
                yield f"stage: {stage_name(before)} -> {stage_name(after)}"
            case _:
                pass


def _called(prompt: Prompt) -> str:
    return f"{prompt.title} ({length(prompt.duration.total_seconds())})"


def _outcome(ended: RecordOutcome) -> str:
    after = f" after {length(ended.after.total_seconds())}" if ended.after is not None else ""
    match ended.outcome:
        case Outcome.FOLLOWED:
            return f"prompt followed{after}"
        case Outcome.WITHDRAWN:
            return f"prompt withdrawn ({(ended.why or 'no reason').replace('_', ' ')})"
        case _:
            return f"prompt {ended.outcome}{after}"
