"""Active hours and the day that starts at 04:00, also where clocks are changed at midnight or by half an hour."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playbook import Playbook, every_day

from nudger.core import engine, hours
from nudger.core.policy import Span

CAIRO, HAVANA, LORD_HOWE = (ZoneInfo(name) for name in ("Africa/Cairo", "America/Havana", "Australia/Lord_Howe"))
BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
CHANGES = {
    "Cairo forward at 00:00": (CAIRO, date(2025, 4, 24), 23),
    "Cairo back at 24:00": (CAIRO, date(2025, 10, 30), 25),
    "Havana forward at 00:00": (HAVANA, date(2025, 3, 8), 23),
    "Havana back at 01:00": (HAVANA, date(2025, 11, 1), 25),
    "Lord Howe forward at 02:00": (LORD_HOWE, date(2025, 10, 4), 23.5),
    "Lord Howe back at 02:00": (LORD_HOWE, date(2025, 4, 5), 24.5),
    "Berlin forward at 02:00": (BERLIN, date(2025, 3, 29), 23),
    "Berlin back at 03:00": (BERLIN, date(2025, 10, 25), 25),
}
each_change = pytest.mark.parametrize(("zone", "day", "length_h"), CHANGES.values(), ids=CHANGES)
zones = st.sampled_from([UTC, CAIRO, HAVANA, LORD_HOWE, BERLIN])
instants = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
spans = st.builds(lambda start, length: Span(start, start + length), st.integers(0, 1439), st.integers(1, 1440))
weeks = st.lists(st.lists(spans, max_size=2).map(tuple), min_size=7, max_size=7).map(tuple)


def local(zone: ZoneInfo, wall_clock: str, fold: int = 0) -> datetime:
    """The instant of a wall time; ``fold`` 1 is the second time that clocks show it."""
    return datetime.fromisoformat(wall_clock).replace(tzinfo=zone, fold=fold).astimezone(UTC)


# --- The day ---------------------------------------------------------------------------------------------------------


def test_a_day_starts_at_four() -> None:
    assert hours.local_day(UTC, datetime(2025, 3, 3, 3, 59, 59, tzinfo=UTC)) == date(2025, 3, 2)
    assert hours.local_day(UTC, datetime(2025, 3, 3, 4, tzinfo=UTC)) == date(2025, 3, 3)
    assert hours.day_start(UTC, date(2025, 3, 3)) == datetime(2025, 3, 3, 4, tzinfo=UTC)


@each_change
def test_a_day_starts_at_four_by_the_clock_on_the_wall_whatever_its_length(
    zone: ZoneInfo, day: date, length_h: float
) -> None:
    start, end = hours.day_start(zone, day), hours.day_start(zone, day + DAY)
    assert start.astimezone(zone).hour == end.astimezone(zone).hour == 4
    assert end - start == timedelta(hours=length_h)


@given(zone=zones, now=instants)
def test_every_instant_lies_in_its_day(zone: ZoneInfo, now: datetime) -> None:
    day = hours.local_day(zone, now)
    assert hours.day_start(zone, day) <= now < hours.day_start(zone, day + DAY)


@each_change
def test_counters_start_anew_at_four_also_when_clocks_change(zone: ZoneInfo, day: date, length_h: float) -> None:
    evening = datetime(day.year, day.month, day.day)  # noqa: DTZ001  (the playbook puts its zone to it)
    person = Playbook(signals=["seat"], zone=zone, date=evening, begin="12:00", budget=1)
    person.on("seat").until("12:20")
    noon = person.time("12:00")
    assert len(person.prompts()) == 1
    four = hours.day_start(zone, day + DAY)
    assert four - noon == timedelta(hours=length_h - 8)
    assert len(person.until(four - timedelta(seconds=1)).prompts()) == 1
    assert len(person.until(four).prompts()) == 2


def test_the_day_that_starts_is_a_reason_to_wake_up() -> None:
    day = Playbook(signals=["seat"])
    assert engine.next_wakeup(day.policy, day.state, day.now) == day.time("28:00")


# --- Active hours ----------------------------------------------------------------------------------------------------


def test_without_hours_it_is_always_active() -> None:
    now = datetime(2025, 3, 3, 3, tzinfo=UTC)
    assert hours.is_active(None, UTC, now)
    assert hours.next_change(None, UTC, now) is None


def test_a_span_holds_from_its_start_to_just_before_its_end() -> None:
    office = every_day("08:00", "18:00")
    for wall_clock, active in [("07:59:59", False), ("08:00", True), ("17:59:59", True), ("18:00", False)]:
        assert hours.is_active(office, UTC, local(ZoneInfo("UTC"), f"2025-03-03 {wall_clock}")) is active


def test_each_weekday_has_its_own_spans_monday_first() -> None:
    week = ((Span(480, 720), Span(780, 1080)), (), (), (), (), (), (Span(600, 660),))
    monday = datetime(2025, 3, 3, tzinfo=UTC)
    active = [
        monday + timedelta(minutes=minute)
        for minute in range(0, 7 * 1440, 30)
        if hours.is_active(week, UTC, monday + timedelta(minutes=minute))
    ]
    assert len(active) == 8 + 10 + 2
    assert {each.weekday() for each in active} == {0, 6}


def test_the_next_change_skips_days_without_hours_and_spans_that_touch() -> None:
    week = ((Span(480, 720), Span(720, 1080)), (), (), (), (), (), ())
    monday = datetime(2025, 3, 3, 9, tzinfo=UTC)
    assert hours.next_change(week, UTC, monday) == datetime(2025, 3, 3, 18, tzinfo=UTC)
    assert hours.next_change(week, UTC, datetime(2025, 3, 3, 18, tzinfo=UTC)) == datetime(2025, 3, 10, 8, tzinfo=UTC)


def test_hours_around_the_clock_and_none_at_all_never_change() -> None:
    now = datetime(2025, 3, 3, 12, tzinfo=UTC)
    assert hours.next_change(every_day("00:00", "24:00"), UTC, now) is None
    assert hours.is_active(every_day("00:00", "24:00"), UTC, now)
    assert hours.next_change(((),) * 7, UTC, now) is None
    assert not hours.is_active(((),) * 7, UTC, now)


def test_a_span_over_midnight_belongs_to_the_day_it_begins_on() -> None:
    friday_night = ((), (), (), (), (Span(22 * 60, 30 * 60),), (), ())
    for wall_clock, active in [
        ("2025-03-07 05:00", False),
        ("2025-03-07 22:00", True),
        ("2025-03-08 05:59", True),
        ("2025-03-08 06:00", False),
        ("2025-03-08 22:00", False),
    ]:
        assert hours.is_active(friday_night, UTC, local(ZoneInfo("UTC"), wall_clock)) is active, wall_clock


@each_change
def test_active_hours_go_by_the_clock_on_the_wall_on_both_sides_of_a_change(
    zone: ZoneInfo, day: date, length_h: float
) -> None:
    office = every_day("08:00", "18:00")
    evening = local(zone, f"{day} 18:00")
    morning = hours.next_change(office, zone, evening)
    assert morning == local(zone, f"{day + DAY} 08:00")
    assert morning - evening == timedelta(hours=14 + length_h - 24)


@each_change
def test_a_night_shift_lasts_as_long_as_the_night_does(zone: ZoneInfo, day: date, length_h: float) -> None:
    night = every_day("22:00", "30:00")
    start = local(zone, f"{day} 22:00")
    assert hours.is_active(night, zone, start)
    assert hours.next_change(night, zone, start) == start + timedelta(hours=8 + length_h - 24)


@pytest.mark.parametrize(
    ("zone", "skipped", "opens"),
    [
        (CAIRO, "2025-04-25 00:30", "2025-04-25 01:30"),
        (HAVANA, "2025-03-09 00:30", "2025-03-09 01:30"),
        (LORD_HOWE, "2025-10-05 02:15", "2025-10-05 02:45"),
    ],
)
def test_a_wall_time_that_clocks_skip_comes_as_much_later(zone: ZoneInfo, skipped: str, opens: str) -> None:
    wall = datetime.fromisoformat(skipped)
    start = wall.hour * 60 + wall.minute
    early = ((Span(start, 12 * 60),),) * 7
    assert hours.next_change(early, zone, local(zone, opens) - timedelta(hours=1)) == local(zone, opens)


def test_a_span_that_clocks_skip_does_not_come_that_day() -> None:
    half_past = ((Span(30, 75),),) * 7
    noon = local(CAIRO, "2025-04-24 12:00")
    assert hours.next_change(half_past, CAIRO, noon) == local(CAIRO, "2025-04-26 00:30")


@pytest.mark.parametrize(
    ("zone", "twice"),
    [(CAIRO, "2025-10-30 23:30"), (HAVANA, "2025-11-02 00:30"), (LORD_HOWE, "2025-04-06 01:45")],
)
def test_a_wall_time_that_clocks_show_twice_means_the_first(zone: ZoneInfo, twice: str) -> None:
    wall = datetime.fromisoformat(twice)
    minute = wall.hour * 60 + wall.minute
    first, second = local(zone, twice), local(zone, twice, fold=1)
    assert second > first
    begins = ((Span(minute, minute + 600),),) * 7
    assert hours.next_change(begins, zone, first - timedelta(minutes=1)) == first
    assert hours.is_active(begins, zone, second)


@given(zone=zones, week=weeks, now=instants)
def test_nothing_changes_before_the_next_change(
    zone: ZoneInfo, week: tuple[tuple[Span, ...], ...], now: datetime
) -> None:
    active = hours.is_active(week, zone, now)
    change = hours.next_change(week, zone, now)
    end = now + 8 * DAY if change is None else change
    step = (end - now) / 50
    assert all(hours.is_active(week, zone, now + step * part) is active for part in range(50))
    assert change is None or hours.is_active(week, zone, change) is not active


# --- A person's day across a change ----------------------------------------------------------------------------------


@each_change
def test_quiet_hours_end_on_time_after_clocks_changed(zone: ZoneInfo, day: date, length_h: float) -> None:
    del length_h
    evening = datetime(day.year, day.month, day.day)  # noqa: DTZ001  (the playbook puts its zone to it)
    person = Playbook(signals=["seat"], zone=zone, date=evening, begin="20:00", hours=every_day("07:00", "22:00"))
    person.on("seat").until("31:30")
    morning = [each for each in person.prompts() if each > "22:00"]
    assert morning[0] == "31:00"
    assert ("22:00", "withdrawn: quiet") in person.outcomes()


@each_change
def test_a_bout_through_a_change_of_clocks_is_as_long_as_it_was(zone: ZoneInfo, day: date, length_h: float) -> None:
    evening = datetime(day.year, day.month, day.day)  # noqa: DTZ001  (the playbook puts its zone to it)
    person = Playbook(signals=["seat"], zone=zone, date=evening, begin="22:00").on("seat").at("31:00").off("seat")
    person.wait(minutes=1)
    assert [sitting for _, _, sitting in person.bouts()] == [timedelta(hours=9 + length_h - 24)]
