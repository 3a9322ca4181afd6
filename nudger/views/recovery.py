"""What the recovery engine says to a person: why it decided, what came of it, what today asks for, what it asks.

A sentence lies in the texts as ``<view>.<what was done>``, with ``.<rule>`` or ``.<variant>`` where that is not enough.
`outcome` may be shown where others can read it and names no score and nothing that was ticked; `explain` names scores.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nudger.core.ladder import Ladder
from nudger.core.recovery import climbs, engine, lacks, rules, safety, values, view
from nudger.core.recovery.course import Decision, Did, Recovery, SafetyLock, Seen, Tier
from nudger.core.recovery.diary import day_of
from nudger.core.recovery.goals import Goal
from nudger.core.recovery.told import Facts, Refusal, StagePicked
from nudger.core.recovery.view import View
from nudger.library import Language
from nudger.views.phrases import join, missing, questions, say, ways_to_log

_LED_DOWN: Final = frozenset({Did.BACKED_OFF, Did.RETURNED, Did.FLARE_ENDED})
"""What may have led a person down without their asking."""
_WAITING: Final = frozenset({Did.HELD, Did.HELD_MISSING, Did.PLAN_KEPT, Did.FLARE_STAYED})
"""What comes at noon of a day without a score."""
_UNDECIDED: Final = frozenset({Did.OFFERED})
"""What waits for an answer: whether the stage stays is not said yet."""
_DEMANDING: Final = frozenset({"strength", "run"})

# --- Why --------------------------------------------------------------------------------------------------------------


def explain(decision: Decision, language: Language) -> str:
    """Return one paragraph: the rule and its day, what it saw, what changed, and what is missing or asked."""
    told = say(language, f"explain.{_reason(decision)}", _grounds(decision, language))
    head = "explain.intake" if decision.rule == "intake" else "explain.rule"
    sentences = [say(language, head, {"rule": decision.rule, "date": decision.day, "value": told})]
    if decision.did not in _UNDECIDED:
        moved = "explain.kept" if decision.before == decision.after else "explain.moved"
        sentences.append(say(language, moved, {"before": decision.before, "after": decision.after}))
    return " ".join([*sentences, *_missing(decision, language), *questions(decision.lacks, language)])


def _reason(decision: Decision) -> str:
    did, seen = decision.did, decision.seen
    match did:
        case Did.BACKED_OFF | Did.OFFERED:
            return f"{did}.{decision.rule}"
        case Did.FLARE_ON:
            return f"{did}.{_flare_reason(seen)}"
        case Did.HELD if seen.score is None:
            return f"{did}.paused"
        case _:
            return did


def _flare_reason(seen: Seen) -> str:
    """Tell whether the scores alone make a flare of it; else the person said so."""
    if seen.score is None or seen.baseline is None:
        return "told"
    rise = seen.score - seen.baseline
    if seen.impact is True and rise >= rules.FLARE_RISE:
        return "impact"
    return "rise" if seen.impact is None and rise >= rules.FLARE_RISE_UNANSWERED else "told"


def _grounds(decision: Decision, language: Language) -> dict[str, object]:
    """Return everything that a sentence of `explain` may name."""
    seen, limit = decision.seen, decision.limit
    if decision.did is Did.FLARE_STAYED:
        limit = values.CALM_UNKNOWN if limit is None else limit + values.CALM_RISE
    scores = say(
        language,
        f"explain.scores.{len(seen.scores)}",
        {"names": join(language, seen.scores, "and") if seen.scores else ""},
    )
    return {
        "scores": scores,
        "score": seen.score,
        "usual": seen.usual_down,
        "baseline": seen.baseline,
        "limit": limit,
        "count": rules.FLARE_RISE if seen.impact is True else rules.FLARE_RISE_UNANSWERED,
        "days": climbs.DECLINED_DAYS if decision.did is Did.DECLINED else view.COOL_DAYS,
    }


def _missing(decision: Decision, language: Language) -> list[str]:
    """Say what is missing for the next stage, where a score or the rest of it could have led there."""
    phrases = missing(decision.lacks, language)
    if not phrases or decision.seen.score is None:
        return []
    return [say(language, "lack.list", {"names": "; ".join(phrases)})]


# --- What came of it --------------------------------------------------------------------------------------------------


def outcome(ladder: Ladder, recovery: Recovery, language: Language, facts: Facts = engine.NOTHING) -> str:
    """Return the note on the latest decision, one line for each thing to say; "" where silence is kinder.

    During a lock it is the lock's message and nothing else. A missing day is mentioned once, on the second in a row.
    """
    standing, decision = recovery.standing, recovery.standing.decision
    if standing.lock is not None:
        return lock_message(standing.lock, language)
    if decision is None:
        return ""
    offered = {} if standing.offer is None else {"stage": standing.offer.stage}
    key = _note(ladder, recovery, decision, facts)
    lines = [] if key is None else [say(language, f"outcome.{key}", {"stage": decision.after} | offered)]
    if found := _missing(decision, language):
        lines.append(" ".join([*found, *ways_to_log(decision.lacks, language)]))
    lines += _undo(ladder, recovery, decision, language, facts)
    lines += questions(decision.lacks, language)
    lines += [language.texts[f"banner.{banner}"] for banner in decision.banners]
    return "\n".join(lines)


def lock_message(lock: SafetyLock, language: Language) -> str:
    """Return what to do about a lock: S1 for a red one, S2 for an amber one. What was ticked is not named."""
    return language.texts["safety.S1" if lock.tier is Tier.EMERGENCY else "safety.S2"]


def _note(ladder: Ladder, recovery: Recovery, decision: Decision, facts: Facts) -> str | None:
    did = decision.did
    if did in _WAITING and decision.seen.score is None:
        today = View(recovery, decision.day, False, ladder, facts)
        is_second = today.is_missing and today.missing_days + 1 == values.RESTRAINED_FROM
        return "no_score" if is_second else None
    return f"{did}.{decision.rule}" if did in {Did.BACKED_OFF, Did.OFFERED} else did


def _undo(ladder: Ladder, recovery: Recovery, decision: Decision, language: Language, facts: Facts) -> list[str]:
    """Mention the way back to the stage of this morning, where the rules would allow it now."""
    change = recovery.standing.change
    if decision.did not in _LED_DOWN or decision.before == decision.after or change is None:
        return []
    back = engine.tell(ladder, recovery, StagePicked(change.undo), decision.day, facts)
    return [] if isinstance(back, Refusal) else [say(language, "outcome.undo", {"stage": change.undo})]


def refused(refusal: Refusal, language: Language) -> str:
    """Return why something was not taken in."""
    return say(language, f"refuse.{refusal.key}", refusal.data)


# --- What today asks for ----------------------------------------------------------------------------------------------


def goals_line(today: View, language: Language) -> str:
    """Return today's goals with what was done towards them; "" during a lock and where there are none.

    After two missing days strength and runs are left out of it, until there is a score again.
    """
    if today.standing.lock is not None:
        return ""
    if today.standing.flare is not None:
        return language.texts["goals.flare"]
    groups = [
        [goal for goal in group if not (today.restrained and goal.key in _DEMANDING)]
        for group in lacks.goals_today(today)
    ]
    if not groups:
        return ""
    none_due = not day_of(today.recovery.days, today.today).activity.windows
    names = [join(language, [_goal(goal, language, none_due=none_due) for goal in group], "or") for group in groups]
    return say(language, "goals.today", {"names": "; ".join(names)})


def _goal(goal: Goal, language: Language, *, none_due: bool) -> str:
    """Return a goal, ticked once it is met; that of the breaks has neither a share nor a tick before one was due."""
    open_yet = goal.key == "windows" and none_due
    text = say(language, f"goal.{goal.key}{'.none' if open_yet else ''}", {"have": goal.have, "want": goal.want})
    return say(language, "goals.met", {"value": text}) if goal.met and not open_yet else text


# --- The safety lists -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SafetyItem:
    """One item of the safety lists, as a person reads it."""

    id: str
    tier: Tier
    sentence: str


def safety_items(language: Language, *, intake: bool) -> tuple[SafetyItem, ...]:
    """Return the safety lists, emergencies first; what lies in the past is asked at the ``intake`` only."""
    return tuple(
        SafetyItem(item, tier, language.texts[f"safety.{item}"])
        for item, tier in safety.ITEMS.items()
        if intake or item not in safety.BACKGROUND
    )


def safety_question(reason: str, language: Language) -> str:
    """Return the question that opens the list, with the reason that `safety.question` of the core gave for it."""
    return f"{language.texts[f'safety.because.{reason}']} {language.texts['safety.question']}"
