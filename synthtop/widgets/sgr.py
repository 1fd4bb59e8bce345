"""The colours that a log asks for itself, in the terminal's own or as they can be read on ours. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from rich.color import Color, ColorSystem, blend_rgb
from rich.color_triplet import ColorTriplet
from rich.style import Style

from .contrast import QUIETLY_LEGIBLE, contrast
from .themes import PALETTES, Palette

_KEPT = 1024
"""Styles that are kept at most: a log may have each letter in another colour."""
_BLACK, _WHITE = ColorTriplet(0, 0, 0), ColorTriplet(255, 255, 255)
_DARK_BRIGHT = ("#808080", "#ff8787", "#afff87", "#ffff87", "#87afff", "#ffafff", "#87ffff", "#ffffff")
_LIGHT_BRIGHT = ("#767676", "#d70000", "#008700", "#875f00", "#005fd7", "#af00af", "#008787", "#ffffff")
_ATTRIBUTES = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse", 9: "strike"}
"""Nothing blinks here, and nothing is hidden."""


class Wanted(NamedTuple):
    """What some numbers come to: colours as 0 to 255 or as red, green and blue, None for none of its own."""

    front: int | ColorTriplet | None = None
    ground: int | ColorTriplet | None = None
    attributes: tuple[str, ...] = ()


def wanted(sgr: str) -> Wanted:
    """What a piece's ``sgr`` asks for; what is unknown or broken in it is left out."""
    front: int | ColorTriplet | None = None
    ground: int | ColorTriplet | None = None
    attributes: list[str] = []
    numbers = (int(word) for word in sgr.split(";") if word.isdecimal() and len(word) <= 3)
    for number in numbers:
        tens, ones = divmod(number, 10)
        if number == 38:
            front = _extended(numbers)
        elif number == 48:
            ground = _extended(numbers)
        elif tens in (3, 9) and ones < 8:
            front = ones + (8 if tens == 9 else 0)
        elif tens in (4, 10) and ones < 8:
            ground = ones + (8 if tens == 10 else 0)
        elif number in _ATTRIBUTES:
            attributes.append(_ATTRIBUTES[number])
    return Wanted(front, ground, tuple(attributes))


def _extended(numbers: Iterator[int]) -> int | ColorTriplet | None:
    """The colour behind a 38 or 48."""
    kind = next(numbers, 0)
    parts = [next(numbers, 256) for _ in range({5: 1, 2: 3}.get(kind, 0))]
    if not parts or max(parts) > 255:
        return None
    return parts[0] if kind == 5 else ColorTriplet(*parts)


@lru_cache(_KEPT)
def style_for(sgr: str, theme: str) -> Style:
    """The look of a log's ``sgr`` in the theme of this name.

    In a theme of the terminal's own colours these are what is asked for, or the nearest of them; in another
    one they are made such that they can be read on its background.
    """
    front, ground, attributes = wanted(sgr)
    flags: dict[str, Any] = dict.fromkeys(attributes, True)
    palette = PALETTES.get(theme)
    if palette is None:
        return Style(color=_terminals(front), bgcolor=_terminals(ground), **flags)
    own_ground = None if ground is None else _triplet(ground, palette)
    below = own_ground or Color.parse(palette.background).get_truecolor()
    if front is None:
        over = None if own_ground is None else Color.parse(palette.text).get_truecolor()
    else:
        over = _triplet(front, palette)
    return Style(
        color=None if over is None else Color.from_triplet(_legible(over, below)),
        bgcolor=None if own_ground is None else Color.from_triplet(own_ground),
        **flags,
    )


def _terminals(colour: int | ColorTriplet | None) -> Color | None:
    if colour is None:
        return None
    if isinstance(colour, int):
        return Color.from_ansi(colour).downgrade(ColorSystem.STANDARD)
    return Color.from_triplet(colour).downgrade(ColorSystem.STANDARD)


def _triplet(colour: int | ColorTriplet, palette: Palette) -> ColorTriplet:
    if not isinstance(colour, int):
        return colour
    if colour < 16:
        return Color.parse(_sixteen(palette)[colour]).get_truecolor()
    return Color.from_ansi(colour).get_truecolor()


def _sixteen(palette: Palette) -> tuple[str, ...]:
    """The sixteen colours of every terminal: a log's red is ours."""
    light = contrast(Color.parse(palette.background), Color.from_triplet(_BLACK)) > QUIETLY_LEGIBLE
    magenta, grey = ("#87005f", "#bcbcbc") if light else ("#d787d7", "#c6c6c6")
    first = (palette.failed, palette.built, palette.throttled, palette.meta, magenta, palette.phase)
    return ("#000000", *first, grey, *(_LIGHT_BRIGHT if light else _DARK_BRIGHT))


def _legible(colour: ColorTriplet, ground: ColorTriplet) -> ColorTriplet:
    """``colour``, or as much darker or brighter as it takes to be read on ``ground``."""
    below = Color.from_triplet(ground)
    far = max(_BLACK, _WHITE, key=lambda end: contrast(Color.from_triplet(end), below))
    for step in range(5):
        mixed = blend_rgb(colour, far, step / 4)
        if contrast(Color.from_triplet(mixed), below) >= QUIETLY_LEGIBLE:
            return mixed
    return far
