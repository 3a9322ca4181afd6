"""The commands of every day: what is, and the few words one says to nudger."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

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
from nudger.cli.telling import Told, language_of, one_of, tell

if TYPE_CHECKING:
    from datetime import timedelta


@click.command(epilog=examples("nudger status", "nudger status --signals", "nudger status --json"))
@person_option
@json_option
@click.option("--signals", "with_signals", is_flag=True, help="Also what shows that you sit, and what is missing.")
def status(person: str | None, as_json: bool, with_signals: bool) -> None:
    """Show how you are doing, what comes next, and why."""
    data = ask(lambda client: client.state())
    if person is not None:
        data["persons"] = {person: one_of(data["persons"], person)}
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
    _tell("done", person, "", _is_counted)


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


def _tell(command: str, person: str | None, payload: str = "", answer: Callable[[Told], str] = lambda _: "") -> None:
    """Have the daemon carry out a command; print what that did, and the sentence that says how things are now."""
    told = tell(command, person, payload)
    said = answer(told)
    is_reason = command in {"pause", "rest"} and told.after["hold"] == "paused"  # it would be said twice
    say(said if is_reason else f"{said} {told.after['why']}".strip())


def _end(command: str, payload: str, told: Told) -> str:
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


def _is_counted(told: Told) -> str:
    """Say that a break was counted, where the sentence on how things are speaks of what holds the next prompt."""
    if told.after["hold"] is None or told.after["breaks_today"] == told.before["breaks_today"]:
        return ""
    return language_of(told.after).texts["told.break_counted"]


def _what_is_over(told: Told) -> str:
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
