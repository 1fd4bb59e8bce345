"""A list of rows under a heading that stays, with a cursor: what is drawn of it, keys and mouse in it.

What the rows are, and on which of them the cursor stays as they change, is for subclasses.
"""

from __future__ import annotations

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from ..parts import Role
from ..text import fit
from .fields import Field, Line
from .lineview import LineView

_CURSOR = Field(0, "›", Role.CHOSEN)
_HEADED = 3
"""Rows from which the columns have names."""


class Rows(LineView):
    """Subclasses say :attr:`count`, :attr:`cursor`, :meth:`put`, :meth:`row_line`, :meth:`heading_line`."""

    DEFAULT_CSS = """
    Rows { overflow-y: auto; scrollbar-size-vertical: 1; }
    """

    class Moved(Message):
        """The cursor is on another row, by a key or the mouse."""

    class Opened(Message):
        """The row that the cursor was on already was clicked."""

    @property
    def count(self) -> int:
        """How many rows there are."""
        # No ABC: Textual's widgets have a metaclass of their own.
        raise NotImplementedError

    @property
    def cursor(self) -> int | None:
        """The row that the cursor is on; None: on none that is there."""
        raise NotImplementedError

    def put(self, row: int) -> None:
        """Put the cursor on this row, which there is."""
        raise NotImplementedError

    def row_line(self, row: int, columns: int) -> Line:
        """What this row says, from column 1 on, before column ``columns``."""
        raise NotImplementedError

    def heading_line(self, columns: int) -> str:
        """The names of the columns, at their places."""
        raise NotImplementedError

    def of_none(self) -> str:
        """What is said where there is no row."""
        return ""

    def press_heading(self, x: int, columns: int) -> None:
        """The heading was clicked in column ``x``."""

    # -- what the keys do --------------------------------------------------------------------------

    def move(self, step: int) -> None:
        """The cursor ``step`` rows down. On its first use it comes up on the first visible row, or the last
        where it goes up."""
        cursor = self.cursor
        if cursor is not None:
            self.move_to(max(0, cursor + step))
        else:
            self.move_to(self.top if step > 0 else self.top + self.body - 1)

    def move_to(self, row: int) -> None:
        """The cursor on this row, or the nearest that there is; -1 is the last, as in a list."""
        row = min(row if row >= 0 else row + self.count, self.count - 1)
        if row >= 0:
            self.put(row)
            self.changed(follow=True)
            self.post_message(self.Moved())

    def page(self, pages: int) -> None:
        """The view and the cursor ``pages`` down, less a line that stays for the eye."""
        step = pages * max(1, self.body - 1)
        cursor, top = self.cursor, self.top
        if cursor is None:
            cursor = top if pages > 0 else top + self.body - 1
        self.scroll_to(y=max(0, min(top + step, self.count - self.body)), animate=False, immediate=True)
        self.move_to(max(0, cursor + step))

    def on_resize(self) -> None:
        """The cursor stays where it is seen."""
        self.changed(follow=True)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        row = event.y - self._heading + self.top
        if event.y < self._heading:
            self.press_heading(event.x, self._room)
        elif row < self.count:
            # The first of two clicks may have been meant for a row that has moved meanwhile.
            if row == self.cursor:
                self.post_message(self.Opened())
            else:
                self.move_to(row)

    # -- drawing -----------------------------------------------------------------------------------

    @property
    def body(self) -> int:
        """How many rows there is room for."""
        return max(1, self.rows - self._heading)

    @property
    def _heading(self) -> int:
        return 1 if self.rows >= _HEADED else 0

    @property
    def _room(self) -> int:
        # The scrollbar's column is kept free whether it is there or not: nothing jumps when it comes.
        return self.columns if self.show_vertical_scrollbar else self.columns - 1

    def changed(self, *, follow: bool, shift: int = 0) -> None:
        """Draw what has changed; with ``follow`` the cursor's row is made visible.

        Scrolled back, the view goes ``shift`` rows with those in it.
        """
        size = Size(0, self._heading + self.count)
        if self.virtual_size.height != size.height:
            if self.rows and (size.height > self.rows) == self.show_vertical_scrollbar:
                # Without its watchers: they make a new layout, which repaints all, for each row that comes.
                self.set_reactive(Widget.virtual_size, size)
                self.vertical_scrollbar.window_virtual_size = size.height
            else:
                self.virtual_size = size
        cursor, top = self.cursor, self.top
        if top:
            top = max(0, top + shift)
        if follow and cursor is not None:
            top = max(cursor - self.body + 1, min(top, cursor))
        top = max(0, min(top, self.count - self.body))
        if top != self.top:
            self.scroll_to(y=top, animate=False, immediate=True)
        self.redraw()

    def line_at(self, y: int) -> Line:
        columns = self._room
        if y < self._heading:
            return (Field(0, fit(self.heading_line(columns), self.columns), Role.HEADING),)
        row = y - self._heading + self.top
        if row < self.count:
            line = self.row_line(row, columns)
            return (_CURSOR, *line) if row == self.cursor else line
        if row == 0 and (text := self.of_none()):
            return (Field(1, fit(text, max(0, columns - 1)).rstrip(), Role.DIM),)
        return ()

    def ground_at(self, y: int) -> Role | None:
        """The chosen row's ground."""
        row = y - self._heading + self.top
        return Role.CHOSEN if y >= self._heading and row == self.cursor and row < self.count else None
