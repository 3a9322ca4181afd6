"""Which prompt to show.

The rules, in order: (1) only break prompts of the stage, within its intensity, no longer than the break, without an
active contraindication, discreet in an office, off the floor where there is none. (2) Strength only on a strength day:
at most three in seven days, never two in a row, not the day after a missing check-in, nor on the one day a week that
runs leave free; otherwise its weight goes to mobility. (3) Draw a category by weight.
(4) Within it the least recently shown, ties at random; never the same prompt twice in a row, nor two of one category in
a row while another weighs 20 or more. (5) Never one that the person marked as unwanted.

From the second missing check-in on there is no strength and nothing of intensity 3. After three ignored in a row, the
smallest ones come first for the rest of the half-day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nudger.core import hours
from nudger.core.ladder import LibraryPrompt, Stage
from nudger.core.policy import Policy
from nudger.core.recovery import diary
from nudger.core.recovery.values import Values
from nudger.core.running.planner import RUNNING
from nudger.core.running.waits import is_free_day_due, look
from nudger.core.state import State
from nudger.core.words import Lock, PromptKind

FLARE_POOL: Final = "gentle_start"
EARLY: Final = timedelta(minutes=60)
"""Prompts tagged `early_morning` wait this long after the first sign of the day (after Snook 1998; our reading)."""
STRENGTH_DAYS_A_WEEK: Final = 3
SHARE_WORTH_A_CHANGE: Final = 20
_AMBER_CATEGORIES: Final = frozenset({"stand", "breathing", "walk"})
WINDOWS: Final = (timedelta(minutes=20), timedelta(minutes=30))
"""What a person says of the pace moves the stage's window inside these bounds, and no further."""
STRENUOUS: Final = 3
SMALL: Final = timedelta(seconds=60)


def stage_now(policy: Policy, state: State) -> Stage:
    """Return the stage that applies: the person's own, or the flare overlay, with the earlier of each bound."""
    stage = policy.ladder.stage(state.stage)
    window, pace = policy.window, state.health.wishes.pace
    soft, hard = (window.soft, window.hard) if window else (stage.soft, stage.hard)
    if pace and window is None:
        soft, hard = _within(soft + pace), _within(hard + pace)
    flare = policy.ladder.flare
    if state.flare:
        return Stage(
            flare.id,
            min(soft, flare.soft),
            min(hard, flare.hard),
            flare.break_target,
            flare.long_break_every,
            flare.max_intensity,
            flare.weights,
        )
    if window is None and not pace:
        return stage
    return Stage(stage.id, soft, hard, stage.break_target, stage.long_break_every, stage.max_intensity, stage.weights)


def _within(bound: timedelta) -> timedelta:
    return max(WINDOWS[0], min(WINDOWS[1], bound))


def known_tags(policy: Policy) -> frozenset[str]:
    """Return every contraindication that the library knows."""
    return frozenset(tag for entry in policy.library for tag in entry.contraindications)


def is_eased(state: State, now: datetime) -> bool:
    """Tell whether three prompts in a row were ignored this half-day."""
    return state.eased_until is not None and now < state.eased_until


def is_long_break(stage: Stage, state: State) -> bool:
    """Tell whether the next prompted break is the long one (every n-th)."""
    return stage.long_break_every > 0 and state.breaks_since_long + 1 >= stage.long_break_every


def pick(
    policy: Policy, state: State, now: datetime, kind: PromptKind = PromptKind.BREAK
) -> tuple[LibraryPrompt | None, int]:
    """Choose the next prompt and return it with the seed that follows; None when nothing in the library fits."""
    stage = stage_now(policy, state)
    pool = fitting(policy, state, now, kind)
    if len(pool) > 1 and state.recent:
        pool = [entry for entry in pool if entry.id != state.recent[-1]]
    if not pool:
        return None, state.seed
    if kind is PromptKind.BREAK and is_eased(state, now):
        pool = [entry for entry in pool if entry.duration <= SMALL] or pool
    seed = state.seed
    if kind is PromptKind.BREAK:
        weights = _weights(policy, state, stage, pool, now)
        chance, seed = _draw(seed)
        category = _by_weight(weights, chance)
        pool = [entry for entry in pool if entry.category == category]
    shown = {entry_id: place for place, entry_id in enumerate(state.recent)}
    oldest = min(shown.get(entry.id, -1) for entry in pool)
    tied = sorted((entry for entry in pool if shown.get(entry.id, -1) == oldest), key=lambda entry: entry.id)
    chance, seed = _draw(seed)
    return tied[int(chance * len(tied))], seed


def fitting(policy: Policy, state: State, now: datetime, kind: PromptKind) -> list[LibraryPrompt]:
    """Return all prompts of that kind that the person may be shown now (rules 1 and 5)."""
    limits = _limits(policy, state, stage_now(policy, state), now)
    return [entry for entry in policy.library if entry.kind == kind and _fits(entry, limits)]


