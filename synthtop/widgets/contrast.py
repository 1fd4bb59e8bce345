"""What can be read on what."""

from __future__ import annotations

from rich.color import Color
from rich.style import Style

LEGIBLE = 4.5
"""Contrast that a text has at least, as the W3C's guidelines for web content ask for."""
QUIETLY_LEGIBLE = 3.0
"""Contrast of what need not be read at a glance."""


def contrast(one: Color, other: Color) -> float:
    """The contrast of two colours, 1 to 21, by the W3C's formula. Both are given by red, green and blue."""
    darker, brighter = sorted((_luminance(one), _luminance(other)))
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    red, green, blue = (_linear(part / 255) for part in colour.get_truecolor())
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def on_ground(style: Style, ground: Style, *, quiet: bool) -> Style:
    """``style`` on the background of ``ground``: in its own colour where that can be read there, else in the
    ground's. ``quiet`` text may be less legible."""
    if style.color is None or ground.reverse or ground.bgcolor is None or ground.bgcolor.triplet is None:
        # In the terminal's own colours nobody knows what can be read on what.
        return ground + Style(bold=bool(style.bold or ground.bold))
    enough = QUIETLY_LEGIBLE if quiet else LEGIBLE
    keeps = style.color.triplet is not None and contrast(style.color, ground.bgcolor) >= enough
    return style + Style(color=style.color if keeps else ground.color, bgcolor=ground.bgcolor)
