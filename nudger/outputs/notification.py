"""A message as a desktop's notification service wants it, by what that service can do. Values in, values out."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nudger.outputs.channel import Button, Message

APP: Final = "nudger"
"""Who notifies."""

MOST_SHOWN: Final = 8
"""So many notifications are known with their buttons; a press on an older one, if it is still there, is ignored."""

LONGEST: Final = 500
"""Characters of a text; some services choke on more, and no prompt has so many."""

STAYS: Final = 0
BY_SERVICE: Final = -1
"""How long it shows: until it is answered or taken away, or as long as the service sees fit."""

LOW, NORMAL, CRITICAL = 0, 1, 2

ICONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "walk": "go-next",
        "run-plan": "go-next",
        "stand": "go-up",
        "posture": "go-up",
        "chores": "go-home",
        "breathing": "weather-clear",
        "mobility": "view-refresh",
        "strength": "emblem-default",
    }
)
"""An icon for each category of movement, by its name in the freedesktop icon theme."""
ICON: Final = "appointment-soon"
"""The icon of everything else."""

NEUTRAL: Final = "nudger"
"""All that a neutral notification says, for screens that others see."""


@dataclass(frozen=True, slots=True)
class Notification:
    """What is handed to the notification service. ``actions`` are keys and labels, in turn."""

    icon: str
    title: str
    body: str
    actions: tuple[str, ...]
    urgency: int
    category: str
    expires_ms: int
    is_transient: bool
    sound: str | None


def notification_of(
    message: Message, capabilities: Collection[str], keys: Collection[str], *, sound: bool, neutral: bool
) -> Notification:
    """Return the notification. ``keys`` are what its buttons are called when they come back, in their order.

    Without buttons it names the commands that say the same; where markup is understood, text is escaped.
    """
    title = NEUTRAL if neutral else _plain(message.title)
    body = "" if neutral else _plain(message.body)
    actions: tuple[str, ...] = ()
    if "actions" in capabilities:
        labels = [_plain(button.label) for button in message.buttons]
        actions = tuple(word for pair in zip(keys, labels, strict=True) for word in pair)
    elif message.buttons:
        commands = " · ".join(_as_command(button) for button in message.buttons)
        body = f"{body}\n{commands}" if body else commands
    if "body" not in capabilities:
        title, body = (title if neutral else f"{title}: {_plain(message.body)}"), ""
    if "body-markup" in capabilities:
        body = html.escape(body, quote=False)
    return Notification(
        icon=ICON if neutral else ICONS.get(message.category, ICON),
        title=title[:LONGEST],
        body=body,
        actions=actions,
        urgency=_urgency(message),
        category=f"x-nudger.{message.kind if neutral else message.category or message.kind}",
        expires_ms=STAYS if message.asks else BY_SERVICE,
        is_transient=not message.asks,
        sound="message-new-instant" if sound and message.sound else None,
    )


def _as_command(button: Button) -> str:
    """Return what to type instead of pressing the button."""
    said, typed = button.data, button.command
    match button.command:
        case "checkin":
            typed = f"checkin {said['pain']} --{said['when']}"
        case "offer":
            typed = f"offer {said['answer']}"
        case "flare":
            typed = "flare on"
        case "score":
            typed = "checkin"
    return f"{_plain(button.label)}: nudger {typed}"


def _urgency(message: Message) -> int:
    """How loud: a repeat may come through where the first did not; what merely informs or returns stays in the back."""
    if message.kind in {"pre_notice", "enough"} or message.silent:
        return LOW
    return CRITICAL if message.level > 0 else NORMAL


def _plain(text: str) -> str:
    """Return the text without control characters, of a decent length."""
    shown = "".join(char for char in text if char == "\n" or unicodedata.category(char) != "Cc")
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"
