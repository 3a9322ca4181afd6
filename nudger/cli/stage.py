"""`nudger stage`: the recovery stages, where one is and why, and how to go on from another; and flares and offers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from nudger.cli.checkin import day_of
from nudger.cli.common import BadUsage, ask, examples, json_option, person_option, say
from nudger.cli.intake import intake
from nudger.cli.telling import language_of, one_of, print_outcome, somebody, stand_out, tell

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


@click.group(
    invoke_without_command=True,
    epilog=examples(
        "nudger stage",
        "nudger stage why",
        "nudger stage set daily_walks",
        "nudger stage set steady --by provider",
        "nudger stage intake               the questions about where to begin",
    ),
)
@person_option
@json_option
@click.pass_context
def stage(ctx: click.Context, person: str | None, as_json: bool) -> None:
    """Show the recovery stages and where you are, or choose one."""
    if ctx.invoked_subcommand is not None:
        return
    from nudger.library import ORIGINAL, load_ladder, load_language  # noqa: PLC0415  (it loads YAML)

    persons = ask(lambda client: client.state())["persons"]
    chosen = {person: one_of(persons, person)} if person is not None else persons
    stages, names = load_ladder().stages, load_language(ORIGINAL).texts
    if as_json:
        now = {each: state["stage"] for each, state in chosen.items()}
        click.echo(json.dumps({"stages": [each.id for each in stages], "persons": now}, ensure_ascii=False, indent=2))
        return
    for each in stages:
        here = [who for who, state in chosen.items() if state["stage"] == each.id]
        whose = f"   <- {'you are here' if len(chosen) == 1 else ', '.join(here)}" if here else ""
        soft_min, hard_min = (round(bound.total_seconds() / 60) for bound in (each.soft, each.hard))
        line = f"{each.id:<16}{names[f'stage.{each.id}']:<16}a prompt after {soft_min} to {hard_min} min{whose}"
        click.echo(click.style(line, bold=bool(here)))


def _complete(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[str | CompletionItem]:
    from nudger.library import load_ladder  # noqa: PLC0415  (it loads YAML)

    return [each.id for each in load_ladder().stages if each.id.startswith(begun)]


def _stage_id(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """Return the id of a stage, or fail with the one that was perhaps meant."""
    from nudger.config.faults import did_you_mean  # noqa: PLC0415  (a wrong name is rare)
    from nudger.library import load_ladder  # noqa: PLC0415  (it loads YAML)

    known = [each.id for each in load_ladder().stages]
    if value not in known:
        hint = did_you_mean(value, known) or f"; it can be one of: {', '.join(known)}"
        raise BadUsage(f"there is no stage {value!r}{hint}")
    return value


@stage.command("set")
@click.argument("stage_id", metavar="ID", callback=_stage_id, shell_complete=_complete)
@click.option(
    "--by",
    type=click.Choice(["user", "provider"]),
    default="user",
    show_default=True,
    help="Who decided: you, or whoever treats you.",
)
@person_option
@click.pass_context
def set_stage(ctx: click.Context, stage_id: str, by: str, person: str | None) -> None:
    """Go on from another stage; `nudger stage` lists them.

    A lower one holds at once, and so does what a health provider set. The next higher one takes scores that allow it.
    """
    told = tell("stage", _person(ctx, person), json.dumps({"set": stage_id, "by": by}))
    language = language_of(told.after)
    print_outcome(told, language.texts["stage.changed"].replace("{value}", language.texts[f"stage.{stage_id}"]))


@stage.command()
@person_option
@json_option
@click.pass_context
def why(ctx: click.Context, person: str | None, as_json: bool) -> None:
    """Explain the last decision, and what the next stage takes."""
    who = somebody(_person(ctx, person))
    recovery = who.recovery
    if as_json:
        shown = {"stage": who.state["stage"], **{key: recovery[key] for key in ("explain", "outcome", "lock", "offer")}}
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    from nudger.views.back import waiting  # noqa: PLC0415  (JSON does without)

    if recovery["lock"] is not None:
        stand_out(recovery["lock"])
        say(recovery["lock_end"])
    say(recovery["explain"] or who.language.texts["stage.undecided"])
    for each in waiting(who.state):
        if each.label == "Offer":
            say(each.answer)


@stage.command(epilog=examples("nudger stage cleared --on 2026-11-25 --stage daily_walks"))
@click.option("--on", "day", required=True, metavar="DAY", help="When you were seen: today, yesterday, or the date.")
@click.option(
    "--stage",
    "stage_id",
    required=True,
    metavar="ID",
    callback=_stage_id,
    shell_complete=_complete,
    help="The stage at which you may go on.",
)
@person_option
@click.pass_context
def cleared(ctx: click.Context, day: str, stage_id: str, person: str | None) -> None:
    """Say that a health provider has seen you: the hold ends."""
    person = _person(ctx, person)
    said = {"on": day_of(day, person, option="--on").isoformat(), "stage": stage_id}
    told = tell("stage", person, json.dumps({"cleared": said}))
    print_outcome(told, language_of(told.after).texts["checkin.thanks"])


stage.add_command(intake)


@click.command(epilog=examples("nudger flare on", "nudger flare off"))
@click.argument("state", type=click.Choice(["on", "off"], case_sensitive=False))
@person_option
def flare(state: str, person: str | None) -> None:
    """Say that your back hurts more than usual, or no longer does.

    In a flare, prompts come as early, short and gentle as on the gentlest stage, on one channel, with no repeats.
    """
    told = tell("flare", person, state)
    was_on = bool(told.before["flare"])
    key = f"flare.{state}" if state == "on" or was_on else "flare.none"
    print_outcome(told, language_of(told.after).texts[key])


@click.command(epilog=examples("nudger offer accept", "nudger offer decline"))
@click.argument("answer", type=click.Choice(["accept", "decline"], case_sensitive=False))
@person_option
def offer(answer: str, person: str | None) -> None:
    """Say yes or no to the next stage that is on offer."""
    told = tell("offer", person, answer)
    print_outcome(told, language_of(told.after).texts["checkin.thanks"])


def _person(ctx: click.Context, person: str | None) -> str | None:
    """Return whom the group or its command names."""
    above: dict[str, Any] = ctx.parent.params if ctx.parent else {}
    return person or above.get("person")
