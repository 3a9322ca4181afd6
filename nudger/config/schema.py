"""The JSON Schema of the config, for editors that complete and check while one types."""

from __future__ import annotations

import ast
import inspect
import textwrap
from datetime import timedelta
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema

from nudger.config.durations import format_duration
from nudger.config.hours import format_time
from nudger.config.options import Vocabulary, config_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import BaseModel
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core.core_schema import ModelSchema


class _Generator(GenerateJsonSchema):
    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        """Add what the docstrings under the fields say."""
        result = super().model_schema(schema)
        for name, text in _field_docs(schema["cls"]).items():
            result["properties"][name].setdefault("description", text)
        return result

    def encode_default(self, dft: Any) -> Any:
        """Write a default duration, or a list of times of day, as one would in the config, not as ISO 8601."""
        if isinstance(dft, tuple) and dft and all(isinstance(time, timedelta) for time in dft):
            return [format_time(time) for time in dft]
        return format_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def json_schema(vocabulary: Vocabulary) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the config file."""
    schema = config_model(vocabulary).model_json_schema(schema_generator=_Generator)
    return {"$schema": _Generator.schema_dialect, **schema}


def options_at(schema: Mapping[str, Any], loc: tuple[str | int, ...]) -> dict[str, Any]:
    """Return the options, with their schemas, that may stand at a place of the config as pydantic names it."""
    nodes: list[Mapping[str, Any]] = [schema]
    for part in loc:
        nodes = [child for node in nodes for child in _inside(node, part, schema)]
    return {name: option for node in nodes for plain in _plain(node, schema) for name, option in _properties(plain)}


def _properties(node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from node.get("properties", {}).items()


def _plain(node: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The node itself and all it stands for: what it refers to, its alternatives."""
    if "$ref" in node:
        yield from _plain(root["$defs"][node["$ref"].rpartition("/")[2]], root)
    for alternative in (*node.get("anyOf", ()), *node.get("oneOf", ())):
        yield from _plain(alternative, root)
    yield node


def _inside(node: Mapping[str, Any], part: str | int, root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for plain in _plain(node, root):
        if isinstance(part, int):
            if "items" in plain:
                yield plain["items"]
        elif part in plain.get("properties", {}):
            yield plain["properties"][part]
        elif part in (kinds := plain.get("discriminator", {}).get("mapping", {})):
            yield {"$ref": kinds[part]}
        else:
            yield from plain.get("patternProperties", {}).values()
            if isinstance(rest := plain.get("additionalProperties"), dict):
                yield rest


def _field_docs(model: type[BaseModel]) -> dict[str, str]:
    """The docstrings under the fields of a model and of what it is derived from.

    pydantic can collect them (``use_attribute_docstrings``), but would read the sources at every start of the daemon.
    """
    docs: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        docs |= _own_docs(cls)
    return {name: text for name, text in docs.items() if name in model.model_fields}


@cache
def _own_docs(cls: type) -> dict[str, str]:
    try:
        definition = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    except (OSError, TypeError):  # made at run time, or built in
        return {}
    docs = {}
    for field, doc in pairwise(definition.body if isinstance(definition, ast.ClassDef) else ()):
        match field, doc:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                docs[name] = inspect.cleandoc(text)
    return docs
