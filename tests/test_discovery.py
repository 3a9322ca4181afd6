"""What Home Assistant is told and how it reads our states: every row of the table, in every state there can be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any, Final

import pytest
from health_rig import health
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import StrictUndefined, Template, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from strategies import instants, states

from nudger.config.settings import Settings
from nudger.core.effects import Effect
from nudger.core.policy import Policy
from nudger.core.state import Bout, State, Today
from nudger.core.words import Posture
from nudger.library import LANGUAGES, load_ladder, load_language
from nudger.messages import Problem, parse_command
from nudger.replay import Replay
from nudger.simulate import Scenario, Sensors, simulate
from nudger.views import service
from nudger.views.entities import PERSON, SERVICE, TRIGGERS
from nudger.views.entity import LONGEST_STATE
from nudger.views.health import public
from nudger.views.homeassistant import Announcer, Device, hub_id
from nudger.views.mqtt import MqttView, dumps
from nudger.views.state import render

ENGLISH: Final = load_language("en")
LADDER: Final = load_ladder()
STAGES: Final = [stage.id for stage in LADDER.stages]
POLICY: Final = Policy("alex", LADDER, ENGLISH.prompts, UTC)
NOON: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANNOUNCER: Final = Announcer("nudger", "homeassistant")
ALEX: Final = ANNOUNCER.person("alex", "Alex", ENGLISH, STAGES)
HUB: Final = ANNOUNCER.hub(ENGLISH)

# Like Home Assistant's; only that it merely warns where a key is missing, which is a fault here.
ENVIRONMENT: Final = ImmutableSandboxedEnvironment(undefined=StrictUndefined)


@cache
def compiled(source: str) -> Template:
    return ENVIRONMENT.from_string(source)


@dataclass(frozen=True)
class Shown:
    """An entity as Home Assistant shows it now, which templates see as ``this``."""

    state: str = "unavailable"
    attributes: Mapping[str, Any] = field(default_factory=dict)


def rendered(template: str, payload: str, this: Shown = Shown()) -> str:
    return str(compiled(template).render(value=payload, value_json=json.loads(payload), this=this)).strip()


def shown_after(component: Mapping[str, Any], payload: str, before: Shown = Shown()) -> Shown:
    state = rendered(component["val_tpl"], payload, before)
    attributes = json.loads(rendered(component.get("json_attr_tpl", "{}"), payload, before))
    assert isinstance(attributes, dict)
    if state == "":  # nothing new
        state = "unknown" if before.state == "unavailable" else before.state
    return Shown("unknown" if state == "None" else state, attributes)


# --- What Home Assistant takes for a state, by platform ---------------------------------------------------------------


def one_of(*words: str) -> Callable[[str], bool]:
    return lambda text: text in words


def is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def accepts(component: Mapping[str, Any]) -> Callable[[str], bool]:
    """Return whether Home Assistant would take a text for a state of this component without a word in its log."""
    match component["p"]:
        case "binary_sensor":
            return one_of("ON", "OFF")
        case "switch":
            return one_of(component.get("pl_on", "ON"), component.get("pl_off", "OFF"))
        case "select":
            return one_of(*component["ops"])
        case "number":
            return lambda text: is_number(text) and component["min"] <= float(text) <= component["max"]
    if component.get("dev_cla") == "enum":
        return one_of(*component["ops"])
    if component.get("dev_cla") == "timestamp":
        return is_instant
    if "unit_of_meas" in component or "stat_cla" in component:
        return is_number
    return lambda text: len(text) <= LONGEST_STATE  # an empty one is ignored


def faults(device: Device, topic: str, payload: str) -> list[str]:
    """Return the entities that Home Assistant would complain of, reading this payload."""
    wrong = []
    for name, component in device.payload["cmps"].items():
        if component.get("stat_t") != topic or component["p"] == "event":
            continue
        state = shown_after(component, payload).state
        resets = "lrst_val_tpl" in component
        if (state != "unknown" and not accepts(component)(state)) or (
            resets and not is_instant(rendered(component["lrst_val_tpl"], payload))
        ):
            wrong.append(name)
    return wrong


said = st.none() | st.fixed_dictionaries({"pain": st.integers(0, 10), "impact": st.none() | st.booleans()})
TOLD: Final = {
    "stage": st.none() | st.sampled_from(STAGES),
    "flare": st.none() | st.booleans(),
    "lock": st.none() | st.sampled_from(["red", "amber"]),
    "pain": st.none() | st.fixed_dictionaries({"morning": said, "evening": said}),
    "offer": st.none() | st.fixed_dictionaries({"stage": st.sampled_from(STAGES)}),
    "next_session": st.none() | st.fixed_dictionaries({"title": st.text(max_size=400)}),
    "goals": st.none() | st.fixed_dictionaries({"percent": st.integers(0, 100)}),
}
"""What may be told of health, in every form that it takes."""


FIRST: Final = State(NOON, 1, Today(NOON.date()), health(STAGES[0]))


def state_json(state: State = FIRST, **changes: Any) -> str:
    return dumps({**render(POLICY, state, ENGLISH, NOON), **changes})


@given(states, instants, st.sampled_from(STAGES), st.sampled_from(LANGUAGES), st.fixed_dictionaries(TOLD))
def test_every_state_is_valid(state: State, now: datetime, stage: str, language: str, told: dict[str, Any]) -> None:
    somebody = replace(state, health=health(stage))
    payload = dumps({**render(POLICY, somebody, load_language(language), now), **told})
    assert faults(ALEX, "nudger/alex/state", payload) == []


def test_what_is_told_of_health_is_valid() -> None:
    told = public(POLICY, FIRST, ENGLISH, NOON)
    assert told.keys() == TOLD.keys()
    assert faults(ALEX, "nudger/alex/state", dumps(render(POLICY, FIRST, ENGLISH, NOON, told))) == []


@pytest.mark.parametrize(
    ("wrong", "entity"),
    [
        ({"stage": "astronaut"}, "stage"),
        ({"posture": "flying"}, "posture"),
        ({"bout_started": "soon"}, "sitting_since"),
        ({"pain": {"morning": {"pain": 11}}}, "pain_morning"),
        ({"breaks_today": "many"}, "breaks_today"),
        ({"offer": {"stage": 300 * "x"}}, "offer"),
    ],
)
def test_an_invalid_state_would_be_found(wrong: dict[str, Any], entity: str) -> None:
    assert faults(ALEX, "nudger/alex/state", state_json(**wrong)) == [entity]


def test_a_missing_key_would_be_found() -> None:
    with pytest.raises(UndefinedError):
        faults(ALEX, "nudger/alex/state", "{}")


@given(st.integers(0), st.integers(0), st.text(min_size=1), st.none() | st.just("2026-11-22T09:00:00+00:00"))
def test_the_service_is_valid_in_every_state(
    undecodable: int, reconnects: int, store: str, started: str | None
) -> None:
    told = {"version": "1", "started_at": started, "undecodable": undecodable, "store": store}
    for mqtt in (None, {"reconnects": reconnects}):
        payload = dumps(service.render({**told, "mqtt": mqtt}))
        assert faults(HUB, "nudger/service", payload) == []


def test_what_is_told_of_health_is_shown() -> None:
    def state_of(name: str, **changes: Any) -> str:
        return shown_after(ALEX.payload["cmps"][name], state_json(**changes)).state

    pain = {"morning": None, "evening": {"pain": 4, "impact": True}}
    assert state_of("pain_evening", pain=pain) == "4"
    assert state_of("impact", pain=pain) == "true"
    assert state_of("pain_morning", pain=pain) == "unknown"
    assert state_of("offer", offer={"stage": "walk_run"}) == "walk_run"
    assert state_of("offer") == state_of("goals") == state_of("next_session") == "unknown"
    assert state_of("goals", goals={"percent": 60}) == "60"
    assert state_of("next_session", next_session={"title": "A walk"}) == "A walk"
    assert state_of("lock", lock="amber", flare=False) == "ON"


def test_what_is_not_told_of_health_is_unknown_and_not_fine() -> None:
    names = ("lock", "in_flare", "flare")
    for flare, wanted in ((None, "unknown"), (False, "OFF")):
        payload = state_json(flare=flare, lock=None)
        assert {shown_after(ALEX.payload["cmps"][name], payload).state for name in names} == {wanted}


def test_the_longest_bout_is_told_when_it_is_over_and_begins_anew_each_day() -> None:
    component = ALEX.payload["cmps"]["longest_bout_today"]
    bout = {"bout_started": "2026-11-22T11:00:00Z"}

    def minutes(before: Shown, longest_s: int, sitting_s: int = 0, **more: Any) -> Shown:
        payload = state_json(**more, longest_bout_today_s=longest_s, sitting_s=sitting_s)
        return shown_after(component, payload, before)

    at_first = minutes(Shown(), 1200, 1200, **bout)
    assert at_first.state == "20", "better than nothing"
    growing = minutes(at_first, 1500, 1500, **bout)
    assert growing.state == "20"
    over = minutes(growing, 1560)
    assert over.state == "26"
    assert minutes(over, 1560, 60, **bout).state == "26"
    assert minutes(over, 0).state == "0", "a new day"


@pytest.mark.parametrize("hold", [None, "call"])
def test_a_rise_too_short_for_a_break_moves_the_main_entity_only(hold: str | None) -> None:
    bout = Bout(NOON - timedelta(minutes=5))
    seated = state_json(replace(FIRST, posture=Posture.SITTING, bout=bout), hold=hold)
    risen = state_json(replace(FIRST, posture=Posture.AWAY, bout=replace(bout, left=NOON)), hold=hold)
    components = {
        name: each for name, each in ALEX.payload["cmps"].items() if each.get("stat_t") == "nudger/alex/state"
    }
    moved = set()
    for name, component in components.items():
        before = shown_after(component, seated)
        if shown_after(component, risen, before) != before:
            moved.add(name)
    assert moved == {"sitting"} | ({"why"} if hold else set())  # what there is to say of a hold is said at once
    up = state_json(replace(FIRST, posture=Posture.AWAY), hold=hold)
    assert shown_after(components["posture"], up, Shown("sitting")).state == "away"


# --- What is announced -----------------------------------------------------------------------------------------------

PLATFORMS: Final = {"binary_sensor", "sensor", "event", "button", "switch", "number", "select", "device_automation"}
STRICT: Final = {"dev", "o", "avty_t", "cmps"}
"""Keys at the top: Home Assistant rejects the whole message for one that it does not know."""


@pytest.mark.parametrize("device", [ALEX, HUB], ids=["person", "service"])
def test_everything_that_home_assistant_asks_for_is_there(device: Device) -> None:
    assert set(device.payload) == STRICT
    assert device.payload["dev"]["ids"]
    assert device.payload["o"]["name"] == "nudger"
    assert device.payload["avty_t"] == "nudger/status"
    for name, component in device.payload["cmps"].items():
        assert component["p"] in PLATFORMS
        if component["p"] == "device_automation":
            continue
        assert component["uniq_id"].endswith(name)
        domain, _, object_id = component["def_ent_id"].partition(".")
        assert (domain, object_id) == (component["p"], component["object_id"])
        assert re.fullmatch(r"[a-z0-9_]+", object_id)
        assert component.get("ic", "").startswith("mdi:") or component["dev_cla"] == "problem"
        reads, commands = "stat_t" in component, "cmd_t" in component
        assert reads or commands
        assert component["p"] != "button" or not reads
        if component.get("ent_cat") == "config":
            assert commands, "Home Assistant rejects this for what can only be read"
        if component.get("dev_cla") == "enum":
            assert component["ops"]
            assert "unit_of_meas" not in component
            assert "stat_cla" not in component
        assert ("json_attr_tpl" in component) == ("json_attr_t" in component)


def test_ids_and_names_are_each_one_of_a_kind() -> None:
    for rows in (PERSON, SERVICE):
        assert len({row.key for row in rows}) == len(rows)
    assert not {row.key for row in PERSON} & {f"on_{each.event_type}" for each in TRIGGERS}
    for language in LANGUAGES:
        named = ANNOUNCER.person("alex", "Alex", load_language(language), STAGES).payload["cmps"].values()
        names = [(each["p"], each["name"]) for each in named if "name" in each]
        assert len(set(names)) == len(names)
        assert names.count(("binary_sensor", None)) == 1, "the main entity has the name of its device"


def test_names_are_in_the_language_of_the_person_and_ids_in_none() -> None:
    german = ANNOUNCER.person("alex", "Alex", load_language("de"), STAGES)
    assert german.topic == ALEX.topic
    for name, component in german.payload["cmps"].items():
        english = ALEX.payload["cmps"][name]
        assert {**component, "name": 0} == {**english, "name": 0}
    assert german.payload["cmps"]["next_prompt"]["name"] == "Nächster Anstoß"


def test_every_command_is_one_of_the_contract() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    pending = {"offer", "checkin"}
    for component in ALEX.payload["cmps"].values():
        if "cmd_t" not in component:
            continue
        _, _, command = component["cmd_t"].rpartition("/")
        assert component["cmd_t"] == f"nudger/alex/set/{command}"
        if command in pending:
            continue
        for payload in {
            "button": [component.get("pl_prs", "PRESS")],
            "switch": ["ON", "OFF"],
            "select": component.get("ops", []),
        }[component["p"]]:
            assert not isinstance(parse_command(command, payload, now, UTC), Problem), (command, payload)


@pytest.mark.parametrize(
    ("name", "value", "known", "wanted"),
    [
        ("pain_morning", 3, {}, {"when": "morning", "pain": 3, "impact": None}),
        ("pain_evening", 10.0, {"impact": False}, {"when": "evening", "pain": 10, "impact": False}),
        ("impact", "true", {"pain": 4}, {"when": "evening", "pain": 4, "impact": True}),
        ("impact", "false", {}, {"when": "evening", "pain": None, "impact": False}),
    ],
)
def test_a_check_in_repeats_what_was_told_with_it(
    name: str, value: object, known: dict[str, Any], wanted: dict[str, Any]
) -> None:
    template = compiled(ALEX.payload["cmps"][name]["cmd_tpl"])
    assert json.loads(template.render(value=value, this=Shown(attributes=known))) == wanted


@pytest.mark.parametrize(
    "event_type", ["prompt", "prompt_repeated", "prompt_withdrawn", "error", "break_started", "new"]
)
def test_an_event_entity_lets_through_what_it_lists_and_nothing_else(event_type: str) -> None:
    payload = dumps({"event_type": event_type, "id": "alex-1"})
    for name in ("prompt", "news"):
        component = ALEX.payload["cmps"][name]
        listed = event_type in component["evt_typ"]
        assert rendered(component["val_tpl"], payload) == (payload if listed else "")


def test_event_entities_list_only_events_of_the_contract() -> None:
    page = (Path(__file__).parent.parent / "docs" / "mqtt.md").read_text()
    table = page.split("## Events")[1].split("## Commands")[0]
    contract = {
        name for row in re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }
    listed = {each for name in ("prompt", "news") for each in ALEX.payload["cmps"][name]["evt_typ"]}
    assert listed - contract == set()
    assert {"prompt", "error", "checkin_due"} <= listed


def test_a_trigger_is_pulled_by_its_event_but_not_by_a_silent_one() -> None:
    trigger = ALEX.payload["cmps"]["on_prompt_repeated"]
    loud, silent = ({"event_type": "prompt_repeated", **more} for more in ({}, {"silent": True}))
    assert rendered(trigger["val_tpl"], dumps(loud)) == trigger["pl"]
    assert rendered(trigger["val_tpl"], dumps(silent)) != trigger["pl"]
    assert {each["pl"] for name, each in ALEX.payload["cmps"].items() if name.startswith("on_")} == {
        each.event_type for each in TRIGGERS
    }


names = st.from_regex(r"[a-z0-9_-]{1,8}", fullmatch=True)
bases = st.lists(st.from_regex(r"[A-Za-z0-9_-]{1,5}", fullmatch=True), min_size=1, max_size=3).map("/".join)


@given(bases, names, bases, names)
def test_two_nudgers_at_one_broker_never_share_an_id(base: str, person: str, other: str, stranger: str) -> None:
    assert (f"{hub_id(base)}_{person}" == f"{hub_id(other)}_{stranger}") == ((base, person) == (other, stranger))
    assert hub_id(base) != f"{hub_id(other)}_{stranger}"
    assert re.fullmatch(r"[A-Za-z0-9_-]+", hub_id(base))


def test_the_ids_of_the_contract() -> None:
    assert ALEX.topic == "homeassistant/device/nudger_alex/config"
    assert HUB.topic == "homeassistant/device/nudger/config"
    assert ALEX.payload["dev"]["via_device"] == HUB.payload["dev"]["ids"][0]
    assert Announcer("home/nudger", "ha").hub(ENGLISH).topic.startswith("ha/device/home_nudger-")


def test_the_messages_are_of_a_size_that_every_broker_takes() -> None:
    assert len(dumps(ALEX.payload).encode()) < 16 * 1024
    assert len(dumps(HUB.payload).encode()) < 4 * 1024


# --- What it costs ---------------------------------------------------------------------------------------------------


class Watched(Replay):
    """A replay that publishes, and keeps what it publishes."""

    def __init__(self, settings: Settings) -> None:
        self.published: list[tuple[str, str]] = []
        self._view = MqttView(lambda topic, payload, **_: self.published.append((topic, payload)), "nudger")
        super().__init__(settings)

    def _act(self, person: str, state: State, effects: Sequence[Effect]) -> None:
        assert self._now is not None
        followed = self._followed[person]
        self._view.act(followed.policy, state, effects, followed.language, self._now)
        super()._act(person, state, effects)


def history_rows(sensors: Sensors, seed: int) -> int:
    """Return how many changes of entities Home Assistant would record on an invented day of eight hours."""
    simulation = simulate(Scenario(sensors=sensors, seed=seed))
    day = Watched(simulation.settings)
    for message in simulation.messages:
        day.take(message)
    device = ANNOUNCER.person("you", "You", ENGLISH, STAGES)
    shown: dict[str, Shown] = {}
    rows = 0
    for topic, payload in day.published:
        for name, component in device.payload["cmps"].items():
            if component.get("stat_t") != topic:
                continue
            if component["p"] == "event":
                rows += rendered(component["val_tpl"], payload) != ""
                continue
            after = shown_after(component, payload, shown.get(name, Shown()))
            rows += shown.get(name) != after
            shown[name] = after
    return rows - len(shown)  # what was so in the morning was so the evening before


@pytest.mark.parametrize("sensors", Sensors)
def test_a_day_leaves_few_rows_in_the_history(sensors: Sensors) -> None:
    assert 80 < history_rows(sensors, 1) < 400


@pytest.mark.parametrize("sensors", [Sensors.SEAT, Sensors.PRESENCE, Sensors.LAPTOP])
def test_few_rows_are_no_matter_of_luck(sensors: Sensors) -> None:
    """Also on a chair pad on which somebody fidgets 22 to 29 times a day."""
    days = [history_rows(sensors, seed) for seed in range(1, 7)]
    assert fmean(days) < 400
    assert max(days) < 425
