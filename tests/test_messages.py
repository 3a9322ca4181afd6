"""Commands as people send them: every shape that works, and a kind answer to every one that does not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nudger.core.events import (
    DoneSaid,
    FlareSaid,
    PauseAsked,
    RestAsked,
    ResumeAsked,
    SafetyAnswered,
    SkipAsked,
    SnoozeAsked,
    StageChosen,
)
from nudger.core.recovery.told import SafetyAnswer
from nudger.messages import COMMANDS, MAX_PAYLOAD_BYTES, Command, Problem, parse_command

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 17, 2, tzinfo=UTC)  # 18:02 in Berlin
MINUTE = timedelta(minutes=1)


def said(command: str, payload: str | bytes | dict[str, Any] = "") -> Command:
    text = json.dumps(payload) if isinstance(payload, dict) else payload
    event = parse_command(command, text, NOW, BERLIN)
    assert not isinstance(event, Problem), event.message
    return event


def refused(command: str, payload: str | bytes | dict[str, Any]) -> str:
    text = json.dumps(payload) if isinstance(payload, dict) else payload
    problem = parse_command(command, text, NOW, BERLIN)
    assert isinstance(problem, Problem), problem
    return problem.message


@pytest.mark.parametrize(
    "payload", ["", "  ", "PRESS", "ON", "true", "1", "null", "{}", '{"id": null}', '"PRESS"', b"\n"]
)
def test_a_button_may_send_what_it_likes(payload: str | bytes) -> None:
    assert said("done", payload) == DoneSaid()
    assert said("snooze", payload) == SnoozeAsked()
    assert said("skip", payload) == SkipAsked()


@pytest.mark.parametrize("payload", ["", "PRESS", "true", "[]"])
def test_nothing_new_on_the_safety_list_is_one_tap(payload: str) -> None:
    assert said("safety", payload) == SafetyAnswered(())


@pytest.mark.parametrize("payload", ["E1", '"E1"', '["E1"]', '{"item": "E1"}'])
def test_an_item_of_the_safety_list_is_never_lost(payload: str) -> None:
    assert said("safety", payload) == SafetyAnswered((SafetyAnswer("E1"),))


def test_what_is_no_answer_to_the_safety_list_is_refused() -> None:
    assert "such as" in refused("safety", "7")
    assert "unknown field" in refused("safety", '{"items": ["E1"]}')


@pytest.mark.parametrize("payload", ["", "PRESS", "on", "{}"])
def test_a_pause_is_ended_by_any_word(payload: str) -> None:
    assert said("resume", payload) == ResumeAsked()


def test_a_command_may_name_the_prompt_it_means() -> None:
    assert said("done", {"id": "alex-1"}) == DoneSaid("alex-1")
    assert said("snooze", {"id": "alex-1"}) == SnoozeAsked("alex-1")
    assert said("skip", {"id": "alex-1"}) == SkipAsked("alex-1")
    assert said("skip", {"id": "alex-1", "unwanted": True}) == SkipAsked("alex-1", unwanted=True)
    assert said("skip", {"unwanted": False}) == SkipAsked()


@pytest.mark.parametrize(
    ("payload", "length"),
    [
        ("", 30 * MINUTE),
        ("{}", 30 * MINUTE),
        ("45", 45 * MINUTE),
        ("0.5", MINUTE / 2),
        ("30 min", 30 * MINUTE),
        ("1 h 30 min", 90 * MINUTE),
        ('"2 h"', 120 * MINUTE),
        ('{"minutes": 20}', 20 * MINUTE),
        ('{"minutes": "20"}', 20 * MINUTE),
        ('{"minutes": "1 h"}', 60 * MINUTE),
    ],
)
def test_a_pause_has_a_length_and_a_bare_number_is_minutes(payload: str, length: timedelta) -> None:
    assert said("pause", payload) == PauseAsked(NOW + length)


@pytest.mark.parametrize(
    ("until", "instant"),
    [
        ("2026-11-22T19:00:00Z", datetime(2026, 11, 22, 19, tzinfo=UTC)),
        ("2026-11-22T20:00+01:00", datetime(2026, 11, 22, 19, tzinfo=UTC)),
        ("2026-11-22T20:00", datetime(2026, 11, 22, 19, tzinfo=UTC)),  # the person's own clock
        ("20:00", datetime(2026, 11, 22, 19, tzinfo=UTC)),
        ("18:03", datetime(2026, 11, 22, 17, 3, tzinfo=UTC)),
        ("18:02", datetime(2026, 11, 23, 17, 2, tzinfo=UTC)),  # has just passed: tomorrow's
        ("7:30", datetime(2026, 11, 23, 6, 30, tzinfo=UTC)),
        ("2026-11-25", datetime(2026, 11, 25, 3, tzinfo=UTC)),  # the day starts at 04:00
    ],
)
def test_a_pause_may_name_its_end(until: str, instant: datetime) -> None:
    assert said("pause", {"until": until}) == PauseAsked(instant)


def test_tomorrows_time_is_right_when_the_clocks_change_tonight() -> None:
    evening = datetime(2026, 10, 24, 18, tzinfo=UTC)  # 20:00 summer time; 08:00 the next morning is winter time
    event = parse_command("pause", '{"until": "08:00"}', evening, BERLIN)
    assert event == PauseAsked(datetime(2026, 10, 25, 7, tzinfo=UTC))


@pytest.mark.parametrize("payload", ["today", '"Today"', {"until": "today"}, {"until": " TODAY "}])
def test_a_pause_for_today_ends_with_the_persons_day(payload: Any) -> None:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    for now, end in (("2026-11-23T13:00", "2026-11-24T04:00"), ("2026-11-24T01:00", "2026-11-24T04:00")):
        local_now, local_end = (datetime.fromisoformat(each).replace(tzinfo=BERLIN) for each in (now, end))
        assert parse_command("pause", text, local_now.astimezone(UTC), BERLIN) == PauseAsked(local_end)


def test_whether_a_pause_makes_sense_is_for_the_core_to_say() -> None:
    assert said("pause", {"until": "2020-01-01"}) == PauseAsked(datetime(2020, 1, 1, 3, tzinfo=UTC))
    assert said("pause", "400 d") == PauseAsked(NOW + timedelta(days=400))


def test_a_rest_lasts_an_hour_unless_it_says_otherwise() -> None:
    assert said("rest") == RestAsked(60 * MINUTE)
    assert said("rest", "90") == RestAsked(90 * MINUTE)
    assert said("rest", {"minutes": 20}) == RestAsked(20 * MINUTE)
    assert "at most" in refused("rest", "2 d")


@pytest.mark.parametrize(
    "payload", ["on", "ON", "true", "1", "yes", '"on"', '{"on": true}', '{"on": "ON"}', '{"on": 1}']
)
def test_a_flare_begins(payload: str) -> None:
    assert said("flare", payload) == FlareSaid(on=True)


@pytest.mark.parametrize("payload", ["off", "OFF", "false", "0", "no", '{"on": false}'])
def test_a_flare_ends(payload: str) -> None:
    assert said("flare", payload) == FlareSaid(on=False)


def test_a_stage_is_chosen_by_its_id() -> None:
    assert said("stage", "daily_walks") == StageChosen("daily_walks")
    assert said("stage", '"daily_walks"') == StageChosen("daily_walks")
    assert said("stage", {"set": "steady"}) == StageChosen("steady")
    assert said("stage", {"set": "steady", "by": "provider"}) == StageChosen("steady", by="provider")


@pytest.mark.parametrize(
    ("command", "payload", "hint"),
    [
        ("dnoe", "", "did you mean 'done'?"),
        ("", "", "the commands are: done, snooze"),
        ("done", b"\xff", "not UTF-8"),
        ("done", "\ud800", "not UTF-8"),
        ("done", "x" * (MAX_PAYLOAD_BYTES + 1), "4096 is the limit"),
        ("done", '{"id": "alex-1"', "no valid JSON"),
        ("done", '{"id": NaN}', "NaN"),
        ("done", "[" * 4000, "no valid JSON"),
        ("done", '["alex-1"]', "not a list"),
        ("done", {"id": 5}, "'id' must be the id of a prompt, not 5"),
        ("done", {"ID": "x"}, "unknown field 'ID', did you mean 'id'?"),
        ("resume", {"minutes": 5}, "unknown field 'minutes'"),
        ("skip", {"unwanted": "yes"}, "true or false"),
        ("pause", "soon", "30 (minutes)"),
        ("pause", "-5", "30 (minutes)"),
        ("pause", "0", "30 (minutes)"),
        ("pause", "nan", "30 (minutes)"),
        ("pause", "NaN", "30 (minutes)"),
        ("pause", "1e999", "at most"),
        ("pause", "9999999999", "at most"),
        ("pause", "true", "30 (minutes)"),
        ("pause", "[5]", "30 (minutes)"),
        ("pause", {"minutes": True}, "30 (minutes)"),
        ("pause", {"minute": 5}, "did you mean 'minutes'?"),
        ("pause", {"minutes": 5, "until": "20:00"}, "not both"),
        ("pause", {"until": "25:00"}, "17:30"),
        ("pause", {"until": "tomorrow"}, "17:30"),
        ("pause", {"until": 1800000000}, "17:30"),
        ("pause", {"until": "0001-01-01T00:00+14:00"}, "17:30"),
        ("rest", "0", "30 (minutes)"),
        ("flare", "", "on or off"),
        ("flare", "maybe", "on or off, not 'maybe'"),
        ("flare", "2", "on or off"),
        ("flare", {"on": None}, "on or off"),
        ("stage", "", "daily_walks"),
        ("stage", "5", "daily_walks"),
        ("stage", {"set": 5}, "daily_walks"),
        ("stage", {"set": "steady", "by": "me"}, "one of user, provider"),
        ("stage", {"level": "steady"}, "it can be: set, by"),
    ],
)
def test_what_is_no_command_is_told_what_would_be_one(
    command: str, payload: str | bytes | dict[str, Any], hint: str
) -> None:
    assert hint in refused(command, payload)


def test_an_answer_shows_little_of_what_was_sent_and_nothing_that_controls_a_terminal() -> None:
    message = refused("flare", "\x1b[31m\n" + "x" * 3000)
    assert len(message) < 120
    assert message.isprintable()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "minutes", "until", "on", "x"]), inner)
    ),
    max_leaves=5,
)


@given(
    command=st.sampled_from(COMMANDS) | st.text(max_size=10),
    payload=st.binary(max_size=60) | st.text(max_size=60) | json_values.map(json.dumps),
    now=st.datetimes(datetime(1970, 1, 2), datetime(2190, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  (they get one)
)
def test_no_payload_whatever_gets_more_than_an_answer(command: str, payload: bytes | str, now: datetime) -> None:
    event = parse_command(command, payload, now, BERLIN)
    if isinstance(event, Problem):
        assert event.message
    elif isinstance(event, PauseAsked):
        assert event.until.tzinfo is not None
    else:
        assert isinstance(event, Command)
