"""Signals over MQTT: which topic belongs to whom, and what its payloads mean.

Also keeps what a person wants to know about a signal while setting it up: what it said last, when, and what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from nudger.core.events import AvailabilityChanged, SignalChanged
from nudger.payload import sample_of
from nudger.sources.complaints import Complaints
from nudger.sources.decoder import Decoder, Undecodable
from nudger.sources.signal import SignalOptions

Heard = tuple[str, SignalChanged | AvailabilityChanged]
"""A person's id and what one of their signals said."""


@dataclass(slots=True)
class Line:
    """What is known about one signal's line, for the person who sets it up."""

    person: str
    options: SignalOptions
    decoder: Decoder
    count: int = 0
    undecodable: int = 0
    heard: datetime | None = None
    payload: bytes | None = None
    trouble: str | None = None

    @property
    def where(self) -> str:
        """Where its messages come from."""
        return self.options.state_topic

    @property
    def sample(self) -> str | None:
        """The beginning of the last payload, printable."""
        return None if self.payload is None else sample_of(self.payload)


class MqttSignals:
    """All signals of all persons, by topic. One message may serve several of them."""

    def __init__(self, signals: Sequence[tuple[str, SignalOptions]], zone: tzinfo = UTC) -> None:
        """Take each signal with the id of its person. ``zone`` is that of timestamps which name none."""
        self.lines = [Line(person, options, Decoder(options, zone)) for person, options in signals]
        self._complaints = Complaints()
        self._by_topic: dict[str, list[Line]] = {}
        self._by_availability: dict[str, list[Line]] = {}
        for line in self.lines:
            self._by_topic.setdefault(line.options.state_topic, []).append(line)
            if line.options.availability_topic is not None:
                self._by_availability.setdefault(line.options.availability_topic, []).append(line)

    @property
    def undecodable(self) -> int:
        """How many payloads could not be understood."""
        return sum(line.undecodable for line in self.lines)

    def subscriptions(self) -> Mapping[str, int]:
        """Return the topics to subscribe to, with their QoS."""
        topics: dict[str, int] = {}
        for line in self.lines:
            for topic, qos in line.options.subscriptions().items():
                topics[topic] = max(topics.get(topic, 0), qos)
        return topics

    def receive(self, topic: str, payload: bytes, now: datetime, *, retained: bool) -> Iterator[Heard | str]:
        """Yield what the message says to each signal that listens on its topic, or a line to log."""
        for line in self._by_topic.get(topic, ()):
            line.count += 1
            line.heard = now
            line.payload = payload
            said = line.decoder.decode(payload, now, retained=retained)
            if isinstance(said, Undecodable):
                yield from self._complain(line, topic, said, now)
            elif said is not None:
                line.trouble = None
                yield line.person, said
        for line in self._by_availability.get(topic, ()):
            change = line.decoder.decode_availability(payload)
            if isinstance(change, Undecodable):
                yield from self._complain(line, topic, change, now)
            elif change is not None:
                yield line.person, change

    def _complain(self, line: Line, topic: str, what: Undecodable, now: datetime) -> Iterator[str]:
        line.undecodable += 1
        line.trouble = f"ignored {what.sample!r}: it {what.reason}"
        said = self._complaints.add(f"{line.person}/{line.options.name}", topic, what, now)
        if said is not None:
            yield said
