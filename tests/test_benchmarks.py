"""The benchmarks run, and yield what their table promises. How fast anything is, no test says."""

from __future__ import annotations

import math
import platform
import subprocess
import sys
from pathlib import Path

import pytest
from broker import requires_mosquitto

from benchmarks.__main__ import SUBJECTS
from benchmarks.figures import Figure, at_least, at_most, percentile, times_floor
from benchmarks.report import print_table
from benchmarks.size import TINY

TARGETS = {"latency": 4, "idle": 3, "startup": 2, "replay": 2, "people": 2, "flood": 4, "saving": 0}
NEED_A_BROKER = {"latency", "idle", "startup", "flood"}
ON_LINUX = platform.system() == "Linux"
"""Elsewhere, memory and wake-ups are not known."""


@pytest.mark.slow
@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_benchmark_yields_its_figures(subject: str) -> None:
    if subject in NEED_A_BROKER:
        requires_mosquitto()
    figures = SUBJECTS[subject](TINY)

    assert {figure.subject for figure in figures} == {subject}
    assert len({figure.what for figure in figures}) == len(figures)
    assert sum(figure.target is not None for figure in figures) == TARGETS[subject]
    for figure in figures:
        assert figure.value is not None or not ON_LINUX, figure
        assert figure.value is None or math.isfinite(figure.value), figure


def test_a_ratio_is_held_against_its_floor() -> None:
    assert Figure("s", "w", 3.0, "ms", times_floor(1.5), floor=2.0).is_met is True
    assert Figure("s", "w", 3.1, "ms", times_floor(1.5), floor=2.0).is_met is False
    assert Figure("s", "w", None, "ms", times_floor(1.5), floor=2.0).is_met is None


def test_a_value_is_held_against_its_limit() -> None:
    assert [Figure("s", "w", value, "s", at_most(3)).is_met for value in (3.0, 3.1)] == [True, False]
    assert [Figure("s", "w", value, "/s", at_least(3)).is_met for value in (3.0, 2.9)] == [True, False]
    assert Figure("s", "w", 1.0, "s").is_met is None


def test_percentiles_are_values_that_were_seen() -> None:
    values = [float(number) for number in range(1, 201)]

    assert percentile(values, 99) == 198
    assert percentile(values, 100) == 200
    assert percentile([5.0], 99) == 5


def test_a_file_gets_a_plain_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(
        [
            Figure("latency", "lamp", 0.5, "ms", times_floor(1.2), 0.25, "echo"),
            Figure("replay", "speed", 61234.5, "messages/s", at_least(50_000)),
            Figure("flood", "lamp", math.inf, "ms", at_most(2000)),
            Figure("idle", "memory", None, "MB", at_most(45)),
        ]
    )

    assert capsys.readouterr().out.splitlines() == [
        "subject  what    measured           floor           ratio  target                met",
        "latency  lamp    0.5 ms             0.25 ms (echo)  2.00x  <= 1.2x               NO",
        "replay   speed   61,234 messages/s                         >= 50,000 messages/s  yes",
        "flood    lamp    never                                     <= 2,000 ms           NO",
        "idle     memory  not known here                            <= 45 MB",
    ]


def test_a_subject_that_is_none_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "speed"],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "'speed' is not one of 'latency'" in done.stderr
