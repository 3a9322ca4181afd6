"""A disk that refuses, a file that is damaged, a backup that saves the day: the store goes on and says what it did."""

from __future__ import annotations

import logging
import os
import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from ordinary import ordinary_user

from nudger import batch, database
from nudger.core.effects import RecordBout, RecordOutcome, RecordPosture, RecordPrompt
from nudger.core.model import Outcome, Posture, Prompt, State, Today
from nudger.store import CommitFailedError, Store, StoreError

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
LOG = logging.getLogger("test")
STATE = State(at=NOW, stage="daily_walks", seed=7, today=Today(date(2026, 11, 22)))
MINUTE = timedelta(minutes=1)
BOUT = RecordBout(NOW, NOW + 25 * MINUTE, 25 * MINUTE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "nudger.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store.open(path, now=NOW, log=LOG)
    yield store
    store.close()


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


# --- a disk that refuses ---------------------------------------------------------------------------------------------


def test_what_cannot_be_written_waits_and_is_written_in_order(store: Store, path: Path) -> None:
    prompt = Prompt("alex-1", "hall", "Hall", "", "walk", "break", MINUTE, NOW, NOW)
    store.commit(NOW, [("alex", replace(STATE, seed=6), ())])
    with no_file_grows():
        assert not store.commit(NOW, [("alex", STATE, (bout(0), RecordPrompt(prompt, MINUTE, "daily_walks")))])
        assert store.degraded == "the history is not saved (disk I/O error)"
        ended = RecordOutcome("alex-1", Outcome.SKIPPED, None)
        assert not store.commit(NOW + MINUTE, [("alex", replace(STATE, seed=8), (bout(1), ended))])
        assert not store.save_lamp("lamp", "{?}")
        assert not store.save_lamp("lamp", "{}")
        assert not store.retry(NOW + 2 * MINUTE)
        assert store.load_states() == {"alex": replace(STATE, seed=8)}
        assert store.load_lamps() == {"lamp": "{}"}
        assert starts(store) == []
    assert store.retry(NOW + 3 * MINUTE)
    assert saves(store)
    store.close()
    again = Store.open(path, now=NOW, log=LOG)
    assert again.load_states() == {"alex": replace(STATE, seed=8)}
    assert starts(again) == [NOW, NOW + MINUTE]
    assert again.load_lamps() == {"lamp": "{}"}
    (row,) = again.prompts("alex", NOW, NOW + MINUTE)
    assert (row.outcome, row.ended_at) == (Outcome.SKIPPED, NOW + MINUTE)
    again.close()


def test_the_next_commit_writes_what_waits(store: Store) -> None:
    with no_file_grows():
        store.commit(NOW, [("alex", STATE, (bout(0),))])
        store.beat(NOW)
    assert store.commit(NOW + timedelta(seconds=10), [("alex", STATE, (bout(1),))])
    assert starts(store) == [NOW, NOW + MINUTE]
    assert store.last_beat() == NOW


def test_a_flood_does_not_try_the_disk_each_time(store: Store) -> None:
    with no_file_grows():
        store.commit(NOW, [("alex", STATE, (bout(0),))])
    assert not store.commit(NOW + timedelta(seconds=9), [("alex", STATE, (bout(1),))])
    assert store.retry(NOW + timedelta(seconds=9))
    assert starts(store) == [NOW, NOW + MINUTE]


def test_a_full_database_is_survived(store: Store) -> None:
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count={pages}")
    big = replace(STATE, recent=("walk",) * 5000)
    assert not store.commit(NOW, [("alex", big, ())])
    assert store.degraded == "the history is not saved (database or disk is full)"
    store._connection.execute("PRAGMA max_page_count=1000000")
    assert store.retry(NOW)
    assert store.load_states() == {"alex": big}


def test_a_fault_of_our_own_is_raised_and_does_not_wait_for_ever(store: Store) -> None:
    store._connection.execute("CREATE TEMP TRIGGER no BEFORE INSERT ON bouts BEGIN SELECT RAISE(ABORT, 'no'); END")
    with pytest.raises(sqlite3.IntegrityError):
        store.commit(NOW, [("alex", STATE, (bout(0),))])
    assert saves(store)
    assert store.commit(NOW, [("kim", STATE, ())])
    assert store.load_states() == {"kim": STATE}


def test_the_journal_of_a_full_disk_is_not_shortened(store: Store) -> None:
    store.commit(NOW, [("alex", STATE, (bout(0),))])
    with no_file_grows(), pytest.raises(StoreError, match=r"^the journal cannot be shortened: disk I/O error$"):
        store.prune(NOW + MINUTE)
    assert store.prune(NOW + MINUTE) == 1


def test_another_process_that_holds_the_file_is_waited_for(store: Store, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert not store.commit(NOW, [("alex", STATE, (bout(0),))])
    assert store.degraded == "the history is not saved (database is locked)"
    other.close()
    assert store.retry(NOW)
    assert starts(store) == [NOW]


def test_what_a_person_entered_is_saved_or_refused(store: Store) -> None:
    store.commit(NOW, [("alex", STATE, ())])
    with no_file_grows():
        with pytest.raises(CommitFailedError, match=r"^it could not be saved \(disk I/O error\)$"):
            store.commit(NOW, [("alex", replace(STATE, flare=True), (bout(5),))], durable=True)
        assert store.load_states() == {"alex": STATE}
        store.commit(NOW, [("alex", replace(STATE, seed=8), (bout(0),))])
        with pytest.raises(CommitFailedError):
            store.commit(NOW, [("alex", replace(STATE, flare=True), (bout(5),))], durable=True)
    assert store.retry(NOW)
    assert store.load_states() == {"alex": replace(STATE, seed=8)}
    assert starts(store) == [NOW]
    # The disk is well again, so the same command now takes, and what waited would have gone along.
    assert store.commit(NOW, [("alex", replace(STATE, flare=True), (bout(5),))], durable=True)
    assert store.load_states()["alex"].flare


def test_a_command_takes_along_what_waits(store: Store) -> None:
    with no_file_grows():
        store.commit(NOW, [("alex", STATE, (bout(0),)), ("kim", STATE, ())])
    assert store.commit(NOW, [("alex", replace(STATE, flare=True), (bout(1),))], durable=True)
    assert saves(store)
    assert starts(store) == [NOW, NOW + MINUTE]
    assert store.load_states() == {"alex": replace(STATE, flare=True), "kim": STATE}


def test_memory_is_bounded_and_the_newest_is_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(batch, "MAX_RECORDS", 3)
    with no_file_grows():
        for minute in range(5):
            store.commit(NOW, [("alex", replace(STATE, seed=minute), (bout(minute),))])
    assert store.retry(NOW)
    assert starts(store) == [NOW + minute * MINUTE for minute in (2, 3, 4)]
    assert store.load_states()["alex"].seed == 4
    assert warnings(caplog)[-1] == "the history is saved again, but for 2 of the oldest records that waited"


def test_the_log_has_one_line_in_ten_minutes(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    def trouble(at: datetime) -> None:
        with no_file_grows():
            store.commit(at, [("alex", STATE, ())])
            store.retry(at)

    trouble(NOW)
    assert warnings(caplog) == ["the history is not saved (disk I/O error); until it can be, it waits in memory"]
    store.retry(NOW)
    assert warnings(caplog)[1:] == ["the history is saved again"]
    for second in range(60, 600, 60):
        trouble(NOW + timedelta(seconds=second))
        store.retry(NOW + timedelta(seconds=second))
    assert len(caplog.records) == 2
    trouble(NOW + timedelta(seconds=600))
    store.retry(NOW + timedelta(seconds=600))
    assert len(caplog.records) == 4


def test_what_still_waits_at_the_end_is_said_to_be_lost(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = Store.open(path, now=NOW, log=LOG)
    with no_file_grows():
        store.commit(NOW, [("alex", STATE, ())])
        store.close()
    assert "what happened since is lost" in warnings(caplog)[-1]


def test_what_waits_at_the_end_is_written(path: Path) -> None:
    store = Store.open(path, now=NOW, log=LOG)
    with no_file_grows():
        store.commit(NOW, [("alex", STATE, ())])
    store.close()
    again = Store.open(path, now=NOW, log=LOG)
    assert again.load_states() == {"alex": STATE}
    again.close()


# --- a place that cannot be written ----------------------------------------------------------------------------------


def test_without_a_place_the_store_works_from_memory_until_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    path = tmp_path / "state" / "nudger.db"
    store = Store.open(path, now=NOW, log=LOG)
    assert store.degraded is not None
    assert not store.commit(NOW, [("alex", STATE, (bout(0),))])
    assert starts(store) == [NOW]
    with pytest.raises(CommitFailedError, match="the history is not saved"):
        store.commit(NOW, [("alex", replace(STATE, flare=True), ())], durable=True)
    with pytest.raises(StoreError, match="no backup"):
        store.backup(tmp_path, now=NOW)
    assert not store.retry(NOW)

    (tmp_path / "state").unlink()
    assert store.retry(NOW)
    assert saves(store)
    assert store.commit(NOW, [("alex", replace(STATE, flare=True), (bout(1),))], durable=True)
    store.close()
    again = Store.open(path, now=NOW, log=LOG)
    assert again.load_states() == {"alex": replace(STATE, flare=True)}
    assert starts(again) == [NOW, NOW + MINUTE]
    again.close()


@pytest.mark.parametrize("cut_short", [False, True])
def test_a_history_that_can_only_be_read_is_read(cut_short: bool) -> None:
    with ordinary_user() as folder:
        path = folder / "nudger.db"
        store = Store.open(path, now=NOW, log=LOG)
        store.commit(NOW, [("alex", STATE, (bout(0),))])
        store.save_lamp("lamp", "{}")
        if not cut_short:
            store.close()
        files = list(folder.iterdir())
        for file in files:
            file.chmod(0o400)
        folder.chmod(0o500)
        reader = Store.open(path, now=NOW, log=LOG)
        assert reader.degraded is not None
        assert reader.load_states() == {"alex": STATE}
        assert reader.load_lamps() == {"lamp": "{}"}
        assert not reader.commit(NOW, [("alex", replace(STATE, seed=8), (bout(1),))])
        assert starts(reader) == [NOW, NOW + MINUTE]

        folder.chmod(0o700)
        for file in files:
            file.chmod(0o600)
        assert reader.retry(NOW)
        reader.close()
        again = Store.open(path, now=NOW, log=LOG)
        assert again.load_states() == {"alex": replace(STATE, seed=8)}
        assert starts(again) == [NOW, NOW + MINUTE]
        again.close()
        store.close()


def test_a_file_of_somebody_else_is_left_alone() -> None:
    with ordinary_user() as folder:
        path = folder / "nudger.db"
        Store.open(path, now=NOW, log=LOG).close()
        path.chmod(0o000)
        store = Store.open(path, now=NOW, log=LOG)
        assert store.notice is None
        assert store.degraded == "the history is not saved (unable to open database file)"
        store.close()
        assert [file.name for file in folder.glob("*.corrupt*")] == []


def test_a_place_that_turns_up_before_anything_happened_is_simply_used(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    store = Store.open(tmp_path / "state" / "nudger.db", now=NOW, log=LOG)
    (tmp_path / "state").unlink()
    assert store.retry(NOW)
    assert saves(store)
    store.close()


def test_a_history_that_comes_back_late_is_not_written_over() -> None:
    with ordinary_user() as folder:
        path = folder / "state" / "nudger.db"
        store = Store.open(path, now=NOW, log=LOG)
        store.commit(NOW, [("alex", STATE, ())])
        store.close()
        path.parent.chmod(0o000)
        late = Store.open(path, now=NOW, log=LOG)
        assert late.load_states() == {}
        late.commit(NOW, [("alex", replace(STATE, stage="calm_start"), ())])
        path.parent.chmod(0o700)
        assert not late.retry(NOW)
        assert late.degraded is not None
        assert "restart nudger to use it" in late.degraded
        late.close()
        again = Store.open(path, now=NOW, log=LOG)
        assert again.load_states() == {"alex": STATE}
        again.close()


# --- damage ----------------------------------------------------------------------------------------------------------


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


# --- backups ---------------------------------------------------------------------------------------------------------


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
    truncate(half)
    path.write_bytes(b"?" * 4096)
    store = Store.open(path, now=NOW, log=LOG)
    assert store.notice is not None
    assert "the backup nudger-2026-11-22.db is in its place" in store.notice
    assert starts(store) == [NOW]
    store.close()
