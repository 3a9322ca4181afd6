"""Weeks of a made-up course: repeatable, each as its name says, and a calendar that everybody can read."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import pytest
from cli_rig import Home, a_home
from rich.console import Console

from nudger.made_up import Course
from nudger.views.records import Record, to_json
from nudger.views.weeks import render_course
from nudger.weeks import FIRST_DAY, Weeks, live_through

SEEDS = range(1, 5)
LADDER = ["gentle_start", "daily_walks", "easy_mobility", "build_strength", "walk_run", "steady"]
MOVED = {"accepted", "backed_off", "flare_on", "flare_ended"}

_lived: dict[tuple[Course, int], list[Record]] = {}


def lived(course: Course, seed: int = 1) -> list[Record]:
    """Return the records of twelve weeks; each course is lived once."""
    if (course, seed) not in _lived:
        _lived[course, seed] = live_through(Weeks(course, seed=seed))
    return _lived[course, seed]


def of(records: Sequence[Record], kind: str) -> list[Record]:
    return [record for record in records if record["type"] == kind]


def path(records: Sequence[Record]) -> list[str]:
    return [day["stage"] for day in of(records, "day")]


def first_day_at(records: Sequence[Record], stage: str) -> int:
    return path(records).index(stage) + 1


def drawn(records: Sequence[Record], *, width: int = 80, encoding: str = "utf-8", terminal: bool = False) -> str:
    """Return the calendar as a console of that kind gets it."""
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    console = Console(file=out, width=width, force_terminal=terminal, color_system="standard" if terminal else None)
    render_course(records, console)
    out.flush()
    assert isinstance(out.buffer, io.BytesIO)
    return out.buffer.getvalue().decode(encoding)


each_course = pytest.mark.parametrize("course", Course)
each_seed = pytest.mark.parametrize("seed", SEEDS)

# --- The same again, and no shortcut ----------------------------------------------------------------------------------


@each_course
def test_the_same_seed_is_the_same_course_to_the_byte_and_another_is_another(course: Course) -> None:
    again = live_through(Weeks(course))
    assert [to_json(record) for record in again] == [to_json(record) for record in lived(course)]
    assert drawn(again) == drawn(lived(course))
    assert lived(course, 2) != lived(course, 1)


@each_course
@each_seed
def test_every_day_is_told_once_and_judged_at_most_once_by_its_scores(course: Course, seed: int) -> None:
    days = of(lived(course, seed), "day")
    assert [day["day"] for day in days] == list(range(1, 85))
    assert [date.fromisoformat(day["date"]) for day in days] == [FIRST_DAY + timedelta(days=n) for n in range(84)]
    judged = [
        each["day"] for each in of(lived(course, seed), "decision") if each["did"] not in {"accepted", "declined"}
    ]
    assert set(judged) == set(range(1, 85)), "the day is judged even where nobody answers"
    assert len([day for day in judged if day > 1]) == 83


@each_course
@each_seed
def test_no_stage_changes_without_a_decision_and_none_leads_up_without_a_yes(course: Course, seed: int) -> None:
    records = lived(course, seed)
    moves = {each["day"]: each for each in of(records, "decision") if each["from"] != each["to"]}
    stages = ["gentle_start", *path(records)]
    changed = {day + 1 for day, (before, after) in enumerate(itertools.pairwise(stages)) if before != after}
    assert set(moves) == changed
    for each in moves.values():
        if LADDER.index(each["to"]) > LADDER.index(each["from"]):
            assert each["did"] in {"accepted", "placed"}
            offers = [
                made for made in of(records, "decision") if (made["day"], made["did"]) == (each["day"], "offered")
            ]
            assert offers or each["did"] == "placed"


@each_course
@each_seed
def test_runs_keep_the_plan_s_distance_and_happen_at_a_running_stage_only(course: Course, seed: int) -> None:
    records = lived(course, seed)
    stages = dict(enumerate(path(records), 1))
    days = [run["day"] for run in of(records, "session")]
    assert all(stages[day] in {"walk_run", "steady"} for day in days)
    assert all(later - earlier >= 2 for earlier, later in itertools.pairwise(days))
    assert not [day for day in of(records, "day") if day["flare"] and day["day"] in days]


# --- Each course does what its name says ------------------------------------------------------------------------------


@each_seed
def test_the_fast_course_climbs_to_walk_run_without_a_step_back_and_runs(seed: int) -> None:
    records = lived(Course.FAST, seed)
    rungs = [LADDER.index(stage) for stage in path(records)]
    assert rungs == sorted(rungs)
    assert 15 <= first_day_at(records, "walk_run") <= 28
    runs = of(records, "session")
    assert len(runs) >= 15
    assert max(run["step"] for run in runs) >= 12
    assert not of(records, "summary")[0]["flares"]


def test_a_fast_course_can_reach_the_goal_of_the_plan() -> None:
    assert "steady" in path(lived(Course.FAST, 6))


@each_seed
def test_the_slow_course_takes_longer_and_has_to_step_back(seed: int) -> None:
    slow, fast = lived(Course.SLOW, seed), lived(Course.FAST, seed)
    assert first_day_at(slow, "walk_run") > first_day_at(fast, "walk_run") + 7
    assert [each for each in of(slow, "decision") if each["did"] == "backed_off"]
    assert 0 < len(of(slow, "session")) < len(of(fast, "session"))


@each_seed
def test_the_flare_course_has_flares_and_comes_back(seed: int) -> None:
    records = lived(Course.FLARE, seed)
    began = [each["day"] for each in of(records, "decision") if each["did"] == "flare_on"]
    ended = [each["day"] for each in of(records, "decision") if each["did"] == "flare_ended"]
    assert len(began) == len(ended) == 2
    assert all(a < b for a, b in zip(began, ended, strict=True))
    assert [day["day"] for day in of(records, "day") if day["flare"]] == [
        day for a, b in zip(began, ended, strict=True) for day in range(a, b)
    ]
    lengths = [each["limit"] for each in of(records, "decision") if each["did"] == "flare_ended"]
    assert of(records, "summary")[0]["flare_days"] == sum(lengths), "as it is said where each of them ends"
    assert path(records)[-1] == "walk_run"
    assert of(records, "session")[-1]["day"] > ended[-1], "and runs again"


@each_seed
def test_the_chronic_course_is_offered_a_step_on_a_plateau_and_stays_low(seed: int) -> None:
    records = lived(Course.CHRONIC, seed)
    offers = [each for each in of(records, "decision") if (each["rule"], each["did"]) == ("R13", "offered")]
    assert offers
    assert any("N5" in each["banners"] for each in offers)
    assert set(path(records)) <= set(LADDER[:3])
    assert "easy_mobility" in path(records)
    assert not of(records, "session")


def test_some_answers_are_missing_and_then_the_day_has_no_score() -> None:
    days = [day for seed in SEEDS for day in of(lived(Course.SLOW, seed), "day")]
    first = min(day["day"] for day in days)  # that of the intake, which nobody misses
    unscored = [day["day"] for day in days if day["score"] is None and day["day"] > first]
    held = [each["day"] for seed in SEEDS for each in of(lived(Course.SLOW, seed), "decision") if each["rule"] == "R9"]
    assert unscored
    assert unscored == held


# --- The calendar -----------------------------------------------------------------------------------------------------


@each_course
@each_seed
@pytest.mark.parametrize("terminal", [False, True])
def test_the_calendar_fits_80_columns(course: Course, seed: int, terminal: bool) -> None:
    text = drawn(lived(course, seed), terminal=False)
    assert max(map(len, text.splitlines())) <= 80
    assert ("\x1b[" in drawn(lived(course, seed), terminal=terminal)) is terminal


@each_course
def test_no_line_of_the_calendar_breaks_on_a_narrow_terminal(course: Course) -> None:
    """What is above the lists keeps its shape: one line for the days' names, two or three for each week."""
    narrow, usual = (drawn(lived(course), width=width).split("\n\n")[1].splitlines() for width in (60, 80))
    assert len(narrow) == len(usual)
    assert max(map(len, narrow)) <= 60


