"""Any story at all, and any report at all."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lamp_rig import (
    DUE,
    LONG,
    MAKES,
    RESTORED,
    same,
    wire_of,
)
from simulated_lamps import is_on

from nudger.core.words import Scene

person_ids = st.sampled_from(["p0", "p1", "p2"])
steps = st.one_of(
    st.tuples(st.just("scene"), person_ids, st.sampled_from(Scene), st.integers(0, 10)),
    st.tuples(st.just("touch"), st.integers(0, 3)),
    st.tuples(st.just("passes"), st.sampled_from([0.0, 0.5, 1.9, 3.0, 6.0, 100.0])),
    st.tuples(st.sampled_from(["deliver", "crash", "link lost", "link back"])),
)


@settings(max_examples=150)
@given(st.sampled_from(list(MAKES)), st.integers(1, 3), st.lists(steps, max_size=25))
def test_in_the_end_the_lamp_is_what_somebody_last_made_it(
    make: str, persons: int, story: list[tuple[Any, ...]]
) -> None:
    states = list(MAKES[make][2].values())
    wire = wire_of(make, "white", persons=persons, ambient=True, break_cue=True)
    last = states[list(MAKES[make][2]).index("white")]
    for what, *details in story:
        match what:
            case "scene":
                wire.lamps.set_scene(*details)
            case "touch":
                last = states[details[0] % len(states)]
                wire.touch(last)
            case "passes":
                wire.passes(*details)
            case "deliver":
                wire.deliver()
            case "crash":
                wire.start()
            case "link lost":
                wire.link(up=False)
            case _ if not wire.is_up:
                wire.link(up=True)
            case _:
                pass
    if not wire.is_up:
        wire.link(up=True)
    for person in range(persons):
        wire.lamps.set_scene(f"p{person}", RESTORED)
    wire.passes(LONG)
    assert same(wire.lamp, last)
    assert not wire.store.saved
    assert wire.lamps.wakeup() is None
    if persons > 1:
        assert not any("#FF1E00" in payload or "HSBColor 7," in payload for _, payload in wire.sent), "never red"
    # And the next cue works.
    wire.lamps.set_scene("p0", DUE)
    wire.passes(LONG)
    assert wire.lamp is not None
    assert is_on(wire.lamp)
    assert not same(wire.lamp, last)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "state",
                "brightness",
                "color",
                "color_temp",
                "color_mode",
                "effect",
                "POWER",
                "HSBColor",
                "Dimmer",
                "White",
                "CT",
            ]
        ),
        st.recursive(
            st.none()
            | st.booleans()
            | st.floats()
            | st.sampled_from(["ON", "xy", "color_temp", "1,2,3"])
            | st.text(max_size=3),
            lambda inner: st.dictionaries(
                st.sampled_from(["x", "y", "r", "g", "b", "hue", "saturation"]), inner, max_size=3
            ),
            max_leaves=5,
        ),
    )
)
def test_no_report_does_harm(report: dict[str, Any]) -> None:
    for make in MAKES:
        wire = wire_of(make)
        wire.lamp = None
        for state in ("ON", "OFF"):
            for topic in wire.lamps.subscriptions():
                wire.lamps.receive(topic, json.dumps({"state": state, "POWER": state, **report}).encode(), False)
            wire.lamps.set_scene("p0", DUE)
            wire.passes(LONG)
            wire.lamps.set_scene("p0", RESTORED)
        for _, payload in wire.sent:
            assert "NaN" not in payload
            assert "Infinity" not in payload
