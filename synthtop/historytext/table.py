"""Tables as text, and bars beside their lines. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..text import fit, width
from .spark import MARK, bar

WIDEST = 80
"""Columns of charts and bars where no terminal sets a limit."""
_BARS = range(8, 41)
"""Columns that a bar may have."""


class Column(NamedTuple):
    """``leave`` says when it is left out for want of room: the largest first, 0 never. ``least`` is how many
    columns its cells may be cut to; None: they are not cut."""

    heading: str
    cells: Sequence[str]
    right: bool = False
    leave: int = 0
    least: int | None = None


def table(listed: Sequence[Column], columns: int | None) -> list[str]:
    """A heading and a line for each cell, all as wide as each other."""
    kept = list(listed)
    natural = [max(map(width, (column.heading, *column.cells))) for column in kept]
    least = [
        full if column.least is None else min(full, max(column.least, len(column.heading)))
        for column, full in zip(kept, natural, strict=True)
    ]
    room = natural
    if columns is not None:
        while sum(least) + _gaps(kept) > columns and any(column.leave for column in kept):
            place = max(range(len(kept)), key=lambda place: kept[place].leave)
            del kept[place], natural[place], least[place]
        spare = max(0, columns - sum(least) - _gaps(kept))
        room = []
        for full, small in zip(natural, least, strict=True):
            more = min(spare, full - small)
            room.append(small + more)
            spare -= more
    lines = [
        " " + "  ".join(map(_cell, row, room, (column.right for column in kept)))
        for row in zip(*((column.heading, *column.cells) for column in kept), strict=True)
    ]
    if columns is None or width(lines[0]) <= columns:
        return lines
    return [fit(line, columns) for line in lines]


def section(lines: Sequence[str]) -> list[str]:
    """``lines`` after a blank one, without blanks at their ends; nothing where there are none."""
    return ["", *(line.rstrip() for line in lines)] if lines else []


def _gaps(kept: Sequence[Column]) -> int:
    return 2 * len(kept) - 1


def _cell(text: str, room: int, right: bool) -> str:
    return " " * (room - width(text)) + text if right else fit(text, room)


def with_bars(
    lines: Sequence[str], seconds: Sequence[int | None], columns: int | None, mark: float | None = None
) -> list[str]:
    """The lines of a table, each but the first with a bar where there is room; ``mark`` is a value that is
    shown beside shorter ones."""
    room = min((columns or WIDEST) - width(lines[0]) - 2, _BARS[-1])
    most = max(filter(None, seconds), default=0)
    if room < _BARS[0] or not most:
        return list(lines)
    at = None if mark is None else min(room - 1, int(mark / most * room))
    barred = [lines[0]]
    for line, value in zip(lines[1:], seconds, strict=True):
        drawn = bar(value or 0, most, room)
        if value is not None and at is not None and drawn[at] == " ":
            drawn = f"{drawn[:at]}{MARK}{drawn[at + 1 :]}"
        barred.append(f"{line}  {drawn}")
    return barred
