"""Health in the views: nothing goes out without a yes, and the person's own machine sees all of it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from playbook import Playbook, prompted, seated

from nudger.core.events import (
    ActivityLogged,
    CheckedIn,
    FlareSaid,
    OfferAnswered,
    PublishingAnswered,
    SafetyAnswered,
    SessionTold,
    StageChosen,
)
from nudger.core.policy import Questions
from nudger.core.recovery.diary import Activity, Walk
from nudger.core.recovery.told import EVENING, MORNING, Entry, SafetyAnswer
from nudger.core.running.runs import SessionEntry
from nudger.library import LANGUAGES, load_language
from nudger.views.health import private, public
from nudger.views.mqtt import MqttView
from nudger.views.state import NOTHING_TOLD

MONDAY = date(2025, 3, 3)
ENGLISH = load_language("en")
YES, NO, OPEN = PublishingAnswered(yes=True), PublishingAnswered(yes=False), None


class Wire:
    """What a view publishes."""

    def __init__(self, day: Playbook) -> None:
        self.day = day
        self.sent: list[tuple[str, str]] = []
        self.view = MqttView(self.publish, "nudger")
        self.acted = 0

    def publish(self, topic: str, payload: str, *, qos: int = 0, retain: bool = False) -> None:
        self.sent.append((topic, payload))
        assert retain is topic.endswith("/state")
        assert qos == (0 if retain else 1)

    def act(self) -> Wire:
        """Let the view see what the engine decided since the last time."""
        effects = [effect for _, effect in self.day.log[self.acted :]]
        self.acted = len(self.day.log)
        self.view.act(self.day.policy, self.day.state, effects, ENGLISH, self.day.now)
        return self

    def state(self) -> dict[str, Any]:
        """The newest state."""
        return json.loads([payload for topic, payload in self.sent if topic.endswith("/state")][-1])  # type: ignore[no-any-return]  # an object

    def events(self) -> list[dict[str, Any]]:
        """All events."""
        return [json.loads(payload) for topic, payload in self.sent if topic.endswith("/event")]


def told_everything(day: Playbook) -> Playbook:
    """Tell of pain, a flare, a red lock."""
    day.tell(CheckedIn(Entry(MONDAY, MORNING, 7))).tell(FlareSaid(on=True))
    return day.tell(SafetyAnswered((SafetyAnswer("E1"),)))


@pytest.mark.parametrize(("config", "answer"), [(None, OPEN), (None, NO), (False, YES)])
def test_nothing_about_health_goes_out_without_a_yes(config: bool | None, answer: PublishingAnswered | None) -> None:
    day = seated(publish_health=config)
    if answer is not None:
        day.tell(answer)
    wire = Wire(told_everything(day)).act()
    state = wire.state()
    assert {key: state[key] for key in NOTHING_TOLD} == dict(NOTHING_TOLD)
    assert state["hold"] is None
    assert state["next_prompt_at"] is state["next_prompt_by"] is None
    assert "nudger status" in state["why"]
    assert not {"flare", "safety", "stage_changed", "stage_offered"} & {event["event_type"] for event in wire.events()}
    everything = " ".join(payload for _, payload in wire.sent)
    for word in ("daily_walks", "red", "S1", "medical", '"pain":'):
        assert word not in everything.replace('"pain":null', "")


@pytest.mark.parametrize(("config", "answer"), [(None, YES), (True, OPEN), (True, NO)])
def test_with_a_yes_it_does(config: bool | None, answer: PublishingAnswered | None) -> None:
    day = seated(publish_health=config)
    if answer is not None:
        day.tell(answer)
    wire = Wire(told_everything(day)).act()
    state = wire.state()
    assert (state["stage"], state["flare"], state["lock"], state["hold"]) == ("daily_walks", True, "red", "locked")
    assert state["pain"] == {"date": "2025-03-03", "morning": {"pain": 7, "impact": None}, "evening": None}
    events = {event["event_type"]: event for event in wire.events()}
    assert events["flare"] == {"event_type": "flare", "on": True}
    assert events["safety"]["message"] == "S1"
    assert events["safety"]["text"] == ENGLISH.texts["safety.S1"]


@pytest.mark.parametrize(("publishes", "why"), [(False, "held"), (True, "locked")])
def test_a_prompt_that_a_lock_takes_away_tells_so_only_with_a_yes(publishes: bool, why: str) -> None:
    day = prompted(publish_health=publishes).tell(SafetyAnswered((SafetyAnswer("E1"),)))
    withdrawn = [event for event in Wire(day).act().events() if event["event_type"] == "prompt_withdrawn"]
    assert [event["why"] for event in withdrawn] == [why]


def test_why_any_other_prompt_goes_is_no_secret() -> None:
    wire = Wire(prompted(publish_health=False).off("seat")).act()
    assert [event["why"] for event in wire.events() if event["event_type"] == "prompt_withdrawn"] == ["up"]


@pytest.mark.parametrize(("publishes", "last"), [(False, None), (True, 7)])
def test_a_check_in_that_is_due_names_the_last_score_only_with_a_yes(publishes: bool, last: int | None) -> None:
    day = seated(publish_health=publishes).tell(CheckedIn(Entry(MONDAY - timedelta(days=1), EVENING, 7)))
    wire = Wire(day.until("23:00")).act()
    due = [event for event in wire.events() if event["event_type"] == "checkin_due" and event["when"] == EVENING]
    assert due
    assert {event["last"] for event in due} == {last}


def test_a_yes_or_a_no_shows_at_once() -> None:
    day = seated()
    wire = Wire(day).act()
    assert wire.state()["stage"] is None
    day.tell(YES)
    assert wire.act().state()["stage"] == "daily_walks"
    day.tell(NO)
    assert wire.act().state()["stage"] is None


def test_what_was_told_is_worked_out_anew_when_it_changes() -> None:
    day = seated(publish_health=True)
    wire = Wire(day).act()
    day.tell(CheckedIn(Entry(MONDAY, MORNING, 2)))
    assert wire.act().state()["pain"]["morning"]["pain"] == 2
    day.tell(CheckedIn(Entry(MONDAY, MORNING, 3)))
    assert wire.act().state()["pain"]["morning"]["pain"] == 3
    count = len(wire.sent)
    assert len(wire.act().sent) == count, "nothing changed"


def climbing() -> Playbook:
    """Somebody who is offered the next stage."""
    day = Playbook(stage="gentle_start", begin="08:00", publish_health=True)
    for number in range(3):
        on = date(2025, 3, 3 + number)
        day.until(f"{24 * number + 8}:00").tell(CheckedIn(Entry(on, MORNING, 2)))
        done = Activity(monitored=timedelta(hours=5), windows=20, answered=20, chores=2, walks=(Walk(2, rise=0),) * 3)
        day.until(f"{24 * number + 13}:00").tell(ActivityLogged(done))
    return day


def test_an_offer_comes_with_its_words() -> None:
    day = climbing()
    wire = Wire(day).act()
    assert wire.state()["offer"] == {"stage": "daily_walks", "rule": "R12"}
    offered = next(event for event in wire.events() if event["event_type"] == "stage_offered")
    assert (offered["stage"], offered["rule"]) == ("daily_walks", "R12")
    assert "Daily walks" in offered["text"]
    own = private(day.policy, day.state, ENGLISH, day.now)
    assert own["offer"] == "Daily walks"
    assert "Daily walks" in own["outcome"]
    day.tell(OfferAnswered(yes=True))
    assert wire.act().state()["offer"] is None


def test_the_next_session_is_told_in_words_and_numbers() -> None:
    day = seated(publish_health=True, stage="walk_run").tell(CheckedIn(Entry(MONDAY, MORNING, 1)))
    session = Wire(day).act().state()["next_session"]
    assert (session["date"], session["kind"], session["step"], session["run_min"]) == ("2025-03-03", "run", 1, 3)
    assert session["pieces"][0] == {"kind": "walk", "minutes": 5}
    assert session["missing"] == []
    day.tell(SessionTold(SessionEntry(MONDAY, 1, pre=0)))
    session = Wire(day).act().state()["next_session"]
    assert ENGLISH.texts["session.ask.during"] in session["missing"]
    assert session["date"] == "2025-03-05"


def test_goals_are_told_with_what_was_seen_of_today() -> None:
    day = climbing()
    goals = Wire(day).act().state()["goals"]
    assert goals["percent"] == 100
    assert "chores" in goals["text"]
    locked = told_everything(seated(publish_health=True))
    assert Wire(locked).act().state()["goals"] is None


@pytest.mark.parametrize("code", LANGUAGES)
def test_ones_own_machine_sees_why(code: str) -> None:
    language = load_language(code)
    day = seated()
    own = private(day.policy, day.state, language, day.now)
    assert (own["explain"], own["outcome"], own["lock"], own["began"], own["asks"]) == (None, "", None, None, [])
    assert own["lock_end"] is None
    day = told_everything(day)
    own = private(day.policy, day.state, language, day.now)
    assert "R1" in own["explain"]
    assert own["lock"] == own["outcome"] == language.texts["safety.S1"]
    assert own["lock_end"] == language.texts["told.lock_end"]
    assert "`nudger stage cleared --on " in own["lock_end"]
    assert own["began"] == "2025-03-03"
    shown = public(day.policy, day.state, language, day.now)
    assert shown["lock"] == "red"


def test_ones_own_machine_knows_what_is_asked() -> None:
    day = Playbook(questions=Questions(wanted=True)).tell(FlareSaid(on=True)).until("08:30")
    own = private(day.policy, day.state, ENGLISH, day.now)
    assert own["asks"] == [MORNING]
    day = Playbook().tell(FlareSaid(on=True))
    own = private(day.policy, day.state, ENGLISH, day.now)
    assert own["safety_reason"] == "flare"
    assert own["safety_question"].startswith(ENGLISH.texts["safety.because.flare"])


def test_what_came_of_it_is_said_for_two_days() -> None:
    day = Playbook(stage="steady").tell(StageChosen("walk_run"))
    assert private(day.policy, day.state, ENGLISH, day.now)["outcome"]
    day.until("53:00")
    assert private(day.policy, day.state, ENGLISH, day.now)["outcome"] == ""
    assert private(day.policy, day.state, ENGLISH, day.now)["explain"]


def test_the_config_goes_before_the_answer() -> None:
    day = seated(publish_health=False).tell(YES)
    assert private(day.policy, day.state, ENGLISH, day.now)["publish_health"] is False
    day = seated().tell(YES)
    assert private(day.policy, day.state, ENGLISH, day.now)["publish_health"] is True
    assert day.tell(CheckedIn(Entry(MONDAY, EVENING, 1))).refusals() == []


def test_an_event_that_repeats_half_a_character_can_still_be_sent() -> None:
    wire = Wire(seated())
    wire.view.event("me", "error", {"command": "stage", "message": "There is no stage “\ud800”."})
    [(_, payload)] = wire.sent
    assert json.loads(payload.encode())["message"] == "There is no stage “?”."
