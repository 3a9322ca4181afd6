"""What the page with all scores may know and do: a person's name and language, one command, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nudger.core.recovery.told import EVENING
from nudger.library import Language
from nudger.outputs.channel import Message
from nudger.outputs.desktop import DesktopOutput
from nudger.page import Outcome

if TYPE_CHECKING:
    from nudger.daemon import Daemon


class PageHouse:
    """Asks the daemon."""

    def __init__(self, daemon: Daemon) -> None:
        """Ask this daemon."""
        self._daemon = daemon

    def name(self, person: str) -> str | None:
        """Return what the person is called, "" where there is nobody else; None for somebody who is gone."""
        people = self._daemon.settings.people
        if person not in people or person not in self._daemon.people:
            return None
        return people[person].name if len(people) > 1 else ""

    def language(self, person: str) -> Language:
        """Return the texts in the person's language."""
        return self._daemon.language(person)

    def check_in(self, person: str, said: Mapping[str, Any]) -> Outcome:
        """Take a score in, and return what there is to say to it.

        That is what was decided, unless it was said before; and where the safety list is, if it waits. The list of the
        week belongs to the evening. During a lock there is nothing to say but the lock.
        """
        before = self._recovery(person)
        refused = self._daemon.command(person, "checkin", json.dumps(said).encode())
        if refused is not None:
            return Outcome(refused)
        after = self._recovery(person)
        if after["lock"] is not None:
            return Outcome(None, (after["lock"],))
        lines: list[str] = after["outcome"].splitlines() if after["explain"] != before["explain"] else []
        question, is_weekly = after["safety_question"], after["safety_reason"] == "weekly"
        if question is not None and (said["when"] == EVENING or not is_weekly):
            lines.append(f"{question} {self.language(person).texts['page.list']}")
        return Outcome(None, tuple(lines))

    def _recovery(self, person: str) -> Mapping[str, Any]:
        state: Mapping[str, Any] = self._daemon.local_state(person, self._daemon.clock.now())["recovery"]
        return state

    def cannot_browse(self, person: str) -> None:
        """Tell the person what to do instead where no browser opens the page."""
        if self.name(person) is None:
            return
        language = self.language(person)
        title, body = language.texts["told.no_browser.heading"], language.texts["told.no_browser"]
        message = Message(f"{person}-no-browser", "told", title, body, language=language.code)
        self._daemon.channels.tell(person, message, DesktopOutput)
