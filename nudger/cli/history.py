"""What the state folder remembers, read without the daemon: it may be stopped, or have a config of its own."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping


def stages_in_history() -> Mapping[str, str]:
    """Return the stage of everybody who has a history; nobody where it cannot be read."""
    import sqlite3  # noqa: PLC0415  (most commands do without all of these)
    from contextlib import closing  # noqa: PLC0415

    from nudger.state_dir import state_dir  # noqa: PLC0415
    from nudger.store.database import peek  # noqa: PLC0415
    from nudger.store.snapshot import SnapshotError, load  # noqa: PLC0415
    from nudger.store.store import STATES  # noqa: PLC0415

    try:
        with closing(peek(state_dir(os.environ) / "nudger.db")) as connection:
            rows = connection.execute(STATES).fetchall()
        return {person: load(state, health).stage for person, _, state, health in rows}
    except (OSError, sqlite3.Error, SnapshotError):
        return {}  # whatever is wrong there, the config is not to blame


def unused_history(people: Collection[str]) -> str | None:
    """Return a line on the history of persons whom the config does not know; None where all are known.

    A person is found by their id alone, so whoever goes from timer mode to a config with a name begins anew.
    """
    others = sorted(set(stages_in_history()) - set(people))
    if not others:
        return None
    whose = ", ".join(map(repr, others))
    name = f"the person {others[0]}" if len(others) == 1 else "a person so"
    return f"the history of {whose} is not used by this config; name {name} to go on with it"
