"""Everybody's deadlines: in one heap, which neither forgets nor hoards any."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from nudger.core.effects import Effect
from nudger.core.events import SignalChanged
from nudger.core.policy import Policy, Signal
from nudger.core.state import State
from nudger.core.words import Kind
from nudger.library import ORIGINAL, load_ladder, load_language
from nudger.people import SUPERSEDED, People

NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)


class Nowhere:
    """A store that keeps nothing."""

    def commit(
        self, now: datetime, changes: Sequence[tuple[str, State, Sequence[Effect]]], *, durable: bool = False
    ) -> bool:
        del now, changes, durable
        return True


def crowd(count: int) -> tuple[People, list[str]]:
    """Persons p0, p1, ... who sit down at NOW, and the list of whoever decided something since then."""
    acted: list[str] = []
    people = People(Nowhere(), lambda person, _state, _effects: acted.append(person))
    library = load_language(ORIGINAL).prompts
    for number in range(count):
        person = f"p{number}"
        people.add(Policy(person, load_ladder(), library, UTC, (Signal("mat", Kind.SEAT),)), None, NOW)
        people.handle(person, SignalChanged("mat", on=True), NOW)
    acted.clear()
    return people, acted


def test_a_sensor_that_never_rests_leaves_no_trail_of_deadlines() -> None:
    people, _ = crowd(3)

    now = NOW
    for step in range(2000):
        now += timedelta(milliseconds=5)
        people.handle("p0", SignalChanged("mat", on=bool(step % 2)), now)

    assert len(people._heap) <= 2 * 3 + SUPERSEDED


def test_whose_deadline_was_swept_together_still_gets_the_tick() -> None:
    people, acted = crowd(3)
    now = NOW
    for step in range(2001):
        now += timedelta(milliseconds=5)
        people.handle("p0", SignalChanged("mat", on=bool(step % 2)), now)
    acted.clear()

    until = NOW + timedelta(minutes=40)
    while (due := people.next_deadline()) is not None and due <= until:
        people.tick(due)

    assert {"p1", "p2"} <= set(acted)
    assert people.state("p1").prompt is not None
    assert people.state("p0").rest is not None  # who got up last of all is on a break by now


def test_a_deadline_is_kept_although_acting_failed() -> None:
    people, _ = crowd(1)

    def fail(_person: str, _state: State, _effects: Sequence[Effect]) -> None:
        raise RuntimeError("the lamp fell down")

    people._act = fail
    now = NOW + timedelta(minutes=1)
    with pytest.raises(RuntimeError):
        people.handle("p0", SignalChanged("mat", on=False), now)

    due = people.next_deadline()
    assert due is not None
    assert due <= now + timedelta(minutes=1)
