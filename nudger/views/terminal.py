"""The live view of `nudger run`: what one person, or several, see of their day while it goes on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from rich.box import ROUNDED
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.text import Text

from nudger.views.back import waiting
from nudger.views.status import headline, instant, stage, today
from nudger.views.words import length

KEYS: Final[Mapping[str, str]] = {"d": "done", "s": "snooze", "k": "skip", "p": "pause"}
"""What a key says, as the command of the contract."""
_ANSWERS: Final[Mapping[str, str]] = {"d": "done", "s": "put off", "k": "skip"}
"""What a card calls the answers to a prompt, by their keys."""

BAR_WIDTH: Final = 40
WIDTH: Final = 100
"""Columns beyond which lines are too long to read."""

_POSTURES: Final = {"sitting": "bold", "standing": "bold green", "away": "bold green", "unknown": "bold yellow"}


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything that one picture shows.

    ``persons`` are rendered states by id, ``chosen`` is whom the keys answer for (None where no keys are read),
    ``given_up`` are those for whom nothing is counted until they say so, ``put_off`` are those whose prompt cannot be
    put off (any more), ``happened`` are the last happenings, oldest first, and ``scale`` is how much faster than life
    time passes.
    """

    persons: Mapping[str, Mapping[str, Any]]
    chosen: str | None
    happened: Sequence[tuple[datetime, str]]
    zone: tzinfo
    scale: float = 1.0
    given_up: Collection[str] = ()
    put_off: Collection[str] = ()


def draw(frame: Frame) -> RenderableType:
    """Return the picture, ready for the console."""
    return Padding(Group(*_parts(frame)), (1, 0, 0, 0), expand=False)


def _parts(frame: Frame) -> Iterator[RenderableType]:
    for person, state in frame.persons.items():
        chosen = len(frame.persons) > 1 and person == frame.chosen
        yield from _person(f"> {person}" if chosen else person, state, frame)
        if state["prompt"] is not None:
            whose = f" --person {person}" if len(frame.persons) > 1 else ""
            can_wait = person not in frame.put_off
            yield _panel(state["prompt"], whose, with_keys=frame.chosen is not None, can_wait=can_wait)
        yield from _back(state)
        yield _indented(Text(f"Today: {today(state)}.", style="dim"))
        yield _indented(Text(f"Stage: {stage(state)}.", style="dim"))
        yield Text()
    if frame.happened:
        for at, what in frame.happened:
            yield Text.assemble(
                (f"  {at.astimezone(frame.zone):%H:%M}  ", "dim"), what, overflow="ellipsis", no_wrap=True
            )
        yield Text()
    yield _foot(frame)


def _person(name: str, state: Mapping[str, Any], frame: Frame) -> Iterator[RenderableType]:
    yield Text.assemble((f"{name}  ", "bold cyan"), (headline(state, frame.zone), _POSTURES[state["posture"]]))
    bar = _bar(state)
    if bar is not None:
        yield Padding(bar, (0, 0, 0, 2), expand=False)
    yield _indented(Text(state["why"]))


def _back(state: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Yield what must not be overlooked about the back, and what waits for an answer."""
    recovery = state["recovery"]
    if recovery["lock"] is not None:
        yield _indented(Text(recovery["lock"], style="bold"))
        yield _indented(Text(recovery["lock_end"]))
    for each in waiting(state):
        yield _indented(Text(f"{each.label}: {each.text} {each.answer}"))


def _bar(state: Mapping[str, Any]) -> ProgressBar | None:
    """Return the spell of sitting as a bar that is full when the prompt comes; None while nobody sits."""
    if state["posture"] != "sitting" or state["bout_started"] is None:
        return None
    if state["next_prompt_by"] is None:
        return ProgressBar(total=1, completed=1, width=BAR_WIDTH, complete_style="yellow", finished_style="yellow")
    start, opens, closes = (instant(state[key]) for key in ("bout_started", "next_prompt_at", "next_prompt_by"))
    sat = instant(state["at"]) - start
    style = "yellow" if sat >= opens - start else "green"
    return ProgressBar(
        total=max((closes - start).total_seconds(), 1.0),
        completed=sat.total_seconds(),
        width=BAR_WIDTH,
        complete_style=style,
        finished_style=style,
    )


def _panel(prompt: Mapping[str, Any], whose: str, *, with_keys: bool, can_wait: bool) -> RenderableType:
    """Return the prompt as a card; ``whose`` is the option of the commands that names the person."""
    answers = [(key, word) for key, word in _ANSWERS.items() if can_wait or KEYS[key] != "snooze"]
    lines = [
        Text.assemble((prompt["title"], "bold"), f"  ({length(prompt['duration_s'])})"),
        Text(prompt["body"]),
        Text(),
    ]
    if with_keys:
        keys = [part for key, word in answers for part in ((key, "bold"), f" {word}   ")]
        lines.append(Text.assemble(*keys))
    commands = ", ".join(f"nudger {KEYS[key]}{whose}" for key, _ in answers)
    lines.append(Text(f"In another terminal: {commands}", style="dim"))
    panel = Panel(Group(*lines), box=ROUNDED, border_style="yellow", width=WIDTH - 20, padding=(0, 1))
    return Padding(panel, (1, 0, 1, 2))


def _foot(frame: Frame) -> Text:
    hints = []
    if frame.scale != 1:
        hints.append(f"trying out, {frame.scale:g} times as fast as life")
    if frame.chosen is not None:
        if frame.chosen in frame.given_up:
            hints.append("d start again")
        paused = frame.persons[frame.chosen]["hold"] == "paused"
        hints.append(f"p {'resume' if paused else 'pause for 30 min'}")
        if len(frame.persons) > 1:
            hints.append("Tab next person")
    return Text("  " + "   ".join([*hints, "Ctrl-C ends"]), style="dim")


def _indented(text: Text) -> RenderableType:
    return Padding(text, (0, 0, 0, 2))
