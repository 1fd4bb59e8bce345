"""Finished packages as they stand in the table, and which one is chosen. Knows nothing of drawing.

Of a list that grows only what is new is looked at. No row moves while the cursor is used.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from typing import Any

from ..model import Finished, View
from .listing import HELD
from .wanted import KEYS, NEWEST_FIRST, Column, Order, Wanted

_FEW = 200
"""New packages that are put in their places one by one; of more all are sorted again."""


class Ended:
    """Take each snapshot's finished packages by :meth:`take`; row 0 is the first that is shown.

    A package's place is its index among all that are finished.
    """

    def __init__(self) -> None:
        self.order = NEWEST_FIRST
        self.wanted = Wanted()
        self.cursor: int | None = None
        """The row the cursor is on; None where none is chosen, or the chosen one is not shown."""
        self._view: View[Finished] = View()
        self._latest: View[Finished] = self._view
        """The newest one, which is not looked at while the order is held."""
        self._seq = 0
        self._used: int | None = None
        self._chosen: int | None = None
        self._wants: Callable[[Finished], bool] | None = None
        self._known: list[int] = []
        """Places in ascending order of what is sorted by."""
        self._unknown: list[int] = []
        """Places of those of which that is not known: always the last, the newest first."""

    # -- the rows ----------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._known) + len(self._unknown)

    def __getitem__(self, row: int) -> Finished:
        return self._view[self._place(row)]

    def _place(self, row: int) -> int:
        known = self._known
        if row < len(known):
            return known[~row] if self.order.descending else known[row]
        return self._unknown[~(row - len(known))]

    def _row(self, place: int) -> int | None:
        """The row of what has this place, if it is shown."""
        known = self._known
        if place in self._unknown:
            return len(known) + len(self._unknown) - 1 - self._unknown.index(place)
        try:
            index = known.index(place)
        except ValueError:
            return None
        return len(known) - 1 - index if self.order.descending else index

    @property
    def total(self) -> int:
        """How many have ended, shown or not."""
        return len(self._latest)

    @property
    def selected(self) -> Finished | None:
        """What the cursor is on."""
        return self[self.cursor] if self.cursor is not None else None

    @property
    def holding(self) -> bool:
        """Whether no row moves now, since the cursor was used a moment ago."""
        return self._used is not None and 0 <= self._seq - self._used <= HELD

    # -- what changes them -------------------------------------------------------------------------

    def take(self, finished: View[Finished], seq: int, row: int = 0, *, last: bool = False) -> int:
        """These have ended now, as the snapshot ``seq`` says; where it is the ``last``, nothing is held.

        Tells where that stands now which stood in ``row``.
        """
        self._seq, self._latest = seq, finished
        return row if self.holding and not last else self._catch_up(row)

    def sort(self, order: Order) -> None:
        """Sort by this, at once."""
        self.order = order
        self._anew()

    def filter(self, wanted: Wanted) -> None:
        """Show what is wanted alone, at once."""
        self.wanted = wanted
        self._wants = None if wanted.everything else wanted.test()
        self._anew()

    def put(self, row: int) -> None:
        """Put the cursor on this row, which there is."""
        self.cursor, self._chosen, self._used = row, self._place(row), self._seq

    def _anew(self) -> None:
        self._used = None
        self._catch_up(0)
        self._known, self._unknown = [], []
        self._add(0)
        self._follow()

    def _catch_up(self, row: int) -> int:
        before, now = self._view, self._latest
        if before is now:
            return row
        place = self._place(row) if row < len(self) else None
        size, known = len(now), len(before)
        grown = now.continues(before)
        self._view = now
        if grown:
            if size == known:
                return row
            self._add(known)
        else:
            # Some have left it, or it is another list.
            place = _found(before, place, now)
            self._chosen = _found(before, self._chosen, now)
            self._known, self._unknown = [], []
            self._add(0)
        self._follow()
        moved = self._row(place) if place is not None else None
        return row if moved is None else moved

    def _add(self, start: int) -> None:
        """Put in what has come from the place ``start`` on."""
        view, wants = self._view, self._wants
        new = range(start, len(view))
        places = list(new) if wants is None else [place for place in new if wants(view[place])]
        column = self.order.column
        if column is Column.TIME:
            self._known += places
            return
        key_of = KEYS[column]
        keys: dict[int, Any] = {place: key_of(view[place]) for place in places}
        known = [place for place in places if keys[place] is not None]
        self._unknown += [place for place in places if keys[place] is None]
        # Of two that are the same the newer one comes first, whichever way round it is.
        descending = self.order.descending
        if len(known) <= _FEW:
            newer = 1 if descending else -1
            for place in known:
                insort(self._known, place, key=lambda place: (key_of(view[place]), newer * place))
        else:
            for place in self._known:
                keys[place] = key_of(view[place])
            self._known += known
            self._known.sort(reverse=not descending)
            self._known.sort(key=keys.__getitem__)

    def _follow(self) -> None:
        """Keep the cursor on the chosen package; one that is not shown is still it when it comes back."""
        self.cursor = self._row(self._chosen) if self._chosen is not None else None


def _found(before: View[Finished], place: int | None, now: View[Finished]) -> int | None:
    """The place in ``now`` of what had ``place`` before: the same package, or one of that origin."""
    if place is None:
        return None
    package = before[place]
    same_origin = None
    for index in range(len(now) - 1, -1, -1):
        one = now[index]
        if one is package:
            return index
        if same_origin is None and one.origin == package.origin:
            same_origin = index
    return same_origin
