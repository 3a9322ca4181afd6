"""Effects: orders to the shell, imperative. The store writes the Record... ones, outputs act on the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from nudger.core.recovery.course import Decision
from nudger.core.recovery.diary import Activity
from nudger.core.recovery.told import Entry
from nudger.core.running.runs import Run
from nudger.core.state import Prompt
from nudger.core.words import Confirmed, Outcome, Posture, Scene


@dataclass(frozen=True, slots=True)
class Notify:
    """Show this prompt at its level. ``silent`` shows it again after a short rise, without a sound or a push.

    ``repeated`` is true for every showing after the first.
    """

    prompt: Prompt
    repeated: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take the prompt off every channel; ``why`` is one word for logs (up, done, call, quiet, ...)."""

    prompt_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell the world an event of the public contract (`break_started`, `enough`, `snoozed`, ...)."""

    event_type: str
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetLight:
    """Ask the person's lamps for a scene. ``step`` of 0..10 warms the ambient scene from soft to hard."""

    scene: Scene
    step: int = 0


@dataclass(frozen=True, slots=True)
class Refuse:
    """A command was not carried out. ``key`` and ``data`` name the sentence of the texts that says why."""

    key: str
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordPosture:
    """The posture changed; ``since`` may lie earlier than the moment it became known."""

    posture: Posture
    since: datetime


@dataclass(frozen=True, slots=True)
class RecordBout:
    """A sitting bout ended. ``sitting`` is its length less unknown time."""

    start: datetime
    end: datetime
    sitting: timedelta


@dataclass(frozen=True, slots=True)
class RecordBreak:
    """A break ended."""

    start: datetime
    end: datetime
    confirmed: Confirmed


@dataclass(frozen=True, slots=True)
class RecordPrompt:
    """A prompt was issued, after that much sitting."""

    prompt: Prompt
    sitting: timedelta
    stage: str


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """A prompt ended. ``after`` is issue to standing, or to the person's answer; None where it has no meaning."""

    prompt_id: str
    outcome: Outcome
    after: timedelta | None
    why: str | None = None
    rise: timedelta | None = None


@dataclass(frozen=True, slots=True)
class RecordStage:
    """The stage changed; ``rule`` names what moved it: a row of the rule table, or ``intake``."""

    before: str
    after: str
    rule: str


@dataclass(frozen=True, slots=True)
class RecordDecision:
    """A rule decided; the decision holds its id and the values it saw."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class RecordCheckIn:
    """A check-in was taken in. A later one for the same half of the same day corrects it."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class RecordActivity:
    """Something done on a day was told, or (``seen``) the day is over and this was seen of it."""

    day: date
    done: Activity
    seen: bool = False


@dataclass(frozen=True, slots=True)
class RecordRun:
    """A run was told of, or told of anew."""

    run: Run


RecordEffect = (
    RecordPosture
    | RecordBout
    | RecordBreak
    | RecordPrompt
    | RecordOutcome
    | RecordStage
    | RecordDecision
    | RecordCheckIn
    | RecordActivity
    | RecordRun
)

Effect = Notify | Withdraw | Announce | SetLight | Refuse | RecordEffect
