"""Everybody's State, and one heap of deadlines: event -> decide -> one transaction -> effects.

Commit, then act: a crash may lose a nudge in flight, it never repeats one.
"""

from __future__ import annotations

import heapq
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Final, Protocol

from nudger.core import engine
from nudger.core.effects import Effect, Refuse
from nudger.core.events import Event, Removed, Started, Ticked
from nudger.core.policy import Policy
from nudger.core.state import State

SUPERSEDED: Final = 100
"""Deadlines in the heap that no longer count, beyond one for each person, before they are swept out: a sensor that
never rests would otherwise leave one behind with every message, for hours."""


class Commits(Protocol):
    """What is asked of the store: to keep what was decided before anybody acts on it."""

    def commit(
        self, now: datetime, changes: Sequence[tuple[str, State, Sequence[Effect]]], *, durable: bool = False
    ) -> bool:
        """Write the changes in one transaction; ``durable`` must survive a power cut."""


Act = Callable[[str, State, Sequence[Effect]], None]


class People:
    """All persons of one daemon. The cost of an event does not grow with their number."""

    def __init__(self, store: Commits, act: Act) -> None:
        """``act`` is called after each decision that was committed, with the effects in their order."""
        self._store = store
        self._act = act
        self._policies: dict[str, Policy] = {}
        self._states: dict[str, State] = {}
        self._due: dict[str, datetime] = {}
        self._heap: list[tuple[datetime, int, str]] = []
        self._order = count()

    def __iter__(self) -> Iterator[str]:
        """Iterate over the ids."""
        return iter(self._states)

    def policy(self, person: str) -> Policy:
        """Return what the person chose; KeyError for a stranger."""
        return self._policies[person]

    def state(self, person: str) -> State:
        """Return what is remembered of the person; KeyError for a stranger."""
        return self._states[person]

    def states(self) -> Mapping[str, State]:
        """Return everybody's State."""
        return self._states

    def add(self, policy: Policy, saved: State | None, now: datetime, events: Sequence[Event] = ()) -> None:
        """Take a person in, as remembered or as new, and let ``events`` (then `Started`) be the first they hear of."""
        known = {stage.id for stage in policy.ladder.stages}
        state = saved or engine.first_state(policy, now, _seed(policy.person, now))
        if state.stage not in known:  # a ladder that has lost a rung
            standing = replace(state.recovery.standing, stage=policy.start_stage)
            state = state.but_health(recovery=replace(state.recovery, standing=standing))
        self._policies[policy.person] = policy
        self._states[policy.person] = state
        for event in (*events, Started()):
            self.handle(policy.person, event, now)

    def replace_policy(self, policy: Policy) -> None:
        """Let the person go by another policy from the next event on."""
        self._policies[policy.person] = policy

    def remove(self, person: str, now: datetime) -> None:
        """End what shows and runs for the person, and forget them here; their history stays."""
        self.handle(person, Removed(), now)
        del self._policies[person], self._states[person], self._due[person]

    def handle(self, person: str, event: Event, now: datetime, *, durable: bool = False) -> Sequence[Effect]:
        """Decide on one event, commit, act, and return the effects.

        A refused command is neither committed nor counted. Raises what the store raises for a ``durable`` commit that
        failed; then nothing has changed.
        """
        before = self._states[person]
        policy = self._policies[person]
        after, effects = engine.decide(policy, before, event, now)
        if after is before:
            return effects
        if not effects or not all(isinstance(effect, Refuse) for effect in effects):
            self._store.commit(now, ((person, after, effects),), durable=durable)
        self._states[person] = after
        try:
            self._act(person, after, effects)  # before anything else: somebody waits for the lamp
        finally:
            self._plan(person, engine.next_wakeup(policy, after, now))
        return effects

    def tick(self, now: datetime) -> int:
        """Let everybody whose deadline has come decide; return how many had one."""
        ticked = 0
        while self._heap and self._heap[0][0] <= now:
            due, _, person = heapq.heappop(self._heap)
            if self._due.get(person) != due:
                continue
            try:
                self.handle(person, Ticked(), now)
            except Exception:
                heapq.heappush(self._heap, (due, next(self._order), person))  # not decided: it is still due
                raise
            ticked += 1
        return ticked

    def next_deadline(self) -> datetime | None:
        """Return the earliest instant at which somebody wants a tick."""
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def _plan(self, person: str, due: datetime | None) -> None:
        if due is None:
            self._due.pop(person, None)
        elif self._due.get(person) != due:
            self._due[person] = due
            heapq.heappush(self._heap, (due, next(self._order), person))
            if len(self._heap) > 2 * len(self._due) + SUPERSEDED:
                self._heap = [(due, next(self._order), person) for person, due in self._due.items()]
                heapq.heapify(self._heap)


def _seed(person: str, now: datetime) -> int:
    """Return a first seed that differs between persons and between installations."""
    return zlib.crc32(f"{person}@{now.isoformat()}".encode())
