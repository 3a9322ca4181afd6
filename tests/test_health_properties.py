"""Random weeks against the whole engine: what is told of the back, the desk beside it, and clocks that go wrong.

After every event the State goes through its snapshot, so whatever a restart could forget shows here. Every "never" has
an "in the end" below it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recovery_rig import FULL_DAY, LADDER

from nudger.core import engine, events
from nudger.core.effects import Announce, Effect, Notify, RecordDecision, RecordPrompt, RecordStage
from nudger.core.policy import Policy, Questions, Signal
from nudger.core.recovery.course import Did
from nudger.core.recovery.diary import Activity
from nudger.core.recovery.told import Entry, IntakeAnswers, LockCleared, SafetyAnswer
from nudger.core.running.runs import SessionEntry
from nudger.core.state import State
from nudger.core.words import Kind, Lock
from nudger.library import load_language
from nudger.store import snapshot

STAGES = [stage.id for stage in LADDER.stages]
LIBRARY = load_language("en").prompts
ENTRIES = {entry.id: entry for entry in LIBRARY}
POLICY = Policy("p", LADDER, LIBRARY, UTC, signals=(Signal("chair", Kind.SEAT),), questions=Questions(wanted=True))
FIRST = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
DAY = timedelta(days=1)
YEAR = timedelta(days=365)
GENTLE = {"stand", "breathing", "walk"}
BY_HAND = {"R3", "R4", "R5", "R11", "intake"}
DAILY = {Did.HELD, Did.HELD_MISSING, Did.OFFERED, Did.FLARE_STAYED, Did.STAYED_LOCKED, Did.PLAN_KEPT, Did.RETURNED}


def rung(stage: str) -> int:
    return STAGES.index(stage)


@dataclass(frozen=True)
class Step:
    """One decision: when, on what, and what was remembered before and after it."""

    at: datetime
    event: events.Event
    before: State
    after: State
    effects: tuple[Effect, ...]

    @property
    def day(self) -> date:
        return self.after.today.day


@dataclass
class Life:
    """One person's engine."""

    policy: Policy = POLICY
    now: datetime = FIRST
    log: list[Step] = field(default_factory=list)
    snapshots: bool = True

    def __post_init__(self) -> None:
        self.state = engine.first_state(self.policy, self.now, seed=7)
        self.feed(events.Started())

    def feed(self, event: events.Event) -> tuple[Effect, ...]:
        """Decide on one event now, through a snapshot."""
        before = self.state
        self.state, effects = engine.decide(self.policy, before, event, self.now)
        if self.snapshots:
            reloaded = snapshot.load(snapshot.dump(self.state), snapshot.dump_health(self.state.health))
            assert reloaded == self.state
            self.state = reloaded
        self.log.append(Step(self.now, event, before, self.state, effects))
        return effects

    def until(self, end: datetime) -> None:
        """Let time pass, with a tick at each instant that the engine names."""
        while (due := engine.next_wakeup(self.policy, self.state, self.now)) is not None and due <= end:
            self.now = due
            self.feed(events.Ticked())
        self.now = max(self.now, end)

    def at(self, hour: int, minute: int = 0) -> None:
        """Let time pass until the next time the clock shows this."""
        then = self.now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        self.until(then if then >= self.now else then + DAY)

    def sit(self, length: timedelta) -> None:
        """Sit for that long, and get up."""
        self.feed(events.SignalChanged("chair", on=True))
        self.until(self.now + length)
        self.get_up()
        self.until(self.now + timedelta(minutes=5))

    def get_up(self) -> None:
        self.feed(events.SignalChanged("chair", on=False))

    @property
    def today(self) -> date:
        return (self.now - timedelta(hours=4)).date()

    def score(self, when: str, pain: int, impact: bool | None = None) -> None:
        self.feed(events.CheckedIn(Entry(self.today, when, pain, impact)))

    def clock(self, by: timedelta, *, noticed: bool) -> None:
        """Set the clock; ``noticed`` or not by the host."""
        if noticed:
            self.feed(events.ClockStepped(by))
        self.now += by

    def live(self, pain: int, *, yes: bool = True, impact: bool | None = False) -> None:
        """Live through one day: two scores, the day's goals, and the answer to an offer."""
        self.at(8)
        self.score("morning", pain, impact)
        if yes and self.state.recovery.standing.offer is not None:
            self.feed(events.OfferAnswered(yes=True))
        self.at(18)
        self.feed(events.ActivityLogged(FULL_DAY))
        self.at(21)
        self.score("evening", pain, impact)

    def showing(self) -> str | None:
        """Return the category of the prompt under way."""
        return None if self.state.prompt is None else self.state.prompt.category

    def of(self, kind: type[Effect]) -> list[tuple[Step, Effect]]:
        return [(step, effect) for step in self.log for effect in step.effects if isinstance(effect, kind)]


