"""Which rows of the table there are and which comes first. Pure.

Rows are named by their places in a snapshot's workers: to sort a thousand of them moves numbers alone.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from ..model import HOLDING, WorkerRow, WorkerState
from ..text import clean


class Column(enum.StrEnum):
    """A column of the table, and what it can be sorted by."""

    SLOT = "slot"
    DURATION = "duration"
    PHASE = "phase"
    ORIGIN = "origin"
    LINES = "lines"
    CPU = "cpu"
    MEMORY = "memory"


MEASURED = frozenset({Column.CPU, Column.MEMORY})
"""What is known only while it is measured."""
DEFAULT = tuple(column for column in Column if column not in MEASURED)
"""The columns that there are as long as nobody has chosen others."""

_LARGEST_FIRST = frozenset({Column.DURATION, Column.LINES, Column.CPU, Column.MEMORY})


class Order(NamedTuple):
    """What the rows are sorted by; durations and figures the largest first, unless ``reverse``."""

    column: Column = Column.SLOT
    reverse: bool = False

    @classmethod
    def named(cls, word: str) -> Order:
        """The order that the settings call so: a column, with ``-`` before it the other way round."""
        return cls(Column(word.removeprefix("-")), word.startswith("-"))

    @property
    def word(self) -> str:
        """What the settings call it."""
        return f"{'-' * self.reverse}{self.column}"

    def next(self) -> Order:
        """By the column at the right of this one; after the last by the first."""
        columns = list(Column)
        return Order(columns[(columns.index(self.column) + 1) % len(columns)])

    def reversed(self) -> Order:
        """The same the other way round."""
        return Order(self.column, not self.reverse)

    @property
    def descending(self) -> bool:
        """Whether the largest comes first."""
        return (self.column in _LARGEST_FIRST) is not self.reverse


BY_SLOT = Order()
"""As they are without being sorted."""


def doing(row: WorkerRow) -> str:
    """The phase, or the slot's state where it is in none."""
    if row.state in HOLDING and row.phase:
        return clean(row.phase)
    return "-" if row.state is WorkerState.NONE else row.state.value.capitalize()


def slot_digits(workers: int) -> int:
    """How many digits a slot's number has where there are so many workers."""
    return max(2, len(str(workers - 1)))


_KEYS: dict[Column, Callable[[WorkerRow], Any]] = {
    Column.DURATION: lambda row: row.elapsed,
    Column.PHASE: lambda row: doing(row).lower(),
    Column.ORIGIN: lambda row: row.origin and row.origin.lower(),
    Column.LINES: lambda row: row.lines,
    Column.CPU: lambda row: row.cpu,
    Column.MEMORY: lambda row: row.rss,
}


def ordered(
    rows: Sequence[WorkerRow], order: Order = BY_SLOT, among: Iterable[int] | None = None
) -> list[int]:
    """The places of ``rows``, those at ``among`` only if it is given, in this order.

    Rows that hold a package come first, then those of which the column is not known, then the others; what
    is the same stays as it was in ``rows``.
    """
    busy: list[int] = []
    idle: list[int] = []
    holding = HOLDING
    for place in range(len(rows)) if among is None else among:
        (busy if rows[place].state in holding else idle).append(place)
    if order.column is Column.SLOT:
        if order.reverse:
            busy.reverse()
        return busy + idle
    key_of = _KEYS[order.column]
    keys = {place: key_of(rows[place]) for place in busy}
    known = [place for place in busy if keys[place] is not None]
    if order.column is Column.DURATION:
        # Of two with the same seconds the one that began first, or they would change places at each second.
        known.sort(key=lambda place: rows[place].started or 0.0, reverse=not order.descending)
    known.sort(key=keys.__getitem__, reverse=order.descending)
    return known + [place for place in busy if keys[place] is None] + idle


def finder(text: str) -> Callable[[str], bool]:
    """Whether a text contains ``text``; in which case matters where ``text`` has a capital letter."""
    if text == text.lower():
        return lambda whole: text in whole.lower()
    return lambda whole: text in whole


def nothing_found(text: str, count: int, noun: str) -> str:
    """What is said where ``text`` is in none of ``count`` workers or lines, as the ``noun`` says."""
    return f"nothing matches '{clean(text)}' ({count} {noun if count == 1 else noun + 's'})"


def matching(rows: Sequence[WorkerRow], text: str) -> list[int]:
    """The places of ``rows`` that hold a package and have ``text`` in their origin, phase or slot's number.

    ``rows`` are all slots, which decides how many digits the number has. An empty text is in all of them,
    those without a package too.
    """
    if not text:
        return list(range(len(rows)))
    found = finder(text)
    digits = slot_digits(len(rows))
    return [
        place
        for place, row in enumerate(rows)
        if row.state in HOLDING
        and (
            (row.origin is not None and found(clean(row.origin)))
            or found(doing(row))
            or text in f"{row.slot:0{digits}d}"
        )
    ]
