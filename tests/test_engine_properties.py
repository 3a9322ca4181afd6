"""Random histories against the engine: what must never happen, and what must happen in the end.

A history mixes signals of every kind, repeated and out of order, lost links and lost time, clock steps, commands and
restarts. After every event the State goes through its snapshot, so whatever a restart could forget shows here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nudger.core import engine, events, presence, sitting
from nudger.core.effects import (
    Effect,
    Notify,
    RecordBout,
    RecordBreak,
    RecordOutcome,
    RecordPrompt,
    SetLight,
    Withdraw,
)
from nudger.core.policy import LampPolicy, Policy, Signal, Span
from nudger.core.words import Confirmed, Kind, Outcome, Posture, Scene
from nudger.library import load_ladder, load_language
from nudger.store import snapshot
from nudger.views.why import why

E = TypeVar("E")
MORNING = datetime(2026, 3, 27, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LADDER = load_ladder()
LIBRARY = load_language("en").prompts
ALL_KINDS = tuple(
    Signal(kind.value, kind, hold=timedelta(minutes=5) if kind in {Kind.MOTION, Kind.ACTIVITY} else timedelta(0))
    for kind in Kind
)
SETUPS: dict[str, tuple[Signal, ...]] = {
    "timer": (),
    "chair": (ALL_KINDS[0],),
    "laptop": tuple(s for s in ALL_KINDS if s.kind in {Kind.ACTIVITY, Kind.LOCKED, Kind.CALL}),
    "pir": tuple(s for s in ALL_KINDS if s.kind in {Kind.MOTION, Kind.DND}),
    "radar": (
        Signal("presence", Kind.PRESENCE, expire_after=timedelta(minutes=20), off_delay=timedelta(minutes=4)),
        *(s for s in ALL_KINDS if s.kind is Kind.POWER),
    ),
    "slow": (
        Signal("presence", Kind.PRESENCE, delay_on=timedelta(seconds=20), delay_off=timedelta(seconds=45)),
        Signal("seat", Kind.SEAT, delay_on=timedelta(seconds=10), off_delay=timedelta(minutes=4)),
        *(s for s in ALL_KINDS if s.kind is Kind.ACTIVITY),
    ),
    "flaky": (
        Signal("activity", Kind.ACTIVITY, hold=timedelta(minutes=5), off_delay=timedelta(seconds=30)),
        Signal("motion", Kind.MOTION, hold=timedelta(minutes=5), off_delay=timedelta(minutes=2)),
        Signal("call", Kind.CALL, off_delay=timedelta(minutes=3), delay_on=timedelta(seconds=20)),
        Signal("seat", Kind.SEAT, expire_after=timedelta(minutes=30)),
    ),
    "everything": ALL_KINDS,
}
OFFICE_HOURS = tuple((Span(8 * 60, 18 * 60),) for _ in range(7))


def policy(setup: str, **choices: object) -> Policy:
    """Return a policy with those signals, a lamp with everything on, and whatever else is chosen."""
    lamp = LampPolicy(ambient=True, break_cue=True, in_call=True)
    base = Policy("p", LADDER, LIBRARY, UTC, signals=SETUPS[setup], lamp=lamp)
    return replace(base, **choices)  # type: ignore[arg-type]  # the tests choose among the fields of Policy


@dataclass
class Run:
    """An engine under test: checks after every decision what must never happen."""

    policy: Policy
    now: datetime = MORNING
    log: list[tuple[datetime, Effect]] = field(default_factory=list)
    wakeups: int = 0

    def __post_init__(self) -> None:
        """Start as on the first day."""
        self.state = engine.first_state(self.policy, self.now, seed=7)
        self.feed(events.Started())

    def feed(self, event: events.Event) -> Sequence[Effect]:
        """Decide on one event now, through a snapshot."""
        before = self.state
        self.state, effects = engine.decide(self.policy, before, event, self.now)
        reloaded = snapshot.load(snapshot.dump(self.state), snapshot.dump_health(self.state.health))
        assert reloaded == self.state
        self.state = reloaded
        self.log += [(self.now, effect) for effect in effects]
        if any(isinstance(effect, Notify) for effect in effects):
            assert self.state.hold is None, "a prompt was shown although a hold applies"
            assert self.state.prompt is not None
        return effects

    def wait(self, length: timedelta) -> None:
        """Let time pass as the daemon does: a tick at each instant the engine names."""
        end = self.now + length
        while (due := engine.next_wakeup(self.policy, self.state, self.now)) is not None and due <= end:
            assert due > self.now, "a wake-up in the past would keep the daemon busy for ever"
            self._expect_nothing_before(due)
            self.now = due
            self.wakeups += 1
            self.feed(events.Ticked())
        self.now = end

    def _expect_nothing_before(self, due: datetime) -> None:
        """Check that no deadline is missing: until the one that the engine names, time alone changes nothing."""
        if due - self.now <= timedelta(milliseconds=1):
            return  # a step of the clock has passed over it: it is due at once
        for instant in (self.now + (due - self.now) / 2, due - timedelta(microseconds=1)):
            after, effects = engine.decide(self.policy, self.state, events.Ticked(), instant)
            assert not effects, "this came too late"
            assert after.seen_at(self.state.at) == self.state, "this was noted too late"

    def of(self, kind: type[E]) -> list[E]:
        """Return all effects of that kind so far."""
        return [effect for _, effect in self.log if isinstance(effect, kind)]


names = st.sampled_from([s.name for s in ALL_KINDS])
lengths = st.integers(1, 40 * 60).map(lambda s: timedelta(seconds=s))
short = st.integers(0, 90).map(lambda s: timedelta(seconds=s))


@st.composite
def steps(draw: st.DrawFn) -> tuple[timedelta, events.Event | str]:
    """Draw one step of a history: a wait and then an event, or a word for one that needs the present instant."""
    wait = draw(st.one_of(short, short, lengths))
    event: st.SearchStrategy[events.Event | str] = st.one_of(
        st.builds(events.SignalChanged, names, st.booleans()),
        st.builds(events.SignalChanged, names, st.booleans()),
        st.builds(events.SignalChanged, names, st.one_of(st.none(), st.booleans()), retained=st.booleans()),
        st.builds(events.AvailabilityChanged, names, st.booleans()),
        st.builds(events.LinkChanged, st.booleans()),
        st.builds(events.ClockStepped, st.integers(-9000, 9000).map(lambda s: timedelta(seconds=s))),
        st.builds(events.StageChosen, st.sampled_from([stage.id for stage in LADDER.stages])),
        st.builds(events.FlareSaid, st.booleans()),
        st.builds(events.RestAsked, lengths),
        st.sampled_from([events.PolicyChanged(), events.DoneSaid(), events.SnoozeAsked(), events.SkipAsked()]),
        st.sampled_from([events.ResumeAsked(), events.Started(), events.Ticked()]),
        st.sampled_from(["late signal", "duplicate", "pause", "slept", "restarted", "old news"]),
    )
    return wait, draw(event)


histories = st.lists(steps(), max_size=40)


def play(run: Run, history: Sequence[tuple[timedelta, events.Event | str]]) -> None:
    """Feed a history to the engine."""
    last: events.Event = events.Ticked()
    for wait, drawn in history:
        asleep = drawn in ("slept", "restarted")
        if asleep:
            before = run.now
            run.now += wait
            run.feed(events.TimeLost(before, away=drawn == "slept"))
            continue
        run.wait(wait)
        event = _at(run.now, drawn, last)
        run.feed(event)
        if isinstance(event, events.ClockStepped):
            run.now += event.by
        last = event


def _at(now: datetime, drawn: events.Event | str, last: events.Event) -> events.Event:
    match drawn:
        case "late signal":
            return events.SignalChanged("activity", on=False, since=now - timedelta(seconds=40))
        case "old news":
            return events.SignalChanged("presence", on=True, at=now - timedelta(minutes=3), retained=True)
        case "duplicate":
            return last
        case "pause":
            return events.PauseAsked(now + timedelta(minutes=20))
        case str():
            return events.Ticked()
        case _:
            return drawn


def choices() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield each set of signals with and without hours, and a budget."""
    for setup in SETUPS:
        yield setup, {}
    yield "everything", {"hours": OFFICE_HOURS, "budget": 3, "start_stage": "walk_run"}
    yield "timer", {"hours": OFFICE_HOURS}
    yield "laptop", {"typing_grace": 2 * MINUTE, "pre_notice": MINUTE}


