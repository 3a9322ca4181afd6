"""YAML text into plain data that remembers its lines.

A strict subset: one document, a mapping at the top, no anchors, aliases or merge keys, no key twice. Plain words are
read by YAML 1.2's rules, so ``on``, ``off``, ``yes``, ``no``, ``22:00`` and ``007`` stay the texts they look like.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import yaml

from nudger.config.faults import Fault, Path, did_you_mean, dotted
from nudger.config.yaml_faults import Unreadable, in_plain_english

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_BYTES: Final = 1_000_000
"""Largest config we read. Parsing it takes about 3 s: the pure Python scanner, because it is the same everywhere."""

MAX_DEPTH: Final = 20
"""Deepest nesting we follow; the options themselves need seven levels."""

_WHOLE: Final = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL: Final = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_HASH: Final = re.compile(r"[ \t]+#[^\s#]")
_WORDS: Final[Mapping[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(slots=True)
class Tree:
    """The data of one file, the line of every key and item, and what is wrong with the YAML itself.

    What stands at a path in ``broken`` is None for want of something better: a fault has told of it already.
    """

    file: str
    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    broken: set[Path] = field(default_factory=set)

    def fault(self, path: Path, message: str) -> Fault:
        """Return a fault at a path, with the line of the nearest part of it that the file has."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        return Fault(self.file, self.lines.get(known, 1), dotted(path), message)

    def is_broken(self, path: Path) -> bool:
        """Tell whether the value at the path, or one around it, was lost to a fault already told."""
        return any(path[:length] in self.broken for length in range(len(path) + 1))


def read_tree(
    content: bytes, file: str, tags: Mapping[str, Callable[[str], str]] | None = None, *, all_text: bool = False
) -> Tree:
    """Read YAML. Never raises: whatever is wrong stands in ``faults`` of the result.

    ``tags`` are the functions behind ``!tag text``; a ValueError of theirs becomes a fault. With ``all_text`` plain
    words are not interpreted (``007`` and ``true`` are texts).
    """
    tree = Tree(file)
    try:
        _Builder(tree, tags or {}, all_text=all_text).build(_decode(content))
    except Unreadable as error:
        tree.broken.add(())
        tree.faults.append(Fault(file, error.line, "", error.message))
    return tree


def _decode(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise Unreadable(None, f"is larger than {MAX_BYTES // 1000} kB, which no config is")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(line, "is not UTF-8 text: save the file with that encoding") from None


class _Builder:
    """Follows the parser's events, so that depth and aliases are refused before they cost anything."""

    def __init__(self, tree: Tree, tags: Mapping[str, Callable[[str], str]], *, all_text: bool) -> None:
        self._tree = tree
        self._tags = tags
        self._all_text = all_text
        self._loader: yaml.BaseLoader
        self._text = ""

    def build(self, text: str) -> None:
        self._text = text
        try:
            self._loader = yaml.BaseLoader(text)
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            raise Unreadable(line, "holds a character that YAML does not allow") from None
        try:
            self._document()
        except yaml.MarkedYAMLError as error:
            raise in_plain_english(error) from None
        except (yaml.YAMLError, ValueError, OverflowError):  # an escape that is no character, a number without end
            raise Unreadable(self._loader.line + 1, "is not valid YAML here") from None

    def _document(self) -> None:
        self._next()  # the stream starts
        if isinstance(self._next(), yaml.StreamEndEvent):
            self._tree.data = {}
            return
        top = self._next()
        data = self._node(top, ())
        if not isinstance(data, dict | None):
            raise Unreadable(top.start_mark.line + 1, "must be made of options, one a line: 'name: value'")
        self._tree.data = data or {}
        self._next()  # the document ends
        rest = self._next()
        if not isinstance(rest, yaml.StreamEndEvent):
            raise Unreadable(rest.start_mark.line + 1, "must be one document: leave out the second '---'")

    def _next(self) -> Any:
        return self._loader.get_event()  # type: ignore[no-untyped-call]

    def _node(self, event: Any, path: Path) -> Any:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            self._lose(path, line, f"aliases (*{event.anchor}) are not supported: write the value again")
            return None
        if event.anchor is not None:
            self._add(path, line, f"anchors (&{event.anchor}) are not supported: leave it out")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path, line)
        if event.tag is not None:
            self._lose(path, line, f"{_tag_name(event.tag)} cannot stand before a list or a mapping")
            self._skip(event)
            return None
        _check_depth(len(path), line)
        return self._mapping(path) if isinstance(event, yaml.MappingStartEvent) else self._sequence(path)

    def _mapping(self, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            if not _is_word(event):
                if isinstance(event, yaml.MappingStartEvent):  # the option that holds it is told of, and that is enough
                    self._lose(path, line, "a text that starts with {{ must stand in quotes")
                else:
                    self._add(path, line, "a key must be a plain word")
                self._skip(event)
                self._skip(self._next())
                continue
            key, here = event.value, (*path, event.value)
            if key == "<<" and event.implicit[0]:
                self._add(path, line, "merge keys (<<) are not supported: write the options again")
                self._skip(self._next())
            elif here in self._tree.lines:
                first = self._tree.lines[here]
                self._add(here, line, f"is given twice, first on line {first}: only one can count")
                self._skip(self._next())
            else:
                self._tree.lines[here] = line
                data[key] = self._node(self._next(), here)
        return data

    def _sequence(self, path: Path) -> list[Any]:
        data: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            here = (*path, len(data))
            self._tree.lines[here] = event.start_mark.line + 1
            data.append(self._node(event, here))
        return data

    def _scalar(self, event: Any, path: Path, line: int) -> Any:
        try:
            text = event.value if event.tag is None else self._resolve(event.tag, event.value)
        except ValueError as error:
            self._lose(path, line, str(error))
            return None
        if not text and event.implicit[0] and _HASH.match(self._text, event.end_mark.index):
            self._lose(path, line, "is empty, for what follows a # is a comment: put the value in quotes")
            return None
        if not _is_printable(text.replace("\n", "").replace("\t", "")):
            self._lose(path, line, "must not hold control characters")
            return None
        return _meaning(text) if event.implicit[0] and not self._all_text else text

    def _resolve(self, tag: str, text: str) -> str:
        if tag not in self._tags:
            known = ", ".join(self._tags) or "none"
            raise ValueError(f"unknown tag {_tag_name(tag)} (known: {known}){did_you_mean(tag, self._tags)}")
        return self._tags[tag](text)

    def _skip(self, event: Any) -> None:
        depth = 0
        while True:
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth == 0:
                return
            _check_depth(depth, event.start_mark.line + 1)
            event = self._next()

    def _lose(self, path: Path, line: int, message: str) -> None:
        self._tree.broken.add(path)
        self._add(path, line, message)

    def _add(self, path: Path, line: int, message: str) -> None:
        self._tree.faults.append(Fault(self._tree.file, line, dotted(path), message))


def _check_depth(depth: int, line: int) -> None:
    if depth >= MAX_DEPTH:
        raise Unreadable(line, f"is nested deeper than {MAX_DEPTH} levels")


def _meaning(text: str) -> str | int | float | bool | None:
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def _is_word(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent) and event.tag is event.anchor is None and _is_printable(event.value)


def _is_printable(text: str) -> bool:
    return not any(unicodedata.category(char) in {"Cc", "Cs"} for char in text)


def _tag_name(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")
