"""The words a config may use, gathered from everybody who owns some: sources, outputs, languages, ladder."""

from __future__ import annotations

from functools import cache

from nudger.config.options import Vocabulary
from nudger.library import LANGUAGES, ORIGINAL, load_ladder, load_language
from nudger.outputs import OUTPUTS
from nudger.sources import SOURCES


@cache
def vocabulary() -> Vocabulary:
    """Return what this installation understands. Raises LibraryError where its data files do not fit."""
    others = (code for code in LANGUAGES if code != ORIGINAL)
    return Vocabulary(
        outputs=OUTPUTS,
        signals=SOURCES,
        languages=(ORIGINAL, *others),
        stages=tuple(stage.id for stage in load_ladder().stages),
        contraindications=tuple(load_language(ORIGINAL).contraindications),
    )
