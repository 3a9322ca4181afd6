"""An invented office: one desk, one person, and what they do over the day.

The person arrives, types in bursts, fidgets, gets up now and then, has calls and a lunch, and follows some of nudger's
prompts. The loop is closed: what nudger shows changes what happens next. The lengths are plausible rather than
measured, except that a quarter of the rises last less than a minute, as they do in real posture recordings.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from random import Random
from typing import Final

from nudger.recording import Message
from nudger.replay import Replay
from nudger.views.records import Record

WALKS_OFF: Final = timedelta(seconds=60)
"""Who is up for less stays beside the chair, where room sensors still see them."""


class Office:
    """The things to come, in order of time.

    A spell is a stretch of sitting or of being up; what was planned for one does not happen in the next.
    """

    def __init__(self, replay: Replay, person: str, sensors: Collection[str], follow: float, seed: int) -> None:
        """``sensors`` are those that send messages; ``follow`` is the share of prompts that the person follows."""
        self.messages: list[Message] = []
        self._replay = replay
        self._person = person
        self._sensors = sensors
        self._share_followed = follow
        self._seed = seed
        self._rng = Random(seed)  # noqa: S311  (no secret hangs on it, and it has to repeat itself)
        self._records: list[Record] = []
        self._queue: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()
        self._now = datetime(1970, 1, 1, tzinfo=UTC)
        self._days = self._spell = 0
        self._seated = False
        self._call_until = self._now
        self._last_prompt = ""

    def plan_day(self, start: datetime, length: timedelta) -> None:
        """Put the fixed points of a day in the queue. They do not depend on what nudger does."""
        self._days += 1
        rng = Random(f"{self._seed} {start:%Y-%m-%d}")  # noqa: S311  (as above)
        arrival = start + _minutes(rng.uniform(0, 20) if self._sensors else 0)
        end = start + length
        lunch = start.replace(hour=12, minute=0) + _minutes(rng.uniform(0, 45))
        self._at(arrival, self._arrive)
        self._at(end, self._go_home)
        if lunch < end - _minutes(60):
            self._at(lunch, partial(self._leave, _minutes(rng.uniform(25, 45))))
        for _ in range(int(length / _minutes(180))):
            at = arrival + _minutes(rng.uniform(0.1, 0.85) * (length / _minutes(1)))
            self._at(at, partial(self._take_call, _minutes(rng.uniform(20, 50))))

    def run(self) -> list[Record]:
        """Let happen what was planned and what follows from it, and return nudger's records."""
        while self._days:
            due = self._replay.next_deadline()
            if due is not None and due < self._queue[0][0]:
                self._now = due
                self._react(self._replay.advance(due))
            else:
                self._now, _, happen = heapq.heappop(self._queue)
                happen()
        self._records += self._replay.close()
        return self._records

    # --- The person --------------------------------------------------------------------------------------------------

    def _react(self, records: Iterable[Record]) -> None:
        """Read what nudger shows, and make up one's mind about each new prompt."""
        for record in records:
            self._records.append(record)
            if record["type"] == "prompt" and record["id"] != self._last_prompt:
                self._last_prompt = record["id"]
                if self._rng.random() < self._share_followed:
                    self._soon(self._rng.uniform(15, 150), self._follow)

    def _follow(self) -> None:
        if self._sensors:
            self._rise(self._rng.uniform(80, 240))
        else:  # nobody sees it unless it is said
            self._send(f"nudger/{self._person}/set/done", "")

    def _arrive(self) -> None:
        self._send("desk/door", "opened")  # no signal of nudger's; it opens and ends the recording
        self._sit()

    def _sit(self) -> None:
        self._spell += 1
        self._seated = True
        self._show("lock", on=False)
        for sensor in ("mmwave", "pir", "chair"):
            self._show(sensor, on=True)
        self._soon(self._rng.uniform(20, 40), self._keep_still)
        self._soon(self._rng.uniform(5, 20), self._type)
        self._soon(self._rng.uniform(300, 1200), self._fidget)
        self._soon(60 * min(120, self._rng.lognormvariate(math.log(45), 0.6)), self._get_restless)

    def _get_restless(self) -> None:
        self._rise(self._rng.uniform(20, 55) if self._rng.random() < 0.25 else self._rng.uniform(90, 480))

    def _rise(self, seconds: float) -> None:
        if self._is_busy(self._get_restless) or not self._seated:
            return
        self._get_up()
        if seconds > WALKS_OFF.total_seconds():
            self._soon(12, self._walk_off)
        self._soon(seconds, self._sit)

    def _leave(self, length: timedelta) -> None:
        if self._is_busy(partial(self._leave, length)):
            return
        self._get_up()
        self._walk_off()
        self._soon(length.total_seconds(), self._sit)

    def _go_home(self) -> None:
        self._show("meeting", on=False)
        self._get_up()
        self._walk_off()
        self._soon(300, self._close_up)

    def _close_up(self) -> None:
        self._send("desk/door", "closed")
        self._days -= 1

    def _get_up(self) -> None:
        self._spell += 1
        self._seated = False
        self._show("keyboard", on=False)
        self._show("chair", on=False)

    def _walk_off(self) -> None:
        self._show("pir", on=False)
        self._show("mmwave", on=False)
        self._show("lock", on=True)

    # --- In the chair ------------------------------------------------------------------------------------------------

    def _type(self) -> None:
        if self._is_busy(self._type):
            return
        self._show("keyboard", on=True)
        self._soon(self._rng.uniform(20, 180), self._stop_typing)

    def _stop_typing(self) -> None:
        self._show("keyboard", on=False)
        self._soon(self._rng.uniform(8, 75), self._type)

    def _keep_still(self) -> None:
        """A motion sensor sees nothing of somebody who keeps still, for up to eight minutes (UCI 864)."""
        self._show("pir", on=False)
        self._soon(min(480, self._rng.expovariate(1 / 100)), self._move)

    def _move(self) -> None:
        self._show("pir", on=True)
        self._soon(30, self._keep_still)

    def _fidget(self) -> None:
        self._show("chair", on=False)
        self._soon(self._rng.uniform(2, 8), self._settle)

    def _settle(self) -> None:
        self._show("chair", on=True)
        self._soon(self._rng.uniform(300, 1200), self._fidget)

    def _take_call(self, length: timedelta) -> None:
        if not self._seated or self._now < self._call_until:
            return
        self._call_until = self._now + length
        self._show("keyboard", on=False)
        self._show("meeting", on=True)
        self._at(self._call_until, partial(self._show, "meeting", on=False))

    def _is_busy(self, later: Callable[[], None]) -> bool:
        """In a call one stays and listens; what one was about to do then waits for its end."""
        if self._now >= self._call_until:
            return False
        self._soon((self._call_until - self._now).total_seconds() + self._rng.uniform(20, 60), later)
        return True

    # --- Time and messages -------------------------------------------------------------------------------------------

    def _at(self, when: datetime, happen: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (when, next(self._order), happen))

    def _soon(self, seconds: float, happen: Callable[[], None]) -> None:
        """Plan something for this spell."""
        spell = self._spell
        wait = timedelta(seconds=round(seconds, 1))
        self._at(self._now + wait, lambda: happen() if spell == self._spell else None)

    def _show(self, sensor: str, *, on: bool) -> None:
        if sensor in self._sensors:
            self._send(f"desk/{sensor}", "ON" if on else "OFF")

    def _send(self, topic: str, payload: str) -> None:
        message = Message(len(self.messages) + 1, self._now, topic, payload.encode(), retained=False)
        self.messages.append(message)
        self._react(self._replay.take(message))


def _minutes(number: float) -> timedelta:
    return timedelta(seconds=round(60 * number))
