"""Lamps show what persons need, and are given back as they were."""

from __future__ import annotations

import json

import pytest
from lamp_rig import (
    AMBIENT,
    BREAK,
    CASES,
    DUE,
    HOME_ASSISTANT_DUE,
    HOME_ASSISTANT_STATES,
    LONG,
    MAKES,
    OVERDUE,
    RESTORED,
    ZIGBEE_STATES,
    payloads,
    same,
    wire_of,
)
from simulated_lamps import Wire, is_on

from nudger.core.words import Scene
from nudger.outputs.lamp import ANSWER_S


@pytest.mark.parametrize(("make", "state"), CASES)
def test_a_lamp_is_what_it_was_after_a_cue(make: str, state: str) -> None:
    wire = wire_of(make, state)
    wire.lamps.set_scene("p0", DUE)
    assert wire.store.saved, "remembered before the change"
    assert wire.lamp is not None
    assert is_on(wire.lamp)
    assert not same(wire.lamp, MAKES[make][2][state])
    wire.passes(180)
    wire.lamps.set_scene("p0", OVERDUE)
    wire.passes(180)
    wire.lamps.set_scene("p0", RESTORED)
    assert same(wire.lamp, MAKES[make][2][state])
    wire.passes(LONG)
    assert not wire.store.saved
    assert wire.lamps.wakeup() is None


@pytest.mark.parametrize(("make", "state"), [case for case in CASES if case[0] != "home assistant"])
def test_a_lamp_that_has_not_reported_yet_is_asked(make: str, state: str) -> None:
    wire = wire_of(make)
    assert wire.lamp is not None
    wire.lamp.state = dict(MAKES[make][2][state])
    wire.lamps.set_scene("p0", DUE)
    assert wire.lamp.state == MAKES[make][2][state], "never changed before its state is known"
    wire.passes(LONG)
    assert not same(wire.lamp, MAKES[make][2][state]), "changed at last"
    wire.lamps.set_scene("p0", RESTORED)
    assert same(wire.lamp, MAKES[make][2][state])


def test_a_report_that_the_broker_kept_is_what_the_lamp_shows() -> None:
    wire = wire_of("home assistant", "white")
    wire.start()
    assert payloads(wire.commands(lambda: wire.lamps.set_scene("p0", DUE))) == [("lamp/command", HOME_ASSISTANT_DUE)]
    wire.passes(LONG)
    wire.lamps.set_scene("p0", RESTORED)
    assert same(wire.lamp, HOME_ASSISTANT_STATES["white"])


@pytest.mark.parametrize("make", MAKES)
def test_a_lamp_that_never_answers_is_lit_after_a_while_and_then_switched_off(make: str) -> None:
    wire = wire_of(make)
    wire.lamp = None
    asked = wire.commands(lambda: wire.lamps.set_scene("p0", DUE))
    wire.now += ANSWER_S
    due = wire.commands(wire.lamps.tick)
    assert len(asked) == (0 if make == "home assistant" else 1)
    assert len(due) == 1
    wire.passes(LONG)
    ((_, back),) = wire.commands(lambda: wire.lamps.set_scene("p0", RESTORED))
    assert back in {"OFF", '{"state":"OFF"}'}
    wire.passes(LONG)
    assert not wire.store.saved


def test_an_answer_that_comes_late_still_counts() -> None:
    wire = wire_of("zigbee")
    assert wire.lamp is not None
    lamp, before = wire.lamp, dict(ZIGBEE_STATES["colour"])
    wire.lamp = None
    wire.lamps.set_scene("p0", DUE)
    wire.passes(ANSWER_S)
    wire.lamp = lamp
    wire.lamps.receive("zigbee2mqtt/desk", json.dumps(before).encode(), False)
    wire.lamps.set_scene("p0", OVERDUE)
    wire.passes(LONG)
    wire.lamps.set_scene("p0", RESTORED)
    assert same(lamp, before)


