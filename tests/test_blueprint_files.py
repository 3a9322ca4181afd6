"""The files for Home Assistant are sound: what they ask for they use, what they use they ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from nudger.views.entities import PERSON

HERE: Final = Path(__file__).parent.parent / "homeassistant"
BLUEPRINTS: Final = sorted(HERE.glob("blueprints/*/nudger/*.yaml"))
SELECTORS: Final = frozenset(
    {"text", "number", "select", "boolean", "time", "entity", "device", "condition", "color_rgb"},
)


class Input(str):
    """The name after ``!input``."""

    __slots__ = ()


class Loader(yaml.SafeLoader):
    """YAML with the tag of blueprints."""


Loader.add_constructor("!input", lambda loader, node: Input(loader.construct_scalar(node)))  # type: ignore[arg-type]  # a scalar


def read(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.load(file.read_text(), Loader)  # noqa: S506  (a safe loader, with one tag more)
    return content


def declared(inputs: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, each in inputs.items():
        if "input" in each:
            yield from declared(each["input"])
        else:
            yield name, each


def used(tree: object) -> Iterator[str]:
    if isinstance(tree, Input):
        yield str(tree)
    elif isinstance(tree, dict):
        for value in tree.values():
            yield from used(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from used(value)


def test_there_are_five() -> None:
    assert [file.stem for file in BLUEPRINTS] == ["check_in", "light_cue", "meeting", "phone_prompt", "speaker"]


@pytest.mark.parametrize("file", BLUEPRINTS, ids=lambda file: file.stem)
def test_a_blueprint_is_sound(file: Path) -> None:
    content = read(file)
    about = content.pop("blueprint")
    assert about["name"].startswith("nudger: ")
    assert about["domain"] == file.parent.parent.name
    assert len(about["description"]) > 80
    assert re.fullmatch(r"\d+\.\d+\.\d+", about["homeassistant"]["min_version"]), "X.Y.Z, or Home Assistant refuses it"
    inputs = list(declared(about["input"]))
    names = [name for name, _ in inputs]
    assert len(names) == len(set(names)), "names must be unique across sections"
    assert set(used(content)) == set(names)
    for name, each in inputs:
        assert each["name"], name
        [selector] = each["selector"]
        assert selector in SELECTORS, name
        assert "default" in each or selector in {"device", "entity"}, f"{name} has no default"
    sections = [each for each in about["input"].values() if "input" in each]
    assert sections
    assert all({"name", "icon"} <= each.keys() for each in sections)
    assert {"triggers", "actions"} <= content.keys()


def test_the_dashboard_names_entities_that_there_are() -> None:
    text = (HERE / "dashboard.yaml").read_text()
    entities = set(re.findall(r"\b[a-z_]+\.nudger_me_[a-z0-9_]+", text))
    assert entities
    assert entities <= {f"{row.platform}.nudger_me_{row.key}" for row in PERSON}


def test_the_dashboard_needs_no_card_from_elsewhere() -> None:
    def types(tree: object) -> Iterator[str]:
        if isinstance(tree, dict):
            if isinstance(tree.get("type"), str):
                yield tree["type"]
            for value in tree.values():
                yield from types(value)
        elif isinstance(tree, list):
            for value in tree:
                yield from types(value)

    found = set(types(yaml.safe_load((HERE / "dashboard.yaml").read_text())))
    assert found
    assert not {each for each in found if each.startswith("custom:")}
