"""The daemon: one asyncio loop, and the wiring of everything. The only module that imports all the others.

message -> source -> event -> decide -> commit -> effects -> outputs
                                                `-> views publish what changed
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from nudger import __version__, sdnotify, welcome
from nudger.about import about
from nudger.answers import Answers
from nudger.api import Api
from nudger.browser import browse
from nudger.channels import Channels
from nudger.clock import Clock, ClockWatch, Slept, Stepped
from nudger.config.settings import Settings
from nudger.core.effects import Effect, Refuse
from nudger.core.events import ClockStepped, Event, PlanTimeCame, TimeLost
from nudger.core.state import State
from nudger.deadlines import Deadlines
from nudger.desktop import OwnDesktop, sits_here
from nudger.household import Household
from nudger.library import Language, load_language
from nudger.messages import Problem, parse_command
from nudger.outputs.desktop import DesktopOutput
from nudger.page import ScorePage
from nudger.page_house import PageHouse
from nudger.people import People
from nudger.schedule import Schedule
from nudger.sources.desktop.signals import DesktopLine
from nudger.sources.mqtt import Line, MqttSignals
from nudger.state_dir import StateLock
from nudger.store import CommitFailedError, Store
from nudger.switchboard import Switchboard
from nudger.views import health
from nudger.views.phrases import say
from nudger.views.state import render

log = logging.getLogger(__name__)

HEALTH_TICK: Final = timedelta(seconds=30)
"""How often the daemon looks at itself: its clock, its store, its deadlines."""

Watcher = Callable[[str, State, Sequence[Effect]], None]
"""Called after each decision, for a terminal that shows it."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where this daemon lives on disk, and the mode of its socket."""

    state: Path
    socket: Path
    socket_mode: int = 0o600


