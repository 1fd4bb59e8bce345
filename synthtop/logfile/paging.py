"""Rows of a log from any place on, and places so many rows away, in a time that depends on the rows alone."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import NamedTuple

from .blocks import Blocks
from .layout import Laid, lay, wrapped

_KEPT = 1 << 19
"""Characters of lines that are laid out and kept."""


class Place(NamedTuple):
    """A row: that of the line which begins at byte ``line``, ``part`` rows down where it is wrapped."""

    line: int
    part: int = 0


TOP = Place(0)


class _Kept(NamedTuple):
    end: int
    laid: Laid
    starts: list[int]


class Spot(NamedTuple):
    """A row with its line: which characters of ``laid`` it has, and whether a line ends in it, at ``end``."""

    place: Place
    end: int
    laid: Laid
    start: int
    stop: int


class Paging:
    """Rows of ``blocks``, ``columns`` wide where lines ``wrap``. OSError passes."""

    def __init__(self, blocks: Blocks, columns: int, wrap: bool) -> None:
        self.blocks = blocks
        self.columns = max(1, columns)
        self.wrap = wrap
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._characters = 0
        self._size = blocks.size

    def line(self, line: int) -> tuple[int, Laid, list[int]]:
        """Where it ends, how it reads, and at which characters its rows begin."""
        if self._size != self.blocks.size:
            # The last line may go on now.
            self._size = self.blocks.size
            self._kept.clear()
            self._characters = 0
        kept = self._kept.get(line)
        if kept is None:
            end = self.blocks.end_of(line)
            laid = lay(self.blocks.content(line, end))
            kept = _Kept(end, laid, wrapped(laid.text, self.columns) if self.wrap else [0])
            self._kept[line] = kept
            self._characters += len(laid.text)
            while self._characters > _KEPT and len(self._kept) > 1:
                _, old = self._kept.popitem(last=False)
                self._characters -= len(old.laid.text)
        return kept

    def rows(self, place: Place) -> Iterator[Spot]:
        """The row at ``place`` and those after it."""
        part = place.part
        for line in self.blocks.lines(place.line):
            end, laid, starts = self.line(line)
            for index in range(part, len(starts)):
                stop = starts[index + 1] if index + 1 < len(starts) else len(laid.text)
                yield Spot(Place(line, index), end, laid, starts[index], stop)
            part = 0

    def down(self, place: Place, rows: int) -> Place:
        """``rows`` below ``place``, or the last one."""
        line, part = place
        size = self.blocks.size
        while True:
            last = self._last_part(line)
            if part + rows <= last:
                return Place(line, part + rows)
            end = self.blocks.end_of(line)
            if end >= size:
                return Place(line, last)
            rows -= last - part + 1
            line, part = end, 0

    def up(self, place: Place, rows: int) -> Place:
        """``rows`` above ``place``, or the first one."""
        line, part = place
        if rows <= part:
            return Place(line, part - rows)
        rows -= part
        for above in self.blocks.lines_before(line):
            count = self._last_part(above) + 1
            if rows <= count:
                return Place(above, count - rows)
            rows -= count
        return TOP

    def _last_part(self, line: int) -> int:
        return len(self.line(line)[2]) - 1 if self.wrap else 0

    def last(self) -> Place:
        """The last row."""
        line = self.blocks.start_of(self.blocks.size)
        return Place(line, self._last_part(line)) if self.blocks.size else TOP

    def valid(self, place: Place) -> Place:
        """``place``, or the one next to it where there is none such any more, as where rows are narrower."""
        if place.line >= self.blocks.size:
            return self.last()
        line = self.blocks.start_of(place.line)
        return Place(line, min(place.part, self._last_part(line)))

    def filled(self, place: Place, height: int) -> Place:
        """``place``, or as far above it as is needed for ``height`` rows to be there."""
        count = 0
        for count, _ in enumerate(self.rows(place), 1):
            if count >= height:
                return place
        return self.up(self.last(), height - 1)
