"""The store: what is remembered of everybody, written before anybody acts on it.

One SQLite file in write-ahead mode, used from the event loop's own thread. What a person entered is on the disk when
`commit` returns; what the engine derives survives a killed process, but a power cut may cost its last seconds. Where
the disk refuses, the engine goes on: what could not be written waits in memory, `degraded` says why, and the next
chance writes it.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from nudger.core.effects import Effect, RecordEffect
from nudger.core.state import Health, State
from nudger.store import backups, rows
from nudger.store.batch import Batch
from nudger.store.database import NewerSchemaError, StoreError, create, find_fault, is_damage
from nudger.store.rows import Record, from_us, to_us
from nudger.store.snapshot import SnapshotError, load

__all__ = ["CommitFailedError", "NewerSchemaError", "Store", "StoreError"]

STATES: Final = "SELECT person, at, state, health FROM snapshot LEFT JOIN health USING (person)"
NEVER: Final = datetime.min.replace(tzinfo=UTC)
TRY_AGAIN: Final = timedelta(seconds=10)
"""While the disk refuses, commits try it this often, so that a flood of events does not rewrite all that waits."""
SAY_AGAIN: Final = timedelta(minutes=10)
"""The log has one line on the same trouble in this time; a damaged file is replaced no more often either."""


class CommitFailedError(StoreError):
    """What a person entered could not be saved, and has not been taken in."""


class Store:
    """The history and the latest State of everybody, in one file. Hold the `StateLock` of its folder meanwhile."""

    def __init__(self, path: Path, folder: Path, log: logging.Logger, now: datetime) -> None:
        """Use `open`."""
        self._path = path
        self._folder = folder
        self._log = log
        self._now = now
        self._notice: str | None = None
        self._degraded: str | None = None
        self._tried = self._told = self._replaced = NEVER
        self._outage_told = False
        self._pending = Batch(now)
        self._states: dict[str, tuple[datetime, State]] = {}
        self._health: dict[str, Health] = {}  # what was written last, or waits to be
        self._lamps: dict[str, str] = {}
        self._announced: dict[str, str] = {}
        self._connection: sqlite3.Connection
        self._in_memory: bool
        self._durable: bool
        self._history_known = True

    @classmethod
    def open(cls, path: Path, *, now: datetime, log: logging.Logger, folder: Path | None = None) -> Self:
        """Open the database at ``path``, made if need be; ``folder`` holds its backups (default: `backups` beside it).

        A damaged or lost one is replaced by the newest good backup, else by an empty one, and `notice` says so. In a
        place that cannot be written the store works from memory, `degraded`. NewerSchemaError when a later release
        wrote the file.
        """
        store = cls(path, folder or path.parent / "backups", log, now)
        try:
            connection, store._notice = store._open_file()
            store._use_file(connection)
        except (OSError, sqlite3.Error) as error:
            store._history_known = store._fall_back_to_memory()
            store._degrade(error)
        store._lamps = dict(store._rows("SELECT topic, snapshot FROM lamps"))
        store._announced = dict(store._rows("SELECT topic, device FROM announced"))
        return store

    def close(self) -> None:
        """Write what waits, if that can be, and close the file."""
        if self._pending and not self.retry(self._now):
            self._log.error("%s: what happened since is lost with the end of this process", self._degraded)
        with suppress(sqlite3.Error):
            self._connection.close()

    @property
    def notice(self) -> str | None:
        """What had to be done to a damaged database, in one line; None when it was well."""
        return self._notice

    @property
    def degraded(self) -> str | None:
        """Why nothing can be saved now; None while everything is."""
        return self._degraded

    # --- writing -----------------------------------------------------------------------------------------------------

    def commit(
        self, now: datetime, changes: Sequence[tuple[str, State, Sequence[Effect]]], *, durable: bool = False
    ) -> bool:
        """Write each person's State, and the records among their effects, in one transaction.

        ``durable`` is for what a person entered: it survives a power cut, or raises CommitFailedError and nothing has
        changed. Anything else that cannot be written waits in memory, and False is returned.
        """
        states = {person: (now, state) for person, state, _ in changes}
        records = tuple(
            Record(now, person, effect)
            for person, _, effects in changes
            for effect in effects
            if isinstance(effect, RecordEffect)
        )
        health = {person: state.health for person, state, _ in changes if self._health.get(person) is not state.health}
        return self._save(Batch(now, states, health, records), durable=durable)

    def retry(self, now: datetime) -> bool:
        """Try again to write what waits; whether all is saved now. To be called every half minute or so."""
        self._now = now
        if self._in_memory:
            try:
                self._return_to_file()
            except (OSError, sqlite3.Error, StoreError) as error:
                self._degrade(error)
                return False
        self._tried = NEVER
        if self._pending:
            return self._save(Batch(now))
        self._recover()
        return True

    def beat(self, now: datetime) -> None:
        """Remember that the daemon was alive at this instant."""
        self._save(Batch(now, beat=now))

    def save_lamp(self, topic: str, snapshot: str) -> bool:
        """Remember what a lamp showed before it was borrowed; False when that waits in memory."""
        return self._save(Batch(self._now, lamps={topic: snapshot}))

    def forget_lamp(self, topic: str) -> bool:
        """Forget a lamp that was given back; False when that waits in memory."""
        return self._save(Batch(self._now, lamps={topic: None}))

    def save_announced(self, topic: str, device: str) -> bool:
        """Remember what Home Assistant was told on that topic; False when that waits in memory."""
        return self._save(Batch(self._now, announced={topic: device}))

    def forget_announced(self, topic: str) -> bool:
        """Forget what was taken away again; False when that waits in memory."""
        return self._save(Batch(self._now, announced={topic: None}))

    def prune(self, before: datetime) -> int:
        """Drop journal rows from before an instant, return how many. Bouts, breaks and prompts are kept for good."""
        try:
            return self._connection.execute("DELETE FROM journal WHERE at < ?", (to_us(before),)).rowcount
        except sqlite3.Error as error:
            raise StoreError(f"the journal cannot be shortened: {error}") from error

    def backup(self, folder: Path, *, keep: int = 7, now: datetime) -> Path:
        """Write today's backup into the folder and drop all but the newest ``keep``; StoreError when it cannot be.

        That reads the whole file, and so finds damage that nothing else has met yet: the database is then replaced.
        """
        self._now = now
        if self._in_memory:
            raise StoreError(f"no backup: {self._degraded}")
        try:
            return backups.write(self._connection, folder, now, keep)
        except (OSError, sqlite3.Error) as error:
            with suppress(OSError, sqlite3.Error):
                if fault := find_fault(self._path):
                    self._replace_file(fault)
                    self._save(Batch(now))
            raise StoreError(f"no backup: {error}") from error

    # --- reading -----------------------------------------------------------------------------------------------------

    def load_states(self) -> Mapping[str, State]:
        """Return everybody's latest State, what waits included; StoreError names whose cannot be read."""
        for person, at, text, health in self._rows(STATES):
            if person not in self._states:
                try:
                    state = load(text, health)
                except SnapshotError as error:
                    raise StoreError(f"the saved state of {person} cannot be read: {error}") from error
                self._states[person] = (from_us(at), state)
                if health is not None:
                    self._health[person] = state.health
        return {person: state for person, (_, state) in self._states.items()}

    def last_beat(self) -> datetime | None:
        """Return when the daemon was last known to be alive."""
        return next((from_us(at) for (at,) in self._rows("SELECT at FROM beat")), None)

    def load_lamps(self) -> Mapping[str, str]:
        """Return what each borrowed lamp showed before, by its topic."""
        return dict(self._lamps)

    def load_announced(self) -> Mapping[str, str]:
        """Return what Home Assistant was told of, by its topic."""
        return dict(self._announced)

    def bouts(self, person: str, since: datetime, until: datetime) -> list[rows.BoutRow]:
        """Return the bouts that lie, wholly or in part, between two instants, oldest first (none that waits)."""
        return [rows.bout_row(*row) for row in self._rows(rows.BOUTS, person, to_us(since), to_us(until))]

    def breaks(self, person: str, since: datetime, until: datetime) -> list[rows.BreakRow]:
        """Return the breaks that lie, wholly or in part, between two instants, oldest first (none that waits)."""
        return [rows.break_row(*row) for row in self._rows(rows.BREAKS, person, to_us(since), to_us(until))]

    def prompts(self, person: str, since: datetime, until: datetime) -> list[rows.PromptRow]:
        """Return the prompts issued from ``since`` to before ``until``, oldest first (none that waits)."""
        return [rows.prompt_row(*row) for row in self._rows(rows.PROMPTS, person, to_us(since), to_us(until))]

    def _rows(self, query: str, *values: str | int) -> list[Any]:
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"the history cannot be read: {error}") from error

    # --- trouble -----------------------------------------------------------------------------------------------------

    def _save(self, batch: Batch, *, durable: bool = False) -> bool:
        self._now = batch.at
        saved = False
        try:
            saved = self._write(batch, durable=durable)
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
            raise  # our own fault: to keep it waiting would fail for ever
        except (OSError, sqlite3.DatabaseError) as error:
            if durable:
                raise CommitFailedError(f"it could not be saved ({error})") from error
            self._degrade(error)
        self._states.update(batch.states)
        self._health.update(batch.health)
        for known, changes in ((self._lamps, batch.lamps), (self._announced, batch.announced)):
            for topic, text in changes.items():
                if text is None:
                    known.pop(topic, None)
                else:
                    known[topic] = text
        if saved:
            self._recover()
        else:
            self._pending = self._pending.plus(batch)
        return saved

    def _write(self, batch: Batch, *, durable: bool) -> bool:
        """Write what waits and the batch; False where that has to wait."""
        if self._in_memory:
            if durable:
                raise CommitFailedError(str(self._degraded))
            batch.write(self._connection)  # so that reading sees it
            return False
        if self._degraded and not durable and abs(self._now - self._tried) < TRY_AGAIN:
            return False
        self._tried = self._now
        try:
            self._write_to_file(batch, durable=durable)
        except sqlite3.DatabaseError as error:
            if not is_damage(error) or abs(self._now - self._replaced) < SAY_AGAIN:
                raise
            self._replace_file(f"was damaged ({error})")
            self._write_to_file(batch, durable=durable)
        return True

    def _write_to_file(self, batch: Batch, *, durable: bool) -> None:
        if durable != self._durable:
            self._connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            self._durable = durable
        (self._pending.plus(batch) if self._pending else batch).write(self._connection)

    def _degrade(self, error: Exception) -> None:
        reason = error.strerror if isinstance(error, OSError) else error
        self._degraded = f"the history is not saved ({reason})"
        if abs(self._now - self._told) >= SAY_AGAIN:
            self._log.warning("%s; until it can be, it waits in memory", self._degraded)
            self._told = self._now
            self._outage_told = True

    def _recover(self) -> None:
        if self._degraded is None and not self._pending:
            return
        dropped, self._pending = self._pending.dropped, Batch(self._now)
        self._degraded = None
        if dropped:
            self._log.warning("the history is saved again, but for %d of the oldest records that waited", dropped)
        elif self._outage_told:
            self._log.info("the history is saved again")
        self._outage_told = False

    def _open_file(self) -> tuple[sqlite3.Connection, str | None]:
        """Open the file, or what replaces a damaged one; return it with the line that says so."""
        fault = find_fault(self._path)
        notice = backups.replace_damaged(self._path, self._folder, self._now, fault) if fault else None
        return create(self._path), notice

    def _use_file(self, connection: sqlite3.Connection) -> None:
        self._connection, self._in_memory, self._durable = connection, False, False

    def _replace_file(self, fault: str) -> None:
        """Replace a file found damaged while it is in use; all that is known besides history waits to be written."""
        self._replaced = self._now
        health = {person: state.health for person, (_, state) in self._states.items()}
        self._pending = Batch(self._now, self._states, health, lamps=self._lamps, announced=self._announced).plus(
            self._pending
        )
        with suppress(sqlite3.Error):
            self._connection.close()
        try:
            self._notice = backups.replace_damaged(self._path, self._folder, self._now, fault)
            self._use_file(create(self._path))
        except (OSError, sqlite3.Error):
            self._fall_back_to_memory()
            raise
        self._log.warning("%s", self._notice)

    def _fall_back_to_memory(self) -> bool:
        """Work without the file; whether the history could be read from it or a backup."""
        self._connection, history_known = backups.unsaved_copy(self._path, self._folder)
        self._in_memory = True
        return history_known

    def _return_to_file(self) -> None:
        connection, notice = self._open_file()
        if not self._history_known and connection.execute("SELECT 1 FROM snapshot").fetchone():
            connection.close()
            raise StoreError(
                f"{self._path.name} holds a history that could not be read before: restart nudger to use it"
            )
        self._connection.close()
        self._use_file(connection)
        if notice:
            self._notice = notice
            self._log.warning("%s", notice)
