"""Text in parts, each with a role that a screen may colour: what widgets are given to draw.

Pure; the words themselves are made in ``states.py``, ``lines.py`` and ``summary.py``.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import NamedTuple

from .text import fit


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
