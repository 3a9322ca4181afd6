"""What waits for the broker, and what is sent again: the rules alone, without a network."""

from __future__ import annotations

import pytest
from mqtt_rig import Clock

from nudger.mqtt.guard import Guard
from nudger.mqtt.outbox import MAX_AGE_S, MAX_DEATHS, MAX_PASSING, MAX_RETAINED, REPRIEVE_S, Outbox

POISON_S = 2.0


class Broker:
    """Takes what the outbox gives, and hangs up when it gets the payload ``deadly``."""

    def __init__(self, outbox: Outbox, deadly: bytes | None = None) -> None:
        self.outbox = outbox
        self.deadly = deadly
        self.taken: list[bytes] = []
        self.qos: dict[bytes, int] = {}
        self._packet_id = 0

    def take(self, *, window: int = 20, acknowledge: bool = True) -> bool:
        """Take all that may be sent now. Says whether the link lives on."""
        while message := self.outbox.next(window):
            self._packet_id += 1
            self.outbox.sent(message, self._packet_id)
            if message.payload == self.deadly:
                self.outbox.lost(by_them=True)
                return False
            self.taken.append(message.payload)
            self.qos[message.payload] = message.qos
            if acknowledge:
                self.outbox.answered(self._packet_id)
        return True


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox(clock: Clock) -> Outbox:
    return Outbox(clock, Guard(clock, 600), POISON_S)


@pytest.mark.parametrize("pause_s", [0.0, POISON_S + 1])
def test_the_newest_retained_message_of_a_topic_is_sent_on_every_link(
    outbox: Outbox, clock: Clock, pause_s: float
) -> None:
    for number in range(3):
        outbox.put("state", b"%d" % number, 0, retain=True)
    outbox.put("other", b"x", 0, retain=True)
    first, second = Broker(outbox), Broker(outbox)
    first.take()
    assert first.taken == [b"2", b"x"]
    clock.now += pause_s
    outbox.lost(by_them=True)
    second.take()
    assert second.taken == [b"2", b"x"]
    assert outbox.dropped == 0


def test_a_message_of_a_moment_is_sent_once(outbox: Outbox, clock: Clock) -> None:
    outbox.put("event", b"qos 0", 0, retain=False)
    outbox.put("event", b"qos 1", 1, retain=False)
    broker = Broker(outbox)
    broker.take()
    clock.now += 10
    outbox.lost(by_them=True)
    broker.take()
    assert broker.taken == [b"qos 0", b"qos 1"]


def test_qos_1_is_sent_again_until_it_is_acknowledged(outbox: Outbox, clock: Clock) -> None:
    for number in range(3):
        outbox.put("event", b"%d" % number, 1, retain=False)
    broker = Broker(outbox)
    broker.take(acknowledge=False)
    clock.now += 10
    outbox.lost(by_them=True)
    assert not outbox.is_empty
    broker.take()
    assert broker.taken == [b"0", b"1", b"2"] * 2
    assert outbox.is_empty


def test_only_so_many_are_on_their_way_unacknowledged(outbox: Outbox) -> None:
    for number in range(5):
        outbox.put("event", b"%d" % number, 1, retain=False)
    broker = Broker(outbox)
    broker.take(window=2, acknowledge=False)
    assert broker.taken == [b"0", b"1"]
    outbox.answered(1)
    broker.take(window=2, acknowledge=False)
    assert broker.taken == [b"0", b"1", b"2"]


def test_a_lamp_and_a_state_do_not_wait_for_the_acknowledgements_of_events(outbox: Outbox) -> None:
    for number in range(2):
        outbox.put("event", b"event %d" % number, 1, retain=False)
    outbox.put("lamp", b"amber", 0, retain=False)
    outbox.put("state", b"due", 0, retain=True)
    outbox.put("status", b"online", 1, retain=True)
    broker = Broker(outbox)
    broker.take(window=1, acknowledge=False)
    assert broker.taken == [b"event 0", b"amber", b"due"]
    outbox.answered(1)
    broker.take(window=1)
    assert broker.taken[3:] == [b"event 1", b"online"]


def test_while_a_killer_is_sought_nothing_passes(outbox: Outbox) -> None:
    outbox.put("deadly", b"deadly", 1, retain=False)
    assert not Broker(outbox, deadly=b"deadly").take()
    for number in range(2):
        outbox.put("event", b"event %d" % number, 1, retain=False)
    outbox.put("lamp", b"amber", 0, retain=False)
    broker = Broker(outbox)
    broker.take(window=1, acknowledge=False)
    assert broker.taken == [b"event 0"]


def test_waiting_messages_are_bounded_in_number(outbox: Outbox) -> None:
    for number in range(MAX_PASSING + 5):
        outbox.put("event", b"%d" % number, 1, retain=False)
    for number in range(MAX_RETAINED + 5):
        outbox.put(f"state/{number}", b"s%d" % number, 0, retain=True)
    assert outbox.dropped == 10
    broker = Broker(outbox)
    broker.take()
    assert broker.taken[0] == b"5"
    assert broker.taken[MAX_PASSING] == b"s5"
    assert len(broker.taken) == MAX_PASSING + MAX_RETAINED


def test_who_floods_costs_nobody_else_a_message(outbox: Outbox) -> None:
    outbox.put("lamp", b"red", 1, retain=False)
    for number in range(3 * MAX_PASSING):
        outbox.put("mad/event", b"%d" % number, 1, retain=False)
        outbox.put("mad/lamp", b"colour %d" % number, 1, retain=False)
    outbox.put("event", b"prompt", 1, retain=False)
    broker = Broker(outbox)
    assert broker.take()
    assert len(broker.taken) == MAX_PASSING
    assert {b"red", b"prompt", b"299", b"colour 299"} <= set(broker.taken), "of the flood the newest is kept"
    assert outbox.dropped == 6 * MAX_PASSING + 2 - MAX_PASSING


