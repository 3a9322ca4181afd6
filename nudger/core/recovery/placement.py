"""Places on the ladder: the one above, the one below, and the one to start at.

The starting stage is the lower of what the pain and what the body's doings allow; all cut-offs are our own choice.
Nobody is placed at `walk_run` or above by answering questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from nudger.core.ladder import Ladder
from nudger.core.recovery import goals
from nudger.core.recovery.course import BUILD_STRENGTH, DAILY_WALKS, EASY_MOBILITY, GENTLE_START, WALK_RUN
from nudger.core.recovery.diary import ONE_DAY, Day, day_of

BY_PAIN: Final = (
    # worst score of the last 24 h: at least this, stage
    (6, GENTLE_START),
    (5, DAILY_WALKS),
    (4, EASY_MOBILITY),
    (0, BUILD_STRENGTH),
)


def by_pain(worst: int) -> str:
    """Return the stage for the worst score of the last 24 hours."""
    return next(stage for least, stage in BY_PAIN if worst >= least)


def by_function(*, walks_5_min: bool, walks: bool, mobility: bool) -> str:
    """Return the highest stage that function allows.

    ``walks_5_min``: can walk 5 minutes without a rise of 2 or more. ``walks``: 10 minutes or more on 2 of the last 3
    days. ``mobility``: some gentle mobility in the last 3 days.
    """
    if not walks_5_min:
        return GENTLE_START
    if not walks:
        return DAILY_WALKS
    if not mobility:
        return EASY_MOBILITY
    return BUILD_STRENGTH


def by_diary(days: Sequence[Day], today: date) -> str:
    """Return what function allows as far as the last 3 days tell, for somebody who was not asked."""
    doings = [day_of(days, today - n * ONE_DAY).activity for n in (1, 2, 3)]
    rises = [walk.rise for done in doings for walk in done.walks if walk.rise is not None]
    return by_function(
        walks_5_min=all(rise < goals.RISE for rise in rises),
        walks=goals.walking_days(days, today) >= 2,
        mobility=any(done.mobility for done in doings),
    )


def rung(ladder: Ladder, stage: str) -> int:
    """Return the stage's place on the ladder, 0 for the lowest."""
    return [each.id for each in ladder.stages].index(stage)


def lowest(ladder: Ladder, *stages: str) -> str:
    """Return the lowest of the stages."""
    return min(stages, key=lambda stage: rung(ladder, stage))


def one_lower(ladder: Ladder, stage: str, running_goal: bool | None) -> str:
    """Return the stage below; from the lowest, itself. Nobody is led down to `walk_run` without a running goal."""
    ids = _ids(ladder, stage, running=running_goal is True)
    return ids[max(0, ids.index(stage) - 1)]


def one_higher(ladder: Ladder, stage: str, running_goal: bool | None) -> str:
    """Return the stage above; from the top, itself. Who does not want to run skips `walk_run`."""
    ids = _ids(ladder, stage, running=running_goal is not False)
    return ids[min(len(ids) - 1, ids.index(stage) + 1)]


def _ids(ladder: Ladder, stage: str, *, running: bool) -> list[str]:
    """Return the ids of the stages there are for this person, the present one in any case."""
    return [each.id for each in ladder.stages if running or each.id != WALK_RUN or each.id == stage]
