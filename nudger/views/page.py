"""The page with all scores, as HTML: plain forms that need no script. Whatever a person wrote is shown as text."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import Final

from nudger.core.recovery.told import EVENING
from nudger.library import Language
from nudger.views.why import fill

SCORES: Final = range(11)

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1d2a2b; --soft: #576768; --paper: #f4f7f5; --card: #fff; --line: #cfd9d6;
  --accent: #1f6f68; --on-accent: #fff }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eeec; --soft: #a3b3b1; --paper: #141b1b; --card: #1e2827;
  --line: #3a4a48; --accent: #6cc5b9; --on-accent: #0d1716 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--paper);
  color: var(--ink); font: 1.0625rem/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 46rem; padding: 1.5rem clamp(1rem, 4vw, 2.5rem); background: var(--card);
  border: 1px solid var(--line); border-radius: 1rem; overflow-wrap: anywhere }
h1 { margin: 0 0 .5rem; font-size: 1.6rem; line-height: 1.2 }
p { margin: 0 0 1rem }
.soft { color: var(--soft); font-size: .9375rem }
p:last-child { margin: 0 }
fieldset { margin: 0 0 1.25rem; padding: 0; border: 0 }
legend { padding: 0; margin-bottom: .6rem }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .6rem }
.pair label { position: relative; display: block }
.pair input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer }
.pair span, button { display: grid; place-items: center; width: 100%; min-height: 3.25rem; border-radius: .75rem;
  border: 2px solid var(--line); background: var(--card); color: inherit; font: inherit; font-weight: 600 }
.pair input:checked + span, button:hover, button:active { background: var(--accent); border-color: var(--accent);
  color: var(--on-accent) }
.pair input:hover + span { border-color: var(--accent) }
.pair input:focus-visible + span, button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.scores { display: grid; grid-template-columns: repeat(11, 1fr); gap: .4rem }
button { min-height: 4.5rem; font-size: 1.375rem; cursor: pointer }
.ends { display: flex; justify-content: space-between; gap: 1rem; margin: .5rem 0 1.25rem }
.end { display: none }
@media (max-width: 40rem) {
  .scores { grid-template-columns: repeat(3, 1fr); gap: .6rem }
  .scores button:first-child, .scores button:last-child { grid-column: 1 / -1 }
  .scores { margin-bottom: 1.25rem }
  .ends { display: none }
  .end { display: inline; margin-left: .6rem; font-size: .9375rem; font-weight: 400 }
  button { min-height: 3.9rem }
}
"""

CSP: Final = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
"""What a browser may do for these pages: apply this one style, send the form back. No script, no picture, no frame."""


@dataclass(frozen=True, slots=True)
class Question:
    """Whose score is asked for ("" where that is clear), and for which half of a day.

    ``token`` is what the form proves itself with.
    """

    name: str
    when: str
    token: str


def ask(question: Question, language: Language) -> str:
    """Return the page that asks: eleven buttons, each of which sends its score; before them, in the evening, impact."""
    texts = language.texts
    heading = texts[f"checkin.{question.when}.heading"]
    ends = {SCORES[0]: texts["page.no_pain"], SCORES[-1]: texts["page.worst"]}
    buttons = "".join(_button(score, ends.get(score)) for score in SCORES)
    named = escape(fill(language, "page.for", {"name": question.name}))
    whose = f'<p class="soft">{named}</p>' if question.name else ""
    body = (
        f"{whose}"
        f"<h1>{escape(heading)}</h1>"
        '<form method="post" autocomplete="off">'
        f'<input type="hidden" name="token" value="{escape(question.token)}">'
        f"{_impact(language) if question.when == EVENING else ''}"
        f'<p id="asked">{escape(texts[f"checkin.{question.when}"])}</p>'
        f'<div class="scores" role="group" aria-labelledby="asked">{buttons}</div>'
        f'<div class="ends soft" aria-hidden="true"><span>{escape(ends[SCORES[0]])}</span>'
        f"<span>{escape(ends[SCORES[-1]])}</span></div>"
        f'</form><p class="soft">{escape(texts["page.tap"])}</p>'
    )
    return _page(heading, body, language)


def thank(lines: Sequence[str], language: Language) -> str:
    """Return the page that thanks, with what came of the score."""
    texts = language.texts
    thanks = texts["checkin.thanks"]
    told = [rest for line in lines if (rest := line.removeprefix(thanks).strip())]
    return say(thanks, [*told, texts["page.close"]], language)


def say(heading: str, lines: Sequence[str], language: Language) -> str:
    """Return a page that only says something, the last line of it in passing."""
    *first, last = (escape(line) for line in lines)
    body = "".join(f"<p>{line}</p>" for line in first)
    return _page(heading, f'<h1>{escape(heading)}</h1>{body}<p class="soft">{last}</p>', language)


def _button(score: int, end: str | None) -> str:
    named = f' aria-label="{score}, {escape(end)}"' if end else ""
    shown = f'{score}<span class="end">{escape(end)}</span>' if end else str(score)
    return f'<button name="pain" value="{score}"{named}><span>{shown}</span></button>'


def _impact(language: Language) -> str:
    texts = language.texts
    labels = {value: escape(texts[f"page.{value}"]) for value in ("yes", "no")}
    choices = "".join(
        f'<label><input type="radio" name="impact" value="{value}"><span>{label}</span></label>'
        for value, label in labels.items()
    )
    return f'<fieldset><legend>{escape(texts["checkin.impact"])}</legend><div class="pair">{choices}</div></fieldset>'


def _page(title: str, body: str, language: Language) -> str:
    return (
        f'<!doctype html><html lang="{escape(language.code)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · nudger</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    )
