"""The options of an MQTT signal. They reuse the names and the meaning of Home Assistant's MQTT binary sensor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo, WithJsonSchema, field_validator, model_validator

from nudger.config.fields import Duration, Options, Payload, Topic
from nudger.core.policy import DEFAULT_HOLD, Signal
from nudger.core.words import ZERO, Kind, TrustRetained
from nudger.sources.presets import PRESETS, fill_in
from nudger.template import ReaderSource

SETTLING: Final = frozenset({Kind.SEAT, Kind.PRESENCE, Kind.STANDING})
"""Kinds whose on and off both prove something, so that either may be asked to last. Motion and input have `hold`."""

IDLE_EXPIRES: Final = timedelta(minutes=5)
"""A computer reports its idle time every few seconds; when it sleeps or is switched off, it just falls silent."""


def _more_than_nothing(length: timedelta) -> timedelta:
    if not length:
        raise ValueError("must be longer than 0; leave it out to do without")
    return length


def printable_name(name: str) -> str:
    """Return the name of a signal, or raise ValueError where it could not be printed."""
    if not name.isprintable():
        raise ValueError("must not hold control characters")
    return name


def _ask_for_the_name_alone(schema: dict[str, Any]) -> None:
    """Let editors accept a signal whose preset says the rest."""
    schema["required"] = ["name"]


Span = Annotated[Duration, AfterValidator(_more_than_nothing)]


class SignalOptions(Options):
    """One source of evidence for what a person does: a topic, how to read it, and what kind of sensor is behind it."""

    model_config = ConfigDict(json_schema_extra=_ask_for_the_name_alone)

    needs_mqtt: ClassVar[bool] = True

    source: Literal["mqtt"] = "mqtt"
    """Where the signal comes from: mqtt, or desktop for the session nudger itself runs in."""
    name: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(printable_name)]
    """How the signal is called where nudger speaks of it."""
    preset: Annotated[str, WithJsonSchema({"type": "string", "enum": list(PRESETS)})] | None = None
    """A well-known device or program: it fills in kind, topics and how to read them; what is written here as well comes
    first."""
    device: str | None = None
    """For a preset: the device, as it is called in its topics. Default: the name of the signal."""
    part: str | None = None
    """For some presets: the room, entity or switch, as it is called in the topics."""
    base: str | None = None
    """For some presets: what the topics begin with. Default: what is usual."""
    kind: Kind
    """What the sensor is, and so what its on and off prove: a chair pad (seat), mmWave, camera or BLE (presence), a PIR
    (motion), keyboard and mouse (activity), a screen lock (locked), a monitor's plug (power), a raised desk
    (standing), a meeting (call), do-not-disturb (dnd)."""
    state_topic: Topic
    """The MQTT topic on which the sensor reports."""
    value_template: ReaderSource | None = None
    """A template that picks the value out of the payload, such as '{{ value_json.occupancy }}'. It sees value,
    value_json and name; what renders to nothing is ignored. Default: the payload as it is."""
    payload_on: Payload | None = None
    """The value that means on. Default: ON, true, 1, home, occupied, detected, present, in any case."""
    payload_off: Payload | None = None
    """The value that means off. Default: OFF, false, 0, not_home, clear, absent, in any case."""
    above: float | None = None
    """For a sensor that reports a number: on when it is above this."""
    below: float | None = None
    """For a sensor that reports a number: on when it is below this. Together with above: on between the two."""
    hysteresis: Annotated[float, Field(ge=0)] = 0.0
    """How far the number must be past a limit before the state changes."""
    idle_seconds: bool = False
    """The number is the seconds since the last key press or mouse movement."""
    timestamp_template: ReaderSource | None = None
    """A template that picks out when the reading was made, such as '{{ value_json.last_seen }}': Unix time in seconds
    or milliseconds, or ISO 8601 (local time where it names no zone)."""
    off_delay: Span | None = None
    """For sensors that only ever say on: off when no on has come for this long."""
    delay_on: Span | None = None
    """For kind seat, presence and standing: on counts once it has lasted so long, and then from its beginning. For
    sensors that see ghosts. Default: at once."""
    delay_off: Span | None = None
    """The same for off, for sensors that lose a person who sits still. Default: at once."""
    expire_after: Span | None = None
    """Without any message for this long, the signal proves nothing any more. Default: never; 5 min with
    idle_seconds."""
    availability_topic: Topic | None = None
    """The topic on which the device says whether it is there."""
    payload_available: Payload = "online"
    """What the availability topic says when the device is there, in any case."""
    payload_not_available: Payload = "offline"
    """What the availability topic says when the device is gone, in any case."""
    availability_template: ReaderSource | None = None
    """A template that picks the availability out of its payload. Default: the payload, or its key state in JSON."""
    qos: Literal[0, 1, 2] = 0
    """Quality of service of the subscriptions. 2 is taken as 1, which is as good for a state."""
    hold: Span | None = None
    """Silence that means away, for kind motion and activity. Default: motion 10 min, activity 5 min."""
    trust_retained: TrustRetained = TrustRetained.FRESH
    """How far a message that the broker kept counts when nudger connects: never; fresh, when its timestamp is younger
    than max_age; or state, when the value may be believed but not since when."""
    max_age: Duration = timedelta(minutes=10)
    """How old a kept message may be and still count."""

    @model_validator(mode="before")
    @classmethod
    def _go_by_preset(cls, data: Any) -> Any:
        return fill_in(data) if isinstance(data, dict) else data

    @field_validator("payload_off")
    @classmethod
    def _differs_from_on(cls, value: Payload | None, info: ValidationInfo) -> Payload | None:
        on = info.data.get("payload_on")
        if value is not None and on is not None and str(value) == str(on):
            raise ValueError("must differ from payload_on")
        return value

    @field_validator("above", "below")
    @classmethod
    def _number_or_payload(cls, value: float | None, info: ValidationInfo) -> float | None:
        if info.data.get("payload_on") is not None or info.data.get("payload_off") is not None:
            raise ValueError("reads the value as a number: leave payload_on and payload_off out")
        above = info.data.get("above")
        if info.field_name == "below" and value is not None and above is not None and above >= value:
            raise ValueError("must be more than above: the signal is on between the two")
        return value

    @field_validator("hysteresis")
    @classmethod
    def _leaves_room(cls, value: float, info: ValidationInfo) -> float:
        above, below = info.data.get("above"), info.data.get("below")
        if above is None and below is None:
            raise ValueError("needs above or below")
        if above is not None and below is not None and 2 * value >= below - above:
            raise ValueError("must be less than half the distance between above and below")
        return value

    @field_validator("idle_seconds")
    @classmethod
    def _only_idle(cls, value: bool, info: ValidationInfo) -> bool:
        if value and info.data.get("kind") not in {Kind.ACTIVITY, None}:
            raise ValueError("is for kind activity only")
        if value and any(info.data.get(key) is not None for key in ("payload_on", "payload_off", "above", "below")):
            raise ValueError("says how to read the number: leave payload_on, payload_off, above and below out")
        return value

    @field_validator("hold")
    @classmethod
    def _only_where_silence_speaks(cls, value: timedelta | None, info: ValidationInfo) -> timedelta | None:
        if value is not None and info.data.get("kind") not in {*DEFAULT_HOLD, None}:
            raise ValueError("is for kind motion and activity only: the others say themselves when they end")
        return value

    @field_validator("delay_on", "delay_off")
    @classmethod
    def _only_where_both_are_said(cls, value: timedelta | None, info: ValidationInfo) -> timedelta | None:
        if value is not None and info.data.get("kind") not in {*SETTLING, None}:
            raise ValueError("is for kind seat, presence and standing only")
        if value is not None and info.field_name == "delay_off" and info.data.get("off_delay") is not None:
            raise ValueError("is for sensors that say off themselves: leave off_delay out")
        return value

    @field_validator("payload_not_available")
    @classmethod
    def _differs_from_available(cls, value: Payload, info: ValidationInfo) -> Payload:
        if str(value).casefold() == str(info.data.get("payload_available")).casefold():
            raise ValueError("must differ from payload_available")
        return value

    def to_signal(self) -> Signal:
        """Return what the core needs to know of the signal, every default filled in."""
        return Signal(
            name=self.name,
            kind=self.kind,
            hold=self.hold or DEFAULT_HOLD.get(self.kind, ZERO),
            off_delay=self.off_delay,
            delay_on=self.delay_on or ZERO,
            delay_off=self.delay_off or ZERO,
            expire_after=self.expire_after or (IDLE_EXPIRES if self.idle_seconds else None),
            trust_retained=self.trust_retained,
            max_age=self.max_age,
        )

    def subscriptions(self) -> Mapping[str, int]:
        """Return the topics to listen to and their QoS."""
        topics = (self.state_topic, self.availability_topic)
        return {topic: min(self.qos, 1) for topic in topics if topic is not None}