# --- Random weeks -----------------------------------------------------------------------------------------------------

pains = st.integers(0, 10)
stages = st.sampled_from(STAGES)
impacts = st.sampled_from([None, True, False])
answers = st.builds(
    IntakeAnswers,
    pains,
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from([True, False, None]),
)
steps = st.one_of(
    st.tuples(st.just("days"), st.integers(0, 6), st.integers(1, 8), impacts),
    st.tuples(st.just("days"), st.integers(0, 2), st.integers(3, 12), st.just(False)),
    st.tuples(st.just("morning"), pains, impacts),
    st.tuples(st.just("evening"), pains, impacts),
    st.tuples(st.just("pass"), st.integers(1, 20)),
    st.tuples(st.just("away"), st.sampled_from([3, 9, 25])),
    st.tuples(st.just("sit"), st.integers(10, 90)),
    st.tuples(st.just("seated"), st.integers(18, 35)),
    st.tuples(st.just("seated"), st.integers(20, 26)),
    st.tuples(st.just("tell"), st.builds(events.StageChosen, stages)),
    st.tuples(st.just("tell"), st.builds(events.FlareSaid, st.booleans())),
    st.tuples(
        st.just("tell"), st.sampled_from([events.SafetyAnswered((SafetyAnswer(item),)) for item in ("E1", "U7")])
    ),
    st.tuples(st.just("tell"), st.builds(events.OfferAnswered, st.booleans())),
    st.tuples(st.just("tell"), st.builds(events.IntakeTaken, answers)),
    st.tuples(st.just("tell"), st.builds(events.RunningWished, st.booleans())),
    st.tuples(st.just("tell"), st.sampled_from([events.ActivityLogged(FULL_DAY), events.ActivityLogged(Activity())])),
    st.tuples(st.just("tell"), st.sampled_from([events.PlanTimeCame(), events.ResumeAsked(), events.DoneSaid()])),
    st.tuples(st.just("clear"), stages),
    st.tuples(st.just("ask for"), st.sampled_from([-1, 1, 1])),
    st.tuples(st.just("run"), pains, st.booleans()),
    st.tuples(st.just("pause"), st.integers(1, 5)),
)
weeks = st.lists(steps, max_size=12)


def play(life: Life, history: Sequence[tuple[object, ...]]) -> None:
    """Live through random weeks. Days are told forward: nothing is told twice, so nothing is corrected."""
    told: set[tuple[date, str]] = set()
    for step in history:
        match step:
            case ("days", int(pain), int(days), bool() | None as impact):
                life.get_up()
                for _ in range(days):
                    life.at(7)
                    if told.isdisjoint({(life.today, "morning"), (life.today, "evening")}):
                        told |= {(life.today, "morning"), (life.today, "evening")}
                        life.live(pain, impact=impact)
                    life.until(life.now + timedelta(hours=3))
            case ("morning" | "evening" as when, int(pain), bool() | None as impact):
                if (life.today, when) not in told and (when == "evening" or (life.today, "evening") not in told):
                    told.add((life.today, when))
                    life.score(when, pain, impact)
            case ("pass", int(hours)):
                life.until(life.now + timedelta(hours=hours))
            case ("away", int(days)):
                life.get_up()
                life.until(life.now + days * DAY)
            case ("sit", int(minutes)):
                life.sit(timedelta(minutes=minutes))
            case ("seated", int(minutes)):  # and stays so, whatever comes next
                life.get_up()
                life.until(life.now + timedelta(minutes=2))
                life.feed(events.SignalChanged("chair", on=True))
                life.until(life.now + timedelta(minutes=minutes))
            case ("tell", event):
                life.feed(event)  # type: ignore[arg-type]  # the strategies above build events only
            case ("ask for", int(up)):
                asked = min(len(STAGES) - 1, max(0, rung(life.state.stage) + up))
                life.feed(events.StageChosen(STAGES[asked]))
            case ("clear", str(stage)):
                life.feed(LockCleared(life.today, stage))
            case ("run", int(pain), bool(spreading)):
                entry = SessionEntry(life.today, 1, pre=1, during=pain, limb=0, completed=True, spreading=spreading)
                life.feed(events.SessionTold(entry))
            case ("pause", int(days)):
                life.feed(events.PauseAsked(life.now + days * DAY))


