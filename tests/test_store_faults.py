"""Where the disk refuses, the store goes on in memory, says so, and writes everything once it can."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from health_rig import health
from ordinary import ordinary_user
from store_rig import LOG, MINUTE, NOW, STATE, bout, no_file_grows, saves, starts, warnings

from nudger.core.effects import RecordOutcome, RecordPrompt
from nudger.core.state import Prompt
from nudger.core.words import Outcome, PromptKind
from nudger.store import CommitFailedError, Store, StoreError, batch


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "nudger.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store.open(path, now=NOW, log=LOG)
    yield store
    store.close()


# --- a disk that refuses ---------------------------------------------------------------------------------------------


def test_what_cannot_be_written_waits_and_is_written_in_order(store: Store, path: Path) -> None:
    prompt = Prompt("alex-1", "hall", "Hall", "", "walk", PromptKind.BREAK, MINUTE, NOW, NOW)
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
            store.commit(NOW, [("alex", replace(STATE, health=health(flare=True)), (bout(5),))], durable=True)
        assert store.load_states() == {"alex": STATE}
        store.commit(NOW, [("alex", replace(STATE, seed=8), (bout(0),))])
        with pytest.raises(CommitFailedError):
            store.commit(NOW, [("alex", replace(STATE, health=health(flare=True)), (bout(5),))], durable=True)
    assert store.retry(NOW)
    assert store.load_states() == {"alex": replace(STATE, seed=8)}
    assert starts(store) == [NOW]
    # The disk is well again, so the same command now takes, and what waited would have gone along.
    assert store.commit(NOW, [("alex", replace(STATE, health=health(flare=True)), (bout(5),))], durable=True)
    assert store.load_states()["alex"].flare


def test_a_command_takes_along_what_waits(store: Store) -> None:
    with no_file_grows():
        store.commit(NOW, [("alex", STATE, (bout(0),)), ("kim", STATE, ())])
    assert store.commit(NOW, [("alex", replace(STATE, health=health(flare=True)), (bout(1),))], durable=True)
    assert saves(store)
    assert starts(store) == [NOW, NOW + MINUTE]
    assert store.load_states() == {"alex": replace(STATE, health=health(flare=True)), "kim": STATE}


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
        store.commit(NOW, [("alex", replace(STATE, health=health(flare=True)), ())], durable=True)
    with pytest.raises(StoreError, match="no backup"):
        store.backup(tmp_path, now=NOW)
    assert not store.retry(NOW)

    (tmp_path / "state").unlink()
    assert store.retry(NOW)
    assert saves(store)
    assert store.commit(NOW, [("alex", replace(STATE, health=health(flare=True)), (bout(1),))], durable=True)
    store.close()
    again = Store.open(path, now=NOW, log=LOG)
    assert again.load_states() == {"alex": replace(STATE, health=health(flare=True))}
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
        late.commit(NOW, [("alex", replace(STATE, health=health("calm_start")), ())])
        path.parent.chmod(0o700)
        assert not late.retry(NOW)
        assert late.degraded is not None
        assert "restart nudger to use it" in late.degraded
        late.close()
        again = Store.open(path, now=NOW, log=LOG)
        assert again.load_states() == {"alex": STATE}
        again.close()
