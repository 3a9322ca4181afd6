"""Recordings through the engine: what comes out, when, and that it comes out the same again."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nudger.config.load import load
from nudger.config.settings import Settings
from nudger.recording import BadLine, Message, parse
from nudger.replay import replay, topics_in
from nudger.views.records import Record, to_json
from nudger.vocabulary import vocabulary

START = 1_795_334_400  # Sunday 2026-11-22 08:00 UTC
MIN = 60


@pytest.fixture
def config(tmp_path: Path) -> Any:
    def write(people: str) -> Settings:
        path = tmp_path / "config.yaml"
        path.write_text(f"time_zone: UTC\nmqtt: {{}}\npeople:\n{people}")
        return load(path, vocabulary(), environ={})

    return write


CHAIR = """
  alex:
    stage: daily_walks
    signals: [{name: chair, kind: seat, state_topic: desk/chair}]
"""


def at(minutes: float, topic: str = "desk/chair", payload: Any = "ON", **more: Any) -> bytes:
    """A line of a recording, that many minutes after its start."""
    return json.dumps({"t": START + minutes * MIN, "topic": topic, "payload": payload} | more).encode()


def run(settings: Settings, *lines: bytes, person: str | None = None) -> list[Record]:
    return list(replay(parse(lines, lenient=True), settings, person))


def of(records: Iterable[Record], kind: str) -> list[Record]:
    return [record for record in records if record["type"] == kind]


def t(minutes: float) -> float:
    return START + minutes * MIN


# --- The records -----------------------------------------------------------------------------------------------------


def test_an_hour_at_the_desk_in_exactly_these_lines(config: Any) -> None:
    """Every kind of line with its keys in their order: others parse them."""
    settings = config(CHAIR + "    outputs: [{type: light, preset: zigbee2mqtt, name: lamp}]\n")
    lines = [
        at(0),
        at(5, "nudger/alex/set/stage", {"set": "easy_mobility", "by": "provider"}),
        at(24.5, payload="OFF"),
        at(28),
        at(40, "other", "x"),
    ]
    told = [to_json(record) for record in run(settings, *lines)]
    unknown, posture, stage, prompt, light, away, dark, sat, followed, rest, back, end, summary = told
    assert unknown == f'{{"t":{START},"type":"posture","person":"alex","posture":"unknown","since":{START}}}'
    assert posture == f'{{"t":{START},"type":"posture","person":"alex","posture":"sitting","since":{START}}}'
    assert stage == (
        f'{{"t":{START + 300},"type":"stage","person":"alex","from":"daily_walks","to":"easy_mobility","rule":"R4"}}'
    )
    due = START + 22 * MIN
    assert json.loads(prompt) == {
        "t": due,
        "type": "prompt",
        "person": "alex",
        "id": f"alex-{due}000",
        "level": 0,
        "category": json.loads(prompt)["category"],
        "title": json.loads(prompt)["title"],
        "sitting_s": 22 * MIN,
        "stage": "easy_mobility",
    }
    keys = ["t", "type", "person", "id", "level", "category", "title", "sitting_s", "stage"]
    assert list(json.loads(prompt)) == keys
    assert light == f'{{"t":{due},"type":"light","person":"alex","scene":"due"}}'
    up = START + 1470
    assert away == f'{{"t":{up},"type":"posture","person":"alex","posture":"away","since":{up}}}'
    assert dark == f'{{"t":{up},"type":"light","person":"alex","scene":"restored"}}'
    assert sat == f'{{"t":{up + 60},"type":"bout","person":"alex","start":{START},"end":{up},"sitting_s":1470}}'
    assert followed == (
        f'{{"t":{up + 60},"type":"outcome","person":"alex","id":"alex-{due}000","outcome":"followed","after_s":150}}'
    )
    seated = START + 28 * MIN
    assert rest == f'{{"t":{seated},"type":"break","person":"alex","start":{up},"end":{seated},"confirmed":"sensor"}}'
    assert back == f'{{"t":{seated},"type":"posture","person":"alex","posture":"sitting","since":{seated}}}'
    last = START + 40 * MIN
    assert end == f'{{"t":{last},"type":"bout","person":"alex","start":{seated},"end":{last},"sitting_s":720}}'
    assert json.loads(summary) == {
        "type": "summary",
        "messages": 5,
        "undecodable": 0,
        "persons": {
            "alex": {
                "messages": 3,
                "bouts": 2,
                "sitting_s": 2190,
                "longest_bout_s": 1470,
                "breaks": 1,
                "prompts": 1,
                "followed": 1,
                "done": 0,
                "skipped": 0,
                "ignored": 0,
                "withdrawn": 0,
            }
        },
    }


def test_times_are_whole_or_to_the_millisecond(config: Any) -> None:
    records = run(config(CHAIR), at(0), at(2.0001, payload="OFF"), at(5))
    bout = of(records, "bout")[0]
    assert bout["end"] == START + 120.006
    assert isinstance(bout["start"], int)


def test_a_prompt_that_is_shown_again_is_one_prompt(config: Any) -> None:
    settings = config(CHAIR)
    lines = [at(0), at(21, "nudger/alex/set/snooze", ""), at(50)]
    records = run(settings, *lines)
    shown = of(records, "prompt")
    assert [(p["t"], p["level"]) for p in shown[:3]] == [(t(20), 0), (t(26), 0), (t(29), 1)]
    assert len({p["id"] for p in shown[:3]}) == 1
    assert shown[2]["sitting_s"] == 29 * MIN
    assert records[-1]["persons"]["alex"]["prompts"] == len({p["id"] for p in shown})


def test_a_rise_of_seconds_brings_the_prompt_back_without_a_line(config: Any) -> None:
    records = run(config(CHAIR), at(0), at(21, payload="OFF"), at(21.15), at(22))
    assert [p["t"] for p in of(records, "prompt")] == [t(20)]
    assert [o["outcome"] for o in of(records, "outcome")] == ["withdrawn"]


def test_a_lamp_that_only_grows_warmer_is_told_once(config: Any) -> None:
    """Hands that never rest put the prompt off to the end of the window; the lamp warms all the while."""
    busy = CHAIR.replace("}]", "}, {name: keys, kind: activity, state_topic: desk/keys}]")
    settings = config(busy + "    outputs: [{type: light, preset: zigbee2mqtt, name: lamp, ambient: true}]\n")
    records = run(settings, at(0), at(0, "desk/keys"), at(25, "x"))
    scenes = [(light["t"], light["scene"]) for light in of(records, "light")]
    assert scenes == [(t(20), "ambient"), (t(24), "due"), (t(25), "restored")]


def test_what_still_runs_is_closed_at_the_last_message(config: Any) -> None:
    records = run(config(CHAIR), at(0), at(21, "nowhere", ""))
    assert [(b["start"], b["end"]) for b in of(records, "bout")] == [(t(0), t(21))]
    assert [(o["outcome"], o["after_s"]) for o in of(records, "outcome")] == [("withdrawn", None)]


def test_an_empty_recording_has_a_summary(config: Any) -> None:
    (summary,) = run(config(CHAIR))
    assert summary["messages"] == 0
    assert summary["persons"]["alex"]["bouts"] == 0


def test_same_input_same_bytes_and_times_never_run_backward(config: Any) -> None:
    settings = config(CHAIR)
    lines = [at(step * 7.3, payload="OFF" if step % 4 == 3 else "ON") for step in range(300)]
    once, again = ([to_json(record) for record in run(settings, *lines)] for _ in range(2))
    assert once == again
    times = [json.loads(line)["t"] for line in once[:-1]]
    assert times == sorted(times)
    assert of(map(json.loads, once), "prompt")


# --- Messages --------------------------------------------------------------------------------------------------------


def test_a_payload_nobody_understands_is_told_counted_and_changes_nothing(config: Any) -> None:
    bad = [at(1 + n / 10, payload="\x1b[31mbroken") for n in range(5)]
    records = run(config(CHAIR), at(0), *bad, at(10))
    (error,) = of(records, "error")
    assert (error["t"], error["line"]) == (t(1), 2)
    assert "chair" in error["message"]
    assert "desk/chair" in error["message"]
    assert error["message"].isprintable()
    assert list(error) == ["t", "type", "line", "message"]
    assert records[-1]["undecodable"] == 5
    assert [b["sitting_s"] for b in of(records, "bout")] == [10 * MIN]


def test_a_bad_line_is_told_counted_and_left_out(config: Any) -> None:
    records = run(config(CHAIR), b"{", at(0), b"[]", at(1))
    early, late = of(records, "error")
    assert (early["t"], early["line"]) == (None, 1)
    assert (late["t"], late["line"]) == (t(0), 3)
    assert (records[-1]["messages"], records[-1]["undecodable"]) == (2, 2)


def test_messages_a_little_out_of_order_count_as_coming_at_the_latest_time(config: Any) -> None:
    records = run(config(CHAIR), at(0), at(10, "x"), at(9.9, payload="OFF"), at(9.8, "x"), at(12))
    (error,) = of(records, "error")
    assert error["line"] == 3
    assert "6 s earlier" in error["message"]
    assert [b["end"] for b in of(records, "bout")][:1] == [t(10)]


def test_retained_messages_prove_nothing_until_a_live_one_does(config: Any) -> None:
    settings = config(CHAIR)
    kept = run(settings, at(0, retain=1), at(30, "x"))
    assert not of(kept, "bout")
    live = run(settings, at(0, retain=1), at(5), at(30, "x"))
    assert [b["start"] for b in of(live, "bout")] == [t(5)]


def test_an_unavailable_signal_ends_the_bout_and_is_believed_again_when_it_is_back(config: Any) -> None:
    settings = config(CHAIR.replace("desk/chair", "desk/chair, availability_topic: desk/lwt"))
    gone = run(settings, at(0), at(10, "desk/lwt", "offline"), at(15, "x"))
    assert [b["end"] for b in of(gone, "bout")] == [t(10)]
    back = run(settings, at(0), at(10, "desk/lwt", "offline"), at(10.5, "desk/lwt", "online"), at(15, "x"))
    assert [b["end"] for b in of(back, "bout")] == [t(15)]


def test_commands_are_obeyed(config: Any) -> None:
    paused = run(config(CHAIR), at(0), at(19, "nudger/alex/set/pause", "10"), at(40, "x"))
    assert [p["t"] for p in of(paused, "prompt")][:1] == [t(29)]


@pytest.mark.parametrize(
    ("command", "payload", "more", "hint"),
    [
        ("nudger/alex/set/pause", "soon", {}, "alex: pause: must be a length of time"),
        ("nudger/alex/set/done", '{"id": "alex-1"}', {}, "no longer showing"),
        ("nudger/alex/set/dance", "", {}, "there is no command 'dance'"),
        ("nudger/sam/set/done", "", {}, "no such person"),
        ("nudger/alex/set/pause", "10", {"retain": 1}, "retained"),
    ],
)
def test_a_command_that_cannot_be_obeyed_is_told_and_changes_nothing(
    config: Any, command: str, payload: str, more: dict[str, Any], hint: str
) -> None:
    settings = config(CHAIR)
    records = run(settings, at(0), at(10, command, payload, **more), at(40, "x"))
    (error,) = of(records, "error")
    assert hint in error["message"]
    assert error["line"] == 2
    without = run(settings, at(0), at(10, "x"), at(40, "x"))
    assert [r for r in records if r["type"] not in ("error", "summary")] == without[:-1]


def test_what_nudger_published_itself_is_no_command(config: Any) -> None:
    own = [
        at(1, "nudger/alex/state", "{}"),
        at(1, "nudger/status", "online"),
        at(1, "nudger/alex/set/done", "", retain=1),
    ]
    assert not of(run(config(CHAIR), at(0), *own), "error")


def test_a_recording_of_other_topics_says_which(config: Any) -> None:
    records = run(config(CHAIR), at(0, "zigbee2mqtt/pir"), at(5, "zigbee2mqtt/pir\n"))
    (error,) = of(records, "error")
    assert "zigbee2mqtt/pir, zigbee2mqtt/pir\\n" in error["message"]


def test_the_topics_of_a_recording_in_the_order_they_came() -> None:
    messages: list[Message | BadLine] = [
        BadLine(1, "bad"),
        *(Message(2, datetime.now(UTC), topic, b"", False) for topic in "baabcdefghijk"),
    ]
    assert topics_in(messages) == list("bacdefgh")


# --- Persons and time ------------------------------------------------------------------------------------------------

TWO = (
    CHAIR
    + """
  sam:
    signals: [{name: mat, kind: seat, state_topic: desk/mat}, {name: chair, kind: presence, state_topic: desk/chair}]
