"""The package's own data: the ladder of stages, and the prompts and texts in every language there is.

The files lie in ``nudger/data``. A prompt's structure stands once, in the original language; a translation holds words
only, so a new language is one more ``prompts.<code>.yaml`` and no code. A file that does not fit stops the start with
an error naming file and entry: half a library would be worse than none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

import yaml

from nudger.core.ladder import Ladder, LibraryPrompt, Stage
from nudger.core.words import PromptKind

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

T = TypeVar("T")

DATA: Final = files("nudger") / "data"
LADDER_FILE: Final = "ladder.yaml"
ORIGINAL: Final = "en"
"""The language whose file holds the prompts' structure; the others are translations of it."""

# The C parser is about ten times as fast; PyYAML lacks it where it was built without libyaml.
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class LibraryError(Exception):
    """A language that does not exist, or a data file that does not fit; the message names the file and the entry."""


@dataclass(frozen=True, slots=True)
class Language:
    """Everything the program says to a person in one language.

    ``texts`` maps a key such as ``why.call`` to a sentence, whose ``{name}`` places are filled by whoever says it.
    ``contraindications`` maps each tag that prompts use to a description of it.
    """

    code: str
    prompts: tuple[LibraryPrompt, ...]
    texts: Mapping[str, str]
    contraindications: Mapping[str, str]


@cache
def load_ladder() -> Ladder:
    """Return the ladder that ships with the program. Raises LibraryError."""
    return read_ladder(DATA)


@cache
def load_language(code: str) -> Language:
    """Return the prompts and texts of one of `LANGUAGES`. Raises LibraryError, also for a language there is not."""
    if code not in LANGUAGES:
        raise LibraryError(f"no texts in language {code!r}; it can be one of: {', '.join(LANGUAGES)}")
    if code == ORIGINAL:
        return read_original(DATA, load_ladder())
    return read_translation(code, DATA, load_language(ORIGINAL))


def find_languages(folder: Traversable) -> tuple[str, ...]:
    """Return the codes of all ``prompts.<code>.yaml`` in the folder, sorted."""
    names = (entry.name for entry in folder.iterdir())
    return tuple(
        sorted(n[len("prompts.") : -len(".yaml")] for n in names if n.startswith("prompts.") and n.endswith(".yaml"))
    )


LANGUAGES: Final = find_languages(DATA)


def read_ladder(folder: Traversable) -> Ladder:
    """Read the ladder from a folder. Raises LibraryError."""
    raw = _read(folder, LADDER_FILE)
    stages = tuple(_rung(entry) for entry in _field(raw, "stages", list, LADDER_FILE))
    overlay = _field(raw, "flare_overlay", dict, LADDER_FILE)
    where = f"{LADDER_FILE}: flare_overlay"
    lender = _field(overlay, "weights_from", str, where)
    weights = {stage.id: stage.weights for stage in stages}
    _known([lender], weights, "stage", where)
    return Ladder(
        stages=stages,
        flare=_stage({"id": "flare"} | overlay, weights=weights[lender]),
        min_break=timedelta(seconds=_field(raw, "min_break_s", int, LADDER_FILE)),
        long_break=timedelta(seconds=_field(raw, "long_break_s", int, LADDER_FILE)),
    )


def read_original(folder: Traversable, ladder: Ladder) -> Language:
    """Read the original language, structure included, against the ladder's stages. Raises LibraryError."""
    file = _file_name(ORIGINAL)
    raw = _read(folder, file)
    tags = _words(raw, "contraindications", file)
    entries = _entries(raw, file)
    return Language(
        code=ORIGINAL,
        prompts=tuple(_prompt(entry, f"{file}: {name}", ladder, tags) for name, entry in entries.items()),
        texts=_words(raw, "texts", file),
        contraindications=tags,
    )


def read_translation(code: str, folder: Traversable, original: Language) -> Language:
    """Read a translation and lay its words over the original's structure. Raises LibraryError."""
    file = _file_name(code)
    raw = _read(folder, file)
    if (told := _field(raw, "language", str, file)) != code:
        raise LibraryError(f"{file}: language: expected {code!r} as in the file's name, got {told!r}")
    entries = _entries(raw, file)
    _same_keys(entries, [prompt.id for prompt in original.prompts], f"{file}: prompts")
    texts = _words(raw, "texts", file)
    _same_keys(texts, original.texts, f"{file}: texts")
    tags = _words(raw, "contraindications", file)
    _same_keys(tags, original.contraindications, f"{file}: contraindications")
    return Language(
        code=code,
        prompts=tuple(
            replace(
                prompt,
                title=_field(entries[prompt.id], "title", str, f"{file}: {prompt.id}"),
                body=_field(entries[prompt.id], "body", str, f"{file}: {prompt.id}"),
            )
            for prompt in original.prompts
        ),
        texts=texts,
        contraindications=tags,
    )


def _file_name(code: str) -> str:
    return f"prompts.{code}.yaml"


