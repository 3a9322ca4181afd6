"""The options of a signal: faults at their place, and defaults."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from signal_rig import MINUTE, options

from nudger.core.words import Kind, TrustRetained


@pytest.mark.parametrize(
    ("given_options", "place", "says"),
    [
        ({"kind": "seat", "hold": 60}, "hold", "kind motion and activity only"),
        ({"kind": "motion", "hold": 0}, "hold", "must be longer than 0"),
        ({"above": 3, "payload_on": "ON"}, "above", "leave payload_on and payload_off out"),
        ({"below": 3, "payload_off": "OFF"}, "below", "leave payload_on and payload_off out"),
        ({"above": 3, "below": 3}, "below", "must be more than above"),
        ({"hysteresis": 1}, "hysteresis", "needs above or below"),
        ({"above": 1, "below": 3, "hysteresis": 1}, "hysteresis", "less than half the distance"),
        ({"above": 1, "hysteresis": -1}, "hysteresis", "greater than or equal to 0"),
        ({"idle_seconds": True}, "idle_seconds", "kind activity only"),
        ({"kind": "activity", "idle_seconds": True, "above": 3}, "idle_seconds", "above and below out"),
        ({"kind": "activity", "idle_seconds": True, "payload_on": 1}, "idle_seconds", "leave payload_on"),
        ({"payload_on": "x", "payload_off": "x"}, "payload_off", "must differ from payload_on"),
        ({"payload_available": "up", "payload_not_available": "Up"}, "payload_not_available", "must differ"),
        ({"kind": "chair"}, "kind", "'seat', 'presence', 'motion'"),
        ({"qos": 3}, "qos", "0, 1 or 2"),
        ({"state_topic": "a/+"}, "state_topic", "without the wildcards"),
        ({"name": "a\nb"}, "name", "control characters"),
        ({"kind": "motion", "delay_on": 5}, "delay_on", "kind seat, presence and standing only"),
        ({"off_delay": 60, "delay_off": 5}, "delay_off", "leave off_delay out"),
        ({"delay_off": 0}, "delay_off", "must be longer than 0"),
        ({"expire_after": 0}, "expire_after", "must be longer than 0"),
        ({"trust_retained": "always"}, "trust_retained", "'never', 'fresh' or 'state'"),
        ({"off_delya": 3}, "off_delya", "not permitted"),
    ],
)
def test_faults_of_options_are_named_at_their_place(given_options: dict[str, Any], place: str, says: str) -> None:
    with pytest.raises(ValidationError) as fault:
        options(**given_options)
    (error,) = fault.value.errors()
    assert error["loc"] == (place,)
    assert says in error["msg"]


@pytest.mark.parametrize(
    ("given_options", "hold", "expire_after"),
    [
        ({"kind": "seat"}, timedelta(0), None),
        ({"kind": "motion"}, 10 * MINUTE, None),
        ({"kind": "activity"}, 5 * MINUTE, None),
        ({"kind": "motion", "hold": "3 min"}, 3 * MINUTE, None),
        ({"kind": "activity", "idle_seconds": True}, 5 * MINUTE, 5 * MINUTE),
        ({"kind": "activity", "idle_seconds": True, "expire_after": 90}, 5 * MINUTE, 1.5 * MINUTE),
    ],
)
def test_defaults_for_the_core(given_options: dict[str, Any], hold: timedelta, expire_after: timedelta | None) -> None:
    signal = options(**given_options).to_signal()
    assert (signal.name, signal.kind, signal.remote) == ("desk", Kind(given_options["kind"]), True)
    assert (signal.hold, signal.expire_after, signal.off_delay) == (hold, expire_after, None)
    assert (signal.trust_retained, signal.max_age) == (TrustRetained.FRESH, 10 * MINUTE)


def test_delays_for_the_core() -> None:
    assert options().to_signal().delay(True) == options().to_signal().delay(False) == timedelta(0)
    signal = options(delay_on="20 s", delay_off=45).to_signal()
    assert (signal.delay(True), signal.delay(False)) == (timedelta(seconds=20), timedelta(seconds=45))


def test_subscriptions_of_a_signal() -> None:
    given_options = options(state_topic="z2m/desk pad", availability_topic="z2m/desk pad/availability", qos=2)
    assert given_options.subscriptions() == {"z2m/desk pad": 1, "z2m/desk pad/availability": 1}
    assert options(name="x").subscriptions() == {"desk": 0}
