"""The daemon's only clock, and the watch that notices at once when the host slept or its wall clock was set.

Durations must survive suspend, NTP steps and a Raspberry Pi that boots in 1970. So the wall clock is read once, as an
anchor, and time goes on from there by the boot clock: it never jumps, and it counts suspend. `Clock.check` compares the
host's clocks now and then and says in plain values what happened; the daemon turns them into events for the engine.
"""

from __future__ import annotations

import asyncio
import errno
import math
import os
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

TOLERANCE_S = 2.0
"""Clocks apart by no more than this agree: NTP corrects such errors without a step worth telling."""

_FAR_FUTURE_S = 9_000_000_000
"""Unix time, in the year 2255: a timer that never runs out, still small enough for signed 64-bit nanoseconds."""


@dataclass(frozen=True, slots=True)
class ClockSources:
    """The three clocks of a host, in seconds: ``wall`` is Unix time, ``boot`` counts suspend, ``monotonic`` does not.

    Where no clock counts suspend, ``boot`` is ``monotonic`` too, and a sleep shows as a step of ``wall``.
    """

    wall: Callable[[], float]
    boot: Callable[[], float]
    monotonic: Callable[[], float]


def host_clocks() -> ClockSources:
    """The clocks of this host."""
    if sys.platform == "darwin":
        # There CLOCK_MONOTONIC counts sleep, and CLOCK_UPTIME_RAW is what time.monotonic() reads today.
        return ClockSources(
            wall=time.time,
            boot=lambda: time.clock_gettime(time.CLOCK_MONOTONIC),
            monotonic=lambda: time.clock_gettime(time.CLOCK_UPTIME_RAW),
        )
    else:  # noqa: RET505 - a type checker for either system then sees only its own branch
        boottime = getattr(time, "CLOCK_BOOTTIME", None)
        boot = time.monotonic if boottime is None else lambda: time.clock_gettime(boottime)
        return ClockSources(wall=time.time, boot=boot, monotonic=time.monotonic)


@dataclass(frozen=True, slots=True)
class Stepped:
    """The wall clock was set, and `Clock.now` moved with it by this much; negative is back."""

    by: timedelta


@dataclass(frozen=True, slots=True)
class Slept:
    """The host slept, in the time that `Clock.now` has after the check. ``until`` is the check itself.

    The length is exact; where the check came late, the sleep lay up to that much earlier.
    """

    since: datetime
    until: datetime


ClockNews = Stepped | Slept


class Clock:
    """Time as the engine sees it: aware UTC, steady between two checks, never before what was saved."""

    def __init__(self, floor: datetime | None = None, scale: float = 1.0, sources: ClockSources | None = None) -> None:
        """Start at the wall clock, or at ``floor`` (aware: when state was last saved) if the wall clock is before it.

        ``scale`` makes time pass faster, for trying the program out: with 60, minutes pass like seconds. Raises
        ValueError unless it is a positive number.
        """
        if not (math.isfinite(scale) and scale > 0):
            raise ValueError(f"the time scale must be a number above 0, not {scale}")
        self._sources = sources or host_clocks()
        self._scale = scale
        self._wall, self._boot = self._sources.wall(), self._sources.boot()
        self._asleep = self._boot - self._sources.monotonic()
        floor_s = self._wall if floor is None else floor.timestamp()
        self._ahead = floor_s - self._wall if floor_s - self._wall > TOLERANCE_S else 0.0
        self._anchor = max(self._wall, floor_s)

    @property
    def ahead(self) -> timedelta:
        """How far this clock, started at its floor, runs ahead of a wall clock that must be wrong; else zero."""
        return timedelta(seconds=self._ahead)

    def now(self) -> datetime:
        """This instant, aware UTC."""
        return self._at(self._sources.boot())

    def delay_until(self, instant: datetime) -> float:
        """Real seconds until ``instant``, 0 if it has passed: what an asyncio timer is to be armed with.

        Such a timer stands still while the host sleeps: arm it again after every news from `check`.
        """
        return max(0.0, (instant - self.now()).total_seconds() / self._scale)

    def check(self) -> tuple[ClockNews, ...]:
        """What happened to the host's clocks since the last check, a step before a sleep; mostly nothing.

        A wall clock that is set while this clock runs ahead of it (see `ahead`) is followed only once it has overtaken:
        before that it is not a step back, only a wall clock that is still wrong.
        """
        wall, boot = self._sources.wall(), self._sources.boot()
        asleep = boot - self._sources.monotonic()
        news: list[ClockNews] = []

        step = (wall - self._wall) - (boot - self._boot)
        if abs(step) > TOLERANCE_S:
            by = step
            if self._ahead:
                by = max(0.0, step - self._ahead)
                self._ahead = max(0.0, self._ahead - step)
            self._anchor += (boot - self._boot) * self._scale + by
            self._wall, self._boot = wall, boot
            if by:
                news.append(Stepped(timedelta(seconds=by)))

        slept = asleep - self._asleep
        self._asleep = asleep
        if slept > TOLERANCE_S:
            until = self._at(boot)
            news.append(Slept(until - timedelta(seconds=slept * self._scale), until))
        return tuple(news)

    def _at(self, boot: float) -> datetime:
        return datetime.fromtimestamp(self._anchor + (boot - self._boot) * self._scale, UTC)


