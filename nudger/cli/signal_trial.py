"""Trying a signal out: a person does what the sensor should notice, and learns whether it did, when, and what it said.

The trial asks for two things to be done, one after the other, and watches the signal's value meanwhile. What came of
it is judged in `signal_verdict`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Protocol

from nudger.core.words import Kind

POLL_S: Final = 0.1
COUNTDOWN: Final = ("3", "2", "1")

Look = Callable[[], Mapping[str, Any]]
"""Returns the signal as the daemon sees it now: one entry of GET /api/signals."""


class Companion(Protocol):
    """Who walks the person through it, and the time it takes."""

    def say(self, text: str, *, ends_line: bool = True) -> None:
        """Say something."""

    def wait_until_ready(self, text: str) -> None:
        """Say what to do first, and wait until the person has done it."""

    def clock(self) -> float:
        """Return a time in seconds that only ever grows."""

    def sleep(self, seconds: float) -> None:
        """Let time pass."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, and the value that it should give.

    ``patience_s`` is how long to wait for it, ``slow_s`` after how long it counts as slow.
    """

    do: str
    expects: bool
    patience_s: float = 30.0
    slow_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Course:
    """What to try with one kind of signal."""

    ready: str
    steps: tuple[Step, Step]


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a step: the value that the signal changed to, and after how long; None and None for no change."""

    step: Step
    value: bool | None
    after_s: float | None
    sample: str | None

    @property
    def is_right(self) -> bool:
        """Whether the signal said what the step should give."""
        return self.value is self.step.expects


_AWAY: Final = Step("Leave the sensor's sight", expects=False, patience_s=120, slow_s=30)
_BACK: Final = Step("Come back", expects=True)

COURSES: Final[Mapping[Kind, Course]] = MappingProxyType(
    {
        Kind.SEAT: Course(
            "Sit down on the chair and keep still.",
            (Step("Stand up", expects=False), Step("Sit down again", expects=True)),
        ),
        Kind.PRESENCE: Course("Sit at your desk as usual.", (_AWAY, _BACK)),
        # A PIR stays on for a minute or more after the last motion; that harms nothing, its off proves nothing.
        Kind.MOTION: Course(
            "Sit at your desk as usual.",
            (
                Step("Leave the sensor's sight", expects=False, patience_s=300, slow_s=300),
                Step("Come back, and move", expects=True),
            ),
        ),
        Kind.ACTIVITY: Course(
            "Type something, or move the mouse.",
            (
                Step("Take your hands off keyboard and mouse", expects=False, patience_s=120, slow_s=60),
                Step("Move the mouse", expects=True, slow_s=15),
            ),
        ),
        Kind.LOCKED: Course(
            "Have a look at how you lock your screen.",
            (
                Step("Lock the screen, and unlock it after ten seconds", expects=True, slow_s=15),
                Step("Unlock it, unless you have", expects=False, slow_s=30),
            ),
        ),
        Kind.POWER: Course(
            "Leave the device switched on.",
            (Step("Switch it off", expects=False, slow_s=15), Step("Switch it on again", expects=True, slow_s=15)),
        ),
        Kind.STANDING: Course(
            "Lower the desk to where you sit at it.",
            (
                Step("Raise it to where you stand", expects=True, patience_s=90, slow_s=45),
                Step("Lower it again", expects=False, patience_s=90, slow_s=45),
            ),
        ),
        Kind.CALL: Course(
            "Be in no call, and have camera and microphone off.",
            (
                Step("Start a call, or your camera", expects=True, patience_s=90, slow_s=30),
                Step("End it", expects=False, patience_s=90, slow_s=30),
            ),
        ),
        Kind.DND: Course(
            "Have do-not-disturb off.",
            (
                Step("Switch do-not-disturb on", expects=True, patience_s=60, slow_s=15),
                Step("Switch it off", expects=False, patience_s=60, slow_s=15),
            ),
        ),
    }
)
"""What to do with each kind; how long each may take is our own choice."""


def attempt(look: Look, companion: Companion) -> tuple[Mapping[str, Any], tuple[Seen, Seen]]:
    """Walk the person through what is to be done; return the signal as it was before, and what each step gave."""
    course = COURSES[Kind(look()["kind"])]
    companion.wait_until_ready(f"1. {course.ready}")
    before = look()
    companion.say(f"   {_says(before['value'])}")
    first = _watch(2, course.steps[0], look, companion, after_a_miss=False)
    second = _watch(3, course.steps[1], look, companion, after_a_miss=first.value is None)
    return before, (first, second)


def _watch(number: int, step: Step, look: Look, companion: Companion, *, after_a_miss: bool) -> Seen:
    """Have the step done and wait for the value to change.

    After a step that was not noticed in time, that late notice may still come; it is not taken for the answer to this
    one.
    """
    last = look()["value"]
    companion.say(f"{number}. {step.do} in ", ends_line=False)
    for word in COUNTDOWN:
        companion.say(f"{word} ... ", ends_line=False)
        companion.sleep(1)
    if (value := look()["value"]) is not step.expects:
        last = value  # what changed while counting down was no answer, unless somebody was early
    companion.say("now!")
    start = companion.clock()
    while (waited := companion.clock() - start) < step.patience_s:
        signal = look()
        value = signal["value"]
        if value is not None and value is not last:
            if value is step.expects or not after_a_miss:
                companion.say(f"   {_says(value)}: seen after {waited:.1f} s")
                return Seen(step, value, waited, signal["sample"])
            last = value
        companion.sleep(POLL_S)
    companion.say(f"   no change within {step.patience_s:g} s")
    return Seen(step, None, None, look()["sample"])


def _says(value: bool | None) -> str:
    return "it says nothing yet" if value is None else f"it says {'on' if value else 'off'}"
