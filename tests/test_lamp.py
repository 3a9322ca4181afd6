"""What the engine asks of a lamp: a table of moments, and how long a cue lasts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from health_rig import health

from nudger.core import engine, lamp
from nudger.core.policy import LampPolicy, Policy
from nudger.core.state import Bout, Break, Prompt, State
from nudger.core.words import Confirmed, Hold, Posture, PromptKind, Scene
from nudger.library import load_ladder, load_language

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LADDER = load_ladder()
FULL = LampPolicy(ambient=True, break_cue=True, in_call=True)
POLICY = Policy("p", LADDER, load_language("en").prompts, UTC, lamp=FULL)


def sitting(minutes: float, stage: str = "daily_walks", **remembered: object) -> State:
    """Return the State of somebody who has been sitting that long at noon."""
    state = engine.first_state(POLICY, NOON, seed=3)
    start = NOON - minutes * MINUTE
    told = health(stage, flare=bool(remembered.pop("flare", False)), on=NOON.date())
    state = replace(state, health=told, posture=Posture.SITTING, since=start, bout=Bout(start))
    return replace(state, **remembered)  # type: ignore[arg-type]  # the tests choose among the fields of State


def prompt(minutes_ago: float, **parts: object) -> Prompt:
    """Return a prompt shown that long ago."""
    shown = NOON - minutes_ago * MINUTE
    base = Prompt("p-1", "x", "Up", "Stand.", "stand", PromptKind.BREAK, MINUTE, issued_at=shown, shown_at=shown)
    return replace(base, **parts)  # type: ignore[arg-type]  # the tests choose among the fields of Prompt


def scene(state: State, policy: Policy = POLICY) -> Scene:
    """Return the scene at noon."""
    return lamp.cue(policy, state, NOON)[0]


@pytest.mark.parametrize(
    ("moment", "state", "expected"),
    [
        ("nothing due", sitting(10), Scene.RESTORED),
        ("a prompt shows", sitting(25, prompt=prompt(1)), Scene.DUE),
        ("it was repeated", sitting(25, prompt=prompt(1, level=1)), Scene.OVERDUE),
        ("never red in the first stage", sitting(25, "gentle_start", prompt=prompt(1, level=1)), Scene.DUE),
        ("never red in a flare", sitting(25, flare=True, prompt=prompt(1, level=1)), Scene.DUE),
        ("put off", sitting(25, prompt=prompt(1, snoozed_until=NOON + MINUTE)), Scene.RESTORED),
        ("the person is up", sitting(25, prompt=prompt(1, hidden_at=NOON)), Scene.RESTORED),
        (
            "standing still is no case for the lamp",
            sitting(25, prompt=prompt(1, kind=PromptKind.POSTURE)),
            Scene.RESTORED,
        ),
        ("the window is open", sitting(22), Scene.AMBIENT),
        ("the window is open, but held", sitting(22, hold=Hold.DND), Scene.RESTORED),
        ("in a call, before the window closes", sitting(22, hold=Hold.CALL), Scene.RESTORED),
        ("in a call, overdue", sitting(26, hold=Hold.CALL), Scene.DUE),
        ("a prompted break", sitting(0, bout=None, rest=Break(NOON, Confirmed.SENSOR, 2 * MINUTE)), Scene.BREAK),
        ("a break of one's own", sitting(0, bout=None, rest=Break(NOON, Confirmed.SENSOR)), Scene.RESTORED),
        ("away", sitting(25, posture=Posture.AWAY), Scene.RESTORED),
    ],
)
def test_each_moment_has_its_scene(moment: str, state: State, expected: Scene) -> None:
    assert scene(state) is expected, moment


@pytest.mark.parametrize("state", [sitting(22), sitting(26, hold=Hold.CALL)])
def test_what_is_not_asked_for_stays_dark(state: State) -> None:
    assert scene(state, replace(POLICY, lamp=LampPolicy())) is Scene.RESTORED
    resting = replace(state, bout=None, rest=Break(NOON, Confirmed.SENSOR, 2 * MINUTE))
    assert scene(resting, replace(POLICY, lamp=LampPolicy())) is Scene.RESTORED


@pytest.mark.parametrize("state", [sitting(0, bout=None), sitting(22, bout=None)])
def test_while_nobody_sits_no_lamp_is_waited_for(state: State) -> None:
    assert list(lamp.deadlines(POLICY, state)) == []


def test_a_steady_lamp_has_no_steps_to_wait_for() -> None:
    assert len(list(lamp.deadlines(replace(POLICY, lamp=LampPolicy()), sitting(22)))) == 3


def test_without_a_lamp_nothing_is_asked() -> None:
    assert scene(sitting(25, prompt=prompt(1)), replace(POLICY, lamp=None)) is Scene.RESTORED
    assert list(lamp.deadlines(replace(POLICY, lamp=None), sitting(22))) == []


@pytest.mark.parametrize("level", [0, 1])
def test_a_cue_goes_dark_ten_minutes_after_the_prompt_began_to_ask(level: int) -> None:
    just_before = prompt((lamp.CUE_LASTS - timedelta(seconds=1)) / MINUTE, level=level)
    state = sitting(40, prompt=just_before)
    assert scene(state) is not Scene.RESTORED
    assert scene(replace(state, prompt=prompt(lamp.CUE_LASTS / MINUTE, level=level))) is Scene.RESTORED
    assert NOON + timedelta(seconds=1) in list(lamp.deadlines(POLICY, state))
    asked_again = prompt(30, level=level, asked_again=NOON - timedelta(minutes=9))
    assert scene(replace(state, prompt=asked_again)) is not Scene.RESTORED, "after a snooze it begins anew"


def test_a_late_repeat_does_not_keep_the_lamp_longer() -> None:
    late = prompt(9, level=1, issued_at=NOON - timedelta(minutes=11))
    assert scene(sitting(40, prompt=late)) is Scene.RESTORED


def test_the_ambient_lamp_warms_step_by_step_from_soft_to_hard() -> None:
    stage = LADDER.stage("daily_walks")
    soft, width = stage.soft / MINUTE, (stage.hard - stage.soft) / MINUTE
    steps = [lamp.cue(POLICY, sitting(soft + width * part / 10), NOON)[1] for part in range(10)]
    assert steps == sorted(steps)
    assert steps[0] == 0
    assert steps[-1] >= 8
    changes = [instant for instant in lamp.deadlines(POLICY, sitting(soft)) if instant > NOON]
    assert len(set(changes)) >= 10, "each step is a deadline"


def test_a_green_break_ends_with_the_break() -> None:
    state = sitting(0, bout=None, rest=Break(NOON - 2 * MINUTE, Confirmed.SENSOR, 2 * MINUTE))
    assert scene(state) is Scene.RESTORED
    assert list(lamp.deadlines(POLICY, state)) == [NOON + 8 * MINUTE]
