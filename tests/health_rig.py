"""What somebody told about their back, in one line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from nudger.core.recovery.course import Flare, Recovery, SafetyLock, Standing, Tier
from nudger.core.state import Health, Wishes
from nudger.core.words import Lock

A_DAY = date(2026, 11, 22)


def health(
    stage: str = "daily_walks",
    *,
    flare: bool = False,
    lock: Lock | None = None,
    tags: Iterable[str] = (),
    on: date = A_DAY,
) -> Health:
    """Return the health of somebody at that stage, who has told nothing else."""
    tier = Tier.EMERGENCY if lock is Lock.RED else Tier.URGENT
    standing = Standing(
        stage,
        since=on,
        flare=Flare(on, None) if flare else None,
        lock=None if lock is None else SafetyLock(tier, frozenset(), first=on, latest=on),
    )
    return Health(Recovery(standing), wishes=Wishes(contraindications=frozenset(tags)))