@settings(max_examples=50)
@given(weeks)
def test_nobody_goes_up_without_a_yes_and_only_a_cleared_lock_ends(history: list[tuple[object, ...]]) -> None:
    life = Life()
    play(life, history)
    for step in life.log:
        before, after = step.before.recovery.standing, step.after.recovery.standing
        if rung(after.stage) > rung(before.stage):
            said_yes = isinstance(step.event, events.OfferAnswered) and step.event.yes
            assert said_yes or isinstance(step.event, events.StageChosen | events.IntakeTaken)
        if before.lock is not None:
            assert after.stage == before.stage or isinstance(step.event, LockCleared)
            assert rung(after.stage) <= rung(before.stage)
            if step.after.lock is not step.before.lock:
                assert isinstance(step.event, LockCleared) or (step.before.lock, step.after.lock) == (
                    Lock.AMBER,
                    Lock.RED,
                )


@settings(max_examples=50)
@given(weeks)
def test_nobody_goes_up_soon_after_down_and_one_change_a_day_is_the_most(history: list[tuple[object, ...]]) -> None:
    life = Life()
    play(life, history)
    changes = [(step, effect) for step in life.log for effect in step.effects if isinstance(effect, RecordStage)]
    by_rules = Counter(step.day for step, effect in changes if effect.rule not in BY_HAND)
    assert all(number == 1 for number in by_rules.values())
    ends: dict[date, tuple[str, str]] = {}
    for step, effect in changes:
        ends[step.day] = (ends[step.day][0] if step.day in ends else effect.before, effect.after)
    down: date | None = None
    for day, (first, last) in sorted(ends.items()):
        if rung(last) > rung(first):
            assert down is None or (day - down).days > 3
        if rung(last) < rung(first):
            down = day


@settings(max_examples=50)
@given(weeks)
def test_a_red_lock_admits_no_prompt_and_an_amber_one_the_gentlest_only(history: list[tuple[object, ...]]) -> None:
    life = Life()
    play(life, history)
    for step, effect in life.of(Notify):
        assert isinstance(effect, Notify)
        assert step.after.lock is not Lock.RED
        if step.after.lock is Lock.AMBER:
            entry = ENTRIES[effect.prompt.entry]
            assert (entry.kind, entry.category in GENTLE) == ("break", True)
            assert entry.intensity <= 1
    for step in life.log:
        if step.after.lock is Lock.RED:
            assert step.after.prompt is None


@settings(max_examples=50)
@given(weeks)
def test_each_question_comes_twice_a_day_at_most_and_never_in_a_pause(history: list[tuple[object, ...]]) -> None:
    life = Life()
    play(life, history)
    asked: Counter[tuple[object, object]] = Counter()
    for step in life.log:
        for effect in step.effects:
            if isinstance(effect, Announce) and effect.event_type == "checkin_due":
                asked[effect.data["date"], effect.data["when"]] += 1
                assert step.after.paused_until is None
                assert step.after.lock is not Lock.RED
    assert all(number <= 2 for number in asked.values())


# --- Clocks that go wrong ---------------------------------------------------------------------------------------------

jumps = st.sampled_from(
    [YEAR, -YEAR, FIRST - datetime(1970, 1, 1, 7, tzinfo=UTC), timedelta(days=40), timedelta(days=-3)]
)


@settings(max_examples=40)
@given(weeks, jumps, st.booleans(), st.integers(0, 60))
def test_a_clock_that_jumps_and_comes_back_moves_nobody(
    history: list[tuple[object, ...]], by: timedelta, noticed: bool, hours: int
) -> None:
    life = Life()
    play(life, history)
    if by > timedelta(days=10_000):
        by = -by  # back to 1970
    before, began = life.state.recovery.standing, len(life.log)
    life.clock(by, noticed=noticed)
    life.feed(events.Ticked())
    life.until(life.now + timedelta(hours=hours))
    life.clock(-by, noticed=noticed)
    life.feed(events.Ticked())
    life.until(life.now + timedelta(hours=1))
    after = life.state.recovery.standing
    assert (after.stage, after.lock) == (before.stage, before.lock)
    judged = [
        effect.decision
        for step in life.log[began:]
        for effect in step.effects
        if isinstance(effect, RecordDecision) and effect.decision.did in DAILY
    ]
    assert len(judged) <= 1 + (hours + 1) // 24 + 2, "one for each day that really went by, and the days of both jumps"


# --- In the end -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pain", [0, 1, 2])
def test_steady_low_scores_climb_to_walk_run_in_the_least_days(pain: int) -> None:
    life = Life(now=FIRST)
    life.feed(events.RunningWished(wanted=True))
    for _ in range(13):
        life.live(pain)
        life.at(4)
    assert life.state.stage == "build_strength"
    life.live(pain)
    assert life.state.stage == "walk_run"


