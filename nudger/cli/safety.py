"""The safety list on the command line: `nudger safety`, and the part of other forms that asks about it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import click

from nudger.cli.common import BadUsage, examples, person_option, say
from nudger.cli.telling import asks_here, print_outcome, somebody, tell

if TYPE_CHECKING:
    from nudger.cli.forms import Form
    from nudger.cli.telling import Somebody
    from nudger.views.recovery import SafetyItem

Answers = list[str | dict[str, str]]
"""The items that apply, as the commands take them: E1, or {"item": "E1", "seen_on": "2026-11-25"}."""

EXAMPLES: Final = ("E1", "U7")

safety_option = click.option(
    "--safety",
    "items",
    multiple=True,
    metavar="ITEM",
    help="What is new or worse on the safety list (see `nudger safety`); with =DATE it was seen about then.",
)
nothing_new_option = click.option("--nothing-new", is_flag=True, help="Nothing on the safety list is new or worse.")


@click.command(epilog=examples("nudger safety", "nudger safety --nothing-new", "nudger safety U7 U1=2026-11-25"))
@click.argument("items", nargs=-1, metavar="[ITEM]...")
@nothing_new_option
@person_option
def safety(items: tuple[str, ...], nothing_new: bool, person: str | None) -> None:
    """Say whether anything on the safety list is new or worse.

    ITEM is new or worse, or with =DATE known and seen about on that day. On a terminal it asks; elsewhere it lists.
    """
    answers = answers_of(items, nothing_new=nothing_new)
    if answers is None:
        answers = _ask_or_list(somebody(person))
        if answers is None:
            return
    send(person, answers)


def answers_of(items: Sequence[str], *, nothing_new: bool) -> Answers | None:
    """Return what the options say: [] for nothing new, None where the list was not answered. Bad usage is both."""
    if items and nothing_new:
        raise click.UsageError("give either items of the safety list or --nothing-new, not both")
    return [_answer(item) for item in items] if items else [] if nothing_new else None


def _answer(text: str) -> str | dict[str, str]:
    item, is_seen, day = text.partition("=")
    if not is_seen:
        return item.upper()
    try:
        date.fromisoformat(day)
    except ValueError:
        raise BadUsage(f"{text!r} must name an item and a day, such as U1=2026-11-25") from None
    return {"item": item.upper(), "seen_on": day}


def send(person: str | None, answers: Answers) -> None:
    """Send the answers, and print what they led to."""
    told = tell("safety", person, json.dumps(answers))
    from nudger.cli.telling import language_of  # noqa: PLC0415

    print_outcome(told, language_of(told.after).texts["checkin.thanks"])


def _ask_or_list(who: Somebody) -> Answers | None:
    from nudger.cli.forms import Form  # noqa: PLC0415  (for a terminal alone)

    form = Form(who.language)
    if not asks_here():
        _list(form, _items(form, intake=False))
        say("Answer with `nudger safety ITEM ...` or `nudger safety --nothing-new`.")
        return None
    with form.asking():
        return ask_safety(form, form.texts["safety.question"], date.fromisoformat(who.recovery["today"]))


def ask_safety(form: Form, question: str, today: date, *, intake: bool = False) -> Answers:
    """Show the list and ask what of it applies; then, of each that does, whether it is new or was seen about.

    An emergency is asked about once more before anything is sent, for a slip would lock as well; "no" asks anew.
    """
    items = {item.id: item for item in _items(form, intake=intake)}
    _list(form, items.values())
    click.echo()
    names = ", ".join(EXAMPLES)
    hint = form.fill("form.safety", value=form.texts["safety.none" if intake else "safety.nothing_new"], names=names)
    again = form.fill("form.again.safety", names=names)
    while True:
        answers = _ask_items(form, f"{question} {hint}", again, items, today)
        ticked = " ".join(items[each].sentence for each in answers if isinstance(each, str) and is_emergency([each]))
        if not ticked or form.yes_no(form.fill("safety.sure", names=ticked)):
            return answers


def _ask_items(form: Form, question: str, again: str, items: Mapping[str, SafetyItem], today: date) -> Answers:
    answers: Answers = []
    for name in form.named(question, list(items), again):
        choices = {each: form.texts[f"safety.answer.{each}"] for each in ("new", "known", "no")}
        chosen = form.choice(f"{name}: {items[name].sentence}", choices)
        if chosen == "new":
            answers.append(name)
        elif chosen == "known":
            seen = form.maybe_day(form.texts["safety.seen_on"], today)
            answers.append(name if seen is None else {"item": name, "seen_on": seen.isoformat()})
    return answers


def is_emergency(answers: Sequence[Any]) -> bool:
    """Tell whether an answer needs help at once: then nothing else is asked."""
    from nudger.core.recovery import safety as lists  # noqa: PLC0415  (it loads the core)
    from nudger.core.recovery.course import Tier  # noqa: PLC0415

    return any(isinstance(answer, str) and lists.ITEMS[answer] is Tier.EMERGENCY for answer in answers)


def _items(form: Form, *, intake: bool) -> Sequence[SafetyItem]:
    from nudger.views.recovery import safety_items  # noqa: PLC0415  (it loads the core)

    return safety_items(form.language, intake=intake)


def _list(form: Form, items: Any) -> None:
    tier = None
    for item in items:
        if item.tier != tier:
            tier = item.tier
            click.secho(f"\n{form.texts[f'safety.{tier}']}", bold=True)
        say(f"  {item.id}  {item.sentence}", hang=6)
