"""Snapshots of earlier releases, lifted to the present form.

Version 1 held one text. The stage, a flare, a lock and what to spare stood in it by themselves; from version 2 on they
follow from what the person told of their back (`Health`), which is a text of its own.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

_TIERS = {"red": "emergency", "amber": "urgent"}


def lift(text: str, health: str | None) -> tuple[str, str]:
    """Return the two texts of a snapshot in the present form; what is none is left for the reader to refuse."""
    if health is not None:
        return text, health
    try:
        snapshot = json.loads(text)
    except ValueError:
        return text, "null"
    match snapshot:
        case {"version": 1, "state": {"today": {"day": str(day)}, "stage": str()} as state}:
            lifted = _health_of(state, day)
            snapshot["version"] = 2
            return json.dumps(snapshot), json.dumps(lifted)
        case _:
            return text, "null"


def _health_of(state: dict[str, Any], day: str) -> dict[str, Any]:
    """Take what became `Health` out of a State of version 1, and return it as such."""
    stage, flare, lock = state.pop("stage"), state.pop("flare", False), state.pop("lock", None)
    by, spared = state.pop("stage_by", "config"), state.pop("tags", [])
    today = date.fromisoformat(day).isoformat()
    standing: dict[str, Any] = {"stage": stage, "since": today}
    if flare:
        standing["flare"] = {"since": today, "baseline": None}
    if lock in _TIERS:
        standing["lock"] = {"tier": _TIERS[lock], "items": [], "first": today, "latest": today}
    if by == "provider":
        standing["plan"] = stage
    return {"recovery": {"standing": standing}, "wishes": {"contraindications": spared}}
