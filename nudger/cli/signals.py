"""`nudger signals`: what each sensor says, and trying one out."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

import click

from nudger.cli.common import NO_SIGNALS, BadUsage, ask, examples, json_option, person_option, say


@click.group(
    invoke_without_command=True,
    epilog=examples("nudger signals", "nudger signals try chair       walks you through it"),
)
@person_option
@json_option
@click.pass_context
def signals(ctx: click.Context, person: str | None, as_json: bool) -> None:
    """Show what each signal says and what that proves, or try one out."""
    if ctx.invoked_subcommand is not None:
        return
    known = _of(person)
    if as_json:
        click.echo(json.dumps(known, ensure_ascii=False, indent=2))
    elif not known:
        click.echo(NO_SIGNALS)
    else:
        from nudger.views.signals import render_signals  # noqa: PLC0415  (JSON does without)

        click.echo(render_signals(known, lambda text: click.style(text, bold=True)))


@signals.command("try")
@click.argument("name")
@person_option
@click.pass_context
def try_signal(ctx: click.Context, name: str, person: str | None) -> None:
    """Try a signal out, step by step.

    Does it notice, is it the right way round, and how fast is it? That takes about a minute: you do what the sensor is
    there for, such as sitting down on a chair pad, and see what it says. Ctrl-C ends it at any time.
    """
    above: dict[str, Any] = ctx.parent.params if ctx.parent else {}
    owner = _find(name, person or above.get("person"))["person"]

    from nudger.cli.signal_trial import attempt  # noqa: PLC0415  (it loads the core)
    from nudger.cli.signal_verdict import judge  # noqa: PLC0415

    try:
        click.echo(f"Trying {name}. Ctrl-C ends it at any time.")
        before, seen = attempt(lambda: _find(name, owner), _Terminal())
    except (KeyboardInterrupt, click.Abort):
        click.echo("\nEnded early; nothing was changed.")
        ctx.exit(1)
    verdict = judge(before, _find(name, owner), seen)
    click.echo()
    say(verdict.text)
    for line in verdict.lines:
        click.echo(f"    {line}")
    ctx.exit(0 if verdict.is_usable else 1)


class _Terminal:
    """Walks a person through a trial at a terminal."""

    def say(self, text: str, *, ends_line: bool = True) -> None:
        click.echo(text, nl=ends_line)

    def wait_until_ready(self, text: str) -> None:
        click.prompt(f"{text} Then press Enter.", default="", show_default=False, prompt_suffix=" ")

    def clock(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def _of(person: str | None) -> list[dict[str, Any]]:
    """Return the signals of one person, or of everybody."""
    known = ask(lambda client: client.signals())
    if person is not None and person not in {signal["person"] for signal in known}:
        raise BadUsage(f"there are no signals of a person {person!r}")
    return [signal for signal in known if person in (None, signal["person"])]


def _find(name: str, person: str | None) -> dict[str, Any]:
    known = _of(person)
    found = [signal for signal in known if signal["name"] == name]
    if not found:
        raise BadUsage(f"there is no signal {name!r}{_instead(name, known)}")
    if len(found) > 1:
        owners = ", ".join(signal["person"] for signal in found)
        raise BadUsage(f"several persons have a signal {name!r}; say whose, with --person: {owners}")
    return found[0]


def _instead(name: str, known: Sequence[dict[str, Any]]) -> str:
    from nudger.config.faults import did_you_mean  # noqa: PLC0415  (a wrong name is rare)

    names = [signal["name"] for signal in known]
    if not names:
        return "; the config names none"
    return did_you_mean(name, names) or f"; there are: {', '.join(names)}"
