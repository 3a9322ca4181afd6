"""What is wrong with a config, and where: one line per fault, all of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Path = tuple[str | int, ...]
"""The way to an option: keys and list indices, as in ``("people", "alex", "signals", 0, "kind")``."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in one place. ``line`` counts from 1; None where the whole file is at fault."""

    file: str
    line: int | None
    path: str
    message: str

    def __str__(self) -> str:
        """``file:line: key.path: what is wrong``, as far as there is; always one line, fit for a terminal."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        text = ": ".join(part for part in (place, self.path, self.message) if part)
        return "".join(char if char.isprintable() else " " for char in text)


class ConfigError(Exception):
    """The config cannot be used. ``faults`` holds everything wrong with it, in the order of the file."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(set(faults), key=lambda f: (f.file, f.line or 0, f.path)))
        super().__init__("\n".join(map(str, self.faults)))


def dotted(path: Path) -> str:
    """Write a path as people do: ``people.alex.signals[0].kind``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return ``, did you mean 'x'?`` for the choice nearest to what was written, or an empty text."""
    near = nearest(word, choices)
    return f", did you mean {near!r}?" if near is not None else ""


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice that is near to what was written, None where none is."""
    from difflib import get_close_matches  # noqa: PLC0415  (nobody needs it who makes no mistake)

    by_lower = {choice.lower(): choice for choice in choices}
    near = get_close_matches(word.lower()[:80], by_lower, n=1)
    return by_lower[near[0]] if near else None
