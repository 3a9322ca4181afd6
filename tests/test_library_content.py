"""The words and numbers keep their promises: enough choice in every stage, nothing a stage rules out, no claims."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from nudger.library import LANGUAGES, Language, load_ladder, load_language

if TYPE_CHECKING:
    from nudger.core.ladder import LibraryPrompt, Stage

LADDER = load_ladder()
ENGLISH = load_language("en")
STAGES = [*LADDER.stages, LADDER.flare]
PLACES = {
    *("time", "from", "by", "minutes", "count", "days", "names", "command", "value", "body", "step", "needed"),
    *("wait", "have", "want", "most", "score", "scores", "usual", "limit", "baseline"),
    *("date", "day", "stage", "next", "before", "after", "rule", "name"),
}


def offered(stage: Stage) -> list[LibraryPrompt]:
    """The break prompts that may come in a stage to somebody to whom nothing else applies."""
    in_flare = stage is LADDER.flare
    name = LADDER.stages[0].id if in_flare else stage.id
    return [
        prompt
        for prompt in ENGLISH.prompts
        if prompt.kind == "break"
        and name in prompt.stages
        and prompt.intensity <= stage.max_intensity
        and not (in_flare and "flare" in prompt.contraindications)
    ]


def said(language: Language) -> dict[str, str]:
    """Every word of a language that reaches a person, by where it stands."""
    prompts = {prompt.id: f"{prompt.title}. {prompt.body}" for prompt in language.prompts}
    return prompts | dict(language.texts) | dict(language.contraindications)


def matches(pattern: str, words: dict[str, str]) -> dict[str, str]:
    return {where: text for where, text in words.items() if re.search(pattern, text, re.IGNORECASE)}


# --- The ladder ------------------------------------------------------------------------------------------------------


def test_stages_climb_in_order() -> None:
    assert [stage.id for stage in LADDER.stages] == [
        "gentle_start",
        "daily_walks",
        "easy_mobility",
        "build_strength",
        "walk_run",
        "steady",
    ]
    for lower, higher in zip(LADDER.stages, LADDER.stages[1:], strict=False):
        assert lower.soft <= higher.soft
        assert lower.hard <= higher.hard
        assert lower.max_intensity <= higher.max_intensity


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.id)
def test_windows_and_breaks_are_within_the_sourced_bounds(stage: Stage) -> None:
    assert timedelta(minutes=20) <= stage.soft < stage.hard <= timedelta(minutes=30)
    assert LADDER.min_break < stage.break_target <= timedelta(minutes=3) < LADDER.long_break
    assert sum(stage.weights.values()) == 100
    assert not {"run-plan", "posture"} & stage.weights.keys()


def test_flare_is_the_gentlest_stage_under_its_own_id() -> None:
    gentle = LADDER.stages[0]
    assert LADDER.flare.id == "flare"
    assert LADDER.flare.weights == gentle.weights
    assert LADDER.flare.max_intensity == gentle.max_intensity == 1
    assert LADDER.flare.hard <= min(stage.hard for stage in LADDER.stages)


# --- Enough to choose from -------------------------------------------------------------------------------------------


def test_library_is_large_enough_not_to_wear_off_soon() -> None:
    kinds = [str(prompt.kind) for prompt in ENGLISH.prompts]
    assert kinds.count("break") >= 66
    assert kinds.count("plan") >= 11
    assert kinds.count("posture") >= 5


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.id)
def test_every_weighted_category_has_a_choice_that_fits_the_break(stage: Stage) -> None:
    for category in (name for name, weight in stage.weights.items() if weight):
        fitting = [p for p in offered(stage) if p.category == category and p.duration <= stage.break_target]
        assert len(fitting) >= 3, category
        assert len([p for p in fitting if p.discreet]) >= 2, category


def test_a_flare_leaves_at_least_twenty_prompts() -> None:
    assert len(offered(LADDER.flare)) >= 20


def test_standing_still_can_be_answered_in_every_stage() -> None:
    for stage in STAGES[:-1]:
        answers = [p for p in ENGLISH.prompts if p.kind == "posture" and stage.id in p.stages]
        assert len(answers) >= 5
        assert all(p.category == "posture" and p.intensity <= 1 and p.discreet for p in answers)
    assert any(not p.contraindications for p in ENGLISH.prompts if p.kind == "posture")


@pytest.mark.parametrize("prompt", ENGLISH.prompts, ids=lambda prompt: prompt.id)
def test_a_prompt_can_come_somewhere(prompt: LibraryPrompt) -> None:
    fitting = [
        stage
        for stage in LADDER.stages
        if stage.id in prompt.stages
        and prompt.intensity <= stage.max_intensity
        and prompt.duration <= LADDER.long_break
    ]
    if prompt.kind == "break":
        assert {stage.id for stage in fitting} == prompt.stages
        assert all(stage.weights[prompt.category] for stage in fitting)
    else:
        assert prompt.stages


# --- What a stage rules out ------------------------------------------------------------------------------------------


def test_no_stage_offers_a_category_it_does_not_weigh() -> None:
    for stage in STAGES:
        assert {p.category for p in offered(stage)} <= {name for name, weight in stage.weights.items() if weight}


@pytest.mark.parametrize("stage", [*LADDER.stages[:2], LADDER.flare], ids=lambda stage: stage.id)
def test_the_first_stages_ask_for_nothing_demanding(stage: Stage) -> None:
    prompts = offered(stage)
    assert not [p.id for p in prompts if p.needs_floor]
    words = {p.id: f"{p.title}. {p.body}" for p in prompts}
    assert not matches(r"\b(stairs?|brisk\w*|hills?|lift\w*|carry\w*|stretch\w*|bend\w*|lie|kneel\w*)\b", words)


def test_demanding_prompts_do_come_later() -> None:
    assert any(p.needs_floor for p in offered(LADDER.stage("easy_mobility")))
    assert any("stairs" in p.body for p in offered(LADDER.stage("build_strength")))


def test_a_break_never_asks_to_run_or_jump() -> None:
    words = {p.id: f"{p.title}. {p.body}" for p in ENGLISH.prompts if p.kind != "plan"}
    assert not matches(r"\b(run\w*|jog\w*|sprint\w*|jump\w*|hop|bounc\w*|race)\b", words)


def test_running_is_only_planned_and_only_late() -> None:
    runs = [p for p in ENGLISH.prompts if p.category == "run-plan"]
    assert all(p.kind == "plan" and p.stages == {"walk_run", "steady"} for p in runs)
    setting_off = [p for p in runs if p.intensity or "go gently" in p.body]
    assert setting_off
    for prompt in setting_off:
        assert "flare" in prompt.contraindications
        assert {"pain_over_2", "leg_symptoms"} <= prompt.contraindications or "walk" in prompt.title.lower()


def test_drills_and_strength_stop_for_those_who_should_not_do_them() -> None:
    for prompt in (p for p in ENGLISH.prompts if p.category in {"mobility", "strength"}):
        assert {"flare", "dizzy"} <= prompt.contraindications, prompt.id
    for prompt in (p for p in ENGLISH.prompts if p.category == "strength"):
        assert {"pain_over_2", "pain_over_4"} & prompt.contraindications, prompt.id
        if "seconds" in prompt.body:  # a hold
            assert "high_bp" in prompt.contraindications, prompt.id
            assert "breathing on" in prompt.body, prompt.id
    for prompt in (p for p in ENGLISH.prompts if p.category == "mobility" and p.needs_floor):
        assert "early_morning" in prompt.contraindications, prompt.id


def test_every_break_on_the_feet_is_kept_from_the_dizzy() -> None:
    assert not [p.id for p in ENGLISH.prompts if p.kind == "break" and "dizzy" not in p.contraindications]


def test_breathing_is_done_on_the_feet() -> None:
    words = {p.id: p.body for p in ENGLISH.prompts if p.category == "breathing"}
    assert words.keys() == matches(r"\b(stand|standing|on your feet|get up)\b", words).keys()


def test_every_contraindication_is_described_and_used() -> None:
    used = frozenset[str]().union(*(prompt.contraindications for prompt in ENGLISH.prompts))
    assert used == ENGLISH.contraindications.keys()


# --- Words -----------------------------------------------------------------------------------------------------------

# What a translation may not say, one list of words a language. First: promises about the body.
CLAIMS = {
    "en": r"\b(cur(e|es|ed|ing)|heal(s|ed|ing)?|fix\w*|(un)?safe\w*|treat\w*|scans?|x-?rays?|pain-free)\b",
    "de": r"\b((ge)?heil|kurier|repar|beheb|sicher|behand|scan|röntg|schmerzfrei)\w*",
}
# Second: pressure.
PRESSURE = {
    "en": r"\b(streaks?|countdown|guilt\w*|shame\w*|lazy|fail(ed|ure)?|should have|record|excuse\w*|must)\b",
    "de": r"\b(serien?|countdown|schuld\w*|scham|schäm\w*|faul|versagt\w*|hättest|rekord\w*|ausrede\w*)\b",
}


@pytest.mark.parametrize("code", LANGUAGES)
def test_nothing_is_claimed_and_nobody_is_pushed(code: str) -> None:
    words = said(load_language(code))
    assert not matches(CLAIMS[code], words)
    assert not matches(PRESSURE[code], words)


@pytest.mark.parametrize("code", LANGUAGES)
def test_prompts_fit_a_lock_screen(code: str) -> None:
    longest = 112 if code == "en" else 125
    for prompt in load_language(code).prompts:
        assert 0 < len(prompt.title) <= 26, prompt.id
        assert 0 < len(prompt.body) <= longest, prompt.id


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_two_prompts_share_a_title(code: str) -> None:
    titles = [prompt.title for prompt in load_language(code).prompts]
    assert len(titles) == len(set(titles))


def test_german_says_du() -> None:
    formal = {where: text for where, text in said(load_language("de")).items() if re.search(r"\b(Sie|Ihr\w*)\b", text)}
    assert not formal


@pytest.mark.parametrize("code", LANGUAGES)
def test_translations_change_words_and_nothing_else(code: str) -> None:
    language = load_language(code)
    assert language.texts.keys() == ENGLISH.texts.keys()
    assert language.contraindications.keys() == ENGLISH.contraindications.keys()
    for prompt, original in zip(language.prompts, ENGLISH.prompts, strict=True):
        for name in original.__slots__:
            if name not in {"title", "body"}:
                assert getattr(prompt, name) == getattr(original, name)
        assert code == "en" or prompt.body != original.body


@pytest.mark.parametrize("code", LANGUAGES)
def test_texts_have_the_same_places_to_fill(code: str) -> None:
    for key, text in load_language(code).texts.items():
        places = sorted(re.findall(r"{(\w+)}", text))
        assert places == sorted(re.findall(r"{(\w+)}", ENGLISH.texts[key])), key
        assert set(places) <= PLACES, key
        assert not re.search(r"[{}]", re.sub(r"{\w+}", "", text)), key
        assert text.strip() == text != "", key


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_stage_has_a_name(code: str) -> None:
    names = [load_language(code).texts[f"stage.{stage.id}"] for stage in LADDER.stages]
    assert len(names) == len(set(names))
