"""Taking in what a person tells of a day: check-ins, and what they did.

Today and yesterday can be told of, and told of again: a corrected score is judged anew.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Final

from nudger.core.ladder import Ladder
from nudger.core.recovery import diary, engine, safety
from nudger.core.recovery.course import Did, Recovery
from nudger.core.recovery.diary import ONE_DAY, Activity, Score, day_of, is_score, with_day
from nudger.core.recovery.told import COMPARED, EVENING, MORNING, Entry, Facts, Refusal, SafetyAnswer, SafetyTold
from nudger.core.recovery.view import View

MOST_MINUTES: Final = 24 * 60
MOST_OF_A_KIND: Final = 50
"""More chores or sets in one go are a slip of the pen."""


def check_in(
    ladder: Ladder, recovery: Recovery, entry: Entry, today: date, tags: Collection[str], facts: Facts = engine.NOTHING
) -> Recovery | Refusal:
    """Take in a check-in. ``tags`` are all there are.

    Safety answers that lock do so at once. The morning's score brings the daily evaluation; one that reaches an
    evaluation which is over (the evening before, told late, or a correction) is judged anew.
    """
    today = engine.newest(recovery, today)
    refusal = _fault(entry, today, tags) or safety.fault(entry.safety or (), today)
    if refusal is not None:
        return refusal
    recovery = _record(recovery, entry)
    said = _locking(recovery, entry.safety or ())
    evaluated = recovery.standing.evaluated
    if (entry.when, entry.day) == (MORNING, today) and evaluated != today:
        return engine.judge(View(recovery, today, True, ladder, facts, said))
    if said is not None:
        return engine.tell(ladder, recovery, said, today, facts)
    judged = entry.day if entry.when == MORNING else entry.day + ONE_DAY
    if evaluated is not None and judged <= evaluated:
        return engine.judge_anew(ladder, recovery, facts)
    return recovery


def answer_safety(
    ladder: Ladder, recovery: Recovery, answers: Collection[SafetyAnswer], today: date
) -> Recovery | Refusal:
    """Take the answers to the safety list outside a check-in; none means "nothing new"."""
    refusal = safety.fault(answers, engine.newest(recovery, today))
    if refusal is not None:
        return refusal
    recovery = safety.answered(recovery)
    said = _locking(recovery, answers)
    return recovery if said is None else engine.tell(ladder, recovery, said, today)


def _locking(recovery: Recovery, answers: Collection[SafetyAnswer]) -> SafetyTold | None:
    items = safety.locking(answers, seen=recovery.seen)
    return SafetyTold(items) if items else None


def _fault(entry: Entry, today: date, tags: Collection[str]) -> Refusal | None:
    if not is_score(entry.pain):
        return Refusal("bad_score", {"value": entry.pain})
    if entry.when not in {MORNING, EVENING}:
        return Refusal("bad_when", {"value": entry.when})
    if not isinstance(entry.impact, bool | None):
        return Refusal("bad_impact", {"value": entry.impact})
    if entry.compared is not None and entry.compared not in COMPARED:
        return Refusal("bad_compared", {"value": entry.compared, "names": ", ".join(COMPARED)})
    for tag in sorted(entry.tags or ()):
        if tag not in tags:
            return Refusal("unknown_tag", {"value": tag, "names": ", ".join(sorted(tags))})
    return _day_fault(entry.day, today)


def _day_fault(day: date, today: date) -> Refusal | None:
    if day > today:
        return Refusal("day_in_future", {"value": day, "day": today})
    if day < today - ONE_DAY:
        return Refusal("day_too_old", {"value": day, "day": today - ONE_DAY})
    return None


def _record(recovery: Recovery, entry: Entry) -> Recovery:
    day = day_of(recovery.days, entry.day)
    score = Score(entry.pain, entry.impact)
    tags = day.tags if entry.tags is None else entry.tags
    leg_before = safety.LEG in day.tags | day_of(recovery.days, day.on - ONE_DAY).tags
    day = replace(day, tags=tags, compared=entry.compared or day.compared)
    day = replace(day, morning=score) if entry.when == MORNING else replace(day, evening=score)
    recovery = replace(recovery, days=with_day(recovery.days, day))
    if recovery.began is None:
        recovery = replace(recovery, began=entry.day, began_at=entry.pain)
    if entry.safety is not None:
        return safety.answered(recovery)
    return safety.due(recovery, "leg") if safety.LEG in tags and not leg_before else recovery


def compare(
    ladder: Ladder, recovery: Recovery, compared: str, today: date, facts: Facts = engine.NOTHING
) -> Recovery | Refusal:
    """Take the answer to R6's question how active the time away was, and judge the day of the return anew."""
    decision = recovery.standing.decision
    if compared not in COMPARED:
        return Refusal("bad_compared", {"value": compared, "names": ", ".join(COMPARED)})
    if decision is None or decision.did is not Did.RETURNED or decision.day != engine.newest(recovery, today):
        return Refusal("nothing_asked")
    day = replace(day_of(recovery.days, decision.day), compared=compared)
    return engine.judge_anew(ladder, replace(recovery, days=with_day(recovery.days, day)), facts)


def log(
    ladder: Ladder, recovery: Recovery, done: Activity, day: date, today: date, facts: Facts = engine.NOTHING
) -> Recovery | Refusal:
    """Add what was done on a day, or seen of it. What is told of yesterday is judged anew, today counts tomorrow."""
    today = engine.newest(recovery, today)
    refusal = _day_fault(day, today) or _doings_fault(done)
    if refusal is not None:
        return refusal
    held = day_of(recovery.days, day)
    recovery = replace(recovery, days=with_day(recovery.days, replace(held, activity=diary.add(held.activity, done))))
    evaluated = recovery.standing.evaluated
    return engine.judge_anew(ladder, recovery, facts) if evaluated is not None and day < evaluated else recovery


def _doings_fault(done: Activity) -> Refusal | None:
    for walk in done.walks:
        if not 0 < walk.minutes <= MOST_MINUTES:
            return Refusal("bad_minutes", {"value": walk.minutes, "most": MOST_MINUTES})
        if walk.pain is not None and not is_score(walk.pain):
            return Refusal("bad_score", {"value": walk.pain})
        if walk.rise is not None and not is_score(abs(walk.rise)):
            return Refusal("bad_rise", {"value": walk.rise})
    for number in (done.chores, done.mobility, done.strength):
        if not 0 <= number <= MOST_OF_A_KIND:
            return Refusal("bad_count", {"value": number, "most": MOST_OF_A_KIND})
    return None
