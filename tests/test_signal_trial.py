"""Trying a signal out: what the person is asked to do, what is seen, and what is made of it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from broker import requires_mosquitto
from house import House

from nudger.cli.signal_trial import COUNTDOWN, COURSES, attempt
from nudger.cli.signal_verdict import Finding, Verdict, judge
from nudger.core.words import Kind

Said = tuple[float, Any]
"""So many seconds after a step was asked for, the sensor says that: True, False, or a payload nobody understands."""


@dataclass
class Room:
    """A person and a sensor, in a time of their own; ``steps`` is what the sensor says after each step is asked for."""

    kind: Kind = Kind.SEAT
    at_first: bool | None = True
    steps: Sequence[Sequence[Said]] = ((), ())
    options: dict[str, Any] = field(default_factory=dict)
    trouble: str | None = None
    now: float = 0.0
    text: str = ""
    asked: list[float] = field(default_factory=list)

    def say(self, text: str, *, ends_line: bool = True) -> None:
        self.text += text + ("\n" if ends_line else "")
        if text.endswith(" in "):  # and then counts down
            self.asked.append(self.now + len(COUNTDOWN))

    def wait_until_ready(self, text: str) -> None:
        self.text += f"{text}\n"
        self.now += 20

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def look(self) -> dict[str, Any]:
        """Return what `GET /api/signals` would tell now."""
        heard = [
            said
            for asked, step in zip(self.asked, self.steps, strict=False)
            for after, said in step
            if self.now >= asked + after
        ]
        values = [said for said in heard if isinstance(said, bool)]
        payloads = [said for said in heard if not isinstance(said, bool)]
        last = heard[-1] if heard else self.at_first
        return {
            "name": "chair",
            "kind": str(self.kind),
            "topic": "desk/chair",
            "value": values[-1] if values else self.at_first,
            "sample": None if last is None else {True: "ON", False: "OFF"}.get(last, last),
            "messages": len(heard),
            "undecodable": len(payloads),
            "trouble": f"ignored {payloads[-1]!r}: it makes no sense" if payloads else self.trouble,
            "options": self.options,
        }

    def verdict(self) -> Verdict:
        """Go through it all."""
        before, seen = attempt(self.look, self)
        return judge(before, self.look(), seen)


def test_a_chair_that_works() -> None:
    room = Room(steps=(((0.4, False),), ((1.2, True),)))
    assert room.verdict().finding is Finding.RIGHT
    assert room.text.splitlines() == [
        "1. Sit down on the chair and keep still.",
        "   it says on",
        "2. Stand up in 3 ... 2 ... 1 ... now!",
        "   it says off: seen after 0.4 s",
        "3. Sit down again in 3 ... 2 ... 1 ... now!",
        "   it says on: seen after 1.2 s",
    ]


def test_a_chair_not_heard_before_works_too() -> None:
    assert Room(at_first=None, steps=(((0.4, False),), ((1.2, True),))).verdict().finding is Finding.RIGHT


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_can_be_tried(kind: Kind) -> None:
    first, second = COURSES[kind].steps
    assert first.expects is not second.expects, "or nothing would change"
    room = Room(kind, not first.expects, (((1, first.expects),), ((1, second.expects),)))
    assert room.verdict().is_usable
    inverted = Room(kind, first.expects, (((1, second.expects),), ((1, first.expects),)))
    assert inverted.verdict().finding is Finding.INVERTED


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ({}, ("payload_on: false",)),
        ({"payload_on": False}, ("payload_off: false   # in place of payload_on: false",)),
        ({"payload_off": "open"}, ('payload_on: "open"   # in place of payload_off: "open"',)),
        ({"payload_on": "auf", "payload_off": "zu"}, ('payload_on: "zu"', 'payload_off: "auf"')),
        ({"above": 5}, ("below: 5   # in place of above: 5",)),
        ({"below": 1.5}, ("above: 1.5   # in place of below: 1.5",)),
    ],
)
def test_a_signal_the_wrong_way_round_is_told_how_to_turn(options: dict[str, Any], lines: tuple[str, ...]) -> None:
    room = Room(at_first=False, steps=(((0.4, True),), ((0.4, False),)), options=options)
    verdict = room.verdict()
    assert (verdict.finding, verdict.lines, verdict.is_usable) == (Finding.INVERTED, lines, False)


def test_a_slow_signal_is_told_how_slow() -> None:
    verdict = Room(steps=(((12, False),), ((1, True),))).verdict()
    assert (verdict.finding, verdict.is_usable) == (Finding.SLOW, True)
    assert "12 s" in verdict.text
    assert "fading time" in verdict.text
    assert "off_delay" not in verdict.text


def test_the_configs_own_delay_is_named() -> None:
    verdict = Room(steps=(((12, False),), ((1, True),)), options={"off_delay": "PT10S"}).verdict()
    assert "The config's own off_delay adds to it." in verdict.text


def test_a_notice_that_comes_too_late_is_not_taken_for_the_next() -> None:
    room = Room(steps=(((35, False),), ((4, True),)))  # off is said 2 s into the next step, on 2 s later
    verdict = room.verdict()
    assert verdict.finding is Finding.SLOW
    assert "no change within 30 s" in room.text
    assert room.text.endswith("it says on: seen after 4.0 s\n")


def test_a_signal_that_never_comes_back_is_no_good() -> None:
    verdict = Room(steps=(((1, False),), ())).verdict()
    assert (verdict.finding, verdict.is_usable) == (Finding.LOST, False)
    assert "it never said on again within 30 s" in verdict.text


def test_a_silent_signal() -> None:
    room = Room(at_first=None, trouble="nothing heard on 'desk/chair' yet")
    verdict = room.verdict()
    assert (verdict.finding, verdict.is_usable) == (Finding.SILENT, False)
    assert "sent nothing on 'desk/chair' all the time (nothing heard on 'desk/chair' yet)" in verdict.text
    assert room.now == pytest.approx(20 + 2 * (3 + 30), abs=0.5)


def test_a_signal_that_never_changes() -> None:
    verdict = Room(steps=(((1, True), (2, True)), ((1, True),))).verdict()
    assert verdict.finding is Finding.STUCK
    assert "reported 3 times, and always on; the last was 'ON'" in verdict.text


def test_a_signal_that_is_wrong_once_and_right_once_is_odd() -> None:
    assert Room(at_first=None, steps=(((1, True), (2, False)), ((1, True),))).verdict().finding is Finding.ODD


def test_somebody_who_was_early_is_seen_at_once() -> None:
    room = Room(steps=(((-1, False),), ((1, True),)))
    assert room.verdict().finding is Finding.RIGHT
    assert "it says off: seen after 0.0 s" in room.text


@pytest.mark.parametrize(
    ("kind", "options", "first", "second", "lines"),
    [
        (
            Kind.SEAT,
            {},
            '{"battery_low":false,"contact":true}',
            '{"battery_low":false,"contact":false}',
            ('value_template: "{{ value_json.contact }}"',),
        ),
        (Kind.SEAT, {}, '{"pad":"OFF"}', '{"pad":"ON"}', ('value_template: "{{ value_json.pad }}"',)),
        (
            Kind.POWER,
            {},
            '{"watts":0.4}',
            '{"watts":31}',
            (
                'value_template: "{{ value_json.watts }}"',
                "above: 0   # on when the number is above this; there is also below",
            ),
        ),
        (Kind.SEAT, {}, "0.3", "71", ("above: 0   # on when the number is above this; there is also below",)),
        (
            Kind.ACTIVITY,
            {},
            "13",
            "0",
            ("idle_seconds: true   # if the number is the seconds since the last input",),
        ),
        (Kind.SEAT, {}, "frei", "besetzt", ('payload_on: "besetzt"', 'payload_off: "frei"')),
        (Kind.SEAT, {}, "frei", "frei", ()),
        (Kind.SEAT, {"value_template": "{{ value_json.foo }}"}, '{"bar":true}', '{"bar":false}', ()),
        (Kind.SEAT, {}, '{"text":"hello"}', '{"text":"hello"}', ()),
    ],
)
def test_what_cannot_be_read_is_shown_with_the_line_to_add(
    kind: Kind, options: dict[str, Any], first: str, second: str, lines: tuple[str, ...]
) -> None:
    expects_on_last = COURSES[kind].steps[1].expects
    assert expects_on_last
    verdict = Room(kind, None, (((1, first),), ((1, second),)), options).verdict()
    assert (verdict.finding, verdict.lines) == (Finding.UNDECODABLE, lines)
    assert f"nudger cannot read what chair sends: ignored {second!r}: it makes no sense" in verdict.text


CONFIG = """
mqtt: {host: 127.0.0.1, port: {port}}
people:
  alex:
    signals:
      - {name: chair, kind: seat, state_topic: desk/chair, payload_on: free, payload_off: taken}
      - {name: camera, kind: call, state_topic: desk/camera}
      - {name: radar, kind: presence, state_topic: desk/radar, delay_off: 2 s}
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    requires_mosquitto()
    with House(tmp_path, CONFIG, scale=1) as made:
        yield made


