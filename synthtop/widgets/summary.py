"""How the build ended, in the table's place, until one leaves."""

from __future__ import annotations

from textual.geometry import Size

from ..model import Snapshot
from ..parts import Parts
from ..summary import summary_parts
from ..text import fit, width
from .fields import Field, Line, placed
from .lineview import LineView
from .workers import READABLE


class Summary(LineView):
    """The end's summary; made once for each width, since a build that is over does not change."""

    DEFAULT_CSS = """
    Summary { overflow-y: auto; scrollbar-size-vertical: 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None
        self._parts: list[Parts] = []
        self._made_for: tuple[object, ...] = ()

    @property
    def wanted(self) -> int:
        """Lines that it would take to show all."""
        return len(self._parts)

    def show(self, snapshot: Snapshot, columns: int) -> None:
        """Show the end of this build, laid out for a screen of ``columns``."""
        key = (snapshot.state, snapshot.elapsed, snapshot.totals, len(snapshot.finished), columns)
        if self._made_for == key:
            return
        self._made_for = key
        # One column at the left as in the table, one at the right for the scrollbar and one before that.
        self._parts = summary_parts(snapshot, min(columns, READABLE) - 3)
        self.virtual_size = Size(0, self.wanted)
        self.redraw()

    def line_at(self, y: int) -> Line:
        index = y + self.top
        if index >= len(self._parts):
            return ()
        room = self.columns - 1
        line = placed(self._parts[index], 1)
        # Cut here and not in the summary: whoever copies a path from the terminal afterwards gets it whole.
        cut = (
            Field(field.x, fit(field.text, min(width(field.text), max(0, room - field.x))), field.role)
            for field in line
            if field.x < room
        )
        return tuple(cut)