def strains_in_flare(policy: Policy, entry_id: str) -> bool:
    """Tell whether that entry of the library asks more than a flare leaves room for."""
    most = policy.ladder.flare.max_intensity
    return any(
        entry.id == entry_id and (FLARE_POOL not in entry.stages or entry.intensity > most) for entry in policy.library
    )


@dataclass(frozen=True, slots=True)
class _Limits:
    """What a prompt has to keep to now. The last three are asked of break prompts only."""

    unwanted: frozenset[str]
    spared: frozenset[str]
    discreet: bool
    no_floor: bool
    amber: bool
    intensity: int
    stage: str
    break_intensity: int
    longest: timedelta


def _limits(policy: Policy, state: State, stage: Stage, now: datetime) -> _Limits:
    wishes = state.health.wishes
    return _Limits(
        unwanted=state.unwanted,
        spared=_tags(policy, state, now),
        discreet=policy.office or wishes.office,
        no_floor=not (policy.floor_space and wishes.floor_space),
        amber=state.lock is Lock.AMBER,
        intensity=STRENUOUS - 1 if _values(policy, state, now).restrained else STRENUOUS,
        stage=FLARE_POOL if state.flare else state.stage,
        break_intensity=stage.max_intensity,
        longest=policy.ladder.long_break if is_long_break(stage, state) else stage.break_target,
    )


def _fits(entry: LibraryPrompt, limits: _Limits) -> bool:
    if entry.id in limits.unwanted or limits.spared & entry.contraindications:
        return False
    if (limits.discreet and not entry.discreet) or (limits.no_floor and entry.needs_floor):
        return False
    if limits.amber and (entry.intensity > 1 or entry.category not in _AMBER_CATEGORIES):
        return False
    if entry.intensity > limits.intensity:
        return False
    if entry.kind is not PromptKind.BREAK:
        return True
    in_stage = limits.stage in entry.stages
    return in_stage and entry.intensity <= limits.break_intensity and entry.duration <= limits.longest


def _tags(policy: Policy, state: State, now: datetime) -> frozenset[str]:
    today = hours.local_day(policy.zone, now)
    told = diary.tags_on(state.recovery.days, today)
    tags = policy.contraindications | state.health.wishes.contraindications | told
    if state.flare:
        tags |= {"flare"}
    first = state.today.first_seen
    return tags | {"early_morning"} if first is not None and now < first + EARLY else tags


def _weights(
    policy: Policy, state: State, stage: Stage, pool: Sequence[LibraryPrompt], now: datetime
) -> Mapping[str, int]:
    """Return the weight of each category that has something to offer."""
    weights = dict(stage.weights)
    if not may_strengthen(policy, state, now):
        weights["mobility"] = weights.get("mobility", 0) + weights.pop("strength", 0)
    there = {entry.category for entry in pool}
    weights = {category: weight for category, weight in weights.items() if weight > 0 and category in there}
    last = next((entry.category for entry in policy.library if state.recent and entry.id == state.recent[-1]), None)
    if any(weight >= SHARE_WORTH_A_CHANGE for category, weight in weights.items() if category != last):
        weights.pop(last or "", None)
    return weights or {pool[0].category: 1}


def may_strengthen(policy: Policy, state: State, now: datetime) -> bool:
    """Tell whether today may be a strength day."""
    today = hours.local_day(policy.zone, now)
    if _values(policy, state, now).missing_days:
        return False
    if state.stage in RUNNING and is_free_day_due(
        look(state.health.plan, state.health.runs, state.recovery, today), today
    ):
        return False
    told = {day.on for day in state.recovery.days if day.activity.strength}
    days = told | {*state.strength_days}
    if today in days:
        return True
    recent = [day for day in days if 0 < (today - day).days < 7]
    return len(recent) < STRENGTH_DAYS_A_WEEK and all((today - day).days > 1 for day in recent)


def _values(policy: Policy, state: State, now: datetime) -> Values:
    return Values(state.recovery, hours.local_day(policy.zone, now), daily=False)


def _by_weight(weights: Mapping[str, int], chance: float) -> str:
    point = chance * sum(weights.values())
    *others, last = sorted(weights)
    for category in others:
        point -= weights[category]
        if point < 0:
            return category
    return last


def _draw(seed: int) -> tuple[float, int]:
    """Return a number in [0, 1) and the next seed (splitmix64; chance that a saved state can repeat)."""
    mask = (1 << 64) - 1
    seed = (seed + 0x9E3779B97F4A7C15) & mask
    z = seed
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return ((z ^ (z >> 31)) >> 11) / (1 << 53), seed
