"""Loading the data files: what is read, what a translation may hold, and how damage is told."""

from __future__ import annotations

import shutil
from importlib.resources import as_file
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from nudger.library import (
    DATA,
    LANGUAGES,
    ORIGINAL,
    Language,
    LibraryError,
    find_languages,
    load_ladder,
    load_language,
    read_ladder,
    read_original,
    read_translation,
)

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path


class OnceLoader(yaml.SafeLoader):
    """Refuses a key that comes twice, where plain YAML would let the last one win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"{node.start_mark}: {sorted(k for k in keys if keys.count(k) > 1)}"
        return super().construct_mapping(node, deep=deep)


@pytest.mark.parametrize("file", ["ladder.yaml", *(f"prompts.{code}.yaml" for code in LANGUAGES)])
def test_no_key_comes_twice(file: str) -> None:
    yaml.load((DATA / file).read_bytes(), Loader=OnceLoader)  # noqa: S506  (a safe loader)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the data files that a test may damage."""
    with as_file(DATA) as data:
        return shutil.copytree(data, tmp_path / "data")


def read(folder: Path, code: str = "de") -> Language:
    """What `load_language` does, from that folder and without the cache."""
    original = read_original(folder, read_ladder(folder))
    return original if code == "en" else read_translation(code, folder, original)


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_new_language_is_one_more_file(folder: Path) -> None:
    shutil.copy(folder / "prompts.de.yaml", folder / "prompts.nl.yaml")
    change(folder, "prompts.nl.yaml", "language: de", "language: nl")
    change(folder, "prompts.nl.yaml", "Hinter den Stuhl", "Achter de stoel")
    assert find_languages(folder) == ("de", "en", "nl")
    dutch = read(folder, "nl")
    assert dutch.prompts[0].title == "Achter de stoel"
    assert dutch.prompts[0].stages == load_language("en").prompts[0].stages


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("ladder.yaml", "soft_min: 25", "soft_mins: 25", "ladder.yaml: walk_run: soft_min is missing"),
        (
            "ladder.yaml",
            "hard_min: 24",
            "hard_min: soon",
            "ladder.yaml: daily_walks: hard_min: expected int, got 'soon'",
        ),
        ("ladder.yaml", "min_break_s: 60", "min_break_s: true", "ladder.yaml: min_break_s: expected int, got True"),
        (
            "ladder.yaml",
            "weights_from: gentle_start",
            "weights_from: gentle",
            "ladder.yaml: flare_overlay: unknown stage 'gentle'; it can be one of: build_strength, daily_walks",
        ),
        (
            "prompts.en.yaml",
            "running: &running [walk_run, steady]",
            "running: &running [walk_run, stedy]",
            "prompts.en.yaml: plan-run-today: unknown stage 'stedy'; it can be one of: build_strength",
        ),
        (
            "prompts.en.yaml",
            "contraindications: [dizzy, unsteady]",
            "contraindications: [dizy]",
            "prompts.en.yaml: stand-busier-foot: unknown contraindication 'dizy'; it can be one of: ankle_foot",
        ),
        (
            "prompts.en.yaml",
            "category: chores,",
            "category: chore,",
            "prompts.en.yaml: chores-curtain: unknown category 'chore'; it can be one of: breathing, chores",
        ),
        (
            "prompts.en.yaml",
            "kind: break",
            "kind: rest",
            "prompts.en.yaml: stand-behind-chair: unknown kind 'rest'; it can be one of: break, plan, posture",
        ),
        ("prompts.en.yaml", "discreet: true,", "", "prompts.en.yaml: stand-behind-chair: discreet is missing"),
        ("prompts.en.yaml", "id: stand-think", "id: stand-shirt", "prompts.en.yaml: stand-shirt: this id comes twice"),
        (
            "prompts.en.yaml",
            "prompts:\n",
            "prompts:\n  - chair\n",
            "prompts.en.yaml: a prompt: expected a mapping, got",
        ),
        ("prompts.en.yaml", "texts:", "texts: [", "prompts.en.yaml: while parsing"),
        ("prompts.de.yaml", "id: walk-mirror", "id: walk-miror", "prompts.de.yaml: prompts: walk-mirror is missing"),
        ("prompts.de.yaml", 'title: "Klare Sicht",', "", "prompts.de.yaml: chores-glasses: title is missing"),
        ("prompts.de.yaml", "  why.call:", "  why.phone:", "prompts.de.yaml: texts: why.call is missing"),
        (
            "prompts.de.yaml",
            "neck: ein schmerzender Nacken",
            "neck: no",
            "prompts.de.yaml: contraindications: neck: expected str, got False",
        ),
        (
            "prompts.de.yaml",
            "  neck:",
            "  hals: x\n  neck:",
            "prompts.de.yaml: contraindications: hals is not in prompts.en.y",
        ),
        (
            "prompts.de.yaml",
            "language: de",
            "language: at",
            "prompts.de.yaml: language: expected 'de' as in the file's name",
        ),
    ],
)
def test_a_damaged_file_is_named_with_the_entry(folder: Path, file: str, old: str, new: str, told: str) -> None:
    read(folder)
    change(folder, file, old, new)
    with pytest.raises(LibraryError) as caught:
        read(folder)
    assert str(caught.value).startswith(told)


def test_a_file_that_is_no_mapping_or_not_there_is_named(folder: Path) -> None:
    (folder / "ladder.yaml").write_text("- nothing\n", encoding="utf-8")
    with pytest.raises(LibraryError, match=r"^ladder\.yaml: expected a mapping"):
        read_ladder(folder)
    (folder / "ladder.yaml").unlink()
    with pytest.raises(LibraryError, match=r"^ladder\.yaml: .*No such file"):
        read_ladder(folder)


def test_an_unknown_language_is_told_which_there_are() -> None:
    with pytest.raises(LibraryError, match=r"^no texts in language 'xx'; it can be one of: de, en"):
        load_language("xx")


def test_the_languages_are_those_of_the_folder() -> None:
    assert set(LANGUAGES) >= {ORIGINAL, "de"}
    assert [load_language(code).code for code in LANGUAGES] == list(LANGUAGES)


def test_loading_twice_reads_once() -> None:
    assert load_ladder() is load_ladder()
    assert load_language("de") is load_language("de")
