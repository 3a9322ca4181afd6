"""Which prompt is picked: the five rules, one after the other."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from health_rig import health

from nudger.core import engine, prompts
from nudger.core.ladder import LibraryPrompt, Stage
from nudger.core.policy import Policy, Window
from nudger.core.state import State
from nudger.core.words import Lock, PromptKind
from nudger.library import load_ladder, load_language

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
LADDER = load_ladder()
LIBRARY = load_language("en").prompts
POLICY = Policy("p", LADDER, LIBRARY, UTC)


def person(stage: str = "build_strength", **remembered: object) -> State:
    """Return the State of somebody at that stage, up since early morning."""
    parts = {name: remembered.pop(name) for name in ("flare", "lock", "tags") if name in remembered}
    told = health(stage, on=NOON.date(), **parts)  # type: ignore[arg-type]  # the tests choose among its parts
    state = replace(engine.first_state(POLICY, NOON, seed=3), health=told)
    return replace(state, **remembered)  # type: ignore[arg-type]  # the tests choose among the fields of State


def picked(policy: Policy, state: State, times: int = 300, kind: PromptKind = PromptKind.BREAK) -> list[LibraryPrompt]:
    """Return what is picked that many times, each pick remembered as shown."""
    entries = []
    for _ in range(times):
        entry, seed = prompts.pick(policy, state, NOON, kind)
        assert entry is not None
        recent = (*(shown for shown in state.recent if shown != entry.id), entry.id)
        state = replace(state, seed=seed, recent=recent)
        entries.append(entry)
    return entries


# --- rule 1: what fits at all ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", LADDER.stages, ids=lambda stage: stage.id)
def test_only_break_prompts_of_the_stage_its_intensity_and_its_break(stage: Stage) -> None:
    for entry in picked(POLICY, person(stage.id)):
        assert entry.kind == "break"
        assert stage.id in entry.stages
        assert entry.intensity <= stage.max_intensity
        assert entry.duration <= stage.break_target


def test_every_fourth_break_may_be_a_long_one() -> None:
    stage = LADDER.stage("build_strength")
    assert not prompts.is_long_break(stage, person(breaks_since_long=2))
    fourth = person(breaks_since_long=3)
    assert prompts.is_long_break(stage, fourth)
    assert any(entry.duration > stage.break_target for entry in picked(POLICY, fourth))
    assert all(entry.duration <= LADDER.long_break for entry in picked(POLICY, fourth))


def test_an_office_sees_discreet_prompts_only_and_a_bare_room_nothing_on_the_floor() -> None:
    assert all(entry.discreet for entry in picked(replace(POLICY, office=True), person()))
    assert not any(entry.needs_floor for entry in picked(replace(POLICY, floor_space=False), person()))
    anything = picked(POLICY, person())
    assert not all(entry.discreet for entry in anything)
    assert any(entry.needs_floor for entry in anything)


@pytest.mark.parametrize("tag", ["knee", "dizzy", "wrist"])
def test_contraindications_of_the_config_and_of_today_spare_what_they_should(tag: str) -> None:
    lasting = replace(POLICY, contraindications=frozenset({tag}))
    if tag == "dizzy":
        assert prompts.pick(lasting, person(), NOON)[0] is None, "nothing on one's feet suits somebody dizzy"
        return
    assert not any(tag in entry.contraindications for entry in picked(lasting, person()))
    assert not any(tag in entry.contraindications for entry in picked(POLICY, person(tags=frozenset({tag}))))
    assert any(tag in entry.contraindications for entry in picked(POLICY, person()))


def test_bending_waits_for_an_hour_after_the_first_sign_of_the_day() -> None:
    def first_seen(ago: timedelta) -> State:
        state = person()
        return replace(state, today=replace(state.today, first_seen=NOON - ago))

    early = picked(POLICY, first_seen(timedelta(minutes=59)))
    later = picked(POLICY, first_seen(timedelta(minutes=60)))
    assert not any("early_morning" in entry.contraindications for entry in early)
    assert any("early_morning" in entry.contraindications for entry in later)


def test_a_flare_draws_from_the_gentle_pool_with_the_earlier_bounds() -> None:
    state = person("walk_run", flare=True)
    for entry in picked(POLICY, state):
        assert "gentle_start" in entry.stages
        assert entry.intensity <= 1
        assert "flare" not in entry.contraindications
    stage = prompts.stage_now(POLICY, state)
    assert (stage.soft, stage.hard) == (LADDER.flare.soft, LADDER.flare.hard)
    early = replace(POLICY, window=Window(timedelta(minutes=10), timedelta(minutes=40)))
    mixed = prompts.stage_now(early, state)
    assert (mixed.soft, mixed.hard) == (timedelta(minutes=10), LADDER.flare.hard)


def test_an_own_window_takes_the_place_of_the_stages() -> None:
    own = Window(timedelta(minutes=15), timedelta(minutes=18))
    stage = prompts.stage_now(replace(POLICY, window=own), person())
    assert (stage.soft, stage.hard) == (own.soft, own.hard)
    assert stage.weights == LADDER.stage("build_strength").weights


def test_an_amber_lock_leaves_the_gentlest_only() -> None:
    for entry in picked(POLICY, person(lock=Lock.AMBER)):
        assert entry.category in {"stand", "breathing", "walk"}
        assert entry.intensity <= 1


# --- rule 2: strength ------------------------------------------------------------------------------------------------

TODAY = date(2026, 3, 4)


@pytest.mark.parametrize(
    ("days_ago", "allowed"),
    [
        ((), True),
        ((0,), True),  # today has become one already
        ((1,), False),  # never two in a row
        ((2,), True),
        ((2, 4), True),
        ((2, 4, 6), False),  # three in seven days are enough
        ((2, 4, 7), True),  # a week ago no longer counts
    ],
)
def test_strength_has_its_days(days_ago: tuple[int, ...], allowed: bool) -> None:
    days = tuple(TODAY - timedelta(days=ago) for ago in reversed(days_ago))
    state = person(strength_days=days)
    assert prompts.may_strengthen(POLICY, state, NOON) is allowed
    categories = Counter(entry.category for entry in picked(POLICY, state))
    assert (categories["strength"] > 0) is allowed
    assert categories["mobility"] > 0


# --- rule 3 and 4: weights and variety -------------------------------------------------------------------------------


def test_categories_come_by_weight() -> None:
    share = Counter(entry.category for entry in picked(POLICY, person("daily_walks"), 2000))
    assert share["mobility"] == share["strength"] == share["run-plan"] == 0
    assert share["walk"] > share["stand"] > 0
    assert share["chores"] > 0
    assert share["breathing"] > 0


@pytest.mark.parametrize("stage", [stage.id for stage in LADDER.stages])
def test_never_the_same_prompt_twice_in_a_row_nor_the_same_heavy_category(stage: str) -> None:
    entries = picked(POLICY, person(stage), 500)
    weights = LADDER.stage(stage).weights
    for before, after in pairwise(entries):
        assert before.id != after.id
        others = [weight for category, weight in weights.items() if category != before.category]
        assert before.category != after.category or max(others) < prompts.SHARE_WORTH_A_CHANGE


def test_within_a_category_the_least_recently_shown_comes_first() -> None:
    walks = [entry.id for entry in picked(POLICY, person("daily_walks"), 400) if entry.category == "walk"]
    kinds = len(set(walks))
    assert kinds > 3
    for start in range(len(walks) - kinds):
        assert len(set(walks[start : start + kinds])) == kinds, "each comes once before one comes again"


def test_a_single_prompt_may_be_shown_again() -> None:
    only = replace(POLICY, library=tuple(entry for entry in LIBRARY if entry.id == LIBRARY[0].id))
    assert [entry.id for entry in picked(only, person("daily_walks"), 2)] == [LIBRARY[0].id] * 2


# --- rule 5 and the rest ---------------------------------------------------------------------------------------------


def test_what_was_marked_as_unwanted_never_comes_back() -> None:
    unwanted = frozenset(entry.id for entry in LIBRARY if entry.category == "walk")
    assert not any(entry.category == "walk" for entry in picked(POLICY, person("daily_walks", unwanted=unwanted)))


def test_prompts_against_standing_still_are_of_their_own_kind() -> None:
    assert {entry.kind for entry in picked(POLICY, person(), 20, kind=PromptKind.POSTURE)} == {"posture"}


def test_the_same_seed_picks_the_same() -> None:
    once = [entry.id for entry in picked(POLICY, person(), 20)]
    assert once == [entry.id for entry in picked(POLICY, person(), 20)]
    assert once != [entry.id for entry in picked(POLICY, person(seed=4), 20)]


def test_a_stage_that_is_not_on_the_ladder_is_an_error() -> None:
    with pytest.raises(KeyError, match="astronaut"):
        LADDER.stage("astronaut")