def test_on_a_narrow_terminal_each_run_has_a_line_of_its_own() -> None:
    runs = of(lived(Course.FAST), "session")
    told = drawn(lived(Course.FAST), width=60).split("Runs\n")[1].split("\n\n")[0].splitlines()
    assert [line.split()[-1] for line in told] == [run["colour"] for run in runs]


@each_course
def test_where_there_are_no_block_characters_plain_ones_do(course: Course) -> None:
    plain, blocks = (drawn(lived(course), encoding=encoding) for encoding in ("ascii", "utf-8"))
    assert plain.isascii()
    assert len(plain.splitlines()) == len(blocks.splitlines())


@each_course
@each_seed
def test_the_calendar_tells_all_that_happened(course: Course, seed: int) -> None:
    records = lived(course, seed)
    text = drawn(records)
    calendar, below = text.split("\n\n", 2)[1:]
    ups = sum(a != b for a, b in itertools.pairwise(path(records)))
    assert calendar.count("▲") + calendar.count("▼") == ups
    days = of(records, "day")
    marked = {each["day"] for each in of(records, "decision") if each["did"] in {"declined", "flare_on", "flare_ended"}}
    marked |= {run["day"] for run in of(records, "session")}
    silent = [day for day in days if day["score"] is None and day["day"] not in marked]
    assert calendar.count("no score") == len(silent)
    for each in of(records, "decision"):
        if each["did"] in MOVED:
            line = next(line for line in below.splitlines() if line.startswith(f"day {each['day']:3}"))
            assert f"  {each['rule']} " in line
        for banner in each["banners"]:
            assert f"  {banner}  " in below
    for run in of(records, "session"):
        assert f"#{run['step']} {run['colour']}" in calendar
    assert below.count(" #") - 1 == len(of(records, "session"))  # one in the legend
    for colour, number in of(records, "summary")[0]["sessions"].items():
        assert f"{number} {colour}" in below


