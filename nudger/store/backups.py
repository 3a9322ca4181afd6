"""Daily copies of the database, each checked before it counts, and the way back from one.

Every function raises sqlite3.Error or OSError when the disk does not do as asked.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from nudger.state_dir import make_private
from nudger.store.database import NewerSchemaError, beside, check, find_fault, migrate, move_aside, peek, schema_version


def write(connection: sqlite3.Connection, folder: Path, now: datetime, keep: int) -> Path:
    """Copy the open database to `nudger-<UTC date>.db` and keep only the newest ``keep`` copies.

    The copy is complete, checked and on the disk before it takes its name: a damaged database raises
    sqlite3.DatabaseError and costs no earlier copy.
    """
    make_private(folder)
    final = folder / f"nudger-{now:%Y-%m-%d}.db"
    draft = _draft(final)
    with closing(sqlite3.connect(draft)) as copy:
        connection.backup(copy)
    fault = _fault(draft)
    if fault is not None:
        draft.unlink()
        raise sqlite3.DatabaseError(f"a copy of it {fault}")
    _settle(draft, final)
    for old in _newest_first(folder)[keep:]:
        old.unlink()
    return final


def newest_good(folder: Path) -> Path | None:
    """Return the newest backup that can be used, None without one."""
    return next((copy for copy in _newest_first(folder) if _fault(copy) is None), None)


def replace_damaged(path: Path, folder: Path, now: datetime, fault: str) -> str:
    """Move the database aside, put the newest good backup in its place, and return one line that says so."""
    backup = newest_good(folder)
    draft = None if backup is None else _draft(path, backup.read_bytes())
    if draft is not None:
        with closing(sqlite3.connect(draft, isolation_level=None)) as copy:
            # What a lamp was to return to back then is not what it should return to now.
            copy.execute("DELETE FROM lamps")
    aside = move_aside(path, now)
    said = f"{path.name} {fault}" + (f"; it is kept as {aside.name}" if aside else "")
    if backup is None or draft is None:
        return f"{said}; there is no good backup, the history starts anew"
    _settle(draft, path)
    return f"{said}; the backup {backup.name} is in its place, what came after it is missing"


def unsaved_copy(path: Path, folder: Path) -> tuple[sqlite3.Connection, bool]:
    """Return a database in memory, with the history where one can be read, and whether it could.

    For a place that cannot be written: the database there is read, else the newest good backup.
    """
    memory = sqlite3.connect(":memory:", isolation_level=None)
    try:
        source = path if path.exists() and find_fault(path) is None else newest_good(folder)
        if source is not None:
            with closing(peek(source)) as file:
                file.backup(memory)
    except (OSError, sqlite3.Error, NewerSchemaError):
        source = None
    migrate(memory)
    return memory, source is not None


def _newest_first(folder: Path) -> list[Path]:
    return sorted(folder.glob("nudger-????-??-??.db"), reverse=True)


def _fault(copy: Path) -> str | None:
    """Return why this copy is of no use (one of a later release is of none, here)."""
    try:
        with closing(peek(copy)) as connection:
            return check(connection, copy.name, thorough=True) or (None if schema_version(connection) else "was empty")
    except (NewerSchemaError, sqlite3.DatabaseError) as error:
        return str(error)


def _draft(final: Path, content: bytes = b"") -> Path:
    """Make a private file under a passing name, without leftovers of one that was cut short."""
    draft = beside(final, ".new")
    for suffix in ("", "-journal", "-wal", "-shm"):
        beside(draft, suffix).unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_bytes(content)
    return draft


def _settle(draft: Path, final: Path) -> None:
    """Give a finished file its name; a power cut leaves the old one or the new one, never half of it."""
    _sync(draft)
    draft.replace(final)
    _sync(final.parent)


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
