"""A course of days for the recovery engine, told in one-line steps.

    course = Course("build_strength", intake=2)
    course.days("2 x3, 5 yes, 4 yes, 3 no, 2 no")
    assert course.events == ["d3 FLARE_ON", "d6 FLARE_END"]

A score stands for the evening before and the morning, as on the page of the rules. After each evaluation the day goes
by as the course's ``doing`` says, and an offer is accepted unless the course says otherwise. After every step the
Recovery goes through its snapshot, so what a restart could forget shows here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from nudger.core.ladder import Ladder
from nudger.core.recovery import checkins, diary, engine, timing
from nudger.core.recovery.course import Decision, Did, Recovery, Seen, Standing, Tier
from nudger.core.recovery.diary import Activity, Walk
from nudger.core.recovery.told import (
    Entry,
    Facts,
    FlareTold,
    LockCleared,
    Refusal,
    SafetyAnswer,
    Said,
    StagePicked,
)
from nudger.library import load_ladder, load_language
from nudger.store.snapshot import Codec

LADDER: Final = load_ladder()
TAGS: Final = frozenset(load_language("en").contraindications)
D0: Final = date(2026, 3, 2)
ONE_DAY: Final = timedelta(days=1)
CODEC: Final = Codec(Recovery)

FULL_DAY: Final = Activity(
    monitored=timedelta(hours=6),
    windows=10,
    answered=9,
    chores=2,
    walks=(Walk(2, rise=0), Walk(30, brisk=True, pain=1)),
    mobility=2,
    comfortable=2,
    strength=1,
)
"""A day that meets the goals of every stage and counts towards every gate."""

NAMES: Final = {
    Did.LOCKED_RED: "LOCK red",
    Did.LOCKED_AMBER: "LOCK amber",
    Did.STAYED_LOCKED: "locked",
    Did.UNLOCKED: "UNLOCK",
    Did.PLAN_SET: "PLAN",
    Did.PLAN_KEPT: "plan",
    Did.USER_DOWN: "USER_DOWN",
    Did.RETURNED: "RETURN",
    Did.FLARE_ON: "FLARE_ON",
    Did.FLARE_STAYED: "flare",
    Did.FLARE_ENDED: "FLARE_END",
    Did.HELD_MISSING: "HOLD_MISSING",
    Did.BACKED_OFF: "BACK_OFF",
    Did.USER_UP: "USER_UP",
    Did.OFFERED: "OFFER",
    Did.HELD: "hold",
    Did.ACCEPTED: "PROGRESS",
    Did.DECLINED: "DECLINE",
    Did.PLACED: "INTAKE",
}
STEP: Final = re.compile(r"(?P<score>\d+|-)(?: (?P<impact>yes|no))?(?: x(?P<times>\d+))?(?: \+ (?P<said>.+))?")


def day(number: int) -> date:
    """Return the day that is so many after the first of a course."""
    return D0 + number * ONE_DAY


class Course:
    """One person's recovery, day by day."""

    def __init__(
        self,
        stage: str = "gentle_start",
        intake: int | None = None,
        *,
        doing: Activity | None = FULL_DAY,
        accept: bool = True,
        running_goal: bool | None = True,
        facts: Facts = engine.NOTHING,
        ladder: Ladder = LADDER,
        snapshots: bool = True,
    ) -> None:
        """``doing`` is what each day holds; without ``accept`` offers wait; without ``snapshots`` it is faster."""
        began = None if intake is None else D0
        self.recovery = Recovery(
            Standing(stage, since=D0), intake=intake, began=began, began_at=intake, running_goal=running_goal
        )
        self.ladder = ladder
        self.snapshots = snapshots
        self.doing = doing
        self.accept = accept
        self.facts = facts
        self.day = -1
        self.log: list[tuple[int, Decision]] = []
        self.refusal: Refusal | None = None

    # --- Steps -------------------------------------------------------------------------------------------------------

    @property
    def today(self) -> date:
        """The day it is."""
        return D0 + self.day * ONE_DAY

    def days(self, steps: str) -> Course:
        """Live through days written as the page writes them: ``3, 5 yes x2, - x7, 2 + flare on, 1 + picks steady``."""
        for text in steps.split(", "):
            step = STEP.fullmatch(text)
            assert step is not None, text
            for _ in range(int(step["times"] or 1)):
                score = None if step["score"] == "-" else int(step["score"])
                self.next(score, None if step["impact"] is None else step["impact"] == "yes", step["said"] or "")
        return self

    def next(self, score: int | None, impact: bool | None = None, said: str = "") -> Course:
        """Live through one day: its check-in or noon, then what is said, then the offer, then what is done."""
        self.day += 1
        safety = {"emergency": (SafetyAnswer("E1"),), "urgent": (SafetyAnswer("U7"),)}.get(said)
        if said == "2 red runs":
            self.know(red_runs=(self.today, self.today))
        if score is None:
            self.noon()
        else:
            self.evening(score, impact, day=self.day - 1).morning(score, safety=safety)
        if said not in {"", "emergency", "urgent", "2 red runs"}:
            self.say(said)
        if self.accept and self.standing.offer is not None:
            self.answer(yes=True)
        return self.do(self.doing) if self.doing is not None else self

    def morning(self, pain: object, *, day: int | None = None, **more: object) -> Course:
        """Check in for a morning, today's unless told otherwise."""
        return self.check_in("morning", pain, day, more)

    def evening(self, pain: object, impact: bool | None = None, *, day: int | None = None, **more: object) -> Course:
        """Check in for an evening, today's unless told otherwise."""
        return self.check_in("evening", pain, day, {"impact": impact, **more})

    def check_in(self, when: str, pain: object, day: int | None, more: dict[str, object]) -> Course:
        """Check in."""
        entry = Entry(D0 + (self.day if day is None else day) * ONE_DAY, when, pain, **more)  # type: ignore[arg-type]
        return self.take(checkins.check_in(self.ladder, self.recovery, entry, self.today, TAGS, self.facts))

    def noon(self) -> Course:
        """Let noon come."""
        return self.take(engine.evaluate(self.ladder, self.recovery, self.today, self.facts))

    def say(self, words: str) -> Course:
        """Say something: ``picks daily_walks``, ``provider sets walk_run``, ``cleared to steady``, ``flare on``."""
        *verb, last = words.split()
        known: dict[str, Said] = {
            "picks": StagePicked(last),
            "provider sets": StagePicked(last, provider=True),
            "cleared to": LockCleared(self.today, last),
            "flare": FlareTold(last == "on"),
        }
        return self.tell(known[" ".join(verb)])

    def tell(self, said: Said) -> Course:
        """Say something that has no words here."""
        return self.take(engine.tell(self.ladder, self.recovery, said, self.today, self.facts))

    def answer(self, *, yes: bool, stage: str | None = None) -> Course:
        """Answer the offer."""
        return self.take(engine.answer_offer(self.ladder, self.recovery, self.today, yes=yes, stage=stage))

    def compare(self, compared: str) -> Course:
        """Answer how active the time away was."""
        return self.take(checkins.compare(self.ladder, self.recovery, compared, self.today, self.facts))

    def do(self, done: Activity, day: int | None = None) -> Course:
        """Log what was done on a day, today unless told otherwise."""
        on = D0 + (self.day if day is None else day) * ONE_DAY
        return self.take(checkins.log(self.ladder, self.recovery, done, on, self.today, self.facts))

    def wait(self, days: int) -> Course:
        """Let days go by on which the program does not run."""
        self.day += days
        return self

    def pause(self, first: int, last: int) -> Course:
        """Pause for these days."""
        return self.take(timing.pause(self.recovery, D0 + first * ONE_DAY, D0 + last * ONE_DAY))

    def take(self, outcome: Recovery | Refusal) -> Course:
        """Take in what came of a step, and note a new decision; a refusal changes nothing."""
        if isinstance(outcome, Refusal):
            self.refusal = outcome
            return self
        self.refusal = None
        if self.snapshots:
            text = CODEC.dump(outcome)
            assert CODEC.load(text) == outcome
            assert CODEC.dump(CODEC.load(text)) == text
        before, self.recovery = self.recovery, outcome
        if self.decision is not None and self.decision is not before.standing.decision:
            self.log.append((self.day, self.decision))
        return self

    def know(self, **facts: object) -> Course:
        """Let the run planner know something."""
        self.facts = replace(self.facts, **facts)  # type: ignore[arg-type]
        return self

    # --- What became of it -------------------------------------------------------------------------------------------

    @property
    def standing(self) -> Standing:
        """Where the person stands."""
        return self.recovery.standing

    @property
    def stage(self) -> str:
        """The stage."""
        return self.standing.stage

    @property
    def decision(self) -> Decision | None:
        """The last decision."""
        return self.standing.decision

    @property
    def rule(self) -> str:
        """The rule of the last decision."""
        assert self.decision is not None
        return self.decision.rule

    @property
    def lacks(self) -> list[str]:
        """What the last decision says is missing or asked."""
        assert self.decision is not None
        return [lack.key for lack in self.decision.lacks]

    def events_of(self, *names: str) -> list[str]:
        """Return the decisions of these names, each with its day."""
        return [f"d{day} {NAMES[made.did]}" for day, made in self.log if NAMES[made.did] in names]

    @property
    def events(self) -> list[str]:
        """The decisions that are more than staying put, each with its day; an offer counts when it is answered."""
        return self.events_of(*(name for name in NAMES.values() if name[0].isupper() and name != "OFFER"))

    def lock(self) -> Tier | None:
        """The tier of the lock that is on."""
        return None if self.standing.lock is None else self.standing.lock.tier

    def flare(self) -> bool:
        """Whether a flare is on."""
        return self.standing.flare is not None

    def offer(self) -> str | None:
        """The stage that is on offer."""
        return None if self.standing.offer is None else self.standing.offer.stage

    def seen(self) -> Seen:
        """The values that the last decision saw."""
        assert self.decision is not None
        return self.decision.seen

    def refused(self) -> str | None:
        """Why the last step was refused."""
        return None if self.refusal is None else self.refusal.key

    @property
    def banners(self) -> tuple[str, ...]:
        """The banners of the last decision."""
        assert self.decision is not None
        return self.decision.banners

    @property
    def tags(self) -> frozenset[str]:
        """What to spare today."""
        return diary.tags_on(self.recovery.days, self.today)
