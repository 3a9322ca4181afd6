"""Payloads as they arrive: bytes of strangers, read as text and JSON, or refused with a reason.

Every reason is one of a few fixed sentences, never a part of the payload, so that complaints can be counted by it.
"""

from __future__ import annotations

import json
from typing import Final, NoReturn

LARGEST: Final = 64 * 1024
"""Bytes of the largest payload that is looked at. Sensors and lamps send a few hundred."""

SAMPLE: Final = 60
"""Characters of a payload that a log line shows at most."""


class UnreadableError(ValueError):
    """A payload cannot be understood. The text says why."""


class Document:
    """One payload as templates see it: its text, and the JSON value in it, parsed when it is first asked for."""

    __slots__ = ("_value", "name", "text")

    def __init__(self, payload: bytes, name: str = "") -> None:
        """``name`` is what templates see as ``name``. Raises UnreadableError for too large a payload, or not UTF-8."""
        if len(payload) > LARGEST:
            raise UnreadableError(f"is larger than {LARGEST // 1024} KiB")
        try:
            self.text = payload.decode()
        except UnicodeDecodeError:
            raise UnreadableError("is not UTF-8 text") from None
        self.name = name
        self._value: object = _UNPARSED

    def json(self) -> object:
        """Return the JSON value. Raises UnreadableError when there is none, NaN and Infinity included."""
        if self._value is _UNPARSED:
            try:
                self._value = _DECODER.decode(self.text)
            except RecursionError:
                raise UnreadableError("is nested too deeply") from None
            except UnreadableError:
                raise
            except ValueError:  # also from a number of thousands of digits
                raise UnreadableError("is not JSON") from None
        return self._value


def sample_of(payload: bytes) -> str:
    """Return the beginning of a payload for a log line: at most `SAMPLE` characters, all of them printable."""
    text = printable(payload[: 4 * SAMPLE].decode(errors="backslashreplace"))
    return text if len(text) <= SAMPLE and len(payload) <= 4 * SAMPLE else text[: SAMPLE - 1] + "…"


def printable(text: str) -> str:
    """Return the text with everything escaped that could forge a log line or colour a terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _refuse_constant(_name: str) -> NoReturn:
    raise UnreadableError("holds NaN or Infinity, which JSON does not know")


_UNPARSED: Final = object()
_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)
