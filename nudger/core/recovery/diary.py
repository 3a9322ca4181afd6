"""What a person told day by day, and the values read from it.

A day is the person's own: it starts at 04:00 local time. Scores are whole numbers from 0 (no pain) to 10. "In the last
n days" means the n calendar days that end with the day in question.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, TypeGuard

from nudger.core.recovery.told import MORNING

ONE_DAY: Final = timedelta(days=1)
KEPT_DAYS: Final = 42
"""No rule looks back further: six weeks."""

RECENT_DAYS: Final = 5
USUAL_OF: Final = 3
"""The usual score P3 is the median of the last three observed scores within the last five days. Our choice: long enough
for one bad day not to decide, short enough to answer within two."""

PAIN_TAGS: Final = MappingProxyType({"pain_over_2": 2, "pain_over_4": 4})

BASELINE_DAYS: Final = 14
BASELINE_LEAST: Final = 3


@dataclass(frozen=True, slots=True)
class Score:
    """One answer, 0-10. ``impact``: was it hard to bear or did it stop the usual things; None is unanswered."""

    pain: int
    impact: bool | None = None


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk. ``pain`` is the worst back score on it, ``rise`` by how much the score rose; None where not told."""

    minutes: int
    brisk: bool = False
    pain: int | None = None
    rise: int | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """What was seen or told of one day's doings.

    ``windows`` are the prompt windows that came due, ``answered`` those with a break. ``mobility`` counts sets,
    ``comfortable`` those after which the person said that it stayed comfortable. ``strength`` counts sets.
    """

    monitored: timedelta = timedelta(0)
    windows: int = 0
    answered: int = 0
    chores: int = 0
    walks: tuple[Walk, ...] = ()
    mobility: int = 0
    comfortable: int = 0
    strength: int = 0
    run: bool = False

    @property
    def walking_min(self) -> int:
        """Minutes of walking in all."""
        return sum(walk.minutes for walk in self.walks)


NOTHING_DONE: Final = Activity()


@dataclass(frozen=True, slots=True)
class Day:
    """What one day held.

    ``morning`` is the pain on getting up, ``evening`` the worst of the day. ``tags`` are what to spare that day (the
    prompts' contraindications). ``compared`` tells how active the time away was: less, same or more than before.
    """

    on: date
    morning: Score | None = None
    evening: Score | None = None
    tags: frozenset[str] = frozenset()
    activity: Activity = NOTHING_DONE
    compared: str | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """Days in a row, both included: a flare or a lock that is over, a pause."""

    first: date
    last: date

    def covers(self, day: date) -> bool:
        """Tell whether the day is one of them."""
        return self.first <= day <= self.last


def is_score(value: object) -> TypeGuard[int]:
    """Tell whether the value is a score: a whole number from 0 to 10, no text and no truth value."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10


def day_of(days: Iterable[Day], day: date) -> Day:
    """Return what that day held; a day of which nothing was told is empty."""
    return next((entry for entry in days if entry.on == day), Day(day))


def with_day(days: Sequence[Day], changed: Day) -> tuple[Day, ...]:
    """Return the days with this one put in its place, less those that no rule looks at any more."""
    others = [day for day in days if day.on != changed.on]
    ordered = sorted([*others, changed], key=lambda day: day.on)
    return tuple(day for day in ordered if in_last(KEPT_DAYS, day.on, ordered[-1].on))


def add(first: Activity, more: Activity) -> Activity:
    """Return the doings of both."""
    return Activity(
        monitored=first.monitored + more.monitored,
        windows=first.windows + more.windows,
        answered=first.answered + more.answered,
        chores=first.chores + more.chores,
        walks=first.walks + more.walks,
        mobility=first.mobility + more.mobility,
        comfortable=first.comfortable + more.comfortable,
        strength=first.strength + more.strength,
        run=first.run or more.run,
    )


def tags_on(days: Sequence[Day], today: date) -> frozenset[str]:
    """Return what to spare today: as told today, or yesterday until today is told of; and what the last score adds.

    The tags ``pain_over_2`` and ``pain_over_4`` go with a last score of 3 and 5 or more, however old it is.
    """
    told = [(day, score) for day in days for score in (day.morning, day.evening) if score and day.on <= today]
    if not told:
        return frozenset()
    last, score = told[-1]
    sore = {tag for tag, over in PAIN_TAGS.items() if score.pain > over}
    return (last.tags if today - last.on <= ONE_DAY else frozenset()) | sore


def in_last(days: int, day: date, today: date) -> bool:
    """Tell whether the day is one of the last ``days`` days, today included."""
    return timedelta(0) <= today - day < timedelta(days=days)


def pains(days: Iterable[Day], today: date) -> Mapping[date, int]:
    """Return P, by day up to today: the higher of the evening before and the morning, or the one that exists.

    A day that is missing here is a missing day; the others are observed days. Oldest first.
    """
    found: dict[date, int] = {}
    for day in days:
        for of, score in ((day.on, day.morning), (day.on + ONE_DAY, day.evening)):
            if score is not None and of <= today:
                found[of] = max(score.pain, found.get(of, 0))
    return dict(sorted(found.items()))


def impact_of(days: Iterable[Day], day: date) -> bool | None:
    """Return the impact that goes with P of that day: a yes in either answer counts, else a no, else None."""
    known = tuple(days)
    scores = (day_of(known, day - ONE_DAY).evening, day_of(known, day).morning)
    said = [score.impact for score in scores if score is not None and score.impact is not None]
    return any(said) if said else None


def last_score(days: Iterable[Day], when: str, today: date) -> int | None:
    """Return the newest score of that half of a day within the last five days; None where there is none.

    Any older, and "the same as last time" would mean nothing to anybody.
    """
    told = [(day.on, day.morning if when == MORNING else day.evening) for day in days]
    recent_ones = [(on, score.pain) for on, score in told if score is not None and in_last(RECENT_DAYS, on, today)]
    return max(recent_ones)[1] if recent_ones else None


def recent(of: Mapping[date, int], today: date) -> tuple[int, ...]:
    """Return the scores that P3 and MX rest on: the last three observed within the last five days, oldest first."""
    return tuple(score for day, score in of.items() if in_last(RECENT_DAYS, day, today))[-USUAL_OF:]


def usual(scores: Sequence[int], *, up: bool) -> int | None:
    """Return P3, the usual score: the median of three.

    Of two it is the one that argues against moving: the higher when the question is to go ``up``, the lower when it is
    to go down. Of fewer there is none.
    """
    if len(scores) < 2:
        return None
    return sorted(scores)[1] if len(scores) == USUAL_OF else max(scores) if up else min(scores)


def median(scores: Sequence[int]) -> float:
    """Return the median of the scores, of which there is at least one."""
    ordered, half = sorted(scores), len(scores) // 2
    return (ordered[half] + ordered[-half - 1]) / 2


def baseline(of: Mapping[date, int], today: date, left_out: Iterable[Spell], intake: int | None) -> float | None:
    """Return B: the median of the 14 days before today, without flares and locks; of fewer than three, the intake's."""
    spells = tuple(left_out)
    scores = [
        score
        for day, score in of.items()
        if in_last(BASELINE_DAYS, day, today - ONE_DAY) and not any(spell.covers(day) for spell in spells)
    ]
    if len(scores) >= BASELINE_LEAST:
        return median(scores)
    return None if intake is None else float(intake)
