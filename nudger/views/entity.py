"""What a row of `entities` is made of: its fields, and the templates and options that many rows share.

Templates are Home Assistant's, carried out there. They see ``value_json``, the JSON of the row's topic, and ``this``,
the entity as it is; they render ``None`` for unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

LONGEST_STATE: Final = 255
"""Home Assistant keeps no longer states; more belongs into attributes."""


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


# --- Options ---------------------------------------------------------------------------------------------------------

DIAGNOSTIC: Final = {"ent_cat": "diagnostic"}
CONFIG: Final = {"ent_cat": "config"}
INSTANT: Final = {"dev_cla": "timestamp"}
MINUTES: Final = {"dev_cla": "duration", "unit_of_meas": "min", "sug_dsp_prc": 0}
PERCENT: Final = {"unit_of_meas": "%", "sug_dsp_prc": 0, "stat_cla": "measurement"}
PROBLEM: Final = {"dev_cla": "problem"}
SCALE: Final = {"min": 0, "max": 10, "step": 1, "mode": "slider"}
COUNT: Final = {"stat_cla": "total_increasing"}
DAILY: Final = {"stat_cla": "total", "lrst_val_tpl": "{{ value_json.day_started }}"}
"""A count that begins anew each day. Not total_increasing: sitting that turns out to have ended earlier is taken back,
and Home Assistant would take that for a new day."""


# --- Templates -------------------------------------------------------------------------------------------------------


def key(name: str) -> str:
    """Render a key as it is."""
    return f"{{{{ value_json.{name} }}}}"


def on_if(condition: str) -> str:
    """Render on or off."""
    return f"{{{{ 'ON' if {condition} else 'OFF' }}}}"


def if_told(condition: str) -> str:
    """Render on or off where health is told, of which the flare is always a part; else unknown."""
    return f"{{{{ None if value_json.flare is none else 'ON' if {condition} else 'OFF' }}}}"


def minutes(seconds: str) -> str:
    """Render seconds as whole minutes."""
    return f"{{{{ ({seconds} / 60) | round | int }}}}"


UNDECIDED: Final = "value_json.bout_started and value_json.posture in ['standing','away']"
"""Up for less than a break so far: the bout goes on. Whoever fidgets on a chair pad would fill the history of all that
hangs on sitting, so only the main entity follows at once."""

BRIEFLY_UP: Final = f"{UNDECIDED} and not value_json.hold"
"""Undecided, and there is nothing else to tell."""


def kept_while(condition: str, value: str) -> str:
    """Keep the last state, if there is one, while something is so. Not for what people may see in another unit."""
    return f"{{{{ this.state if ({condition}) and this.state not in ['unknown','unavailable'] else {value} }}}}"


def when_over(seconds: str) -> str:
    """Render seconds as whole minutes, but keep the last state while the bout that they count goes on.

    Home Assistant ignores an empty number; the last state cannot be repeated, for people may see it in another unit.
    """
    goes_on = f"value_json.bout_started and value_json.sitting_s >= {seconds}"
    is_shown = "this.state not in ['unknown','unavailable']"
    return f"{{{{ '' if {goes_on} and {is_shown} else ({seconds} / 60) | round | int }}}}"


def events(*types: str) -> tuple[str, dict[str, list[str]]]:
    """Return the template that lets these types through, and the option that lists them."""
    names = ",".join(f"'{each}'" for each in types)
    return f"{{{{ value if value_json.event_type in [{names}] else '' }}}}", {"evt_typ": list(types)}


SCORE: Final = "said.get('pain')"
IMPACT: Final = "said.get('impact')"


def check_in(when: str, what: str) -> str:
    """Render something of a check-in, of which ``said`` holds the score and the impact."""
    return f"{{% set said = (value_json.pain or {{}}).get('{when}') or {{}} %}}{{{{ {what} }}}}"


def told(when: str, pain: str, impact: str) -> dict[str, str]:
    """Return the option that makes a check-in of a value."""
    return {"cmd_tpl": f'{{"when":"{when}","pain":{pain},"impact":{impact}}}'}


def as_told(name: str) -> str:
    """Repeat what an attribute of the entity says: a check-in tells the score and the impact together."""
    return f"{{{{ this.attributes.get('{name}') | tojson }}}}"
