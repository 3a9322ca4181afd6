"""What a person told about their back, in the store: written when it changes, kept for good, lifted from before."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from health_rig import health
from store_rig import LOG, MINUTE, NOW, STATE, bout, no_file_grows

from nudger.core.effects import RecordActivity, RecordCheckIn, RecordDecision, RecordRun
from nudger.core.recovery.course import Decision, Did, Seen
from nudger.core.recovery.diary import Activity
from nudger.core.recovery.told import Entry, SafetyAnswer
from nudger.core.running.runs import Run
from nudger.core.state import State
from nudger.core.words import Lock
from nudger.store import Store
from nudger.store.database import MIGRATIONS, create
from nudger.store.snapshot import dump

DAY = date(2026, 11, 22)
SEEN = Seen(3, (3,), None, None, None, None, impact=None, dwell=1, cool=0, need=3)
DECISION = Decision(DAY, "R14", Did.HELD, "daily_walks", "daily_walks", SEEN)
IN_FLARE = replace(STATE, health=health(flare=True))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "nudger.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store.open(path, now=NOW, log=LOG)
    yield store
    store.close()


def rows(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def load(path: Path) -> State:
    with closing(Store.open(path, now=NOW, log=LOG)) as store:
        return store.load_states()["alex"]


def test_health_is_written_when_it_changes_and_only_then(store: Store, path: Path) -> None:
    def written() -> list[Any]:
        text = rows(path, "SELECT health FROM health")
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE health SET health = 'not written again'")
            connection.commit()
        return [json.loads(row[0])["recovery"]["standing"]["flare"] for row in text if row[0].startswith("{")]

    store.commit(NOW, [("alex", STATE, ())])
    assert written() == [None]
    store.commit(NOW, [("alex", replace(STATE, seed=8), ())])
    assert written() == []
    store.commit(NOW, [("alex", IN_FLARE, ())])
    assert written() == [{"since": "2026-11-22", "baseline": None}]


def test_it_comes_back_with_the_rest(store: Store, path: Path) -> None:
    store.commit(NOW, [("alex", IN_FLARE, ())])
    store.close()
    assert load(path) == IN_FLARE


def test_what_could_not_be_written_waits(store: Store, path: Path) -> None:
    store.commit(NOW, [("alex", STATE, ())])
    with no_file_grows():
        assert not store.commit(NOW, [("alex", IN_FLARE, (bout(0),))])
    assert store.retry(NOW + MINUTE)
    store.close()
    assert load(path) == IN_FLARE


def test_a_score_is_kept_for_good_and_can_be_corrected(store: Store, path: Path) -> None:
    for pain in (3, 4):
        entry = Entry(DAY, "morning", pain, True, (SafetyAnswer("U1", seen_on=DAY),), frozenset({"knee"}))
        store.commit(NOW, [("alex", STATE, (RecordCheckIn(entry),))], durable=True)
    store.prune(NOW + timedelta(days=999))
    assert rows(path, "SELECT day, half, pain FROM checkins") == [("2026-11-22", "morning", 4)]
    (text,) = rows(path, "SELECT data FROM checkins")[0]
    told = json.loads(text)["entry"]
    assert (told["impact"], told["tags"], told["safety"]) == (True, ["knee"], [{"item": "U1", "seen_on": "2026-11-22"}])


def test_decisions_doings_and_runs_are_kept_for_good(store: Store, path: Path) -> None:
    run = Run(DAY, 3, during=1)
    records = (RecordDecision(DECISION), RecordActivity(DAY, Activity(chores=2)), RecordRun(run))
    store.commit(NOW, [("alex", STATE, records)])
    store.commit(NOW, [("alex", STATE, (RecordRun(replace(run, during=2)),))])
    store.prune(NOW + timedelta(days=999))
    assert rows(path, "SELECT day, rule FROM decisions") == [("2026-11-22", "R14")]
    assert json.loads(rows(path, "SELECT data FROM activities")[0][0])["done"]["chores"] == 2
    assert json.loads(rows(path, "SELECT data FROM runs")[0][0])["run"]["during"] == 2
    assert len(rows(path, "SELECT * FROM runs")) == 1


# --- A history from before -------------------------------------------------------------------------------------------


def before(path: Path, **told: object) -> None:
    """Leave a database of the first schema, with a snapshot of the first version."""
    document = json.loads(dump(STATE))
    document["version"] = 1
    document["state"] |= {"stage": "easy_mobility", "stage_by": "user", **told}
    with closing(create(path, MIGRATIONS[:1])) as connection:
        connection.execute("INSERT INTO snapshot VALUES ('alex', 1, ?)", (json.dumps(document),))
        connection.execute("INSERT INTO bouts VALUES ('alex', 1, 2, 1.0)")


@pytest.mark.parametrize(("lock", "expected"), [(None, None), ("red", Lock.RED), ("amber", Lock.AMBER)])
def test_a_history_from_before_goes_on(path: Path, lock: str | None, expected: Lock | None) -> None:
    before(path, flare=True, lock=lock)
    state = load(path)
    assert (state.stage, state.flare, state.lock) == ("easy_mobility", True, expected)
    assert rows(path, "SELECT * FROM health") == [], "reading alone writes nothing"
    with closing(Store.open(path, now=NOW, log=LOG)) as store:
        known = store.load_states()["alex"]
        store.commit(NOW, [("alex", replace(known, seed=9), ())])
    again = load(path)
    assert (again.seed, again.stage, again.lock) == (9, "easy_mobility", expected)
    assert len(rows(path, "SELECT * FROM bouts")) == 1
