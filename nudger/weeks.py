"""Weeks of a made-up course, lived through the engine: what the recovery rules and the run plan make of them.

Every day goes as the daemon would see it: the questions are asked and answered, a chair at a desk says when somebody
sits there, walks and runs are told of, and whatever the engine wants to do in between is done at the instant it asked
for. The same scenario gives the same records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from nudger.core import engine
from nudger.core.effects import Effect, Notify, RecordDecision
from nudger.core.events import (
    ActivityLogged,
    CheckedIn,
    Event,
    IntakeTaken,
    OfferAnswered,
    SessionTold,
    SignalChanged,
    Started,
    Ticked,
)
from nudger.core.policy import Policy, Questions, Signal
from nudger.core.recovery.course import Decision
from nudger.core.recovery.diary import NOTHING_DONE
from nudger.core.recovery.told import EVENING, MORNING, Entry, IntakeAnswers
from nudger.core.running import planner
from nudger.core.running.runs import SessionEntry
from nudger.core.running.steps import RUN, step
from nudger.core.words import Kind
from nudger.library import ORIGINAL, load_ladder, load_language
from nudger.made_up import Course, MadeUp
from nudger.views.course import day_record, decision_record, session_record, summary_record
from nudger.views.records import Record

FIRST_DAY: Final = date(2026, 1, 5)
"""A Monday. The clocks of these weeks show UTC."""
MOST_WEEKS: Final = 52

ASKED_AT: Final = time(8)
WORK: Final = (time(9), time(13, 30))
"""Half a day at the desk, on five days a week: enough for a day to count towards its goals."""
DOINGS_AT: Final = time(17)
ASKED_AGAIN_AT: Final = time(20, 30)
ANSWERED_AFTER: Final = timedelta(minutes=5)
REACTS_AFTER: Final = timedelta(seconds=60)
SITS_AT_MOST: Final = timedelta(minutes=45)
UP_FOR: Final = timedelta(minutes=3)

_CHAIR: Final = Signal("chair", Kind.SEAT)


@dataclass(frozen=True, slots=True)
class Weeks:
    """What to live through. Raises ValueError, in words for whoever asked, for what cannot be."""

    course: Course = Course.FAST
    weeks: int = 12
    seed: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.weeks <= MOST_WEEKS:
            raise ValueError(f"there must be between 1 and {MOST_WEEKS} weeks")


def live_through(scenario: Weeks) -> list[Record]:
    """Return the days of the course, each followed by its decisions and its run, and a summary at the end."""
    life = _Life(scenario)
    for number in range(7 * scenario.weeks):
        life.live(number)
    return list(life.records())


class _Life:
    """One person, their engine and their clock."""

    def __init__(self, scenario: Weeks) -> None:
        self._scenario = scenario
        self._person = MadeUp(scenario.course, scenario.seed)
        self._policy = _policy()
        self._now = _at(FIRST_DAY, time(7, 55))
        self._state = engine.first_state(self._policy, self._now, scenario.seed)
        self._asked: frozenset[str] = frozenset()
        self._decisions: list[Decision] = []
        self._days: list[Record] = []
        self._tell(Started())

    def records(self) -> Iterator[Record]:
        """Yield everything in the order of the days."""
        runs = {run.day: run for run in self._state.health.runs}
        told = []
        for number, day in enumerate(self._days):
            on = FIRST_DAY + timedelta(days=number)
            told.append(day)
            told += [decision_record(made, number + 1) for made in self._decisions if made.day == on]
            if on in runs:
                told.append(session_record(runs[on], number + 1))
        yield from told
        yield summary_record(told, str(self._scenario.course), self._scenario.seed)

    def live(self, number: int) -> None:
        """Let a day go by."""
        today = FIRST_DAY + timedelta(days=number)
        self._person.wake(number)
        if number == 0:
            self._take_intake()
        self._check_in(MORNING, _at(today, ASKED_AT) + ANSWERED_AFTER)
        self._answer_offer()
        if today.weekday() < 5:
            self._work(*(_at(today, edge) for edge in WORK))
        self._pass_time(_at(today, DOINGS_AT))
        self._answer_offer()  # an evening's score alone is judged at noon
        self._move_about(today)
        self._check_in(EVENING, _at(today, ASKED_AGAIN_AT) + ANSWERED_AFTER)
        self._days.append(day_record(self._state, today, number + 1))

    # --- What the person tells ---------------------------------------------------------------------------------------

    def _take_intake(self) -> None:
        worst = self._person.hurts()
        answers = IntakeAnswers(
            worst, walks_5_min=worst <= 5, walks=False, mobility=False, seen=True, running_goal=True
        )
        self._tell(IntakeTaken(answers, publish_health=False))

    def _check_in(self, when: str, at: datetime) -> None:
        self._pass_time(at)
        score = self._person.answer()
        if score is None:
            return
        impact = score.impact if when == EVENING else None
        self._tell(CheckedIn(Entry(at.date(), when, score.pain, impact, safety=())))

    def _answer_offer(self) -> None:
        offer = self._state.recovery.standing.offer
        if offer is not None:
            self._tell(OfferAnswered(self._person.agrees(), offer.stage))

    def _move_about(self, today: date) -> None:
        health = self._state.health
        proposal = planner.next_session(health.plan, health.runs, health.recovery, today)
        due = proposal is not None and proposal.kind == RUN and proposal.day == today
        if proposal is not None and due and self._person.agrees():
            effort = self._person.run(step(proposal.step).total)
            self._tell(
                SessionTold(
                    SessionEntry(
                        today,
                        proposal.step,
                        pre=effort.before,
                        during=effort.during,
                        limb=effort.limb,
                        completed=effort.completed,
                        stopped_pain=False,
                        spreading=False,
                        feel=effort.feel,
                    )
                )
            )
            return
        done = self._person.doings(self._state.stage, today.weekday())
        if done != NOTHING_DONE:
            self._tell(ActivityLogged(done))

    # --- At the desk -------------------------------------------------------------------------------------------------

    def _work(self, start: datetime, end: datetime) -> None:
        """Sit, and get up when asked to or by oneself."""
        self._pass_time(start)
        while self._now < end:
            self._tell(SignalChanged(_CHAIR.name, on=True))
            if self._pass_time(min(end, self._now + SITS_AT_MOST), to_prompt=True) and self._person.agrees():
                self._pass_time(self._now + REACTS_AFTER)
            else:
                self._pass_time(min(end, self._now + SITS_AT_MOST / 3))
            self._tell(SignalChanged(_CHAIR.name, on=False))
            self._pass_time(self._now + UP_FOR)

    # --- Time --------------------------------------------------------------------------------------------------------

    def _pass_time(self, until: datetime, *, to_prompt: bool = False) -> bool:
        """Let time pass, the engine deciding whenever it asked to; ``to_prompt`` stops at the first prompt, if any."""
        while (due := engine.next_wakeup(self._policy, self._state, self._now)) is not None and due <= until:
            self._now = due
            if any(isinstance(effect, Notify) for effect in self._tell(Ticked())) and to_prompt:
                return True
        self._now = until
        return False

    def _tell(self, event: Event) -> Iterable[Effect]:
        self._state, effects = engine.decide(self._policy, self._state, event, self._now)
        self._decisions += [effect.decision for effect in effects if isinstance(effect, RecordDecision)]
        return effects


def _policy() -> Policy:
    return Policy(
        person="you",
        ladder=load_ladder(),
        library=load_language(ORIGINAL).prompts,
        zone=UTC,
        signals=(_CHAIR,),
        questions=Questions(wanted=True, morning=_of_day(ASKED_AT), evening=_of_day(ASKED_AGAIN_AT)),
    )


def _of_day(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute)


def _at(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=UTC)
