"""A worker as one line of the table, and the heading over them: which columns there is room for. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from ..model import HOLDING, WorkerRow, hms
from ..parts import Role
from ..text import clean, fit, width
from ..units import short_size
from .fields import Field, Line
from .ordering import BY_SLOT, DEFAULT, Column, Order, doing, slot_digits

READABLE = 91
"""Columns after which the eye loses the line: what is wider stays empty at the right."""

_NAMES = {
    Column.SLOT: "ID",
    Column.DURATION: "Duration",
    Column.PHASE: "Build Phase",
    Column.ORIGIN: "Origin",
    Column.LINES: "Lines",
    Column.CPU: "CPU",
    Column.MEMORY: "Memory",
}
_DURATION, _LINES = 9, 9  # hours may pass 99
_PHASE, _PHASE_WIDE = 9, 15
_MEASURED = {Column.CPU: 6, Column.MEMORY: 7}
_GAP = 2
_EDGE = 1
"""Blank columns before a figure beside another one, and after the last."""
_SLOT = 5
"""Columns that the slot's number takes when it is decided what there is room for: 1024 workers have the
columns that four have."""
_ORIGIN_AT_LEAST = {
    Column.DURATION: 9,
    Column.PHASE: 8,
    Column.LINES: 18,
    Column.MEMORY: 18,
    Column.CPU: 18,
}
"""What each column has to leave to the origin, the one that is worth most first."""
_ORIGIN_WITH_WIDE = 28
_FIGURES = (Column.LINES, Column.CPU, Column.MEMORY)


class Columns(NamedTuple):
    """Where each column begins and how wide it is; one of width 0 is not shown."""

    slot: tuple[int, int]
    duration: tuple[int, int]
    phase: tuple[int, int]
    origin: tuple[int, int]
    lines: tuple[int, int]
    cpu: tuple[int, int]
    memory: tuple[int, int]


def columns_for(columns: int, workers: int, chosen: Collection[Column] = DEFAULT) -> Columns:
    """Where the ``chosen`` columns are in a view of ``columns`` for ``workers`` slots, whatever the rows say.

    What goes first where it is narrow: the CPU, then the memory, the lines, the phase, the duration; the
    origin is always there, and the slot where it was chosen.
    """
    columns = min(columns, READABLE + sum(_MEASURED[one] + _EDGE for one in _MEASURED if one in chosen))
    widths = _widths(columns, chosen)
    places: dict[Column, tuple[int, int]] = {}
    x = 1
    if Column.SLOT in chosen:
        digits = slot_digits(workers)
        places[Column.SLOT] = x, digits
        x += digits + _GAP
    if Column.DURATION in widths:
        places[Column.DURATION] = x, _DURATION
        x += _DURATION + 1
    if Column.PHASE in widths:
        places[Column.PHASE] = x, widths[Column.PHASE]
        x += widths[Column.PHASE] + _GAP
    end = columns
    for column in reversed(_FIGURES):
        if column in widths:
            end -= _EDGE + widths[column]
            places[column] = end, widths[column]
    places[Column.ORIGIN] = x, max(0, end - (_GAP if end < columns else 0) - x)
    return Columns(*(places.get(column, (columns, 0)) for column in Column))


def _widths(columns: int, chosen: Collection[Column]) -> dict[Column, int]:
    """The widths of those ``chosen`` columns that there is room for, but for slot and origin."""
    usual = {Column.DURATION: _DURATION, Column.PHASE: _PHASE, Column.LINES: _LINES, **_MEASURED}
    left = columns - (_SLOT if Column.SLOT in chosen else 1)
    widths: dict[Column, int] = {}
    for column, least in _ORIGIN_AT_LEAST.items():
        if column not in chosen:
            continue
        taken = usual[column] + (_GAP if column is Column.PHASE else _EDGE)
        if column in _FIGURES and not any(figure in widths for figure in _FIGURES):
            taken += _GAP
        if left - taken < least:
            return widths
        widths[column] = usual[column]
        left -= taken
    if Column.PHASE in widths and left - (_PHASE_WIDE - _PHASE) >= _ORIGIN_WITH_WIDE:
        widths[Column.PHASE] = _PHASE_WIDE
    return widths


def row_line(row: WorkerRow, at: Columns) -> Line:
    """One row of the table. A stalled one has a ``!`` before its phase; without phases, after its slot; and
    without that too, before its origin."""
    busy = row.state in HOLDING
    text = Role.TEXT if busy else Role.DIM
    digits, room = at.slot[1], at.phase[1]
    fields = []
    if digits:
        fields.append(Field(1, f"{row.slot:0{digits}d}", Role.LABEL))
        if row.stalled and not room:
            fields.append(Field(1 + digits, "!", Role.STALLED))
    if at.duration[1]:
        fields.append(_cell(at.duration, hms(row.elapsed), text))
    if room and row.stalled:
        fields.append(_cell(at.phase, f"! {doing(row)}", Role.STALLED))
    elif room:
        fields.append(_cell(at.phase, doing(row), Role.PHASE if busy else Role.DIM))
    if row.origin and at.origin[1]:
        origin, role = clean(row.origin), Role.ORIGIN if busy else Role.DIM
        if row.stalled and not (room or digits):
            origin, role = f"! {origin}", Role.STALLED
        fields.append(_cell(at.origin, origin, role))
    if row.lines is not None and at.lines[1]:
        fields.append(_cell(at.lines, str(row.lines).rjust(at.lines[1]), text))
    if busy and at.cpu[1]:
        fields.append(_figure(at.cpu, percent_of_core(row.cpu)))
    if busy and at.memory[1]:
        fields.append(_figure(at.memory, "-" if row.rss is None else short_size(row.rss)))
    return tuple(fields)


def percent_of_core(cpu: float | None) -> str:
    """``387%``; ``-`` where it is not known."""
    return "-" if cpu is None else f"{cpu:.0f}%"


def _cell(at: tuple[int, int], text: str, role: Role) -> Field:
    x, room = at
    return Field(x, text if width(text) <= room else fit(text, room), role)


def _figure(at: tuple[int, int], text: str) -> Field:
    return _cell(at, text.rjust(at[1]), Role.TEXT)


def heading_line(at: Columns, columns: int, order: Order = BY_SLOT) -> Line:
    """The names of the columns, over the table's whole width.

    Beside the one that the rows are sorted by is an arrow down where the largest is first, else up; sorted as
    they are from the beginning there is none.
    """
    mark = "" if order == BY_SLOT else "▼" if order.descending else "▲"
    text = ""
    for column, (x, room) in zip(Column, at, strict=True):
        if not room:
            continue
        name = _NAMES[column]
        name = name if len(name) <= room else name.removeprefix("Build ")
        text = text.ljust(x)
        if column in _FIGURES:
            text += (mark * (order.column is column) + name).rjust(room)
        elif column is order.column and len(name) < room + (column is Column.SLOT):
            text += name + mark
        else:
            text += fit(name, room)
    return (Field(0, fit(text, columns), Role.HEADING),)


def column_at(at: Columns, x: int) -> Column:
    """The column whose name a click at ``x`` in the heading means."""
    shown = [(column, start) for column, (start, room) in zip(Column, at, strict=True) if room]
    found = shown[0][0] if shown else Column.ORIGIN
    for column, start in shown:
        if start <= x:
            found = column
    return found
