"""What the text of a payload means: on or off, a number, an instant. Strict where a guess could be wrong."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from nudger.payload import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nudger.config.fields import Payload

WORDS: Final[Mapping[str, bool]] = MappingProxyType(
    {
        **dict.fromkeys(("on", "true", "1", "home", "occupied", "detected", "present"), True),
        **dict.fromkeys(("off", "false", "0", "not_home", "clear", "absent"), False),
    }
)
"""The common shapes, in lower case: switches, JSON, Home Assistant's trackers and sensors (detected/clear), Theengs'
beacons (absent). Left out on purpose: open/closed and online/offline, where on is a matter of taste."""

_UNKNOWN: Final = frozenset({"none", "null", "unknown", "unavailable"})
"""A sensor that says it does not know: a template's None, JSON's null, Home Assistant's two states."""

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")

_CLOCK_WAS_SET: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Earlier instants come from devices whose clock was never set."""
_MILLISECONDS: Final = 1e11
"""Unix times above are milliseconds: as seconds they lie after the year 5000."""
_SKEW: Final = timedelta(seconds=60)
"""A reading made this far in the future comes from a clock slightly ahead; further ahead, the clock is wrong."""


def is_unknown(text: str) -> bool:
    """Tell whether the text says that the value is not known."""
    return text.casefold() in _UNKNOWN


class OnOff:
    """Which texts mean on and which off.

    A text that was configured must match exactly, as in Home Assistant; true and false, as one may write them in any
    case, match what the common shapes say. Where only one side is configured, the other is what the common shapes hold
    for its opposite.
    """

    __slots__ = ("_exact", "_folded", "_otherwise")

    def __init__(self, on: Payload | None, off: Payload | None, *, otherwise: str = "") -> None:
        """None where nothing is configured; both None means the common shapes. ``otherwise`` is what is wrong with any
        other text; by default it is found out from the text.
        """
        if not otherwise and not on is off is None:
            otherwise = "is neither payload_on nor payload_off"
        self._otherwise = otherwise
        self._exact: dict[str, bool] = {}
        self._folded: dict[str, bool] = dict(WORDS) if on is off is None else {}
        for payload, state in ((on, True), (off, False)):
            if payload is not None:
                self._add(str(payload), state, alone=on is None or off is None)

    def _add(self, text: str, state: bool, *, alone: bool) -> None:
        meaning = WORDS.get(text.casefold(), state)
        if text.casefold() in {"true", "false"}:
            self._folded |= {word: state for word, means in WORDS.items() if means is meaning}
        else:
            self._exact[text] = state
        if alone:
            self._folded |= {word: not state for word, means in WORDS.items() if means is not meaning}

    def read(self, text: str) -> bool | None:
        """Return on or off, None for a text that says it does not know. Raises UnreadableError for all others."""
        state = self._exact.get(text)
        if state is None:
            state = self._folded.get(text.casefold())
        if state is not None or is_unknown(text):
            return state
        raise UnreadableError(self._otherwise or _hint(text))


def _hint(text: str) -> str:
    if text.startswith("{"):
        return "is a JSON object: pick a value with value_template, such as '{{ value_json.occupancy }}'"
    if _NUMBER.fullmatch(text):
        return "is a number: say with above or below when it means on"
    return "means neither on nor off: set payload_on and payload_off"


def read_number(text: str) -> float:
    """Return a finite number written in plain digits. Raises UnreadableError for all else: ``1_0``, ``١٢``, ``nan``."""
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(number):
        raise UnreadableError("is not a number")
    return number


class Threshold:
    """Turns a number into on or off: on above ``above`` and below ``below``, where set.

    With a hysteresis h the state changes only when the number is past a limit by more than h, and is kept in between,
    as Home Assistant's threshold helper does it; the first number is taken by the limits alone.
    """

    __slots__ = ("_above", "_below", "_hysteresis", "_on")

    def __init__(self, above: float | None, below: float | None, hysteresis: float) -> None:
        """At least one of ``above`` and ``below`` is set."""
        self._above = -math.inf if above is None else above
        self._below = math.inf if below is None else below
        self._hysteresis = hysteresis
        self._on: bool | None = None

    def read(self, number: float) -> bool:
        """Return on or off, and remember it for the hysteresis."""
        slack = 0.0 if self._on is None else self._hysteresis
        if self._on and slack:
            self._on = self._above - slack <= number <= self._below + slack
        else:
            self._on = self._above + slack < number < self._below - slack
        return self._on


def read_instant(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """Return when a reading was made: Unix seconds or milliseconds, or ISO 8601, in ``zone`` where it names none.

    None when the device does not know, or its clock is plainly wrong: more than a minute ahead of ``now``, or before
    2000. Raises UnreadableError when it is no instant at all.
    """
    if is_unknown(text):
        return None
    try:
        if _NUMBER.fullmatch(text):
            number = float(text)
            instant = datetime.fromtimestamp(number / 1000 if number > _MILLISECONDS else number, UTC)
        else:
            local = datetime.fromisoformat(text)
            instant = (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise UnreadableError("has a timestamp that is neither Unix time nor ISO 8601") from None
    return min(instant, now) if _CLOCK_WAS_SET <= instant <= now + _SKEW else None
