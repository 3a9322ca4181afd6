"""The outputs that reach people by other ways than the broker: whose they are, and which of them speaks when.

Each has a worker of its own. What one of them cannot deliver goes to the next; the answers of all of them come back as
the commands of the contract.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from nudger.config.settings import Person, Settings
from nudger.core.effects import Effect
from nudger.core.state import State
from nudger.library import Language, load_language
from nudger.outputs.channel import ChannelOptions, Message
from nudger.outputs.messages import SCORE_PAGE, message_of, message_of_prompt, refusal_of, sample_id, withdrawn_by
from nudger.outputs.worker import MOST_UNSURE, Timing, Worker

log = logging.getLogger(__name__)

EVERY_LEVEL: Final = (0, 1)

Command = Callable[[str, str, bytes], str | None]
"""Carries out a command for a person; returns why it was refused."""
OpenPage = Callable[[str, Mapping[str, Any]], None]
"""Opens the page with all scores for a person: for which half (``when``) of which day (``date``)."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """One output of one person, the levels at which it speaks, and who does the work."""

    options: ChannelOptions
    levels: tuple[int, ...]
    worker: Worker

    def message(self, effect: Effect, person: str, language: Language) -> Message | None:
        """Return what an effect shows here; None where it shows nothing."""
        message = message_of(effect, person, language, page=self.options.opens_page)
        return None if message is None else self.options.fitted(message)

    def wants(self, message: Message) -> bool:
        """Tell whether the message is for this output."""
        return self.options.wants(message, self.levels)


class Channels:
    """The workers of all persons. Nothing here waits for anybody, but `close`."""

    def __init__(self, command: Command, open_page: OpenPage) -> None:
        """``command`` takes the answers back; ``open_page`` what asks for more room than a button has."""
        self._command = command
        self._open_page = open_page
        self._outlets: dict[str, list[Outlet]] = {}
        self._languages: dict[str, str] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def adopt(self, settings: Settings, states: Mapping[str, State]) -> None:
        """Go by these settings from now on. Outputs that stay as they are go on; others are closed, others opened.

        A new one shows what is under way by ``states``, as it would after a restart.
        """
        before, self._outlets = self._outlets, {}
        self._languages = {person.id: person.language for person in settings.people.values()}
        names = _names(settings)
        for person in settings.people.values():
            spare = before.get(person.id, [])
            self._outlets[person.id] = [
                self._outlet(person, options, levels, name, spare, states.get(person.id))
                for (options, levels), name in zip(_speakers(person), names[person.id], strict=True)
            ]
        for gone in before.values():
            for outlet in gone:
                self._let_go(outlet)

    def act(self, person: str, effects: Sequence[Effect], language: Language) -> None:
        """Show and withdraw what a decision says."""
        for outlet in self._outlets.get(person, ()):
            for effect in effects:
                if (gone := withdrawn_by(effect, person)) is not None:
                    outlet.worker.withdraw(*gone)
                elif (message := outlet.message(effect, person, language)) is not None and outlet.wants(message):
                    outlet.worker.show(message)

    def tell(self, person: str, message: Message, kind: type[ChannelOptions]) -> bool:
        """Show a message on the person's outputs of that kind, whatever they show otherwise; return whether any has."""
        outlets = [outlet for outlet in self._outlets.get(person, ()) if isinstance(outlet.options, kind)]
        for outlet in outlets:
            outlet.worker.show(message)
        return bool(outlets)

    def health(self) -> list[dict[str, Any]]:
        """Return how each output is, for `nudger status --json`."""
        outlets = [(person, outlet) for person, outlets in self._outlets.items() for outlet in outlets]
        return [
            {
                "person": person,
                "type": _type(outlet.options),
                "name": outlet.worker.name,
                "trouble": outlet.worker.trouble,
            }
            for person, outlet in outlets
        ]

    async def close(self) -> None:
        """Take away what shows and close every channel; takes 2 s at most."""
        for outlets in self._outlets.values():
            for outlet in outlets:
                self._let_go(outlet)
        self._outlets = {}
        if self._closing:
            await asyncio.wait(self._closing)

    def _outlet(
        self,
        person: Person,
        options: ChannelOptions,
        levels: tuple[int, ...],
        name: str,
        spare: list[Outlet],
        state: State | None,
    ) -> Outlet:
        for outlet in spare:
            if outlet.options == options:
                spare.remove(outlet)
                outlet.worker.name = name
                return Outlet(options, levels, outlet.worker)
        worker = Worker(
            name,
            options.open(partial(self._answer, person.id, name)),
            partial(self._fall_back, person.id),
            Timing(
                limit_s=options.time_limit.total_seconds(),
                most_unsure=None if options.shows_silent else MOST_UNSURE,
            ),
        )
        outlet = Outlet(options, levels, worker)
        prompt = state.prompt if state is not None else None
        if prompt is not None and prompt.hidden_at is None and prompt.snoozed_until is None:
            message = message_of_prompt(prompt, load_language(person.language), repeated=True, silent=True)
            if outlet.wants(message):
                worker.show(message)
            else:
                worker.remember(prompt.id)
        return outlet

    def _let_go(self, outlet: Outlet) -> None:
        task = asyncio.get_running_loop().create_task(outlet.worker.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _fall_back(self, person: str, message: Message) -> None:
        """Let another output show what the one for it could not deliver."""
        for outlet in self._outlets.get(person, ()):
            is_free = outlet.worker.trouble is None and not outlet.wants(message)
            if is_free and outlet.options.wants(message, EVERY_LEVEL):
                outlet.worker.show(outlet.options.fitted(_without_page(message, outlet.options)))
                return

    def _answer(self, person: str, name: str, command: str, data: Mapping[str, Any]) -> None:
        if person not in self._outlets:  # pressed on what was left behind by somebody who is gone
            return
        if command == SCORE_PAGE:
            self._open_page(person, data)
            return
        if data.get("id") == sample_id(person):  # tried out: it is gone, and there was nothing to answer
            return
        refused = self._command(person, command, json.dumps(dict(data)).encode() if data else b"")
        if refused is None:
            return
        message = refusal_of(command, refused, person, load_language(self._languages[person]))
        # Why something about the back was refused is told to the person, not to who may read the log.
        what, why = (command, f": {refused}") if message is None else ("an answer", "")
        log.info("output %s: %s was not carried out%s", name, what, why)
        for outlet in self._outlets[person]:
            if message is not None and outlet.wants(message):
                outlet.worker.show(message)


def _without_page(message: Message, options: ChannelOptions) -> Message:
    """Return the message as an output can show it that stands in for another."""
    if options.opens_page:
        return message
    return replace(message, buttons=tuple(each for each in message.buttons if each.command != SCORE_PAGE))


def _speakers(person: Person) -> list[tuple[ChannelOptions, tuple[int, ...]]]:
    """Return the person's outputs of this kind that can work, each with its levels."""
    able = [output for output in person.outputs if isinstance(output, ChannelOptions) and output.lacks() is None]
    if len(able) == 1:
        return [(able[0], able[0].levels or EVERY_LEVEL)]
    return [(options, options.levels or ((0,) if place == 0 else (1,))) for place, options in enumerate(able)]


def _names(settings: Settings) -> dict[str, list[str]]:
    """Return how log lines call each person's outputs: by type, and by as much more as tells them apart."""
    types = {person.id: [_type(options) for options, _ in _speakers(person)] for person in settings.people.values()}
    everybodys = [kind for kinds in types.values() for kind in kinds]
    names: dict[str, list[str]] = {}
    for person, kinds in types.items():
        names[person] = []
        for place, kind in enumerate(kinds):
            number = f" {kinds[: place + 1].count(kind)}" if kinds.count(kind) > 1 else ""
            owner = f" of {person}" if everybodys.count(kind) > kinds.count(kind) else ""
            names[person].append(f"{kind}{number}{owner}")
    return names


def _type(options: ChannelOptions) -> str:
    return str(getattr(options, "type", "of no type"))
