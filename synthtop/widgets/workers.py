"""The table of workers: dsynth's columns, building rows first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.geometry import Size

from ..model import HOLDING, WorkerRow, WorkerState, hms
from ..parts import Role
from ..text import clean, fit, width
from .fields import Field, Line
from .lineview import LineView

READABLE = 91
"""Columns after which the eye loses the line: what is wider stays empty at the right."""


class Columns(NamedTuple):
    """Where each column begins and how wide it is; one of width 0 is not shown."""

    slot: tuple[int, int]
    duration: tuple[int, int]
    phase: tuple[int, int]
    origin: tuple[int, int]
    lines: tuple[int, int]


def columns_for(columns: int, workers: int) -> Columns:
    """The columns of a table in a view of ``columns`` for ``workers`` slots, whatever the rows say.

    What goes first where it is narrow: the lines, then the phase, then the duration; the origin stays.
    """
    columns = min(columns, READABLE)
    slot = max(2, len(str(workers - 1)))
    phase = 15 if columns >= 72 else 9
    lines = 9
    x = slot + 3
    if columns < 24:
        return Columns((1, slot), (x, 0), (x, 0), (x, max(0, columns - x)), (columns, 0))
    duration = (x, 9)  # hours may pass 99
    x += 10
    if columns < 34:
        return Columns((1, slot), duration, (x, 0), (x, columns - x), (columns, 0))
    phase_at = (x, phase)
    x += phase + 2
    if columns < 56:
        return Columns((1, slot), duration, phase_at, (x, columns - x), (columns, 0))
    at = columns - lines - 1
    return Columns((1, slot), duration, phase_at, (x, at - 2 - x), (at, lines))


def ordered(rows: Sequence[WorkerRow]) -> list[WorkerRow]:
    """Rows that hold a package by slot, then the others by slot."""
    holding: list[WorkerRow] = []
    others: list[WorkerRow] = []
    for row in rows:
        (holding if row.state in HOLDING else others).append(row)
    return holding + others


def doing(row: WorkerRow) -> str:
    """The phase, or the slot's state where it is in none."""
    if row.state in HOLDING and row.phase:
        return clean(row.phase)
    return "-" if row.state is WorkerState.NONE else row.state.value.capitalize()


def row_line(row: WorkerRow, at: Columns) -> Line:
    """One row of the table."""
    busy = row.state in HOLDING
    slot = Field(at.slot[0], f"{row.slot:0{at.slot[1]}d}", Role.LABEL)
    cells = (
        (at.duration, hms(row.elapsed), Role.TEXT if busy else Role.DIM),
        (at.phase, doing(row), Role.PHASE if busy else Role.DIM),
        (at.origin, clean(row.origin or ""), Role.ORIGIN if busy else Role.DIM),
        (at.lines, "" if row.lines is None else str(row.lines).rjust(at.lines[1]), Role.TEXT),
    )
    fields = [slot]
    for (x, room), text, role in cells:
        if room and text:
            fields.append(Field(x, text if width(text) <= room else fit(text, room), role))
    return tuple(fields)


def heading_line(at: Columns, columns: int) -> Line:
    """The names of the columns, over the table's whole width."""
    names = (
        (at.slot, "ID"),
        (at.duration, "Duration"),
        (at.phase, "Build Phase"),
        (at.origin, "Origin"),
        (at.lines, "Lines"),
    )
    text = ""
    for (x, room), name in names:
        if room:
            name = name if len(name) <= room else name.removeprefix("Build ")
            text = text.ljust(x) + (name.rjust(room) if name == "Lines" else fit(name, room))
    return (Field(0, fit(text, columns), Role.HEADING),)


class WorkerTable(LineView):
    """One line a slot under a heading that stays. Only what is visible is looked at."""

    DEFAULT_CSS = """
    WorkerTable { overflow-y: auto; scrollbar-size-vertical: 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: list[WorkerRow] = []
        self._at = columns_for(80, 1)
        self._at_for = (-1, -1)

    @property
    def wanted(self) -> int:
        """Lines that it would take to show all, heading included."""
        return 1 + len(self._rows)

    def show(self, rows: Sequence[WorkerRow]) -> None:
        """Show these slots."""
        self._rows = ordered(rows)
        # Setting it makes a new layout, which repaints all: only when it is another.
        if self.virtual_size.height != self.wanted:
            self.virtual_size = Size(0, self.wanted)
        self.redraw()

    def line_at(self, y: int) -> Line:
        columns = self.columns
        # The scrollbar's column is kept free whether it is there or not: nothing jumps when it comes.
        usable = columns if self.show_vertical_scrollbar else columns - 1
        key = (usable, len(self._rows))
        if self._at_for != key:
            self._at_for = key
            self._at = columns_for(*key)
        if y == 0:
            return heading_line(self._at, columns)
        index = y - 1 + self.top
        return row_line(self._rows[index], self._at) if index < len(self._rows) else ()
