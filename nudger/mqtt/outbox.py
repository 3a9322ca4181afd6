"""Messages on their way out: kept while the broker is away, bounded, and sent again where that makes sense.

Retained messages are what the broker should hold. The newest of each topic is kept for as long as the program runs and
sent on every new link, so a broker that came back empty knows all again. Other messages tell of a moment: they wait for
a link for a minute at most, those with QoS 1 until the broker has acknowledged them.

A link that dies right after something was sent on it makes that message a suspect (see `Outbox.lost`). Suspects are
sent again one at a time, each alone; the one that kills the link `MAX_DEATHS` times is poison and is sent no more.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from nudger.mqtt.guard import Guard

MAX_RETAINED = 1000
"""Topics whose newest retained message is remembered; beyond, the one published longest ago is forgotten."""

MAX_PASSING = 100
"""Messages that are not retained, waiting for a link; beyond, the oldest is dropped."""

MAX_AGE_S = 60.0
"""A waiting message that is not retained is dropped when older: a prompt that comes late is noise."""

MAX_DEATHS = 3
"""Links that died within a moment of sending a message, until it is taken for poison."""

REPRIEVE_S = 600.0
"""Retained poison is tried once more on the first link after this: a line that broke all the time may be to blame."""


@dataclass(slots=True, eq=False)
class Outgoing:
    """One message, and what became of it. ``qos`` is raised to 1 where an answer is needed."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    born: float
    sent: float = 0.0
    deaths: int = 0