each_setup = pytest.mark.parametrize(("setup", "chosen"), list(choices()), ids=str)


@each_setup
@given(history=histories)
def test_a_history_of_any_kind_keeps_its_books_straight(
    setup: str, chosen: dict[str, object], history: list[tuple[timedelta, events.Event | str]]
) -> None:
    run = Run(policy(setup, **chosen))
    play(run, history)
    run.feed(events.Removed())

    stepped = any(isinstance(event, events.ClockStepped) for _, event in history)
    prompts, outcomes = run.of(RecordPrompt), run.of(RecordOutcome)
    ids = [record.prompt.id for record in prompts]
    assert [record.prompt_id for record in outcomes] == ids, "each prompt ends exactly once, before the next begins"
    assert len(set(ids)) == len(ids)
    assert [int(i.rpartition("-")[2]) for i in ids] == sorted(int(i.rpartition("-")[2]) for i in ids)
    assert all(record.after is None or record.after >= timedelta(0) for record in outcomes)

    bouts = run.of(RecordBout)
    assert all(bout.start < bout.end and timedelta(0) <= bout.sitting <= bout.end - bout.start for bout in bouts)
    assert stepped or all(a.end <= b.start for a, b in pairwise(bouts))
    by_sensor = [b for b in run.of(RecordBreak) if b.confirmed is not Confirmed.USER and setup != "timer"]
    assert all(b.end - b.start >= run.policy.min_break for b in by_sensor)
    lights = run.of(SetLight)
    assert not lights or lights[-1].scene is Scene.RESTORED
    begun_anew = any(isinstance(event, events.Started | events.PolicyChanged) for _, event in history)
    assert begun_anew or all(a != b for a, b in pairwise(lights)), "a lamp is not told twice"


