"""Lines as fields with places and roles, and which columns differ between two of them.

Pure: this is how a widget knows what need not be drawn again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..parts import Part
from ..text import width


class Field(NamedTuple):
    """Clean text from column ``x`` on. ``role`` names its look."""

    x: int
    text: str
    role: str


Line = tuple[Field, ...]
"""The fields of one line, from left to right, none over another; blank between them."""


def placed(parts: Iterable[Part], x: int = 0) -> Line:
    """Parts one after another from column ``x`` on."""
    fields = []
    for text, role in parts:
        fields.append(Field(x, text, role))
        x += width(text)
    return tuple(fields)


def changed(old: Line, new: Line) -> list[tuple[int, int]]:
    """The spans, as column and width, in which ``new`` may look different from ``old``."""
    if old == new:
        return []
    spans = []
    if len(old) == len(new):
        for before, after in zip(old, new, strict=True):
            if before != after:
                spans += _field_spans(before, after)
    else:
        kept = set(old) & set(new)
        spans = [(field.x, width(field.text)) for field in (*old, *new) if field not in kept]
    return spans


def _field_spans(before: Field, after: Field) -> list[tuple[int, int]]:
    if before.x != after.x or before.role != after.role:
        return [(before.x, width(before.text)), (after.x, width(after.text))]
    same = 0
    for one, other in zip(before.text, after.text, strict=False):
        if one != other:
            break
        same += 1
    # Elsewhere than between ASCII characters there need not be a border of cells: a combining character
    # belongs to the cell before it, and two letters can be one flag.
    while same and not (before.text[same - 1 : same + 1] + after.text[same - 1 : same + 1]).isascii():
        same -= 1
    start = width(after.text[:same])
    end = max(width(before.text), width(after.text))
    return [(after.x + start, end - start)]
