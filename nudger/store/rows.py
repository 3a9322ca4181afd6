"""What the history keeps: records as rows of the tables, and rows as small values for reports and status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from nudger.core.effects import (
    RecordActivity,
    RecordBout,
    RecordBreak,
    RecordCheckIn,
    RecordDecision,
    RecordEffect,
    RecordOutcome,
    RecordPosture,
    RecordPrompt,
    RecordRun,
    RecordStage,
)
from nudger.core.words import Confirmed, Outcome
from nudger.store.snapshot import Codec

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)

Value = str | int | float | None
"""What a column holds."""

JOURNAL: Final[Mapping[type, tuple[str, Codec[Any]]]] = MappingProxyType(
    {
        RecordPosture: ("posture", Codec(RecordPosture)),
        RecordBout: ("bout", Codec(RecordBout)),
        RecordBreak: ("break", Codec(RecordBreak)),
        RecordPrompt: ("prompt", Codec(RecordPrompt)),
        RecordOutcome: ("outcome", Codec(RecordOutcome)),
        RecordStage: ("stage", Codec(RecordStage)),
        RecordDecision: ("decision", Codec(RecordDecision)),
        RecordCheckIn: ("checkin", Codec(RecordCheckIn)),
        RecordActivity: ("activity", Codec(RecordActivity)),
        RecordRun: ("run", Codec(RecordRun)),
    }
)
"""The effects that are kept, by their kind in the journal. All others are for the outputs."""


@dataclass(frozen=True, slots=True)
class Record:
    """One thing to keep: when it became known, whose it is, what it says."""

    at: datetime
    person: str
    effect: RecordEffect


@dataclass(frozen=True, slots=True)
class BoutRow:
    """A sitting bout of the past; ``sitting`` is its length less unknown time."""

    start: datetime
    end: datetime
    sitting: timedelta


@dataclass(frozen=True, slots=True)
class BreakRow:
    """A break of the past."""

    start: datetime
    end: datetime
    confirmed: Confirmed


@dataclass(frozen=True, slots=True)
class PromptRow:
    """A prompt of the past, or the one under way (``outcome`` None). ``sitting`` is what came before it.

    ``after`` is issue to standing or answer, ``rise`` the seconds up that answered it, where they mean something.
    """

    id: str
    issued_at: datetime
    entry: str
    category: str
    stage: str
    sitting: timedelta
    outcome: Outcome | None
    ended_at: datetime | None
    after: timedelta | None
    rise: timedelta | None
    why: str | None


def statements(record: Record) -> Iterator[tuple[str, tuple[Value, ...]]]:
    """Return the statements that keep a record, each with its values."""
    at, person = to_us(record.at), record.person
    kind, codec = JOURNAL[type(record.effect)]
    yield (
        "INSERT INTO journal (at, person, kind, data) VALUES (?, ?, ?, ?)",
        (at, person, kind, codec.dump(record.effect)),
    )
    match record.effect:
        case RecordBout() as bout:
            yield (
                'INSERT OR REPLACE INTO bouts (person, start, "end", sitting_s) VALUES (?, ?, ?, ?)',
                (person, to_us(bout.start), to_us(bout.end), bout.sitting.total_seconds()),
            )
        case RecordBreak() as pause:
            yield (
                'INSERT OR REPLACE INTO breaks (person, start, "end", confirmed) VALUES (?, ?, ?, ?)',
                (person, to_us(pause.start), to_us(pause.end), pause.confirmed.value),
            )
        case RecordPrompt() as issued:
            prompt = issued.prompt
            yield (
                """
                INSERT OR IGNORE INTO prompts (id, person, issued_at, entry, category, stage, sitting_s)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                (
                    *(prompt.id, person, to_us(prompt.issued_at), prompt.entry, prompt.category),
                    *(issued.stage, issued.sitting.total_seconds()),
                ),
            )
        case RecordOutcome() as ended:
            yield (
                "UPDATE prompts SET outcome = ?, ended_at = ?, after_s = ?, rise_s = ?, why = ? WHERE id = ?",
                (ended.outcome.value, at, _seconds(ended.after), _seconds(ended.rise), ended.why, ended.prompt_id),
            )
        case RecordCheckIn(entry):
            yield (
                "INSERT OR REPLACE INTO checkins (person, day, half, at, pain, data) VALUES (?, ?, ?, ?, ?, ?)",
                (person, entry.day.isoformat(), entry.when, at, entry.pain, codec.dump(record.effect)),
            )
        case RecordDecision(decision):
            yield (
                "INSERT INTO decisions (person, day, at, rule, data) VALUES (?, ?, ?, ?, ?)",
                (person, decision.day.isoformat(), at, decision.rule, codec.dump(record.effect)),
            )
        case RecordActivity(day):
            yield (
                "INSERT INTO activities (person, day, at, data) VALUES (?, ?, ?, ?)",
                (person, day.isoformat(), at, codec.dump(record.effect)),
            )
        case RecordRun(run):
            yield (
                "INSERT OR REPLACE INTO runs (person, day, at, step, data) VALUES (?, ?, ?, ?, ?)",
                (person, run.day.isoformat(), at, run.step, codec.dump(record.effect)),
            )


BOUTS: Final = """
    SELECT start, "end", sitting_s FROM bouts WHERE person = ? AND "end" > ? AND start < ? ORDER BY start
"""
BREAKS: Final = """
    SELECT start, "end", confirmed FROM breaks WHERE person = ? AND "end" > ? AND start < ? ORDER BY start
"""
PROMPTS: Final = """
    SELECT id, issued_at, entry, category, stage, sitting_s, outcome, ended_at, after_s, rise_s, why
    FROM prompts WHERE person = ? AND issued_at >= ? AND issued_at < ? ORDER BY issued_at
"""


def bout_row(start: int, end: int, sitting_s: float) -> BoutRow:
    """Return a row of BOUTS as a value."""
    return BoutRow(from_us(start), from_us(end), timedelta(seconds=sitting_s))


def break_row(start: int, end: int, confirmed: str) -> BreakRow:
    """Return a row of BREAKS as a value."""
    return BreakRow(from_us(start), from_us(end), Confirmed(confirmed))


def prompt_row(
    prompt_id: str,
    issued_at: int,
    entry: str,
    category: str,
    stage: str,
    sitting_s: float,
    outcome: str | None,
    ended_at: int | None,
    after_s: float | None,
    rise_s: float | None,
    why: str | None,
) -> PromptRow:
    """Return a row of PROMPTS as a value."""
    return PromptRow(
        id=prompt_id,
        issued_at=from_us(issued_at),
        entry=entry,
        category=category,
        stage=stage,
        sitting=timedelta(seconds=sitting_s),
        outcome=None if outcome is None else Outcome(outcome),
        ended_at=None if ended_at is None else from_us(ended_at),
        after=None if after_s is None else timedelta(seconds=after_s),
        rise=None if rise_s is None else timedelta(seconds=rise_s),
        why=why,
    )


def to_us(instant: datetime) -> int:
    """Return an instant as whole microseconds since 1970 UTC."""
    return (instant - EPOCH) // MICROSECOND


def from_us(microseconds: int) -> datetime:
    """Return the instant of so many microseconds since 1970 UTC."""
    return EPOCH + microseconds * MICROSECOND


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else duration.total_seconds()
