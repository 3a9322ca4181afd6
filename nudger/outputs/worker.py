"""One worker for each channel: in order, within limits, and never in anybody's way.

What is to be delivered waits in slots, not in a queue: a newer prompt takes the place of an older one that was not
delivered, and a prompt that was withdrawn before it was shown is never shown. A channel that is dead or hangs costs its
own worker time, and nobody else anything.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Final

from nudger.outputs.channel import SHELF_LIFE, Channel, ChannelError, Message, unforeseen

log = logging.getLogger(__name__)

_OF_A_BREAK: Final = frozenset({"prompt", "posture", "pre_notice", "enough"})
MOST_WITHDRAWALS: Final = 8
"""Withdrawals that wait for a dead channel; with more, the oldest is given up."""
MOST_SHOWN: Final = 32
"""Messages of which it is remembered that they may show. Only check-ins that nobody answers grow so many: two weeks."""
MOST_REASONS: Final = 20
REPEAT_COMPLAINT_S: Final = 24 * 3600.0
"""The same reason is not logged again for this long."""
MOST_UNSURE: Final = 3
"""Attempts that the person may have noticed, where each of them could ring: then the message is given up."""
FAREWELL_S: Final = 2.0
"""How long closing may take: the whole service has 5 s to stop."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The limits of a worker: of one attempt, and the waits between attempts, of which the last one repeats.

    ``most_unsure`` is how often a message is tried whose attempts the person may have noticed; None is without end.
    """

    limit_s: float = 10.0
    backoff_s: tuple[float, ...] = (2.0, 5.0, 15.0, 60.0)
    most_unsure: int | None = None
    farewell_s: float = FAREWELL_S


@dataclass(frozen=True, slots=True)
class _Show:
    message: Message
    until: float
    has_failed: bool = False
    unsure: int = 0

    @property
    def slot(self) -> str:
        # one slot for all that goes with sitting and standing: of these only the last one counts
        if self.message.kind in _OF_A_BREAK:
            return "prompt"
        # what is told stands by itself: an offer takes no safety message's place
        return f"told {self.message.id}" if self.message.kind == "told" else self.message.kind


@dataclass(frozen=True, slots=True)
class _Withdraw:
    prompt_id: str
    why: str
    until: float

    @property
    def slot(self) -> str:
        return _withdrawal_of(self.prompt_id)


class Worker:
    """Delivers to one channel. `show` and `withdraw` return at once; what becomes of it is the worker's business."""

    def __init__(
        self,
        name: str,
        channel: Channel,
        on_undelivered: Callable[[Message], None],
        timing: Timing = Timing(),
    ) -> None:
        """``name`` stands in log lines; ``on_undelivered`` hears of a message the first time it cannot be delivered."""
        self.name = name
        self.trouble: str | None = None
        self._channel = channel
        self._timing = timing
        self._on_undelivered = on_undelivered
        self._waiting: dict[str, _Show | _Withdraw] = {}
        self._maybe_shown: dict[str, None] = {}
        self._news = asyncio.Event()
        self._failures = 0
        self._fails_at: type[_Show | _Withdraw] | None = None
        self._complained: dict[str, float] = {}
        self._owes_good_news = False
        self._clock = asyncio.get_running_loop().time
        self._task = asyncio.get_running_loop().create_task(self._run(), name=f"output {name}")

    def show(self, message: Message) -> None:
        """Deliver the message as soon as can be, in place of any older one that still waits."""
        show = _Show(message, self._clock() + SHELF_LIFE[message.kind].total_seconds())
        self._waiting.pop(_withdrawal_of(message.id), None)  # it is to show after all
        self._waiting.pop(show.slot, None)
        self._put(show)

    def withdraw(self, prompt_id: str, why: str) -> None:
        """Take the prompt away, if it was shown or may have been."""
        if (show := self._waiting_show(prompt_id)) is not None:
            del self._waiting[show.slot]
        if prompt_id in self._maybe_shown:
            self._put(_Withdraw(prompt_id, why, self._clock() + SHELF_LIFE["prompt"].total_seconds()))
            withdrawals = [order for order in self._waiting.values() if isinstance(order, _Withdraw)]
            for order in withdrawals[:-MOST_WITHDRAWALS]:
                self._give_up(order)

    def remember(self, prompt_id: str) -> None:
        """Take it that this may show, by an earlier run for example, so that it will have to be withdrawn."""
        self._maybe_shown.pop(prompt_id, None)  # the newest stands last
        self._maybe_shown[prompt_id] = None
        if len(self._maybe_shown) > MOST_SHOWN:
            del self._maybe_shown[next(iter(self._maybe_shown))]

    async def close(self) -> None:
        """Take away what shows, the newest first, and give the channel up, within `Timing.farewell_s`.

        What cannot be done in that time is left.
        """
        half_s = self._timing.farewell_s / 2
        self._task.cancel()
        await asyncio.wait((self._task,), timeout=half_s)
        farewell = asyncio.get_running_loop().create_task(self._farewell(), name=f"output {self.name} farewell")
        done, _ = await asyncio.wait((farewell,), timeout=half_s)
        if not done:
            farewell.cancel()
            log.warning("output %s: did not close in time", self.name)

    def _put(self, order: _Show | _Withdraw) -> None:
        self._waiting[order.slot] = order
        self._news.set()

    def _give_up(self, order: _Show | _Withdraw) -> None:
        self._waiting.pop(order.slot, None)
        if isinstance(order, _Withdraw):
            self._maybe_shown.pop(order.prompt_id, None)

    def _waiting_show(self, prompt_id: str) -> _Show | None:
        shows = (order for order in self._waiting.values() if isinstance(order, _Show))
        return next((show for show in shows if show.message.id == prompt_id), None)

    async def _run(self) -> None:
        waits = self._timing.backoff_s
        while True:
            self._news.clear()
            if not self._waiting:
                await self._news.wait()
                continue
            order = next(iter(self._waiting.values()))
            if self._clock() > order.until:
                self._give_up(order)
                continue
            del self._waiting[order.slot]
            failed = await self._deliver(order)
            if failed is None:
                # that nothing had to be done to take a message away does not prove that the next one gets through
                if isinstance(order, _Show) or self._fails_at is _Withdraw:
                    self._failures = 0
                    self._rejoice()
                continue
            self._fails_at = type(order)
            self._complain(failed)
            self._keep(order, failed)
            self._failures += 1
            with contextlib.suppress(TimeoutError):  # what is new need not wait for what has failed
                async with asyncio.timeout(waits[min(self._failures, len(waits)) - 1]):
                    await self._news.wait()

    async def _deliver(self, order: _Show | _Withdraw) -> ChannelError | None:
        """Carry one order out; return what went wrong, None where nothing did."""
        match order:
            case _Show(message=message):
                was_shown = message.id in self._maybe_shown
                self.remember(message.id)  # an attempt that is cut off may have got through all the same
                failed = await self._attempt(self._channel.show(message))
                if failed is not None and not failed.passes and not failed.unsure and not was_shown:
                    self._maybe_shown.pop(message.id, None)
            case _Withdraw(prompt_id=prompt_id, why=why):
                failed = await self._attempt(self._channel.withdraw(prompt_id, why))
                if failed is None:
                    self._maybe_shown.pop(prompt_id, None)
        return failed

    def _keep(self, order: _Show | _Withdraw, failed: ChannelError) -> None:
        """Let what failed wait behind the others, unless something newer took its place or it can never work."""
        if order.slot in self._waiting:
            return
        if isinstance(order, _Show):
            if _withdrawal_of(order.message.id) in self._waiting:
                return
            if not order.has_failed and not order.message.silent:
                self._on_undelivered(order.message)
            order = replace(order, has_failed=True, unsure=order.unsure + failed.unsure)
            if order.unsure == self._timing.most_unsure:
                return
        elif self._waiting_show(order.prompt_id) is not None:
            return
        if failed.passes:
            self._waiting[order.slot] = order
        else:
            self._give_up(order)

    async def _attempt(self, doing: Coroutine[Any, Any, None]) -> ChannelError | None:
        """Return what went wrong, None where nothing did."""
        try:
            async with asyncio.timeout(self._timing.limit_s):
                await doing
        except ChannelError as error:
            return error
        except TimeoutError:
            return ChannelError(f"timeout after {self._timing.limit_s:g} s", unsure=True)
        except OSError as error:
            return ChannelError(error.strerror or type(error).__name__)
        except Exception as error:  # noqa: BLE001  (whatever a service's library does, it ends here)
            return ChannelError(unforeseen(error), unsure=True)
        return None

    def _complain(self, failed: ChannelError) -> None:
        self.trouble = reason = str(failed)
        now = self._clock()
        said = self._complained.get(reason)
        if said is not None and now - said < REPEAT_COMPLAINT_S:
            return
        if len(self._complained) >= MOST_REASONS:
            del self._complained[next(iter(self._complained))]
        self._complained[reason] = now
        self._owes_good_news = True
        log.warning("output %s: %s%s", self.name, reason, f": {failed.detail}" if failed.detail else "")

    def _rejoice(self) -> None:
        self.trouble = None
        if self._owes_good_news:
            self._owes_good_news = False
            log.info("output %s: works again", self.name)

    async def _farewell(self) -> None:
        for prompt_id in reversed(tuple(self._maybe_shown)):
            failed = await self._attempt(self._channel.withdraw(prompt_id, "stopped"))
            if failed is not None:
                break
        failed = await self._attempt(self._channel.close())
        if failed is not None:
            log.warning("output %s: could not be closed: %s", self.name, failed)


def _withdrawal_of(prompt_id: str) -> str:
    return f"withdraw {prompt_id}"
