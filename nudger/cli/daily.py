"""The commands of every day: what is, and the few words one says to nudger."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from nudger.cli.common import (
    NO_SIGNALS,
    BadUsage,
    as_length,
    ask,
    examples,
    json_option,
    person_option,
    say,
    terminal_width,
    zone_of,
)

if TYPE_CHECKING:
    from datetime import timedelta, tzinfo

    from nudger.cli.client import Client


@click.command(epilog=examples("nudger status", "nudger status --signals", "nudger status --json"))
@person_option
@json_option
@click.option("--signals", "with_signals", is_flag=True, help="Also what shows that you sit, and what is missing.")
def status(person: str | None, as_json: bool, with_signals: bool) -> None:
    """Show how you are doing, what comes next, and why."""
    data = ask(lambda client: client.state())
    if person is not None:
        data["persons"] = {person: _one(data["persons"], person)}
    if as_json:
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    from nudger.views.status import render_status  # noqa: PLC0415  (JSON does without)

    click.echo(render_status(data, zone_of(data["service"]), _width(), lambda text: click.style(text, bold=True)))
    if with_signals:
        from nudger.views.signals import render_desktop, render_signals  # noqa: PLC0415  (most do without)

        known = [each for each in ask(lambda client: client.signals()) if each["person"] in data["persons"]]
        click.echo()
        click.echo(render_signals(known, lambda text: click.style(text, bold=True)) if known else NO_SIGNALS)
        for line in render_desktop(ask(lambda client: client.desktop())):
            say(line)


@click.command()
@person_option
def done(person: str | None) -> None:
    """Say that you moved: the prompt is done.

    With no prompt showing, it tells of a break that you took by yourself.
    """
    _tell("done", person)


@click.command()
@person_option
def snooze(person: str | None) -> None:
    """Put the prompt off by 5 minutes, once.

    The config can set another length.
    """
    _tell("snooze", person)


@click.command(epilog=examples("nudger skip", "nudger skip --never     and leave that movement out from now on"))
@click.option("--never", is_flag=True, help="Do not show this one ever again either.")
@person_option
def skip(never: bool, person: str | None) -> None:
    """Pass on this prompt."""
    if never:
        _tell("skip", person, '{"unwanted": true}', lambda _: "Skipped, and you will not see this one again.")
    else:
        _tell("skip", person)


@click.command(
    epilog=examples(
        "nudger pause",
        "nudger pause 45                45 minutes",
        "nudger pause 1 h 30 min",
        "nudger pause --until 14:00",
        "nudger pause --until 2026-11-25",
        "nudger pause --today",
    )
)
@click.argument("length", callback=as_length, nargs=-1, metavar="[LENGTH]")
@click.option("--until", metavar="TIME", help="Until a time (14:00), or the morning of a date (2026-11-25).")
@click.option("--today", is_flag=True, help="For the rest of the day, which ends at 04:00.")
@person_option
def pause(length: timedelta | None, until: str | None, today: bool, person: str | None) -> None:
    """Keep quiet for a while: 30 minutes, unless you say how long.

    LENGTH is in minutes, or has units. A pause always has an end.
    """
    if (length is not None) + (until is not None) + today > 1:
        raise click.UsageError("give one of a length, --until and --today, not more")
    until = "today" if today else until
    payload = _minutes(length) if until is None else _checked("pause", {"until": until})
    _tell("pause", person, payload, lambda told: f"Paused until {_end('pause', payload, told)}.")


@click.command()
@person_option
def resume(person: str | None) -> None:
    """End a pause or a rest."""
    _tell("resume", person, "", _what_is_over)


@click.command(epilog=examples("nudger rest", "nudger rest 20                 20 minutes"))
@click.argument("length", callback=as_length, nargs=-1, metavar="[LENGTH]")
@person_option
def rest(length: timedelta | None, person: str | None) -> None:
    """Lie down for a while: an hour, unless you say how long.

    LENGTH is in minutes, or has units. Lying is no sitting, even with the laptop at hand. A rest ends by itself.
    """
    payload = _minutes(length)
    _tell("rest", person, payload, lambda told: f"Resting until {_end('rest', payload, told)}.")


@click.command(epilog=examples("nudger flare on", "nudger flare off"))
@click.argument("state", type=click.Choice(["on", "off"], case_sensitive=False))
@person_option
def flare(state: str, person: str | None) -> None:
    """Say that your back hurts more than usual, or no longer does.

    In a flare, prompts come as early, short and gentle as on the gentlest stage, on one channel, with no repeats.
    """
    began = "Noted. Everything stays small and gentle until you say `nudger flare off`."
    ended = "Noted, the flare is over. Your usual stage is back."
    no_end = "There was no flare, so nothing has changed."

    def answer(told: _Told) -> str:
        if state == "on":
            return began
        return ended if told.before["flare"] else no_end

    _tell("flare", person, state, answer)


@click.group(
    invoke_without_command=True,
    epilog=examples("nudger stage", "nudger stage set daily_walks", "nudger stage set steady --by provider"),
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
    chosen = {person: _one(persons, person)} if person is not None else persons
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


@stage.command("set")
@click.argument("stage_id", metavar="ID")
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
    """Go on from another stage; `nudger stage` lists them."""
    from nudger.config.faults import did_you_mean  # noqa: PLC0415  (a wrong name is rare)
    from nudger.library import load_ladder  # noqa: PLC0415  (it loads YAML)
    from nudger.views.words import stage_name  # noqa: PLC0415  (loaded in a moment)

    known = [each.id for each in load_ladder().stages]
    if stage_id not in known:
        hint = did_you_mean(stage_id, known) or f"; it can be one of: {', '.join(known)}"
        raise BadUsage(f"there is no stage {stage_id!r}{hint}")
    above: dict[str, Any] = ctx.parent.params if ctx.parent else {}
    payload = json.dumps({"set": stage_id, "by": by})
    _tell("stage", person or above.get("person"), payload, lambda _: f"Your stage is now {stage_name(stage_id)}.")


class _Told(NamedTuple):
    """What a command did: the person's state before and after it, and the zone in which to tell times."""

    before: dict[str, Any]
    after: dict[str, Any]
    zone: tzinfo | None


