"""`nudger session`: the walk/run plan: what comes next, how a run went, and what the plan is to be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import click

from nudger.cli.checkin import as_number, ask_on, date_option, day_of
from nudger.cli.common import BadUsage, Failure, examples, json_option, person_option, say
from nudger.cli.telling import asks_here, language_of, print_outcome, somebody, stand_out, tell

if TYPE_CHECKING:
    from nudger.cli.forms import Form
    from nudger.cli.telling import Somebody, Told

FEELS: Final = ("good", "so-so", "rough")
MOST_MINUTES: Final = 240


@click.group(
    epilog=examples(
        "nudger session next",
        "nudger session log                    asks, on a terminal",
        "nudger session plan --per-week 2",
    )
)
def session() -> None:
    """Follow the way back to running, in small steps."""


@session.command("next")
@person_option
@json_option
def next_session(person: str | None, as_json: bool) -> None:
    """Show the next session, and why it is this one."""
    who = somebody(person)
    if as_json:
        click.echo(json.dumps(who.state["next_session"], ensure_ascii=False, indent=2))
        return
    if who.recovery["lock"] is not None:
        stand_out(who.recovery["lock"])
        return
    _show_next(who)


def _show_next(who: Somebody) -> None:
    coming, texts = who.state["next_session"], who.language.texts
    if coming is None:
        first = texts["session.not_yet"].replace("{next}", texts["stage.walk_run"])
        say(first.replace("{stage}", who.recovery["stage_name"]))
        return
    click.secho(coming["title"], bold=True)
    is_run = coming["kind"] == "run"
    say(f"  {coming['text'] if is_run else texts['session.then'].replace('{value}', coming['text'])}")
    say(coming["why"])
    for question in coming["missing"]:
        say(question)


# --- Telling of a run ------------------------------------------------------------------------------------------------


@session.command(
    "log",
    epilog=examples(
        "nudger session log                    asks, on a terminal",
        "nudger session log --pre 1 --during 1 --limb 0 --completed --feel good",
        "nudger session log --date yesterday --correct --during 3",
    ),
)
@date_option
@click.option("--step", metavar="N", help="The step of the plan. Default: the one that was next.")
@click.option("--minutes", metavar="N", help="Minutes run in all. Default: what the step asks for.")
@click.option("--pre", metavar="N", help="Your back's score just before, 0 to 10.")
@click.option("--during", metavar="N", help="Its highest score during the run.")
@click.option("--limb", metavar="N", help="The highest score of legs or feet.")
@click.option("--completed/--not-completed", default=None, help="You did the whole session, or not.")
@click.option("--stopped-pain/--no-stopped-pain", default=None, help="You stopped because it hurt.")
@click.option("--spreading/--no-spreading", default=None, help="New pain or tingling further down the leg.")
@click.option("--feel", type=click.Choice(FEELS), help="How it felt.")
@click.option("--correct", is_flag=True, help="Change a run that is noted already; what is left out stays.")
@person_option
def log_session(day: str | None, correct: bool, person: str | None, **said: Any) -> None:
    """Tell of a run of the last seven days."""
    fields = {name: value for name, value in said.items() if value is not None}
    who = somebody(person)
    on = who.recovery["today"] if day is None else day_of(day, person).isoformat()
    asks = not fields and not correct
    if asks and not asks_here():
        raise BadUsage("tell how it went with options, such as --pre 1 --during 1 --completed; on a terminal, it asks")
    if asks:
        from nudger.cli.forms import Form  # noqa: PLC0415  (for a terminal alone)

        form = Form(who.language)
        with form.asking():
            say(form.texts["form.intro"])
            correct = on in who.recovery["runs"]
            if correct and not form.yes_no(form.fill("session.ask.correct", day=on)):
                raise Failure(form.texts["form.stopped"])
            fields = _ask(form, who)
        click.echo()
    for name in ("step", "minutes", "pre", "during", "limb"):
        if isinstance(fields.get(name), str):
            fields[name] = as_number(fields[name])
    if "step" not in fields and not correct and who.state["next_session"] is not None:
        fields["step"] = who.state["next_session"]["step"]
    told = tell("session", person, json.dumps({**fields, "date": on, "correct": correct}))
    _print_after(told, person)
    if asks:
        ask_on(form, person, told)


def _print_after(told: Told, person: str | None) -> None:
    print_outcome(told, language_of(told.after).texts["checkin.thanks"])
    if told.after["recovery"]["lock"] is None and told.after["next_session"] is not None:
        _show_next(somebody(person))


def _ask(form: Form, who: Somebody) -> dict[str, Any]:
    """Ask how it went; what is left open can be told later."""
    ask, coming = {key: form.texts[f"session.ask.{key}"] for key in _ASKED}, who.state["next_session"]
    step = 1 if coming is None else coming["step"]
    said: dict[str, Any] = {"step": form.number(ask["step"], (1, who.recovery["top_step"]), step)}
    said["completed"] = form.yes_no(ask["completed"])
    if not said["completed"]:
        said["stopped_pain"] = form.yes_no(ask["stopped_pain"])
        said["minutes"] = form.maybe_number(ask["minutes"], (0, MOST_MINUTES))
    said |= {name: form.maybe_score(ask[name]) for name in ("pre", "during", "limb")}
    said["spreading"] = form.maybe_yes_no(ask["spreading"])
    said["feel"] = form.maybe_choice(ask["feel"], {feel: form.texts[f"session.feel.{feel}"] for feel in FEELS})
    return {name: value for name, value in said.items() if value is not None}


_ASKED: Final = ("step", "completed", "stopped_pain", "minutes", "pre", "during", "limb", "spreading", "feel")


# --- The plan --------------------------------------------------------------------------------------------------------


@session.command(epilog=examples("nudger session plan --per-week 2", "nudger session plan --start 5 --target 30"))
@click.option("--per-week", type=click.Choice(["2", "3"]), help="Runs a week, at most.")
@click.option("--start", type=click.IntRange(0), metavar="MIN", help="Minutes that you run comfortably already.")
@click.option("--target", type=click.IntRange(0), metavar="MIN", help="Minutes to head for; 0 for the plan's own 20.")
@person_option
def plan(per_week: str | None, start: int | None, target: int | None, person: str | None) -> None:
    """Choose how often to run, where to start and what to head for."""
    chosen = {"per_week": None if per_week is None else int(per_week), "start_min": start, "target_min": target}
    fields = {name: value for name, value in chosen.items() if value is not None}
    if not fields:
        raise BadUsage("choose something: --per-week 2 or 3, --start MIN, --target MIN")
    _print_after(tell("plan", person, json.dumps(fields)), person)