def test_a_lamp_of_unknown_state_can_be_taken_too() -> None:
    wire = wire_of("zigbee")
    lamp, wire.lamp = wire.lamp, None
    wire.lamps.set_scene("p0", DUE)
    wire.passes(ANSWER_S)
    assert lamp is not None
    wire.lamp = lamp
    lamp.obey(*wire.sent[-1])
    wire.waiting.extend(lamp.report())
    wire.passes(LONG)
    wire.lamps.set_scene("p0", OVERDUE)
    wire.touch(ZIGBEE_STATES["off"])
    wire.passes(LONG)
    assert not wire.commands(lambda: wire.lamps.set_scene("p0", DUE))


def test_a_tick_too_early_does_nothing() -> None:
    wire = wire_of("zigbee")
    wire.lamp = None
    wire.lamps.set_scene("p0", DUE)
    assert not wire.commands(wire.lamps.tick)


def test_a_lamp_without_state_topic_is_lit_at_once() -> None:
    wire = Wire(
        None, ("p0", {"preset": "templates", "command_topic": "t", "templates": {"due": "{{ hex }}", "off": "off"}})
    )
    assert wire.commands(lambda: wire.lamps.set_scene("p0", DUE)) == [("t", "#FFA000")]
    assert wire.commands(lambda: wire.lamps.set_scene("p0", OVERDUE)) == [("t", "#FF1E00")]
    assert wire.commands(lambda: wire.lamps.set_scene("p0", RESTORED)) == [("t", "off")]
    wire.passes(LONG)
    assert not wire.store.saved


def test_scenes_that_were_not_asked_for_do_not_show() -> None:
    wire = wire_of("zigbee", "white")
    assert not wire.commands(lambda: wire.lamps.set_scene("p0", AMBIENT, 5))
    assert not wire.commands(lambda: wire.lamps.set_scene("p0", BREAK))
    assert not wire.commands(lambda: wire.lamps.set_scene("stranger", DUE))
    wire = wire_of("zigbee", "white", ambient=True, break_cue=True)
    assert wire.commands(lambda: wire.lamps.set_scene("p0", AMBIENT, 5))
    assert wire.commands(lambda: wire.lamps.set_scene("p0", BREAK))


def test_nothing_is_sent_twice() -> None:
    wire = wire_of("zigbee", "white")
    wire.lamps.set_scene("p0", DUE)
    assert not wire.commands(lambda: wire.lamps.set_scene("p0", DUE))
    wire.lamps.set_scene("p0", RESTORED)
    assert not wire.commands(lambda: wire.lamps.set_scene("p0", RESTORED))


def test_a_shared_lamp_shows_the_most_urgent_scene_and_never_turns_red() -> None:
    wire = wire_of("zigbee", "white", persons=2, ambient=True, break_cue=True)

    def shown(person: str, scene: Scene, step: int = 0) -> list[str]:
        sent = payloads(wire.commands(lambda: wire.lamps.set_scene(person, scene, step)))
        return [payload["color"]["hex"] if "color" in payload else "given back" for _, payload in sent]

    assert shown("p0", BREAK) == ["#70D080"]
    assert shown("p1", AMBIENT, 0) == ["#FFE0A0"]
    assert shown("p0", DUE) == ["#FFA000"]
    assert shown("p0", OVERDUE) == []
    assert shown("p1", RESTORED) == []
    wire.passes(LONG)
    assert shown("p0", RESTORED) == ["given back"]
    assert same(wire.lamp, ZIGBEE_STATES["white"])


def test_of_two_who_are_nearly_due_the_nearer_counts() -> None:
    wire = wire_of("zigbee", "white", persons=2, ambient=True)
    wire.lamps.set_scene("p0", AMBIENT, 2)
    assert wire.commands(lambda: wire.lamps.set_scene("p1", AMBIENT, 9))
    assert not wire.commands(lambda: wire.lamps.set_scene("p0", AMBIENT, 5))
    assert wire.commands(lambda: wire.lamps.set_scene("p0", AMBIENT, 10))