class ClockWatch:
    """Calls ``changed`` at once when the wall clock is set and, on recent kernels, when the host resumes.

    For use as ``async with ClockWatch(changed) as watch``. Only Linux has the timer for it (`timerfd_create(2)`, its
    TFD_TIMER_CANCEL_ON_SET); where there is none, ``active`` is false, ``changed`` is never called, and the daemon's
    own tick has to call `Clock.check` in time.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        """Take the callback; it runs in the event loop and must not block."""
        self._changed = changed
        self._fd: int | None = None

    @property
    def active(self) -> bool:
        """Whether changes are noticed at once."""
        return self._fd is not None

    async def __aenter__(self) -> Self:
        """Start watching."""
        self._fd = _open_timer()
        if self._fd is not None:
            asyncio.get_running_loop().add_reader(self._fd, self._on_readable, self._fd)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop watching."""
        self._close()

    def _on_readable(self, fd: int) -> None:
        try:
            os.read(fd, 8)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno == errno.ECANCELED:
                # The kernel keeps the timer armed for the next change.
                self._changed()
                return
        # The far future has come: a timer that has run out would wake us for ever.
        self._close()

    def _close(self) -> None:
        if self._fd is not None:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            self._fd = None


def _open_timer() -> int | None:
    """A timer that never runs out but is cancelled when the wall clock is set; None where the host gives none."""
    try:
        return _timerfd()
    except (OSError, AttributeError, ImportError, MemoryError):
        # Another system, a C library without it, or a sandbox that forbids the call or the loading of ctypes.
        return None


if sys.platform == "linux" and sys.version_info >= (3, 13):

    def _timerfd() -> int:
        fd = os.timerfd_create(time.CLOCK_REALTIME, flags=os.TFD_NONBLOCK | os.TFD_CLOEXEC)
        try:
            os.timerfd_settime(fd, flags=os.TFD_TIMER_ABSTIME | os.TFD_TIMER_CANCEL_ON_SET, initial=_FAR_FUTURE_S)
        except OSError:
            os.close(fd)
            raise
        return fd

elif sys.platform == "linux":

    def _timerfd() -> int:
        import ctypes  # noqa: PLC0415 - costs every other command its loading

        libc = ctypes.CDLL(None, use_errno=True)
        # struct itimerspec is four longs: interval and first expiry, each in seconds and nanoseconds.
        long_max = 2 ** (8 * ctypes.sizeof(ctypes.c_long) - 1) - 1
        spec = (ctypes.c_long * 4)(0, 0, min(_FAR_FUTURE_S, long_max), 0)
        abstime, cancel_on_set = 1, 2  # as <sys/timerfd.h> has them
        fd: int = libc.timerfd_create(time.CLOCK_REALTIME, os.O_NONBLOCK | os.O_CLOEXEC)
        if fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        if libc.timerfd_settime(fd, abstime | cancel_on_set, spec, None) < 0:
            os.close(fd)
            raise OSError(ctypes.get_errno(), "timerfd_settime")
        return fd

else:

    def _timerfd() -> int:
        raise OSError(errno.ENOSYS, "timerfd")
