"""Recordings: MQTT messages as JSON Lines, as `mosquitto_sub -F %j` writes them or as somebody made them.

One message a line, an object with

    topic     as it was
    payload   a text, or any other JSON value (which stands for its own JSON text); left out, it is empty
    t, tst    when: seconds since 1970, or an ISO 8601 instant with an offset. `t` wins where there are both.
              mosquitto writes local time with both a Z and an offset (2026-11-22T19:02:11Z+0100): the offset counts.
    retain    1 or true for a message that the broker had kept

Other fields and blank lines are skipped. Lines are bytes: mosquitto copies a payload that is not UTF-8 as it is, and it
arrives here unchanged.
"""

from __future__ import annotations

import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, NoReturn, cast

STDIN: Final = "-"
MAX_LINE_BYTES: Final = 1 << 20
"""A message of a sensor has some hundred bytes; one that does not end is no recording."""
LAST: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""Later times are milliseconds, or broken; and what is added to an instant must not leave the calendar."""

_GZIP: Final = b"\x1f\x8b"
_BOM: Final = b"\xef\xbb\xbf"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN: Final = 60


class Message(NamedTuple):
    """One message, and the line (from 1) it stands on. A tuple, because there are millions of them."""

    line: int
    at: datetime
    topic: str
    payload: bytes
    retained: bool


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no message, and what is wrong with it."""

    line: int
    message: str


class RecordingError(Exception):
    """The recording cannot be read (on). ``line`` counts from 1, None where it is about the whole file."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message if line is None else f"line {line}: {message}")
        self.line = line


def read(path: str, *, lenient: bool = False) -> Iterator[Message | BadLine]:
    """Yield the messages of a file, gzipped or not, or of standard input (``-``).

    Raises RecordingError when there is no such file, when it breaks off in the middle of its compression, and at the
    first line that is no message; ``lenient`` yields such a line as a `BadLine` and goes on.
    """
    with _opened(path) as file:
        yield from parse(_lines(file), lenient=lenient)


def parse(lines: Iterable[bytes], *, lenient: bool = False) -> Iterator[Message | BadLine]:
    """Yield the messages of these lines; see `read`."""
    for number, line in enumerate(lines, start=1):
        try:
            message = _message(number, line)
        except ValueError as error:
            if not lenient:
                raise RecordingError(str(error), number) from None
            yield BadLine(number, str(error))
        else:
            if message is not None:
                yield message


# --- Files to lines --------------------------------------------------------------------------------------------------


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    try:
        with nullcontext(_stdin()) if path == STDIN else Path(path).open("rb") as file:
            zipped = file.peek(len(_GZIP)).startswith(_GZIP)
            yield cast("BinaryIO", gzip.GzipFile(fileobj=file)) if zipped else file
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise RecordingError(f"the compressed data is damaged or cut off: {error}") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise RecordingError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _stdin() -> io.BufferedReader:
    stdin = sys.stdin.buffer
    return stdin if isinstance(stdin, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", stdin))


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines; of one that is too long only the beginning, which is too long still."""
    while line := file.readline(MAX_LINE_BYTES + 1):
        yield line
        while len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE_BYTES + 1)


# --- Lines to messages -----------------------------------------------------------------------------------------------


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


_decode: Final = json.JSONDecoder(parse_constant=_no_constant).decode


def _message(number: int, line: bytes) -> Message | None:
    """Return the message of a line, None for a blank one. Raises ValueError saying what is wrong."""
    if len(line) > MAX_LINE_BYTES:
        raise ValueError(f"the line is longer than {MAX_LINE_BYTES} bytes")
    text = line.removeprefix(_BOM).decode(errors="surrogateescape").strip()
    if not text:
        return None
    try:
        fields = _decode(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise ValueError("not JSON that one can read: nested too deeply") from None
    if not isinstance(fields, dict):
        raise ValueError('expected an object such as {"t": 1795370531.5, "topic": "desk/seat", "payload": "ON"}')  # noqa: TRY004  (a fault of the input)
    time = fields["t"] if "t" in fields else fields.get("tst")
    retain = fields.get("retain", False)
    if retain not in (0, 1):
        raise ValueError(f"retain must be 0 or 1, not {_cut(retain)}")
    return Message(number, _instant(time), _topic(fields.get("topic")), _payload(fields), bool(retain))


def _instant(value: Any) -> datetime:
    if value is None:
        raise ValueError("there is no time: 't' (seconds since 1970) or 'tst' is needed")
    if isinstance(value, str):
        return _iso(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"the time must be seconds since 1970 or an ISO 8601 instant, not {_cut(value)}")  # noqa: TRY004  (same)
    if not 0 <= value < _LAST_S:  # NaN is not
        hint = "; seconds are expected, these look like milliseconds" if _LAST_S <= value < 1000 * _LAST_S else ""
        raise ValueError(f"the time {_cut(value)} is not between 1970 and {LAST.year}{hint}")
    return _EPOCH + timedelta(seconds=value)


_LAST_S: Final = (LAST - _EPOCH).total_seconds()


def _iso(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text.replace("Z+", "+").replace("Z-", "-"))
    except ValueError:
        raise ValueError(f"the time {_cut(text)} is no ISO 8601 instant such as 2026-11-22T18:02:11Z") from None
    if instant.tzinfo is None:
        raise ValueError(f"the time {_cut(text)} needs an offset from UTC, such as Z or +01:00")
    try:
        instant = instant.astimezone(UTC)
    except OverflowError:
        instant = LAST
    if not _EPOCH <= instant < LAST:
        raise ValueError(f"the time {_cut(text)} is not between 1970 and {LAST.year}")
    return instant


def _topic(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"topic must be a text, not {_cut(value)}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("topic is not UTF-8 text") from None
    return value


def _payload(fields: dict[str, Any]) -> bytes:
    payload = fields.get("payload", "")
    if isinstance(payload, str):
        try:
            return payload.encode(errors="surrogateescape")
        except UnicodeEncodeError:
            raise ValueError("payload holds half of a UTF-16 pair") from None
    if payload is None and fields.get("payloadlen") == 0:
        return b""  # mosquitto's way to write an empty one
    return json.dumps(payload).encode()


def _cut(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
