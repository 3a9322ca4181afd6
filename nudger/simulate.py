"""An invented day at the desk, and what nudger does on it.

The same scenario gives the same messages, and a replay of these messages the same records.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from nudger.config.faults import did_you_mean
from nudger.config.settings import Person, Settings
from nudger.core.policy import Span
from nudger.core.words import Kind
from nudger.library import ORIGINAL, load_ladder
from nudger.office import Office
from nudger.recording import Message
from nudger.replay import Replay
from nudger.sources.signal import SignalOptions
from nudger.views.records import Record

PERSON: Final = "you"
FIRST_DAY: Final = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday. Simulated clocks show UTC, and simulated weeks have five days."""
STARTS: Final = timedelta(hours=9)


class Sensors(StrEnum):
    """What there is to see the person by. All but the timer also have the keyboard, and know of calls."""

    SEAT = "seat"
    PRESENCE = "presence"
    MOTION = "motion"
    LAPTOP = "laptop"
    TIMER = "timer"


_SIGNALS: Final = {
    Sensors.SEAT: {"chair": Kind.SEAT, "keyboard": Kind.ACTIVITY, "meeting": Kind.CALL},
    Sensors.PRESENCE: {"mmwave": Kind.PRESENCE, "keyboard": Kind.ACTIVITY, "meeting": Kind.CALL},
    Sensors.MOTION: {"pir": Kind.MOTION, "keyboard": Kind.ACTIVITY, "meeting": Kind.CALL},
    Sensors.LAPTOP: {"keyboard": Kind.ACTIVITY, "lock": Kind.LOCKED, "meeting": Kind.CALL},
    Sensors.TIMER: {},
}


@dataclass(frozen=True, slots=True)
class Scenario:
    """What to simulate. ``follow`` is the share of prompts that the person follows, ``hours`` the length of a day.

    Raises ValueError, in words for whoever asked, for what cannot be simulated.
    """

    sensors: Sensors = Sensors.SEAT
    stage: str = "daily_walks"
    follow: float = 0.7
    hours: float = 8.0
    days: int = 1
    seed: int = 1
    language: str = ORIGINAL

    def __post_init__(self) -> None:
        known = stages()
        if self.stage not in known:
            near = did_you_mean(self.stage, known)
            raise ValueError(f"there is no stage {self.stage!r}{near}; it can be one of: {', '.join(known)}")
        if not 0 <= self.follow <= 1:
            raise ValueError("the share of prompts that are followed must be between 0 and 1")
        if not 1 <= self.hours <= 14:
            raise ValueError("a day must have between 1 and 14 hours")
        if not 1 <= self.days <= 366:
            raise ValueError("there must be between 1 and 366 days")


@dataclass(frozen=True, slots=True)
class Simulation:
    """What happened: the messages, as a recording would hold them, and nudger's records of them."""

    scenario: Scenario
    settings: Settings
    messages: tuple[Message, ...]
    records: tuple[Record, ...]


def stages() -> tuple[str, ...]:
    """Return the ids of all stages, lowest first."""
    return tuple(stage.id for stage in load_ladder().stages)


def simulate(scenario: Scenario) -> Simulation:
    """Invent the working days of the scenario and run nudger on them."""
    settings = _settings(scenario)
    length = timedelta(hours=scenario.hours)
    office = Office(Replay(settings), PERSON, frozenset(_SIGNALS[scenario.sensors]), scenario.follow, scenario.seed)
    day = FIRST_DAY
    for _ in range(scenario.days):
        office.plan_day(day + STARTS, length)
        day += timedelta(days=3 if day.weekday() == 4 else 1)
    records = office.run()
    return Simulation(scenario, settings, tuple(office.messages), tuple(records))


def _settings(scenario: Scenario) -> Settings:
    """Return the config that the person of the scenario would have."""
    signals = _SIGNALS[scenario.sensors]
    start_min = round(STARTS.total_seconds() / 60)
    office_hours = Span(start_min, start_min + round(60 * scenario.hours))
    you = Person(
        id=PERSON,
        name="You",
        language=scenario.language,
        stage=scenario.stage,
        # without sensors, nothing but the clock says when there is work
        hours=None if signals else ((office_hours,),) * 5 + ((), ()),
        window=None,
        snooze=timedelta(minutes=5),
        budget=None,
        standing_limit=timedelta(minutes=40),
        office=False,
        floor_space=True,
        contraindications=frozenset(),
        signals=tuple(
            SignalOptions(name=name, kind=kind, state_topic=f"desk/{name}") for name, kind in signals.items()
        ),
        outputs=(),
    )
    return Settings(
        path=None,
        zone=UTC,
        language=scenario.language,
        mqtt=None,
        people={PERSON: you},
        log_level="info",
        backups_keep=0,
        history_days=0,
    )
