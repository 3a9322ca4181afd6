"""How a lamp looks, in one form for all makes of lamps, so that what it reports can be held against what was asked."""

from __future__ import annotations

import colorsys
import math
from dataclasses import dataclass
from typing import Final

NEAR_BRIGHTNESS: Final = 0.04
"""Brightness (0 to 1) apart by less is the same: scales of 100, 254 and 255 steps round, a person means more."""
NEAR_XY: Final = 0.04
"""Chromaticities nearer than this are the same: hues and saturations in whole numbers round by less than 0.01, while
white and amber are 0.15 apart, amber and red 0.2."""
NEAR_MIRED: Final = 15
"""Colour temperatures nearer than this are the same, in mired."""

RGB = tuple[int, int, int]
"""Red, green and blue, 0 to 255 each (sRGB)."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a lamp looks; None where it does not say.

    ``brightness`` is 0 to 1, ``xy`` the CIE 1931 chromaticity of a colour, ``mired`` the temperature of a white: a lamp
    shows one of the two.
    """

    on: bool
    brightness: float | None = None
    xy: tuple[float, float] | None = None
    mired: float | None = None


OFF: Final = Look(on=False)


def is_as_bright(one: Look, other: Look) -> bool:
    """Tell whether both are on, and as bright as each other, as far as they say."""
    if not one.on or not other.on:
        return False
    return (
        one.brightness is None or other.brightness is None or abs(one.brightness - other.brightness) <= NEAR_BRIGHTNESS
    )


def alike(one: Look, other: Look) -> bool:
    """Tell whether two looks are the same but for rounding. What one of them does not say is not held against it."""
    if not one.on and not other.on:
        return True
    if not is_as_bright(one, other):
        return False
    if one.mired is not None and other.mired is not None:
        return abs(one.mired - other.mired) <= NEAR_MIRED
    if one.xy is not None and other.xy is not None:
        return math.dist(one.xy, other.xy) <= NEAR_XY
    return (one.xy is None or other.mired is None) and (one.mired is None or other.xy is None)


def xy_of_rgb(red: float, green: float, blue: float) -> tuple[float, float]:
    """Return the chromaticity of an sRGB colour of any one scale; that of white for black."""
    top = max(red, green, blue)
    r, g, b = (_linear(max(part, 0.0) / top) for part in (red, green, blue)) if top > 0 else (1.0, 1.0, 1.0)
    # The sRGB primaries in CIE XYZ (IEC 61966-2-1).
    x = 0.4124 * r + 0.3576 * g + 0.1805 * b
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = 0.0193 * r + 0.1192 * g + 0.9505 * b
    return x / (x + y + z), y / (x + y + z)


def xy_of_hs(hue: float, saturation: float) -> tuple[float, float]:
    """Return the chromaticity of a hue (degrees) and a saturation (percent)."""
    return xy_of_rgb(*colorsys.hsv_to_rgb(hue % 360 / 360, min(max(saturation / 100, 0.0), 1.0), 1.0))


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def rgb_of_hex(text: str) -> RGB:
    """Return the parts of a colour written ``#RRGGBB``."""
    red, green, blue = bytes.fromhex(text.removeprefix("#"))
    return red, green, blue


def between(one: float, other: float, share: float) -> int:
    """Return the whole number at ``share`` (0 to 1) of the way."""
    return round(one + (other - one) * share)
