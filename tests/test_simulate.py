"""Invented days: plausible, repeatable, and lived by somebody who listens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pytest

from nudger.replay import replay
from nudger.simulate import FIRST_DAY, Scenario, Sensors, Simulation, simulate, stages
from nudger.views.records import Record, to_json


def counts(simulation: Simulation) -> Record:
    counters: Record = simulation.records[-1]["persons"]["you"]
    return counters


def of(simulation: Simulation, kind: str) -> list[Record]:
    return [record for record in simulation.records if record["type"] == kind]


@pytest.mark.parametrize("sensors", Sensors)
def test_a_simulated_day_replays_to_the_same_bytes(sensors: Sensors) -> None:
    simulation = simulate(Scenario(sensors=sensors, days=2))
    replayed = [to_json(record) for record in replay(simulation.messages, simulation.settings)]
    assert replayed == [to_json(record) for record in simulation.records]
    assert simulate(Scenario(sensors=sensors, days=2)) == simulation


def test_another_seed_is_another_day() -> None:
    assert simulate(Scenario(seed=2)).messages != simulate(Scenario()).messages


@pytest.mark.parametrize("sensors", [Sensors.SEAT, Sensors.PRESENCE])
def test_who_follows_every_prompt_sits_less_at_a_stretch_than_who_follows_none(sensors: Sensors) -> None:
    always, never = (simulate(Scenario(sensors=sensors, follow=follow, days=5)) for follow in (1.0, 0.0))
    assert counts(always)["prompts"] >= 5 * 8
    assert counts(always)["followed"] > 0.9 * counts(always)["prompts"]
    assert counts(never)["ignored"] > 10 > counts(always)["ignored"]  # some rises just happen
    assert counts(always)["longest_bout_s"] < counts(never)["longest_bout_s"] / 1.5


def test_without_sensors_the_person_says_when_it_is_done() -> None:
    assert counts(simulate(Scenario(sensors=Sensors.TIMER, follow=1)))["done"] >= 10
    assert counts(simulate(Scenario(sensors=Sensors.TIMER, follow=0)))["done"] == 0


@pytest.mark.parametrize("stage", stages())
def test_every_stage_prompts_in_its_own_window(stage: str) -> None:
    simulation = simulate(Scenario(stage=stage))
    prompts = [record for record in of(simulation, "prompt") if record["level"] == 0]
    assert prompts
    assert {record["stage"] for record in prompts} == {stage}
    assert all(record["sitting_s"] >= 20 * 60 for record in prompts)


def test_no_prompt_comes_in_a_call_and_one_comes_when_calls_are_over() -> None:
    simulation = simulate(Scenario(days=10))
    calls: list[list[Any]] = []
    for message in simulation.messages:
        if message.topic == "desk/meeting" and message.payload == b"ON":
            calls.append([message.at.timestamp(), None])
        elif message.topic == "desk/meeting" and calls and calls[-1][1] is None:
            calls[-1][1] = message.at.timestamp()
    prompts = [record["t"] for record in of(simulation, "prompt")]
    assert len(calls) >= 10
    assert not [t for t in prompts for start, end in calls if start <= t < end]
    assert [t for t in prompts for _, end in calls if end <= t < end + 60]
    typed = [m.at.timestamp() for m in simulation.messages if (m.topic, m.payload) == ("desk/keyboard", b"ON")]
    assert not [t for t in typed for start, end in calls if start <= t < end], "in a call one listens"


def test_a_day_begins_in_the_morning_has_its_length_and_weeks_have_five() -> None:
    simulation = simulate(Scenario(hours=4, days=6))
    opened = [message.at for message in simulation.messages if message.payload == b"opened"]
    closed = [message.at for message in simulation.messages if message.payload == b"closed"]
    assert [at.date() - FIRST_DAY.date() for at in opened] == [timedelta(days=n) for n in (0, 1, 2, 3, 4, 7)]
    assert all(9 <= at.astimezone(UTC).hour < 10 for at in opened)
    assert all(at.astimezone(UTC).hour == 13 for at in closed)
    assert [m.at for m in simulation.messages] == sorted(m.at for m in simulation.messages)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"stage": "daly_walks"}, "did you mean 'daily_walks'"),
        ({"follow": 1.5}, "between 0 and 1"),
        ({"follow": float("nan")}, "between 0 and 1"),
        ({"hours": 0}, "between 1 and 14 hours"),
        ({"days": 0}, "between 1 and 366 days"),
    ],
)
def test_what_cannot_be_simulated_is_refused(wrong: dict[str, Any], hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        replace(Scenario(), **wrong)
