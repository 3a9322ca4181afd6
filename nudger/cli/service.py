"""`nudger service`: nudger in the background, whenever one logs in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from nudger.cli.common import Failure, examples

_force_option = click.option("--force", is_flag=True, help="Also where the unit file was changed by hand; it is kept.")


@click.group(
    epilog=examples(
        "nudger service install",
        "nudger service status",
        "journalctl --user -u nudger -f      what it says",
    )
)
def service() -> None:
    """Run nudger in the background, whenever you log in.

    It becomes a systemd service of your own session; no root is needed. For a whole host, such as a Raspberry Pi, there
    is a unit file in the project's systemd folder.
    """


@service.command()
@click.option(
    "-c",
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The config file it is to use. Default: what `nudger run` finds.",
)
@_force_option
def install(config: Path | None, force: bool) -> None:
    """Install and start it, or bring it up to date."""
    from nudger import service as manager  # noqa: PLC0415  (it looks for the package's files)

    _say(lambda: manager.install(config, force=force))


@service.command()
@_force_option
def uninstall(force: bool) -> None:
    """Stop the service and remove it; config and history stay."""
    from nudger import service as manager  # noqa: PLC0415  (see install)

    _say(lambda: manager.uninstall(force=force))


@service.command("status")
def show() -> None:
    """Show how the service fares."""
    from nudger import service as manager  # noqa: PLC0415  (see install)

    _say(manager.status)


def _say(act: Callable[[], list[str]]) -> None:
    from nudger.service import ServiceError  # noqa: PLC0415  (see install)

    try:
        lines = act()
    except ServiceError as error:
        raise Failure(str(error)) from None
    for line in lines:
        click.echo(line)
