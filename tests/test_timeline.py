"""Records as people read them."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from nudger.simulate import Scenario, Sensors, simulate, stages
from nudger.views.records import Record
from nudger.views.timeline import render, render_side_by_side

START = datetime(2026, 11, 23, 8, tzinfo=UTC).timestamp()  # a Monday


def screen(width: int = 80, encoding: str = "utf-8", *, colour: bool = False) -> Console:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    return Console(file=file, width=width, force_terminal=colour, color_system="standard" if colour else None)


def shown(console: Console) -> str:
    assert isinstance(console.file, io.TextIOWrapper)
    console.file.flush()
    raw = console.file.buffer
    assert isinstance(raw, io.BytesIO)
    return raw.getvalue().decode(console.file.encoding)


def drawn(records: Iterable[Record], width: int = 80, encoding: str = "utf-8") -> list[str]:
    console = screen(width, encoding)
    render(records, console, UTC)
    return shown(console).splitlines()


def at(minutes: float) -> float:
    return START + 60 * minutes


def day(*, outcome: str = "followed") -> list[Record]:
    """Sat from 8 to 9, up for an hour, sat from 10 to 10:30; one prompt at 8:24."""

    def posture(since: float, name: str) -> Record:
        return {"t": at(since), "type": "posture", "person": "alex", "posture": name, "since": at(since)}

    def bout(start: float, end: float) -> Record:
        sat_s = 60 * (end - start)
        return {"t": at(end), "type": "bout", "person": "alex", "start": at(start), "end": at(end), "sitting_s": sat_s}

    prompt = {"t": at(24), "type": "prompt", "person": "alex", "id": "p", "level": 0, "title": "Find something blue"}
    after_s = 36 * 60 if outcome == "followed" else None
    return [
        posture(0, "sitting"),
        prompt,
        posture(60, "away"),
        bout(0, 60),
        {"t": at(61), "type": "outcome", "person": "alex", "id": "p", "outcome": outcome, "after_s": after_s},
        {"t": at(120), "type": "break", "person": "alex", "start": at(60), "end": at(120), "confirmed": "sensor"},
        posture(120, "sitting"),
        bout(120, 150),
        {"type": "summary", "messages": 4, "undecodable": 0, "persons": {"alex": {}}},
    ]


def test_a_day_is_a_strip_a_list_and_a_sum() -> None:
    assert drawn(day()) == [
        "alex, Monday 23 November 2026",
        "  08          09          10",
        "  ████████████············██████",
        "      ▲",
        "  sat           min   up  prompts",
        "  08:00\N{EN DASH}09:00    60   60  08:24 Find something blue, up after 36 min",
        "  10:00\N{EN DASH}10:30    30",
        "  Sat 1 h 30 min in 2 bouts, the longest 1 h 0 min; 1 break.",
        "  1 prompt: 1 followed.",
        "",
        "  █▄▁ sat all, half, little of the time  │ standing  · away  ? unknown",
        "  ▲ prompt that was followed or done  △ prompt that was not",
    ]


def test_plain_characters_where_there_are_no_blocks() -> None:
    lines = drawn(day(outcome="ignored"), encoding="ascii")
    assert lines[2] == "  ############............######"
    assert lines[3] == "      o"
    assert "08:00-09:00" in lines[5]
    assert lines[5].endswith("ignored")


def test_a_short_break_is_a_dip_in_its_cell() -> None:
    records = day()
    records[2]["t"] = records[2]["since"] = at(57.5)  # half of the last cell before nine
    assert drawn(records)[2].startswith("  ███████████▄·")


def test_colours_only_on_a_terminal() -> None:
    assert "\x1b" not in "".join(drawn(day()))
    console = screen(colour=True)
    render(day(), console, UTC)
    assert "\x1b[36m█" in shown(console)


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("sensors", Sensors)
def test_every_line_of_a_long_day_fits_the_terminal(width: int, sensors: Sensors) -> None:
    records = simulate(Scenario(sensors=sensors, hours=14, days=2)).records
    lines = drawn(records, width)
    assert all(len(line) <= width for line in lines)
    assert sum("January 2026" in line for line in lines) == 2
    if width >= 80:
        assert all(line.startswith(("you", "  ")) or not line for line in lines), "a line was broken in two"


def test_local_time_with_days_that_start_at_four() -> None:
    console = screen()
    render(day(), console, ZoneInfo("Pacific/Auckland"))  # 21:00 to 23:30
    text = shown(console)
    assert "21:00\N{EN DASH}22:00" in text
    assert "Monday 23 November" in text
    console = screen()
    render(day(), console, ZoneInfo("America/Los_Angeles"))  # midnight to 02:30, which is still Sunday
    assert "Sunday 22 November" in shown(console)


def test_a_posture_that_lasts_over_night_is_in_both_days() -> None:
    night = 24 * 60
    records: list[Record] = [
        {"t": START, "type": "posture", "person": "alex", "posture": "sitting", "since": START},
        {"t": at(night), "type": "bout", "person": "alex", "start": START, "end": at(night), "sitting_s": 60 * night},
    ]
    lines = drawn(records)
    assert [line for line in lines if line.startswith("alex")] == [
        "alex, Monday 23 November 2026",
        "alex, Tuesday 24 November 2026",
    ]
    assert lines[2].strip() == "█" * 60  # 08:00 to 04:00 in cells of 20 minutes
    assert "████████████████████████" in lines[lines.index("alex, Tuesday 24 November 2026") + 2]


def test_many_short_bouts_in_a_row_take_one_line() -> None:
    records: list[Record] = []
    for n in range(5):
        start, end = at(10 * n), at(10 * n + 2)
        records.append({"t": start, "type": "posture", "person": "a", "posture": "sitting", "since": start})
        records.append({"t": end, "type": "posture", "person": "a", "posture": "away", "since": end})
        records.append({"t": end, "type": "bout", "person": "a", "start": start, "end": end, "sitting_s": 120})
    assert "  08:00\N{EN DASH}08:42    10       in 5 bouts of less than 5 min" in drawn(records)


def test_a_brief_rise_is_told_from_one_that_ended_the_bout() -> None:
    records = day()
    records[4]["after_s"] = 60
    assert "briefly up after 1 min" in "\n".join(drawn(records))


def test_what_could_not_be_used_is_listed_but_not_for_pages() -> None:
    errors: list[Record] = [{"t": at(n), "type": "error", "line": n, "message": "no [sense]"} for n in range(1, 31)]
    lines = drawn([*day(), *errors])
    assert "line 1: no [sense]" in lines
    assert lines[-1] == "and 10 more like these"


def test_a_day_without_prompts_has_no_empty_line_for_them() -> None:
    records = [record for record in day() if record["type"] not in {"prompt", "outcome"}]
    assert "" not in [line.strip() for line in drawn(records)[:4]]
    assert any("\N{BLACK UP-POINTING TRIANGLE}" in line for line in drawn(day())[:4])


def test_a_recording_in_which_nobody_sat_says_so() -> None:
    assert drawn([{"type": "summary", "messages": 0, "undecodable": 0, "persons": {"alex": {}}}]) == [
        "Nobody was seen at a desk."
    ]


def test_all_stages_side_by_side() -> None:
    console = screen()
    render_side_by_side({stage: simulate(Scenario(stage=stage)).records for stage in stages()}, console, UTC)
    lines = shown(console).splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert [line.split()[0] for line in lines[1 : 1 + 2 * len(stages()) : 2]] == list(stages())
    assert lines[0].split() == ["09", "10", "11", "12", "13", "14", "15", "16"]
    assert " followed " in lines[2]
    assert "▲" in lines[2]
