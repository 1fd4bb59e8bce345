"""A figure's course, and its size, in one line of text. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..text import ELLIPSIS

_LEVELS = "▂▃▄▅▆▇"
"""Without the full block: lines that stand below each other are to be told apart."""
_ZERO = "▁"
MARK = "│"
"""Shows a value beside a shorter bar."""
_PARTS = " ▏▎▍▌▋▊▉"
_FULL = "█"
_IN_ASCII = str.maketrans(
    dict(zip("▁▂▃▄▅▆▇█", "_.:-=+*#", strict=True))
    | dict.fromkeys("▏▎▍", " ")  # a bar in whole cells
    | dict.fromkeys("▌▋▊▉", "#")
    | {MARK: "|", ELLIPSIS: "~"}
)


def spark(values: Sequence[float | None], top: float) -> str:
    """A sign for each value, as high as it is beside ``top`` > 0: 0 is a low line, an unknown one a blank."""
    return "".join([_sign(value, top) for value in values])


def _sign(value: float | None, top: float) -> str:
    if value is None or math.isnan(value):
        return " "
    if value <= 0:
        return _ZERO
    return _LEVELS[min(len(_LEVELS) - 1, int(value / top * len(_LEVELS)))]


def bar(value: float, top: float, columns: int) -> str:
    """A bar that is ``columns`` long where ``value`` is ``top`` or more, padded with blanks; what is over 0
    has one that can be seen."""
    if columns <= 0:
        return ""
    if not value > 0 or not top > 0:
        return " " * columns
    eighths = max(1, math.floor(min(1.0, value / top) * columns * 8 + 0.5))
    cells, part = divmod(eighths, 8)
    return (_FULL * cells + (_PARTS[part] if part else "")).ljust(columns)


def over(
    places: Sequence[int], values: Sequence[float | None], span: int, columns: int
) -> list[float | None]:
    """``values``, each at its place of 0..``span`` - 1, in ``columns``: in each the most of what falls into
    it, None where that is nothing.

    Where there are fewer places than columns each has as many of these, and some columns may be left.
    """
    if span < 1 or columns < 1:
        return []
    wide = max(1, columns // span)
    shown = span * wide if span <= columns else columns
    found: list[float | None] = [None] * shown
    for place, value in zip(places, values, strict=True):
        if value is None or not 0 <= place < span:
            continue
        first = place * wide if span <= columns else place * columns // span
        for column in range(first, first + wide):
            before = found[column]
            found[column] = value if before is None or value > before else before
    return found


def in_ascii(text: str) -> str:
    """``text``, in as many columns, with other signs for bars, courses and what is cut: for where there is
    nothing but ASCII. Names from outside stay as they are."""
    return text if text.isascii() else text.translate(_IN_ASCII)