def test_at_a_real_broker(house: House) -> None:
    """The command itself, in real time, with a chair that is the wrong way round."""
    listed = house.call("signals")
    assert listed.stdout.splitlines()[0].split() == ["name", "kind", "value", "heard", "proves", "now"]
    assert "! nothing heard on 'desk/camera' yet" in listed.stdout
    assert house.call("signals", "try", "chiar").stderr == "there is no signal 'chiar', did you mean 'chair'?\n"

    house.listener.say("desk/chair", "taken")
    house.until(lambda: '"value": false' in house.call("signals", "--json").stdout)
    with subprocess.Popen(
        [sys.executable, "-m", "nudger", "signals", "try", "chair"],
        env=house.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as trial:
        assert trial.stdin is not None
        assert trial.stdout is not None
        trial.stdin.write("\n")
        trial.stdin.flush()
        said = []
        for line in trial.stdout:
            said.append(line.rstrip())
            if said[-1].endswith("now!"):
                house.listener.say("desk/chair", "free" if "Stand up" in line else "taken")
    assert trial.returncode == 1
    assert said[-3:] == [
        "chair is the wrong way round: it says on for off, and off for on. Change it in the config to:",
        '    payload_on: "taken"',
        '    payload_off: "free"',
    ]


def test_a_value_counts_and_shows_once_it_has_lasted_for_its_delay(house: House) -> None:
    def radar() -> Any:
        listed = json.loads(house.call("signals", "--json").stdout)
        return next(each for each in listed if each["name"] == "radar")

    house.listener.say("desk/radar", "ON")
    house.until(lambda: radar()["value"] is True)
    house.listener.say("desk/radar", "OFF")
    house.until(lambda: radar()["value"] is False)
    assert radar()["proves"] == "away"
    house.until(lambda: (house.state() or {})["posture"] == "away")


def test_ctrl_c_ends_it_politely(house: House) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "nudger", "signals", "try", "chair"],
        env=house.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as trial:
        assert trial.stdout is not None
        trial.stdout.readline()
        trial.send_signal(signal.SIGINT)
        out, err = trial.communicate(timeout=10)
    assert (trial.returncode, err) == (1, "")
    assert out.endswith("Ended early; nothing was changed.\n")
