"""What recovery sentences are put together from: stages, dates, numbers, lists, and what is missing or asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from nudger.core.recovery.course import Lack
from nudger.library import Language
from nudger.views.why import fill

_STAGES: Final = frozenset({"stage", "next", "before", "after"})
"""The places of a sentence that hold a stage."""
_FORMS: Final = {0: "none", 1: "one"}
"""The forms that a phrase may have for a small number."""


def say(language: Language, key: str, data: Mapping[str, object]) -> str:
    """Return the text of that key with its ``{names}`` filled in: stages by their names, dates and halves as read."""
    return fill(language, key, {name: _said(language, name, value) for name, value in data.items()})


def _said(language: Language, name: str, value: object) -> object:
    if name in _STAGES:
        return language.texts[f"stage.{value}"]
    if isinstance(value, date):
        month = language.texts[f"month.{value.month}"]
        return fill(language, "date", {"count": value.day, "name": month, "value": value.year})
    return f"{value:g}".replace(".", language.texts["number.point"]) if isinstance(value, float) else value


def join(language: Language, items: Sequence[object], word: str) -> str:
    """Return the items as a list with ``and`` or ``or`` before the last: ``5, 6 and 6``."""
    *first, last = (str(item) for item in items)
    return f"{', '.join(first)} {language.texts[f'list.{word}']} {last}" if first else last


# --- What is missing, and what is asked -------------------------------------------------------------------------------


def missing(lacks: Iterable[Lack], language: Language) -> tuple[str, ...]:
    """Return a phrase for each thing that is missing for the next stage; without the person's scores."""
    return tuple(_missing(lack, language) for lack in lacks if not _is_asked(lack, language))


def _missing(lack: Lack, language: Language) -> str:
    have, want = lack.have or 0, lack.want or 0
    key = f"lack.{lack.key}"
    form = f"{key}.{_FORMS.get(want - have)}"
    data = {"have": have, "want": want, "count": want - have}
    return say(language, form if form in language.texts else key, data)


def ways_to_log(lacks: Iterable[Lack], language: Language) -> tuple[str, ...]:
    """Return a sentence for each thing that is missing and that a person can log, on what to log."""
    return tuple(text for lack in lacks if (text := language.texts.get(f"lack.{lack.key}.how")) is not None)


def questions(lacks: Iterable[Lack], language: Language) -> tuple[str, ...]:
    """Return the questions among what a decision lacks."""
    return tuple(language.texts[f"ask.{key}"] for key in asked(lacks, language))


def asked(lacks: Iterable[Lack], language: Language) -> tuple[str, ...]:
    """Return the keys of the questions among what a decision lacks: compared, intake, new_episode."""
    return tuple(lack.key for lack in lacks if _is_asked(lack, language))


def _is_asked(lack: Lack, language: Language) -> bool:
    return f"ask.{lack.key}" in language.texts
