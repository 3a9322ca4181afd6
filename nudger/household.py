"""Who is here, and by which config: at the start, and whenever the config changes."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from nudger import sdnotify
from nudger.config.faults import ConfigError
from nudger.config.settings import Person, Settings, policy
from nudger.config.zone import system_zone
from nudger.core import engine
from nudger.core.events import Event, LinkChanged, PolicyChanged, Removed, SignalChanged, TimeLost
from nudger.core.policy import Policy
from nudger.core.state import State
from nudger.library import load_ladder, load_language

if TYPE_CHECKING:
    from nudger.daemon import Daemon

log = logging.getLogger(__name__)


class Household:
    """Takes persons in, lets them go, and wires the daemon anew when its config changes."""

    def __init__(self, daemon: Daemon, read_config: Callable[[], Settings] | None) -> None:
        """``read_config`` reads the config again, raising ConfigError; None where there is no file."""
        self._daemon = daemon
        self._read_config = read_config
        self._changing: asyncio.Task[None] | None = None
        self._one_change = asyncio.Lock()

    # --- the start ---------------------------------------------------------------------------------------------------

    def take_in(self, states: Mapping[str, State], last_seen: datetime | None) -> None:
        """Let everybody go on from where they were, less the time that nobody watched."""
        daemon = self._daemon
        now = daemon.now()
        for person in daemon.settings.people.values():
            saved = states.get(person.id)
            self._add(person, saved, now, None if saved is None else max(saved.at, last_seen or saved.at))
        for absent in states.keys() - daemon.settings.people.keys():
            self._close(states[absent], absent, last_seen)

    def _add(self, person: Person, saved: State | None, now: datetime, lost_since: datetime | None) -> None:
        events: list[Event] = [] if lost_since is None else [TimeLost(lost_since, away=False)]
        self._daemon.people.add(self._policy(person), saved, now, [*events, *self._link_news(person)])

    def _link_news(self, person: Person) -> Sequence[LinkChanged]:
        """Return what somebody who is taken in hears of the link: how it was when they were left may not be so now."""
        board = self._daemon.board
        up = _is_all_local(person) or (board is not None and board.is_connected)
        return [LinkChanged(up)] if person.signals else []

    def _close(self, state: State, person: str, last_seen: datetime | None) -> None:
        """Close what ran for somebody whom this config no longer knows, when they were last watched."""
        if state.bout is None and state.rest is None and state.prompt is None:
            return
        stranger = Policy(person, load_ladder(), (), self._daemon.settings.zone)
        at = max(state.at, last_seen or state.at)
        closed, effects = engine.decide(stranger, state, Removed(), at)
        self._daemon.store.commit(at, ((person, closed, effects),))

    def _policy(self, person: Person) -> Policy:
        words = load_language(person.language)
        return policy(person, ladder=load_ladder(), words=words, zone=self._daemon.settings.zone)

    # --- another config ----------------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the config again and go by it; keep the old one, and say why, where it has faults."""
        if self._read_config is None:
            log.warning("there is no config file to reload")
            return
        try:
            settings = self._read_config()
        except ConfigError as error:
            for fault in error.faults:
                log.error("%s", fault)  # noqa: TRY400  (the fault is the user's; a traceback would hide it)
            log.error("the config has faults and was not reloaded; the one before stays in use")  # noqa: TRY400
            return
        for warning in settings.warnings:
            log.warning("%s", warning)
        sdnotify.notify(sdnotify.reloading())
        self._start_change(settings, "config reloaded", self._daemon.status_line)

    def follow(self) -> None:
        """Go by the zone that this computer is set to now, where the config names none: a laptop travels.

        While another change is under way, what it brings is not known yet: then that is left to the next look.
        """
        if self._changing is not None and not self._changing.done():
            return
        settings, zone = self._daemon.settings, system_zone(os.environ)
        name = getattr(zone, "key", None)  # a zone that says no name looks new each time
        if settings.travels and name is not None and name != getattr(settings.zone, "key", None):
            why = f"this computer is set to {name} now"
            self._start_change(replace(settings, zone=zone), why, self._daemon.status_line)

    def is_automatic(self, settings: Settings) -> bool:
        """Without a config the desktop adds what it can."""
        return settings.path is None

    async def with_desktop(self, settings: Settings) -> Settings:
        """Let the desktop go by these settings, and return them with what it adds."""
        automatic, trial = self.is_automatic(settings), self._daemon.time_scale != 1
        return await self._daemon.desktop.adopt(settings, automatic=automatic, trial=trial)

    def on_offer(self) -> None:
        """The desktop tells of more than before to somebody who configured nothing."""
        settings = self._daemon.settings
        if self.is_automatic(settings):
            self._start_change(settings, "this desktop tells more now", self._daemon.desktop.summary)

    def stop(self) -> None:
        """Break off a change that is under way."""
        if self._changing is not None:
            self._changing.cancel()

    def _start_change(self, settings: Settings, why: str, told: Callable[[], str]) -> None:
        """Change over in the background; the log then says why, and what is ``told`` after the change."""
        self._changing = asyncio.get_running_loop().create_task(self._change_over(settings, why, told))

    async def _change_over(self, settings: Settings, why: str, told: Callable[[], str]) -> None:
        daemon = self._daemon
        async with self._one_change:
            try:
                await self._go_by(settings)
            except Exception:
                log.exception("the config could not be changed over completely; restart nudger to be sure")
                return
        daemon.deadlines.arm()
        sdnotify.notify(sdnotify.READY, sdnotify.status(daemon.status_line()))
        log.info("%s: %s", why, told())

    async def _go_by(self, settings: Settings) -> None:
        """Let go whom the new settings do not know, wire anew what they wire otherwise, and let everybody know."""
        daemon = self._daemon
        settings = await self.with_desktop(settings)
        before = daemon.settings
        for gone in [person for person in daemon.people if person not in settings.people]:
            daemon.people.remove(gone, daemon.now())
            if daemon.board is not None:
                daemon.board.forget(gone)
        await daemon.adopt(settings)
        remembered = daemon.store.load_states()
        now = daemon.now()
        for person in settings.people.values():
            if person.id in daemon.people.states():
                self._keep(person, before.people[person.id], now)
            else:
                saved = remembered.get(person.id)
                self._add(person, saved, now, None if saved is None else saved.at)
        daemon.desktop.say_again()

    def _keep(self, person: Person, before: Person, now: datetime) -> None:
        """Let somebody who stays go by their new policy. A signal that is configured otherwise is another one."""
        people = self._daemon.people
        people.replace_policy(self._policy(person))
        for signal in set(before.signals) - set(person.signals):
            people.handle(person.id, SignalChanged(signal.name, on=None), now)
        people.handle(person.id, PolicyChanged(), now)
        if _is_all_local(person):
            people.handle(person.id, LinkChanged(up=True), now)


def _is_all_local(person: Person) -> bool:
    """Tell whether none of the person's signals comes over the broker, whose loss is then nobody's business."""
    return not any(signal.to_signal().remote for signal in person.signals)
