"""The safety lists: which answers lock, how hard, and when to ask again.

Item n of a list is named ``E<n>`` (emergency) or ``U<n>`` (urgent); the sentences are in the language files. The lists
follow the features of cauda equina syndrome, fracture, malignancy and infection in the IFOMPT framework (Finucane 2020)
and public advice lists; no clinician has reviewed them. Four of five people in primary care have at least one such
feature and one in a hundred a serious disease (Henschke 2009): hence two tiers and calm words.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from nudger.core.recovery.course import Recovery, SafetyLock, Standing, Tier
from nudger.core.recovery.told import Refusal, SafetyAnswer

ITEMS: Final[Mapping[str, Tier]] = MappingProxyType(
    {f"E{n}": Tier.EMERGENCY for n in range(1, 8)} | {f"U{n}": Tier.URGENT for n in range(1, 10)}
)
BACKGROUND: Final = frozenset({"U3", "U5", "U6"})
"""Past cancer, fragile bones or long steroid use, weak immunity: asked at intake only, and no lock for somebody who has
spoken with a health provider about this back pain."""

ASK_AGAIN: Final = timedelta(hours=24)
ASK_WEEKLY: Final = timedelta(days=7)
LEG: Final = "leg_symptoms"


def fault(answers: Collection[SafetyAnswer], today: date) -> Refusal | None:
    """Return why these answers cannot be taken; None where they can."""
    for answer in answers:
        if answer.item not in ITEMS:
            return Refusal("unknown_safety_item", {"value": answer.item, "names": ", ".join(ITEMS)})
        if answer.seen_on is not None and answer.seen_on > today:
            return Refusal("seen_in_future", {"value": answer.seen_on})
    return None


def locking(answers: Collection[SafetyAnswer], *, seen: bool) -> frozenset[str]:
    """Return the items that lock: new or worse, or known but without a day on which it was seen about.

    ``seen`` says that the person has spoken with a provider about this back pain: background items then lock nobody.
    """
    return frozenset(
        answer.item for answer in answers if answer.seen_on is None and not (seen and answer.item in BACKGROUND)
    )


def gravest(items: Collection[str]) -> Tier:
    """Return the gravest tier of the items, of which there is at least one."""
    return Tier.EMERGENCY if any(ITEMS[item] is Tier.EMERGENCY for item in items) else Tier.URGENT


def held_back(lock: SafetyLock) -> Refusal:
    """Return why nothing moves during that lock: an emergency is not spoken of as something that can wait."""
    return Refusal("locked_red") if lock.tier is Tier.EMERGENCY else Refusal("locked")


def locked(standing: Standing, items: frozenset[str], today: date) -> SafetyLock:
    """Return the lock after these answers: on top of one that is on already, and never a milder one."""
    before = standing.lock
    if before is not None:
        items |= before.items
    return SafetyLock(gravest(items), items, first=before.first if before else today, latest=today)


# --- When to ask -----------------------------------------------------------------------------------------------------


def question(recovery: Recovery, now: datetime, *, evening: bool = False) -> str | None:
    """Return why "anything new or worse from the list?" is to be asked now; None where it is not.

    It is due after something that happened (see `due`), and weekly inside the ``evening`` check-in; at most once in
    24 h. ``now`` is aware UTC.
    """
    asked = recovery.safety_asked
    if asked is not None and now - asked < ASK_AGAIN:
        return None
    if recovery.safety_due is not None:
        return recovery.safety_due
    return "weekly" if evening and (asked is None or now - asked >= ASK_WEEKLY) else None


def due(recovery: Recovery, reason: str) -> Recovery:
    """Let the list be asked for that reason: flare, leg, high, return, red_run or spreading."""
    return replace(recovery, safety_due=reason)


def asked(recovery: Recovery, now: datetime) -> Recovery:
    """Note that the list was shown, or answered unasked, at ``now`` (aware UTC)."""
    return replace(recovery, safety_asked=now)


def answered(recovery: Recovery) -> Recovery:
    """Note that the list was answered: what it was due for is settled."""
    return replace(recovery, safety_due=None)
