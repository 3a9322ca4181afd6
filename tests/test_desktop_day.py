"""A working day at a laptop without any sensor, through the desktop's signals and the engine, in virtual time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Final

import pytest
from playbook import Playbook, minutes

from nudger.core.events import AvailabilityChanged, SignalChanged, TimeLost
from nudger.core.words import Kind
from nudger.sources.desktop.facts import Fact
from nudger.sources.desktop.options import DesktopOptions, Video, automatic
from nudger.sources.desktop.parts import QUIET
from nudger.sources.desktop.signals import DesktopSignals

KINDS: Final = (Kind.ACTIVITY, Kind.LOCKED, Kind.CALL, Kind.DND)


class Laptop:
    """A laptop, who sits at it, and what nudger makes of it. Times are as the playbook writes them."""

    def __init__(self, *options: DesktopOptions, begin: str = "08:00") -> None:
        chosen = options or tuple(automatic(kind) for kind in KINDS)
        self.day = Playbook(signals=[each.to_signal() for each in chosen], begin=begin)
        self.desktop = DesktopSignals(self._hear, lambda: self.day.now)
        for fact in (Fact.LOCK, Fact.CALL, Fact.DND, Fact.VIDEO):
            self.desktop.tell(fact, "it", False, None)
        self.desktop.tell(Fact.INPUT, "it", True)
        self.desktop.adopt([("me", each) for each in chosen])
        self.desktop.say_again()

    def _hear(self, _person: str, event: SignalChanged | AvailabilityChanged) -> None:
        self.day.tell(event)

    def at(self, time: str) -> Laptop:
        self.day.at(time)
        return self

    def tell(self, fact: Fact, on: bool) -> Laptop:
        self.desktop.tell(fact, "it", on)
        return self

    def hands_rest(self, time: str) -> Laptop:
        """The last input was then: the desktop says so once they have been quiet for a while."""
        self.day.at(time).wait(seconds=QUIET.total_seconds())
        self.desktop.tell(Fact.INPUT, "it", False, QUIET)
        return self

    def locks(self, time: str) -> Laptop:
        """The last input was the one that locks."""
        self.at(time).tell(Fact.LOCK, True)
        self.day.wait(seconds=QUIET.total_seconds())
        self.desktop.tell(Fact.INPUT, "it", False, QUIET)
        return self

    def unlocks(self, time: str) -> Laptop:
        return self.types(time).tell(Fact.LOCK, False)

    def types(self, time: str) -> Laptop:
        return self.at(time).tell(Fact.INPUT, True)

    def sleeps(self, time: str, until: str) -> Laptop:
        """The lid is closed, and opened later: the desktop says so, and the clock shows it."""
        self.at(time).tell(Fact.LOCK, True)
        since = self.day.now
        self.day.sleep(until).tell(TimeLost(since, away=True))
        self.desktop.say_again()
        self.tell(Fact.LOCK, False)
        return self


def a_working_day() -> Laptop:
    laptop = Laptop()
    laptop.locks("08:10").unlocks("08:10:40")  # somebody at the door
    laptop.hands_rest("08:22").types("08:26")  # a prompt, followed
    laptop.at("08:40").tell(Fact.CALL, True).hands_rest("08:41").at("09:20").tell(Fact.CALL, False)
    laptop.types("09:20:20").locks("09:21").unlocks("09:30")  # the prompt after the call, followed
    laptop.sleeps("09:40", "10:10").types("10:10")
    laptop.at("10:15").tell(Fact.VIDEO, True).hands_rest("10:15:30")
    laptop.at("10:38").tell(Fact.VIDEO, False).types("10:38").locks("10:38").unlocks("10:45")
    laptop.locks("11:00").unlocks("11:10")  # coffee, unasked
    laptop.at("11:20").tell(Fact.DND, True).at("11:45").tell(Fact.DND, False)  # presenting
    laptop.locks("11:46").unlocks("11:50")
    laptop.hands_rest("12:00").types("12:50")  # lunch, the screen left as it was
    laptop.locks("13:00").at("13:10")
    return laptop


def test_a_working_day_at_a_laptop() -> None:
    async def story() -> None:
        day = a_working_day().day
        assert [(start, end) for start, end, _ in day.bouts()] == [
            ("08:00", "08:22:12"),
            ("08:26", "09:21"),
            ("09:30", "09:40"),
            ("10:10", "10:38"),
            ("10:45", "11:00"),
            ("11:10", "11:46"),
            ("11:50", "12:00"),
            ("12:50", "13:00"),
        ]
        assert day.prompts() == ["08:22:12", "09:20", "10:34", "11:45"]
        assert {outcome for _, outcome in day.outcomes()} == {"followed"}

    asyncio.run(story())


def test_a_sleep_of_the_laptop_is_away_from_the_moment_it_began() -> None:
    async def story() -> None:
        laptop = Laptop().sleeps("08:15", "08:18").types("08:18").at("08:37:59")
        assert laptop.day.bouts() == [("08:00", "08:15", minutes(15))]
        assert laptop.day.breaks() == [("08:15", "08:18", "likely")]
        assert laptop.day.prompts() == []
        assert laptop.at("08:42").day.prompts() == ["08:42"]

    asyncio.run(story())


def test_after_a_long_sleep_the_desktop_is_believed_though_nothing_changed_on_it() -> None:
    async def story() -> None:
        laptop = Laptop()
        since = laptop.at("08:05").day.now
        laptop.day.sleep("09:00").tell(TimeLost(since, away=True))
        laptop.desktop.say_again()
        assert laptop.day.posture == ("sitting", "09:00")
        assert laptop.day.breaks() == [("08:05", "09:00", "likely")]

    asyncio.run(story())


def test_a_short_lock_neither_ends_the_bout_nor_starts_its_time_anew() -> None:
    async def story() -> None:
        laptop = Laptop().locks("08:10").unlocks("08:10:50").hands_rest("08:20:30").at("08:21")
        assert laptop.day.bouts() == []
        assert laptop.day.prompts() == ["08:20:42"]

    asyncio.run(story())


def test_a_video_behind_a_lock_is_watched_by_nobody() -> None:
    async def story() -> None:
        laptop = Laptop().at("08:05").tell(Fact.VIDEO, True).locks("08:10").at("08:20")
        assert laptop.day.posture == ("away", "08:10")

    asyncio.run(story())


def test_a_screen_kept_awake_for_four_hours_is_nobody_watching_a_video() -> None:
    async def story() -> None:
        laptop = Laptop().hands_rest("08:05").at("08:06").tell(Fact.VIDEO, True)
        assert laptop.at("12:05:59").day.posture[0] == "sitting"
        laptop.at("12:06").desktop.pass_on()
        assert laptop.day.posture[0] == "away"

    asyncio.run(story())


@pytest.mark.parametrize(("video", "posture"), [("present", "sitting"), ("away", "away"), ("ignore", "away")])
def test_a_video_counts_as_the_person_chose(video: Video, posture: str) -> None:
    async def story() -> None:
        hands = DesktopOptions(source="desktop", name="hands", kind=Kind.ACTIVITY, video=video)
        laptop = Laptop(hands).at("08:05").tell(Fact.VIDEO, True).hands_rest("08:06").at("08:19")
        assert laptop.day.posture[0] == posture

    asyncio.run(story())


def test_typing_while_a_video_plays_shows_that_somebody_is_there_unless_it_counts_as_away() -> None:
    async def story() -> None:
        outcomes: tuple[tuple[Video, str], ...] = (("present", "sitting"), ("away", "away"), ("ignore", "sitting"))
        for video, posture in outcomes:
            hands = DesktopOptions(source="desktop", name="hands", kind=Kind.ACTIVITY, video=video)
            laptop = Laptop(hands).at("08:05").tell(Fact.VIDEO, True).at("08:19")
            assert laptop.day.posture[0] == posture

    asyncio.run(story())


def test_a_step_of_the_clock_moves_what_the_desktop_said() -> None:
    async def story() -> None:
        laptop = Laptop().hands_rest("08:04")
        told: list[SignalChanged | AvailabilityChanged] = []
        desktop = DesktopSignals(lambda _, event: told.append(event), lambda: laptop.day.now)
        desktop.adopt([("me", automatic(Kind.ACTIVITY))])
        desktop.tell(Fact.INPUT, "it", False, timedelta(minutes=10))
        since = laptop.day.now - timedelta(minutes=10)
        desktop.shift(timedelta(hours=2))
        desktop.say_again()
        assert told[-1] == SignalChanged("keyboard and mouse", on=False, since=since + timedelta(hours=2))

    asyncio.run(story())


def test_a_listener_that_fails_does_not_deafen_the_desktop(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        heard: list[bool | None] = []

        def hear(_person: str, event: SignalChanged | AvailabilityChanged) -> None:
            if isinstance(event, SignalChanged):
                heard.append(event.on)
                raise KeyError(event.signal)

        now = Playbook().now
        desktop = DesktopSignals(hear, lambda: now)
        desktop.adopt([("me", automatic(Kind.ACTIVITY))])
        desktop.tell(Fact.INPUT, "it", True)
        assert heard == []
        desktop.say_again()
        desktop.tell(Fact.INPUT, "it", False)
        assert heard == [True, False]

    asyncio.run(story())
    assert caplog.text.count("could not be taken in") == 2


def test_who_opens_the_lid_is_back_though_they_ignored_three_prompts_of_the_clock() -> None:
    async def story() -> None:
        lock = automatic(Kind.LOCKED)
        day = Playbook(signals=[lock.to_signal()], timer=True, begin="08:00")
        sleeps: list[TimeLost] = []

        def now() -> datetime:
            if sleeps:  # as the daemon, which lets everybody know of a sleep before it tells the time
                day.tell(sleeps.pop())
                desktop.say_again()
            return day.now

        desktop = DesktopSignals(lambda _, event: day.tell(event), now)
        desktop.tell(Fact.LOCK, "it", False, None)
        desktop.adopt([("me", lock)])
        desktop.say_again()
        assert day.until("10:00").posture[0] == "away"
        day.at("10:05")
        desktop.tell(Fact.LOCK, "it", True)
        sleeps.append(TimeLost(day.now, away=True))
        day.sleep("18:00")
        desktop.tell(Fact.LOCK, "it", False)
        assert day.posture == ("sitting", "18:00")
        assert day.until("18:20").prompts()[3:] == ["18:20"]

    asyncio.run(story())
