"""The rule table R1-R14. Read from the top: the first row that matches decides.

R1, R2, R3, R5, R7 and R11 act the moment something is said; what rests on scores waits for the daily evaluation, at the
morning check-in or at noon. At most one stage change a day, but a person may always step further down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nudger.core.recovery import climbs, lacks, moves
from nudger.core.recovery.course import WALK_RUN, Tier
from nudger.core.recovery.moves import Verdict
from nudger.core.recovery.safety import gravest
from nudger.core.recovery.view import View

RETURN_AFTER_DAYS: Final = 7
FLARE_RISE: Final = 2
FLARE_RISE_UNANSWERED: Final = 3
"""Two points above the baseline are the smallest change that matters (Ostelo 2008). They make a flare where they are
hard to bear or stop the usual things (after Costa 2019); where that was not answered, three points do (our choice)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table."""

    id: str
    matches: Callable[[View], bool]
    act: Callable[[View], Verdict]


def _emergency(view: View) -> bool:
    """Any emergency safety answer."""
    return bool(view.locking) and gravest(view.locking) is Tier.EMERGENCY


def _urgent(view: View) -> bool:
    """Any urgent safety answer."""
    return bool(view.locking)


def _cleared(view: View) -> bool:
    """A lock is on, and the person was seen and may go on."""
    return view.standing.lock is not None and view.cleared


def _locked(view: View) -> bool:
    """A lock is on."""
    return view.standing.lock is not None


def _provider_sets(view: View) -> bool:
    """A health provider sets a stage."""
    return view.provider_picked


def _user_down(view: View) -> bool:
    """The person picks any lower stage."""
    return view.climb < 0


def _return(view: View) -> bool:
    """An observed day after 7 or more missing days."""
    return view.observed and view.missing_days >= RETURN_AFTER_DAYS


def _flare_on(view: View) -> bool:
    """The person says so; or P is 2 above B with impact, or 3 above B with impact unanswered."""
    if view.standing.flare is not None:
        return False
    if view.flare_told is not None or not view.observed or view.baseline is None:
        return view.flare_told is True
    rise = view.recent[-1] - view.baseline
    return (rise >= FLARE_RISE and view.impact is True) or (rise >= FLARE_RISE_UNANSWERED and view.impact is None)


def _flare_over(view: View) -> bool:
    """The overlay is on, and the person says that it is over; or two calm days in a row."""
    return view.standing.flare is not None and (view.flare_told is False or bool(view.calm_days))


def _flare_runs(view: View) -> bool:
    """The overlay is on."""
    return view.standing.flare is not None


def _missing(view: View) -> bool:
    """P is missing."""
    return view.daily and view.is_missing


def _on_plan(view: View) -> bool:
    """The stage is the one that a health provider set."""
    return view.daily and view.standing.plan == view.stage.id


def _two_red_runs(view: View) -> bool:
    """`walk_run`, and 2 red runs in 14 days."""
    return _may_back_off(view) and view.stage.id == WALK_RUN and view.red_runs >= lacks.RED_RUNS


def _wary(view: View) -> bool:
    """For 7 days after an upward override or a return: P at `back_off_at` or above."""
    until, limit = view.standing.wary_until, view.stage.back_off_at
    wary = until is not None and view.today <= until
    return wary and _may_back_off(view) and limit is not None and view.recent[-1] >= limit


def _usual_too_high(view: View) -> bool:
    """P3 at `back_off_at` or above; after a step of R13 at 2 above its baseline at least."""
    usual, limit = view.usual_down, view.back_off_limit
    return _may_back_off(view) and usual is not None and limit is not None and usual >= limit


def _may_back_off(view: View) -> bool:
    """Today has a score, and the stage has not changed yet today."""
    return view.observed and view.undo is None


def _user_up(view: View) -> bool:
    """The person asks for a higher stage."""
    return view.climb > 0


def _progress(view: View) -> bool:
    """Nothing is missing for the next stage."""
    return view.observed and not view.at_top and not lacks.missing(view)


def _plateau(view: View) -> bool:
    """A long steady spell at one of the two lowest stages."""
    return view.observed and not lacks.missing(view, lacks.PLATEAU)


def _otherwise(_: View) -> bool:
    """Whatever is left."""
    return True


TABLE: Final = (
    Rule("R1", _emergency, moves.lock_red),
    Rule("R2", _urgent, moves.lock_amber),
    Rule("R3", _cleared, moves.unlock),
    Rule("R3", _locked, moves.stay_locked),
    Rule("R4", _provider_sets, moves.set_plan),
    Rule("R5", _user_down, moves.user_down),
    Rule("R6", _return, moves.come_back),
    Rule("R7", _flare_on, moves.flare_on),
    Rule("R8", _flare_over, moves.end_flare),
    Rule("R8", _flare_runs, moves.stay_in_flare),
    Rule("R9", _missing, moves.hold_missing),
    # R4 again, here and not above: a provider's plan blocks R10, R12 and R13 only
    Rule("R4", _on_plan, moves.keep_plan),
    Rule("R10a", _two_red_runs, climbs.back_off),
    Rule("R10b", _wary, climbs.back_off_warily),
    Rule("R10c", _usual_too_high, climbs.back_off),
    Rule("R11", _user_up, climbs.user_up),
    Rule("R12", _progress, climbs.offer_progress),
    Rule("R13", _plateau, climbs.offer_plateau),
    Rule("R14", _otherwise, climbs.hold),
)


def decide(view: View) -> tuple[str, Verdict]:
    """Return the id of the first rule that matches, and its verdict."""
    rule = next(rule for rule in TABLE if rule.matches(view))
    return rule.id, rule.act(view)
