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
    old, new = before.text, after.text
    old_width, new_width = width(old), width(new)
    if before.x != after.x or before.role != after.role:
        return [(before.x, old_width), (after.x, new_width)]
    shorter = min(len(old), len(new))
    head = tail = 0
    while head < shorter and old[head] == new[head]:
        head += 1
    if old_width == new_width:
        while tail < shorter - head and old[~tail] == new[~tail]:
            tail += 1
    if old.isascii() and new.isascii():
        return [(after.x + head, max(old_width, new_width) - head - tail)]
    while head and not (_border(old, head) and _border(new, head)):
        head -= 1
    while tail and not (_border(old, len(old) - tail) and _border(new, len(new) - tail)):
        tail -= 1
    start = width(new[:head])
    end = max(old_width, new_width) - width(new[len(new) - tail :])
    return [(after.x + start, end - start)]


def _border(text: str, at: int) -> bool:
    """Whether a cell ends and another begins before ``text[at]``, whatever the terminal."""
    # Elsewhere than between these there need not: a combining character belongs to the cell before it, and
    # two letters can be one flag.
    return all(char <= "~" or "─" <= char <= "▟" for char in text[at - 1 : at + 1])
