"""The options of a signal that the desktop itself tells: the one this computer's user sits at."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from nudger.config.fields import Options
from nudger.core.policy import DEFAULT_HOLD, Signal
from nudger.core.words import ZERO, Kind
from nudger.sources.signal import Span, printable_name

Video = Literal["present", "away", "ignore"]
"""What a video that plays says about the person."""

KINDS: Final = (Kind.ACTIVITY, Kind.LOCKED, Kind.CALL, Kind.DND)
"""What a desktop can tell of."""


class DesktopOptions(Options):
    """Evidence from the desktop: keyboard and mouse, the screen lock, calls, do-not-disturb."""

    source: Literal["desktop"]
    """Where the signal comes from: mqtt, or desktop for the session nudger itself runs in."""
    name: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(printable_name)]
    """How the signal is called where nudger speaks of it."""
    kind: Kind
    """What it tells: keyboard and mouse (activity), screen lock and sleep (locked), a camera or microphone in use
    (call), do-not-disturb (dnd)."""
    hold: Span | None = None
    """For kind activity: silence that means away. Default: 5 min."""
    video: Video = "present"
    """For kind activity: while something keeps the screen awake, such as a video, the person counts as present, as
    away, or as what their hands do (ignore)."""

    @field_validator("kind")
    @classmethod
    def _desktop_tells(cls, kind: Kind) -> Kind:
        if kind not in KINDS:
            raise ValueError(f"no desktop tells of {kind}; it can be one of: {', '.join(KINDS)}")
        return kind

    @field_validator("hold", "video")
    @classmethod
    def _only_activity(cls, value: object, info: ValidationInfo) -> object:
        if value is not None and info.data.get("kind") not in {Kind.ACTIVITY, None}:
            raise ValueError("is for kind activity only")
        return value

    def to_signal(self) -> Signal:
        """Return what the core needs to know of the signal. It needs no broker, and never falls silent unannounced."""
        hold: timedelta = self.hold or DEFAULT_HOLD.get(self.kind, ZERO)
        return Signal(name=self.name, kind=self.kind, hold=hold, remote=False)


AUTO_NAMES: Final = {
    Kind.ACTIVITY: "keyboard and mouse",
    Kind.LOCKED: "screen lock",
    Kind.CALL: "camera and microphone",
    Kind.DND: "do not disturb",
}


def automatic(kind: Kind) -> DesktopOptions:
    """Return the signal of that kind for somebody who configured nothing."""
    return DesktopOptions(source="desktop", name=AUTO_NAMES[kind], kind=kind)
