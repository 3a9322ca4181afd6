"""What the config says, as frozen values, and the policy of a person made from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from nudger.core.policy import LampPolicy, Policy, Questions
from nudger.core.words import ZERO

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Mapping
    from datetime import timedelta, tzinfo

    from pydantic import BaseModel

    from nudger.config.faults import Fault
    from nudger.config.mqtt_options import MqttOptions
    from nudger.core.ladder import Ladder, LibraryPrompt
    from nudger.core.policy import Signal, Span, Window
    from nudger.core.recovery.diary import Spell


class SignalSource(Protocol):
    """The options of a signal, as far as everybody needs to know them; the source that owns them knows the rest."""

    @property
    def name(self) -> str:
        """Unique within the person."""

    def to_signal(self) -> Signal:
        """Return what the core needs to know of it."""


@runtime_checkable
class Lamp(Protocol):
    """The options of an output that is a lamp."""

    def lamp_topic(self) -> str:
        """Return where its commands go, which is what the lamp is known by."""

    def lamp_policy(self) -> LampPolicy:
        """Return how the lamp takes part."""


@runtime_checkable
class MayLack(Protocol):
    """The options of an output that needs something which is not installed everywhere."""

    def lacks(self) -> str | None:
        """Return what has to be installed before it can work, None where nothing is missing."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person, with every default filled in. ``hours`` and ``window`` are None for always and for the stage's."""

    id: str
    name: str
    language: str
    stage: str
    hours: tuple[tuple[Span, ...], ...] | None
    window: Window | None
    snooze: timedelta
    budget: int | None
    standing_limit: timedelta
    office: bool
    floor_space: bool
    contraindications: frozenset[str]
    signals: tuple[SignalSource, ...]
    outputs: tuple[BaseModel, ...]
    questions: Questions = field(default_factory=Questions)
    plan_at: tuple[timedelta, ...] = ()
    holidays: tuple[Spell, ...] = ()
    pre_notice: timedelta = ZERO
    typing_grace: timedelta = ZERO
    publish_health: bool | None = None
    timer: bool = False
    """Whether the signals, if there are any, cannot show that the person sits there: a lock and a call, say."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole config. ``path`` is None when there was none; ``warnings`` are what one should know, but may leave.

    ``travels`` tells that no zone was named, so that ``zone`` is the one this computer is set to, wherever it goes.
    """

    path: pathlib.Path | None
    zone: tzinfo
    language: str
    mqtt: MqttOptions | None
    people: Mapping[str, Person]
    log_level: str
    backups_keep: int
    history_days: int
    warnings: tuple[Fault, ...] = ()
    travels: bool = False


class Words(Protocol):
    """What the program says in the person's language."""

    @property
    def prompts(self) -> tuple[LibraryPrompt, ...]:
        """The library."""

    @property
    def texts(self) -> Mapping[str, str]:
        """The sentences, by key."""


def policy(person: Person, *, ladder: Ladder, words: Words, zone: tzinfo) -> Policy:
    """Return what the engine needs to know about a person."""
    return Policy(
        person=person.id,
        ladder=ladder,
        library=words.prompts,
        zone=zone,
        signals=tuple(signal.to_signal() for signal in person.signals),
        start_stage=person.stage,
        hours=person.hours,
        window=person.window,
        min_break=ladder.min_break,
        snooze=person.snooze,
        budget=person.budget,
        standing_limit=person.standing_limit,
        office=person.office,
        floor_space=person.floor_space,
        contraindications=person.contraindications,
        questions=person.questions,
        publish_health=person.publish_health,
        gentler=words.texts["prompt.gentler"],
        after_call=words.texts["prompt.after_call"],
        holidays=person.holidays,
        pre_notice=person.pre_notice,
        typing_grace=person.typing_grace,
        timer=person.timer,
        lamp=_merged([output.lamp_policy() for output in person.outputs if isinstance(output, Lamp)]),
    )


def _merged(lamps: list[LampPolicy]) -> LampPolicy | None:
    if not lamps:
        return None
    return LampPolicy(
        ambient=any(lamp.ambient for lamp in lamps),
        break_cue=any(lamp.break_cue for lamp in lamps),
        in_call=any(lamp.in_call for lamp in lamps),
    )
