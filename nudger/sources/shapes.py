"""How sensors commonly speak on a broker: the tables by which `recogniser` tells what a topic could be good for.

Two questions, a table each, ordered, first match wins. Which field of a JSON object says something about a person
(`FIELDS`)? And where there is no field, what does the name say (`NAMES`)? Who speaks is told by `makers`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from nudger.core.words import Kind
from nudger.sources.makers import Option


class Form(StrEnum):
    """What a value looks like."""

    SWITCH = "switch"
    """One of the common words for on and off, or true and false."""
    NUMBER = "number"
    INSTANT = "instant"
    """ISO 8601."""
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a field, or a word in a name, says: the kind of signal it makes, and how it has to be read.

    ``options`` are further options of the signal; a callable makes them from the newest value. ``weak`` is for what is
    often something else altogether.
    """

    pattern: re.Pattern[str]
    form: Form
    kind: Kind
    why: str
    options: Mapping[str, Option] | Callable[[Any], Mapping[str, Option] | None] = field(default_factory=dict)
    weak: bool = False


def _rx(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


RADAR: Final = frozenset(
    {
        "presence",
        "radar_sensitivity",
        "target_distance",
        "fading_time",
        "detection_delay",
        "motion_direction",
        "dis_current",
    }
    | {"static_detection_sensitivity", "radar_range", "presence_timeout", "human_motion_state", "motion_state"}
)
"""Fields that only mmWave sensors have. Their ``occupancy`` is worth more than that of a PIR."""


def _height(value: Any) -> Mapping[str, Option] | None:
    """A desk is raised above 95 cm, in whatever unit it speaks; None where the number is no desk's."""
    for lowest, highest, raised, slack in (
        (0.5, 1.4, 0.95, 0.02),
        (20, 55, 37, 1),
        (55, 140, 95, 2),
        (500, 1400, 950, 20),
    ):
        if lowest <= float(value) < highest:
            return {"above": raised, "hysteresis": slack}
    return None


def _persons(value: Any) -> Mapping[str, Option] | None:
    return {"above": 0} if float(value) in range(100) else None


_NEAR: Final[Mapping[str, Option]] = {"below": 2.5, "hysteresis": 0.5, "expire_after": "2 min"}
"""Metres. A tag that is gone says nothing, so its silence has to count."""
_WATTS: Final[Mapping[str, Option]] = {"above": 10, "hysteresis": 2}

FIELDS: Final = (
    Meaning(_rx(r"presence"), Form.SWITCH, Kind.PRESENCE, "a field presence: a mmWave sensor, mostly"),
    Meaning(
        _rx(r"occupancy"), Form.SWITCH, Kind.MOTION, "a field occupancy: a PIR, mostly; for mmWave, make it presence"
    ),
    Meaning(_rx(r"motion|movement|pir"), Form.SWITCH, Kind.MOTION, "a field that tells of motion"),
    Meaning(_rx(r"(?:seat|chair|sitting)(?:_occupied)?"), Form.SWITCH, Kind.SEAT, "a field that tells of a seat"),
    Meaning(
        _rx(r"contact"),
        Form.SWITCH,
        Kind.SEAT,
        "a contact that closes: a chair pad if you made one of it, otherwise a door",
        {"payload_on": False},
        weak=True,
    ),
    Meaning(
        _rx(r"distance"),
        Form.NUMBER,
        Kind.PRESENCE,
        "the distance of a phone or tag in metres: near is at the desk",
        _NEAR,
    ),
    Meaning(
        _rx(r"(?:ENERGY\.)?Power|a?power"),
        Form.NUMBER,
        Kind.POWER,
        "watts at a plug: dark monitor, nobody there",
        _WATTS,
    ),
    Meaning(
        _rx(r"idle(?:_?(?:time|seconds|s))?|last_?input(?:_?s)?"),
        Form.NUMBER,
        Kind.ACTIVITY,
        "seconds since the last key press",
        {"idle_seconds": True},
    ),
    Meaning(_rx(r"(?:screen_?)?locked"), Form.SWITCH, Kind.LOCKED, "a field that tells of a lock"),
    Meaning(_rx(r"(?:desk_?)?height(?:_?cm|_?mm)?"), Form.NUMBER, Kind.STANDING, "the height of a desk", _height),
    Meaning(
        _rx(r"(?:camera|webcam|mic|microphone)(?:_(?:in_use|used|active|on))?|(?:in_)?(?:call|meeting)"),
        Form.SWITCH,
        Kind.CALL,
        "a field that tells of a call",
    ),
    Meaning(_rx(r"dnd|do_not_disturb"), Form.SWITCH, Kind.DND, "a field that tells of do-not-disturb"),
    Meaning(
        _rx(r"Switch\d*(?:\.Action)?"),
        Form.SWITCH,
        Kind.SEAT,
        "a switch input: a chair pad if you wired one to it",
        weak=True,
    ),
)
"""Fields of JSON objects, those within others with dots between."""

NOT_HERE: Final = _rx(
    r"\b(?:doors?|front|garage|gate|child|car|vehicle|battery|tamper|factor|apparent|reactive|today|yesterday|total|tür|tuer"
    r"|charging|rssi|voltage|detection|moving distance|still distance|threshold|sensitivity|timeout|delay)\b"
)
"""Names that a word below would be mistaken in: a door's lock, a battery's power, a radar's settings."""

NAMES: Final = (
    Meaning(
        _rx(r"\b(?:motion|pir|movement|moving target|bewegung)"), Form.SWITCH, Kind.MOTION, "its name tells of motion"
    ),
    Meaning(
        _rx(r"\bdo not disturb sensor\b"),
        Form.TEXT,
        Kind.DND,
        "the phone's do-not-disturb, where everything but off is on",
        {"value_template": "{{ value != 'off' }}"},
    ),
    Meaning(
        _rx(r"\b(?:do not disturb|dnd|focus|presenting|nicht stören)\b"),
        Form.SWITCH,
        Kind.DND,
        "its name tells of do-not-disturb",
    ),
    Meaning(
        _rx(r"\buser notification state\b"),
        Form.TEXT,
        Kind.DND,
        "Windows shows no notifications while presenting, in games and in quiet time",
        {"value_template": "{{ value != 'AcceptsNotifications' }}"},
    ),
    Meaning(
        _rx(
            r"\b(?:camera|webcam|kamera|mic|microphone|mikrofon|audio input|call|anruf|meeting|besprechung"
            r"|calendar|kalender)\b"
        ),
        Form.SWITCH,
        Kind.CALL,
        "its name tells of a call or a meeting",
    ),
    Meaning(
        _rx(r"\b(?:webcam ?active|microphone ?active|mic ?active)"), Form.SWITCH, Kind.CALL, "its name tells of a call"
    ),
    Meaning(_rx(r"\b(?:locked|lock|gesperrt)\b"), Form.SWITCH, Kind.LOCKED, "its name tells of a lock"),
    Meaning(
        _rx(r"\b(?:session ?state|session|lock ?state)\b"),
        Form.TEXT,
        Kind.LOCKED,
        "the session of a computer",
        {"value_template": "{{ 'lock' in value | lower and 'unlock' not in value | lower }}"},
    ),
    Meaning(
        _rx(r"\b(?:chair|seat|stool|cushion|pad|mat|pressure mat|stuhl|sessel|hocker|sitz\w*|matte)\b"),
        Form.SWITCH,
        Kind.SEAT,
        "its name tells of a chair",
    ),
    Meaning(
        _rx(r"\b(?:presence|occupancy|occupied|mmwave|radar|(?:still |has )?target|anwesenheit|belegung|belegt)\b"),
        Form.SWITCH,
        Kind.PRESENCE,
        "its name tells of presence",
    ),
    Meaning(_rx(r"\b(?:standing|raised|stehend)\b"), Form.SWITCH, Kind.STANDING, "its name tells of a raised desk"),
    Meaning(
        _rx(r"\b(?:active|aktiv|keyboard|tastatur|mouse|maus)\b"),
        Form.SWITCH,
        Kind.ACTIVITY,
        "its name tells of a computer in use",
    ),
    Meaning(
        _rx(r"\b(?:idle|last ?input|leerlauf)\b"),
        Form.NUMBER,
        Kind.ACTIVITY,
        "seconds since the last key press, if it counts in seconds",
        {"idle_seconds": True},
    ),
    Meaning(
        _rx(r"\b(?:last ?active|last ?activity|last ?input|last ?used)\b"),
        Form.INSTANT,
        Kind.ACTIVITY,
        "when the computer was last used",
        {"value_template": "{{ 'on' }}", "timestamp_template": "{{ value }}"},
    ),
    Meaning(_rx(r"\b(?:persons?|people|personen)\b"), Form.NUMBER, Kind.PRESENCE, "a count of persons", _persons),
    Meaning(
        _rx(r"\b(?:distance|entfernung|abstand)\b"),
        Form.NUMBER,
        Kind.PRESENCE,
        "a distance in metres: near is at the desk",
        _NEAR,
    ),
    Meaning(
        _rx(r"\b(?:power|watts?|leistung)\b"), Form.NUMBER, Kind.POWER, "watts: dark monitor, nobody there", _WATTS
    ),
    Meaning(_rx(r"\b(?:height|höhe|hoehe)\b"), Form.NUMBER, Kind.STANDING, "the height of a desk", _height),
)
"""Words in names, lower case, with a blank between words."""

AT_A_DESK: Final = _rx(
    r"\b(?:desk\w*|office|study|work\w*|chair|seat|pc|laptop|macbook|computer|monitor|screen|display|schreibtisch|büro|buero"
    r"|arbeits\w*|stuhl|bildschirm)\b"
)
"""Names of things that stand where somebody sits; what is called so is likelier to be the one that is looked for."""
