"""The entities of nudger in Home Assistant, one row each. `homeassistant` makes discovery messages of the rows.

Templates see `value_json`, the JSON of the row's topic, with every key there; they render ``None`` for unknown. An
entity that is not needed may not change: each change is a row in Home Assistant's history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from nudger.core.model import Hold, Posture

LONGEST_STATE: Final = 255
"""Home Assistant keeps no longer states; more belongs into attributes."""

NONE: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Entity:
    """One row.

    ``key`` is its name in ids and must never change; ``entity.<key>`` of the texts is its name for people. ``value``
    and ``attributes`` are templates of its state, read from the person's topic ``reads``. ``command`` is the one of
    ``set/<command>`` that it gives. ``more`` are further options of the platform, in Home Assistant's abbreviations.
    """

    key: str
    platform: str
    value: str | None = None
    command: str | None = None
    icon: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    attributes: str | None = None
    reads: str = "state"
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class Trigger:
    """One device trigger: ``"<subject>" <happens>`` in the list that people choose from, fired by ``event_type``."""

    event_type: str
    subject: str
    happens: str


# --- What templates say again and again ------------------------------------------------------------------------------

DIAGNOSTIC: Final = {"ent_cat": "diagnostic"}
INSTANT: Final = {"dev_cla": "timestamp"}
MINUTES: Final = {"dev_cla": "duration", "unit_of_meas": "min", "sug_dsp_prc": 0}
PROBLEM: Final = {"dev_cla": "problem"}
MEASURED: Final = {"stat_cla": "measurement"}
DAILY: Final = {"stat_cla": "total", "lrst_val_tpl": "{{ value_json.day_started }}"}
"""A count that begins anew each day. Not total_increasing: sitting that turns out to have ended earlier is taken back,
and Home Assistant would take that for a new day."""


def _key(name: str) -> str:
    return f"{{{{ value_json.{name} }}}}"


def _on_if(condition: str) -> str:
    return f"{{{{ 'ON' if {condition} else 'OFF' }}}}"


def _minutes(name: str) -> str:
    return f"{{{{ (value_json.{name} / 60) | round | int }}}}"


def _events(*types: str) -> tuple[str, dict[str, list[str]]]:
    """Return the template that lets these types through, and the list of them."""
    names = ",".join(f"'{each}'" for each in types)
    return f"{{{{ value if value_json.event_type in [{names}] else '' }}}}", {"evt_typ": list(types)}


def _said(when: str, rendered: str) -> str:
    """Render something of a check-in; ``said`` is its score, or its score and impact."""
    return f"{{% set pain = value_json.pain or {{}} %}}{{% set said = pain.get('{when}') %}}{{{{ {rendered} }}}}"


SCORE: Final = "said.get('pain') if said is mapping else said"
IMPACT: Final = "said.get('impact') if said is mapping else pain.get('impact')"
SCALE: Final = {"min": 0, "max": 10, "step": 1, "mode": "slider"}


def _check_in(when: str, pain: str, impact: str) -> str:
    return f'{{"when":"{when}","pain":{pain},"impact":{impact}}}'


def _kept(name: str) -> str:
    """What a command repeats, because a check-in tells the score and the impact together."""
    return f"{{{{ this.attributes.get('{name}') | tojson }}}}"


PROMPTS: Final = _events("prompt", "prompt_repeated", "prompt_withdrawn")
NEWS: Final = _events(
    *("enough", "checkin_due", "stage_offered", "stage_changed", "flare", "safety", "report", "snoozed", "error")
)

# --- One person ------------------------------------------------------------------------------------------------------

PERSON: Final = (
    Entity(
        "sitting",
        "binary_sensor",
        "{{ {'sitting':'ON','standing':'OFF','away':'OFF'}.get(value_json.posture) }}",
        icon="mdi:chair-rolling",
        more={"dev_cla": "occupancy"},
        is_main=True,
    ),
    Entity(
        "posture",
        "sensor",
        "{{ value_json.posture if value_json.posture != 'unknown' else None }}",
        icon="mdi:human-handsup",
        more={"dev_cla": "enum", "ops": [str(each) for each in Posture if each is not Posture.UNKNOWN]},
    ),
    Entity("sitting_since", "sensor", _key("bout_started"), icon="mdi:timer-play-outline", more=INSTANT),
    Entity("next_prompt", "sensor", _key("next_prompt_at"), icon="mdi:bell-outline", more=INSTANT),
    Entity("break_until", "sensor", _key("break_until"), icon="mdi:walk", more=INSTANT),
    Entity(
        "exercise",
        "sensor",
        "{{ value_json.prompt.title if value_json.prompt else None }}",
        icon="mdi:human-greeting-variant",
        attributes="{{ (value_json.prompt or {}) | tojson }}",
    ),
    Entity("why", "sensor", f"{{{{ value_json.why[:{LONGEST_STATE}] }}}}", icon="mdi:comment-question-outline"),
    Entity("sitting_today", "sensor", _minutes("sitting_today_s"), icon="mdi:seat-outline", more={**MINUTES, **DAILY}),
    Entity(
        "longest_bout_today",
        "sensor",
        _minutes("longest_bout_today_s"),
        icon="mdi:arrow-expand-horizontal",
        more={**MINUTES, **MEASURED},
    ),
    Entity("breaks_today", "sensor", _key("breaks_today"), icon="mdi:coffee-outline", more=DAILY),
    Entity("prompts_today", "sensor", _key("prompts_today"), icon="mdi:bell-ring-outline", more=DAILY),
    Entity(
        "followed_share",
        "sensor",
        "{{ ([100 * value_json.followed_today / value_json.prompts_today, 100] | min) | round | int"
        " if value_json.prompts_today else None }}",
        icon="mdi:check-circle-outline",
        more={"unit_of_meas": "%", "sug_dsp_prc": 0, **MEASURED},
    ),
    Entity(
        "goals",
        "sensor",
        "{% set goals = value_json.get('goals') %}{{ goals.get('percent') if goals is mapping else goals }}",
        icon="mdi:flag-checkered",
        more={"unit_of_meas": "%", "sug_dsp_prc": 0, **MEASURED},
    ),
    Entity(
        "next_session",
        "sensor",
        "{% set next = value_json.next_session %}{% set title = next.get('title') or next.get('date')"
        f" if next is mapping else next %}}{{{{ (title | string)[:{LONGEST_STATE}] }}}}",
        icon="mdi:run",
        attributes="{{ (value_json.next_session if value_json.next_session is mapping else {}) | tojson }}",
    ),
    Entity("in_flare", "binary_sensor", _on_if("value_json.flare"), icon="mdi:fire-alert", more=PROBLEM),
    Entity(
        "lock",
        "binary_sensor",
        _on_if("value_json.lock"),
        icon="mdi:lock-alert-outline",
        more=PROBLEM,
        attributes="{{ {'lock': value_json.lock} | tojson }}",
    ),
    Entity(
        "offer",
        "sensor",
        "{% set offer = value_json.offer %}{{ offer.get('stage') if offer is mapping else offer }}",
        icon="mdi:stairs-up",
    ),
    Entity(
        "hold",
        "sensor",
        "{{ None if value_json.hold == 'unknown' else value_json.hold or 'nothing' }}",
        icon="mdi:hand-back-left-outline",
        more={"dev_cla": "enum", "ops": ["nothing", *(str(h) for h in Hold if h is not Hold.UNKNOWN)], **DIAGNOSTIC},
    ),
    Entity(
        "silent_signals",
        "binary_sensor",
        _on_if("value_json.silent_signals"),
        more={**PROBLEM, **DIAGNOSTIC},
        attributes="{{ {'signals': value_json.silent_signals} | tojson }}",
    ),
    Entity("prompt", "event", PROMPTS[0], icon="mdi:bell-alert-outline", more=PROMPTS[1], reads="event"),
    Entity("news", "event", NEWS[0], icon="mdi:message-text-outline", more=NEWS[1], reads="event"),
    Entity("done", "button", command="done", icon="mdi:check"),
    Entity("snooze", "button", command="snooze", icon="mdi:alarm-snooze"),
    Entity("skip", "button", command="skip", icon="mdi:skip-next"),
    Entity("pause_30", "button", command="pause", icon="mdi:pause", more={"pl_prs": "30 min"}),
    # the next 04:00 is where the day ends, for whoever has no active hours too
    Entity("pause_today", "button", command="pause", icon="mdi:weather-night", more={"pl_prs": '{"until":"04:00"}'}),
    Entity("resume", "button", command="resume", icon="mdi:play"),
    Entity("rest", "button", command="rest", icon="mdi:bed-outline", more={"pl_prs": "60 min"}),
    Entity("accept", "button", command="offer", icon="mdi:thumb-up-outline", more={"pl_prs": "accept"}),
    Entity("decline", "button", command="offer", icon="mdi:thumb-down-outline", more={"pl_prs": "decline"}),
    Entity("flare", "switch", _on_if("value_json.flare"), command="flare", icon="mdi:fire"),
    Entity(
        "pain_morning",
        "number",
        _said("morning", SCORE),
        command="checkin",
        icon="mdi:weather-sunset-up",
        more={**SCALE, "cmd_tpl": _check_in("morning", "{{ value | int }}", _kept("impact"))},
        attributes=_said("morning", f"{{'impact': {IMPACT}}} | tojson"),
    ),
    Entity(
        "pain_evening",
        "number",
        _said("evening", SCORE),
        command="checkin",
        icon="mdi:weather-sunset-down",
        more={**SCALE, "cmd_tpl": _check_in("evening", "{{ value | int }}", _kept("impact"))},
        attributes=_said("evening", f"{{'impact': {IMPACT}}} | tojson"),
    ),
    Entity(
        "impact",
        "switch",
        _said("evening", f"{{true: 'true', false: 'false'}}.get({IMPACT})"),
        command="checkin",
        icon="mdi:hand-back-right-off-outline",
        more={"pl_on": "true", "pl_off": "false", "cmd_tpl": _check_in("evening", _kept("pain"), "{{ value }}")},
        attributes=_said("evening", f"{{'pain': {SCORE}}} | tojson"),
    ),
    # its options are the stages of the ladder
    Entity("stage", "select", _key("stage"), command="stage", icon="mdi:stairs", more={"ent_cat": "config"}),
)

TRIGGERS: Final = (
    Trigger("prompt", "prompt", "shown"),
    Trigger("prompt_repeated", "prompt", "repeated"),
    Trigger("break_ended", "break", "ended"),
    Trigger("checkin_due", "check-in", "due"),
)

# --- The service -----------------------------------------------------------------------------------------------------

COUNT: Final = {"stat_cla": "total_increasing", **DIAGNOSTIC}

SERVICE: Final = (
    Entity("version", "sensor", _key("version"), icon="mdi:tag-outline", more=DIAGNOSTIC),
    Entity("started", "sensor", _key("started_at"), icon="mdi:clock-start", more={**INSTANT, **DIAGNOSTIC}),
    Entity("reconnects", "sensor", _key("reconnects"), icon="mdi:lan-disconnect", more=COUNT),
    Entity("undecodable", "sensor", _key("undecodable"), icon="mdi:message-alert-outline", more=COUNT),
    Entity(
        "database",
        "binary_sensor",
        _on_if("value_json.database != 'ok'"),
        more={**PROBLEM, **DIAGNOSTIC},
        attributes="{{ {'detail': value_json.database} | tojson }}",
    ),
)
