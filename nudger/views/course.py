"""Weeks of a made-up course as JSON lines: its days, its decisions, its runs, and what it came to.

Dates are ISO dates, days count from 1. Scores are 0-10, None where there was none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from typing import Final

from nudger.core.recovery import diary
from nudger.core.recovery.course import Decision, Did, Seen
from nudger.core.recovery.diary import Score
from nudger.core.running import sessions
from nudger.core.running.runs import Run
from nudger.core.running.steps import step
from nudger.core.state import State
from nudger.views.records import Record

SHOWN_BY: Final = 7
"""So many scores at either end tell how the pain changed."""

_ASKED_UP: Final = frozenset({str(Did.ACCEPTED), str(Did.USER_UP)})


def day_record(state: State, today: date, number: int) -> Record:
    """Return how a day was, once it is over: ``score`` is the one that the rules go by."""
    days, standing = state.recovery.days, state.recovery.standing
    told = diary.day_of(days, today)
    return {
        "type": "day",
        "day": number,
        "date": today.isoformat(),
        "stage": standing.stage,
        "morning": _pain(told.morning),
        "evening": _pain(told.evening),
        "score": diary.pains(days, today).get(today),
        "flare": standing.flare is not None,
    }


def _pain(score: Score | None) -> int | None:
    return None if score is None else score.pain


def decision_record(made: Decision, number: int) -> Record:
    """Return which rule decided what, and the values it saw."""
    return {
        "type": "decision",
        "day": number,
        "date": made.day.isoformat(),
        "rule": made.rule,
        "did": str(made.did),
        "from": made.before,
        "to": made.after,
        "limit": made.limit,
        "lacks": [lack.key for lack in made.lacks],
        "banners": list(made.banners),
    } | {each.name: getattr(made.seen, each.name) for each in fields(Seen)}


def session_record(run: Run, number: int) -> Record:
    """Return a run and the colour it got with the next morning."""
    head = {"type": "session", "day": number, "date": run.day.isoformat(), "step": run.step}
    told = {each.name: getattr(run, each.name) for each in fields(Run) if each.name not in {"day", "step", "minutes"}}
    pieces = [{"kind": piece.kind, "minutes": piece.minutes} for piece in step(run.step).pieces]
    return head | {"pieces": pieces, "run_min": run.run_min} | told | {"colour": str(sessions.colour(run, run.rise))}


def summary_record(records: Iterable[Record], course: str, seed: int) -> Record:
    """Return what the weeks came to. ``pain`` is the median of the first and of the last seven scores."""
    told = list(records)
    days = [record for record in told if record["type"] == "day"]
    made = [record for record in told if record["type"] == "decision"]
    colours = [record["colour"] for record in told if record["type"] == "session"]
    scores = [day["score"] for day in days if day["score"] is not None]
    path = [day["stage"] for day in days]
    moves = [each["did"] for each in made if each["from"] != each["to"] and each["did"] != Did.PLACED]
    up = sum(did in _ASKED_UP for did in moves)
    return {
        "type": "summary",
        "course": course,
        "seed": seed,
        "days": len(days),
        "scores": len(scores),
        "pain": [_median(scores[:SHOWN_BY]), _median(scores[-SHOWN_BY:])],
        "stages": {stage: path.count(stage) for stage in dict.fromkeys(path)},
        "up": up,
        "down": len(moves) - up,
        "flares": sum(each["did"] == Did.FLARE_ON for each in made),
        "flare_days": _flare_days(days, made),
        "sessions": {colour: colours.count(colour) for colour in dict.fromkeys(colours)},
        "stage": path[-1],
    }


def _flare_days(days: Sequence[Record], made: Sequence[Record]) -> int:
    """Return the days of all flares as R8 counts them, without the calm ones that end it; so far, of one still on."""
    over = sum(int(each["limit"]) for each in made if each["did"] == Did.FLARE_ENDED)
    since = max((each["day"] for each in made if each["did"] == Did.FLARE_ENDED), default=0)
    return over + sum(1 for day in days if day["flare"] and day["day"] >= since)


def _median(scores: Sequence[int]) -> float | None:
    return diary.median(scores) if scores else None
