"""Logs for tests: in memory, in files, and a viewer that does all that there is to do at once."""

from __future__ import annotations

from collections.abc import Callable, Generator
from itertools import accumulate
from pathlib import Path
from typing import Any

from synthtop.logfile.blocks import Blocks
from synthtop.logfile.counting import Newlines
from synthtop.logfile.packed import Room, room
from synthtop.logfile.page import Page, Row
from synthtop.logfile.source import Sizes, Source
from synthtop.logfile.viewer import Viewer

SMALL = Sizes(longest=64, window=256, block=128)


def is_error(line: bytes) -> bool:
    return line.startswith(b"error:")


def errors_in(block: bytes) -> list[int]:
    lines = block.splitlines(keepends=True)
    starts = accumulate(map(len, lines), initial=0)
    return [start for start, line in zip(starts, lines, strict=False) if is_error(line)]


def blocks_of(data: bytes, longest: int = 8, window: int = 32) -> Blocks:
    return Blocks(lambda size, at: data[at : at + size], len(data), longest=longest, window=window)


def counted(blocks: Blocks, block: int = 16) -> Newlines:
    newlines = Newlines(blocks, block=block)
    while newlines.step():
        pass
    return newlines


def result_of(task: Generator[Any, None, Any]) -> Any:
    """What a task returns at its end."""
    while True:
        try:
            next(task)
        except StopIteration as over:
            return over.value


def opening(sizes: Sizes = SMALL, room: Room = room) -> Callable[[str], Source]:
    return lambda path: Source(path, sizes=sizes, room=room)


class Viewed:
    """A viewer of the log at ``path``, and its page once there is nothing more to do."""

    def __init__(
        self,
        path: Path,
        columns: int = 20,
        rows: int = 5,
        *,
        offset: int | None = None,
        open_source: Callable[[str], Source] | None = None,
    ) -> None:
        self.viewer = Viewer(
            str(path), offset, is_error=is_error, errors_in=errors_in, open_source=open_source or opening()
        )
        self._now = 0.0
        self.viewer.view.resize(columns, rows)
        self.look()

    def __del__(self) -> None:
        self.viewer.close()

    def look(self) -> Page:
        """A look at the file, long after the one before."""
        self._now += 60.0
        self.viewer.look(self._now)
        return self.page()

    def do(self, command: Callable[..., None], *values: object) -> Page:
        self.viewer.do(command, *values)
        return self.page()

    def page(self) -> Page:
        while self.viewer.step():
            pass
        return self.viewer.page()


def numbered(count: int) -> bytes:
    return b"".join(b"line %d\n" % number for number in range(1, count + 1))


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def text_of(row: Row) -> str:
    return "".join(piece.text for piece in row.pieces)


def texts(page: Page) -> list[str]:
    return [text_of(row) for row in page.rows]


def here(page: Page) -> list[str]:
    """The rows of what was jumped to."""
    return [text_of(row) for row in page.rows if row.mark == "here"]


def found(page: Page) -> list[str]:
    """What of the page is searched for."""
    return [piece.text for row in page.rows for piece in row.pieces if piece.found]