def _read(folder: Traversable, file: str) -> dict[str, Any]:
    try:
        raw = yaml.load((folder / file).read_bytes(), Loader=_Loader)  # noqa: S506  (both loaders are safe ones)
    except (OSError, yaml.YAMLError) as error:
        raise LibraryError(f"{file}: {error}") from error
    if not isinstance(raw, dict):
        raise LibraryError(f"{file}: expected a mapping")
    return raw


def _rung(entry: object) -> Stage:
    """One stage of the ladder: what it asks for, and the scores by which it is entered and left."""
    stage = _stage(entry, weights=None)
    where = f"{LADDER_FILE}: {stage.id}"
    return replace(
        stage,
        enter_max=_field(entry, "enter_max", int, where),
        back_off_at=_number_or_none(entry, "back_off_at", where),
        min_observed_days=_number_or_none(entry, "min_observed_days", where),
    )


def _stage(entry: object, weights: Mapping[str, int] | None) -> Stage:
    """What a stage asks for; an overlay is handed the weights that it borrows."""
    name = _field(entry, "id", str, f"{LADDER_FILE}: a stage")
    where = f"{LADDER_FILE}: {name}"
    return Stage(
        id=name,
        soft=timedelta(minutes=_field(entry, "soft_min", int, where)),
        hard=timedelta(minutes=_field(entry, "hard_min", int, where)),
        break_target=timedelta(seconds=_field(entry, "break_target_s", int, where)),
        long_break_every=_field(entry, "long_break_every", int, where),
        max_intensity=_field(entry, "max_intensity", int, where),
        weights=MappingProxyType(_field(entry, "weights", dict, where)) if weights is None else weights,
    )


def _prompt(entry: object, where: str, ladder: Ladder, tags: Mapping[str, str]) -> LibraryPrompt:
    kind = _field(entry, "kind", str, where)
    _known([kind], list(PromptKind), "kind", where)
    prompt = LibraryPrompt(
        id=_field(entry, "id", str, where),
        title=_field(entry, "title", str, where),
        body=_field(entry, "body", str, where),
        category=_field(entry, "category", str, where),
        kind=PromptKind(kind),
        stages=frozenset(_field(entry, "stages", list, where)),
        duration=timedelta(seconds=_field(entry, "duration_s", int, where)),
        intensity=_field(entry, "intensity", int, where),
        needs_floor=_field(entry, "needs_floor", bool, where),
        discreet=_field(entry, "discreet", bool, where),
        contraindications=frozenset(_field(entry, "contraindications", list, where)),
    )
    _known(prompt.stages, [stage.id for stage in ladder.stages], "stage", where)
    _known(prompt.contraindications, tags, "contraindication", where)
    if prompt.kind is PromptKind.BREAK:  # a category nobody weighs would never be drawn
        _known([prompt.category], ladder.flare.weights, "category", where)
    return prompt


def _entries(raw: object, file: str) -> dict[str, object]:
    """The prompts of a file by id. Raises LibraryError for an id that comes twice."""
    entries: dict[str, object] = {}
    for entry in _field(raw, "prompts", list, file):
        name = _field(entry, "id", str, f"{file}: a prompt")
        if name in entries:
            raise LibraryError(f"{file}: {name}: this id comes twice")
        entries[name] = entry
    return entries


def _words(raw: object, key: str, file: str) -> Mapping[str, str]:
    section = _field(raw, key, dict, file)
    return MappingProxyType({name: _field(section, name, str, f"{file}: {key}") for name in section})


def _field(entry: object, key: str, kind: type[T], where: str) -> T:
    """The value of a field that must be there and of that kind. Raises LibraryError."""
    if not isinstance(entry, Mapping):
        raise LibraryError(f"{where}: expected a mapping, got {entry!r}")
    if key not in entry:
        raise LibraryError(f"{where}: {key} is missing")
    value = entry[key]
    # A bool is an int to Python, but "true" is no number of seconds.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise LibraryError(f"{where}: {key}: expected {kind.__name__}, got {value!r}")
    return value


def _number_or_none(entry: object, key: str, where: str) -> int | None:
    """The whole number of a field that must be there, or None where it is null. Raises LibraryError."""
    if isinstance(entry, Mapping) and key in entry and entry[key] is None:
        return None
    return _field(entry, key, int, where)


def _known(names: Iterable[str], vocabulary: Collection[str], what: str, where: str) -> None:
    for name in names:
        if name not in vocabulary:
            raise LibraryError(f"{where}: unknown {what} {name!r}; it can be one of: {', '.join(sorted(vocabulary))}")


def _same_keys(found: Collection[str], expected: Collection[str], where: str) -> None:
    for name in expected:
        if name not in found:
            raise LibraryError(f"{where}: {name} is missing")
    for name in found:
        if name not in expected:
            raise LibraryError(f"{where}: {name} is not in {_file_name(ORIGINAL)}")
