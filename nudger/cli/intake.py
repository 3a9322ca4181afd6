"""`nudger stage intake`: the questions that find the stage to begin at."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from nudger.cli.checkin import BY_THEMSELVES, as_number
from nudger.cli.common import BadUsage, Failure, examples, person_option, say
from nudger.cli.safety import (
    Answers,
    answers_of,
    ask_safety,
    is_emergency,
    nothing_new_option,
    safety_option,
    send,
)
from nudger.cli.telling import asks_here, language_of, print_outcome, somebody, stand_out, tell

if TYPE_CHECKING:
    from nudger.cli.forms import Form
    from nudger.cli.telling import Somebody

F = TypeVar("F", bound=Callable[..., Any])

FUNCTION: Final = ("walks_5_min", "walks", "mobility", "seen")
"""Questions with yes or no that have to be answered."""
TODAY_ONLY: Final = frozenset({"dizzy", "leg_symptoms"})
"""What is told of a day, with its check-in, and not for longer."""


def _flag(name: str, text: str) -> Callable[[F], F]:
    option = name.replace("_", "-")
    return click.option(f"--{option}/--no-{option}", name, default=None, help=text)


@click.command(
    epilog=examples(
        "nudger stage intake                asks, on a terminal",
        "nudger stage intake --nothing-new --worst 4 --walks-5-min --walks \\",
        "    --no-mobility --seen",
    )
)
@safety_option
@nothing_new_option
@click.option("--worst", metavar="N", help="The worst score of the last 24 hours, 0 to 10.")
@_flag("walks_5_min", "You can walk 5 minutes without the pain rising by 2 or more.")
@_flag("walks", "You walked 10 minutes or more on 2 of the last 3 days.")
@_flag("mobility", "You did some gentle mobility in the last 3 days.")
@_flag("seen", "You have spoken with a health provider about this back pain.")
@_flag("running_goal", "You would like to run, now or one day.")
@click.option("--sessions", type=click.Choice(["2", "3"]), help="Runs a week.")
@_flag("office", "You share your room: discreet movements only.")
@_flag("floor_space", "You have room to get down on the floor.")
@click.option("--spare", "contraindications", multiple=True, metavar="TAG", help="What to spare, such as knee.")
@_flag("publish_health", "Your stage and scores may go out over MQTT.")
@person_option
@click.pass_context
def intake(
    ctx: click.Context,
    /,
    items: tuple[str, ...],
    nothing_new: bool,
    sessions: str | None,
    contraindications: tuple[str, ...],
    person: str | None,
    **said: Any,
) -> None:
    """Answer the questions that find your starting stage.

    On a terminal it asks; a script gives the answers as options, the safety list (--safety or --nothing-new) among
    them. Until the questions are answered, everything begins gently.
    """
    person = person or (ctx.parent.params.get("person") if ctx.parent else None)
    safety = answers_of(items, nothing_new=nothing_new)
    answers = {name: value for name, value in said.items() if value is not None}
    if contraindications:
        answers["contraindications"] = list(contraindications)
    if answers or safety is not None or sessions is not None:
        _check_complete(answers, safety)
        answers |= {"worst": as_number(answers["worst"]), "safety": safety}
        _send(somebody(person), answers, sessions)
        return
    if not asks_here():
        raise BadUsage("answer with options (see `nudger stage intake --help`); on a terminal, it asks")
    _ask(somebody(person))


def _check_complete(answers: dict[str, Any], safety: Answers | None) -> None:
    missing = ["--safety or --nothing-new"] if safety is None else []
    missing += [f"--{name.replace('_', '-')}" for name in ("worst", *FUNCTION) if name not in answers]
    if missing:
        raise BadUsage(f"these answers are missing: {', '.join(missing)}")


def _send(who: Somebody, answers: dict[str, Any], sessions: str | None) -> None:
    told = tell("stage", who.person, json.dumps({"intake": answers}))
    if sessions is not None:
        tell("plan", who.person, json.dumps({"per_week": int(sessions)}))
    print_outcome(told, language_of(told.after).texts["checkin.thanks"])


# --- The form --------------------------------------------------------------------------------------------------------


def _ask(who: Somebody) -> None:
    """Ask everything, the safety list first: an answer to it that needs help at once ends the form."""
    from nudger.cli.forms import Form  # noqa: PLC0415  (for a terminal alone)

    form, recovery = Form(who.language), who.recovery
    if recovery["lock"] is not None:
        stand_out(recovery["lock"])
        raise Failure(form.texts["refuse.locked_red" if who.state["lock"] == "red" else "refuse.locked"])
    say(form.texts["about.disclaimer"])
    form.heading("intake.heading")
    say(form.texts["intake.intro"])
    say(form.texts["form.intro"])
    with form.asking():
        form.heading("intake.safety.heading")
        safety = ask_safety(form, form.texts["intake.safety"], date.fromisoformat(recovery["today"]), intake=True)
    if is_emergency(safety):
        send(who.person, safety)
        return
    with form.asking():
        click.echo()
        answers, sessions = _answers(form, who)
    click.echo()
    _send(who, {**answers, "safety": safety}, sessions)


def _answers(form: Form, who: Somebody) -> tuple[dict[str, Any], str | None]:
    """Ask for pain, what one can do, where one is heading, and where one moves."""
    texts = form.texts
    answers: dict[str, Any] = {"worst": form.score(texts["intake.worst"])}
    answers |= {name: form.yes_no(texts[f"intake.{name}"]) for name in FUNCTION}
    answers["running_goal"] = form.maybe_yes_no(texts["intake.running_goal"])
    sessions = str(form.number(texts["intake.sessions"], (2, 3), 3)) if answers["running_goal"] else None
    answers["office"] = form.yes_no(texts["intake.office"])
    answers["floor_space"] = form.yes_no(texts["intake.floor"])
    tags = {tag: text for tag, text in form.language.contraindications.items() if tag not in BY_THEMSELVES | TODAY_ONLY}
    answers["contraindications"] = form.several(texts["intake.contraindications"], tags)
    if who.service["mqtt"] is not None and who.recovery["publish_health"] is None:
        answers["publish_health"] = form.yes_no(texts["intake.publish_health"])
    return answers, sessions
