"""A backup is whole, checked and private, or there is none; the newest good one saves the day."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from store_rig import LOG, NOW, STATE, bout, filled, garble, no_file_grows, starts

from nudger.store import Store, StoreError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "nudger.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store.open(path, now=NOW, log=LOG)
    yield store
    store.close()


def test_a_backup_is_one_file_that_holds_everything(path: Path, store: Store) -> None:
    store.commit(NOW, [("alex", STATE, (bout(0),))])
    folder = path.parent / "backups"
    backup = store.backup(folder, now=NOW)
    assert backup == folder / "nudger-2026-11-22.db"
    assert list(folder.iterdir()) == [backup]
    copy = Store.open(path.parent / "elsewhere" / "nudger.db", now=NOW, log=LOG)
    copy.close()
    shutil.copy(backup, path.parent / "elsewhere" / "nudger.db")
    copy = Store.open(path.parent / "elsewhere" / "nudger.db", now=NOW, log=LOG)
    assert copy.load_states() == {"alex": STATE}
    assert starts(copy) == [NOW]
    copy.close()


def test_a_backup_that_was_cut_short_is_no_hindrance(path: Path, store: Store) -> None:
    store.commit(NOW, [("alex", STATE, ())])
    folder = path.parent / "backups"
    folder.mkdir()
    for suffix in ("", "-journal", "-wal", "-shm"):
        (folder / f"nudger-2026-11-22.db.new{suffix}").write_bytes(b"half")
    backup = store.backup(folder, now=NOW)
    assert list(folder.iterdir()) == [backup]


def test_only_the_newest_backups_are_kept(path: Path, store: Store) -> None:
    folder = path.parent / "backups"
    folder.mkdir(parents=True)
    (folder / "notes.db").touch()
    for day in range(10):
        store.backup(folder, keep=7, now=NOW + timedelta(days=day))
    store.backup(folder, keep=7, now=NOW + timedelta(days=9))
    days = ("11-25", "11-26", "11-27", "11-28", "11-29", "11-30", "12-01")
    kept = {file.name for file in folder.iterdir()}
    assert kept == {"notes.db", *(f"nudger-2026-{day}.db" for day in days)}


def test_a_backup_that_cannot_be_written_costs_no_earlier_one(path: Path, store: Store) -> None:
    folder = path.parent / "backups"
    first = store.backup(folder, now=NOW)
    content = first.read_bytes()
    with no_file_grows(), pytest.raises(StoreError, match="no backup: disk I/O error"):
        store.backup(folder, now=NOW)
    assert first.read_bytes() == content
    store.commit(NOW, [("alex", STATE, ())])
    assert store.backup(folder, now=NOW).read_bytes() != content


def test_the_backup_finds_damage_that_nobody_has_met(path: Path) -> None:
    filled(path, backup=True)
    store = Store.open(path, now=NOW, log=LOG)
    states = store.load_states()
    garble(path, 3 * 4096, 4096)
    folder = path.parent / "backups"
    with pytest.raises(StoreError, match="no backup: "):
        store.backup(folder, now=NOW + timedelta(days=1))
    assert [file.name for file in folder.iterdir()] == ["nudger-2026-11-22.db"]
    assert store.notice is not None
    assert store.notice.startswith("nudger.db was damaged (")
    assert store.load_states() == states
    assert starts(store) == [NOW]
    with sqlite3.connect(path) as connection:  # and what was known is in the file at once
        assert connection.execute("SELECT count(*) FROM snapshot WHERE state LIKE '%\"seed\":8%'").fetchone() == (1,)
    connection.close()
    assert store.backup(folder, now=NOW + timedelta(days=1)).name == "nudger-2026-11-23.db"
    store.close()


def test_the_newest_good_backup_is_the_one_restored(path: Path) -> None:
    filled(path, backup=True)
    folder = path.parent / "backups"
    good = folder / "nudger-2026-11-22.db"
    garbled, empty, newer, half = (folder / f"nudger-2026-11-{day}.db" for day in (23, 24, 25, 26))
    shutil.copy(good, garbled)
    garble(garbled, 3 * 4096, 4096)
    empty.touch()
    shutil.copy(good, newer)
    with sqlite3.connect(newer) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    shutil.copy(good, half)
    os.truncate(half, half.stat().st_size // 2)
    path.write_bytes(b"?" * 4096)
    store = Store.open(path, now=NOW, log=LOG)
    assert store.notice is not None
    assert "the backup nudger-2026-11-22.db is in its place" in store.notice
    assert starts(store) == [NOW]
    store.close()
