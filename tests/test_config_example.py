"""config.example.yaml is the manual: it is complete, it is right, and it works."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nudger.config.load import load
from nudger.config.mqtt_options import TlsOptions
from nudger.config.schema import json_schema
from nudger.config.yaml_tree import read_tree
from nudger.core.words import Kind
from nudger.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = Path(__file__).parent.parent / "config.example.yaml"
TEXT = EXAMPLE.read_text()
SET = re.sub(r"^( *)#(?=[a-z_]+:)", r"\1", TEXT, flags=re.MULTILINE)
"""The example with the # taken away from every option that is not set."""

SCHEMA = json_schema(vocabulary())

Found = tuple[str, dict[str, Any], list[Any]]
"""An option: its path, its schema, and every value that the example gives it."""


def plain(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what a schema stands for: what it refers to, and its alternatives."""
    if "$ref" in node:
        yield from plain(SCHEMA["$defs"][node["$ref"].rpartition("/")[2]])
    for alternative in (*node.get("anyOf", ()), *node.get("oneOf", ())):
        yield from plain(alternative)
    yield node


def options(node: dict[str, Any], values: list[Any], path: str = "") -> Iterator[Found]:
    """Walk through the schema and the example side by side."""
    mappings = [value for value in values if isinstance(value, dict)]
    for schema in plain(node):
        for name, option in schema.get("properties", {}).items():
            given = [mapping[name] for mapping in mappings if name in mapping]
            yield f"{path}.{name}", option, given
            yield from options(option, given, f"{path}.{name}")
        if "items" in schema:
            items = [item for value in values if isinstance(value, list) for item in value]
            yield from options(schema["items"], items, f"{path}[]")
        for inner in (*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")):
            if isinstance(inner, dict):
                yield from options(inner, [value for mapping in mappings for value in mapping.values()], f"{path}.*")


def words(node: Any) -> Iterator[str]:
    """Yield every word that some option accepts."""
    if isinstance(node, dict):
        yield from (word for word in (*node.get("enum", ()), node.get("const")) if isinstance(word, str))
        node = list(node.values())
    for inner in node if isinstance(node, list) else ():
        yield from words(inner)


OPTIONS = list(options(SCHEMA, [read_tree(SET.encode(), "example").data]))


def test_the_example_works_as_it_stands() -> None:
    settings = load(EXAMPLE, vocabulary(), environ={})

    assert list(settings.people) == ["alex", "sam"]
    assert {signal.to_signal().kind for signal in settings.people["alex"].signals} == set(Kind)


def test_it_shows_every_option() -> None:
    assert len(OPTIONS) > 70
    assert [path for path, _, values in OPTIONS if not values] == []


def test_it_shows_every_default_as_it_is() -> None:
    shown = 0
    for path, option, values in OPTIONS:
        is_section = any("properties" in schema for schema in plain(option)) or path == ".people"
        if not is_section and option.get("default") not in (None, {}):
            assert option["default"] in values, path
            shown += 1
    assert shown > 20


def test_it_names_every_word_an_option_accepts() -> None:
    assert [word for word in words(SCHEMA) if not re.search(rf"(?<![a-z_]){re.escape(word)}(?![a-z_])", TEXT)] == []


def test_what_it_calls_a_default_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(SET)
    before, after = load(EXAMPLE, vocabulary(), environ={}), load(path, vocabulary(), environ={})

    assert before.mqtt is not None
    assert after.mqtt is not None
    assert after.mqtt.tls == TlsOptions()
    assert after.mqtt.model_copy(update={"tls": None}) == before.mqtt
    assert after.people == before.people
    assert (after.zone, after.language, after.log_level) == (before.zone, before.language, before.log_level)
    assert (after.backups_keep, after.history_days) == (before.backups_keep, before.history_days)
