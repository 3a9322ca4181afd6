"""Keeps one fault from becoming many: log lines that would repeat, exceptions that would spread."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger("nudger.mqtt")

_REMEMBERED = 500
"""Different complaints remembered: a flood of distinct topics must not grow the memory."""


class Guard:
    """Says each complaint once in a while, and calls code that may fail."""

    def __init__(self, clock: Callable[[], float], repeat_s: float) -> None:
        """``clock`` gives seconds; a complaint with the same key is not logged again for ``repeat_s``."""
        self.errors = 0
        self._clock = clock
        self._repeat_s = repeat_s
        self._said: dict[str, float] = {}

    def complain(self, key: str, text: str) -> bool:
        """Log ``text`` as a warning, unless ``key`` was complained of lately. Says whether it did."""
        due = self.is_due(key)
        if due:
            log.warning("MQTT: %s", text)
        return due

    def call(self, what: str, function: Callable[..., object], *args: object) -> None:
        """Call ``function``; an exception is counted, logged once in a while with its traceback, and ends here."""
        try:
            function(*args)
        except Exception as error:
            self.errors += 1
            if self.is_due(f"{what} {type(error).__name__}"):
                log.exception("MQTT: %s failed; going on", what)

    def is_due(self, key: str) -> bool:
        """Whether ``key`` may be complained of now; asking counts as having done it."""
        now = self._clock()
        if key in self._said and now - self._said[key] < self._repeat_s:
            return False
        self._said.pop(key, None)
        self._said[key] = now
        if len(self._said) > _REMEMBERED:
            del self._said[next(iter(self._said))]
        return True
