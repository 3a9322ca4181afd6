"""`nudger ha`: what helps with Home Assistant and the sensors around it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nudger.cli.common import BadUsage, check_person, config_option, examples, json_option, load_config, say

if TYPE_CHECKING:
    from nudger.config.settings import Settings
    from nudger.mqtt.listener import Heard
    from nudger.mqtt.settings import MqttSettings
    from nudger.sources.recogniser import Finding


@click.group(epilog=examples("nudger ha signals"))
def ha() -> None:
    """Find the sensors that Home Assistant and others put on your broker."""


@ha.command(
    epilog=examples(
        "nudger ha signals                       with your config's broker",
        "nudger ha signals --host 192.168.1.5    with another",
        "nudger ha signals --pick 1,3            unasked: config for these two",
    )
)
@config_option
@click.option(
    "--host", metavar="HOST", help="The broker. Default: the one of the config, whose password no other gets."
)
@click.option("--port", type=click.IntRange(1, 65535), metavar="PORT", help="Its port. Default: 1883.")
@click.option("--username", metavar="NAME", help="The user there.")
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A file whose first line is the password.",
)
@click.option("--seconds", type=click.FloatRange(1, 3600), default=60, show_default=True, help="How long to listen.")
@click.option("--topic", "topic_filter", default="#", show_default=True, help="What to listen to.")
@click.option("--pick", metavar="N,N", help="Which of the findings to print config for: numbers, or topics.")
@click.option("--person", metavar="ID", help="Whose signals they become, where the config has several persons.")
@click.option("--all", "show_all", is_flag=True, help="List all findings, however many.")
@json_option
@click.pass_context
def signals(
    ctx: click.Context,
    config: Path | None,
    host: str | None,
    port: int | None,
    username: str | None,
    password_file: Path | None,
    seconds: float,
    topic_filter: str,
    pick: str | None,
    person: str | None,
    show_all: bool,
    as_json: bool,
) -> None:
    """Listen to the broker, and find what could be a signal.

    For a minute it listens to all that is said there, without saying anything itself, and lists what looks like a
    chair pad, a presence or motion sensor, a keyboard, a screen lock, a desk, a call. Choose one, and it prints the
    lines for your config. Ctrl-C ends the listening early and keeps what was heard.
    """
    from nudger.cli.look import broker_of, look, password_in  # noqa: PLC0415  (it loads the broker's client)

    settings = None if host is not None else load_config(config)
    if settings is not None:
        check_person(settings, person)
    broker = broker_of(settings, host, port, username, password_in(password_file))
    heard, found = look(broker, topic_filter, seconds)
    kept, count = heard.kept, len(heard.topics)
    if as_json:
        from nudger.cli.findings import as_json as listed  # noqa: PLC0415  (as below)

        click.echo(json.dumps(listed(found, kept), ensure_ascii=False, indent=2))
        return
    _tell(found, heard, broker, _mine(settings), show_all=show_all or pick is not None)
    if not found:
        ctx.exit(1)
    numbers = _picked(pick, found) if pick is not None else _asked(found)
    if numbers:
        _print_config([found[number] for number in numbers], kept, settings, broker, person)
    elif pick is None:
        say(f"Heard {count} topics. Print the config for one with --pick and its number, or its topic.")


# --- Telling ---------------------------------------------------------------------------------------------------------


def _mine(settings: Settings | None) -> Mapping[str, str]:
    """Return which topics the config reads already, and the names of their signals."""
    people = settings.people.values() if settings else ()
    return {getattr(signal, "state_topic", ""): signal.name for person in people for signal in person.signals}


def _tell(
    found: Sequence[Finding], heard: Heard, broker: MqttSettings, mine: Mapping[str, str], *, show_all: bool
) -> None:
    from nudger.cli.findings import FIRST, nothing_found, table  # noqa: PLC0415  (it loads the core)

    if heard.left_out:
        say(
            f"{heard.left_out} messages on further topics found no room; a narrower --topic leaves fewer out.",
            err=True,
        )
    if not found:
        for line in nothing_found(heard.topics, broker.address):
            say(line)
        return
    shown = found if show_all else found[:FIRST]
    paint: Callable[[str], str] = lambda text: click.style(text, bold=True)  # noqa: E731  (one word, used once)
    click.echo("These could be signals, the likeliest first:\n")
    for line in table(shown, heard.kept - heard.live, mine, paint):
        click.echo(line)
    if len(shown) < len(found):
        say(f"... and {len(found) - len(shown)} less likely ones: --all shows them.")
    click.echo()


def _asked(found: Sequence[Finding]) -> list[int]:
    """Ask which ones, on a terminal; none elsewhere."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return []
    while True:
        answer = click.prompt("Which ones? Numbers, such as 1 3; Enter for none", default="", show_default=False)
        try:
            return _picked(answer, found)
        except BadUsage as error:
            say(str(error), err=True)


def _picked(text: str, found: Sequence[Finding]) -> list[int]:
    """Return the places of those that were named, by number or topic. Fails where one is not there."""
    by_topic = {finding.topic: number for number, finding in reversed(list(enumerate(found)))}
    if text in by_topic:
        return [by_topic[text]]
    chosen: list[int] = []
    for word in text.replace(",", " ").split():
        number = int(word) - 1 if word.isdecimal() else by_topic.get(word, -1)
        if not 0 <= number < len(found):
            raise BadUsage(f"there is no {word!r} in the list; choose from 1 to {len(found)}, or name a topic of it")
        if number not in chosen:
            chosen.append(number)
    return chosen


def _print_config(
    chosen: Sequence[Finding],
    kept: Collection[str],
    settings: Settings | None,
    broker: MqttSettings,
    person: str | None,
) -> None:
    from nudger.cli.findings import snippet  # noqa: PLC0415  (loaded already)
    from nudger.state_dir import config_places  # noqa: PLC0415

    owner = person or (next(iter(settings.people)) if settings else "me")
    known: Any = settings.people[owner].signals if settings else ()
    place = settings.path if settings else config_places(os.environ)[0]
    if settings is None:
        say(f"Put this into {place}:", err=True)
    else:
        say(
            f"Put this into {place}; where `signals:` of {owner} is there already, add only what is below it:", err=True
        )
    click.echo()
    names = [signal.name for signal in known]
    for line in snippet(chosen, owner, mqtt=broker if settings is None else None, taken=names, kept=kept):
        click.echo(line)
    click.echo()
    if settings is None and broker.password:
        say("The password goes into secrets.yaml beside it, as the line `mqtt_password: ...` (chmod 600).", err=True)
    say("Then `nudger check`, and `nudger signals try NAME` when nudger runs.", err=True)
