"""Finds lines in a file of any size, chunk by chunk: each step reads so much and no more.

What is searched is the text as it was written, without its colours. Case is left out of account for ASCII
letters only.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Protocol

from .blocks import Blocks
from .expression import Expression
from .layout import Spans
from .matching import MOST
from .sgr import raw_offset, stripped

CHUNK = 256 << 10
"""Bytes of one step."""
_OVERLAP = 4096
"""Bytes that are read beyond a chunk that ends within a line which was broken for its length."""

Scan = Generator[int, None, int | None]
"""Yields after each step the offset it has come to; returns the line that was found, if one was."""


class Finder(Protocol):
    """Finds something in some whole lines."""

    def first(self, data: bytes, limit: int) -> int:
        """Where in ``data`` the first begins before ``limit``; -1 where there is none."""

    def last(self, data: bytes, limit: int) -> int:
        """The same for the last one."""


class Matcher(Finder, Protocol):
    """Finds what can be seen in a line, too."""

    def spans(self, texts: Sequence[str]) -> Sequence[Spans]:
        """The characters of each text that match."""

    def close(self) -> None: ...


class Literal:
    """Finds ``text`` as it is; with ``fold`` in upper and lower case alike."""

    def __init__(self, text: str, *, fold: bool) -> None:
        self._fold = fold
        self._needle = self._folded(text.encode("utf-8", "surrogateescape"))

    def _folded(self, data: bytes) -> bytes:
        return data.lower() if self._fold else data

    def first(self, data: bytes, limit: int) -> int:
        """Where in ``data`` the first begins before ``limit``; -1 where there is none."""
        return self._folded(data).find(self._needle, 0, limit + len(self._needle) - 1)

    def last(self, data: bytes, limit: int) -> int:
        """Where the last one begins."""
        return self._folded(data).rfind(self._needle, 0, limit + len(self._needle) - 1)

    def spans(self, texts: Sequence[str]) -> Sequence[Spans]:
        """The characters of each text that match, the first so many."""
        return [self._spans(text) for text in texts]

    def _spans(self, text: str) -> Spans:
        data = self._folded(text.encode())
        found: list[tuple[int, int]] = []
        at = data.find(self._needle)
        while at >= 0 and len(found) < MOST:
            start = at if text.isascii() else len(data[:at].decode("utf-8", "ignore"))
            length = len(self._needle.decode("utf-8", "ignore"))
            found.append((start, start + length))
            at = data.find(self._needle, at + len(self._needle))
        return found

    def close(self) -> None:
        """Nothing to let go of."""


class Offsets:
    """Finds the lines that ``of`` says the offsets of, in whatever order, when it is given some."""

    def __init__(self, of: Callable[[bytes], Iterable[int]]) -> None:
        self._of = of

    def first(self, data: bytes, limit: int) -> int:
        """Where in ``data`` the first begins before ``limit``; -1 where there is none."""
        return min((at for at in self._of(data) if at < limit), default=-1)

    def last(self, data: bytes, limit: int) -> int:
        """Where the last one begins."""
        return max((at for at in self._of(data) if at < limit), default=-1)


def matcher(text: str, *, regex: bool, interrupted: Callable[[], bool]) -> Matcher:
    """What finds ``text``; case counts where it has a capital letter, which one behind a backslash is not."""
    letters = _without_escapes(text) if regex else text
    fold = letters == letters.lower()
    return Expression(text, fold=fold, interrupted=interrupted) if regex else Literal(text, fold=fold)


def _without_escapes(expression: str) -> str:
    first, *others = expression.replace("\\\\", "").split("\\")
    return first + "".join(other[1:] for other in others)


def scan(blocks: Blocks, finder: Finder, start: int, stop: int, *, forward: bool, chunk: int = CHUNK) -> Scan:
    """The first, or last, line from ``start`` to before ``stop`` in which ``finder`` finds something.

    Both are lines, or the end. A finder's errors pass, and OSError.
    """
    while start < stop:
        if forward:
            begin, end = start, _end(blocks, start, stop, chunk)
        else:
            begin, end = _begin(blocks, start, stop, chunk), stop
        raw = blocks.read(begin, end)
        data = stripped(raw)
        limit = len(data)
        if not raw.endswith(b"\n"):
            raw += _rest(blocks, end)
            data = stripped(raw)
        at = finder.first(data, limit) if forward else finder.last(data, limit)
        if at >= 0:
            return blocks.start_of(begin + (at if len(data) == len(raw) else raw_offset(raw, at)))
        if forward:
            start = end
        else:
            stop = begin
        yield end if forward else begin
    return None


def _rest(blocks: Blocks, line: int) -> bytes:
    """What belongs to the line before ``line`` as it was written."""
    more = blocks.read(line, line + _OVERLAP)
    newline = more.find(b"\n")
    return more if newline < 0 else more[:newline]


def _end(blocks: Blocks, start: int, stop: int, chunk: int) -> int:
    """Where a chunk of whole lines ends that begins at ``start``."""
    limit = start + chunk
    if limit >= stop:
        return stop
    newline = blocks.read(start, limit).rfind(b"\n")
    if newline >= 0:
        return start + newline + 1
    end = blocks.start_of(limit)
    return end if end > start else min(blocks.end_of(start), stop)


def _begin(blocks: Blocks, start: int, stop: int, chunk: int) -> int:
    """Where one begins that ends at ``stop``."""
    limit = stop - chunk
    if limit <= start:
        return start
    newline = blocks.read(limit, stop - 1).find(b"\n")
    return limit + newline + 1 if newline >= 0 else max(start, blocks.start_of(stop - 1))
