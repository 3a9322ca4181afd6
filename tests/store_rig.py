"""What the tests of the store share: a State, some records, and ways to make a disk refuse or damage a file."""

from __future__ import annotations

import logging
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from health_rig import health

from nudger.core.effects import RecordBout, RecordPosture
from nudger.core.state import State, Today
from nudger.core.words import Posture
from nudger.store import Store

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
LOG = logging.getLogger("test")
STATE = State(at=NOW, seed=7, today=Today(date(2026, 11, 22)), health=health("daily_walks"))
MINUTE = timedelta(minutes=1)


@contextmanager
def no_file_grows() -> Iterator[None]:
    """Have the system refuse every write past the first page of a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def bout(minute: int) -> RecordBout:
    return RecordBout(NOW + minute * MINUTE, NOW + (minute + 1) * MINUTE, MINUTE)


def starts(store: Store) -> list[datetime]:
    return [row.start for row in store.bouts("alex", NOW, NOW + timedelta(days=99))]


def saves(store: Store) -> bool:
    return store.degraded is None


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def filled(path: Path, *, backup: bool) -> None:
    """Leave a database of some pages: the backup knows bout 0, the file bouts 0 and 1."""
    store = Store.open(path, now=NOW, log=LOG)
    store.save_lamp("lamp", "{}")
    many = tuple(RecordPosture(Posture.AWAY, NOW + minute * MINUTE) for minute in range(500))
    store.commit(NOW, [("alex", STATE, (*many, bout(0)))])
    if backup:
        store.backup(path.parent / "backups", now=NOW)
    store.commit(NOW, [("alex", replace(STATE, seed=8), (bout(1),))])
    store.close()


def garble(path: Path, offset: int, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(bytes((7 * i) % 251 for i in range(length)))


def hurt(store: Store, path: Path) -> None:
    """Damage the file under a running store, past what SQLite has in memory."""
    store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    garble(path, 0, path.stat().st_size)
    store._connection.execute("PRAGMA shrink_memory")