class Outbox:
    """Decides what is sent next. It knows no socket: `next`, then `sent`, then `answered` or `lost`."""

    def __init__(self, clock: Callable[[], float], guard: Guard, poison_s: float) -> None:
        """``clock`` gives seconds that count suspend; a link lost within ``poison_s`` of sending makes suspects."""
        self.dropped = 0
        self._clock = clock
        self._guard = guard
        self._poison_s = poison_s
        self._retained: dict[str, Outgoing] = {}
        self._due: dict[str, Outgoing] = {}
        """Retained messages still to be sent on this link."""
        self._passing: deque[Outgoing] = deque()
        self._suspects: deque[Outgoing] = deque()
        self._unanswered: dict[int, Outgoing] = {}
        """QoS 1, by packet id."""
        self._unproven: deque[Outgoing] = deque(maxlen=MAX_PASSING)
        """QoS 0, sent since the broker last acknowledged something."""
        self._on_trial: Outgoing | None = None

    @property
    def is_empty(self) -> bool:
        """Whether all is sent, and acknowledged as far as it will be."""
        return not (self._due or self._passing or self._suspects or self._unanswered)

    def put(self, topic: str, payload: bytes, qos: int, *, retain: bool) -> None:
        """Take in a message. A retained one replaces its predecessor on the topic, also one that waits."""
        message = Outgoing(topic, payload, qos, retain, self._clock())
        if not retain:
            self._passing.append(message)
            if len(self._passing) > MAX_PASSING:
                self._make_room()
            return
        predecessor = self._retained.pop(topic, None)
        self._retained[topic] = message
        self._due.pop(topic, None)
        if predecessor is not None and predecessor.deaths:
            # The suspicion stays with the topic, but a new payload gets at least one chance.
            message.deaths = min(predecessor.deaths, MAX_DEATHS - 1)
            self._suspects = deque(each for each in self._suspects if each is not predecessor)
            self._suspects.append(message)
        else:
            self._due[topic] = message
        if len(self._retained) > MAX_RETAINED:
            oldest = self._retained.pop(next(iter(self._retained)))
            self._due.pop(oldest.topic, None)
            self._drop(oldest, f"more than {MAX_RETAINED} topics hold retained messages")

    def next(self, window: int) -> Outgoing | None:
        """The message to send now, or None. With ``window`` messages unacknowledged, QoS 1 waits and QoS 0 passes it.

        Acknowledgements wait behind a flood that comes in; a lamp or a state must not wait there with them.
        """
        if self._on_trial is not None:
            return None
        self._drop_late()
        if not self._passing and not self._due:
            return self._next_suspect()
        full = len(self._unanswered) >= window
        # What is retained comes after: it ends with our own status, which is to be the last word.
        waiting = chain(self._passing, self._due.values())
        message = next((each for each in waiting if not (full and (each.qos or self._suspects))), None)
        if message is None:
            return None
        if self._suspects:
            message.qos = 1  # so that its acknowledgement shows that it was not the killer
        if message.retain:
            del self._due[message.topic]
        else:
            self._passing.remove(message)
        return message

    def sent(self, message: Outgoing, packet_id: int) -> None:
        """``message`` went to the broker as ``packet_id``."""
        message.sent = self._clock()
        if message.qos:
            self._unanswered[packet_id] = message
        else:
            self._unproven.append(message)

    def answered(self, packet_id: int) -> Outgoing | None:
        """The broker acknowledged ``packet_id``: it survived that message, and all that were sent before it."""
        message = self._unanswered.pop(packet_id, None)
        if message is None:
            return None
        while self._unproven and self._unproven[0].sent <= message.sent:
            self._unproven.popleft()
        message.deaths = 0
        if self._on_trial is message:
            self._on_trial = None
        return message

    def refuse(self, message: Outgoing, why: str) -> None:
        """``message`` will never be taken by this broker."""
        if self._on_trial is message:
            self._on_trial = None
        self._drop(message, why)

    def lost(self, *, by_them: bool) -> bool:
        """The link is over: all that is retained is due again, and unacknowledged QoS 1.

        If the other side ended it (``by_them``), what it had just been sent may be why. Says if there are suspects.
        """
        unsure = [*self._unproven, *self._unanswered.values()]
        blamed = [each for each in unsure if by_them and self._clock() - each.sent <= self._poison_s]
        for message in blamed:
            message.deaths += 1
            if message.deaths >= MAX_DEATHS:
                self._drop(message, f"the broker closed the connection {MAX_DEATHS} times when it was sent")
        for message in self._retained.values():
            if message.deaths >= MAX_DEATHS and self._clock() - message.sent > REPRIEVE_S:
                message.deaths = MAX_DEATHS - 1
        again = [each for each in self._unanswered.values() if not each.retain]
        self._passing.extendleft(each for each in reversed(again) if not each.deaths)
        self._due = {topic: each for topic, each in self._retained.items() if not each.deaths}
        suspects = [each for each in (*self._suspects, *again) if not each.retain]
        suspects += self._retained.values()
        # The likeliest killer comes last, so that the others get through before it.
        self._suspects = deque(
            sorted((each for each in suspects if 0 < each.deaths < MAX_DEATHS), key=lambda each: each.deaths)
        )
        self._unproven.clear()
        self._unanswered.clear()
        self._on_trial = None
        return bool(blamed)

    def _make_room(self) -> None:
        """Drop the oldest message of the topic on which most wait: one that flaps must not cost others theirs."""
        waiting = Counter(each.topic for each in self._passing)
        [(crowded, _)] = waiting.most_common(1)
        oldest = next(each for each in self._passing if each.topic == crowded)
        self._passing.remove(oldest)
        self._drop(oldest, f"more than {MAX_PASSING} messages wait for the broker")

    def _next_suspect(self) -> Outgoing | None:
        if self._unanswered or not self._suspects:
            return None
        self._on_trial = self._suspects.popleft()
        self._on_trial.qos = 1
        return self._on_trial

    def _drop_late(self) -> None:
        oldest = self._clock() - MAX_AGE_S
        for queue in (self._passing, self._suspects):
            while queue and not queue[0].retain and queue[0].born < oldest:
                self._drop(queue.popleft(), f"it waited for the broker for more than {MAX_AGE_S:.0f} s")

    def _drop(self, message: Outgoing, why: str) -> None:
        self.dropped += 1
        # Access rules and absent brokers do not hit one topic alone: one line is enough for all that begin alike.
        branch = message.topic.partition("/")[0]
        self._guard.complain(f"outbox {why} {branch}", f"a message on {message.topic!r} is dropped: {why}")
