"""A page in the table's place: how the build ended, what is waited for, what cannot be read."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Size

from ..parts import Parts
from ..text import fit, width
from .fields import Field, Line, placed
from .lineview import LineView


class Page(LineView):
    """Shows the lines that it is given."""

    DEFAULT_CSS = """
    Page { overflow-y: auto; scrollbar-size-vertical: 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._parts: Sequence[Parts] = ()

    @property
    def wanted(self) -> int:
        """Lines that it would take to show all."""
        return len(self._parts)

    def show(self, parts: Sequence[Parts]) -> None:
        """Show these lines; what is too long for the page is cut at the right."""
        self._parts = parts
        # Setting it makes a new layout, which repaints all: only when it is another.
        if self.virtual_size.height != self.wanted:
            self.virtual_size = Size(0, self.wanted)
        self.redraw()

    def line_at(self, y: int) -> Line:
        index = y + self.top
        if index >= len(self._parts):
            return ()
        # One column at the left as in the table, and one at the right for the scrollbar.
        room = self.columns - 1
        # Cut here and not where it is made: whoever copies a path from the terminal afterwards gets it whole.
        cut = (
            Field(field.x, fit(field.text, min(width(field.text), max(0, room - field.x))), field.role)
            for field in placed(self._parts[index], 1)
            if field.x < room
        )
        return tuple(cut)
