"""The entities of nudger in Home Assistant, one row each. `homeassistant` makes discovery messages of the rows.

A new entity is a row here and a name in the texts. Each change of an entity is a row in Home Assistant's history, so
none may change without need.
"""

from __future__ import annotations

from typing import Final

from nudger.core.words import Hold, Posture
from nudger.views.entity import (
    BRIEFLY_UP,
    CONFIG,
    COUNT,
    DAILY,
    DIAGNOSTIC,
    IMPACT,
    INSTANT,
    LONGEST_STATE,
    MINUTES,
    PERCENT,
    PROBLEM,
    SCALE,
    SCORE,
    UNDECIDED,
    Entity,
    Trigger,
    as_told,
    check_in,
    events,
    if_told,
    kept_while,
    key,
    minutes,
    on_if,
    told,
    when_over,
)

PROMPTS: Final = events("prompt", "prompt_repeated", "prompt_withdrawn")
NEWS: Final = events(
    *(
        "pre_notice",
        "enough",
        "checkin_due",
        "stage_offered",
        "stage_changed",
        "flare",
        "safety",
        "snoozed",
        "error",
    )
)

PERSON: Final = (
    # What is
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
        kept_while(UNDECIDED, "None if value_json.posture == 'unknown' else value_json.posture"),
        icon="mdi:human-handsup",
        more={"dev_cla": "enum", "ops": [str(each) for each in Posture if each is not Posture.UNKNOWN]},
    ),
    Entity("sitting_since", "sensor", key("bout_started"), icon="mdi:timer-play-outline", more=INSTANT),
    Entity(
        "next_prompt",
        "sensor",
        kept_while(UNDECIDED, "value_json.next_prompt_at"),
        icon="mdi:bell-outline",
        more=INSTANT,
    ),
    Entity("break_until", "sensor", key("break_until"), icon="mdi:walk", more=INSTANT),
    Entity(
        "exercise",
        "sensor",
        # still there for whoever has just got up to do it
        kept_while(BRIEFLY_UP, "value_json.prompt.title if value_json.prompt else None"),
        icon="mdi:human-greeting-variant",
        attributes=f"{{% set prompt = value_json.prompt or (this.attributes if {BRIEFLY_UP} else {{}}) %}}"
        "{{ {'body': prompt.get('body')} | tojson }}",
    ),
    Entity(
        "why",
        "sensor",
        # what was said of a hold does not outlive it
        kept_while(f"{BRIEFLY_UP} and not this.attributes.get('hold')", f"value_json.why[:{LONGEST_STATE}]"),
        icon="mdi:comment-question",
        attributes="{{ {'hold': value_json.hold} | tojson }}",
    ),
    Entity(
        "sitting_today",
        "sensor",
        # of bouts that are over: nothing is published merely because one goes on
        minutes("([value_json.sitting_today_s - value_json.sitting_s, 0] | max)"),
        icon="mdi:seat-outline",
        more={**MINUTES, **DAILY},
    ),
    Entity(
        "longest_bout_today",
        "sensor",
        when_over("value_json.longest_bout_today_s"),
        icon="mdi:arrow-expand-horizontal",
        more={**MINUTES, "stat_cla": "measurement"},
    ),
    Entity("breaks_today", "sensor", key("breaks_today"), icon="mdi:coffee-outline", more=DAILY),
    Entity("prompts_today", "sensor", key("prompts_today"), icon="mdi:bell-ring-outline", more=DAILY),
    Entity(
        "followed_share",
        "sensor",
        # changes when a prompt has ended, not when one comes
        kept_while(
            f"({BRIEFLY_UP}) or value_json.prompt",
            "([100 * value_json.followed_today / value_json.prompts_today, 100] | min) | round | int"
            " if value_json.prompts_today else None",
        ),
        icon="mdi:check-circle-outline",
        more=PERCENT,
    ),
    Entity(
        "goals",
        "sensor",
        "{{ value_json.goals.percent if value_json.goals else None }}",
        icon="mdi:flag-checkered",
        more=PERCENT,
    ),
    Entity(
        "next_session",
        "sensor",
        f"{{{{ value_json.next_session.title[:{LONGEST_STATE}] if value_json.next_session else None }}}}",
        icon="mdi:run",
        attributes="{{ (value_json.next_session or {}) | tojson }}",
    ),
    Entity(
        "offer",
        "sensor",
        "{{ value_json.offer.stage if value_json.offer else None }}",
        icon="mdi:stairs-up",
        more=DIAGNOSTIC,
    ),
    Entity(
        "in_flare",
        "binary_sensor",
        if_told("value_json.flare"),
        icon="mdi:fire-alert",
        more={**PROBLEM, **DIAGNOSTIC},
    ),
    Entity(
        "lock",
        "binary_sensor",
        if_told("value_json.lock"),
        icon="mdi:lock-alert-outline",
        more={**PROBLEM, **DIAGNOSTIC},
        attributes="{{ {'lock': value_json.lock} | tojson }}",
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
        on_if("value_json.silent_signals"),
        more={**PROBLEM, **DIAGNOSTIC},
        attributes="{{ {'signals': value_json.silent_signals} | tojson }}",
    ),
    # What happens
    Entity("prompt", "event", PROMPTS[0], icon="mdi:bell-alert-outline", more=PROMPTS[1], reads="event"),
    Entity("news", "event", NEWS[0], icon="mdi:message-text-outline", more=NEWS[1], reads="event"),
    # What can be done
    Entity("done", "button", command="done", icon="mdi:check"),
    Entity("snooze", "button", command="snooze", icon="mdi:alarm-snooze"),
    Entity("skip", "button", command="skip", icon="mdi:skip-next"),
    Entity("pause_30", "button", command="pause", icon="mdi:pause", more={"pl_prs": "30 min"}),
    # the next 04:00 is where a day ends, also for whoever has no active hours
    Entity("pause_today", "button", command="pause", icon="mdi:weather-night", more={"pl_prs": '{"until":"04:00"}'}),
    Entity("resume", "button", command="resume", icon="mdi:play"),
    Entity("rest", "button", command="rest", icon="mdi:bed-outline", more={"pl_prs": "60 min"}),
    Entity("accept", "button", command="offer", icon="mdi:thumb-up-outline", more={"pl_prs": "accept", **CONFIG}),
    Entity("decline", "button", command="offer", icon="mdi:thumb-down-outline", more={"pl_prs": "decline", **CONFIG}),
    Entity("flare", "switch", if_told("value_json.flare"), command="flare", icon="mdi:fire"),
    Entity(
        "pain_morning",
        "number",
        check_in("morning", SCORE),
        command="checkin",
        icon="mdi:weather-sunset-up",
        more={**SCALE, **told("morning", "{{ value | int }}", as_told("impact"))},
        attributes=check_in("morning", f"{{'impact': {IMPACT}}} | tojson"),
    ),
    Entity(
        "pain_evening",
        "number",
        check_in("evening", SCORE),
        command="checkin",
        icon="mdi:weather-sunset-down",
        more={**SCALE, **told("evening", "{{ value | int }}", as_told("impact"))},
        attributes=check_in("evening", f"{{'impact': {IMPACT}}} | tojson"),
    ),
    Entity(
        "impact",
        "switch",
        check_in("evening", f"{{true: 'true', false: 'false'}}.get({IMPACT})"),
        command="checkin",
        icon="mdi:hand-back-right-off-outline",
        more={"pl_on": "true", "pl_off": "false", **told("evening", as_told("pain"), "{{ value }}")},
        attributes=check_in("evening", f"{{'pain': {SCORE}}} | tojson"),
    ),
    # its options are the stages of the ladder
    Entity("stage", "select", key("stage"), command="stage", icon="mdi:stairs", more=CONFIG),
)
"""Of one person; read from their state topic where nothing else is said."""

TRIGGERS: Final = (
    Trigger("prompt", "prompt", "shown"),
    Trigger("prompt_repeated", "prompt", "repeated"),
    Trigger("break_ended", "break", "ended"),
    Trigger("checkin_due", "check-in", "due"),
)
"""Of one person, from their events."""

SERVICE: Final = (
    Entity("version", "sensor", key("version"), icon="mdi:tag-outline", more=DIAGNOSTIC),
    Entity("started", "sensor", key("started_at"), icon="mdi:clock-start", more={**INSTANT, **DIAGNOSTIC}),
    Entity("reconnects", "sensor", key("reconnects"), icon="mdi:lan-disconnect", more={**COUNT, **DIAGNOSTIC}),
    Entity("undecodable", "sensor", key("undecodable"), icon="mdi:message-alert", more={**COUNT, **DIAGNOSTIC}),
    Entity(
        "database",
        "binary_sensor",
        on_if("value_json.database != 'ok'"),
        more={**PROBLEM, **DIAGNOSTIC},
        attributes="{{ {'detail': value_json.database} | tojson }}",
    ),
)
"""Of the service itself; read from its own topic."""
