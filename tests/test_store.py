"""The store keeps what it is given, and gives it back."""

from __future__ import annotations

import json
import logging
import os
import random
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from health_rig import health
from hypothesis import given
from strategies import records, states

from nudger.core import effects
from nudger.core.effects import (
    Notify,
    RecordBout,
    RecordBreak,
    RecordOutcome,
    RecordPosture,
    RecordPrompt,
    RecordStage,
    Refuse,
)
from nudger.core.state import Prompt, State, Today
from nudger.core.words import Confirmed, Outcome, Posture, PromptKind
from nudger.store import NewerSchemaError, Store, StoreError
from nudger.store.database import MIGRATIONS, create, migrate, schema_version
from nudger.store.rows import JOURNAL, BoutRow, BreakRow, PromptRow, Record, from_us, statements, to_us

NOW = datetime(2026, 11, 22, 9, 30, 0, 123456, tzinfo=UTC)
LOG = logging.getLogger("test")
STATE = State(at=NOW, seed=7, today=Today(date(2026, 11, 22)), health=health("daily_walks"))
MINUTE = timedelta(minutes=1)
PROMPT = Prompt(
    "alex-1", "hall", "Shuffle down the hall", "There and back.", "walk", PromptKind.BREAK, 2 * MINUTE, NOW, NOW
)
KILL_ROUNDS = int(os.environ.get("NUDGER_KILL_ROUNDS", "40"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "nudger.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store.open(path, now=NOW, log=LOG)
    yield store
    store.close()


def reopened(store: Store, path: Path) -> Store:
    store.close()
    return Store.open(path, now=NOW, log=LOG)


def journal(path: Path) -> list[tuple[int, str, str, dict[str, object]]]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT at, person, kind, data FROM journal ORDER BY id").fetchall()
    connection.close()
    return [(at, person, kind, json.loads(data)) for at, person, kind, data in rows]


def test_a_first_start_is_empty_and_says_nothing(store: Store) -> None:
    assert store.load_states() == {}
    assert store.load_lamps() == {}
    assert store.last_beat() is None
    assert store.notice is None
    assert store.degraded is None


def test_the_latest_state_of_each_person_comes_back(store: Store, path: Path) -> None:
    alex, later, kim = (
        STATE,
        replace(STATE, seed=8, posture=Posture.SITTING),
        replace(STATE, health=health("calm_start")),
    )
    assert store.commit(NOW, [("alex", alex, ()), ("kim", kim, ())])
    assert store.commit(NOW, [("alex", later, ())], durable=True)
    assert store.load_states() == {"alex": later, "kim": kim}
    again = reopened(store, path)
    assert again.load_states() == {"alex": later, "kim": kim}
    again.close()


def test_every_record_is_journalled_and_nothing_else(store: Store, path: Path) -> None:
    bout = RecordBout(NOW, NOW + 25 * MINUTE, 24 * MINUTE)
    store.commit(NOW, [("alex", STATE, (Notify(PROMPT), RecordPosture(Posture.AWAY, NOW), Refuse("stale"), bout))])
    store.commit(NOW + MINUTE, [("kim", STATE, (RecordStage("calm_start", "daily_walks", "user"),))])
    assert journal(path) == [
        (to_us(NOW), "alex", "posture", {"posture": "away", "since": "2026-11-22T09:30:00.123456Z"}),
        (
            to_us(NOW),
            "alex",
            "bout",
            {"start": "2026-11-22T09:30:00.123456Z", "end": "2026-11-22T09:55:00.123456Z", "sitting": "PT24M"},
        ),
        (to_us(NOW + MINUTE), "kim", "stage", {"before": "calm_start", "after": "daily_walks", "rule": "user"}),
    ]


def test_no_record_of_the_core_is_forgotten() -> None:
    named = {effect for effect in get_args(effects.Effect) if effect.__name__.startswith("Record")}
    assert named == set(JOURNAL)


@given(records)
def test_every_record_survives_its_way_into_the_journal(record: effects.RecordBout) -> None:
    kind, codec = JOURNAL[type(record)]
    statement, values = next(statements(Record(NOW, "alex", record)))
    assert "journal" in statement
    assert values[:3] == (to_us(NOW), "alex", kind)
    assert codec.load(str(values[3])) == record


@given(states)
def test_instants_survive_as_numbers(state: State) -> None:
    assert from_us(to_us(state.at)) == state.at


def test_bouts_and_breaks_are_found_by_any_overlap(store: Store) -> None:
    first, second = NOW, NOW + 60 * MINUTE
    store.commit(
        NOW,
        [
            (
                "alex",
                STATE,
                (
                    RecordBout(second, second + 20 * MINUTE, timedelta(seconds=1100.25)),
                    RecordBout(first, first + 25 * MINUTE, 25 * MINUTE),
                    RecordBreak(first + 25 * MINUTE, second, Confirmed.SENSOR),
                ),
            ),
            ("kim", STATE, (RecordBout(first, second, 5 * MINUTE),)),
        ],
    )
    early = BoutRow(first, first + 25 * MINUTE, 25 * MINUTE)
    late = BoutRow(second, second + 20 * MINUTE, timedelta(seconds=1100.25))
    assert store.bouts("alex", first - MINUTE, second + 99 * MINUTE) == [early, late]
    assert store.bouts("alex", first + 24 * MINUTE, second + MINUTE) == [early, late]
    assert store.bouts("alex", first + 25 * MINUTE, second) == []
    assert store.breaks("alex", first, second) == [BreakRow(first + 25 * MINUTE, second, Confirmed.SENSOR)]
    assert store.breaks("kim", first, second) == []


def test_a_prompt_is_kept_and_its_outcome_added(store: Store) -> None:
    store.commit(NOW, [("alex", STATE, (RecordPrompt(PROMPT, 25 * MINUTE, "daily_walks"),))])
    (open_prompt,) = store.prompts("alex", NOW, NOW + MINUTE)
    assert open_prompt == PromptRow(
        "alex-1", NOW, "hall", "walk", "daily_walks", 25 * MINUTE, None, None, None, None, None
    )
    ended = RecordOutcome("alex-1", Outcome.FOLLOWED, timedelta(seconds=41.5), "up", timedelta(seconds=90))
    store.commit(NOW + 3 * MINUTE, [("alex", STATE, (ended,))])
    assert store.prompts("alex", NOW, NOW + MINUTE) == [
        replace(
            open_prompt,
            outcome=Outcome.FOLLOWED,
            ended_at=NOW + 3 * MINUTE,
            after=timedelta(seconds=41.5),
            rise=timedelta(seconds=90),
            why="up",
        )
    ]
    assert store.prompts("alex", NOW - MINUTE, NOW) == []
    assert store.prompts("kim", NOW, NOW + MINUTE) == []


def test_the_same_again_is_kept_once(store: Store) -> None:
    other = replace(PROMPT, entry="walk")
    issued = (RecordPrompt(PROMPT, 25 * MINUTE, "daily_walks"), RecordPrompt(other, 30 * MINUTE, "daily_walks"))
    longer = (RecordBout(NOW, NOW + MINUTE, MINUTE), RecordBout(NOW, NOW + 2 * MINUTE, 2 * MINUTE))
    rests = tuple(RecordBreak(NOW, NOW + n * MINUTE, Confirmed.USER) for n in (1, 2))
    assert store.commit(NOW, [("alex", STATE, (*issued, *longer, *rests))])
    assert [row.entry for row in store.prompts("alex", NOW, NOW + MINUTE)] == ["hall"]
    assert [row.end for row in store.bouts("alex", NOW, NOW + MINUTE)] == [NOW + 2 * MINUTE]
    assert [row.end for row in store.breaks("alex", NOW, NOW + MINUTE)] == [NOW + 2 * MINUTE]


def test_lamps_and_the_beat_are_remembered(store: Store, path: Path) -> None:
    assert store.save_lamp("zigbee2mqtt/desk lamp", '{"state":"ON"}')
    assert store.save_lamp("zigbee2mqtt/hall", "{}")
    assert store.save_lamp("zigbee2mqtt/hall", '{"state":"OFF"}')
    assert store.forget_lamp("zigbee2mqtt/desk lamp")
    store.beat(NOW)
    store.beat(NOW + MINUTE)
    assert store.load_lamps() == {"zigbee2mqtt/hall": '{"state":"OFF"}'}
    again = reopened(store, path)
    assert again.load_lamps() == {"zigbee2mqtt/hall": '{"state":"OFF"}'}
    assert again.last_beat() == NOW + MINUTE
    again.close()


def test_only_the_journal_is_pruned(store: Store, path: Path) -> None:
    bout = RecordBout(NOW, NOW + MINUTE, MINUTE)
    store.commit(NOW, [("alex", STATE, (bout,))])
    store.commit(NOW + MINUTE, [("alex", STATE, (RecordPosture(Posture.AWAY, NOW),))])
    assert store.prune(NOW + MINUTE) == 1
    assert [kind for _, _, kind, _ in journal(path)] == ["posture"]
    assert len(store.bouts("alex", NOW, NOW + MINUTE)) == 1


def test_a_bug_is_raised_and_changes_nothing(store: Store) -> None:
    broken = replace(STATE, health=health("\ud800"))  # text that cannot be written
    store.commit(NOW, [("alex", STATE, ())])
    with pytest.raises(ValueError, match="surrogates"):
        store.commit(NOW, [("kim", STATE, ()), ("alex", broken, ())])
    assert store.load_states() == {"alex": STATE}
    assert store.commit(NOW, [("kim", STATE, ())])


def test_a_state_that_cannot_be_read_names_its_person(store: Store, path: Path) -> None:
    store.commit(NOW, [("alex", STATE, ())])
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE snapshot SET state = replace(state, 'ignored_in_row', 'colour')")
    connection.close()
    again = Store.open(path, now=NOW, log=LOG)
    with pytest.raises(StoreError, match=r"^the saved state of alex cannot be read: state\.colour: unknown field$"):
        again.load_states()
    again.close()


def test_files_are_private_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        store = Store.open(path, now=NOW, log=LOG)
        store.commit(NOW, [("alex", STATE, ())])
        backup = store.backup(path.parent / "backups", now=NOW)
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir() if file.is_file()}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(("nudger.db", "nudger.db-wal", "nudger.db-shm", "nudger.db.made"), 0o600)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == stat.S_IMODE(backup.parent.stat().st_mode) == 0o700
    store.close()
    path.chmod(0o644)
    Store.open(path, now=NOW, log=LOG).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_a_person_entered_is_synced_and_what_is_derived_is_not(store: Store) -> None:
    def level() -> int:
        return int(store._connection.execute("PRAGMA synchronous").fetchone()[0])

    normal, full = 1, 2
    store.commit(NOW, [("alex", STATE, ())])
    assert level() == normal
    store.commit(NOW, [("alex", STATE, ())], durable=True)
    assert level() == full
    store.commit(NOW, [("alex", STATE, ())])
    assert level() == normal


# --- schema ----------------------------------------------------------------------------------------------------------

NEXT = (*MIGRATIONS, "ALTER TABLE bouts ADD COLUMN mood TEXT; CREATE TABLE moods (name TEXT PRIMARY KEY)")


def test_an_older_schema_is_brought_forward_with_its_rows(path: Path) -> None:
    before = create(path)
    before.execute("INSERT INTO bouts VALUES ('alex', 1, 2, 3.0)")
    before.close()
    after = create(path, NEXT)
    assert schema_version(after) == len(NEXT)
    assert after.execute("SELECT * FROM bouts").fetchall() == [("alex", 1, 2, 3.0, None)]
    assert after.execute("SELECT * FROM moods").fetchall() == []
    migrate(after, NEXT)
    assert schema_version(after) == len(NEXT)
    after.close()


def test_a_migration_that_fails_leaves_the_schema_before_it(path: Path) -> None:
    create(path).close()
    with pytest.raises(sqlite3.OperationalError, match="no such table: nowhere"):
        create(path, (*MIGRATIONS, "CREATE TABLE moods (name TEXT); INSERT INTO nowhere VALUES (1)"))
    connection = create(path)
    assert schema_version(connection) == len(MIGRATIONS)
    assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'moods'").fetchall() == []
    connection.close()


@pytest.mark.parametrize("cut_short", [False, True])
def test_a_newer_schema_is_refused_and_not_touched(path: Path, cut_short: bool) -> None:
    newer = create(path, NEXT)
    newer.execute("INSERT INTO moods VALUES ('calm')")
    if not cut_short:  # else what makes it newer still stands in the write-ahead log alone
        newer.close()
    before = {file: file.read_bytes() for file in path.parent.iterdir() if not file.name.endswith("-shm")}
    with pytest.raises(
        NewerSchemaError, match=rf"^nudger\.db was written by a later release \(schema {len(NEXT)}, this one"
    ):
        Store.open(path, now=NOW, log=LOG)
    assert {file: file.read_bytes() for file in path.parent.iterdir() if not file.name.endswith("-shm")} == before
    newer.close()


# --- kill -9 ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(30 + 2 * KILL_ROUNDS)
def test_kill_9_loses_nothing_that_was_acknowledged(path: Path) -> None:
    chance = random.Random(9)  # noqa: S311  (which moment, not a secret)
    start = datetime(2026, 11, 22, tzinfo=UTC)
    last = -1
    for _ in range(KILL_ROUNDS):
        lines = run_and_kill(path, chance.uniform(0, 0.15))
        assert int(lines[0]) == last + 1
        acknowledged = int(lines[-1])
        store = Store.open(path, now=NOW, log=LOG)
        assert store.notice is None
        since, last = start + timedelta(seconds=last + 1), store.load_states()["alex"].seed
        assert last in {acknowledged, acknowledged + 1}  # one more may have been written and not yet told
        expected = [start + timedelta(seconds=number) for number in range(int(lines[0]), last + 1)]
        assert [bout.start for bout in store.bouts("alex", since, start + timedelta(days=30))] == expected
        prompts = store.prompts("alex", since, start + timedelta(days=30))
        assert [prompt.issued_at for prompt in prompts] == expected
        assert {prompt.outcome for prompt in prompts} == {Outcome.FOLLOWED}
        store.close()
    issued = [data["prompt"]["id"] for _, _, kind, data in journal(path) if kind == "prompt"]  # type: ignore[index]
    assert len(issued) == len(set(issued)) == last + 1
    with closing(sqlite3.connect(path)) as connection:
        scores = connection.execute("SELECT pain FROM checkins ORDER BY day").fetchall()
    assert scores == [(number % 11,) for number in range(last + 1)]


def run_and_kill(path: Path, after_s: float) -> list[bytes]:
    """Let the writer work for so long after its first commit; return the numbers it acknowledged."""
    command = [sys.executable, str(Path(__file__).with_name("kill9_writer.py")), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0) as writer:
        assert writer.stdout is not None
        told = writer.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            writer.communicate(timeout=after_s)
        writer.kill()
        told += writer.communicate()[0]
    return told[: told.rindex(b"\n")].splitlines()
