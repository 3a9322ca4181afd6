"""What it costs to remember: a snapshot as text, and a transaction.

The floor of a transaction is SQLite itself, writing one row of the same length to a table of one row, in the same
mode and on the same disk, from prepared text.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure, say
from benchmarks.size import Size
from nudger.core import engine
from nudger.core.events import SignalChanged, Ticked
from nudger.core.policy import Policy, Signal
from nudger.core.state import State
from nudger.core.words import Kind
from nudger.library import ORIGINAL, load_ladder, load_language
from nudger.store import Store
from nudger.store.snapshot import dump, dump_health, load

NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)
KINDS = (Kind.SEAT, Kind.PRESENCE, Kind.ACTIVITY, Kind.CALL)


def measure(size: Size) -> list[Figure]:
    """Return the medians over ``size.commits`` repetitions; a durable one waits for the disk, so a tenth of them."""
    say(f"saving: {size.commits:,} transactions")
    state = _typical_state()
    text, health = dump(state), dump_health(state.health)
    with TemporaryDirectory(prefix="nudger-bench-") as folder:
        bare = _bare(Path(folder), text)
        with closing(Store.open(Path(folder) / "nudger.db", now=NOW, log=logging.getLogger("benchmarks"))) as store:
            change = (("alex", state, ()),)
            commit = _median_us(size.commits, lambda: store.commit(NOW, change))
            durable = _median_us(size.commits // 10, lambda: store.commit(NOW, change, durable=True))
        with closing(bare):
            floor = _median_us(size.commits, lambda: _update(bare, text))
            bare.execute("PRAGMA synchronous=FULL")
            durable_floor = _median_us(size.commits // 10, lambda: _update(bare, text))
    return [
        Figure("saving", f"a State to text ({len(text):,} bytes)", _median_us(size.commits, lambda: dump(state)), "us"),
        Figure("saving", "text to a State", _median_us(size.commits, lambda: load(text, health)), "us"),
        Figure("saving", "commit", commit, "us", floor=floor, floor_name="bare SQLite, WAL NORMAL"),
        Figure("saving", "commit, durable", durable, "us", floor=durable_floor, floor_name="bare SQLite, WAL FULL"),
    ]


def _typical_state() -> State:
    """Return the State of somebody with four signals, who has sat for an hour and is looking at a prompt."""
    language = load_language(ORIGINAL)
    signals = tuple(Signal(name=kind.value, kind=kind, hold=timedelta(minutes=5)) for kind in KINDS)
    policy = Policy("alex", load_ladder(), language.prompts, UTC, signals, start_stage="daily_walks")
    began = NOW - timedelta(hours=1)
    state = engine.first_state(policy, began, seed=1)
    for signal in signals:
        state, _ = engine.decide(policy, state, SignalChanged(signal.name, on=signal.kind is not Kind.CALL), began)
    state, _ = engine.decide(policy, state, Ticked(), NOW)
    return state


def _bare(folder: Path, text: str) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL").fetchone()
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("CREATE TABLE snapshot (person TEXT PRIMARY KEY, state TEXT NOT NULL)")
    connection.execute("INSERT INTO snapshot VALUES ('alex', ?)", (text,))
    return connection


def _update(connection: sqlite3.Connection, text: str) -> None:
    connection.execute("UPDATE snapshot SET state = ? WHERE person = 'alex'", (text,))


def _median_us(times: int, done: Callable[[], object]) -> float:
    took = []
    for _ in range(max(times, 3)):
        began = time.perf_counter()
        done()
        took.append(time.perf_counter() - began)
    return median(took) * 1e6
