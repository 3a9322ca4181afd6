"""Setting nudger up: is the config right, what may stand in it, and completion for the shell."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from nudger.cli.common import check_libraries, config_option, examples, load_config
from nudger.cli.history import stages_in_history, unused_history

if TYPE_CHECKING:
    from nudger.config.settings import Settings

_INSTALLED_BY: Final = {
    "bash": 'put this line into ~/.bashrc:  eval "$(nudger completion bash)"',
    "zsh": 'put this line into ~/.zshrc, below compinit:  eval "$(nudger completion zsh)"',
    "fish": "install it with:  nudger completion fish > ~/.config/fish/completions/nudger.fish",
}


@click.command(epilog=examples("nudger check", "nudger check -c new.yaml"))
@config_option
def check(config: Path | None) -> None:
    """Check the config, and name everything that is wrong with it.

    Each fault is one line, with file, line number and option; the exit status is then 2.
    """
    from datetime import datetime  # noqa: PLC0415  (most commands do without)

    check_libraries()
    settings = load_config(config)
    if settings is None:
        from nudger.state_dir import config_places  # noqa: PLC0415  (loaded already)

        places = " or ".join(map(str, config_places(os.environ)))
        click.echo(f"There is no config at {places}; `nudger run` then goes by what the desktop tells, or the clock.")
        return
    for warning in settings.warnings:
        click.echo(f"warning: {warning}", err=True)
    stored, today = _stored_stages(), datetime.now(settings.zone).date()
    for id_, person in settings.people.items():
        if stored.get(id_, person.stage) != person.stage:
            click.echo(
                f"note: {id_} is on stage {stored[id_]} by now, and that counts, not {person.stage} from the config; "
                "`nudger stage set` changes it",
                err=True,
            )
        if person.holidays and max(spell.last for spell in person.holidays) < today:
            click.echo(f"note: all holidays of {id_} are over; they can go, or new ones can come", err=True)
    unused = unused_history(settings.people)
    if unused is not None:
        click.echo(f"note: {unused}", err=True)
    click.echo(f"{settings.path} is fine: {_contents(settings)}")


def _contents(settings: Settings) -> str:
    from nudger.config.settings import Lamp  # noqa: PLC0415  (loaded already)
    from nudger.views.words import count  # noqa: PLC0415

    people = settings.people.values()
    outputs = [output for person in people for output in person.outputs]
    lamps = sum(isinstance(output, Lamp) for output in outputs)
    others = len(outputs) - lamps
    broker = settings.mqtt
    parts = [
        count(len(people), "person"),
        count(sum(len(person.signals) for person in people), "signal"),
        count(lamps, "lamp"),
        *([count(others, "other output")] if others else []),
        "no broker" if broker is None else f"broker {broker.host}:{broker.port}",
    ]
    by_clock = [person.id for person in people if not person.signals]
    if by_clock:
        parts.append(f"no signal and so by the clock alone: {', '.join(by_clock)}")
    return ", ".join(parts)


def _stored_stages() -> Mapping[str, str]:
    """Return where everybody is, from the running daemon, else from its history; nothing where neither can be seen."""
    from nudger.cli.client import Client, ClientError  # noqa: PLC0415  (it loads http)
    from nudger.cli.sockets import socket_paths  # noqa: PLC0415

    try:
        persons: dict[str, Any] = Client(socket_paths(os.environ)).state()["persons"]
    except ClientError:
        return stages_in_history()
    return {person: state["stage"] for person, state in persons.items()}


@click.command(
    epilog=examples("nudger schema > nudger.schema.json", "# yaml-language-server: $schema=nudger.schema.json")
)
def schema() -> None:
    """Print the JSON Schema of the config, for editors.

    An editor with a YAML language server then completes and checks while you type: save the schema beside the config,
    and begin the config with the comment below.
    """
    from nudger.config.schema import json_schema  # noqa: PLC0415  (it loads pydantic)
    from nudger.vocabulary import vocabulary  # noqa: PLC0415

    click.echo(json.dumps(json_schema(vocabulary()), indent=2, ensure_ascii=False))


@click.command(
    epilog=examples(
        'eval "$(nudger completion bash)"      in ~/.bashrc',
        'eval "$(nudger completion zsh)"       in ~/.zshrc, below compinit',
        "nudger completion fish > ~/.config/fish/completions/nudger.fish",
    )
)
@click.argument("shell", type=click.Choice(list(_INSTALLED_BY)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print what completes nudger's commands in your shell."""
    from click.shell_completion import get_completion_class  # noqa: PLC0415  (for this command alone)

    kind = get_completion_class(shell)
    if kind is not None:  # click knows the three that can be chosen
        click.echo(f"# To have it always, {_INSTALLED_BY[shell]}")
        click.echo(kind(ctx.find_root().command, {}, "nudger", "_NUDGER_COMPLETE").source())
