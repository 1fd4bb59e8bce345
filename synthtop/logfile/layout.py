"""One line of a log as clean text with its looks, and as rows of so many columns. No file, no state."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from ..text import char_width, clean, width
from . import sgr
from .page import Piece

_STOPS = 8
"""Columns between two tabulator stops."""

Spans = Sequence[tuple[int, int]]
"""Parts of a text, from a character to before another one, in order and apart."""


class Laid(NamedTuple):
    """The clean ``text`` of a line, and its ``looks``, each from a character on; the first from 0 on."""

    text: str
    looks: tuple[tuple[int, str], ...]


def lay(data: bytes) -> Laid:
    """The line that is written as ``data``, which has no newline."""
    if data.isascii():
        plain = data.decode("ascii")
        if plain.isprintable():
            return Laid(plain, ((0, ""),))
    parts: list[str] = []
    looks = [(0, "")]
    look = sgr.PLAIN
    length = column = at = 0
    # What is behind the last sequence comes with none after it.
    for match in (*sgr.SEQUENCE.finditer(data), None):
        text = _decoded(data[at : match.start() if match else len(data)], column)
        if text:
            parts.append(text)
            length += len(text)
            column += width(text)
        if match is None:
            break
        at = match.end()
        look = sgr.after(look, match[1])
        if looks[-1][0] == length:
            looks.pop()
        if not looks or looks[-1][1] != str(look):
            looks.append((length, str(look)))
    return Laid("".join(parts), tuple(looks))


def _decoded(data: bytes, column: int) -> str:
    """Clean text that begins in ``column``, with its tabs as blanks."""
    first, *others = data.decode("utf-8", "replace").split("\t")
    text = clean(first)
    if not others:
        return text
    parts = [text]
    for other in others:
        column += width(text)
        blanks = _STOPS - column % _STOPS
        column += blanks
        text = clean(other)
        parts += (" " * blanks, text)
    return "".join(parts)


def wrapped(text: str, columns: int) -> list[int]:
    """Where its rows of at most ``columns`` begin, the first at 0. A wide character is not parted; where
    there is but one column, it has that."""
    if text.isascii():
        return list(range(0, max(1, len(text)), columns))
    starts, taken = [0], 0
    for index, char in enumerate(text):
        wide = min(char_width(char), columns)
        if taken + wide > columns:
            starts.append(index)
            taken = 0
        taken += wide
    return starts


def shifted(text: str, shift: int, columns: int) -> tuple[int, int, int]:
    """The characters that stand wholly in ``columns`` from column ``shift`` on: from which, to before which,
    and how many blanks are before them, where a wide one is cut."""
    if text.isascii():
        start = min(shift, len(text))
        return start, min(start + columns, len(text)), 0
    first, column, blanks = -1, 0, 0
    for index, char in enumerate(text):
        wide = char_width(char)
        if first < 0 and column >= shift and (wide or shift == 0):
            first, blanks = index, column - shift
        if first >= 0 and column + wide > shift + columns:
            return first, index, blanks
        column += wide
    return (first, len(text), blanks) if first >= 0 else (len(text), len(text), 0)


def pieces(laid: Laid, start: int, stop: int, found: Spans = (), blanks: int = 0) -> tuple[Piece, ...]:
    """The characters from ``start`` to before ``stop``, in pieces of one look, ``found`` or not."""
    made = [Piece(" " * blanks)] if blanks else []
    text, looks = laid
    if start >= stop:
        return tuple(made)
    index = bisect_right(looks, start, key=lambda look: look[0]) - 1
    cuts = [at for at, _ in looks[index + 1 :] if at < stop]
    cuts += [edge for span in found for edge in span if start < edge < stop]
    spans = iter(found)
    span = next(spans, None)
    at = start
    for cut in sorted({*cuts, stop}):
        while index + 1 < len(looks) and looks[index + 1][0] <= at:
            index += 1
        while span is not None and span[1] <= at:
            span = next(spans, None)
        made.append(Piece(text[at:cut], looks[index][1], span is not None and span[0] <= at))
        at = cut
    return tuple(made)
