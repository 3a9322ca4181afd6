"""One SQLite file: opened privately, brought up to date, found damaged or too new before anything is written to it.

A file that cannot be trusted is never written and never deleted: it is moved aside, and the newest good backup takes
its place (`backups`). Every function here raises sqlite3.Error or OSError when the disk does not do as asked.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

from nudger.state_dir import make_private

MIGRATIONS: Final = (
    # Instants are whole microseconds since 1970 UTC (exact, and in order), durations seconds.
    """
    CREATE TABLE snapshot (person TEXT PRIMARY KEY, at INTEGER NOT NULL, state TEXT NOT NULL);
    CREATE TABLE journal (
        id INTEGER PRIMARY KEY, at INTEGER NOT NULL, person TEXT NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL
    );
    CREATE TABLE bouts (
        person TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, sitting_s REAL NOT NULL,
        PRIMARY KEY (person, start)
    );
    CREATE TABLE breaks (
        person TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, confirmed TEXT NOT NULL,
        PRIMARY KEY (person, start)
    );
    CREATE TABLE prompts (
        id TEXT PRIMARY KEY, person TEXT NOT NULL, issued_at INTEGER NOT NULL, entry TEXT NOT NULL,
        category TEXT NOT NULL, stage TEXT NOT NULL, sitting_s REAL NOT NULL,
        outcome TEXT, ended_at INTEGER, after_s REAL, rise_s REAL, why TEXT
    );
    CREATE INDEX prompts_by_time ON prompts (person, issued_at);
    CREATE TABLE lamps (topic TEXT PRIMARY KEY, snapshot TEXT NOT NULL, at INTEGER NOT NULL);
    CREATE TABLE beat (id INTEGER PRIMARY KEY CHECK (id = 0), at INTEGER NOT NULL);
    """,
    # A day is the person's own, as YYYY-MM-DD; ``data`` is the whole record, as in the journal.
    """
    CREATE TABLE health (person TEXT PRIMARY KEY, health TEXT NOT NULL);
    CREATE TABLE checkins (
        person TEXT NOT NULL, day TEXT NOT NULL, half TEXT NOT NULL, at INTEGER NOT NULL, pain INTEGER NOT NULL,
        data TEXT NOT NULL, PRIMARY KEY (person, day, half)
    );
    CREATE TABLE decisions (
        id INTEGER PRIMARY KEY, person TEXT NOT NULL, day TEXT NOT NULL, at INTEGER NOT NULL, rule TEXT NOT NULL,
        data TEXT NOT NULL
    );
    CREATE INDEX decisions_by_day ON decisions (person, day);
    CREATE TABLE activities (
        id INTEGER PRIMARY KEY, person TEXT NOT NULL, day TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL
    );
    CREATE INDEX activities_by_day ON activities (person, day);
    CREATE TABLE runs (
        person TEXT NOT NULL, day TEXT NOT NULL, at INTEGER NOT NULL, step INTEGER NOT NULL, data TEXT NOT NULL,
        PRIMARY KEY (person, day)
    );
    """,
    # What Home Assistant was told of, so that what is no longer there can be taken away again.
    "CREATE TABLE announced (topic TEXT PRIMARY KEY, device TEXT NOT NULL);",
)
"""What brings a file from schema 0 (empty) to 1, from 1 to 2, ... Released scripts never change; new ones are added."""

TABLES: Final = (
    *("snapshot", "health", "journal", "bouts", "breaks", "prompts", "checkins", "decisions", "activities", "runs"),
    *("lamps", "beat", "announced"),
)
BUSY_S: Final = 0.25
"""How long to wait for another process that reads or copies the file: longer would hold up the loop."""
CHECK_LIMIT_BYTES: Final = 64 * 2**20
"""Larger files are not checked page by page at the start, which is to take 5 s at most from an SD card of 20 MB/s. (Two
years of one person are 18 MB, checked in 40 ms on a laptop's disk.) Each backup is checked whatever its size."""


class StoreError(Exception):
    """The history cannot be used as asked; the message says why, in words for the person who runs nudger."""


class NewerSchemaError(StoreError):
    """A later release wrote the file. It has not been touched."""


def is_damage(error: BaseException) -> bool:
    """Whether SQLite says that the file's content is wrong, rather than that the disk refuses."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def create(path: Path, scripts: tuple[str, ...] = MIGRATIONS) -> sqlite3.Connection:
    """Open the file for writing, made if need be, and bring its schema up to date."""
    make_private(path.parent)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)  # -wal and -shm take the file's own mode
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL").fetchone()
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA fullfsync=1")  # macOS: what is written durably has left the drive's own cache too
        migrate(connection, scripts)
        marker(path).touch(mode=0o600)
    except BaseException:
        connection.close()
        raise
    return connection


def migrate(connection: sqlite3.Connection, scripts: tuple[str, ...] = MIGRATIONS) -> None:
    """Run the scripts that this file has not seen, each in a transaction; where one fails, close the connection."""
    for number in range(schema_version(connection), len(scripts)):
        connection.executescript(f"BEGIN IMMEDIATE; {scripts[number]}; PRAGMA user_version={number + 1}; COMMIT")


def schema_version(connection: sqlite3.Connection) -> int:
    """Return how many migrations the file has seen."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def peek(path: Path) -> sqlite3.Connection:
    """Open the file for reading without leaving a trace, also where nothing can be written."""
    # With a write-ahead log lying there, SQLite must read that too; without one it would make one, unless told that
    # nobody writes.
    mode = "mode=ro" if beside(path, "-wal").exists() else "immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, timeout=BUSY_S, isolation_level=None)


def find_fault(path: Path) -> str | None:
    """Return why the file cannot be trusted, None when it can, or when there never was one.

    NewerSchemaError when a later release wrote it.
    """
    if not path.exists():
        return "was missing" if marker(path).exists() else None
    if not path.is_file():
        return "was not a file"
    size = path.stat().st_size
    if size == 0:
        # SQLite would take it for a new database; so it is, if the very first start was cut short.
        return "was empty" if marker(path).exists() else None
    try:
        with closing(peek(path)) as connection:
            return check(connection, path.name, thorough=size <= CHECK_LIMIT_BYTES)
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return f"was damaged ({error})"
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY_ROLLBACK:
            return None  # a first start that a power cut ended: whoever opens it for writing takes that back
        raise


def check(connection: sqlite3.Connection, name: str, *, thorough: bool) -> str | None:
    """Return what is wrong with an open file, None when all is well; NewerSchemaError when a later release wrote it."""
    if thorough:
        (finding,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if finding != "ok":
            return f"was damaged ({' '.join(finding.split())})"
    version = schema_version(connection)
    if version > len(MIGRATIONS):
        raise NewerSchemaError(
            f"{name} was written by a later release (schema {version}, this one knows {len(MIGRATIONS)}): "
            "install that release again, or move the file away to start afresh"
        )
    if version == len(MIGRATIONS):
        there = {table for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        missing = [table for table in TABLES if table not in there]
        if missing:
            return f"was damaged (no table {', '.join(missing)})"
        for table in TABLES:
            connection.execute(f"SELECT * FROM {table} LIMIT 1").fetchone()  # noqa: S608  (our own table names)
    return None


def move_aside(path: Path, now: datetime) -> Path | None:
    """Rename the file and what SQLite keeps beside it, so that `sqlite3` can still open it; return its new name."""
    aside = path.with_name(f"{path.name}.corrupt.{now:%Y%m%dT%H%M%S.%fZ}")
    moved = path.exists()
    for suffix in ("", "-wal", "-shm"):
        if beside(path, suffix).exists():
            beside(path, suffix).rename(beside(aside, suffix))
    return aside if moved else None


def marker(path: Path) -> Path:
    """Return the empty file that says that there has been a database: a lost one is then told from a first start."""
    return beside(path, ".made")


def beside(path: Path, suffix: str) -> Path:
    """Return the path with something added to its name."""
    return path.with_name(path.name + suffix)
