"""Hypothesis strategies for State and everything in it.

They are derived from the dataclasses, so a new field is covered the day it appears. Values are arbitrary within their
types: a State drawn here need not be one that the engine would ever reach.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from hypothesis import strategies as st

from nudger.core import effects, state
from nudger.core.recovery import course, diary, told

T = TypeVar("T")

EARLIEST = datetime(1970, 1, 1)  # noqa: DTZ001  (hypothesis adds the zone)
LATEST = datetime(2100, 1, 1)  # noqa: DTZ001

instants = st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC))
durations = st.timedeltas(timedelta(days=-400), timedelta(days=400))
days = st.dates(EARLIEST.date(), LATEST.date())
texts = st.text(st.characters(codec="utf-8"), max_size=20)
whole_numbers = st.integers(-(2**53), 2**53)


def every_field(cls: type[T]) -> st.SearchStrategy[T]:
    """Draw a dataclass with all its fields, those with a default included."""
    return st.builds(cls, **{field.name: ... for field in fields(cls)})  # type: ignore[arg-type]


st.register_type_strategy(datetime, instants)
st.register_type_strategy(date, days)
st.register_type_strategy(timedelta, durations)
st.register_type_strategy(str, texts)
st.register_type_strategy(int, whole_numbers)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
for _part in (
    *(state.Today, state.Reading, state.Bout, state.Break, state.Prompt, state.Declared, state.Note),
    *(state.Health, state.Wishes, state.Asked, course.Recovery, course.Standing, course.Decision, course.SafetyLock),
    *(course.Lack, diary.Day, diary.Score, diary.Activity, diary.Walk, told.SafetyAnswer),
):
    st.register_type_strategy(_part, every_field(_part))

states = every_field(state.State)
records = st.one_of(
    every_field(effects.RecordPosture),
    every_field(effects.RecordBout),
    every_field(effects.RecordBreak),
    every_field(effects.RecordPrompt),
    every_field(effects.RecordOutcome),
    every_field(effects.RecordStage),
    every_field(effects.RecordDecision),
    every_field(effects.RecordActivity),
)
