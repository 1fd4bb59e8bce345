"""The table of workers: dsynth's columns, one line for each slot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual import events
from textual.geometry import Size
from textual.widget import Widget

from ..model import HOLDING, WorkerRow, hms
from ..parts import Role
from ..text import clean, fit, width
from .fields import Field, Line
from .lineview import LineView
from .listing import Listing
from .ordering import BY_SLOT, Column, Order, doing, nothing_found, slot_digits

READABLE = 91
"""Columns after which the eye loses the line: what is wider stays empty at the right."""

_NAMES = ("ID", "Duration", "Build Phase", "Origin", "Lines")
_CURSOR = Field(0, "›", Role.CHOSEN)


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
    slot = slot_digits(workers)
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


def row_line(row: WorkerRow, at: Columns) -> Line:
    """One row of the table. A stalled one has a ``!`` before its phase; without phases, after its slot."""
    busy = row.state in HOLDING
    digits = at.slot[1]
    fields = [Field(1, f"{row.slot:0{digits}d}", Role.LABEL)]
    room = at.phase[1]
    if row.stalled and not room:
        fields.append(Field(1 + digits, "!", Role.STALLED))
    if at.duration[1]:
        fields.append(_cell(at.duration, hms(row.elapsed), Role.TEXT if busy else Role.DIM))
    if room and row.stalled:
        fields.append(_cell(at.phase, f"! {doing(row)}", Role.STALLED))
    elif room:
        fields.append(_cell(at.phase, doing(row), Role.PHASE if busy else Role.DIM))
    if row.origin and at.origin[1]:
        fields.append(_cell(at.origin, clean(row.origin), Role.ORIGIN if busy else Role.DIM))
    if row.lines is not None and at.lines[1]:
        fields.append(_cell(at.lines, str(row.lines).rjust(at.lines[1]), Role.TEXT if busy else Role.DIM))
    return tuple(fields)


def _cell(at: tuple[int, int], text: str, role: Role) -> Field:
    x, room = at
    return Field(x, text if width(text) <= room else fit(text, room), role)


def heading_line(at: Columns, columns: int, order: Order = BY_SLOT) -> Line:
    """The names of the columns, over the table's whole width.

    Beside the one that the rows are sorted by is an arrow down where the largest is first, else up; sorted as
    they are from the beginning there is none.
    """
    mark = "" if order == BY_SLOT else "▼" if order.descending else "▲"
    text = ""
    for column, (x, room), name in zip(Column, at, _NAMES, strict=True):
        if not room:
            continue
        name = name if len(name) <= room else name.removeprefix("Build ")
        text = text.ljust(x)
        if column is Column.LINES:
            text += (mark * (order.column is column) + name).rjust(room)
        elif column is order.column and len(name) < room + (column is Column.SLOT):
            text += name + mark
        else:
            text += fit(name, room)
    return (Field(0, fit(text, columns), Role.HEADING),)


def column_at(at: Columns, x: int) -> Column:
    """The column whose name a click at ``x`` in the heading means."""
    shown = [(column, start) for column, (start, room) in zip(Column, at, strict=True) if room and start <= x]
    return shown[-1][0] if shown else Column.SLOT


class WorkerTable(LineView):
    """One line a slot under a heading that stays. Only what is visible is looked at."""

    DEFAULT_CSS = """
    WorkerTable { overflow-y: auto; scrollbar-size-vertical: 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._listing = Listing()
        self._at = columns_for(80, 1)
        self._at_for: tuple[Size, bool, int] | None = None
        self._made: dict[int, tuple[WorkerRow, bool, Line]] = {}
        self._heading: tuple[Order, Line] | None = None

    # -- what it shows -----------------------------------------------------------------------------

    def show(self, rows: Sequence[WorkerRow], seq: int) -> None:
        """Show these slots, each at its place, of the snapshot ``seq``."""
        self._shown(follow=self._listing.take(rows, seq))

    @property
    def wanted(self) -> int:
        """Lines that it would take to show all slots, heading included; a filter makes it no less."""
        return 1 + self._listing.total

    @property
    def shown(self) -> int:
        """How many slots the filter leaves."""
        return len(self._listing)

    @property
    def total(self) -> int:
        """How many slots there are."""
        return self._listing.total

    @property
    def order(self) -> Order:
        """What the rows are sorted by."""
        return self._listing.order

    @property
    def selected(self) -> WorkerRow | None:
        """The row that the cursor is on; None as long as the cursor was not used."""
        return self._listing.selected

    @property
    def first(self) -> WorkerRow | None:
        """The first row that is to be seen."""
        return self._listing[self.top] if self.top < len(self._listing) else None

    @property
    def holding(self) -> bool:
        """Whether no row moves now, since the cursor was used a moment ago."""
        return self._listing.holding

    # -- what the keys do --------------------------------------------------------------------------

    def sort_by_next(self) -> None:
        """Sort by the next column that is shown."""
        order = self.order.next()
        at = self._columns()
        while not dict(zip(Column, at, strict=True))[order.column][1]:
            order = order.next()
        self._sort(order)

    def sort_by(self, column: Column) -> None:
        """Sort by this column; by the one it is sorted by already, the other way round."""
        self._sort(self.order.reversed() if column is self.order.column else Order(column))

    def reverse(self) -> None:
        """Sort the other way round."""
        self._sort(self.order.reversed())

    def _sort(self, order: Order) -> None:
        self._listing.sort(order)
        self._shown(follow=True)

    def filter(self, text: str) -> None:
        """Show what has ``text`` in its origin, phase or slot alone; all where it is empty."""
        if text != self._listing.text:
            self._listing.filter(text)
            self._shown(follow=True)

    def move(self, step: int) -> None:
        """The cursor ``step`` rows down. On its first use it comes up on the first visible row, or the last
        where it goes up."""
        cursor = self._listing.cursor
        if cursor is not None:
            self.move_to(max(0, cursor + step))
        else:
            self.move_to(self.top if step > 0 else self.top + self._body - 1)

    def move_to(self, row: int) -> None:
        """The cursor on this row, or the nearest that there is; -1 is the last, as in a list."""
        self._listing.put(row if row >= 0 else row + len(self._listing))
        self._shown(follow=True)

    def page(self, pages: int) -> None:
        """The view and the cursor ``pages`` down, less a line that stays for the eye."""
        rows = pages * max(1, self._body - 1)
        cursor, top = self._listing.cursor, self.top
        if cursor is None:
            cursor = top if pages > 0 else top + self._body - 1
        self._listing.put(cursor + rows)
        self.scroll_to(y=top + rows, animate=False, immediate=True)
        self._shown(follow=True)

    def release(self) -> None:
        """No cursor any more."""
        self._listing.release()
        self._shown(follow=False)

    def on_resize(self) -> None:
        """The cursor stays where it is seen."""
        self._shown(follow=True)

    # -- the mouse ---------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        event.stop()
        row = event.y - 1 + self.top
        if event.y == 0:
            self.sort_by(column_at(self._columns(), event.x))
        elif row < len(self._listing):
            self.move_to(row)

    # -- drawing -----------------------------------------------------------------------------------

    @property
    def _body(self) -> int:
        """How many rows there is room for."""
        return max(1, self.rows - 1)

    def _shown(self, *, follow: bool) -> None:
        """Draw what has changed; with ``follow`` the cursor's row is made visible."""
        size = Size(0, 1 + len(self._listing))
        if self.virtual_size.height != size.height:
            if self.show_vertical_scrollbar or size.height > self.rows:
                self.virtual_size = size
            else:
                # Without its watchers: each new layout repaints all, here for a scrollbar that isn't shown.
                self.set_reactive(Widget.virtual_size, size)
        cursor, top = self._listing.cursor, self.top
        if follow and cursor is not None:
            top = max(cursor - self._body + 1, min(top, cursor))
        top = max(0, min(top, len(self._listing) - self._body))
        if top != self.top:
            self.scroll_to(y=top, animate=False, immediate=True)
        self.redraw()

    def _columns(self) -> Columns:
        # Not by what can be drawn on: to ask Textual for that at each line takes longer than the line.
        key = (self.outer_size, self.show_vertical_scrollbar, self._listing.total)
        if self._at_for != key:
            self._at_for = key
            # The scrollbar's column is kept free whether it is there or not: nothing jumps when it comes.
            columns = self.columns if self.show_vertical_scrollbar else self.columns - 1
            self._at = columns_for(columns, self._listing.total)
            self._made.clear()
            self._heading = None
        return self._at

    def line_at(self, y: int) -> Line:
        at = self._columns()
        listing = self._listing
        if y == 0:
            if self._heading is None or self._heading[0] is not listing.order:
                self._heading = listing.order, heading_line(at, self.columns, listing.order)
            return self._heading[1]
        number = y - 1 + self.top
        if number >= len(listing):
            if number == 0 and listing.text:
                text = nothing_found(listing.text, listing.total, "worker")
                return (Field(1, fit(text, max(0, self.columns - 1)).rstrip(), Role.DIM),)
            return ()
        row, chosen = listing[number], number == listing.cursor
        made = self._made.get(y)
        # Asked for twice a second: to see what has changed, and to draw it.
        if made is None or made[0] is not row or made[1] is not chosen:
            line = row_line(row, at)
            made = self._made[y] = (row, chosen, (_CURSOR, *line) if chosen else line)
        return made[2]

    def ground_at(self, y: int) -> Role | None:
        """The chosen row's ground."""
        cursor = self._listing.cursor
        chosen = cursor is not None and y > 0 and y - 1 + self.top == cursor < len(self._listing)
        return Role.CHOSEN if chosen else None
