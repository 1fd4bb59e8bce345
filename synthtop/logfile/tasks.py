"""What takes its time in a large log, step by step: each says what it does, and at last what came of it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import NamedTuple

from .blocks import Blocks
from .opened import percent
from .search import Finder, scan
from .source import Source


class Found(NamedTuple):
    """The ``line`` to go to, if there is one, and what is to be said."""

    line: int | None = None
    note: str = ""


Task = Generator[str, None, Found]
"""Yields after each step what it is doing."""


def _any(_: int) -> bool:
    return True


def around(blocks: Blocks, finder: Finder, start: int, *, forward: bool, doing: str, missing: str) -> Task:
    """The first line from ``start`` on, or the last one before it, and else round the end of the log."""
    yield doing
    size = blocks.size
    near, far = ((start, size), (0, start)) if forward else ((0, start), (start, size))
    covered = 0
    for round_, (low, high) in enumerate((near, far)):
        scanning = scan(blocks, finder, low, high, forward=forward)
        line = yield from _told(scanning, low if forward else high, covered, size, doing)
        if line is not None:
            turned = f"the search went on from the {'top' if forward else 'end'}" if round_ else ""
            return Found(line, turned)
        covered += high - low
    return Found(None, missing)


def straight(
    blocks: Blocks,
    finder: Finder,
    start: int,
    *,
    forward: bool,
    accept: Callable[[int], bool] = _any,
    doing: str,
    missing: str,
) -> Task:
    """The first line from ``start`` on, or the last one before it, of those that ``accept`` says yes to."""
    yield doing
    low, high = (start, blocks.size) if forward else (0, start)
    whole = high - low
    while True:
        scanning = scan(blocks, finder, low, high, forward=forward)
        at = low if forward else high
        line = yield from _told(scanning, at, whole - (high - low), whole, doing)
        if line is None:
            return Found(None, missing)
        if accept(line):
            return Found(line)
        if forward:
            low = blocks.end_of(line)
        else:
            high = line


def _told(
    scanning: Generator[int, None, int | None], start: int, before: int, whole: int, doing: str
) -> Generator[str, None, int | None]:
    """Go through ``scanning``, which begins at ``start`` after ``before`` of ``whole`` bytes."""
    while True:
        try:
            at = next(scanning)
        except StopIteration as found:
            line: int | None = found.value
            return line
        yield f"{doing} {percent(before + abs(at - start), whole)}"


def numbered(source: Source, number: int) -> Task:
    """Line ``number``, or the last one; counted up to there first."""
    number = max(1, number)
    while (line := source.newlines.offset_of(number)) is None or _may_grow(source, number):
        source.step()
        done = source.newlines.counted
        yield source.doing or f"counting lines {percent(done, source.blocks.size)}"
    if number > (source.newlines.lines or number):
        return Found(source.blocks.start_of(line), f"the log has {source.newlines.lines} lines")
    return Found(line)


def _may_grow(source: Source, number: int) -> bool:
    """Whether the last line, which stands for one beyond it, is so only as long as no more is unpacked."""
    return source.unpacks and number > (source.newlines.lines or number)


def holding(source: Source, offset: int) -> Task:
    """The line with the byte at ``offset``; unpacked up to there first."""
    while offset >= source.blocks.size and source.unpacks:
        source.step()
        yield source.doing
    return Found(source.blocks.start_of(max(0, offset)))
