"""Lengths of time, instants and counts, the way people say them; for the terminal."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo


def length(seconds: float) -> str:
    """Return a length of time to the minute: ``40 s``, ``14 min``, ``1 h 32 min``."""
    if seconds < 60:
        return f"{int(seconds)} s"
    hours, minutes = divmod(int(seconds) // 60, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def clock(instant: datetime, zone: tzinfo | None, now: datetime) -> str:
    """Return an instant as a clock shows it in ``zone`` (None: this computer's): 11:04, with the date if not today."""
    local = instant.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == now.astimezone(zone).date() else f"{local:%Y-%m-%d %H:%M}"


def coming(instant: datetime, zone: tzinfo | None, now: datetime) -> str:
    """Return an instant to come as `clock` does, but with ``tomorrow`` for the date of the next day."""
    local = instant.astimezone(zone)
    is_tomorrow = local.date() == now.astimezone(zone).date() + timedelta(days=1)
    return f"tomorrow {local:%H:%M}" if is_tomorrow else clock(instant, zone, now)


def stage_name(stage: str) -> str:
    """Return the English name of a stage, as the library has it, from its id: the library takes long to load."""
    return "Walk and run" if stage == "walk_run" else stage.replace("_", " ").capitalize()


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: ``1 break``, ``4 breaks``."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
