"""What one transaction writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from nudger.core.state import Health, State
from nudger.store.rows import Record, statements, to_us
from nudger.store.snapshot import dump, dump_health

MAX_RECORDS: Final = 10_000
"""Records that may wait for a disk that refuses; the oldest go first. A hundred a day and person are many: months."""

SNAPSHOT: Final = """
    INSERT INTO snapshot (person, at, state) VALUES (?, ?, ?)
    ON CONFLICT (person) DO UPDATE SET at = excluded.at, state = excluded.state
"""
"""Written at every event: an update in place touches one page, to replace the row would touch the index as well."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes that are written together, or wait together: of each but records only the latest counts.

    A lamp or an announced device that is forgotten is None. ``at`` is when the lamps were known, ``dropped`` how many
    records found no room.
    """

    at: datetime
    states: Mapping[str, tuple[datetime, State]] = field(default_factory=dict)
    health: Mapping[str, Health] = field(default_factory=dict)
    records: tuple[Record, ...] = ()
    lamps: Mapping[str, str | None] = field(default_factory=dict)
    announced: Mapping[str, str | None] = field(default_factory=dict)
    beat: datetime | None = None
    dropped: int = 0

    def __bool__(self) -> bool:
        return bool(self.states or self.health or self.records or self.lamps or self.announced or self.beat)

    def plus(self, later: Batch) -> Batch:
        """Return this batch with a later one upon it."""
        records = (*self.records, *later.records)
        return Batch(
            at=later.at,
            states={**self.states, **later.states},
            health={**self.health, **later.health},
            records=records[-MAX_RECORDS:],
            lamps={**self.lamps, **later.lamps},
            announced={**self.announced, **later.announced},
            beat=later.beat or self.beat,
            dropped=self.dropped + later.dropped + max(0, len(records) - MAX_RECORDS),
        )

    def write(self, connection: sqlite3.Connection) -> None:
        """Write everything in one transaction, or nothing."""
        connection.execute("BEGIN IMMEDIATE")
        try:
            self._write(connection)
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # the reason that counts is on its way already
                connection.rollback()
            raise

    def _write(self, connection: sqlite3.Connection) -> None:
        for person, (at, state) in self.states.items():
            connection.execute(SNAPSHOT, (person, to_us(at), dump(state)))
        for person, health in self.health.items():
            connection.execute(
                "INSERT OR REPLACE INTO health (person, health) VALUES (?, ?)", (person, dump_health(health))
            )
        for record in self.records:
            for statement, values in statements(record):
                connection.execute(statement, values)
        for topic, snapshot in self.lamps.items():
            if snapshot is None:
                connection.execute("DELETE FROM lamps WHERE topic = ?", (topic,))
            else:
                connection.execute(
                    "INSERT OR REPLACE INTO lamps (topic, snapshot, at) VALUES (?, ?, ?)",
                    (topic, snapshot, to_us(self.at)),
                )
        for topic, device in self.announced.items():
            if device is None:
                connection.execute("DELETE FROM announced WHERE topic = ?", (topic,))
            else:
                connection.execute("INSERT OR REPLACE INTO announced (topic, device) VALUES (?, ?)", (topic, device))
        if self.beat is not None:
            connection.execute("INSERT OR REPLACE INTO beat (id, at) VALUES (0, ?)", (to_us(self.beat),))
