"""The table of workers: dsynth's columns, one line for each slot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from ..model import WorkerRow
from ..parts import Role
from ..text import fit
from .fields import Field, Line
from .lineview import LineView
from .listing import Listing
from .ordering import BY_SLOT, DEFAULT, MEASURED, Column, Order, nothing_found
from .workercolumns import Columns, column_at, columns_for, heading_line, row_line

_CURSOR = Field(0, "›", Role.CHOSEN)


class WorkerTable(LineView):
    """One line a slot under a heading that stays. Only what is visible is looked at."""

    DEFAULT_CSS = """
    WorkerTable { overflow-y: auto; scrollbar-size-vertical: 1; }
    """

    class Arranged(Message):
        """The user has chosen other columns, or another order."""

        def __init__(self, columns: tuple[str, ...], order: Order) -> None:
            super().__init__()
            self.columns = columns
            self.order = order

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._listing = Listing()
        self._chosen = DEFAULT
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
    def chosen(self) -> tuple[str, ...]:
        """The names of the columns that there are where there is room for them, from left to right."""
        return tuple(column.value for column in self._chosen)

    def knows(self, name: str) -> bool:
        """Whether any row has a figure for the column of this name, of those that are measured."""
        rows = self._listing.rows
        if name == Column.CPU:
            return any(row.cpu is not None for row in rows)
        return name not in MEASURED or any(row.rss is not None for row in rows)

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

    def begin_with(self, columns: Iterable[str], order: Order = BY_SLOT) -> None:
        """Have the columns of these names, and this order, as from the beginning; a name that is none is left
        out."""
        self._choose(columns)
        self._listing.sort(order)
        self._shown(follow=True)

    # -- what the keys do --------------------------------------------------------------------------

    def choose_columns(self, names: Iterable[str]) -> None:
        """Have the columns of these names, beside the origin; by one that goes nothing is sorted any more."""
        before = self._chosen
        self._choose(names)
        if self._chosen == before:
            return
        if self.order.column not in (Column.SLOT, *self._chosen):
            self._listing.sort(BY_SLOT)
        self._shown(follow=True)
        self._tell()

    def _choose(self, names: Iterable[str]) -> None:
        wanted = {Column.ORIGIN.value, *names}
        self._chosen = tuple(column for column in Column if column.value in wanted)
        # What is drawn was made for others.
        self._at_for = None

    def _tell(self) -> None:
        self.post_message(self.Arranged(self.chosen, self.order))

    def sort_by_next(self) -> None:
        """Sort by the next column that is shown; after the last one by the slots."""
        order = self.order.next()
        at = dict(zip(Column, self._columns(), strict=True))
        while order.column is not Column.SLOT and not at[order.column][1]:
            order = order.next()
        self._sort(order)

    def sort_by(self, column: Column) -> None:
        """Sort by this column; by the one it is sorted by already, the other way round."""
        self._sort(self.order.reversed() if column is self.order.column else Order(column))

    def reverse(self) -> None:
        """Sort the other way round."""
        self._sort(self.order.reversed())

    def _sort(self, order: Order) -> None:
        before = self.order
        self._listing.sort(order)
        self._shown(follow=True)
        if order != before:
            self._tell()

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
            self._at = columns_for(columns, self._listing.total, self._chosen)
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