@settings(max_examples=10)
@given(weeks)
def test_whatever_was_before_whoever_is_seen_to_and_well_climbs_in_the_end(history: list[tuple[object, ...]]) -> None:
    life = Life()
    play(life, history)
    life.get_up()
    life.feed(events.ResumeAsked())
    life.feed(LockCleared(life.today, "gentle_start"))
    life.feed(events.FlareSaid(on=False))
    life.feed(events.StageChosen("daily_walks", by="user"))
    life.feed(events.RunningWished(wanted=True))
    life.at(5)
    for _ in range(75):
        life.live(1)
        life.at(5)
    assert rung(life.state.stage) >= rung("walk_run")


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("pain", [0, 2, 3, 4, 5, 6, 7, 9])
def test_constant_scores_turn_round_once_at_most(stage: str, pain: int) -> None:
    life = Life(snapshots=False)
    life.feed(events.IntakeTaken(IntakeAnswers(pain, True, True, True, True, running_goal=True)))
    life.feed(events.StageChosen(stage, by="provider"))
    life.feed(events.StageChosen(stage))
    for _ in range(84):
        life.live(pain)
        life.at(4)
    moves = [
        rung(effect.after) - rung(effect.before)
        for step in life.log
        if step.day > FIRST.date()
        for effect in step.effects
        if isinstance(effect, RecordStage)
    ]
    assert sum(first * second < 0 for first, second in pairwise(moves)) <= 1


@pytest.mark.parametrize(("item", "red"), [("E1", True), ("U7", False)])
def test_a_lock_is_there_until_cleared_and_then_prompts_come_again(item: str, red: bool) -> None:
    life = Life()
    life.live(2)
    life.at(9)
    life.feed(events.StageChosen("build_strength", by="provider"))
    life.feed(events.SafetyAnswered((SafetyAnswer(item),)))
    life.until(life.now + timedelta(hours=1))
    for _ in range(10):
        life.sit(timedelta(minutes=40))
    shown = {effect.prompt.category for _, effect in life.of(RecordPrompt) if isinstance(effect, RecordPrompt)}
    assert shown <= GENTLE
    assert bool(shown) is not red
    began = len(life.log)
    life.feed(LockCleared(life.today, "gentle_start"))
    life.until(life.now + timedelta(hours=1))
    life.sit(timedelta(minutes=40))
    assert [effect for step in life.log[began:] for effect in step.effects if isinstance(effect, RecordPrompt)]


@pytest.mark.parametrize("said", [events.SafetyAnswered((SafetyAnswer("U7"),)), events.FlareSaid(on=True)])
def test_a_prompt_that_strains_goes_when_a_lock_or_a_flare_comes(said: events.Event) -> None:
    life = Life()
    life.feed(events.StageChosen("build_strength", by="provider"))
    for _ in range(40):
        life.at(9)
        life.feed(events.SignalChanged("chair", on=True))
        life.until(life.now + timedelta(minutes=25))
        if life.showing() in {"mobility", "strength"}:
            break
        life.feed(events.SignalChanged("chair", on=False))
        life.live(1)
    assert life.showing() in {"mobility", "strength"}
    life.feed(said)
    assert life.showing() is None
    began = len(life.log)
    life.until(life.now + timedelta(hours=4))
    shown = [effect for step in life.log[began:] for effect in step.effects if isinstance(effect, Notify)]
    assert shown
    assert {ENTRIES[effect.prompt.entry].category for effect in shown} <= GENTLE | {"chores"}


@pytest.mark.parametrize("days", [1, 2, 3])
def test_who_stepped_down_is_led_up_neither_by_hand_nor_by_an_offer_for_three_days(days: int) -> None:
    life = Life()
    life.feed(events.StageChosen("easy_mobility", by="provider"))
    for _ in range(6):
        life.live(1, yes=False)
        life.at(4)
    life.feed(events.StageChosen("daily_walks"))
    for _ in range(days):
        life.live(1)
        life.at(4)
        life.feed(events.StageChosen("easy_mobility"))
        assert life.state.stage == "daily_walks"
    life.live(1)
    life.at(4)
    life.feed(events.StageChosen("easy_mobility"))
    assert (life.state.stage == "easy_mobility") is (days == 3)


def test_who_does_not_answer_is_asked_twice_and_again_the_next_day() -> None:
    life = Life()
    life.score("evening", 3)
    life.until(life.now + 3 * DAY)
    asked = Counter(
        (effect.data["date"], effect.data["when"])
        for step in life.log
        for effect in step.effects
        if isinstance(effect, Announce) and effect.event_type == "checkin_due"
    )
    days = [(FIRST + n * DAY).date().isoformat() for n in range(3)]
    assert asked == {
        (days[0], "morning"): 2,
        **{(day, when): 2 for day in days[1:] for when in ("morning", "evening")},
    }
