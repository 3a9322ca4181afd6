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
from nudger.payload import printable

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
        "nudger ha signals --pick chair,radar    unasked: config for these two",
    )
)
@config_option
@click.option(
    "--host",
    metavar="HOST",
    help="The broker. Default: the one of the config, whose login no other gets; else localhost.",
)
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="PORT", help="Its port. Default: the config's, else 1883."
)
@click.option("--username", metavar="NAME", help="The user there. Default: the config's.")
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A file whose first line is the password.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(1, 3600),
    default=60,
    show_default=True,
    metavar="N",
    help="How long to listen.",
)
@click.option("--topic", "topic_filter", default="#", show_default=True, metavar="FILTER", help="What to listen to.")
@click.option(
    "--pick",
    metavar="TOPIC,TOPIC",
    help="Which findings to print config for: topics or parts of them; or numbers, which are others in the next run.",
)
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

    settings = _config_for(config, host)
    if settings is not None:
        check_person(settings, person)
    elif host is None:
        say("There is no config yet, so this computer is asked; --host names another broker.", err=True)
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
    chosen = [found[number] for number in numbers]
    for topic, name in _mine(settings).items():
        if topic in {finding.topic for finding in chosen}:
            say(f"{topic!r} is in your config already, as signal {name!r}.", err=True)
    if chosen:
        _print_config(chosen, kept, settings, broker, person)
    elif pick is None:
        say(f"Heard {count} topics. Print the config for one with --pick and its topic, or a part of it;")
        say("its number is another one in the next run.")


def _config_for(config: Path | None, host: str | None) -> Settings | None:
    """Return the config, unless it is about another broker than the one named: a login is for the broker it is for."""
    try:
        settings = load_config(config)
    except BadUsage:
        if host is None or config is not None:
            raise
        say("The config has faults (`nudger check` names them), so nothing of it is used here.", err=True)
        return None
    mqtt = settings.mqtt if settings else None
    if settings is None or mqtt is None or host is None or host.casefold() == mqtt.host.casefold():
        return settings
    say(f"{settings.path} is about another broker, {mqtt.host}; nothing of it is used here.", err=True)
    return None


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
    """Return the places of those that were named, by number, topic, or a part of one. Fails where one is not there."""
    chosen: list[int] = []
    is_topic = any(finding.topic == text for finding in found)  # one may hold a comma
    for piece in (text,) if is_topic else text.split(","):
        whole = _place(piece.strip(), found)
        places = [whole] if whole is not None else [_place(word, found) for word in piece.split()]
        for word, place in zip(piece.split(), places, strict=False):
            if place is None:
                raise BadUsage(
                    f"there is no {word!r} in the list; choose from 1 to {len(found)}, or name a topic of it"
                )
            if place not in chosen:
                chosen.append(place)
    return chosen


def _place(word: str, found: Sequence[Finding]) -> int | None:
    """Return the place of the first finding on the topic that is called so; None without one. Fails where many are."""
    topics = [finding.topic for finding in found]
    if word.isdecimal():
        return int(word) - 1 if 0 < int(word) <= len(found) else None
    if word in topics:
        return topics.index(word)
    having = [topic for topic in dict.fromkeys(topics) if word and word.casefold() in topic.casefold()]
    if len(having) > 1:
        raise BadUsage(f"several topics have {word!r} in them; name more of one: {', '.join(map(printable, having))}")
    return topics.index(having[0]) if having else None


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
    is_new = settings is None or settings.mqtt is None
    place = settings.path if settings else config_places(os.environ)[0]
    if settings is None:
        say(f"Put this into {place}:", err=True)
    else:
        say(
            f"Put this into {place}; where `signals:` of {owner} is there already, add only what is below it:", err=True
        )
    click.echo()
    names = [signal.name for signal in known]
    for line in snippet(chosen, owner, mqtt=broker if is_new else None, taken=names, kept=kept):
        click.echo(line)
    click.echo()
    if is_new and broker.password:
        say("The password goes into secrets.yaml beside it, as the line `mqtt_password: ...` (chmod 600).", err=True)
    say("Then `nudger check`, and `nudger signals try NAME` when nudger runs.", err=True)
