"""The table of all that is done: one line for each package, of which only what is visible is made."""

from __future__ import annotations

from typing import NamedTuple

from ..model import Finished, Outcome, Snapshot, hms
from ..parts import Role
from ..text import clean, fit, width
from .ended import Ended
from .fields import Field, Line
from .ordering import nothing_found
from .rows import Rows
from .wanted import NEWEST_FIRST, Column, Order, Wanted, why

WIDEST = 120
"""Columns after which the eye loses the line: what is wider stays empty at the right."""

_NAMES = ("Time", "Outcome", "Origin", "Why", "Duration", "Lines")
_AT_THE_RIGHT = frozenset({Column.DURATION, Column.LINES})


class Columns(NamedTuple):
    """Where each column begins and how wide it is; one of width 0 is not shown."""

    time: tuple[int, int]
    outcome: tuple[int, int]
    origin: tuple[int, int]
    why: tuple[int, int]
    duration: tuple[int, int]
    lines: tuple[int, int]


def columns_for(columns: int) -> Columns:
    """The columns of a table in a view of ``columns``, whatever its rows say.

    What goes first where it is narrow: the lines, then why it ended so, the time, the duration; of the
    outcome its first letter stays.
    """
    columns = min(columns, WIDEST)
    time = 9 if columns >= 48 else 0  # hours may pass 99
    outcome = 8 if columns >= 28 else 1
    duration = 9 if columns >= 36 else 0
    lines = 7 if columns >= 76 else 0
    room = columns - 3 - outcome - sum(taken + 1 for taken in (time, duration, lines) if taken)
    reason = (room - 1) * 2 // 5 if columns >= 64 else 0
    places = []
    x = 1
    origin = max(0, room - (reason + 1 if reason else 0))
    for taken in (time, outcome, origin, reason, duration, lines):
        places.append((x, taken))
        x += taken + 1 if taken else 0
    return Columns(*places)


def finished_line(package: Finished, at: Columns) -> Line:
    """One package."""
    failed = package.outcome is Outcome.FAILED
    role = Role(package.outcome.value)
    lines = "" if package.lines is None else str(package.lines)
    duration = "" if package.duration is None else hms(package.duration)
    said = (
        (at.time, hms(package.at), Role.DIM),
        (at.outcome, str(package.outcome)[: at.outcome[1]], role),
        (at.origin, clean(package.origin), Role.ORIGIN if failed else Role.TEXT),
        (at.why, why(package), Role.TEXT if failed else Role.LABEL),
        (at.duration, duration.rjust(at.duration[1]) if duration else "", Role.TEXT),
        (at.lines, lines.rjust(at.lines[1]) if lines else "", Role.DIM),
    )
    return tuple(
        Field(x, text if width(text) <= room else fit(text, room), role)
        for (x, room), text, role in said
        if room and text
    )


def heading_of(at: Columns, order: Order = NEWEST_FIRST) -> str:
    """The names of the columns.

    Beside the one that the rows are sorted by is an arrow down where the largest is first, else up; sorted as
    they are from the beginning there is none.
    """
    mark = "" if order == NEWEST_FIRST else "▼" if order.descending else "▲"
    text = ""
    for column, (x, room), name in zip(Column, at, _NAMES, strict=True):
        if not room:
            continue
        name = name if len(name) <= room else name[:room]
        text = text.ljust(x)
        sign = mark if column is order.column else ""
        if column in _AT_THE_RIGHT:
            text += (sign + name).rjust(room)
        else:
            # In the blank column behind it, where it fills its own.
            text += (name + sign).ljust(room)
    return text


class FinishedTable(Rows):
    """Scrolled back, it stays where it is as packages end."""

    NEVER_BOLD = frozenset((Role.BUILT, Role.META))

    def __init__(self) -> None:
        super().__init__()
        self._ended = Ended()
        self._over = False
        self._at = columns_for(80)
        self._at_for = 80

    def show(self, snapshot: Snapshot) -> None:
        """Show what has ended by now."""
        self._over = snapshot.over
        cursor, top = self.cursor, self.top
        seen = cursor if cursor is not None and top <= cursor < top + self.body else top
        row = self._ended.take(snapshot.finished, snapshot.seq, seen, last=snapshot.over)
        self.changed(follow=seen == cursor, shift=row - seen)

    @property
    def looked_at(self) -> Finished | None:
        """The package that the cursor is on, or the first one that is to be seen."""
        if self._ended.selected is not None:
            return self._ended.selected
        return self._ended[self.top] if self.top < self.count else None

    @property
    def order(self) -> Order:
        """What the rows are sorted by."""
        return self._ended.order

    @property
    def wanted(self) -> Wanted:
        """What is shown."""
        return self._ended.wanted

    @property
    def total(self) -> int:
        """How many have ended, shown or not."""
        return self._ended.total

    def filter(self, wanted: Wanted) -> None:
        """Show what is wanted alone."""
        if wanted != self._ended.wanted:
            self._ended.filter(wanted)
            self._begin()

    def sort_by_next(self) -> None:
        """Sort by the next column that is shown."""
        columns = [
            column for column, (_, room) in zip(Column, self._columns(self._room), strict=True) if room
        ]
        # One that is not shown any more comes before the first.
        at = columns.index(self.order.column) if self.order.column in columns else -1
        self._sort(Order(columns[(at + 1) % len(columns)]))

    def reverse(self) -> None:
        """Sort the other way round."""
        self._sort(self.order.reversed())

    def press_heading(self, x: int, columns: int) -> None:
        """Sort by the column there; by the one it is sorted by already, the other way round."""
        shown = [
            column
            for column, (start, room) in zip(Column, self._columns(columns), strict=True)
            if room and start <= x
        ]
        column = shown[-1] if shown else Column.TIME
        self._sort(self.order.reversed() if column is self.order.column else Order(column))

    def _sort(self, order: Order) -> None:
        self._ended.sort(order)
        self._begin()

    def _begin(self) -> None:
        """From the top again, or where the cursor is."""
        self.scroll_to(y=0, animate=False, immediate=True)
        self.changed(follow=True)

    @property
    def count(self) -> int:
        return len(self._ended)

    @property
    def cursor(self) -> int | None:
        return self._ended.cursor

    def put(self, row: int) -> None:
        self._ended.put(row)

    def _columns(self, columns: int) -> Columns:
        if columns != self._at_for:
            self._at, self._at_for = columns_for(columns), columns
        return self._at

    def row_line(self, row: int, columns: int) -> Line:
        return finished_line(self._ended[row], self._columns(columns))

    def heading_line(self, columns: int) -> str:
        return heading_of(self._columns(columns), self.order)

    def of_none(self) -> str:
        if not self.total:
            return "Nothing is done." if self._over else "Nothing is done yet."
        wanted = self.wanted
        said = " ".join(word for word in (str(wanted.outcome or ""), wanted.text.strip()) if word)
        return nothing_found(said, self.total, "package")
