"""A snapshot restores a State exactly, and says what it cannot read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from types import MappingProxyType

import pytest
from health_rig import health
from hypothesis import given
from strategies import states

from nudger.core.state import Bout, Note, Reading, State, Today
from nudger.core.words import Lock, Posture
from nudger.store.snapshot import SnapshotError, dump, dump_health, load

AT = datetime(2026, 11, 22, 9, 30, 0, 123456, tzinfo=UTC)
STATE = State(
    at=AT,
    seed=7,
    today=Today(date(2026, 11, 22), sitting=timedelta(minutes=93, microseconds=7)),
    posture=Posture.SITTING,
    readings={"desk pad": Reading(on=True, since=AT, last_on=AT, heard=AT)},
    bout=Bout(AT, nudged=timedelta(seconds=0.5)),
    health=health("daily_walks", tags={"knee", "hip", "back", "night"}),
    note=Note("followed", AT),
)


def again(state: State) -> State:
    """Return the State that a restart finds."""
    return load(dump(state), dump_health(state.health))


HEALTH = dump_health(STATE.health)


@given(states)
def test_round_trip_is_exact(state: State) -> None:
    assert again(state) == state


@given(states)
def test_equal_states_give_equal_text(state: State) -> None:
    assert dump(again(state)) == dump(state)
    assert dump_health(again(state).health) == dump_health(state.health)


def test_the_types_come_back_too() -> None:
    state = again(STATE)
    assert state.at.tzinfo is UTC
    assert state.posture is Posture.SITTING
    assert type(state.health.wishes.contraindications) is frozenset
    assert type(state.recent) is tuple
    assert type(state.readings["desk pad"]) is Reading


def test_sets_are_written_sorted_whatever_the_hash_seed() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "from test_snapshot import STATE, dump, dump_health; print(dump(STATE), dump_health(STATE.health))"
    )

    def text(seed: str) -> str:
        env = os.environ | {"PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", code, os.path.dirname(__file__)]  # noqa: PTH120  (an argument is text)
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout

    assert '"contraindications":["back","hip","knee","night"]' in dump_health(STATE.health)
    assert text("1") == text("2") == text("3")


def test_another_zone_is_written_as_the_same_instant() -> None:
    elsewhere = replace(STATE, at=AT.astimezone(timezone(timedelta(hours=5, minutes=30))))
    assert again(elsewhere) == STATE
    assert again(elsewhere).at.tzinfo is UTC


def test_any_mapping_will_do_for_readings() -> None:
    assert again(replace(STATE, readings=MappingProxyType(dict(STATE.readings)))) == STATE


def test_a_field_added_since_is_filled_with_its_default() -> None:
    document = json.loads(dump(STATE))
    del document["state"]["ignored_in_row"]
    del document["state"]["bout"]["snoozed"]
    assert load(json.dumps(document), HEALTH) == STATE


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("state", "colour"), "red", "state.colour: unknown field"),
        (("state", "bout", "colour"), "red", "state.bout.colour: unknown field"),
        (("state", "posture"), "flying", "state.posture: Input should be 'sitting', 'standing', 'away' or 'unknown'"),
        (("state", "seed"), "seven", "state.seed: Input should be a valid integer"),
        (("state", "seed"), True, "state.seed: Input should be a valid integer"),
        (("state", "at"), "2026-11-22T09:30:00", "state.at: Value error, an instant without a time zone"),
        (("state", "readings", "desk pad", "on"), 1, "state.readings.desk pad.on: Input should be a valid boolean"),
        (("version",), 3, "snapshot version 3, this release reads 2"),
    ],
)
def test_what_cannot_be_read_is_named(path: tuple[str, ...], value: object, message: str) -> None:
    document = json.loads(dump(STATE))
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(SnapshotError) as caught:
        load(json.dumps(document), HEALTH)
    assert str(caught.value) == message


def test_a_missing_field_without_default_is_named() -> None:
    document = json.loads(dump(STATE))
    del document["state"]["seed"]
    with pytest.raises(SnapshotError, match=r"^state\.seed: missing$"):
        load(json.dumps(document), HEALTH)


@pytest.mark.parametrize("text", ["", "{", "null", "[]", '{"version":1}', '{"version":1,"state":null}', "],["])
def test_no_snapshot_at_all_is_an_error(text: str) -> None:
    for health_too in (HEALTH, None):
        with pytest.raises(SnapshotError):
            load(text, health_too)


@pytest.mark.parametrize("text", ["", "{", "null", "[]", '{"recovery":null}', "},{"])
def test_no_health_at_all_is_an_error(text: str) -> None:
    with pytest.raises(SnapshotError):
        load(dump(STATE), text)


@pytest.mark.parametrize(
    ("told", "flare", "lock", "plan"),
    [
        ({}, False, None, None),
        ({"flare": True, "stage_by": "provider"}, True, None, "daily_walks"),
        ({"lock": "red", "stage_by": "user"}, False, Lock.RED, None),
        ({"lock": "amber"}, False, Lock.AMBER, None),
    ],
)
def test_a_snapshot_of_the_first_version_is_lifted(
    told: dict[str, object], flare: bool, lock: Lock | None, plan: str | None
) -> None:
    """It held one text, with the stage, a flare, a lock and what to spare in it."""
    document = json.loads(dump(STATE))
    document["version"] = 1
    document["state"] |= {"stage": "daily_walks", "tags": ["knee"], **told}
    state = load(json.dumps(document), None)
    assert (state.stage, state.flare, state.lock) == ("daily_walks", flare, lock)
    assert state.recovery.standing.plan == plan
    assert state.health.wishes.contraindications == {"knee"}
    assert replace(state, health=STATE.health) == STATE
    assert again(state) == state
