"""What PyYAML cannot read, in plain words."""

from __future__ import annotations

import re
from typing import Final

import yaml

_PLAIN_ENGLISH: Final = (
    (r"found character '\\t'", "indent with spaces: YAML takes no tab here"),
    (r"found character '(.)' that cannot start", "a text that starts with {0} must stand in quotes"),
    ("mapping values are not allowed", "a colon too many: put the text in quotes, or check the indentation"),
    ("expected ',' or '(.)'", "the list or mapping that was opened here lacks its {0}, or a comma"),
    ("unexpected end of stream", "the quote that was opened here is never closed"),
    ("unknown escape character", "in double quotes a backslash has a meaning: use single quotes, or write it twice"),
    ("expected <block end>", "the indentation does not fit the lines above"),
    ("could not find expected ':'", "a key must be followed by a colon and a space"),
    ("undefined tag handle|expected URI", "unknown tag"),
)
"""What PyYAML finds, and how to say it."""


class Unreadable(Exception):  # noqa: N818  (a fault in the making)
    """The text as a whole cannot be read; nothing after the line was."""

    def __init__(self, line: int | None, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def in_plain_english(error: yaml.MarkedYAMLError) -> Unreadable:
    """Return what PyYAML found as something one can act upon."""
    problem = error.problem or "cannot be read"
    line = error.problem_mark.line + 1 if error.problem_mark else 1
    opened = error.context_mark.line + 1 if error.context_mark else line
    for pattern, text in _PLAIN_ENGLISH:
        if found := re.search(pattern, problem):
            return Unreadable(opened if "opened here" in text else line, text.format(*found.groups()))
    return Unreadable(line, f"is not valid YAML: {problem}")