class Daemon:
    """Runs until it is told to stop. `run` returns when everything is restored, saved and closed."""

    def __init__(
        self,
        settings: Settings,
        places: Places,
        *,
        reload: Callable[[], Settings] | None = None,
        time_scale: float = 1.0,
        watcher: Watcher | None = None,
    ) -> None:
        """``reload`` reads the config again (raising ConfigError); ``time_scale`` makes minutes pass like seconds."""
        self.settings = settings
        self.started_at: datetime | None = None
        self.time_scale = time_scale
        self._places = places
        self._watcher = watcher
        self._stop = asyncio.Event()
        self._board: Switchboard | None = None
        house = PageHouse(self)
        self._page = ScorePage(house, partial(browse, environ=os.environ), house.cannot_browse)
        self.channels = Channels(self.command, self._page.open)
        self._household = Household(self, reload)
        self.desktop = OwnDesktop(self, self._household.on_offer)
        self.clock: Clock
        self.store: Store
        self.people: People
        self.deadlines: Deadlines
        self._calendar: Schedule

    # --- life --------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Start, serve until stopped, stop. Raises AlreadyRunning, SocketTakenError, NewerSchemaError, OSError."""
        with StateLock(self._places.state), contextlib.ExitStack() as closing:
            self.store = Store.open(self._places.state / "nudger.db", now=datetime.now(UTC), log=log)
            closing.callback(self.store.close)
            if self.store.notice:
                log.warning("%s", self.store.notice)
            states, last_seen = self.store.load_states(), self.store.last_beat()
            saved = [state.at for state in states.values()] + ([last_seen] if last_seen else [])
            self.clock = Clock(floor=max(saved, default=None), scale=self.time_scale)
            self.started_at = self.clock.now()
            self.people = People(self.store, self._act)
            self.deadlines = Deadlines(self.people, self.clock, self.now)
            self._listen_to_signals()
            self.settings = await self._household.with_desktop(self.settings)
            api = Api(self._places.socket, Answers(self).answer, self._places.socket_mode)
            watch = ClockWatch(self._check_clock)
            calendar = Schedule(self.settings, self.store, self._places.state, self.clock, self._plan_time)
            async with api, watch, calendar:
                self._calendar = calendar
                self._board = self._make_board(self.settings)
                self.channels.adopt(self.settings, states)
                self._household.take_in(states, last_seen)
                self.deadlines.arm()
                self.desktop.say_again()
                if self._board is not None:
                    await self._board.start()
                self._welcome()
                sdnotify.notify(sdnotify.READY, sdnotify.status(self.status_line()))
                log.info("nudger %s is running: %s", __version__, self.status_line())
                await self._serve()
                await self._wind_down()

    def _welcome(self) -> None:
        """Show on the desktop, once per history, what a prompt looks like. A trial would be over before it is read."""
        folder = self._places.state
        if self.time_scale != 1 or not welcome.is_due(folder):
            return
        now, people = self.clock.now(), self.people
        samples = {p: welcome.sample(people.policy(p), people.state(p), self.language(p), now) for p in people}
        told = [self.channels.tell(person, sample, DesktopOutput) for person, sample in samples.items()]
        if any(told):
            with contextlib.suppress(OSError):  # then there is another one next time
                welcome.done(folder)

    def stop(self) -> None:
        """Ask the daemon to stop; `run` returns within 5 s."""
        self._stop.set()

    async def _serve(self) -> None:
        interval = sdnotify.watchdog_interval() or HEALTH_TICK
        pause = min(HEALTH_TICK, interval).total_seconds()
        while not self._stop.is_set():
            self._look_after_itself(pause)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stop.wait()

    async def _wind_down(self) -> None:
        sdnotify.notify(sdnotify.STOPPING)
        self.deadlines.stop()
        self._household.stop()
        await asyncio.gather(self.desktop.close(), self._page.close())
        if self._board is not None and self.time_scale != 1:
            await self._board.leave()  # a trial leaves nothing at the broker: its times are invented
        await asyncio.gather(self.channels.close(), *([self._board.stop()] if self._board is not None else []))
        now = self.clock.now()
        self.store.retry(now)
        self.store.beat(now)

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, self._household.reload)

    def _look_after_itself(self, pause: float) -> None:
        now = self.now()
        self._household.follow()
        self.store.retry(now)
        self.store.beat(now)
        if self._board is not None:
            self._board.show_service()
        if self.deadlines.are_kept(now, timedelta(seconds=pause * self.time_scale)):
            # A dead broker or a full disk degrades the service; only a loop that is stuck is a case for systemd.
            sdnotify.notify(sdnotify.WATCHDOG, sdnotify.status(self.status_line()))
        self.deadlines.arm()

    # --- persons -----------------------------------------------------------------------------------------------------

    def language(self, person: str) -> Language:
        """Return the texts in the person's language."""
        return load_language(self.settings.people[person].language)

    def now(self) -> datetime:
        """Return this instant, by the daemon's own steady clock, for somebody who will go by it.

        First everybody learns whether the host slept or its clock was set: what woke a computer is heard before
        anything says that it slept. Who merely shows the time, as in the middle of a decision, asks the clock.
        """
        self._check_clock()
        return self.clock.now()

    def delay_until(self, instant: datetime) -> float:
        """Return the real seconds until then, for a timer of the loop."""
        return self.clock.delay_until(instant)

    def local_state(self, person: str, now: datetime) -> dict[str, Any]:
        """Return a person's state as their own machine may see it: nothing withheld, and more on the back."""
        chosen, state, words = self.people.policy(person), self.people.state(person), self.language(person)
        rendered = render(chosen, state, words, now, health.public(chosen, state, words, now))
        return {**rendered, "recovery": health.private(chosen, state, words, now)}

    def handle(self, person: str, event: Event, *, durable: bool = False) -> Sequence[Effect]:
        """Let one person decide on one event, and arm the timer for what follows."""
        effects = self.people.handle(person, event, self.now(), durable=durable)
        self.deadlines.arm()
        return effects

    def command(self, person: str, command: str, payload: bytes, *, in_public: bool = False) -> str | None:
        """Carry out a command of the contract; return None, or why it was refused. A refusal changes nothing.

        One that came ``in_public`` is answered there: it is told why only where that is not about health, or health may
        be published. Whether it may be is not decided there.
        """
        event = parse_command(command, payload, self.now(), self.settings.zone)
        if isinstance(event, Problem):
            return event.message
        if in_public and health.asks_to_publish(event):
            return self.language(person).texts["refuse.publish_elsewhere"]
        try:
            effects = self.handle(person, event, durable=True)
        except CommitFailedError as error:
            return f"this could not be saved and so was not done: {error}"
        refusal = next((effect for effect in effects if isinstance(effect, Refuse)), None)
        if refusal is None:
            return None
        is_open = not in_public or refusal.key in health.OPEN_REFUSALS
        if is_open or health.goes_out(self.people.policy(person), self.people.state(person)):
            return say(self.language(person), f"refuse.{refusal.key}", refusal.data)
        return self.language(person).texts["refuse.private"]

    def _plan_time(self, person: str) -> None:
        if person in self.people.states():
            self.handle(person, PlanTimeCame())

    def _act(self, person: str, state: State, effects: Sequence[Effect]) -> None:
        if self._board is not None:
            now = self.clock.now()
            self._board.act(self.people.policy(person), state, effects, self.language(person), now)
        self.channels.act(person, effects, self.language(person))
        if self._watcher is not None:
            self._watcher(person, state, effects)

    # --- time --------------------------------------------------------------------------------------------------------

    def _check_clock(self) -> None:
        """Let everybody know when the host slept or its wall clock was set; until somebody is here, that waits."""
        if not self.people.states():
            return
        for news in self.clock.check():
            match news:
                case Stepped(by=by):
                    log.warning("the clock was set by %+.0f s; counting goes on as before", by.total_seconds())
                    self._tell_everybody(ClockStepped(by), at_this_desk=ClockStepped(by))
                    self.desktop.shift(by)
                case Slept(since=since):
                    log.info("this computer slept; that time does not count as sitting")
                    self._tell_everybody(TimeLost(since, away=False), at_this_desk=TimeLost(since, away=True))
                    self.desktop.say_again()
                    if self._board is not None:
                        self._board.check_link()
            self._calendar.wake_up()
            self.deadlines.arm_anew()

    def _tell_everybody(self, event: Event, at_this_desk: Event) -> None:
        """Where this host's desktop is a signal, or in timer mode, it is the desk: while it slept, nobody sat at it."""
        now = self.clock.now()
        for person in tuple(self.people):
            is_here = sits_here(self.settings.people[person])
            self.people.handle(person, at_this_desk if is_here else event, now)

    # --- the broker --------------------------------------------------------------------------------------------------

    async def adopt(self, settings: Settings) -> None:
        """Go by these settings with the broker, the outputs and the calendar; what is wired as before stays wired."""
        board, before = self._board, self.settings
        if settings.mqtt == before.mqtt:
            self.settings = settings
            if board is not None:
                board.adopt(settings)
        else:
            if board is not None:
                if _place(settings) != _place(before):
                    await board.leave()
                await board.stop()
            self.settings = settings
            self._board = self._make_board(settings)
            if self._board is not None:
                await self._board.start()
        self.channels.adopt(settings, self.people.states())
        self._calendar.adopt(settings)

    def _make_board(self, settings: Settings) -> Switchboard | None:
        if settings.mqtt is None:
            return None
        return Switchboard(settings.mqtt, settings, self._places.state, self.store, self)

    # --- what others want to know ------------------------------------------------------------------------------------

    @property
    def board(self) -> Switchboard | None:
        """What hangs on the broker; None without one."""
        return self._board

    @property
    def lines(self) -> Sequence[Line | DesktopLine]:
        """Every signal's line."""
        return (*self.signals.lines, *self.desktop.lines)

    @property
    def signals(self) -> MqttSignals:
        """What comes over the broker."""
        return self._board.signals if self._board is not None else MqttSignals(())

    def status_line(self) -> str:
        """Return one line on how things are, for systemd and the log."""
        people = len(self.settings.people)
        who = f"{people} person" if people == 1 else f"{people} persons"
        broker = f", {self._board.status_line()}" if self._board is not None else ""
        kept = "history is kept" if self.time_scale == 1 else "a trial"
        return f"{who}{broker}, {self.store.degraded or kept}"

    def service(self) -> dict[str, Any]:
        """Return how the service itself is, for `nudger status --json`."""
        return about(self)


def _place(settings: Settings) -> tuple[str, int, str] | None:
    """Return at which broker, and where there, these settings publish."""
    mqtt = settings.mqtt
    return (mqtt.host, mqtt.port, mqtt.base_topic) if mqtt is not None else None
