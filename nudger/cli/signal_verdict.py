"""What a trial of a signal came to, and the line of the config that mends what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from nudger.cli.signal_trial import Seen

_TELLING: Final = ("occupancy", "presence", "contact", "motion", "vibration", "state")
"""Keys under which sensors report what they are for; others beside them tell of battery and tamper."""

_SWITCH: Final = re.compile(
    r'"([A-Za-z_]\w*)"\s*:\s*(?:true|false|"(?:on|off|true|false|occupied|clear)")', re.IGNORECASE
)
_NUMBER_OF: Final = re.compile(r'"([A-Za-z_]\w*)"\s*:\s*-?[0-9.]+')
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class Finding(StrEnum):
    """How a signal fared."""

    RIGHT = "right"
    SLOW = "slow"
    INVERTED = "inverted"
    SILENT = "silent"
    UNDECODABLE = "undecodable"
    STUCK = "stuck"
    ODD = "odd"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, in words, and the config lines that mend it (none where the config is not at fault)."""

    finding: Finding
    text: str
    lines: tuple[str, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Whether nudger can go by the signal as it is."""
        return self.finding in {Finding.RIGHT, Finding.SLOW}


def judge(before: Mapping[str, Any], after: Mapping[str, Any], seen: Sequence[Seen]) -> Verdict:
    """Say what a trial came to, from the signal before and after it and what was seen at each step."""
    name, topic = after["name"], after["topic"]
    answered = [each for each in seen if each.value is not None]
    if not answered:
        return _unanswered(before, after, seen)
    if not any(each.is_right for each in answered):
        return Verdict(
            Finding.INVERTED,
            f"{name} is the wrong way round: it says on for off, and off for on. Change it in the config to:",
            tuple(_turned_round(after["options"])),
        )
    if not all(each.is_right for each in answered):
        return Verdict(
            Finding.ODD,
            f"{name} said something else than what was done. Does another sensor report on {topic!r} too?",
        )
    last = seen[-1]
    if last.value is None:
        state = "on" if last.step.expects else "off"
        return Verdict(
            Finding.LOST,
            f"{name} noticed the first change, but then it never said {state} again within {last.step.patience_s:g} s. "
            "Try once more; if it stays so, look at the sensor, and at its battery.",
        )
    missed = [each for each in seen if each.value is None]
    slow = [each for each in answered if each.after_s is not None and each.after_s > each.step.slow_s]
    if missed or slow:
        return Verdict(Finding.SLOW, _tell_slow(name, missed or slow, after["options"]))
    return Verdict(Finding.RIGHT, f"{name} works: it says the right thing, and in time.")


def _unanswered(before: Mapping[str, Any], after: Mapping[str, Any], seen: Sequence[Seen]) -> Verdict:
    name, topic = after["name"], after["topic"]
    heard = after["messages"] - before["messages"]
    if after["undecodable"] and after["value"] is None:
        lines = tuple(_readable(after, seen))
        end = ". Add to the signal in the config:" if lines else "."
        return Verdict(Finding.UNDECODABLE, f"nudger cannot read what {name} sends: {after['trouble']}{end}", lines)
    if not heard:
        trouble = f" ({after['trouble']})" if after["trouble"] else ""
        return Verdict(
            Finding.SILENT,
            f"{name} sent nothing on {topic!r} all the time{trouble}. Is the sensor on, and the topic right? "
            "`mosquitto_sub -v -t '#'` shows all that is sent.",
        )
    state = {True: "on", False: "off", None: "nothing"}[after["value"]]
    return Verdict(
        Finding.STUCK,
        f"{name} reported {heard} times, and always {state}; the last was {after['sample']!r}. "
        "Either the sensor did not notice, or value_template picks something else out of it.",
    )


def _tell_slow(name: str, steps: Sequence[Seen], options: Mapping[str, Any]) -> str:
    worst = max((each.after_s or each.step.patience_s) for each in steps)
    own = [name for name in ("off_delay", "delay_on", "delay_off") if name in options]
    adds = f" The config's own {' and '.join(own)} {'adds' if len(own) == 1 else 'add'} to it." if own else ""
    return (
        f"{name} works, but is slow: it took {worst:.0f} s to notice, or more. Sensors have a delay of their own for "
        "that, called hold time, fading time, occupancy timeout or detection delay. Make it as short as it goes: "
        f"nudger bridges short gaps by itself.{adds}"
    )


def _turned_round(options: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines that swap on and off."""
    for mine, other in (("payload_on", "payload_off"), ("above", "below")):
        given = [key for key in (mine, other) if key in options]
        if len(given) > 1:
            yield f"{mine}: {_yaml(options[other])}"
            yield f"{other}: {_yaml(options[mine])}"
            return
        for key in given:
            value = _yaml(options[key])
            yield f"{other if key == mine else mine}: {value}   # in place of {key}: {value}"
            return
    yield "payload_on: false"


def _yaml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)  # which YAML reads as the same


def _readable(signal: Mapping[str, Any], seen: Sequence[Seen]) -> Iterator[str]:
    """Yield the lines with which the payloads of this signal could be read, as far as one can tell from samples."""
    sample, kind = str(signal["sample"] or ""), signal["kind"]
    if sample.startswith("{"):
        if "value_template" in signal["options"]:
            return
        key = _telling_key(_SWITCH.findall(sample))
        number = _telling_key(_NUMBER_OF.findall(sample))
        if key or number:
            yield f'value_template: "{{{{ value_json.{key or number} }}}}"'
        if number and not key:
            yield from _limit(kind)
    elif _NUMBER.fullmatch(sample):
        yield from _limit(kind)
    else:
        said = {each.step.expects: each.sample for each in seen}
        if said.get(True) and said.get(False) and said[True] != said[False]:
            yield f"payload_on: {_yaml(said[True])}"
            yield f"payload_off: {_yaml(said[False])}"


def _limit(kind: str) -> Iterator[str]:
    if kind == "activity":
        yield "idle_seconds: true   # if the number is the seconds since the last input"
    else:
        yield "above: 0   # on when the number is above this; there is also below"


def _telling_key(keys: Sequence[str]) -> str:
    """Return the key that most likely says what the sensor is for; empty for none."""
    return next((key for key in _TELLING if key in keys), next(iter(keys), ""))
