"""One fault must not become many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mqtt_rig import Clock

from nudger.mqtt.guard import Guard

if TYPE_CHECKING:
    import pytest


def test_a_complaint_is_repeated_after_a_while_and_not_before(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    guard = Guard(clock, 600)
    for _ in range(3):
        guard.complain("key", "text")
        clock.now += 299
    assert len(caplog.messages) == 1
    clock.now += 4
    guard.complain("key", "text")
    for number in range(2000):
        guard.complain(str(number), "text")
    assert len(caplog.messages) == 2002
    assert len(guard._said) == 500
