"""What is remembered of a borrowed lamp, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from pydantic import TypeAdapter, ValidationError

from nudger.outputs.lamp_presets import Messages
from nudger.outputs.look import Look


class Memory(Protocol):
    """Where records of borrowed lamps outlive the process."""

    def load_lamps(self) -> Mapping[str, str]:
        """Return what was saved, by topic."""

    def save_lamp(self, topic: str, snapshot: str, /) -> object:
        """Save the record of a lamp, in place of its last."""

    def forget_lamp(self, topic: str, /) -> object:
        """Forget the record of a lamp."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is remembered of a borrowed lamp.

    ``report`` is its state before our first change, None where it never said; ``restore`` gives it back (kept here, so
    that it can be given back when it is no longer in the config). ``ours`` is all that it may be showing for us, and
    ``echoed`` whether it has been seen to. ``unseen`` is what it was told last, as long as nothing shows how it renders
    that.
    """

    report: dict[str, object] | None
    restore: Messages
    ours: tuple[Look, ...]
    echoed: bool = False
    unseen: Look | None = None


_RECORDS: Final = TypeAdapter(Record)


def text_of(record: Record) -> str:
    """Return the text that `record_of` reads."""
    return _RECORDS.dump_json(record).decode()


def record_of(text: str) -> Record | None:
    """Return the record that was saved as ``text``, None when it cannot be read."""
    try:
        return _RECORDS.validate_json(text)
    except ValidationError:
        return None
