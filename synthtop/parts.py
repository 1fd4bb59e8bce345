"""Text in parts, each with a role that a screen may colour: what widgets are given to draw.

Pure; the words themselves are made in ``states.py``, ``lines.py``, ``summary.py`` and ``pages.py``.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .text import fit, width


class Role(enum.StrEnum):
    """What a piece of text is, for whoever gives it a colour."""

    TEXT = "text"
    LABEL = "label"
    VALUE = "value"
    BUILT = "built"
    META = "meta"
    FAILED = "failed"
    IGNORED = "ignored"
    SKIPPED = "skipped"
    THROTTLED = "throttled"
    PHASE = "phase"
    ORIGIN = "origin"
    DIM = "dim"
    HEADING = "heading"
    KEY = "key"
    CHOSEN = "chosen"
    REST = "rest"
    FRAME = "frame"
    """The quiet lines of a frame."""
    STALLED = "stalled"
    FROZEN = "frozen"
    CHART = "chart"
    LIMIT = "limit"
    """What a limit leaves above what is used."""


class Part(NamedTuple):
    """A piece of one line: clean text, and what it is."""

    text: str
    role: Role


Parts = tuple[Part, ...]


def joined(parts: Iterable[Part]) -> str:
    """The text of a line's parts."""
    return "".join(part.text for part in parts)


def cut(parts: Parts, columns: int) -> Parts:
    """As much of ``parts`` as fits into ``columns``, with ``…`` where something is left out."""
    rest = fit(joined(parts), columns)
    kept: list[Part] = []
    for text, role in parts:
        kept.append(Part(rest[: len(text)], role))
        rest = rest[len(text) :]
    return tuple(part for part in kept if part.text)


def whole(parts: Parts, columns: int) -> Parts:
    """As many of ``parts`` from the first on as fit whole into ``columns``; none where the first does not.

    What separates two of them does not stand at the end.
    """
    taken = end = 0
    for count, part in enumerate(parts, 1):
        taken += width(part.text)
        if taken > columns:
            break
        if part.text.strip(" ,"):
            end = count
    return parts[:end]


def broken(text: str, columns: int) -> Iterator[str]:
    """Clean ``text`` in lines of at most ``columns``, broken between words where that is possible."""
    line, columns = "", max(1, columns)
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        while width(longer) > columns:
            if line:
                yield line
                line, longer = "", word
            else:
                head = _beginning(longer, columns)
                yield head
                longer = longer[len(head) :]
        line = longer
    if line:
        yield line


def _beginning(text: str, columns: int) -> str:
    """As many characters as fit, and one at least."""
    end = taken = 0
    for char in text:
        taken += width(char)
        if taken > columns and end:
            break
        end += 1
    return text[:end]
