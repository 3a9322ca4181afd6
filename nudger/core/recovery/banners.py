"""The soft banners N1-N6: "a check-in with a health provider is worthwhile". They lock nothing and move nobody.

Each is shown at most once in 14 days (our choice), after the daily evaluation, and none during a lock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from nudger.core.recovery.course import STEADY
from nudger.core.recovery.diary import BASELINE_LEAST, ONE_DAY, Spell, day_of, in_last, median
from nudger.core.recovery.lacks import RED_RUNS
from nudger.core.recovery.moves import FLARE_LONG_DAYS, Verdict
from nudger.core.recovery.view import View

AGAIN: Final = timedelta(days=14)

SEVERE: Final = 7
SEVERE_DAYS: Final = 7

SIX_WEEKS: Final = timedelta(weeks=6)
IMPROVED_POINTS: Final = 2
IMPROVED_PERCENT: Final = 30
"""2 points or 30 % is the smallest change that matters (Ostelo 2008); acute back pain eases most in its first six weeks
(Menezes Costa 2012)."""
STILL_HIGH: Final = 4
STILL_DAYS: Final = 14

FLARES: Final = 3
FLARES_DAYS: Final = 28

FREE_DAYS: Final = 30
FREE_OBSERVED: Final = 15
FREE_SCORE: Final = 1
EPISODE_SCORE: Final = 2


@dataclass(frozen=True, slots=True)
class Banner:
    """One row: its id, and whether it is due after an evaluation that came out like that."""

    id: str
    due: Callable[[View, Verdict], bool]


def _severe(view: View, _: Verdict) -> bool:
    """P at 7 or above on 7 observed days in a row."""
    last = [*view.scores.values()][-SEVERE_DAYS:]
    return view.observed and len(last) == SEVERE_DAYS and min(last) >= SEVERE


def _no_better(view: View, _: Verdict) -> bool:
    """Six weeks in, no improvement of 2 points or 30 %, and a 14-day median of 4 or above."""
    began, at = view.recovery.began, view.recovery.began_at
    scores = [score for day, score in view.scores.items() if in_last(STILL_DAYS, day, view.today)]
    if began is None or at is None or view.today - began < SIX_WEEKS or len(scores) < BASELINE_LEAST:
        return False
    better = at - median(scores)
    improved = better >= IMPROVED_POINTS or better * 100 >= at * IMPROVED_PERCENT
    return median(scores) >= STILL_HIGH and not improved


def _long_flare(view: View, verdict: Verdict) -> bool:
    """The flare has reached day 8; the day it began is day 1."""
    flare = verdict.standing.flare
    return flare is not None and view.today - flare.since >= (FLARE_LONG_DAYS - 1) * ONE_DAY


def _red_runs(view: View, _: Verdict) -> bool:
    """Two red runs in 14 days."""
    return view.red_runs >= RED_RUNS


def _plateau(_: View, verdict: Verdict) -> bool:
    """A step of R13 is on offer."""
    offer = verdict.standing.offer
    return offer is not None and offer.rule == "R13"


def _many_flares(view: View, verdict: Verdict) -> bool:
    """Three flares in 28 days."""
    flare = verdict.standing.flare
    running = () if flare is None else (Spell(flare.since, view.today),)
    began = [spell.first for spell in (*verdict.standing.flares, *running)]
    return sum(in_last(FLARES_DAYS, day, view.today) for day in began) >= FLARES


BANNERS: Final = (
    Banner("N1", _severe),
    Banner("N2", _no_better),
    Banner("N3", _long_flare),
    Banner("N4", _red_runs),
    Banner("N5", _plateau),
    Banner("N6", _many_flares),
)


def due(view: View, verdict: Verdict) -> tuple[str, ...]:
    """Return the ids of the banners to show with the outcome of an evaluation."""
    if verdict.standing.lock is not None:
        return ()
    shown = view.recovery.banners
    return tuple(
        banner.id
        for banner in BANNERS
        if (banner.id not in shown or view.today - shown[banner.id] >= AGAIN) and banner.due(view, verdict)
    )


def new_episode(view: View) -> bool:
    """Tell whether "a new episode?" is to be asked, which leads to a new intake.

    At `steady`, after 30 days free of pain, a score of 2 or more in the evening and still in the morning after (after
    Stanton 2011; that half of those days are to have a score is our choice).
    """
    evening, morning = (
        day_of(view.recovery.days, view.today - ONE_DAY).evening,
        day_of(view.recovery.days, view.today).morning,
    )
    if view.stage.id != STEADY or evening is None or morning is None:
        return False
    free = [score for day, score in view.scores.items() if in_last(FREE_DAYS, day, view.today - ONE_DAY)]
    return min(evening.pain, morning.pain) >= EPISODE_SCORE and len(free) >= FREE_OBSERVED and max(free) <= FREE_SCORE
