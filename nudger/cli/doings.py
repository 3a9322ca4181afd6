"""`nudger log`, and the short answers: how active, running or not, how many prompts, what may go out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import click

from nudger.cli.checkin import as_number, date_option, day_of
from nudger.cli.common import BadUsage, Failure, examples, person_option, say
from nudger.cli.telling import asks_here, language_of, print_outcome, somebody, tell

if TYPE_CHECKING:
    from nudger.cli.telling import Told

LONG_WALK_MIN: Final = 180
"""More than that is more often a slip of the finger than a walk."""


@click.group(
    epilog=examples(
        "nudger log walk 10",
        "nudger log walk 30 --brisk --pain 1",
        "nudger log mobility --comfortable",
        "nudger log chores 2 --date yesterday",
    )
)
def log() -> None:
    """Log what you did: walks, mobility, strength, chores. It counts towards the day's goals."""


class _Walk(click.Command):
    """Takes ``-5`` for minutes that cannot be, rather than for an option that there is not."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if error.option_name.lstrip("-").isdigit():
                raise BadUsage("a walk has more than 0 minutes, such as `nudger log walk 10`") from None
            raise


@log.command(cls=_Walk)
@click.argument("minutes", type=int)
@click.option("--rise", type=int, metavar="N", help="By how much your score rose.")
@click.option("--pain", metavar="N", help="Your highest score on it, 0 to 10.")
@click.option("--brisk", is_flag=True, help="It was a brisk one.")
@click.option("--yes", "is_sure", is_flag=True, help=f"Do not ask whether more than {LONG_WALK_MIN} minutes are right.")
@date_option
@person_option
def walk(
    minutes: int,
    rise: int | None,
    pain: str | None,
    brisk: bool,
    is_sure: bool,
    day: str | None,
    person: str | None,
) -> None:
    """Log a walk of so many minutes."""
    if minutes > LONG_WALK_MIN and not is_sure:
        _ask_whether_so_long(minutes, person)
    said = {"rise": rise, "pain": None if pain is None else as_number(pain), "brisk": brisk or None}
    _log({"walk_min": minutes, **said}, day, person)


def _ask_whether_so_long(minutes: int, person: str | None) -> None:
    if not asks_here():
        raise BadUsage(f"a walk of {minutes} min is a long one; if it is right, add --yes")
    from nudger.cli.forms import Form  # noqa: PLC0415  (for a terminal alone)

    form = Form(somebody(person).language)
    with form.asking():
        is_right = form.yes_no(form.fill("log.long_walk", minutes=minutes))
    if not is_right:
        raise Failure(form.texts["form.stopped"])


@log.command()
@click.option("--comfortable/--sore", default=None, help="It stayed comfortable, or not.")
@date_option
@person_option
def mobility(comfortable: bool | None, day: str | None, person: str | None) -> None:
    """Log a set of mobility."""
    if comfortable is None and asks_here():
        from nudger.cli.forms import Form  # noqa: PLC0415  (for a terminal alone)

        form = Form(somebody(person).language)
        with form.asking():
            comfortable = form.maybe_yes_no(form.texts["log.comfortable"])
    told = _log({"mobility": True, "comfortable": comfortable}, day, person)
    if comfortable is None and told.after["lock"] is None:
        say(language_of(told.after).texts["log.mobility_open"])


@log.command()
@date_option
@person_option
def strength(day: str | None, person: str | None) -> None:
    """Log a set of strength."""
    _log({"strength": True}, day, person)


@log.command()
@click.argument("number", type=click.IntRange(1), default=1, metavar="[N]")
@date_option
@person_option
def chores(number: int, day: str | None, person: str | None) -> None:
    """Log a small chore, or several."""
    _log({"chores": number}, day, person)


def _log(fields: dict[str, Any], day: str | None, person: str | None) -> Told:
    """Send what was done; print what it led to, and how far the day's goals are met."""
    said = {name: value for name, value in fields.items() if value is not None}
    if day is not None:
        said["date"] = day_of(day, person).isoformat()
    told = tell("log", person, json.dumps(said))
    print_outcome(told, language_of(told.after).texts["checkin.thanks"], noted=True)
    if told.after["goals"] is not None:
        say(told.after["goals"]["text"])
    return told


# --- Short answers ---------------------------------------------------------------------------------------------------


@click.command()
@click.argument("compared", type=click.Choice(["less", "same", "more"]))
@person_option
def away(compared: str, person: str | None) -> None:
    """Say how active you were while away, when nudger asks."""
    told = tell("away", person, compared)
    print_outcome(told, language_of(told.after).texts["checkin.thanks"])


@click.command()
@click.argument("wanted", type=click.Choice(["yes", "no"]))
@person_option
def running(wanted: str, person: str | None) -> None:
    """Say whether you would like to run, now or one day."""
    told = tell("running", person, wanted)
    print_outcome(told, language_of(told.after).texts[f"running.{wanted}"])


@click.command()
@click.argument("judged", type=click.Choice(["too-many", "fine", "too-few"]))
@person_option
def pace(judged: str, person: str | None) -> None:
    """Say whether the prompts are too many, fine or too few.

    The time between them moves by a minute, inside 20 to 30 minutes.
    """
    told = tell("pace", person, judged.replace("-", "_"))
    say(language_of(told.after).texts["pace.noted"])


@click.command("publish-health")
@click.argument("wanted", type=click.Choice(["on", "off"]))
@person_option
def publish_health(wanted: str, person: str | None) -> None:
    """Say whether your stage and scores may go out over MQTT.

    Without a yes they stay on this machine.
    """
    who = somebody(person)
    told = tell("publish_health", person, wanted)
    texts = language_of(told.after).texts
    is_config = told.after["recovery"]["publish_health"] is not (wanted == "on")
    say(texts["publish.config" if is_config else f"publish.{wanted}"])
    if who.service["mqtt"] is None and wanted == "on":
        say(texts["publish.no_broker"])
