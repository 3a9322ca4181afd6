"""`nudger run`: the daemon, in a terminal or as a service."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from nudger.cli.common import BadUsage, Failure, check_libraries, config_option, examples, load_config, say
from nudger.cli.history import unused_history

if TYPE_CHECKING:
    from nudger.config.settings import Settings

DISCLAIMER_SHOWN: Final = "disclaimer-shown"
FASTEST: Final = 3600
"""Above, a prompt would be gone before anybody has read it."""


@click.command(
    epilog=examples(
        "nudger run",
        "nudger run -c desk.yaml",
        "nudger run --time-scale 60     try it out: the first prompt after 20 s",
    )
)
@config_option
@click.option(
    "--time-scale",
    "scale",
    type=click.FloatRange(1, FASTEST),
    metavar="N",
    help="For trying out: time passes N times as fast; with 60, minutes pass like seconds. "
    "Its history is its own, and emptied at every start.",
)
@click.option("--plain", is_flag=True, help="Log lines instead of the live view, as where there is no terminal.")
def run(config: Path | None, scale: float | None, plain: bool) -> None:
    """Run nudger: count your sitting and nudge you, until Ctrl-C.

    In a terminal it shows how you are doing, and the keys d, s, k and p say done, snooze, skip and pause. Without a
    config file it goes by what your desktop tells, or by the clock where that is nothing, for one person.
    """
    with _loading_to_stay():
        check_libraries()
        settings = load_config(config)
        if settings is None:
            settings = _defaults(scale)
        _introduce(settings, scale)
        _show_disclaimer(settings)

        from nudger.api import SocketTakenError  # noqa: PLC0415  (what the daemon needs takes a while to load)
        from nudger.cli.foreground import serve  # noqa: PLC0415
        from nudger.state_dir import AlreadyRunning  # noqa: PLC0415
        from nudger.store import NewerSchemaError, StoreError  # noqa: PLC0415

    try:
        serve(settings, lambda: _reread(config, scale), scale=scale, plain=plain)
    except AlreadyRunning as error:
        raise Failure(f"nudger is already running: {error}") from None
    except SocketTakenError as error:
        raise Failure(f"nudger is already running: another one answers on {error}") from None
    except NewerSchemaError as error:
        raise BadUsage(str(error)) from None
    except StoreError as error:
        raise Failure(str(error)) from None
    if settings.path is None and scale is None and sys.stderr.isatty():
        say("nudger: stopped. To have it run whenever you log in: nudger service install", err=True)


@contextmanager
def _loading_to_stay() -> Iterator[None]:
    """Do not look for garbage in what the daemon loads: all of it stays, and the search is a tenth of the start."""
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def _defaults(scale: float | None) -> Settings:
    """Return what counts without a config. To try nudger out one may come at any hour."""
    from nudger.config.load import default_settings  # noqa: PLC0415  (it loads pydantic)
    from nudger.vocabulary import vocabulary  # noqa: PLC0415

    settings = default_settings(vocabulary())
    if scale is None:
        return settings
    return replace(settings, people={id_: replace(person, hours=None) for id_, person in settings.people.items()})


def _reread(config: Path | None, scale: float | None) -> Settings:
    """Return the settings as they are in the file now. Raises ConfigError."""
    from nudger.config.load import load  # noqa: PLC0415  (loaded long ago)
    from nudger.state_dir import config_path  # noqa: PLC0415
    from nudger.vocabulary import vocabulary  # noqa: PLC0415

    found = config or config_path(os.environ)
    return _defaults(scale) if found is None else load(found, vocabulary())


def _introduce(settings: Settings, scale: float | None) -> None:
    """Say what nobody asked for in so many words: timer mode, a trial, or a history that is left lying."""
    from nudger.config.load import DEFAULT_HOURS  # noqa: PLC0415  (loaded already)
    from nudger.state_dir import state_dir  # noqa: PLC0415

    if scale is None:
        pace, history = f"active {DEFAULT_HOURS} every day", f"history in {_short(state_dir(os.environ))}"
    else:
        pace, history = f"trying out, {scale:g} times as fast as life", "the next trial throws its history away"
    if settings.path is None:
        (person,) = settings.people
        from nudger.dbus_address import session_address  # noqa: PLC0415  (only without a config)

        has_desktop = scale is None and session_address(os.environ) is not None
        guide = "what this desktop tells" if has_desktop else "the clock (timer mode)"
        say(f"nudger: no config found, so it goes by {guide}, for one person ({person}), {pace}; {history}", err=True)
        if (name := _name_to_type()) is not None:
            say(f"nudger: wherever you read “nudger”, type {name}", err=True)
    elif scale is not None:
        say(f"nudger: {pace}; {history}", err=True)
        if real := _reached(settings):
            say(f"nudger: this trial talks to your {real}", err=True)
    unused = unused_history(settings.people) if scale is None else None
    if unused is not None:
        say(f"nudger: note: {unused}", err=True)


def _name_to_type() -> str | None:
    """Return what a person has to type to call nudger; None where its name is enough, or nobody reads it."""
    program = Path(sys.argv[0])
    if not sys.stderr.isatty() or program.name != "nudger" or shutil.which("nudger") is not None:
        return None
    return _short(program.absolute())


def _reached(settings: Settings) -> str:
    """Name what of the person's own a trial acts on: time is made up, broker and lamps are real; "" for nothing."""
    from nudger.config.settings import Lamp  # noqa: PLC0415  (loaded already)

    outputs = [output for person in settings.people.values() for output in person.outputs]
    lamps = [output for output in outputs if isinstance(output, Lamp)]
    found = (
        ("broker", settings.mqtt is not None),
        ("lamps", bool(lamps)),
        ("other outputs" if lamps else "outputs", len(lamps) < len(outputs)),
    )
    return " and ".join(name for name, is_there in found if is_there)


def _show_disclaimer(settings: Settings) -> None:
    """Tell what nudger is not, the first time that somebody sees it run; a file in the state folder records that."""
    from nudger.library import load_language  # noqa: PLC0415  (loaded already)
    from nudger.state_dir import make_private, state_dir  # noqa: PLC0415

    shown = state_dir(os.environ) / DISCLAIMER_SHOWN
    if not sys.stderr.isatty() or os.access(shown, os.F_OK):
        return
    for language in dict.fromkeys(person.language for person in settings.people.values()):
        say(load_language(language).texts["about.disclaimer"], err=True)
    with suppress(OSError):  # where it cannot be recorded, it is told once more
        make_private(shown.parent)
        shown.touch()


def _short(folder: Path) -> str:
    home = Path.home()
    return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)