# --- From the command line --------------------------------------------------------------------------------------------


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        yield made


def test_simulate_shows_a_recovery(home: Home) -> None:
    shown = home.call("simulate", "--recovery", "--course", "flare", "--seed", "3")
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert shown.stdout == drawn(lived(Course.FLARE, 3))
    assert not home.state.exists()


def test_simulate_prints_a_recovery_as_json_lines(home: Home) -> None:
    shown = home.call("simulate", "--recovery", "--json")
    assert (shown.exit_code, shown.stderr) == (0, "")
    records = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [to_json(record) for record in records] == [to_json(record) for record in lived(Course.FAST)]
    assert list(dict.fromkeys(record["type"] for record in records)) == ["day", "decision", "session", "summary"]


def test_the_number_of_weeks_can_be_chosen(home: Home) -> None:
    shown = home.call("simulate", "--recovery", "--weeks", "2", "--json")
    assert sum('"type":"day"' in line for line in shown.stdout.splitlines()) == 14
    assert home.call("simulate", "--recovery", "--weeks", "1").stdout.startswith("1 week of a made-up fast course")


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (("--recovery", "--sensors", "seat"), "--sensors"),
        (("--recovery", "--stage", "steady"), "--stage"),
        (("--recovery", "--compare"), "--compare"),
        (("--recovery", "--follow", "0.5"), "--follow"),
        (("--recovery", "--hours", "8"), "--hours"),
        (("--recovery", "--days", "3"), "--days"),
        (("--course", "slow"), "--course goes with --recovery"),
        (("--weeks", "3"), "--weeks goes with --recovery"),
        (("--recovery", "--weeks", "0"), "between 1 and 52 weeks"),
        (("--recovery", "--weeks", "53"), "between 1 and 52 weeks"),
        (("--recovery", "--weeks", "1.5"), "not a valid integer"),
        (("--recovery", "--course", "steep"), "'fast', 'slow', 'flare', 'chronic'"),
    ],
)
def test_what_makes_no_sense_is_bad_usage(home: Home, args: tuple[str, ...], hint: str) -> None:
    result = home.call("simulate", *args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert hint in result.stderr