@each_setup
@given(history=histories)
def test_an_engine_is_not_kept_busy_by_time_alone(
    setup: str, chosen: dict[str, object], history: list[tuple[timedelta, events.Event | str]]
) -> None:
    run = Run(policy(setup, **chosen))
    play(run, history)
    run.wakeups = 0
    run.wait(timedelta(hours=6))
    assert run.wakeups < 6 * 60


def sit_down(run: Run) -> None:
    """Bring the person to the chair, awake and with nothing in the way."""
    run.feed(events.LinkChanged(up=True))
    run.feed(events.StageChosen("daily_walks"))
    for name in ("call", "dnd", "locked", "standing"):
        run.feed(events.SignalChanged(name, on=False))
    for name in ("power", "activity", "motion", "presence", "seat"):
        run.feed(events.AvailabilityChanged(name, available=True))
        run.feed(events.SignalChanged(name, on=False))
        run.feed(events.SignalChanged(name, on=True))
    run.feed(events.DoneSaid())  # in timer mode a third ignored prompt would mean that nobody is there
    run.feed(events.ResumeAsked())
    run.feed(events.FlareSaid(on=False))


@pytest.mark.parametrize("setup", SETUPS)
@given(history=histories)
def test_whoever_sits_long_enough_is_prompted_whatever_was_before(
    setup: str, history: list[tuple[timedelta, events.Event | str]]
) -> None:
    run = Run(policy(setup))
    play(run, history)
    sit_down(run)
    began = len(run.log)
    for _ in range(90):
        run.wait(timedelta(seconds=30))
        for name in ("motion", "presence"):
            run.feed(events.SignalChanged(name, on=True))
    assert any(isinstance(effect, RecordPrompt) for _, effect in run.log[began:])


