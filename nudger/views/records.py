"""What was decided, as the JSON lines of a replay and of a simulation.

Times are Unix seconds and durations seconds: whole where they are whole, else to the millisecond. Keys come in the
documented order, so that the same decisions give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from nudger.core import sitting
from nudger.core.effects import (
    Effect,
    Notify,
    RecordBout,
    RecordBreak,
    RecordOutcome,
    RecordPosture,
    RecordPrompt,
    RecordStage,
    SetLight,
)
from nudger.core.state import Prompt, State
from nudger.core.words import ZERO, Outcome

Record = dict[str, Any]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


def to_json(record: Record) -> str:
    """Return the record as one line. ASCII only, so that it does not depend on the locale."""
    return json.dumps(record, separators=(",", ":"))


def unix(instant: datetime) -> int | float:
    """Return an instant as Unix seconds."""
    return seconds(instant - _EPOCH)


def seconds(length: timedelta) -> int | float:
    """Return a duration in seconds."""
    whole, ms = divmod(round(length / _MS), 1000)
    return whole + ms / 1000 if ms else whole


def from_unix(value: float) -> datetime:
    """Return the instant of a record's time."""
    return _EPOCH + timedelta(seconds=value)


def error_record(now: datetime | None, line: int | None, message: str) -> Record:
    """Return the record of what could not be understood or carried out; None where there is no time or no line."""
    return {"t": None if now is None else unix(now), "type": "error", "line": line, "message": message}


def records_of(person: str, state: State, effects: Sequence[Effect], now: datetime) -> Iterator[Record]:
    """Yield a record for each effect that one may want to see; ``state`` is what the decision left.

    A prompt is told when it is issued and whenever it is shown again with a sound. When it comes back silently after a
    rise of a few seconds, that is no news.
    """
    for effect in effects:
        head = {"t": unix(now), "type": "", "person": person}
        match effect:
            case RecordPosture(posture, since):
                yield head | {"type": "posture", "posture": str(posture), "since": unix(since)}
            case RecordBout(start, end, sat):
                yield head | {"type": "bout", "start": unix(start), "end": unix(end), "sitting_s": seconds(sat)}
            case RecordBreak(start, end, confirmed):
                yield head | {"type": "break", "start": unix(start), "end": unix(end), "confirmed": str(confirmed)}
            case RecordPrompt(prompt, sat, stage):
                yield head | _prompt(prompt, sat, stage)
            case Notify(prompt, True, False):
                sat = sitting.sat(state.bout, now) if state.bout else ZERO
                yield head | _prompt(prompt, sat, state.stage)
            case RecordOutcome(prompt_id, outcome, after):
                after_s = None if after is None else seconds(after)
                yield head | {"type": "outcome", "id": prompt_id, "outcome": str(outcome), "after_s": after_s}
            case SetLight(scene):
                yield head | {"type": "light", "scene": str(scene)}
            case RecordStage(before, after_stage, rule):
                yield head | {"type": "stage", "from": before, "to": after_stage, "rule": rule}
            case _:
                pass


def _prompt(prompt: Prompt, sat: timedelta, stage: str) -> Record:
    return {
        "type": "prompt",
        "id": prompt.id,
        "level": prompt.level,
        "category": prompt.category,
        "title": prompt.title,
        "sitting_s": seconds(sat),
        "stage": stage,
    }


_OUTCOMES: Final = tuple(str(outcome) for outcome in Outcome)


class Tally:
    """The counters of one person over a whole replay; ``messages`` are those that came on a topic of their signals."""

    __slots__ = ("_counts", "_last_prompt", "messages")

    def __init__(self) -> None:
        self.messages = 0
        self._last_prompt = ""
        names = ("bouts", "sitting_s", "longest_bout_s", "breaks", "prompts", *_OUTCOMES)
        self._counts: dict[str, int | float] = dict.fromkeys(names, 0)

    def add(self, record: Record) -> None:
        """Count one record of this person."""
        counts = self._counts
        match record["type"]:
            case "bout":
                counts["bouts"] += 1
                counts["sitting_s"] = round(counts["sitting_s"] + record["sitting_s"], 3)
                counts["longest_bout_s"] = max(counts["longest_bout_s"], record["sitting_s"])
            case "break":
                counts["breaks"] += 1
            case "prompt" if record["id"] != self._last_prompt:  # else it is shown again
                counts["prompts"] += 1
                self._last_prompt = record["id"]
            case "outcome":
                counts[record["outcome"]] += 1
            case _:
                pass

    def summary(self) -> Record:
        """Return the counters as they stand in the summary."""
        return {"messages": self.messages} | self._counts
