"""The options of the config file, their defaults and their limits.

Sources and outputs own the models of their options; `config_model` puts them in their places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, create_model, field_validator, model_validator

from nudger.config.fields import NO_SWITCH, Duration, Options, PersonId, between
from nudger.config.holidays import Holiday
from nudger.config.hours import ActiveHours, TimeOfDay
from nudger.config.mqtt_options import MqttOptions
from nudger.config.zone import parse_zone
from nudger.core.words import ZERO

ONLY_PERSON: Final = "me"
"""Id of the one person where the config names none."""

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True, eq=False)  # each is itself alone, so that its model can be kept
class Vocabulary:
    """What a config may speak of, besides the options here.

    ``outputs`` are the options models of the outputs by their ``type``, ``signals`` those of signals by their
    ``source``. The first of ``signals``, of ``languages`` and of ``stages`` (lowest first) is the default.
    """

    outputs: Mapping[str, type[BaseModel]]
    signals: Mapping[str, type[BaseModel]]
    languages: tuple[str, ...]
    stages: tuple[str, ...]
    contraindications: tuple[str, ...]


class WindowOptions(Options):
    """When in a sitting bout a prompt comes: at the first natural pause after soft, at the latest at hard."""

    soft: Annotated[Duration, between(timedelta(minutes=5), timedelta(hours=2))]
    """No prompt before this much sitting."""
    hard: Annotated[Duration, between(timedelta(minutes=5), timedelta(hours=2))]
    """No prompt later than after this much sitting, unless something holds it."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.soft > self.hard:
            raise ValueError("soft must not be longer than hard")
        return self


class CheckinOptions(Options):
    """The two daily questions about the back."""

    ask: bool | None = None
    """Whether to ask for the scores. Default: from the first score or the intake on."""
    morning: TimeOfDay | None = None
    """When to ask in the morning. Default: once you are at the desk, from the beginning of the active hours on."""
    evening: TimeOfDay | None = None
    """When to ask in the evening. Default: half an hour before the active hours end."""


class PersonOptions(Options):
    """One person, with own signals, stage, outputs and history."""

    name: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """How the person is called. Default: the id."""
    language: str | None = None
    """Language of prompts and texts. Default: the one above."""
    stage: str
    """Recovery stage to start in. Once it has moved, the stored stage counts, and `nudger check` says so."""
    active_hours: ActiveHours | None = None
    """When prompts may come; hours may pass midnight. Default: always."""
    holidays: Annotated[tuple[Holiday, ...], Field(max_length=100)] = ()
    """Days off, on which nothing comes and nothing is asked: dates, or the first and the last of some in a row."""
    window: WindowOptions | None = None
    """Own bounds for the next prompt. Default: those of the stage."""
    snooze: Annotated[Duration, between(timedelta(minutes=1), timedelta(minutes=15))] = timedelta(minutes=5)
    """How long a prompt can be put off, once."""
    pre_notice: Annotated[Duration, between(ZERO, timedelta(minutes=2))] = ZERO
    """How long before a prompt that waited for a pause in vain a heads-up comes. Default: none."""
    typing_grace: Annotated[Duration, between(ZERO, timedelta(minutes=2))] = ZERO
    """How long a prompt that is due still waits for busy hands to pause. Default: not at all."""
    budget: Annotated[int, Field(ge=1, le=200), NO_SWITCH] | None = None
    """Most prompts a day. Default: no limit."""
    standing_limit: Annotated[Duration, between(timedelta(minutes=10), timedelta(hours=3))] = timedelta(minutes=40)
    """After standing at the desk this long, a change of posture is suggested."""
    office: bool = False
    """Only movements that draw no attention."""
    floor_space: bool = True
    """Whether there is room to lie on the floor."""
    contraindications: tuple[str, ...] = ()
    """What movements must spare; prompts that do not go with it are left out."""
    checkins: CheckinOptions = CheckinOptions()
    """The two daily questions about the back."""
    plan_at: Annotated[tuple[TimeOfDay, ...], Field(max_length=2)] = (timedelta(hours=9, minutes=30),)
    """When to speak of the day's walk or run, twice a day at most. An empty list is never."""
    publish_health: bool | None = None
    """Whether stage, pain, flare, lock and offers go out over MQTT. Default: as you answered; no until you did."""
    signals: tuple[BaseModel, ...] = ()
    """What shows that the person is there and sits. Without any, a simple timer is used."""
    outputs: tuple[BaseModel, ...] = ()
    """Where prompts appear."""


