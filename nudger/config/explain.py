"""What pydantic found wrong, in plain words and with the place in the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from nudger.config.faults import Fault, Path, did_you_mean, nearest
from nudger.config.schema import options_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from nudger.config.yaml_tree import Tree

_LISTABLE: Final = 12
"""More options than this are not listed where none is near to what was written."""

_SHOWABLE: Final = 40
"""Values longer than this are not quoted: one finds them by their line."""
_OBVIOUS: Final = frozenset({"string_type", "string_too_long", "list_type", "tuple_type", "dict_type", "model_type"})
"""Faults of the shape, not of the value."""

_TEXTS: Final = {
    "missing": "is missing",
    "string_type": "must be a text: put it in quotes",
    "string_pattern_mismatch": "must match {pattern}",
    "string_too_short": "must not be empty",
    "string_too_long": "must be at most {max_length} characters long",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a smaller number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number that ends",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list: each entry on its own line, after '- '",
    "tuple_type": "must be a list: each entry on its own line, after '- '",
    "dict_type": "must be options of its own, as in 'name: value'",
    "model_type": "must be options of its own, as in 'name: value'",
    "model_attributes_type": "must be options of its own, as in 'name: value'",
    "path_type": "must be the name of a file",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "too_short": "must have at least {min_length}",
    "too_long": "must have at most {max_length}",
    "union_tag_not_found": "is missing",
}


def explain(error: ValidationError, tree: Tree, schema: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield a fault for everything pydantic found, except where the tree has told of a fault already.

    An option that is missing because it is misspelt is one fault, not two.
    """
    details = error.errors(include_url=False)
    meant = {
        (*detail["loc"][:-1], nearest(str(detail["loc"][-1]), options_at(schema, detail["loc"][:-1])))
        for detail in details
        if detail["type"] == "extra_forbidden"
    }
    for detail in details:
        path = _path(detail, tree)
        is_misspelt = detail["type"] == "missing" and detail["loc"] in meant
        if not is_misspelt and not tree.is_broken(path):
            yield tree.fault(path, _message(detail, schema))


def _path(detail: ErrorDetails, tree: Tree) -> Path:
    """The part of pydantic's place that the file has: it also names kinds of outputs and lists that were one value."""
    path: Path = ()
    for part in detail["loc"]:
        if (*path, part) in tree.lines:
            path = (*path, part)
    if detail["type"] == "missing":
        return (*path, detail["loc"][-1])
    is_tag = detail["type"].startswith("union_tag")
    return (*path, str(detail["ctx"]["discriminator"]).strip("'")) if is_tag else path


def _message(detail: ErrorDetails, schema: Mapping[str, Any]) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "value_error":
        return f"{context['error']}{_not_what_was_written(str(context['error']), detail, schema)}"
    if kind == "extra_forbidden":
        return _unknown_option(detail["loc"], schema)
    if kind in {"literal_error", "enum", "union_tag_invalid"}:
        written = context.get("tag", detail["input"])
        expected = re.split(", | or ", str(context.get("expected", context.get("expected_tags"))).replace("'", ""))
        return f"{written!r} is none of {', '.join(expected)}{did_you_mean(str(written), expected)}"
    if kind in _TEXTS:
        text = _TEXTS[kind].format(**context)
        return f"{text}{_not_what_was_written(text, detail, schema)}"
    return detail["msg"].replace("Input should", "must")


def _not_what_was_written(text: str, detail: ErrorDetails, schema: Mapping[str, Any]) -> str:
    """Return ``, not 'what stands there'``, where that helps and cannot be a secret, which is a text or an address."""
    written, loc = detail["input"], detail["loc"]
    if not text.startswith("must be ") or ", not " in text or detail["type"] in _OBVIOUS:
        return ""
    if not isinstance(written, str | int | float) or not 0 < len(str(written)) <= _SHOWABLE or "@" in str(written):
        return ""
    option = options_at(schema, loc[:-1]).get(str(loc[-1]), {})
    return "" if "writeOnly" in str(option) else f", not {_as_written(written)}"


def _as_written(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _unknown_option(loc: Path, schema: Mapping[str, Any]) -> str:
    known = options_at(schema, loc[:-1])
    near = did_you_mean(str(loc[-1]), known)
    listed = "" if near or len(known) > _LISTABLE else f" (known here: {', '.join(known)})"
    return f"unknown option{listed}{near}"
