"""Every key that the recovery engine can hand out has a text, and its places are among the data that come with it.

The keys are read from the engine's source, so a new one cannot be forgotten.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import nudger.core.recovery
from nudger.core.recovery import banners, rules, safety
from nudger.core.recovery.course import Did
from nudger.core.recovery.told import COMPARED, IntakeAnswers
from nudger.library import LANGUAGES, Language, load_language

TREES = {
    path.name: ast.parse(path.read_text()) for path in Path(inspect.getfile(nudger.core.recovery)).parent.glob("*.py")
}
REASONS = {"flare", "leg", "high", "return", "red_run", "spreading", "weekly"}
languages = pytest.mark.parametrize("language", [load_language(code) for code in LANGUAGES], ids=LANGUAGES)


def calls(name: str) -> Iterator[ast.Call]:
    """Every call of that function or class, in the engine."""
    for tree in TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == name:
                yield node


def word(node: ast.expr) -> str:
    assert isinstance(node, ast.Constant), f"line {node.lineno}: a key that this test cannot read"
    assert isinstance(node.value, str)
    return node.value


def keys(name: str) -> set[str]:
    """The keys that stand first in the calls of that class."""
    return {word(call.args[0]) for call in calls(name)}


def refusals() -> dict[str, set[str]]:
    """Every key of a Refusal, with the names of the data that each place of raising it gives."""
    found: dict[str, set[str]] = {}
    for call in calls("refuse"):
        found.setdefault(word(call.args[1]), set()).update(keyword.arg or "" for keyword in call.keywords)
    for call in calls("Refusal"):
        if isinstance(call.args[0], ast.Name):
            continue  # what `refuse` hands on
        data = call.args[1] if len(call.args) > 1 else ast.Dict([], [])
        assert isinstance(data, ast.Dict)
        names = {word(key) for key in data.keys if key is not None}
        key = word(call.args[0])
        assert found.setdefault(key, names) == names, f"{key} comes with other data elsewhere"
    return found


def places(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


def test_the_keys_are_found() -> None:
    """Probes, lest the reader of the source go blind."""
    assert {"goal_days", "walks", "cool", "compared", "new_episode", "red_runs", "plateau_scores"} <= keys("Lack")
    assert keys("Goal") == {"windows", "walking_min", "run", "chores", "walks", "mobility", "strength"}
    assert refusals()["one_stage"] == {"next"}
    assert refusals()["bad_compared"] == {"value", "names"}
    assert refusals()["locked"] == set()
    assert len(refusals()) >= 25


@languages
def test_everything_missing_is_a_phrase_or_a_question(language: Language) -> None:
    for key in keys("Lack"):
        found = {form for form in (f"lack.{key}", f"ask.{key}") if form in language.texts}
        assert len(found) == 1, key
        text = language.texts[found.pop()]
        assert places(text) <= {"have", "want", "count"}, key
        assert text.endswith("?" if f"ask.{key}" in language.texts else text.rstrip(".?!")), key


@languages
def test_every_refusal_is_told_with_what_it_knows(language: Language) -> None:
    for key, data in refusals().items():
        assert places(language.texts[f"refuse.{key}"]) == data, key


@languages
def test_every_goal_banner_item_and_reason_has_its_text(language: Language) -> None:
    for key in keys("Goal"):
        assert places(language.texts[f"goal.{key}"]) == {"have", "want"}
    for banner in banners.BANNERS:
        assert f"banner.{banner.id}" in language.texts
    for item in safety.ITEMS:
        assert language.texts[f"safety.{item}"].endswith(".")
    asked = {
        word(call.args[1]) for call in calls("due") if len(call.args) == 2 and isinstance(call.args[1], ast.Constant)
    }
    assert asked >= {"flare", "leg", "high", "return"}
    for reason in asked | REASONS:
        assert f"safety.because.{reason}" in language.texts
    for compared in COMPARED:
        assert f"ask.compared.{compared}" in language.texts


@languages
def test_every_question_of_the_intake_has_its_text(language: Language) -> None:
    asked = [name for name in IntakeAnswers.__slots__ if name != "safety"]
    for name in [*asked, "safety", "sessions", "office", "floor", "contraindications"]:
        assert language.texts[f"intake.{name}"].endswith("?") or name == "contraindications", name
    for name in ("morning", "evening", "impact", "tags"):
        assert "?" in language.texts[f"checkin.{name}"]
        assert f"checkin.{name}.heading" in language.texts


@languages
def test_nothing_is_left_over(language: Language) -> None:
    """No text of a table without its row."""
    known = {
        "lack": {*keys("Lack"), "list"},
        "ask": keys("Lack"),
        "banner": {banner.id for banner in banners.BANNERS},
        "goal": keys("Goal"),
        "explain": {*Did, "rule", "intake", "moved", "kept", "scores"},
        "outcome": {*Did, "no_score", "undo"},
    }
    for key in language.texts:
        section, _, rest = key.partition(".")
        if section in known:
            assert rest.split(".")[0] in known[section], key
        if rest.split(".")[-1].startswith("R1"):
            assert rest.split(".")[-1] in {rule.id for rule in rules.TABLE}, key


# --- What the words promise, and never say ----------------------------------------------------------------------------

PROVIDER = {"en": "health provider", "de": "Arztpraxis oder Physiotherapie"}


@languages
def test_every_banner_says_that_a_check_in_with_a_provider_is_worthwhile(language: Language) -> None:
    worthwhile = {"en": "is worthwhile", "de": "lohnt sich"}
    for banner in banners.BANNERS:
        text = language.texts[f"banner.{banner.id}"]
        assert PROVIDER[language.code] in text
        assert worthwhile[language.code] in text


@languages
def test_the_lock_messages_say_what_to_do_and_how_soon(language: Language) -> None:
    wanted = {
        "en": {
            "S1": ["stop here", "now", "emergency number", "emergency department"],
            "S2": ["today or tomorrow", "provider"],
        },
        "de": {"S1": ["hör hier auf", "jetzt", "Notruf", "Notaufnahme"], "S2": ["heute oder morgen", "Arztpraxis"]},
    }
    for name, parts in wanted[language.code].items():
        for part in parts:
            assert part in language.texts[f"safety.{name}"]


@languages
def test_the_disclaimer_disclaims(language: Language) -> None:
    wanted = {
        "en": ["not a medical device", "know your back", "cannot examine", PROVIDER["en"], "Stop anything"],
        "de": [
            "kein Medizinprodukt",
            "kennt deinen Rücken nicht",
            "nicht untersuchen",
            "Arztpraxis",
            "Hör mit allem auf",
        ],
    }
    for part in wanted[language.code]:
        assert part in re.sub(r"\s+", " ", language.texts["about.disclaimer"])
