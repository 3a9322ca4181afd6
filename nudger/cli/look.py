"""Listening to the broker for `nudger ha signals`: which one, as whom, and how far it is."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from nudger.cli.common import BadUsage, Failure, say
from nudger.config.fields import check_filter
from nudger.mqtt.listener import Heard, ListenError, listen
from nudger.mqtt.settings import MqttSettings
from nudger.sources.announced import announced
from nudger.sources.recogniser import Finding, look_at, ranked, recognise

if TYPE_CHECKING:
    from nudger.config.settings import Settings

_BACK: Final = "\r\x1b[K"
"""To the beginning of the line, and empty it."""


def password_in(file: Path | None) -> str | None:
    """Return the password, which is the first line of the file; None without a file."""
    if file is None:
        return None
    first = file.read_text(encoding="utf-8", errors="replace").split("\n", 1)[0].rstrip("\r")
    if not first:
        raise BadUsage(f"{file}: its first line, where the password should be, is empty")
    return first


def broker_of(
    settings: Settings | None, host: str | None, port: int | None, username: str | None, password: str | None
) -> MqttSettings:
    """Return the broker of the config, which must be the one named if one is; what else is named comes first."""
    if settings is not None and settings.mqtt is not None:
        from nudger.switchboard import connection_settings  # noqa: PLC0415  (it loads the outputs)

        broker = connection_settings(settings.mqtt, Path())
    elif host is None and settings is not None:
        raise BadUsage(f"{settings.path} has no mqtt section; name the broker with --host")
    else:
        broker = MqttSettings(host=host or "localhost", client_id="nudger")
    same_user = username in {None, broker.username}
    if password is not None and username is None and broker.username is None:
        raise BadUsage("a password needs a username: add --username")
    return replace(
        broker,
        port=port or broker.port,
        username=username or broker.username,
        password=password if password is not None else (broker.password if same_user else None),
    )


def look(broker: MqttSettings, topic_filter: str, seconds: float) -> tuple[Heard, list[Finding]]:
    """Listen, showing on a terminal how far it is; return what was heard, and what of it could be a signal."""
    try:
        check_filter(topic_filter)
    except ValueError as error:
        raise BadUsage(f"--topic {error}") from None
    say(
        f"Listening to {broker.address} for {seconds:g} s. Sit down, get up, walk past your sensors, type something:",
        err=True,
    )
    say("only what speaks can be found.", err=True)
    progress = _Progress(broker.base_topic, sys.stderr.isatty())
    try:
        heard = listen(broker, topic_filter, seconds, on_pause=progress)
    except ListenError as error:
        raise Failure(f"cannot listen: {error}") from None
    finally:
        progress.end()
    now = datetime.now(UTC)
    below = f"{broker.base_topic}/"
    said = {topic: all_ for topic, all_ in heard.without(broker.base_topic).items() if not is_own(all_)}
    found = ranked([*recognise(said, now), *announced(said, now)])
    return heard, [finding for finding in found if not finding.topic.startswith(below)]


def is_own(payloads: Iterable[bytes]) -> bool:
    """Tell whether some nudger said this, on whatever base topic: a person's state, or an announcement of its own."""
    return any(_is_own(payload) for payload in payloads)


def _is_own(payload: bytes) -> bool:
    if b'"bout_started"' not in payload and b'"nudger"' not in payload:
        return False
    try:
        said = json.loads(payload)
    except (ValueError, RecursionError):
        return False
    if not isinstance(said, dict):
        return False
    origin = said.get("o", said.get("origin"))
    is_announced = isinstance(origin, dict) and origin.get("name") == "nudger"
    return is_announced or said.keys() >= {"posture", "bout_started", "next_prompt_at"}


@dataclass(slots=True)
class _Progress:
    """One line on a terminal that says how far it is; silent elsewhere."""

    base: str
    shows: bool
    useful: int = 0
    looked: int = 0
    next_s: float = 0.0

    def __call__(self, heard: Heard, left_s: float) -> None:
        if not self.shows or time.monotonic() < self.next_s:
            return
        new = list(heard.topics.items())[self.looked :]
        self.looked += len(new)
        now = datetime.now(UTC)
        own = f"{self.base}/"
        self.useful += sum(
            bool(look_at(topic, payloads, now))
            for topic, payloads in new
            if not (topic.startswith(own) or is_own(payloads))
        )
        self.next_s = time.monotonic() + 0.5
        line = (
            f"{left_s:3.0f} s left, {len(heard.topics)} topics heard, {self.useful} could be a signal (Ctrl-C: enough)"
        )
        click.echo(f"{_BACK}{line}", nl=False, err=True)

    def end(self) -> None:
        if self.shows and self.next_s:
            click.echo(_BACK, nl=False, err=True)
