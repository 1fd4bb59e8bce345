"""The table's rows as they stand on the screen, and which one is chosen. Knows nothing of drawing.

The order is held while the cursor is used, and the chosen row is known by its slot and its package.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..model import WorkerRow, WorkerState
from .ordering import BY_SLOT, Order, matching, ordered

HELD = 10
"""Snapshots after the cursor's last move in which no row moves."""


class Listing:
    """Take each snapshot's rows by :meth:`take`; row 0 is the first that is shown."""

    def __init__(self) -> None:
        self.order = BY_SLOT
        self.text = ""
        self.cursor: int | None = None
        """The row the cursor is on; None where none is chosen."""
        self._rows: Sequence[WorkerRow] = ()
        self._seq = 0
        self._places: list[int] = []
        self._states: list[WorkerState] = []
        self._chosen: tuple[int, str | None] | None = None
        self._used: int | None = None

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, row: int) -> WorkerRow:
        return self._rows[self._places[row]]

    @property
    def total(self) -> int:
        """How many slots there are, shown or not."""
        return len(self._rows)

    @property
    def rows(self) -> Sequence[WorkerRow]:
        """All slots, each at its place."""
        return self._rows

    @property
    def selected(self) -> WorkerRow | None:
        """What the cursor is on."""
        cursor = self.cursor
        return self[cursor] if cursor is not None and cursor < len(self) else None

    @property
    def holding(self) -> bool:
        """Whether no row moves now, since the cursor was used a moment ago."""
        return self._used is not None and 0 <= self._seq - self._used <= HELD

    def take(self, rows: Sequence[WorkerRow], seq: int) -> bool:
        """These are the slots now, each at its place, as the snapshot ``seq`` says.

        Tells whether the cursor's row is another than before.
        """
        self._seq = seq
        same_slots = len(rows) == len(self._rows)
        self._rows = rows
        if same_slots and self.holding:
            return self._follow(moved=False)
        # All that a thousand rows cost each second: what is sorted by slot is moved by nothing else.
        states = [row.state for row in rows]
        if self.order == BY_SLOT and not self.text and states == self._states:
            return self._follow(moved=False)
        return self._arrange()

    def sort(self, order: Order) -> bool:
        """Sort by this, at once; tells what :meth:`take` does."""
        self.order = order
        self._used = None
        return self._arrange()

    def filter(self, text: str) -> bool:
        """Show what matches ``text`` alone, at once; tells what :meth:`take` does."""
        self.text = text
        self._used = None
        return self._arrange()

    def put(self, row: int) -> None:
        """Put the cursor on this row, or the nearest that there is."""
        self.cursor = max(0, min(row, len(self) - 1)) if len(self) else None
        self._used = self._seq
        self._choose()

    def release(self) -> None:
        """No row is chosen any more, and none is held."""
        self.cursor = self._chosen = self._used = None
        self._arrange()

    def _arrange(self) -> bool:
        self._states = [row.state for row in self._rows]
        among = matching(self._rows, self.text) if self.text else None
        self._places = ordered(self._rows, self.order, among)
        return self._follow(moved=True)

    def _choose(self) -> None:
        row = self.selected
        self._chosen = None if row is None else (row.slot, row.origin)

    def _follow(self, *, moved: bool) -> bool:
        """Keep the cursor on the chosen package; when that has ended none is chosen."""
        before, chosen = self.cursor, self._chosen
        if chosen is None:
            return False
        row = self.selected
        if row is None or chosen != (row.slot, row.origin):
            if chosen not in ((row.slot, row.origin) for row in self._rows):
                self.cursor = self._chosen = None
            elif moved:
                # One that the filter leaves out is still the chosen one when it comes back.
                self.cursor = self._row_of(chosen)
        return self.cursor != before

    def _row_of(self, chosen: tuple[int, str | None]) -> int | None:
        for row, place in enumerate(self._places):
            found = self._rows[place]
            if (found.slot, found.origin) == chosen:
                return row
        return None
