"""Questions on a terminal, one at a time, each asked again until its answer can be taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from typing import TYPE_CHECKING, Final

import click

from nudger.cli.common import Failure, say

if TYPE_CHECKING:
    from nudger.library import Language

SCORES: Final = (0, 10)
_DIGITS: Final = 4
"""Nothing that is asked for has more; a longer one is not even read."""


class Form:
    """Asks somebody in their language. What begins with ``maybe`` may be left open, by an empty line."""

    def __init__(self, language: Language) -> None:
        """``language`` holds the words of the hints."""
        self.texts: Mapping[str, str] = language.texts
        self.language = language

    @contextmanager
    def asking(self, stopped: str = "form.stopped") -> Iterator[None]:
        """Ask within. Ctrl-C, or the end of the input, fails with that text: it says what became of the answers."""
        try:
            yield
        except (click.Abort, KeyboardInterrupt):
            click.echo()  # the line on which they stopped
            raise Failure(self.texts[stopped]) from None

    def heading(self, key: str) -> None:
        """Begin a part of the form."""
        click.secho(f"\n{self.texts[key]}", bold=True)

    def fill(self, key: str, **data: object) -> str:
        """Return a text with its places filled."""
        from nudger.views.why import fill  # noqa: PLC0415  (it loads the core)

        return fill(self.language, key, data)

    def score(self, question: str, told: int | None = None) -> int:
        """Ask for a score; ``told`` is what is noted so far."""
        if told is not None:
            question = f"{question} {self.fill('form.told', value=told)}"
        return self._number(question, SCORES, "") or 0

    def maybe_score(self, question: str) -> int | None:
        """Ask for a score."""
        return self._number(question, SCORES, self.texts["form.open"])

    def number(self, question: str, bounds: tuple[int, int], usual: int) -> int:
        """Ask for a whole number within the bounds; an empty line is the usual one."""
        found = self._number(question, bounds, self.fill("form.usual", value=usual))
        return usual if found is None else found

    def maybe_number(self, question: str, bounds: tuple[int, int]) -> int | None:
        """Ask for a whole number within the bounds."""
        return self._number(question, bounds, self.texts["form.open"])

    def yes_no(self, question: str) -> bool:
        """Ask for yes or no, in the person's language or in English."""
        return self._yes_no(question, "") is True

    def maybe_yes_no(self, question: str) -> bool | None:
        """Ask for yes or no."""
        return self._yes_no(question, self.texts["form.open"])

    def choice(self, question: str, answers: Mapping[str, str]) -> str:
        """Ask for one of the answers by its number or its words; return its key."""
        return self._choice(question, answers, "") or ""

    def maybe_choice(self, question: str, answers: Mapping[str, str]) -> str | None:
        """Ask for one of the answers by its number or its words; return its key."""
        return self._choice(question, answers, self.texts["form.open"])

    def several(self, question: str, answers: Mapping[str, str]) -> list[str]:
        """Ask which of the answers apply, by their numbers or keys; return their keys, none for an empty line."""
        known = _numbered(question, answers)
        question = ""
        while True:
            words = _words(self._ask(question, "", self.texts["form.none"]))
            if self._is_none(words):
                return []
            if all(word in known for word in words):
                return list(dict.fromkeys(known[word] for word in words))
            question = self.texts["form.again.several"]

    def named(self, question: str, names: Sequence[str], again: str) -> list[str]:
        """Ask for names, such as E1 U3. None of them is said with 0 or in words: an empty line alone says nothing."""
        while True:
            words = _words(self._ask(question, "", ""))
            if self._is_none(words):
                return []
            found = {word.upper() for word in words}
            if found and found <= set(names):
                return [name for name in names if name in found]
            question = again

    def maybe_day(self, question: str, today: date) -> date | None:
        """Ask for a day; it is no later than today."""
        while True:
            answer = self._ask(question, today.isoformat(), self.texts["form.open"])
            if not answer:
                return None
            with suppress(ValueError):
                day = date.fromisoformat(answer)
                if day <= today:
                    return day
            question = self.fill("form.again.day", value=today)

    # --- one question ------------------------------------------------------------------------------------------------

    def _number(self, question: str, bounds: tuple[int, int], if_empty: str) -> int | None:
        least, most = bounds
        while True:
            answer = self._ask(question, f"{least}-{most}", if_empty)
            if not answer and if_empty:
                return None
            is_whole = answer.isascii() and answer.isdigit() and len(answer) <= _DIGITS
            if is_whole and least <= int(answer) <= most:
                return int(answer)
            question = self.fill("form.again.number", **{"from": least, "by": most})

    def _yes_no(self, question: str, if_empty: str) -> bool | None:
        yes, no = self.texts["form.yes"], self.texts["form.no"]
        answers = dict.fromkeys(("y", "yes", yes[0], yes), True) | dict.fromkeys(("n", "no", no[0], no), False)
        while True:
            answer = self._ask(question, f"{yes[0]}/{no[0]}", if_empty).lower()
            if not answer and if_empty:
                return None
            if answer in answers:
                return answers[answer]
            question = self.fill("form.again.yes_no", value=yes.capitalize(), names=no)

    def _choice(self, question: str, answers: Mapping[str, str], if_empty: str) -> str | None:
        known = _numbered(question, answers)
        question = ""
        while True:
            answer = self._ask(question, f"1-{len(answers)}", if_empty)
            if not answer and if_empty:
                return None
            if answer.lower() in known:
                return known[answer.lower()]
            question = self.texts["form.again.choice"]

    def _is_none(self, words: Sequence[str]) -> bool:
        return len(words) == 1 and words[0] in {"0", "none", "no", self.texts["form.no"], self.texts["form.nothing"]}

    def _ask(self, question: str, form: str, hint: str) -> str:
        """Print the question, and return what was typed in the line below it; a question mark prints the help."""
        if question:
            say(question)
        said = "; ".join(part for part in (form, hint) if part)
        line = f"  ({said}) >" if said else "  >"
        while True:
            typed: str = click.prompt(line, default="", show_default=False, prompt_suffix=" ")
            if typed.strip() != "?":
                return typed.strip()
            say(self.texts["form.help"])


def _words(typed: str) -> list[str]:
    """Return what was typed between spaces, commas and semicolons, in small letters."""
    return typed.lower().replace(",", " ").replace(";", " ").split()


def _numbered(question: str, answers: Mapping[str, str]) -> Mapping[str, str]:
    """Print the question with its answers, and return the key of each by its number, its words and itself."""
    say(question)
    for number, answer in enumerate(answers.values(), start=1):
        say(f"  {number:>2}  {answer}", hang=6)
    by_number = {str(number): key for number, key in enumerate(answers, start=1)}
    return {answer.lower(): key for key, answer in answers.items()} | {key: key for key in answers} | by_number
