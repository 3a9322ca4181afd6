"""Which prompt to show.

The rules, in order: (1) only break prompts of the stage, within its intensity, no longer than the break, without an
active contraindication, discreet in an office, off the floor where there is none. (2) Strength only on a strength day:
at most three in seven days, never two in a row; otherwise its weight goes to mobility. (3) Draw a category by weight.
(4) Within it the least recently shown, ties at random; never the same prompt twice in a row, nor two of one category in
a row while another weighs 20 or more. (5) Never one that the person marked as unwanted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from nudger.core import hours
from nudger.core.model import LibraryPrompt, Lock, Policy, Stage, State

FLARE_POOL: Final = "gentle_start"
EARLY: Final = timedelta(minutes=60)
"""Prompts tagged `early_morning` wait this long after the first sign of the day (after Snook 1998; our reading)."""
STRENGTH_DAYS_A_WEEK: Final = 3
SHARE_WORTH_A_CHANGE: Final = 20
_AMBER_CATEGORIES: Final = frozenset({"stand", "breathing", "walk"})


def stage_now(policy: Policy, state: State) -> Stage:
    """Return the stage that applies: the person's own, or the flare overlay, with the earlier of each bound."""
    stage = policy.ladder.stage(state.stage)
    window = policy.window
    soft, hard = (window.soft, window.hard) if window else (stage.soft, stage.hard)
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
    if window is None:
        return stage
    return Stage(stage.id, soft, hard, stage.break_target, stage.long_break_every, stage.max_intensity, stage.weights)


def is_long_break(stage: Stage, state: State) -> bool:
    """Tell whether the next prompted break is the long one (every n-th)."""
    return stage.long_break_every > 0 and state.breaks_since_long + 1 >= stage.long_break_every


def pick(policy: Policy, state: State, now: datetime, kind: str = "break") -> tuple[LibraryPrompt | None, int]:
    """Choose the next prompt and return it with the seed that follows; None when nothing in the library fits."""
    stage = stage_now(policy, state)
    pool = [entry for entry in policy.library if entry.kind == kind and _fits(policy, state, stage, entry, now)]
    if len(pool) > 1 and state.recent:
        pool = [entry for entry in pool if entry.id != state.recent[-1]]
    if not pool:
        return None, state.seed
    seed = state.seed
    if kind == "break":
        weights = _weights(policy, state, stage, pool, now)
        chance, seed = _draw(seed)
        category = _by_weight(weights, chance)
        pool = [entry for entry in pool if entry.category == category]
    shown = {entry_id: place for place, entry_id in enumerate(state.recent)}
    oldest = min(shown.get(entry.id, -1) for entry in pool)
    tied = sorted((entry for entry in pool if shown.get(entry.id, -1) == oldest), key=lambda entry: entry.id)
    chance, seed = _draw(seed)
    return tied[int(chance * len(tied))], seed


def _fits(policy: Policy, state: State, stage: Stage, entry: LibraryPrompt, now: datetime) -> bool:
    if entry.id in state.unwanted or _tags(policy, state, now) & entry.contraindications:
        return False
    if (policy.office and not entry.discreet) or (not policy.floor_space and entry.needs_floor):
        return False
    if state.lock is Lock.AMBER and (entry.intensity > 1 or entry.category not in _AMBER_CATEGORIES):
        return False
    if entry.kind != "break":
        return True
    longest = policy.ladder.long_break if is_long_break(stage, state) else stage.break_target
    in_stage = (FLARE_POOL if state.flare else state.stage) in entry.stages
    return in_stage and entry.intensity <= stage.max_intensity and entry.duration <= longest


def _tags(policy: Policy, state: State, now: datetime) -> frozenset[str]:
    tags = policy.contraindications | state.tags
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
    if today in state.strength_days:
        return True
    recent = [day for day in state.strength_days if (today - day).days < 7]
    return len(recent) < STRENGTH_DAYS_A_WEEK and all((today - day).days > 1 for day in recent)


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