"""
)


def test_one_person_of_many_gets_what_they_get_together(config: Any) -> None:
    settings = config(TWO)
    lines = [at(n * 3, topic, "OFF" if n % 9 == 8 else "ON") for n in range(90) for topic in ("desk/chair", "desk/mat")]
    together = run(settings, *lines)
    for person in ("alex", "sam"):
        alone = run(settings, *lines, person=person)
        assert alone[:-1] == [record for record in together if record.get("person") == person]
        assert alone[-1]["persons"] == {person: together[-1]["persons"][person]}
    assert of(together, "prompt")
    with pytest.raises(KeyError):
        run(settings, person="nobody")


def test_timer_mode_runs_on_time_alone(config: Any) -> None:
    settings = config('  me:\n    active_hours: "08:00-18:00"\n')
    records = run(
        settings, at(0, "x"), at(8, "nudger/me/set/stage", {"set": "daily_walks", "by": "provider"}), at(60, "x")
    )
    assert [p["t"] for p in of(records, "prompt")][:1] == [t(20)]


def test_a_gap_of_half_a_century_is_only_time(config: Any) -> None:
    """A small computer without a clock of its own starts in 1970."""
    first = b'{"t": 20, "topic": "desk/chair", "payload": "ON"}'
    off = b'{"t": 50, "topic": "desk/chair", "payload": "OFF"}'
    records = run(config(CHAIR), first, off, at(0), at(25, "x"))
    assert [(b["start"], b["end"]) for b in of(records, "bout")] == [(20, 50), (t(0), t(25))]
    assert [(p["t"], p["level"]) for p in of(records, "prompt")] == [(t(20), 0), (t(23), 1)]


def test_nothing_is_opened(config: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = config(CHAIR)
    before = sorted(tmp_path.rglob("*"))

    def refuse(*_: object) -> None:
        raise AssertionError("a replay opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    assert of(run(settings, at(0), at(60, "x")), "prompt")
    assert sorted(tmp_path.rglob("*")) == before


def test_the_instant_of_a_prompt_does_not_depend_on_when_messages_come(config: Any) -> None:
    settings = config(CHAIR)
    quiet = of(run(settings, at(0), at(45, "x")), "prompt")
    chatty = of(run(settings, at(0), *(at(n / 7) for n in range(1, 315)), at(45, "x")), "prompt")
    assert quiet == chatty
    assert timedelta(seconds=quiet[0]["t"] - START) == timedelta(minutes=20)
