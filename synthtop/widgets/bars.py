"""Charts as lines of fields: a heading, and bars of block elements under it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from ..parts import Role
from ..text import fit
from ..trends import Chart
from .fields import Field, Line

BARS_AT_MOST = 3
"""Rows of a chart's bars."""
_LATEST_END = 17
_MOST_AT = 20
"""Where in a chart's heading the newest value ends, and where the maximum begins."""
WIDE = 48
"""Columns of a chart from which there is room for more words in its heading."""
_WIDER_BY = 9
_LEVELS = " ▁▂▃▄▅▆▇█"
_FULL = 8


class Signs(NamedTuple):
    """What stands for a value of 0, for a cell of a throttled bar, and for the room that a limit leaves.

    ``shared`` says that room is to be exact to an eighth as bars are, which takes colours.
    """

    zero: str
    held: str
    room: str
    shared: bool


COLOURED = Signs("▁", "█", "█", True)
COLOURLESS = Signs("_", "▒", "░", False)


class Plan(NamedTuple):
    """How many charts there is room for, how many rows their bars have, and how many are blank between."""

    charts: int
    bars: int
    gap: int


def plan(rows: int, charts: int) -> Plan:
    """How as many as possible of ``charts`` fit into ``rows``, each with a heading over its bars."""
    shown = max(0, min(charts, rows // 2))
    if not shown:
        return Plan(0, 0, 0)
    gap = 1 if shown * 3 + shown - 1 <= rows else 0
    return Plan(shown, min(BARS_AT_MOST, (rows - gap * (shown - 1)) // shown - 1), gap)


def heading(chart: Chart, columns: int, *, wide: bool = False) -> Line:
    """The chart's name, its newest value and its maximum, each where it always is; ``wide`` as in
    :data:`WIDE`."""
    further = _WIDER_BY if wide else 0
    fields = [Field(0, chart.name, Role.LABEL)]
    x = max(len(chart.name) + 1, _LATEST_END + further - len(chart.latest))
    fields.append(Field(x, chart.latest, Role.TEXT))
    if chart.most:
        fields.append(Field(max(_MOST_AT + further, x + len(chart.latest) + 1), chart.most, Role.DIM))
    return tuple(
        field
        if field.x + len(field.text) <= columns
        else field._replace(text=fit(field.text, columns - field.x))
        for field in fields
        if field.x < columns
    )


def eighths(value: float, top: float, cells: int) -> int:
    """The height of ``value`` in eighths of a cell, where ``top`` is as high as ``cells``.

    What is more than 0 has one at least.
    """
    if value <= 0:
        return 0
    return max(1, min(_FULL * cells, int(value / top * _FULL * cells + 0.5)))


Cell = tuple[str, str]
"""A sign and its role; a blank has none of its own."""
Column = tuple[Cell, ...]
"""The cells of one value, from the bottom up."""
_BLANK: Cell = (" ", "")


def column_of(
    value: float | None, limit: float | None, throttled: bool, top: float, rows: int, signs: Signs
) -> Column:
    """A value over 0 is a bar, 0 a quiet line at the bottom, an unknown one nothing.

    The room up to ``limit`` is filled quietly. A throttled bar has another colour, or another sign.
    """
    if value is None:
        return (_BLANK,) * rows
    room = 0 if limit is None else eighths(limit, top, rows)
    return _column(eighths(value, top, rows), room, throttled, rows, signs)


@lru_cache(4096)
def _column(height: int, room: int, throttled: bool, rows: int, signs: Signs) -> Column:
    role = Role.THROTTLED if throttled else Role.CHART
    cells: list[Cell] = []
    for below in range(0, _FULL * rows, _FULL):
        bar = min(_FULL, height - below)
        left = min(_FULL, room - below)
        if 0 < bar < left == _FULL and signs.shared:
            cells.append((_LEVELS[bar], f"{role}/{Role.LIMIT}"))
        elif bar > 0:
            cells.append((signs.held if throttled and bar == _FULL else _LEVELS[bar], role))
        elif left == _FULL:
            cells.append((signs.room, Role.LIMIT))
        elif left > 0 and signs.shared:
            cells.append((_LEVELS[left], Role.LIMIT))
        elif height == below == 0:
            cells.append((signs.zero, Role.REST))
        else:
            cells.append(_BLANK)
    return tuple(cells)


def columns_of(chart: Chart, columns: int, rows: int, signs: Signs) -> list[Column]:
    """The newest ``columns`` of a chart, with unknown ones before them where it has not so many."""
    values, limits, throttled = (
        _newest(kind, columns) for kind in (chart.values, chart.limits, chart.throttled)
    )
    top = chart.top
    return [
        column_of(value, limit, bool(held), top, rows, signs)
        for value, limit, held in zip(values, limits, throttled, strict=True)
    ]


def _newest(values: Sequence[float | None], columns: int) -> list[float | None]:
    kept = list(values[-columns:]) if columns > 0 else []
    return [None] * (columns - len(kept)) + kept


def lines_of(columns: Sequence[Column], rows: int, x: int = 0) -> list[Line]:
    """Columns side by side from ``x`` on, as lines from the top down."""
    return [_joined([column[row] for column in columns], x) for row in range(rows - 1, -1, -1)]


def _joined(cells: Iterable[Cell], x: int) -> Line:
    """Cells as few fields: a blank belongs to what stands before it, or else to what comes after."""
    runs: list[list[str]] = []
    for role, run in groupby(cells, lambda cell: cell[1]):
        text = "".join([sign for sign, _ in run])
        if runs and role in ("", runs[-1][1]):
            runs[-1][0] += text
        elif runs and not runs[-1][1]:
            runs[-1] = [runs[-1][0] + text, role]
        else:
            runs.append([text, role])
    fields: list[Field] = []
    for text, role in runs:
        fields.append(Field(x, text, role or Role.CHART))
        x += len(text)
    return tuple(fields)


class Bars:
    """The bars of one chart as lines, from one time to the next: in most seconds their last column alone
    changes, and only that is made again."""

    def __init__(self) -> None:
        self._chart: Chart | None = None
        self._made_for: tuple[object, ...] = ()
        self._older: list[Line] = []

    def lines(self, chart: Chart, columns: int, rows: int, signs: Signs, x: int = 0) -> list[Line]:
        """The newest ``columns`` from ``x`` on, ``rows`` lines from the top down."""
        made_for = columns, rows, signs, x
        before, self._chart = self._chart, chart
        if before is None or made_for != self._made_for or not _alike(before, chart):
            self._made_for = made_for
            self._older = lines_of(columns_of(chart, columns, rows, signs)[:-1], rows, x)
        newest = lines_of(columns_of(chart, min(1, columns), rows, signs), rows, x + columns - 1)
        return [(*older, *last) for older, last in zip(self._older, newest, strict=True)]


def _alike(one: Chart, other: Chart) -> bool:
    """Whether two charts differ at most in what they say, and in their last columns."""
    return (
        one.top == other.top
        and one.values[:-1] == other.values[:-1]
        and one.limits[:-1] == other.limits[:-1]
        and one.throttled[:-1] == other.throttled[:-1]
    )
