"""Other times than now: a recording played again, and an invented day."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from nudger.cli.common import (
    BadUsage,
    Failure,
    check_person,
    config_option,
    examples,
    json_option,
    load_config,
    person_option,
    say,
)

if TYPE_CHECKING:
    from datetime import tzinfo

    from rich.console import Console

    from nudger.config.settings import Settings
    from nudger.recording import BadLine, Message
    from nudger.views.records import Record


@click.command(
    epilog=examples(
        "mosquitto_sub -t '#' -F %j > day.jsonl        records (Ctrl-C ends it)",
        "nudger replay day.jsonl",
        "nudger replay day.jsonl -c new.yaml --person alex",
        "nudger replay day.jsonl --lenient              skips lines that are damaged",
        "nudger replay day.jsonl --json | jq .",
    )
)
@click.argument("recording", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@config_option
@person_option
@click.option("--lenient", is_flag=True, help="Skip lines that are no message, instead of ending at the first.")
@json_option
def replay(recording: str, config: Path | None, person: str | None, lenient: bool, as_json: bool) -> None:
    """Show what nudger would have done with recorded messages.

    A recording is JSON Lines, gzipped or not, as mosquitto_sub writes them; - reads standard input. Nothing is sent or
    kept: it is the way to try a config on a day that has passed. The first line that is no message ends it.
    """
    from nudger.recording import RecordingError  # noqa: PLC0415  (the engine takes a while to load)
    from nudger.replay import replay as run  # noqa: PLC0415

    settings = load_config(config) or _without_config(recording)
    check_person(settings, person)
    skipped: list[BadLine] = []
    messages = _usable(recording, skipped if lenient else None)
    try:
        _print(run(messages, settings, person), settings.zone, as_json=as_json)
    except RecordingError as error:
        raise Failure(f"{recording}: {error}") from None
    if skipped:
        say("1 line was skipped" if len(skipped) == 1 else f"{len(skipped)} lines were skipped", err=True)


def _usable(recording: str, skipped: list[BadLine] | None) -> Iterator[Message | BadLine]:
    """Yield what is recorded. Lines that are no message are added to ``skipped``; without it, the first one fails."""
    from nudger.recording import BadLine  # noqa: PLC0415  (loaded already)
    from nudger.recording import read as messages_of  # noqa: PLC0415

    for message in messages_of(recording, lenient=True):
        if isinstance(message, BadLine):
            if skipped is None:
                raise Failure(f"{recording}:{message.line}: {message.message}")
            skipped.append(message)
        yield message


def _without_config(recording: str) -> Settings:
    """Return the settings of timer mode, and say so: a recording is mostly played for the signals in it."""
    from nudger.config.load import default_settings  # noqa: PLC0415  (it loads pydantic)
    from nudger.recording import STDIN  # noqa: PLC0415
    from nudger.recording import read as messages_of  # noqa: PLC0415
    from nudger.replay import topics_in  # noqa: PLC0415
    from nudger.vocabulary import vocabulary  # noqa: PLC0415

    settings = default_settings(vocabulary())
    (person,) = settings.people
    topics = "" if recording == STDIN else ", ".join(topics_in(messages_of(recording, lenient=True)))
    hint = f"; for signals, write a config that names topics of this recording: {topics}" if topics else ""
    say(f"nudger: no config found, so timer mode for one person ({person}){hint}", err=True)
    return settings


@click.command(
    epilog=examples(
        "nudger simulate",
        "nudger simulate --sensors laptop --follow 0.3",
        "nudger simulate --compare",
        "nudger simulate --recovery --course flare",
    )
)
@click.option(
    "--sensors",
    metavar="KIND",
    type=click.Choice(["seat", "presence", "motion", "laptop", "timer"]),
    default="seat",
    show_default=True,
    help="What shows where the person is: seat, presence, motion, laptop or timer.",
)
@click.option("--stage", metavar="ID", default="daily_walks", show_default=True, help="The recovery stage.")
@click.option("--compare", is_flag=True, help="The same day at every stage, side by side.")
@click.option(
    "--follow", metavar="SHARE", default=0.7, show_default=True, help="The share of prompts that are followed, 0 to 1."
)
@click.option("--hours", metavar="N", default=8.0, show_default=True, help="Length of a working day.")
@click.option("--days", metavar="N", default=1, show_default=True, help="Number of working days.")
@click.option("--recovery", is_flag=True, help="Weeks of a made-up recovery, instead of a day at the desk.")
@click.option(
    "--course",
    metavar="KIND",
    type=click.Choice(["fast", "slow", "flare", "chronic"]),
    default="fast",
    show_default=True,
    help="With --recovery, how it goes: fast, slow, flare or chronic.",
)
@click.option("--weeks", metavar="N", default=12, show_default=True, help="With --recovery, the number of weeks.")
@click.option("--seed", metavar="N", default=1, show_default=True, help="Another number is another day, or person.")
@json_option
@click.pass_context
def simulate(
    ctx: click.Context,
    sensors: str,
    stage: str,
    compare: bool,
    follow: float,
    hours: float,
    days: int,
    recovery: bool,
    course: str,
    weeks: int,
    seed: int,
    as_json: bool,
) -> None:
    """Show an invented day at the desk, and when the nudges come.

    With --recovery, it is weeks of a made-up recovery, and what the rules decide. Nothing needs to be set up, and
    nothing is kept.
    """
    if stray := _given(ctx, _OF_THE_DESK if recovery else _OF_THE_WEEKS):
        raise click.UsageError(
            f"--recovery shows weeks, not a day at the desk; give either it or {stray}"
            if recovery
            else f"{stray} goes with --recovery"
        )
    if recovery:
        _show_weeks(course, weeks, seed, as_json=as_json)
        return
    if compare and ctx.get_parameter_source("stage") is ParameterSource.COMMANDLINE:
        raise click.UsageError("--compare shows every stage; give either it or --stage")
    if compare and as_json:
        raise click.UsageError("--compare is a picture; give either it or --json")
    from nudger.simulate import Scenario, Sensors, stages  # noqa: PLC0415  (the engine takes a while to load)
    from nudger.simulate import simulate as run  # noqa: PLC0415

    try:
        scenarios = [
            Scenario(Sensors(sensors), each, follow, hours, days, seed) for each in (stages() if compare else (stage,))
        ]
    except ValueError as error:
        raise BadUsage(str(error)) from None
    runs = {scenario.stage: run(scenario) for scenario in scenarios}
    zone = next(iter(runs.values())).settings.zone
    if compare:
        from nudger.views.timeline import render_side_by_side  # noqa: PLC0415  (it loads rich)
        from nudger.views.words import stage_name  # noqa: PLC0415

        render_side_by_side({stage_name(name): each.records for name, each in runs.items()}, _console(), zone)
    else:
        _print(runs[stage].records, zone, as_json=as_json)


_OF_THE_DESK = ("sensors", "stage", "compare", "follow", "hours", "days")
_OF_THE_WEEKS = ("course", "weeks")


def _given(ctx: click.Context, names: Iterable[str]) -> str | None:
    """Return the first of these options that was given, as it is written; None where none was."""
    given = (name for name in names if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE)
    return next((f"--{name}" for name in given), None)


def _show_weeks(course: str, weeks: int, seed: int, *, as_json: bool) -> None:
    from nudger.made_up import Course  # noqa: PLC0415  (the engine takes a while to load)
    from nudger.weeks import Weeks, live_through  # noqa: PLC0415

    try:
        scenario = Weeks(Course(course), weeks, seed)
    except ValueError as error:
        raise BadUsage(str(error)) from None
    records = live_through(scenario)
    if as_json:
        _print_json(records)
    else:
        from nudger.views.weeks import render_course  # noqa: PLC0415  (it loads rich)

        render_course(records, _console())


def _print(records: Iterable[Record], zone: tzinfo, *, as_json: bool) -> None:
    if as_json:
        _print_json(records)
    else:
        from nudger.views.timeline import render  # noqa: PLC0415  (it loads rich)

        render(records, _console(), zone)


def _print_json(records: Iterable[Record]) -> None:
    from nudger.views.records import to_json  # noqa: PLC0415  (loaded already)

    sys.stdout.writelines(f"{to_json(record)}\n" for record in records)


def _console() -> Console:
    from rich.console import Console  # noqa: PLC0415  (slow to load)

    return Console()