@pytest.mark.parametrize("setup", [name for name in SETUPS if name != "timer"])
@given(history=histories)
def test_whoever_gets_up_is_left_in_peace_and_the_lamp_goes_back(
    setup: str, history: list[tuple[timedelta, events.Event | str]]
) -> None:
    run = Run(replace(policy(setup), lamp=LampPolicy(ambient=True, in_call=True)))
    play(run, history)
    sit_down(run)
    run.wait(timedelta(minutes=35))
    for name in ("seat", "presence", "motion", "activity", "power"):
        run.feed(events.SignalChanged(name, on=False))
    run.wait(timedelta(minutes=11))
    assert run.state.posture is not Posture.SITTING
    assert run.state.prompt is None
    assert run.state.cue is Scene.RESTORED
    assert run.state.bout is None
    shown = {effect.prompt.id for effect in run.of(Notify)}
    assert shown <= {effect.prompt_id for effect in run.of(Withdraw)}


@pytest.mark.parametrize("setup", SETUPS)
@given(history=histories, repeats=st.integers(1, 3))
def test_saying_a_thing_twice_decides_nothing_new(
    setup: str, history: list[tuple[timedelta, events.Event | str]], repeats: int
) -> None:
    run = Run(policy(setup))
    play(run, history)
    for name in ("presence", "seat", "motion"):
        said = events.SignalChanged(name, on=True)
        run.feed(said)
        for _ in range(repeats):
            assert run.feed(said) == ()


@pytest.mark.parametrize("setup", SETUPS)
@given(history=histories)
def test_sitting_time_never_outgrows_the_clock(setup: str, history: list[tuple[timedelta, events.Event | str]]) -> None:
    run = Run(policy(setup))
    history = [(wait, event) for wait, event in history if not isinstance(event, events.ClockStepped)]
    play(run, history)
    sat = sum((bout.sitting for bout in run.of(RecordBout)), timedelta(0))
    if run.state.bout is not None:
        sat += sitting.sat(run.state.bout, run.now)
    assert timedelta(0) <= sat <= run.now - MORNING


@pytest.mark.parametrize("setup", SETUPS)
@given(history=histories, code=st.sampled_from(["en", "de"]))
def test_it_always_says_why_a_prompt_is_or_is_not_coming(
    setup: str, history: list[tuple[timedelta, events.Event | str]], code: str
) -> None:
    run = Run(policy(setup, hours=OFFICE_HOURS, budget=3, pre_notice=MINUTE, typing_grace=MINUTE))
    for step in history:
        play(run, [step])
        now = max(run.now, run.state.at)
        sentence = why(run.policy, run.state, presence.assess(run.policy, run.state, now), load_language(code), now)
        assert sentence.endswith((".", "?"))
        assert "{" not in sentence


@given(by=st.integers(-3600 * 5, 3600 * 5).map(lambda s: timedelta(seconds=s)), at=st.integers(0, 60))
def test_a_clock_step_changes_no_duration(by: timedelta, at: int) -> None:
    """Somebody sits from 08:00 and gets up; the wall clock is set somewhere in between."""

    def day(step: timedelta) -> tuple[list[timedelta | None], list[timedelta]]:
        run = Run(replace(policy("chair"), start_stage="daily_walks"), now=MORNING + timedelta(hours=4))
        run.feed(events.SignalChanged("seat", on=True))
        run.wait(at * MINUTE)
        if step:
            run.feed(events.ClockStepped(step))
            run.now += step
        run.wait((62 - at) * MINUTE)
        run.feed(events.SignalChanged("seat", on=False))
        run.wait(5 * MINUTE)
        answers = [record.after for record in run.of(RecordOutcome) if record.outcome is Outcome.FOLLOWED]
        return answers, [bout.sitting for bout in run.of(RecordBout)]

    assert day(by) == day(timedelta(0))


@pytest.mark.parametrize("setup", SETUPS)
@given(history=histories)
def test_the_same_history_decides_the_same(setup: str, history: list[tuple[timedelta, events.Event | str]]) -> None:
    first, second = Run(policy(setup)), Run(policy(setup))
    play(first, history)
    play(second, history)
    assert first.log == second.log
    assert first.state == second.state
