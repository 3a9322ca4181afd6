"""Events: facts about one person's world, past tense. A closed set; `engine.decide` takes nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from nudger.core.recovery.diary import Activity
from nudger.core.recovery.told import Entry, IntakeAnswers, LockCleared, SafetyAnswer
from nudger.core.running.runs import SessionEntry


@dataclass(frozen=True, slots=True)
class Started:
    """The engine runs for this person from now on (first start, or after a restart with a saved State)."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """An instant that `engine.next_wakeup` named has come."""


@dataclass(frozen=True, slots=True)
class SignalChanged:
    """A signal reported a value; None means it said that it does not know.

    ``since`` is when the value began (the last input, the last motion), where the payload tells. ``at`` is when the
    reading was made, where the payload tells. ``retained`` marks a message that the broker had kept.
    """

    signal: str
    on: bool | None
    since: datetime | None = None
    at: datetime | None = None
    retained: bool = False


@dataclass(frozen=True, slots=True)
class AvailabilityChanged:
    """A signal's device said that it is there, or gone."""

    signal: str
    available: bool


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The connection that carries the remote signals came up or went down."""

    up: bool


@dataclass(frozen=True, slots=True)
class TimeLost:
    """The engine did not run between ``since`` and now: a restart, or the host slept.

    ``away`` says that the sleep itself proves absence (the host is the desktop that the person sits at).
    """

    since: datetime
    away: bool


@dataclass(frozen=True, slots=True)
class ClockStepped:
    """The wall clock was corrected by this much; every remembered instant moves with it."""

    by: timedelta


@dataclass(frozen=True, slots=True)
class PolicyChanged:
    """The config was reloaded. The policy passed along is already the new one."""


@dataclass(frozen=True, slots=True)
class Removed:
    """The person is no longer in the config, or the daemon stops for good: end what shows, restore the lamp."""


@dataclass(frozen=True, slots=True)
class DoneSaid:
    """The person says the break, or the movement at the chair, is done."""

    prompt_id: str | None = None


@dataclass(frozen=True, slots=True)
class SnoozeAsked:
    """The person wants the prompt put off once."""

    prompt_id: str | None = None


@dataclass(frozen=True, slots=True)
class SkipAsked:
    """The person does not want this prompt. ``unwanted`` says: nor ever this one again."""

    prompt_id: str | None = None
    unwanted: bool = False


@dataclass(frozen=True, slots=True)
class PauseAsked:
    """No prompts until then. A pause always has an end."""

    until: datetime


@dataclass(frozen=True, slots=True)
class ResumeAsked:
    """The pause, the rest or timer mode's idleness is over."""


@dataclass(frozen=True, slots=True)
class RestAsked:
    """The person lies down with the laptop for a while."""

    length: timedelta


@dataclass(frozen=True, slots=True)
class StageChosen:
    """The stage was set by hand; ``by`` is user or provider."""

    stage: str
    by: str = "user"


@dataclass(frozen=True, slots=True)
class FlareSaid:
    """The person says that a flare is on, or over."""

    on: bool


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """The person gave a score, and whatever else came with it."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class SafetyAnswered:
    """The safety list was answered by itself; no answers mean "nothing new"."""

    answers: tuple[SafetyAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class IntakeTaken:
    """The first questions were answered. What is None was left open and stays as it is."""

    answers: IntakeAnswers
    office: bool | None = None
    floor_space: bool | None = None
    contraindications: frozenset[str] | None = None
    publish_health: bool | None = None


@dataclass(frozen=True, slots=True)
class OfferAnswered:
    """The person accepts or declines the next stage; ``stage`` names it where the answer may come late."""

    yes: bool
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class ActivityLogged:
    """Something was done, on ``day`` or (None) today."""

    done: Activity
    day: date | None = None


@dataclass(frozen=True, slots=True)
class SessionTold:
    """The person told of a run; to ``correct`` it is to tell of it again."""

    entry: SessionEntry
    correct: bool = False


@dataclass(frozen=True, slots=True)
class PlanChosen:
    """The person chose something of the run plan. What is None stays as it is; a target of 0 takes it away."""

    start_min: int | None = None
    per_week: int | None = None
    target_min: int | None = None


@dataclass(frozen=True, slots=True)
class PlanTimeCame:
    """It is time to speak of the day's walk or run, at the next free moment."""


@dataclass(frozen=True, slots=True)
class TimeAwayCompared:
    """How active the time away was: less, same or more than before."""

    compared: str


@dataclass(frozen=True, slots=True)
class RunningWished:
    """Whether the person wants to run again."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class PublishingAnswered:
    """Whether health may go out over MQTT."""

    yes: bool


@dataclass(frozen=True, slots=True)
class PaceJudged:
    """The prompts of the last week were too_many, fine or too_few."""

    judged: str


Event = (
    Started
    | Ticked
    | SignalChanged
    | AvailabilityChanged
    | LinkChanged
    | TimeLost
    | ClockStepped
    | PolicyChanged
    | Removed
    | DoneSaid
    | SnoozeAsked
    | SkipAsked
    | PauseAsked
    | ResumeAsked
    | RestAsked
    | StageChosen
    | FlareSaid
    | CheckedIn
    | SafetyAnswered
    | IntakeTaken
    | OfferAnswered
    | LockCleared
    | ActivityLogged
    | SessionTold
    | PlanChosen
    | PlanTimeCame
    | TimeAwayCompared
    | RunningWished
    | PublishingAnswered
    | PaceJudged
)
