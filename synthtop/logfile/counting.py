"""Counts a file's newlines block by block, so that lines have numbers and are found by them."""

from __future__ import annotations

from array import array
from bisect import bisect_left

from .blocks import Blocks

BLOCK = 1 << 20
"""Bytes for which one count is kept, of 8 bytes: 16 KB for 2 GB."""


class Newlines:
    """How many there are in ``blocks``, as far as they are counted: ``total`` in ``counted`` bytes."""

    def __init__(self, blocks: Blocks, *, block: int = BLOCK) -> None:
        self._blocks = blocks
        self._block = block
        self._before = array("Q", [0])  # newlines before each block
        self.total = 0
        self.counted = 0

    @property
    def done(self) -> bool:
        return self.counted >= self._blocks.size

    @property
    def lines(self) -> int | None:
        """Lines that the file has, None until all are counted. The last one may have no end yet."""
        if not self.done:
            return None
        size = self._blocks.size
        return self.total + (size > 0 and self._blocks.read(size - 1, size) != b"\n")

    def step(self) -> bool:
        """Count to the end of one block; whether there is more to count."""
        stop = min((self.counted // self._block + 1) * self._block, self._blocks.size)
        if self.counted < stop:
            data = self._blocks.read(self.counted, stop)
            self.total += data.count(b"\n")
            # As if it had been read: a file that has become shorter meanwhile is begun anew anyway.
            self.counted = stop
            if stop % self._block == 0:
                self._before.append(self.total)
        return not self.done

    def number_at(self, offset: int) -> int | None:
        """The number, from 1, of the line that holds the byte at ``offset``; None while it is not counted."""
        if offset > self.counted:
            return None
        index = offset // self._block
        start = index * self._block
        return self._before[index] + self._blocks.read(start, offset).count(b"\n") + 1

    def offset_of(self, number: int) -> int | None:
        """Where line ``number`` begins, None while it is not counted; of the last one beyond that."""
        lines = self.lines
        if lines is not None:
            number = min(number, lines)
        newlines = number - 1
        if newlines <= 0:
            return 0
        if newlines > self.total:
            return None
        # It is in the last block before which there are fewer.
        index = bisect_left(self._before, newlines) - 1
        start = index * self._block
        return start + _after_newline(
            self._blocks.read(start, start + self._block), newlines - self._before[index]
        )


def _after_newline(data: bytes, count: int) -> int:
    """Where in ``data`` its ``count``-th newline has ended. By halves, as there may be a million."""
    start, stop = 0, len(data)
    while stop - start > 1:
        middle = (start + stop) // 2
        there = data.count(b"\n", start, middle)
        if there >= count:
            stop = middle
        else:
            count -= there
            start = middle
    return start + 1
