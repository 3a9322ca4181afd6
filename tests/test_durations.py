"""Lengths of time as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nudger.config.durations import format_duration, parse_duration, parse_minutes


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (90, 90),
        (1.5, 1.5),
        ("90", 90),
        ("90s", 90),
        ("10 min", 600),
        ("1h30m", 5400),
        ("1 h 30 min", 5400),
        (" 1.5 Hours ", 5400),
        ("2 days", 172800),
        (0, 0),
    ],
)
def test_durations(text: object, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


def test_a_bare_number_is_minutes_on_the_command_line() -> None:
    assert parse_minutes("30") == parse_minutes("30 min") == timedelta(minutes=30)
    with pytest.raises(ValueError, match=r"must be a duration such as 30 \(minutes\)"):
        parse_minutes("soon")


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3660)))
def test_a_written_duration_reads_the_same(length: timedelta) -> None:
    assert parse_duration(format_duration(length)) == length
