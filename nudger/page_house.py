"""What the page with all scores may know and do: a person's name and language, one command, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nudger.library import Language
from nudger.outputs.channel import Message
from nudger.outputs.desktop import DesktopOutput

if TYPE_CHECKING:
    from nudger.daemon import Daemon


class PageHouse:
    """Asks the daemon."""

    def __init__(self, daemon: Daemon) -> None:
        """Ask this daemon."""
        self._daemon = daemon

    def name(self, person: str) -> str | None:
        """Return what the person is called; None for somebody who is gone."""
        found = self._daemon.settings.people.get(person)
        return None if found is None or person not in self._daemon.people else found.name

    def language(self, person: str) -> Language:
        """Return the texts in the person's language."""
        return self._daemon.language(person)

    def command(self, person: str, command: str, payload: bytes) -> str | None:
        """Carry out a command; return why it was refused."""
        return self._daemon.command(person, command, payload)

    def came_of_it(self, person: str) -> Sequence[str]:
        """Return what to say after a check-in: what was decided, and where the safety list is, if it waits."""
        told = self._daemon.local_state(person, self._daemon.clock.now())["recovery"]
        lines: list[str] = told["outcome"].splitlines()
        if told["safety_question"] is not None:
            lines.append(f"{told['safety_question']} {self.language(person).texts['page.safety']}")
        return lines

    def cannot_browse(self, person: str) -> None:
        """Tell the person what to do instead where no browser opens the page."""
        if self.name(person) is None:
            return
        language = self.language(person)
        title, body = language.texts["told.no_browser.heading"], language.texts["told.no_browser"]
        message = Message(f"{person}-no-browser", "told", title, body, language=language.code)
        self._daemon.channels.tell(person, message, DesktopOutput)
