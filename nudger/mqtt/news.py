"""What a link has to tell: the broker's answer, the traffic, and its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Accepted:
    """The broker took us in. Its limits: bytes of a packet, and unacknowledged QoS 1 messages; None is its silence."""

    max_packet: int | None
    receive_max: int | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The broker did not take us in: an MQTT 5 reason code (of 3.1.1 translated), and its name."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The link is over. ``code`` is the MQTT 5 reason code, if the broker gave one.

    ``by``: the ``broker`` closed it in an orderly way, as networks do not; it was ``reset``; or ``us``, who gave it up.
    """

    reason: str
    by: Literal["broker", "reset", "us"]
    code: int | None = None


class LinkOwner(Protocol):
    """What a link tells of the traffic on it."""

    def arrived(self, topic: str, payload: bytes, retained: bool) -> None:
        """A message came; to be kept, and handled in `paused`."""

    def arrived_unreadable(self, topic: bytes) -> None:
        """A message came on a topic that is not UTF-8."""

    def paused(self) -> None:
        """Nothing more to read or write just now: the time to handle and to send."""

    def acknowledged(self, packet_id: int, refusal: str | None) -> None:
        """A published message was taken, or refused with a reason."""

    def subscribed(self, packet_id: int, refusals: list[str | None]) -> None:
        """The answer for each filter of a subscription: granted, or refused with a reason."""
