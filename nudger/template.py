"""Jinja2 templates from the owner's config. One sandboxed environment serves them all; a template never comes from a
payload.

Most value templates only pick one value out of JSON, as ``{{ value_json.occupancy }}`` does. Those are carried out
without Jinja, with the same result and about four times as fast, and without importing it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AfterValidator

from nudger.payload import Document, UnreadableError

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST: Final = 1024
"""Characters of a reader's output that are kept. A state is a word or a number."""

LONGEST_WRITTEN: Final = 4096
"""Characters of a writer's output that are kept. A lamp command is a short JSON text."""

Reader = Callable[[Document], str]

_SEEN_BY_READERS: Final = frozenset({"value", "value_json", "name"})

_KEY: Final = r"""\.[A-Za-z_][A-Za-z0-9_]*|\[\s*(?:'[^'\\{}]*'|"[^"\\{}]*")\s*\]"""
_PATH: Final = re.compile(rf"\s*\{{\{{-?\s*value_json((?:{_KEY})+)\s*-?\}}\}}\s*")
_METHODS: Final = frozenset().union(*(dir(kind) for kind in (dict, list, str, int, float, bool, type(None))))
"""Names that Jinja finds on the value itself before it looks for a key: left to Jinja."""


@functools.lru_cache(maxsize=256)
def compile_reader(source: str) -> Reader:
    """Compile a template that reads a payload; it sees ``value``, ``value_json`` and ``name``.

    What comes back renders a `Document` to text without white space around it; a missing key is empty text. It raises
    UnreadableError when the template cannot cope with the payload. Raises ValueError when the template itself is wrong.
    """
    keys = _plain_path(source)
    return _pick(keys) if keys else _compile_jinja_reader(source)


@functools.lru_cache(maxsize=256)
def compile_writer(source: str, names: frozenset[str]) -> Callable[..., str]:
    """Compile a template that makes a payload out of the keyword arguments ``names``.

    What comes back renders them, or raises UnreadableError. Raises ValueError when the template itself is wrong.
    """
    template = _compiled(source, names)

    def write(**values: object) -> str:
        return _rendered(lambda: template.render(values), LONGEST_WRITTEN)

    return write


def _check_reader(source: str) -> str:
    compile_reader(source)
    return source


ReaderSource = Annotated[str, AfterValidator(_check_reader)]
"""Field type of a template that reads a payload: wrong templates are faults of the config."""


def _compile_jinja_reader(source: str) -> Reader:
    template = _compiled(source, _SEEN_BY_READERS)
    wants_json = "value_json" in source

    def read(document: Document) -> str:
        seen: dict[str, object] = {"value": document.text, "name": document.name}
        fault: UnreadableError | None = None
        if wants_json:
            try:
                seen["value_json"] = document.json()
            except UnreadableError as error:
                fault = error  # the template may still get by, as in {{ value_json.a if value_json is defined }}
        try:
            text = _rendered(lambda: template.render(seen))
        except UnreadableError as error:
            raise fault or error from None
        if fault and not text:
            raise fault
        return text

    return read


def _pick(keys: tuple[str, ...]) -> Reader:
    def read(document: Document) -> str:
        value = document.json()
        for key in keys:
            try:
                value = value[key]  # type: ignore[index]
            except (TypeError, LookupError):
                return ""
        if type(value) is bool:
            return "True" if value else "False"
        return _rendered(lambda: str(value))

    return read


def _plain_path(source: str) -> tuple[str, ...]:
    """Return the keys that a template of the simplest form follows, none when it is of another form."""
    match = _PATH.fullmatch(source)
    if match is None:
        return ()
    parts: list[str] = re.findall(_KEY, match[1])
    keys = tuple(part[1:] if part.startswith(".") else part[1:-1].strip()[1:-1] for part in parts)
    return () if any(key in _METHODS for key in keys) else keys


def _rendered(render: Callable[[], str], longest: int = LONGEST) -> str:
    try:
        text = render()
    except Exception as error:  # noqa: BLE001  (a template is a program of its own: anything may come out of it)
        raise UnreadableError(f"makes the template fail ({type(error).__name__})") from None
    text = text.strip()[:longest]
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise UnreadableError("holds half a character (a lone surrogate)")
    return text


def _compiled(source: str, names: frozenset[str]) -> Template:
    from jinja2 import TemplateSyntaxError, meta  # noqa: PLC0415  (40 ms that most configs need not pay)

    environment = _environment()
    try:
        template, tree = environment.from_string(source), environment.parse(source)
    except TemplateSyntaxError as error:
        where = f" (line {error.lineno} of the template)" if "\n" in source.strip() else ""
        raise ValueError(f"is no valid template: {error.message}{where}") from None
    except RecursionError:
        raise ValueError("is no valid template: it is nested too deeply") from None
    unknown = meta.find_undeclared_variables(tree) - names - environment.globals.keys()
    if unknown:
        raise ValueError(f"the template uses {min(unknown)!r}, but can only see {', '.join(sorted(names))}")
    return template


@functools.cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2 import ChainableUndefined  # noqa: PLC0415  (see _compiled)
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    # Chainable, so that {{ value_json.ENERGY.Power }} is empty for a message without ENERGY, as for one without Power.
    return ImmutableSandboxedEnvironment(undefined=ChainableUndefined)
