"""Runs and mornings for the walk/run planner, told in one-line steps.

    runner = Runner("2 Mar step 1 green; 4 Mar step 2 green")
    assert runner.morning("5 Mar", 1).ask("5 Mar").step == 3

A run is told as on the page: its day, its step, then a colour, or the fields that were told. A morning that nobody
speaks of has the score of the runner's ``usual``, up to the day of the question.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from nudger.core.recovery.course import Flare, Recovery, SafetyLock, Standing, Tier
from nudger.core.recovery.diary import Activity, Day, Score
from nudger.core.recovery.told import Facts
from nudger.core.running.planner import Proposal, facts, next_session
from nudger.core.running.runs import Run
from nudger.core.running.sessions import settle
from nudger.core.running.steps import Piece, Plan
from nudger.store.snapshot import Codec

ONE_DAY: Final = timedelta(days=1)
PROPOSALS: Final = Codec(Proposal)
RUNS: Final = Codec(Run)

CLEAN: Final = Run(date.min, 1, pre=0, during=0, limb=0, completed=True, stopped_pain=False, spreading=False)
COLOURED: Final[dict[str, dict[str, Any]]] = {
    "green": {"feel": "good"},
    "hold": {"completed": False},
    "untold": {"during": None},
    "amber": {"feel": "rough"},
    "red": {"stopped_pain": True},
    "rough": {"feel": "rough"},
}


def on(text: str) -> date:
    """Return the day of 2026 that is written like ``2 Mar``."""
    return datetime.strptime(f"{text} 2026", "%d %b %Y").date()  # noqa: DTZ007  (a day has no zone)


def told(text: str) -> Run:
    """Return the run that is written like ``2 Mar step 1 green`` or ``11 Mar step 5 pre 0 during 2``."""
    found = re.fullmatch(r"(?P<day>\d+ \w+) step (?P<step>\d+)(?P<rest>.*)", text)
    assert found is not None, text
    run = replace(CLEAN, day=on(found["day"]), step=int(found["step"]))
    words = found["rest"].replace(",", "").split()
    while words:
        word = words.pop(0)
        run = replace(run, **(COLOURED[word] if word in COLOURED else {word: int(words.pop(0))}))
    return run


def notation(pieces: tuple[Piece, ...]) -> str:
    """Return a session as the page writes it, without the walking before and after: ``5:3 x2``; ``12, walk 4, 8``."""
    first, *inner, last = [(piece.kind, piece.minutes) for piece in pieces]
    assert first == last == ("walk", 5)
    if len(inner) % 2:
        return ", ".join(f"walk {minutes}" if kind == "walk" else str(minutes) for kind, minutes in inner)
    (run, ran), (walk, walked) = inner[:2]
    times = len(inner) // 2
    assert (run, walk, inner) == ("run", "walk", inner[:2] * times)
    return f"{ran}:{walked} x{times}"


class Runner:
    """One person with a plan, runs and mornings."""

    def __init__(self, history: str = "", *, plan: Plan | None = None, stage: str = "walk_run", usual: int = 0) -> None:
        """``history`` holds runs, divided by semicolons."""
        self.plan = plan or Plan()
        self.runs = tuple(told(text) for text in history.split("; ") if text)
        self.standing = Standing(stage, since=date(2026, 1, 1))
        self.usual = usual
        self.mornings: dict[date, int | None] = {}
        self.strength: set[date] = set()
        self.intake: int | None = None

    def morning(self, day: str, score: int | None) -> Runner:
        """Let a morning have that score, or none."""
        self.mornings[on(day)] = score
        return self

    def run(self, text: str) -> Runner:
        """Run; the runs before take along what their mornings told."""
        run = told(text)
        self.runs = settle((*self.runs, run), self.recovery(run.day).days)
        return self

    def flare(self, since: str, baseline: float | None = 0) -> Runner:
        """Let a flare be on."""
        self.standing = replace(self.standing, flare=Flare(on(since), baseline))
        return self

    def lock(self, since: str) -> Runner:
        """Let a lock be on."""
        lock = SafetyLock(Tier.URGENT, frozenset({"U1"}), first=on(since), latest=on(since))
        self.standing = replace(self.standing, lock=lock)
        return self

    def recovery(self, today: date) -> Recovery:
        """Return what the diary holds on that day: six weeks, as always."""
        days = [today - n * ONE_DAY for n in range(41, -1, -1)]
        return Recovery(self.standing, days=tuple(self.day(day) for day in days), intake=self.intake)

    def day(self, day: date) -> Day:
        """Return what one day held."""
        score = self.mornings.get(day, self.usual)
        doings = Activity(strength=int(day in self.strength))
        return Day(day, morning=None if score is None else Score(score), activity=doings)

    def ask(self, today: str | date) -> Proposal:
        """Return the next session, seen from that day; there is one."""
        proposal = self.maybe(today)
        assert proposal is not None
        text = PROPOSALS.dump(proposal)
        assert PROPOSALS.load(text) == proposal
        return proposal

    def maybe(self, today: str | date) -> Proposal | None:
        """Return the next session, seen from that day, if there is one."""
        day = on(today) if isinstance(today, str) else today
        return next_session(self.plan, self.runs, self.recovery(day), day)

    def facts(self, today: str) -> Facts:
        """Return what the ladder asks on that day."""
        return facts(self.plan, self.runs, self.recovery(on(today)).days, on(today))
