"""An MQTT message of a signal in, an event for the engine out, or the reason why it cannot be understood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from nudger.core.events import AvailabilityChanged, SignalChanged
from nudger.core.presence import PAUSE
from nudger.core.words import Kind
from nudger.payload import Document, UnreadableError, sample_of
from nudger.sources.reading import OnOff, Threshold, is_unknown, read_instant, read_number
from nudger.template import compile_reader

if TYPE_CHECKING:
    from nudger.sources.signal import SignalOptions
    from nudger.template import Reader

_LONGEST_IDLE: Final = 1e8
"""Seconds, three years: more is no idle time but a counter that broke."""

_MOMENTARY: Final = frozenset({Kind.MOTION, Kind.ACTIVITY})
"""Kinds whose on is a moment (a movement, a key press): the time of the reading is when it was last on."""


@dataclass(frozen=True, slots=True)
class Undecodable:
    """A payload that could not be understood and changed nothing.

    ``reason`` completes "it ..." and is one of a few sentences; ``sample`` is how the payload begins, fit for a log.
    """

    reason: str
    sample: str


class Decoder:
    """Decodes the messages of one signal. It remembers one thing: the last on or off, where there is a hysteresis."""

    def __init__(self, options: SignalOptions, zone: tzinfo = UTC) -> None:
        """``zone`` is that of timestamps which name none."""
        self._name = options.name
        self._zone = zone
        self._text = _compiled(options.value_template)
        self._at = _compiled(options.timestamp_template)
        self._is_idle_time = options.idle_seconds
        self._is_momentary = options.kind in _MOMENTARY
        self._value: OnOff | Threshold = OnOff(options.payload_on, options.payload_off)
        if options.above is not None or options.below is not None:
            self._value = Threshold(options.above, options.below, options.hysteresis)
        self._availability_text = _compiled(options.availability_template)
        self._availability = OnOff(
            str(options.payload_available).casefold(),
            str(options.payload_not_available).casefold(),
            otherwise="is neither payload_available nor payload_not_available",
        )

    def decode(self, payload: bytes, now: datetime, *, retained: bool = False) -> SignalChanged | Undecodable | None:
        """Read one message of the state topic; None when it says nothing about the signal. Never raises."""
        try:
            document = Document(payload, self._name)
            text = self._text(document) if self._text else document.text.strip()
            if not text:
                return None
            at = self._read_at(document, now)
            if self._is_idle_time:
                return self._read_idle(text, at, now, retained=retained)
            on = self._read_value(text)
        except UnreadableError as fault:
            return Undecodable(str(fault), sample_of(payload))
        return SignalChanged(self._name, on, at if on and self._is_momentary else None, at, retained)

    def decode_availability(self, payload: bytes) -> AvailabilityChanged | Undecodable | None:
        """Read one message of the availability topic; None when it says nothing. Never raises."""
        try:
            document = Document(payload, self._name)
            text = self._availability_text(document) if self._availability_text else _state_in(document)
            available = self._availability.read(text.casefold()) if text else None
        except UnreadableError as fault:
            return Undecodable(str(fault), sample_of(payload))
        return None if available is None else AvailabilityChanged(self._name, available)

    def _read_at(self, document: Document, now: datetime) -> datetime | None:
        text = self._at(document) if self._at else ""
        return read_instant(text, now, self._zone) if text else None

    def _read_value(self, text: str) -> bool | None:
        if isinstance(self._value, OnOff):
            return self._value.read(text)
        return None if is_unknown(text) else self._value.read(read_number(text))

    def _read_idle(self, text: str, at: datetime | None, now: datetime, *, retained: bool) -> SignalChanged:
        if is_unknown(text):
            return SignalChanged(self._name, None, None, at, retained)
        idle_s = read_number(text)
        if not 0 <= idle_s <= _LONGEST_IDLE:
            raise UnreadableError("is no idle time in seconds")
        since = (at or now) - timedelta(seconds=idle_s)
        is_dated = at is not None or not retained  # a message kept for an unknown time tells how long, not since when
        return SignalChanged(self._name, now - since < PAUSE, since if is_dated else None, at, retained)


def _compiled(source: str | None) -> Reader | None:
    return None if source is None else compile_reader(source)


def _state_in(document: Document) -> str:
    """The availability as Zigbee2MQTT writes it, ``{"state": "online"}``, or as everybody else does."""
    text = document.text.strip()
    if not text.startswith("{"):
        return text
    value = document.json()
    return str(value.get("state", "")) if isinstance(value, dict) else text
