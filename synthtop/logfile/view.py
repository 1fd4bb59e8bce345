"""Which rows of a log are to be seen, and how that place moves."""

from __future__ import annotations

from bisect import bisect_right
from itertools import islice

from ..text import width
from .blocks import Blocks
from .counting import Newlines
from .drawing import IsError, Marks, rows_of
from .layout import Spans
from .page import Row
from .paging import TOP, Paging, Place, Spot
from .search import Matcher

_MOST_ROWS = 1000
_MOST_COLUMNS = 4000
"""No screen has more."""
_FARTHEST = 20_000
"""Rows that are gone at once at most: what a held key comes to must not take for ever either."""
_CONTEXT = 4
"""What was jumped to stands below so many-th of the page, to be seen with what comes before it."""


class View:
    """A page of ``blocks``, whose lines ``newlines`` counts. OSError passes.

    While it is ``following``, the end is in view. ``here`` is the line that was jumped to, ``shift`` the
    first column that is seen, ``matcher`` what finds what is searched for.
    """

    def __init__(self, blocks: Blocks, newlines: Newlines, is_error: IsError) -> None:
        self.following = True
        self.here: int | None = None
        self.matcher: Matcher | None = None
        self.wrap = False
        self.shift = 0
        self._columns = self._height = 0
        self._is_error = is_error
        self.over(blocks, newlines)

    def over(self, blocks: Blocks, newlines: Newlines, *, again: bool = False) -> None:
        """Be a view of another log, or of what has become of this one; ``again``: of the same as before."""
        self._blocks, self._newlines = blocks, newlines
        if not again:
            self._place, self.here = TOP, None
        self._lay_out()

    def _lay_out(self) -> None:
        self._paging = Paging(self._blocks, self._columns, self.wrap)
        self._marks = Marks(self._blocks, self._is_error)

    # -- where -------------------------------------------------------------------------------------

    def top(self) -> Place:
        """The first row that is to be seen."""
        if self.following:
            return self._end()
        self._place = self._paging.filled(self._paging.valid(self._place), self._height)
        return self._place

    def _end(self) -> Place:
        return self._paging.up(self._paging.last(), self._height - 1)

    def _spots(self) -> list[Spot]:
        return list(islice(self._paging.rows(self.top()), self._height))

    def _seen_here(self) -> int | None:
        """What was jumped to, if it is to be seen and nothing else says what is."""
        seen = not self.following and any(spot.place.line == self.here for spot in self._spots())
        return self.here if seen else None

    def start(self, forward: bool) -> int:
        """From which line on, or before which, the next of something is: what was jumped to, as long as that
        is to be seen; else the first row, or backwards, of a log that is followed, its end."""
        if self.here is not None and any(spot.place.line == self.here for spot in self._spots()):
            return self._blocks.end_of(self.here) if forward else self.here
        return self._blocks.size if self.following and not forward else self.top().line

    # -- how it moves ------------------------------------------------------------------------------

    def resize(self, columns: int, rows: int) -> None:
        """So much is to be seen from now on; at the top stays what is there."""
        here = self.here if self._height == 0 else self._seen_here()
        part = self._place.part
        starts = self._paging.line(self._place.line)[2] if part else [0]
        character = starts[min(part, len(starts) - 1)]
        self._columns = max(0, min(columns, _MOST_COLUMNS))
        self._height = max(0, min(rows, _MOST_ROWS))
        self._lay_out()
        if here is not None:
            self.show(here)
        elif character:
            starts = self._paging.line(self._place.line)[2]
            self._place = Place(self._place.line, bisect_right(starts, character) - 1)

    def set_wrap(self, on: bool) -> None:
        """Whether lines that are too long go on in the next row."""
        here = self._seen_here()
        self.wrap, self.shift = on, 0
        self._place = Place(self._place.line)
        self._lay_out()
        if here is not None:
            self.show(here)

    def scroll(self, rows: int) -> None:
        """So many rows down, or up; at the end it follows."""
        place = self.top()
        if rows >= 0:
            below = self._paging.down(place, min(rows, _FARTHEST))
            self._place = self._paging.filled(below, self._height)
            self.following = self.following or self._place == self._end()
        else:
            self._place = self._paging.up(place, min(-rows, _FARTHEST))
            self.following = self.following and self._place == place

    def shift_by(self, columns: int) -> None:
        """So many columns to the right, as far as there is something to be seen, or to the left."""
        if not self.wrap:
            widest = max((width(spot.laid.text) for spot in self._spots()), default=0)
            most = max(self.shift, widest - self._columns)
            self.shift = max(0, min(self.shift + columns, most))

    def to_start(self) -> None:
        """To the first line."""
        self._place, self.following = TOP, False

    def show(self, line: int, *, at_top: bool = False, spans: Spans = ()) -> None:
        """Have ``line`` on the page, ``at_top`` or where it is there already; and of its characters the first
        of ``spans``."""
        place = Place(line)
        _, laid, starts = self._paging.line(line)
        if spans:
            start, stop = spans[0]
            place = Place(line, bisect_right(starts, start) - 1)
            if not self.wrap:
                self._bring_in(width(laid.text[:start]), width(laid.text[:stop]))
        if at_top:
            self._place = place
        elif place in (places := [spot.place for spot in self._spots()]):
            self._place = places[0]
        else:
            self._place = self._paging.up(place, self._height // _CONTEXT)
        self.following, self.here = False, line

    def text(self, line: int) -> str:
        """The clean text of a line."""
        return self._paging.line(line)[1].text

    def _bring_in(self, start: int, stop: int) -> None:
        """Shift so that these columns are to be seen."""
        if stop <= self._columns:
            self.shift = 0
        elif start < self.shift or stop > self.shift + self._columns:
            self.shift = max(0, min(start, (start + stop - self._columns) // 2))

    # -- what is seen ------------------------------------------------------------------------------

    def rows(self) -> tuple[tuple[Row, ...], bool]:
        """The rows, and whether the last one is the log's last."""
        if not self._height:
            return (), self.following
        return rows_of(
            self._paging,
            self._spots(),
            shift=self.shift,
            newlines=self._newlines,
            marks=self._marks,
            matcher=self.matcher,
            here=self.here,
        )
