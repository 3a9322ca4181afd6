"""Commands about the back: every shape that works, and a kind answer to every one that does not."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from nudger.core.events import (
    ActivityLogged,
    CheckedIn,
    FlareSaid,
    IntakeTaken,
    OfferAnswered,
    PaceJudged,
    PlanChosen,
    PublishingAnswered,
    RunningWished,
    SafetyAnswered,
    SessionTold,
    StageChosen,
    TimeAwayCompared,
)
from nudger.core.recovery.diary import Activity, Walk
from nudger.core.recovery.told import Entry, IntakeAnswers, LockCleared, SafetyAnswer
from nudger.core.running.runs import SessionEntry
from nudger.messages import Command, Problem, parse_command

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 17, 2, tzinfo=UTC)  # a Sunday, 18:02 in Berlin
TODAY = date(2026, 11, 22)
INTAKE = {"worst": 4, "walks_5_min": True, "walks": False, "mobility": True, "seen": False}
ANSWERS = IntakeAnswers(4, walks_5_min=True, walks=False, mobility=True, seen=False)
U1 = (SafetyAnswer("U1"),)


def parsed(command: str, payload: Any, now: datetime = NOW) -> Command | Problem:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return parse_command(command, text, now, BERLIN)


@pytest.mark.parametrize(
    ("command", "payload", "said"),
    [
        ("checkin", "3", CheckedIn(Entry(TODAY, "evening", 3))),
        ("checkin", {"pain": 3, "when": "morning"}, CheckedIn(Entry(TODAY, "morning", 3))),
        ("checkin", {"pain": 11}, CheckedIn(Entry(TODAY, "evening", 11))),  # whether that is a score, the core says
        ("checkin", "5.5", CheckedIn(Entry(TODAY, "evening", 5.5))),
        (
            "checkin",
            {"date": "2026-11-21", "when": "evening", "pain": 0, "impact": False, "safety": ["U1"], "tags": ["knee"]},
            CheckedIn(Entry(date(2026, 11, 21), "evening", 0, False, U1, frozenset({"knee"}))),
        ),
        ("checkin", {"pain": 2, "safety": []}, CheckedIn(Entry(TODAY, "evening", 2, safety=()))),
        (
            "checkin",
            {"pain": 2, "impact": None, "compared": "less"},
            CheckedIn(Entry(TODAY, "evening", 2, compared="less")),
        ),
        ("safety", "", SafetyAnswered()),
        ("safety", "PRESS", SafetyAnswered()),
        ("safety", ["U1"], SafetyAnswered(U1)),
        ("safety", [{"item": "U1", "seen_on": "2026-11-01"}], SafetyAnswered((SafetyAnswer("U1", date(2026, 11, 1)),))),
        ("stage", "daily_walks", StageChosen("daily_walks")),
        ("stage", {"set": "daily_walks", "by": "provider"}, StageChosen("daily_walks", "provider")),
        ("stage", {"cleared": {"on": "2026-11-20", "stage": "steady"}}, LockCleared(date(2026, 11, 20), "steady")),
        ("stage", {"cleared": {"stage": "steady"}}, LockCleared(TODAY, "steady")),
        ("stage", {"intake": INTAKE}, IntakeTaken(ANSWERS)),
        (
            "stage",
            {"intake": {**INTAKE, "office": True, "contraindications": ["knee"], "publish_health": False}},
            IntakeTaken(ANSWERS, office=True, contraindications=frozenset({"knee"}), publish_health=False),
        ),
        ("offer", "accept", OfferAnswered(yes=True)),
        ("offer", {"answer": "decline", "stage": "steady"}, OfferAnswered(yes=False, stage="steady")),
        ("flare", "on", FlareSaid(on=True)),
        ("flare", {"on": False}, FlareSaid(on=False)),
        ("log", {"walk_min": 10}, ActivityLogged(Activity(walks=(Walk(10),)))),
        (
            "log",
            {"walk_min": 30, "brisk": True, "pain": 1, "rise": 0, "date": "2026-11-21"},
            ActivityLogged(Activity(walks=(Walk(30, brisk=True, pain=1, rise=0),)), date(2026, 11, 21)),
        ),
        ("log", {"mobility": True}, ActivityLogged(Activity(mobility=1))),
        ("log", {"comfortable": True}, ActivityLogged(Activity(mobility=1, comfortable=1))),
        ("log", {"mobility": True, "comfortable": False}, ActivityLogged(Activity(mobility=1))),
        ("log", {"strength": True, "chores": 2}, ActivityLogged(Activity(strength=1, chores=2))),
        ("session", {"step": 3, "pre": 1}, SessionTold(SessionEntry(TODAY, 3, pre=1))),
        (
            "session",
            {"date": "2026-11-21", "feel": "rough", "correct": True},
            SessionTold(SessionEntry(date(2026, 11, 21), feel="rough"), correct=True),
        ),
        ("plan", {"per_week": 2}, PlanChosen(per_week=2)),
        ("away", "less", TimeAwayCompared("less")),
        ("running", "yes", RunningWished(wanted=True)),
        ("publish_health", "off", PublishingAnswered(yes=False)),
        ("pace", "too_many", PaceJudged("too_many")),
    ],
)
def test_what_works(command: str, payload: Any, said: Command) -> None:
    assert parsed(command, payload) == said


def test_a_bare_score_before_noon_is_the_mornings() -> None:
    before_noon = datetime(2026, 11, 22, 10, 59, tzinfo=UTC)
    assert parsed("checkin", "3", before_noon) == CheckedIn(Entry(TODAY, "morning", 3))


def test_after_midnight_it_is_still_the_day_before() -> None:
    late = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 02:00 in Berlin
    assert parsed("checkin", "3", late) == CheckedIn(Entry(TODAY, "evening", 3))


@pytest.mark.parametrize(
    ("command", "payload", "message"),
    [
        ("checkin", "", "such as 3"),
        ("checkin", {"when": "evening"}, "must give a score"),
        ("checkin", {"pain": 3, "when": "noon"}, "'when' must be one of morning, evening"),
        ("checkin", {"pain": 3, "date": "yesterday"}, "a date such as"),
        ("checkin", {"pain": 3, "impact": "yes"}, "'impact' must be true or false"),
        ("checkin", {"pain": 3, "safety": "U1"}, 'a list such as ["U1"]'),
        ("checkin", {"pain": 3, "safety": [1]}, 'an item such as "U1"'),
        ("checkin", {"pain": 3, "tags": "knee"}, "a list of words"),
        ("checkin", {"pain": 3, "mood": 4}, "unknown field 'mood'"),
        ("stage", {"intake": 4}, "an object of answers"),
        ("stage", {"intake": {"worst": 4}}, "lacks walks_5_min, walks, mobility, seen"),
        ("stage", {"intake": {**INTAKE, "walks": 1}}, "'walks' must be true or false"),
        ("stage", {"set": "steady", "intake": INTAKE}, "either 'set' or 'intake'"),
        ("stage", {"cleared": "yes"}, "when and for which stage"),
        ("stage", {"cleared": {"on": "2026-11-20"}}, "must name the stage"),
        ("offer", "maybe", "accept or decline"),
        ("offer", {"answer": "accept", "stage": 4}, "the id of a stage"),
        ("flare", "perhaps", "on or off"),
        ("log", "", "must say what was done"),
        ("log", {"chores": 1, "pain": 9}, "'pain' belongs to a walk"),
        ("safety", "1", "an item such as"),
        ("safety", ["\ud800"], "half a character"),
        ("log", {"walk_min": "ten"}, "'walk_min' must be a whole number"),
        ("log", {"chores": True}, "'chores' must be a whole number"),
        ("session", "3", "must tell of a run"),
        ("session", {"pain": 3}, "unknown field 'pain'"),
        ("plan", {}, "per_week"),
        ("plan", {"per_week": 2.5}, "must be a whole number"),
        ("away", "most", "less, same, more"),
        ("running", "perhaps", "on or off"),
        ("publish_health", "", "on or off"),
        ("pace", "slow", "too_many, fine, too_few"),
    ],
)
def test_what_does_not_is_told_what_would(command: str, payload: Any, message: str) -> None:
    problem = parsed(command, payload)
    assert isinstance(problem, Problem), problem
    assert problem.message.startswith(f"{command}: ")
    assert message in problem.message
