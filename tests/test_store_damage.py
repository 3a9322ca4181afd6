"""A damaged or lost database is moved aside, the newest good backup takes its place, and one line says so."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from ordinary import ordinary_user
from store_rig import LOG, MINUTE, NOW, STATE, bout, filled, garble, hurt, saves, starts, warnings

from nudger.store import Store, StoreError, database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "nudger.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store.open(path, now=NOW, log=LOG)
    yield store
    store.close()


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def become_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "file").touch()


def drop_table(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE bouts")
    connection.close()


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "NULs": (lambda path: path.write_bytes(bytes(path.stat().st_size)), "was damaged (file is not a database)"),
    "text": (lambda path: path.write_text("not a database " * 1000), "was damaged (file is not a database)"),
    "garbage header": (lambda path: garble(path, 0, 100), "was damaged (file is not a database)"),
    "garbage in a page": (lambda path: garble(path, 3 * 4096, 4096), "was damaged ("),
    "garbage in page 1": (lambda path: garble(path, 100, 3996), "was damaged ("),
    "truncated": (truncate, "was damaged ("),
    "cut to half a header": (lambda path: os.truncate(path, 50), "was damaged ("),
    "zero length": (lambda path: os.truncate(path, 0), "was empty"),
    "gone": (lambda path: path.unlink(), "was missing"),
    "a folder": (become_folder, "was not a file"),
    "a lost table": (drop_table, "was damaged (no table bouts)"),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("backup", [True, False])
def test_a_damaged_database_is_moved_aside_and_replaced(path: Path, damage: str, backup: bool) -> None:
    filled(path, backup=backup)
    do, reason = DAMAGE[damage]
    do(path)
    damaged = path.read_bytes() if path.is_file() else None

    store = Store.open(path, now=NOW, log=LOG)
    assert saves(store)
    aside = path.with_name("nudger.db.corrupt.20261122T093000.000000Z")
    assert aside.exists() == (damage != "gone")
    if damaged is not None:
        assert aside.read_bytes() == damaged
    kept = "" if damage == "gone" else f"; it is kept as {aside.name}"
    assert store.notice is not None
    assert store.notice.startswith(f"nudger.db {reason}")
    assert "\n" not in store.notice
    if backup:
        line = "; the backup nudger-2026-11-22.db is in its place, what came after it is missing"
        assert store.notice.endswith(f"{kept}{line}")
        assert store.load_states() == {"alex": STATE}
        assert starts(store) == [NOW]
        assert store.load_lamps() == {}
    else:
        assert store.notice.endswith(f"{kept}; there is no good backup, the history starts anew")
        assert store.load_states() == {}
    assert store.commit(NOW, [("alex", STATE, (bout(2),))])
    store.close()

    again = Store.open(path, now=NOW, log=LOG)
    assert again.notice is None
    assert starts(again)[-1] == NOW + 2 * MINUTE
    again.close()


def test_what_sqlite_keeps_beside_the_file_moves_along(path: Path) -> None:
    filled(path, backup=False)
    path.write_bytes(b"?" * 4096)
    database.beside(path, "-wal").write_bytes(b"log")
    database.beside(path, "-shm").write_bytes(b"index")
    store = Store.open(path, now=NOW, log=LOG)
    assert store.load_states() == {}
    store.close()
    aside = path.with_name("nudger.db.corrupt.20261122T093000.000000Z")
    assert database.beside(aside, "-wal").read_bytes() == b"log"
    assert database.beside(aside, "-shm").exists()


def test_a_first_start_cut_short_is_no_damage(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    store = Store.open(path, now=NOW, log=LOG)
    assert store.notice is None
    assert store.commit(NOW, [("alex", STATE, ())])
    store.close()


def test_damage_met_while_running_is_mended_from_memory(
    path: Path, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.save_lamp("lamp", "{}")
    store.commit(NOW, [("alex", STATE, (bout(0),)), ("kim", STATE, ())])
    store.backup(path.parent / "backups", now=NOW)
    store.commit(NOW, [("alex", replace(STATE, seed=8), (bout(1),))])
    hurt(store, path)
    assert store.commit(NOW + MINUTE, [("alex", replace(STATE, seed=9), (bout(2),))], durable=True)
    assert saves(store)
    assert store._connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL, in the new file too
    assert store.notice is not None
    assert store.notice.startswith("nudger.db was damaged (")
    assert warnings(caplog) == [store.notice]
    assert store.load_states() == {"alex": replace(STATE, seed=9), "kim": STATE}
    assert starts(store) == [NOW, NOW + 2 * MINUTE]
    assert list(path.parent.glob("nudger.db.corrupt.*Z"))
    store.close()
    again = Store.open(path, now=NOW, log=LOG)
    assert again.notice is None
    assert again.load_states() == {"alex": replace(STATE, seed=9), "kim": STATE}
    assert again.load_lamps() == {"lamp": "{}"}
    again.close()


def test_a_disk_that_damages_everything_is_not_filled_with_copies(path: Path, store: Store) -> None:
    store.commit(NOW, [("alex", STATE, (bout(0),))])
    hurt(store, path)
    assert store.commit(NOW, [("alex", STATE, (bout(1),))])
    hurt(store, path)
    assert not store.commit(NOW + 9 * MINUTE, [("alex", replace(STATE, seed=8), (bout(2),))])
    assert len(list(path.parent.glob("nudger.db.corrupt.*Z"))) == 1
    assert store.retry(NOW + 10 * MINUTE)
    assert len(list(path.parent.glob("nudger.db.corrupt.*Z"))) == 2
    assert store.load_states() == {"alex": replace(STATE, seed=8)}
    assert starts(store) == [NOW + 2 * MINUTE]


def test_a_damaged_file_that_cannot_be_replaced_yet_is_replaced_later(caplog: pytest.LogCaptureFixture) -> None:
    with ordinary_user() as folder:
        path = folder / "nudger.db"
        store = Store.open(path, now=NOW, log=LOG)
        store.commit(NOW, [("alex", STATE, (bout(0),)), ("kim", STATE, ())])
        store.save_lamp("lamp", "{}")
        assert store.commit(NOW, [("alex", STATE, ())], durable=True)
        hurt(store, path)
        folder.chmod(0o500)
        assert not store.commit(NOW, [("alex", replace(STATE, seed=8), (bout(1),))])
        assert store.degraded is not None
        assert store.load_states() == {"alex": replace(STATE, seed=8), "kim": STATE}
        assert not store.retry(NOW)

        folder.chmod(0o700)
        assert store.retry(NOW)
        assert store.notice is not None
        assert store.notice in warnings(caplog)
        assert store.commit(NOW, [("alex", replace(STATE, seed=9), ())], durable=True)
        assert store._connection.execute("PRAGMA synchronous").fetchone() == (2,)
        store.close()
        again = Store.open(path, now=NOW, log=LOG)
        assert again.load_states() == {"alex": replace(STATE, seed=9), "kim": STATE}
        assert again.load_lamps() == {"lamp": "{}"}
        assert starts(again) == [NOW + MINUTE]
        again.close()


def test_reading_from_a_damaged_file_is_one_clear_error(path: Path, store: Store) -> None:
    store.commit(NOW, [("alex", STATE, (bout(0),))])
    hurt(store, path)
    with pytest.raises(StoreError, match=r"^the history cannot be read: "):
        store.bouts("alex", NOW, NOW + MINUTE)


def test_a_damaged_history_in_a_place_that_cannot_be_written_is_read_from_the_backup() -> None:
    with ordinary_user() as folder:
        path = folder / "nudger.db"
        filled(path, backup=True)
        path.write_bytes(b"?" * 4096)
        folder.chmod(0o500)
        store = Store.open(path, now=NOW, log=LOG)
        folder.chmod(0o700)
        assert store.degraded == "the history is not saved (Permission denied)"
        assert store.load_states() == {"alex": STATE}
        assert store.retry(NOW)
        assert store.notice is not None
        store.close()


def test_a_very_large_file_is_not_read_whole_at_the_start(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(path, backup=True)
    garble(path, path.stat().st_size - 4096, 4096)
    monkeypatch.setattr(database, "CHECK_LIMIT_BYTES", 4096)
    store = Store.open(path, now=NOW, log=LOG)
    assert store.notice is None
    store.close()
    connection = sqlite3.connect(path)
    (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'bouts'").fetchone()
    connection.close()
    garble(path, (page - 1) * 4096, 4096)
    store = Store.open(path, now=NOW, log=LOG)  # each table is looked at all the same
    assert store.notice is not None
    store.close()
