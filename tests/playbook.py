"""A day in virtual time: what happens, told in one-line steps, and what the engine made of it.

    day = Playbook(signals=["seat"])
    day.at("08:00").on("seat")
    day.until("09:00")
    assert day.prompts() == ["08:20"]

Between two steps the engine is ticked at every instant that it named, as the daemon does it, and at no other; that
there was no need for another is checked. Times are written as a wall clock shows them, counted from midnight before
the first step: "08:20", "08:20:15", and "26:00" for two o'clock the next morning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final, TypeVar

from nudger.core import engine, presence
from nudger.core.effects import (
    Announce,
    Effect,
    Notify,
    RecordBout,
    RecordBreak,
    RecordOutcome,
    RecordPosture,
    RecordPrompt,
    Refuse,
    SetLight,
    Withdraw,
)
from nudger.core.events import (
    AvailabilityChanged,
    ClockStepped,
    Event,
    LinkChanged,
    PolicyChanged,
    SignalChanged,
    Started,
    Ticked,
    TimeLost,
)
from nudger.core.policy import DEFAULT_HOLD, Policy, Signal, Span
from nudger.core.presence import Evidence
from nudger.core.state import State
from nudger.core.words import ZERO, Kind
from nudger.library import load_ladder, load_language

MONDAY: Final = datetime(2025, 3, 3)  # noqa: DTZ001  (the playbook's zone is put to it)
MOST_TICKS_A_STEP: Final = 20_000
HOUR: Final = timedelta(hours=1)

E = TypeVar("E", bound=Effect)


def minutes(number: float) -> timedelta:
    """Return that many minutes."""
    return timedelta(minutes=number)


def seconds(number: float) -> timedelta:
    """Return that many seconds."""
    return timedelta(seconds=number)


def signal(kind: str, name: str = "", **options: Any) -> Signal:
    """Return a signal with the defaults of its kind, called like its kind where it has no name of its own."""
    options.setdefault("hold", DEFAULT_HOLD.get(Kind(kind), ZERO))
    return Signal(name or kind, Kind(kind), **options)


def every_day(start: str, end: str) -> tuple[tuple[Span, ...], ...]:
    """Return active hours that are the same on every day of the week."""
    span = Span(int(_past_midnight(start) / minutes(1)), int(_past_midnight(end) / minutes(1)))
    return ((span,),) * 7


def _past_midnight(wall_clock: str) -> timedelta:
    hour, minute, second = (*wall_clock.split(":"), "0")[:3]
    return timedelta(hours=int(hour), minutes=int(minute), seconds=float(second))


class Playbook:
    """One person's days. Steps return the playbook, so that a time and what happens then fit one line."""

    def __init__(
        self,
        *,
        signals: Sequence[str | Signal] = (),
        begin: str = "07:00",
        date: datetime = MONDAY,
        zone: tzinfo = UTC,
        stage: str = "daily_walks",
        seed: int = 1,
        state: State | None = None,
        **chosen: Any,
    ) -> None:
        """``signals`` are kinds or whole signals; ``chosen`` is what else the person chose, as `Policy` calls it."""
        self.policy = Policy(
            person="me",
            ladder=load_ladder(),
            zone=zone,
            start_stage=stage,
            signals=tuple(signal(each) if isinstance(each, str) else each for each in signals),
            **{"library": load_language("en").prompts} | chosen,
        )
        self._midnight = date
        self.now = self.time(begin)
        self.state = state or engine.first_state(self.policy, self.now, seed)
        self.log: list[tuple[datetime, Effect]] = []
        self.tell(Started())

    # --- Steps -------------------------------------------------------------------------------------------------------

    def time(self, wall_clock: str | datetime) -> datetime:
        """Return the instant at which a clock on the wall shows that."""
        if isinstance(wall_clock, datetime):
            return wall_clock
        local = self._midnight + _past_midnight(wall_clock)
        return local.replace(tzinfo=self.policy.zone).astimezone(UTC)

    def until(self, wall_clock: str | datetime) -> Playbook:
        """Let time pass until then, with a tick at every instant that the engine asked for, that one included."""
        then = self.time(wall_clock)
        assert then >= self.now, f"{wall_clock} has passed: it is {self.clock(self.now)}"
        for _ in range(MOST_TICKS_A_STEP):
            due = engine.next_wakeup(self.policy, self.state, self.now)
            assert due is not None
            assert due > self.now
            self._nothing_happens_before(min(due, then))
            if due > then:
                self.now = then
                return self
            self.now = due
            self.tell(Ticked())
        raise AssertionError(f"the engine wants to be ticked without end around {self.clock(self.now)}")

    at = until

    def _nothing_happens_before(self, instant: datetime) -> None:
        just_before = instant - timedelta(milliseconds=10)
        if just_before > self.now:
            _, effects = engine.decide(self.policy, self.state, Ticked(), just_before)
            assert not effects, f"the engine did not ask for a tick, but between {self.now} and {instant}: {effects}"

    def wait(self, **length: float) -> Playbook:
        """Let that much time pass: ``wait(minutes=3)``."""
        return self.until(self.now + timedelta(**length))

    def sleep(self, wall_clock: str) -> Playbook:
        """Let time pass until then without any tick: the engine does not run."""
        self.now = self.time(wall_clock)
        return self

    def tell(self, event: Event) -> Playbook:
        """Let the engine decide on the event now."""
        self.state, effects = engine.decide(self.policy, self.state, event, self.now)
        self.log += [(self.now, effect) for effect in effects]
        return self

    def on(self, *names: str, **said: Any) -> Playbook:
        """Let these signals report on. ``since`` and ``at`` are wall clock times; ``retained`` is for kept messages."""
        return self._report(names, True, said)

    def off(self, *names: str, **said: Any) -> Playbook:
        """Let these signals report off."""
        return self._report(names, False, said)

    def unsure(self, *names: str) -> Playbook:
        """Let these signals report that they do not know."""
        return self._report(names, None, {})

    def _report(self, names: Sequence[str], on: bool | None, said: dict[str, Any]) -> Playbook:
        for key in ("since", "at"):
            if key in said:
                said[key] = self.time(said[key])
        for name in names:
            assert name in {each.name for each in self.policy.signals}, f"there is no signal {name!r}"
            self.tell(SignalChanged(name, on, **said))
        return self

    def gone(self, name: str) -> Playbook:
        """Let the signal's device say that it is not available."""
        return self.tell(AvailabilityChanged(name, available=False))

    def there(self, name: str) -> Playbook:
        """Let the signal's device say that it is available."""
        return self.tell(AvailabilityChanged(name, available=True))

    def cut(self) -> Playbook:
        """Lose the connection that carries the remote signals."""
        return self.tell(LinkChanged(up=False))

    def reconnect(self) -> Playbook:
        """Get the connection back."""
        return self.tell(LinkChanged(up=True))

    def lose_time(self, wall_clock: str, *, away: bool = False) -> Playbook:
        """Let nobody watch from now until then: a restart, or the host sleeps."""
        since = self.now
        return self.sleep(wall_clock).tell(TimeLost(since, away=away))

    def step_clock(self, **by: float) -> Playbook:
        """Let the wall clock be corrected. From here on the playbook's times are those of the corrected clock."""
        self.now += timedelta(**by)
        return self.tell(ClockStepped(timedelta(**by)))

    def choose(self, **chosen: Any) -> Playbook:
        """Let the config be reloaded with these changes."""
        self.policy = replace(self.policy, **chosen)
        return self.tell(PolicyChanged())

    # --- What became of it -------------------------------------------------------------------------------------------

    def clock(self, instant: datetime) -> str:
        """Return the instant as the steps write it."""
        local = instant.astimezone(self.policy.zone).replace(tzinfo=None) - self._midnight
        text = f"{local // timedelta(hours=1):02}:{local // minutes(1) % 60:02}"
        second = local / seconds(1) % 60
        return f"{text}:{second:02g}" if second else text

    def orders(self, kind: type[E]) -> Iterator[tuple[datetime, E]]:
        """Yield the effects of one kind with the instants at which they were ordered."""
        return ((t, effect) for t, effect in self.log if isinstance(effect, kind))

    def prompts(self) -> list[str]:
        """Return when prompts against sitting were issued."""
        return [self.clock(t) for t, order in self.orders(RecordPrompt) if order.prompt.kind == "break"]

    def posture_prompts(self) -> list[str]:
        """Return when prompts against standing still were issued."""
        return [self.clock(t) for t, order in self.orders(RecordPrompt) if order.prompt.kind == "posture"]

    def shown(self) -> list[tuple[str, str]]:
        """Return when a prompt was shown, and how: its level, and whether it was shown again or silently."""
        return [
            (self.clock(t), f"level {order.prompt.level}" + " again" * order.repeated + " silently" * order.silent)
            for t, order in self.orders(Notify)
        ]

    def hidden(self) -> list[tuple[str, str]]:
        """Return when a prompt was taken off the channels, and why."""
        return [(self.clock(t), order.why) for t, order in self.orders(Withdraw)]

    def outcomes(self) -> list[tuple[str, str]]:
        """Return when prompts ended, and how."""
        return [
            (self.clock(t), f"{order.outcome}: {order.why}" if order.why else str(order.outcome))
            for t, order in self.orders(RecordOutcome)
        ]

    def answer(self) -> RecordOutcome:
        """Return the last outcome in full."""
        return [order for _, order in self.orders(RecordOutcome)][-1]

    def bouts(self) -> list[tuple[str, str, timedelta]]:
        """Return the bouts that ended: start, end, sitting time."""
        return [(self.clock(o.start), self.clock(o.end), o.sitting) for _, o in self.orders(RecordBout)]

    def breaks(self) -> list[tuple[str, str, str]]:
        """Return the breaks that ended: start, end, what they rest on."""
        return [(self.clock(o.start), self.clock(o.end), str(o.confirmed)) for _, o in self.orders(RecordBreak)]

    def postures(self) -> list[tuple[str, str]]:
        """Return the postures, each with the time since which it held."""
        return [(self.clock(order.since), str(order.posture)) for _, order in self.orders(RecordPosture)]

    def told(self, event_type: str) -> list[str]:
        """Return when an event of that type was announced."""
        return [self.clock(t) for t, order in self.orders(Announce) if order.event_type == event_type]

    def refusals(self) -> list[str]:
        """Return why commands were refused."""
        return [order.key for _, order in self.orders(Refuse)]

    def scenes(self) -> list[tuple[str, str]]:
        """Return what the lamps were asked for."""
        return [(self.clock(t), str(order.scene)) for t, order in self.orders(SetLight)]

    def evidence(self) -> Evidence:
        """Return what the signals prove now."""
        return presence.assess(self.policy, self.state, self.now)

    @property
    def posture(self) -> tuple[str, str]:
        """The posture believed now, and the time since which it holds."""
        return str(self.state.posture), "" if self.state.since is None else self.clock(self.state.since)

    def hold(self) -> str | None:
        """The reason not to prompt now."""
        return self.state.hold


# --- How most days begin ---------------------------------------------------------------------------------------------


def seated(*others: str | Signal, **chosen: Any) -> Playbook:
    """Somebody sits down at 08:00 on a chair that tells; the other signals have not been heard yet."""
    return Playbook(signals=["seat", *others], **chosen).at("08:00").on("seat")


def busy(*others: str, **chosen: Any) -> Playbook:
    """Somebody sits down at 08:00 on a chair that tells and gets busy at once; the other signals are on as well."""
    return seated("activity", *others, **chosen).on("activity", *others)


def prompted(**chosen: Any) -> Playbook:
    """Somebody has been sitting since 08:00, and at 08:20 a prompt shows."""
    day = seated(**chosen).until("08:20")
    assert day.shown() == [("08:20", "level 0")]
    return day
