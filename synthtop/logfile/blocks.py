"""A file of any size as lines, found from where one looks: nothing is read but what is near.

A line that has no end is broken: at each multiple of :data:`LONGEST` before which there is no newline for so
many bytes. That is told by those bytes alone, so lines are the same whichever way they are come to.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

LONGEST = 16 << 10
"""Bytes without a newline after which a line is broken; it has less than twice as many."""
_WINDOW = 128 << 10
"""Bytes that are read at once, and kept: most lines are looked at right after their neighbours."""

Read = Callable[[int, int], bytes]
"""``(size, offset)``: so many bytes from there, fewer only where they end."""


def reader_of(descriptor: int) -> Read:
    """Reads the file behind ``descriptor``, without moving it."""

    def read(size: int, offset: int) -> bytes:
        data = os.pread(descriptor, size, offset)
        while data and len(data) < size:
            # A signal or a network file system may make it stop short of the end.
            more = os.pread(descriptor, size - len(data), offset + len(data))
            if not more:
                break
            data += more
        return data

    return read


class Blocks:
    """The first ``size`` bytes of a file, which may be made more by :meth:`grow`.

    A line is its offset: that of its first byte. What is asked for beyond the end is the end. OSError passes.
    """

    def __init__(self, read: Read, size: int = 0, *, longest: int = LONGEST, window: int = _WINDOW) -> None:
        self._read = read
        self._longest = longest
        self._span = max(window, 4 * longest)
        self._at = 0
        self._window = b""
        self.size = size

    def grow(self, size: int) -> None:
        """Take in what was written since: there are ``size`` bytes now."""
        self.size = size
        # Its end may have been read before it was written.
        self._window = b""

    def read(self, start: int, stop: int) -> bytes:
        """What is between these two offsets; fewer bytes where the file has become shorter."""
        start, stop = max(0, start), min(stop, self.size)
        if start >= stop:
            return b""
        if stop - start > self._span:
            return self._read(stop - start, start)
        if start < self._at or stop > self._at + len(self._window):
            # What is near is on either side: one who reads backwards is served as well.
            self._at = max(0, start - (self._span - (stop - start)) // 2)
            self._window = self._read(min(self._span, self.size - self._at), self._at)
        return self._window[start - self._at : stop - self._at]

    def start_of(self, offset: int) -> int:
        """The line that holds the byte at ``offset``; the last one for what is beyond the end."""
        offset = min(offset, self.size - 1)
        if offset <= 0:
            return 0
        multiple = offset - offset % self._longest
        before = max(0, multiple - self._longest)
        newline = self.read(before, offset).rfind(b"\n")
        return multiple if newline < 0 else before + newline + 1

    def end_of(self, line: int) -> int:
        """Where the next line begins, or the file ends."""
        multiple = line - line % self._longest + self._longest
        data = self.read(line, multiple)
        newline = data.find(b"\n")
        if newline >= 0:
            return line + newline + 1
        if line + self._longest == multiple:
            return min(multiple, self.size)
        newline = self.read(multiple, multiple + self._longest).find(b"\n")
        end = multiple + (self._longest if newline < 0 else newline + 1)
        return min(end, self.size)

    def content(self, line: int, end: int) -> bytes:
        """The line up to ``end``, its end by :meth:`end_of`, without what ends it."""
        data = self.read(line, end)
        if data.endswith(b"\n"):
            return data[:-2] if data.endswith(b"\r\n") else data[:-1]
        return data

    def lines(self, line: int) -> Iterator[int]:
        """This line and those after it."""
        while line < self.size:
            yield line
            line = self.end_of(line)

    def lines_before(self, line: int) -> Iterator[int]:
        """Those before this line, which may be the end of the file, from the next one backwards."""
        while line > 0:
            line = self.start_of(line - 1)
            yield line