def test_waiting_messages_are_bounded_in_age_but_state_is_not(outbox: Outbox, clock: Clock) -> None:
    outbox.put("event", b"late", 1, retain=False)
    outbox.put("state", b"state", 0, retain=True)
    clock.now += MAX_AGE_S + 1
    outbox.put("event", b"fresh", 1, retain=False)
    broker = Broker(outbox)
    broker.take()
    assert broker.taken == [b"fresh", b"state"]
    assert outbox.dropped == 1


@pytest.mark.parametrize("retain", [True, False])
def test_poison_is_found_and_the_innocent_get_through(outbox: Outbox, *, retain: bool) -> None:
    for name in (b"a", b"deadly", b"b"):
        outbox.put(name.decode(), name, 1, retain=retain)
    broker = Broker(outbox, b"deadly")
    lived = [broker.take(acknowledge=False), *(broker.take() for _ in range(MAX_DEATHS))]
    assert lived == [False] * MAX_DEATHS + [True]
    assert {b"a", b"b"} <= set(broker.taken)
    assert outbox.dropped == 1
    assert outbox.is_empty


def test_a_suspect_is_sent_alone_and_the_others_with_proof(outbox: Outbox) -> None:
    broker = Broker(outbox, b"deadly")
    outbox.put("state", b"deadly", 0, retain=True)
    assert not broker.take()
    outbox.put("new", b"new", 0, retain=True)
    broker.deadly = None
    assert broker.take(acknowledge=False)
    assert (broker.taken, broker.qos) == ([b"new"], {b"new": 1}), "until that is proven, the suspect waits"
    outbox.answered(2)
    assert broker.take(acknowledge=False)
    assert (broker.taken, broker.qos[b"deadly"]) == ([b"new", b"deadly"], 1)
    outbox.put("later", b"later", 0, retain=True)
    assert broker.take()
    assert broker.taken == [b"new", b"deadly"], "while the suspect is tried, all others wait"
    outbox.answered(3)
    assert broker.take()
    assert broker.taken == [b"new", b"deadly", b"later"]


def test_an_acknowledgement_clears_a_suspect_for_good(outbox: Outbox) -> None:
    outbox.put("state", b"x", 1, retain=True)
    for _ in range(2 * MAX_DEATHS):
        Broker(outbox).take(acknowledge=False)
        assert outbox.lost(by_them=True)
        Broker(outbox).take()
        outbox.lost(by_them=True)
    assert outbox.dropped == 0


def test_poison_of_qos_0_is_found_when_it_is_retained(outbox: Outbox) -> None:
    outbox.put("state", b"deadly", 0, retain=True)
    outbox.put("other", b"x", 0, retain=True)
    broker = Broker(outbox, b"deadly")
    assert [broker.take() for _ in range(MAX_DEATHS + 1)] == [False] * MAX_DEATHS + [True]
    assert broker.taken == [b"x"] * len(broker.taken)
    outbox.put("state", b"smaller", 0, retain=True)
    assert broker.take()
    assert broker.taken[-1] == b"smaller", "a new payload on the same topic gets its chance"


def test_a_topic_that_was_poison_gets_one_chance_a_payload(outbox: Outbox) -> None:
    broker = Broker(outbox, b"deadly")
    outbox.put("state", b"deadly", 0, retain=True)
    while not broker.take():
        pass
    outbox.put("state", b"deadly", 0, retain=True)
    assert not broker.take()
    assert broker.take()


def test_poison_is_tried_again_after_a_while(outbox: Outbox, clock: Clock) -> None:
    broker = Broker(outbox, b"was it really?")
    outbox.put("state", b"was it really?", 0, retain=True)
    while not broker.take():
        pass
    outbox.lost(by_them=True)
    assert broker.take(), "not at once"
    broker.deadly = None
    clock.now += REPRIEVE_S + 1
    outbox.lost(by_them=True)
    assert broker.take()
    assert broker.taken == [b"was it really?"]


def test_an_acknowledgement_clears_what_was_sent_before_it(outbox: Outbox, clock: Clock) -> None:
    outbox.put("state", b"qos 0", 0, retain=True)
    Broker(outbox).take(acknowledge=False)
    clock.now += 0.1
    outbox.put("event", b"qos 1", 1, retain=False)
    Broker(outbox).take()
    assert not outbox.lost(by_them=True), "nobody is suspected"


def test_nobody_is_suspected_when_we_gave_the_link_up(outbox: Outbox) -> None:
    outbox.put("state", b"x", 1, retain=True)
    Broker(outbox).take(acknowledge=False)
    assert not outbox.lost(by_them=False)


def test_who_was_sent_long_before_the_end_is_not_suspected(outbox: Outbox, clock: Clock) -> None:
    outbox.put("state", b"x", 1, retain=True)
    Broker(outbox).take(acknowledge=False)
    clock.now += POISON_S + 0.1
    assert not outbox.lost(by_them=True)


def test_a_refused_message_is_dropped_and_the_next_one_follows(outbox: Outbox) -> None:
    outbox.put("large", b"x", 1, retain=False)
    outbox.put("small", b"y", 1, retain=False)
    message = outbox.next(20)
    assert message
    outbox.refuse(message, "too large")
    broker = Broker(outbox)
    broker.take()
    assert broker.taken == [b"y"]
    assert outbox.dropped == 1
