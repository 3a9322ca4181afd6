"""The history: one SQLite file that survives kill -9, full disks and damage.

`store` is its door: commit, read, go on when the disk refuses. Behind it: `batch` (what one transaction writes), `rows`
(effects to rows and back), `snapshot` (State to text and back), `database` (schema, opening, damage), `backups`.
"""

from nudger.store.database import NewerSchemaError, StoreError
from nudger.store.store import CommitFailedError, Store

__all__ = ["CommitFailedError", "NewerSchemaError", "Store", "StoreError"]
