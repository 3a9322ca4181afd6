"""What an effect shows to a person, with the answers it offers; and which message an effect takes away again."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from nudger.core.effects import Announce, Effect, Notify, RecordCheckIn, RecordDecision, Withdraw
from nudger.core.recovery.course import Did
from nudger.core.recovery.diary import is_score
from nudger.core.state import Prompt
from nudger.core.words import PromptKind
from nudger.library import Language
from nudger.outputs.channel import Button, Message

SCORE_PAGE: Final = "score"
"""What the button that opens the page with all scores means. No command of the contract: it changes nothing."""

_ANSWERS: Final = frozenset({"checkin", "offer", "flare"})
"""Who says this wants it kept, and has to know when it was not."""
_GRAVE: Final = frozenset({"S1", "S2"})
"""The safety messages; what else comes as one advises, and is in no hurry."""


def message_of(effect: Effect, person: str, language: Language, *, page: bool = False) -> Message | None:
    """Return what an effect shows to the person; None where it shows nothing.

    ``page`` tells whether a button may open a page of this computer where it is shown.
    """
    texts = language.texts
    match effect:
        case Notify(prompt=prompt, repeated=repeated, silent=silent):
            return message_of_prompt(prompt, language, repeated=repeated, silent=silent)
        case Announce(event_type="enough" | "pre_notice" as kind):
            title, body = texts[f"{kind}.title"], texts[f"{kind}.body"]
            return Message(f"{person}-{kind}", kind, title, body, language=language.code)
        case Announce(event_type="checkin_due", data={"when": str(when), "date": str(day), "reminder": bool(repeated)}):
            last = effect.data.get("last")
            return Message(
                id=checkin_id(person, day, when),
                kind="checkin",
                title=texts[f"checkin.{when}.heading"],
                body=texts[f"checkin.{when}"],
                repeated=repeated,
                language=language.code,
                about_health=True,
                buttons=checkin_buttons(language, day, when, last if is_score(last) else None, page=page),
            )
        case Announce(event_type="safety", data={"message": str(name)}):
            return Message(
                id=f"{person}-safety-{name}",
                kind="told",
                title=texts["told.safety" if name in _GRAVE else "told.advice"],
                body=texts[f"safety.{name}" if name in _GRAVE else f"banner.{name}"],
                level=int(name in _GRAVE),
                language=language.code,
                about_health=True,
            )
        case Announce(event_type="stage_offered", data={"stage": str(stage), "rule": str(rule)}):
            return Message(
                id=offer_id(person),
                kind="told",
                title=texts["told.offer"],
                body=texts[f"outcome.offered.{rule}"].replace("{stage}", texts[f"stage.{stage}"]),
                language=language.code,
                about_health=True,
                buttons=(
                    Button(texts["button.accept"], "offer", {"answer": "accept", "stage": stage}),
                    Button(texts["button.not_now"], "offer", {"answer": "decline", "stage": stage}),
                ),
            )
        case _:
            return None


def refusal_of(command: str, why: str, person: str, language: Language) -> Message | None:
    """Return what is shown where an answer about the back was refused; None for others, which are merely too late."""
    if command not in _ANSWERS:
        return None
    heading = language.texts["page.refused.heading"]
    return Message(f"{person}-refused", "told", heading, why, language=language.code, about_health=True)


def withdrawn_by(effect: Effect, person: str) -> tuple[str, str] | None:
    """Return the id of the message that an effect takes away, and why; None where it takes none."""
    match effect:
        case Withdraw(prompt_id=prompt_id, why=why):
            return prompt_id, why
        case RecordCheckIn(entry=entry):
            return checkin_id(person, entry.day.isoformat(), entry.when), "answered"
        case RecordDecision(decision=decision) if decision.did is not Did.OFFERED:
            return offer_id(person), "decided"
        case _:
            return None


def checkin_id(person: str, day: str, when: str) -> str:
    """Return the id of the message that asks for a check-in: for a day (ISO 8601), and one half of it."""
    return f"{person}-{day}-{when}"


def sample_id(person: str) -> str:
    """Return the id of the sample that the first start shows."""
    return f"{person}-sample"


def offer_id(person: str) -> str:
    """Return the id of the message that offers the next stage; there is one offer at a time."""
    return f"{person}-offer"


def message_of_prompt(prompt: Prompt, language: Language, *, repeated: bool, silent: bool) -> Message:
    """Return a prompt as a message, with the answers that it can take. One that speaks of the plan is no break."""
    is_break = prompt.kind is PromptKind.BREAK
    return Message(
        id=prompt.id,
        kind="posture" if prompt.kind is PromptKind.POSTURE else "prompt" if is_break else "told",
        title=prompt.title,
        body=prompt.body,
        category=prompt.category,
        duration=prompt.duration,
        level=prompt.level,
        repeated=repeated,
        silent=silent,
        language=language.code,
        about_health=prompt.kind is PromptKind.PLAN,
        buttons=buttons(language, prompt.id, can_wait=is_break and prompt.can_snooze, wait=prompt.wait),
    )


def buttons(language: Language, prompt_id: str, *, can_wait: bool, wait: timedelta | None = None) -> tuple[Button, ...]:
    """Return the answers to a prompt; one that cannot be put off (any more) can be skipped.

    ``wait`` is given after a call, for how long it can be put off: then the labels speak of getting up now or then.
    """
    texts, named = language.texts, {"id": prompt_id}
    done, later = texts["button.done"], texts["button.snooze"]
    if wait is not None:
        minutes = f"{wait / timedelta(minutes=1):g}"
        done, later = texts["button.up_now"], texts["button.minutes"].replace("{minutes}", minutes)
    second = Button(later, "snooze", named) if can_wait else Button(texts["button.skip"], "skip", named)
    return (Button(done, "done", named), second, Button(texts["button.pause"], "pause"))


def checkin_buttons(language: Language, day: str, when: str, last: int | None, *, page: bool) -> tuple[Button, ...]:
    """Return the answers to a check-in, three at most.

    Where a ``page`` can be opened it has all scores. Elsewhere the neighbours of the ``last`` one stand for it, as far
    as they are scores.
    """
    texts = language.texts

    def score(key: str, pain: int) -> Button:
        label = texts[key].replace("{value}", str(pain))
        return Button(label, "checkin", {"pain": pain, "when": when, "date": day})

    same = () if last is None else (score("button.same", last),)
    rough = Button(texts["button.rough_day"], "flare", {"on": True})
    if page:
        return (*same, Button(texts["button.score"], SCORE_PAGE, {"when": when, "date": day}), rough)
    near = () if last is None else (("button.less", last - 1), ("button.more", last + 1))
    return (*same, *(score(key, pain) for key, pain in near if is_score(pain)), rough)[:3]