class HistoryOptions(Options):
    """What is remembered."""

    keep_days: Annotated[int, Field(ge=31, le=3660), NO_SWITCH] = 400
    """Days for which the record of each single event is kept; bouts, prompts and check-ins are kept for good."""


class BackupOptions(Options):
    """Daily copies of the database."""

    keep: Annotated[int, Field(ge=0, le=365), NO_SWITCH] = 7
    """How many of the last days to keep; 0 makes none."""


def _check_zone(name: str) -> str:
    return parse_zone(name).key


class ConfigOptions(Options):
    """Configuration of nudger."""

    time_zone: Annotated[str, AfterValidator(_check_zone)] | None = None
    """Zone of active hours and calendar days, such as Europe/Berlin. Default: the one this computer is set to."""
    language: str
    """Language of prompts and texts, unless a person has another one."""
    log_level: Literal["error", "warning", "info", "debug"] = "info"
    """How much is logged."""
    mqtt: MqttOptions | None = None
    """The MQTT broker. Default: none, so no MQTT signals, no Home Assistant, no lamps."""
    history: HistoryOptions = HistoryOptions()
    """What is remembered."""
    backups: BackupOptions = BackupOptions()
    """Daily copies of the database."""
    people: Mapping[PersonId, PersonOptions]
    """The persons, by the id that stands in their topics (a-z, 0-9, _ and -). Default: one, me."""

    @field_validator("people", mode="before")
    @classmethod
    def _id_alone_is_a_person(cls, people: Any) -> Any:
        if not isinstance(people, dict):
            return people
        return {person: {} if options is None else options for person, options in people.items()}


@cache  # a class is rubbish that is cleared away late: made anew, each reload would take 0.1 MB
def config_model(vocabulary: Vocabulary) -> type[ConfigOptions]:
    """Return the model of the whole config, in which only the words of the vocabulary are right."""
    language, stage = Literal[vocabulary.languages], Literal[vocabulary.stages]
    person = _narrowed(
        PersonOptions,
        language=(language | None, None),
        stage=(stage, vocabulary.stages[0]),
        contraindications=(_tuple_of(Literal[vocabulary.contraindications]), ()),
        signals=(_tuple_of(_from_a_source(vocabulary.signals)), ()),
        outputs=(_tuple_of(_one_of(vocabulary.outputs, "type")), ()),
    )
    people: Any = dict[PersonId, person]  # type: ignore[valid-type]
    return _narrowed(
        ConfigOptions,
        language=(language, vocabulary.languages[0]),
        people=(Annotated[people, Field(min_length=1)], {ONLY_PERSON: person.model_validate({})}),
    )


def _one_of(kinds: Mapping[str, type[BaseModel]], discriminator: str) -> Any:
    models = tuple(kinds.values())
    return Annotated[reduce(or_, models), Field(discriminator=discriminator)] if len(models) > 1 else models[0]


def _from_a_source(signals: Mapping[str, type[BaseModel]]) -> Any:
    usual = next(iter(signals))

    def fill_in(signal: Any) -> Any:
        is_silent = isinstance(signal, dict) and signal.get("source") is None
        return {**signal, "source": usual} if is_silent else signal

    return Annotated[_one_of(signals, "source"), BeforeValidator(fill_in)]


def _tuple_of(item: Any) -> Any:
    return tuple[item, ...]


def _narrowed(model: type[_Model], **fields: tuple[Any, object]) -> type[_Model]:
    """Return a subclass whose fields have these types and defaults."""
    overrides: dict[str, Any] = fields
    return create_model(model.__name__, __base__=model, __doc__=model.__doc__, **overrides)
