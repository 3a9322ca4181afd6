"""The words that only take certain values: kinds of signals, postures, holds, outcomes, scenes, locks."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

ZERO: Final = timedelta(0)
DAY_STARTS: Final = timedelta(hours=4)
"""A person's day starts at 04:00 local time, so that a late evening still belongs to the day it began in."""


class Kind(StrEnum):
    """What a signal is, and so what its ``on`` and ``off`` prove (the rules are in `presence`)."""

    SEAT = "seat"
    PRESENCE = "presence"
    MOTION = "motion"
    ACTIVITY = "activity"
    LOCKED = "locked"
    POWER = "power"
    STANDING = "standing"
    CALL = "call"
    DND = "dnd"


class Posture(StrEnum):
    """What the engine believes now. ``standing`` is at the desk but not seated."""

    SITTING = "sitting"
    STANDING = "standing"
    AWAY = "away"
    UNKNOWN = "unknown"


class Hold(StrEnum):
    """A reason not to prompt now. The first that applies, in this order, is the one that is named."""

    LOCKED = "locked"
    PAUSED = "paused"
    QUIET = "quiet"
    UNKNOWN = "unknown"
    CALL = "call"
    DND = "dnd"
    SNOOZED = "snoozed"
    CAPPED = "capped"


class PromptKind(StrEnum):
    """What a prompt asks for: a break from sitting, the day's walk or run, or another posture than standing still."""

    BREAK = "break"
    PLAN = "plan"
    POSTURE = "posture"


class Outcome(StrEnum):
    """How a prompt ended."""

    FOLLOWED = "followed"
    DONE = "done"
    SKIPPED = "skipped"
    IGNORED = "ignored"
    WITHDRAWN = "withdrawn"


class Confirmed(StrEnum):
    """What a break rests on: a sensor, the person's word, a locked or sleeping desktop, or mere silence."""

    SENSOR = "sensor"
    USER = "user"
    LIKELY = "likely"
    ASSUMED = "assumed"


class Declaration(StrEnum):
    """What the person declared: a break that no sensor sees, lying down, or, by ignoring prompts, not to be here."""

    BREAK = "break"
    REST = "rest"
    IDLE = "idle"  # timer mode gave up; it may have no end


class TrustRetained(StrEnum):
    """How far a retained message, or a value remembered over a restart, counts as evidence."""

    NEVER = "never"
    FRESH = "fresh"
    STATE = "state"


class Scene(StrEnum):
    """What a lamp is asked to show. ``restored`` gives it back."""

    DUE = "due"
    OVERDUE = "overdue"
    BREAK = "break"
    AMBIENT = "ambient"
    RESTORED = "restored"


class Lock(StrEnum):
    """A safety lock: red silences every channel, amber restricts prompts to the gentlest."""

    RED = "red"
    AMBER = "amber"
