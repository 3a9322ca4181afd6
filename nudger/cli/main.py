"""The command line: what there is, in the order one meets it. Whatever a command needs is loaded when it runs."""

from __future__ import annotations

import errno
import os
import sys
from io import TextIOWrapper
from typing import Any, Final

import click

from nudger import __version__
from nudger.cli import checkin, daily, doings, ha, past, run, safety, service, session, setup, signals, stage
from nudger.cli.common import Failure, check_libraries

SECTIONS: Final = {
    "Every day": (
        run.run,
        daily.status,
        daily.done,
        daily.snooze,
        daily.skip,
        daily.pause,
        daily.resume,
        daily.rest,
    ),
    "Your back": (
        checkin.checkin,
        stage.flare,
        stage.stage,
        stage.offer,
        doings.log,
        session.session,
        safety.safety,
        doings.away,
        doings.running,
        doings.pace,
        doings.publish_health,
    ),
    "Setting up": (setup.check, signals.signals, ha.ha, setup.schema, setup.completion),
    "Looking back, and ahead": (past.replay, past.simulate),
    "As a service": (service.service,),
}


class Commands(click.Group):
    """All commands, listed by section; what the system refuses is told in one plain line."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands."""
        del ctx
        width = max(map(len, self.commands))
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(f"{each.name:<{width}}", each.get_short_help_str(limit=80)) for each in commands])

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the sections."""
        del ctx
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read our output has had enough; click ends quietly
                raise
            place = f"{error.filename}: " if error.filename else ""
            raise Failure(f"{place}{error.strerror or error}") from None
        except ImportError:
            check_libraries()  # says why, where it is a library of another version
            raise


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="nudger", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """A gentle break nudger for people with hurting backs.

    `nudger run` starts it; it works as it is, and gets better with each sensor that a config names.
    """
    if os.environ.get("NO_COLOR"):
        ctx.color = False
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # an umlaut must not end the program where the locale knows none


for _commands in SECTIONS.values():
    for _command in _commands:
        main.add_command(_command)