def _tell(command: str, person: str | None, payload: str = "", answer: Callable[[_Told], str] = lambda _: "") -> None:
    """Have the daemon carry out a command; print what that did, and the sentence that says how things are now."""

    def exchange(client: Client) -> _Told:
        all_before = client.state()
        after = client.command(command, payload, person)
        persons = all_before["persons"]
        before = next(iter(persons.values())) if person is None else persons[person]
        return _Told(before, after, zone_of(all_before["service"]))

    told = ask(exchange)
    said = answer(told)
    is_reason = command in {"pause", "rest"} and told.after["hold"] == "paused"  # it would be said twice
    say(said if is_reason else f"{said} {told.after['why']}".strip())


def _end(command: str, payload: str, told: _Told) -> str:
    """Return when the pause or the rest that was asked for ends, by the daemon's clock."""
    from datetime import UTC, datetime  # noqa: PLC0415  (not for the commands without an end)

    from nudger.core.events import PauseAsked, RestAsked  # noqa: PLC0415
    from nudger.messages import parse_command  # noqa: PLC0415  (it loads the core)
    from nudger.views.words import coming  # noqa: PLC0415

    now = datetime.fromisoformat(told.after["at"])
    zone = told.zone or now.astimezone().tzinfo or UTC
    match parse_command(command, payload, now, zone):
        case PauseAsked(until):
            return coming(until, told.zone, now)
        case RestAsked(length):
            return coming(now + length, told.zone, now)
        case other:
            raise AssertionError(f"the daemon took {other!r} for a {command}")


def _what_is_over(told: _Told) -> str:
    """Say what `resume` ended. Only the reason tells a rest from a pause."""
    from nudger.library import LANGUAGES, load_language  # noqa: PLC0415  (it loads YAML)

    if told.before["hold"] != "paused":
        return "Counting again."
    resting = tuple(load_language(code).texts["why.resting"].partition("{")[0] for code in LANGUAGES)
    return "The rest is over." if told.before["why"].startswith(resting) else "The pause is over."


def _width() -> int:
    """Return how long a line may be: as wide as the terminal, but not too long to read."""
    return min(terminal_width(sys.stdout) or 80, 100)


def _checked(command: str, fields: dict[str, str]) -> str:
    """Return the payload of a command, or fail where its form is wrong: bad usage, which the daemon cannot tell."""
    from datetime import UTC, datetime  # noqa: PLC0415  (see below)

    from nudger.messages import Problem, parse_command  # noqa: PLC0415  (it loads the core)

    payload = json.dumps(fields)
    read = parse_command(command, payload, datetime.now(UTC), UTC)
    if isinstance(read, Problem):
        raise BadUsage(read.message)
    return payload


def _minutes(length: timedelta | None) -> str:
    return "" if length is None else json.dumps({"minutes": length.total_seconds() / 60})


def _one(persons: dict[str, Any], person: str) -> Any:
    if person not in persons:
        raise BadUsage(f"there is no person {person!r}; choose one of: {', '.join(persons)}")
    return persons[person]
