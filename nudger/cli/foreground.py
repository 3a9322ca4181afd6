"""The daemon as `nudger run` runs it: its places, its log, and the live view where somebody watches."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nudger.cli.sockets import socket_path
from nudger.config.settings import Settings
from nudger.core.effects import Effect
from nudger.core.state import State
from nudger.core.words import Declaration
from nudger.daemon import Daemon, Places
from nudger.state_dir import StateLock, state_dir
from nudger.store import Store
from nudger.store.database import peek
from nudger.views.happenings import log_lines

if TYPE_CHECKING:
    from nudger.cli.live import LiveView

log = logging.getLogger(__name__)

TRIAL: Final = "trial"
"""The folder, within the state folder, of a history that the next trial throws away."""

_SYSLOG: Final = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
"""Priorities as journald reads them at the beginning of a line, ``<4>`` (sd-daemon(3))."""


def serve(settings: Settings, read_config: Callable[[], Settings], *, scale: float | None, plain: bool) -> None:
    """Run until told to stop. ``scale`` is for trying out: time passes that much faster, in a history of its own.

    Raises AlreadyRunning, SocketTakenError, StoreError (also NewerSchemaError) and OSError as `Daemon.run` does.
    """
    state = state_dir(os.environ) if scale is None else _empty(state_dir(os.environ) / TRIAL)
    # The group of the system's service may command it; a session's own daemon is its user's alone.
    mode = 0o660 if "RUNTIME_DIRECTORY" in os.environ else 0o600
    places = Places(state, socket_path(os.environ), mode)

    def reload() -> Settings:
        fresh = read_config()
        _set_level(fresh)
        return fresh

    time_scale = scale or 1.0
    desk = _Desk()
    view = None if plain or not _can_show() else _view(desk, time_scale)
    watcher = view.watch if view is not None else desk.log_happenings
    desk.daemon = Daemon(settings, places, reload=reload, time_scale=time_scale, watcher=watcher)
    _start_log(view, desk)
    _set_level(settings)
    for warning in settings.warnings:
        log.warning("%s", warning)
    asyncio.run(_run(desk.daemon, view))


async def _run(daemon: Daemon, view: LiveView | None) -> None:
    try:
        await daemon.run()
    finally:
        if view is not None:
            view.close()


class _Desk:
    """The daemon, as the view and the log see it."""

    daemon: Daemon

    def states(self) -> Mapping[str, Mapping[str, Any]]:
        now = self.now()
        return {person: self.daemon.local_state(person, now) for person in self.daemon.people}

    def given_up(self) -> Collection[str]:
        people = self.daemon.people
        declared = {person: people.state(person).declared for person in people}
        return {person for person, said in declared.items() if said is not None and said.what is Declaration.IDLE}

    def put_off(self) -> Collection[str]:
        people = self.daemon.people
        prompts = {person: people.state(person).prompt for person in people}
        return {person for person, prompt in prompts.items() if prompt is not None and not prompt.can_snooze}

    def command(self, person: str, command: str) -> str | None:
        return self.daemon.command(person, command, b"")

    def now(self) -> datetime:
        return self.daemon.clock.now()

    def zone(self) -> tzinfo:
        return self.daemon.settings.zone

    def stop(self) -> None:
        self.daemon.stop()

    def log_happenings(self, person: str, _state: State, effects: Sequence[Effect]) -> None:
        for line in log_lines(effects, self.zone()):
            log.info("%s: %s", person, line)


def _empty(folder: Path) -> Path:
    """Return the folder without the history of the trial before; AlreadyRunning where that one still runs.

    A lamp is real in a trial too: one that was borrowed when the trial before was killed is still given back.
    """
    with StateLock(folder):
        database = folder / "nudger.db"
        borrowed = _borrowed_lamps(database)
        for file in folder.glob("nudger.db*"):
            file.unlink()
        shutil.rmtree(folder / "backups", ignore_errors=True)
        if borrowed:
            store = Store.open(database, now=datetime.now(UTC), log=log)
            for topic, snapshot in borrowed.items():
                store.save_lamp(topic, snapshot)
            store.close()
    return folder


def _borrowed_lamps(database: Path) -> Mapping[str, str]:
    """Return what the lamps showed before they were borrowed, as far as that database can be read."""
    try:
        with closing(peek(database)) as connection:
            return dict(connection.execute("SELECT topic, snapshot FROM lamps"))
    except (OSError, sqlite3.Error):
        return {}


def _can_show() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in {"dumb", "unknown"}


def _view(desk: _Desk, scale: float) -> LiveView:
    from nudger.cli.live import LiveView  # noqa: PLC0415  (rich takes megabytes that a service does without)
    from nudger.cli.screen import Screen  # noqa: PLC0415

    keys = sys.stdin.fileno() if sys.stdin is not None and sys.stdin.isatty() else None
    return LiveView(desk, Screen(sys.stdout.fileno(), sys.stdout.encoding), keys, scale=scale)


# --- log -------------------------------------------------------------------------------------------------------------


class _Lines(logging.Handler):
    """Writes log lines, and takes it as the end of everything when the terminal they go to is gone."""

    def __init__(self, write: Callable[[str], object], gone: Callable[[], None]) -> None:
        super().__init__()
        self._write = write
        self._gone = gone

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._write(self.format(record))
        except OSError:
            self._gone()


class _Dated(logging.Formatter):
    """``2026-11-22 18:31:05 warning: what happened``; an ordinary line names no level."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (logging's name)
        level = "" if record.levelno == logging.INFO else f"{record.levelname.lower()}: "
        return f"{self.formatTime(record, self.datefmt)} {level}{record.message}"


class _ForJournal(logging.Formatter):
    """``<4>what happened``: the journal knows the time, and takes the priority from the front."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (logging's name)
        return f"<{_SYSLOG.get(record.levelno, 6)}>{record.message}"


def _start_log(view: LiveView | None, desk: _Desk) -> None:
    """Log to standard error, or above the live view. Of the libraries, only what is wrong is of interest."""
    handler = _Lines(_to_stderr if view is None else view.print, desk.stop if sys.stderr.isatty() else _carry_on)
    if _is_journal(os.environ):
        handler.setFormatter(_ForJournal())
    else:
        handler.setFormatter(_Dated(datefmt="%Y-%m-%d %H:%M:%S" if view is None else "%H:%M:%S"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _set_level(settings: Settings) -> None:
    logging.getLogger("nudger").setLevel(settings.log_level.upper())


def _to_stderr(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _carry_on() -> None:
    """A log that cannot be written (a full disk) is no reason to stop nudging."""


def _is_journal(env: Mapping[str, str]) -> bool:
    """Tell whether standard error goes to the journal: programs that a service started inherit the variable too."""
    try:
        stderr = os.fstat(2)
    except OSError:
        return False
    return env.get("JOURNAL_STREAM") == f"{stderr.st_dev}:{stderr.st_ino}"
