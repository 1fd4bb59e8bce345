"""Which columns the table of workers has, to be chosen."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.screen import ModalScreen

from ..parts import Role
from ..protocols import Controls
from ..text import fit, width
from ..widgets.fields import Field, Line
from ..widgets.lineview import LineView
from ..widgets.ordering import MEASURED, Column
from ..widgets.workers import WorkerTable
from .compositor import ExactScreen

WIDTH = 42
_FRAME_FROM = len(Column) + 2
"""Rows of the terminal from which the list has a frame."""
_FRAMED_COLUMNS = 30
_WORDS = {
    Column.SLOT: "Slot",
    Column.DURATION: "Duration",
    Column.PHASE: "Build phase",
    Column.ORIGIN: "Origin",
    Column.LINES: "Lines",
    Column.CPU: "CPU",
    Column.MEMORY: "Memory",
}


class Choice(NamedTuple):
    """A column that the table may have. ``quiet``: nothing is to be seen in it now, as ``note`` says."""

    column: Column
    on: bool
    note: str = ""
    quiet: bool = False


def choices_for(table: WorkerTable, *, own: bool) -> tuple[Choice, ...]:
    """The columns of ``table``, in its order; ``own`` says that what they need can be measured."""
    return tuple(_choice(table, column, own=own) for column in Column)


def _choice(table: WorkerTable, column: Column, *, own: bool) -> Choice:
    on = column in table.chosen
    if column is Column.ORIGIN:
        return Choice(column, on, "always")
    if column not in MEASURED:
        return Choice(column, on)
    return Choice(column, on, "own builds", quiet=not (own or table.knows(column)))


class ColumnList(LineView):
    """One line for each column, one of them under the cursor."""

    DEFAULT_CSS = """
    ColumnList {
        background: $surface;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        &.framed { border: round $accent; padding: 0 1; }
    }
    """

    class Clicked(Message):
        """The line under the cursor was clicked."""

    def __init__(self, choices: tuple[Choice, ...]) -> None:
        super().__init__()
        self._choices = choices
        self._cursor = 0
        self.border_title = "Columns"
        self.border_subtitle = "space Show, hide  esc Close"

    @property
    def column(self) -> Column:
        """The one under the cursor."""
        return self._choices[self._cursor].column

    def put(self, choices: tuple[Choice, ...]) -> None:
        """Say this from now on."""
        self._choices = choices
        self.redraw()

    def room(self, columns: int, rows: int) -> None:
        """Take a size that fits on a terminal of this one."""
        framed = rows >= _FRAME_FROM and columns >= _FRAMED_COLUMNS
        self.set_class(framed, "framed")
        self.styles.width = min(columns, WIDTH)
        self.styles.height = min(rows, len(self._choices) + (2 if framed else 0))
        self.virtual_size = Size(0, len(self._choices))
        self.call_after_refresh(self._follow)
        self.refresh()

    def move(self, step: int) -> None:
        """Put the cursor on another column; after the last comes the first."""
        self._cursor = (self._cursor + step) % len(self._choices)
        self._follow()
        self.redraw()

    def _follow(self) -> None:
        """Make the cursor's line visible."""
        top = max(self._cursor - self.rows + 1, min(self.top, self._cursor))
        if top != self.top:
            self.scroll_to(y=top, animate=False, immediate=True)

    def line_at(self, y: int) -> Line:
        index = y + self.top
        if index >= len(self._choices):
            return ()
        choice, chosen = self._choices[index], index == self._cursor
        sign = f"{'›' if chosen else ' '} [{'x' if choice.on else ' '}]"
        role = Role.CHOSEN if chosen else Role.DIM if choice.quiet else Role.TEXT
        text = f"{sign} {_WORDS[choice.column]}"
        room = self.columns - width(choice.note)
        if not choice.note or room < width(text) + 2:
            return (Field(0, fit(text, self.columns), role),)
        note = Role.CHOSEN if chosen else Role.DIM
        return (Field(0, fit(text, room - 1), role), Field(room - 1, f"{choice.note} ", note))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        index = -1 if offset is None else offset.y + self.top
        if 0 <= index < len(self._choices):
            self._cursor = index
            self.post_message(self.Clicked())


class Columns(ExactScreen[None], ModalScreen[None]):
    """A list of the columns of ``table``, each to be switched on and off; what they need is measured by
    ``controls``, where the build is ours."""

    CSS = """
    Columns { align: center middle; overflow: hidden hidden; background: transparent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,shift+tab", "move(-1)", show=False),
        Binding("down,tab", "move(1)", show=False),
        Binding("space,enter", "switch", show=False),
        Binding("escape,q,c", "close", show=False),
    ]

    def __init__(self, table: WorkerTable, controls: Controls | None) -> None:
        super().__init__()
        self._table = table
        self._controls = controls
        self._list = ColumnList(self._choices)

    @property
    def _choices(self) -> tuple[Choice, ...]:
        return choices_for(self._table, own=self._controls is not None)

    def compose(self) -> ComposeResult:
        yield self._list

    def on_mount(self) -> None:
        self._list.room(*self.app.size)

    def on_resize(self, event: events.Resize) -> None:
        self._list.room(*event.size)

    def on_click(self, event: events.Click) -> None:
        # Beside the list; of a double click the first counts.
        if event.widget is self:
            self.action_close()

    def on_column_list_clicked(self) -> None:
        self.action_switch()

    def action_move(self, step: int) -> None:
        self._list.move(step)

    def action_switch(self) -> None:
        """Show the column under the cursor, or hide it."""
        before = set(self._table.chosen)
        self._table.choose_columns(before ^ {self._list.column.value})
        self._measure(before & MEASURED, set(self._table.chosen) & MEASURED)
        self._list.put(self._choices)

    def _measure(self, before: set[str], now: set[str]) -> None:
        if self._controls is not None and bool(before) is not bool(now):
            self._controls.measure(bool(now))

    def action_close(self) -> None:
        """Back to the table."""
        if self.app.screen is self:
            self.dismiss()
