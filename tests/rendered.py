"""States as the local API renders them, for the views that show them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PROMPT = {
    "id": "me-1",
    "title": "Touch the far wall",
    "body": "Walk to the farthest wall and touch it. [bold]Slowly[/bold].",
    "category": "walk",
    "duration_s": 120,
    "level": 0,
    "issued_at": "2026-11-22T12:00:00.000Z",
}
SERVICE = {
    "version": "1.2.3",
    "started_at": "2026-11-22T09:00:00+00:00",
    "time_scale": 1.0,
    "store": "ok",
    "notice": None,
    "mqtt": None,
}


def recovery(**changes: Any) -> dict[str, Any]:
    """What the local API says of the back of somebody who has told nothing and whom nothing is asked."""
    return {
        "language": "en",
        "lock": None,
        "lock_end": None,
        "offer": None,
        "asks": [],
        "questions": [],
        "safety_reason": None,
        "safety_question": None,
        "pace_asked": False,
        "intake_offered": False,
    } | changes


def state(**changes: Any) -> dict[str, Any]:
    """A state as the API renders it: sitting for 14 minutes, with all else as it is on a quiet morning."""
    return {
        "at": "2026-11-22T12:00:00.000Z",
        "posture": "sitting",
        "since": "2026-11-22T11:46:00.000Z",
        "bout_started": "2026-11-22T11:46:00.000Z",
        "sitting_s": 840,
        "next_prompt_at": "2026-11-22T12:06:00.000Z",
        "next_prompt_by": "2026-11-22T12:10:00.000Z",
        "hold": None,
        "prompt": None,
        "stage": "daily_walks",
        "flare": False,
        "lock": None,
        "day_started": "2026-11-22T04:00:00.000Z",
        "sitting_today_s": 5520,
        "breaks_today": 3,
        "longest_bout_today_s": 1500,
        "prompts_today": 4,
        "followed_today": 3,
        "silent_signals": [],
        "goals": None,
        "next_session": None,
        "recovery": recovery(),
        "why": "You have been sitting since 11:46.",
    } | changes
