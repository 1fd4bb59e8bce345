"""Fixed pages of a log, and a pager that shows one of them and notes what it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from synthtop.logfile.page import Page, Piece, Row
from synthtop.logfile.pager import Pager
from synthtop.model import Snapshot

from . import builds

PATH = "/logs/devel___gmake.log"
ORIGIN = "devel/gmake"

_COLOURFUL = (
    (Piece("===>  Building for gmake-4.4.1"),),
    (Piece("cc -O2 -pipe -fstack-protector-strong -c src/ar.c -o src/ar.o"),),
    (
        Piece("src/arscan.c:77:10:", "1"),
        Piece(" "),
        Piece("fatal error: ", "1;31"),
        Piece("vms.h: No such file or directory"),
    ),
    (
        Piece("   77 | #include "),
        Piece("<vms.h>", "1;31"),
    ),
    (Piece("      |          "), Piece("^~~~~~~", "1;31")),
    (Piece("compilation terminated."),),
    (
        Piece("日本語 in columns: "),
        Piece("208 ", "38;5;208"),
        Piece("true ", "38;2;120;200;80"),
        Piece("7", "7"),
    ),
    (Piece("␛]0;not a title␇  <202E>not turned round"),),
    (Piece("gmake[1]: *** [Makefile:940: src/arscan.o] Error 1"),),
)
_MARKS = {0: "phase", 2: "error", 8: "error"}


def rows(first: int = 1, count: int = len(_COLOURFUL)) -> tuple[Row, ...]:
    """So many rows of a compiler's output, the first line's number being ``first``."""
    return tuple(
        Row((first + index) * 40, 0, first + index, _COLOURFUL[index % 9], _MARKS.get(index % 9, ""))
        for index in range(count)
    )


def failing(**changes: Any) -> Page:
    """The end of a log of 48,211 lines, followed."""
    page = Page(PATH, rows(48203), above=48203 * 40, size=48212 * 40, lines=48211)
    return page._replace(**changes)


def searched() -> Page:
    """In the midst of a log that is searched, lines not counted yet."""
    found = (Piece("cc -O2 -pipe -fstack-"), Piece("protector", "", True), Piece("-strong -c src/ar.c"))
    lines = [row._replace(number=None) for row in rows(400)]
    lines[1] = lines[1]._replace(pieces=found, mark="here")
    return failing(
        rows=tuple(lines),
        above=400 * 40,
        lines=None,
        at_end=False,
        following=False,
        pattern="protector",
        doing="counting lines 40 %",
    )


def empty() -> Page:
    return Page(PATH)


def missing() -> Page:
    return Page(PATH, problem=f"{PATH}: No such file or directory", following=False)


def of_gmake(**changes: Any) -> Snapshot:
    """A build in whose first slot the package is whose log that is."""
    snapshot = builds.building(**changes)
    workers = (snapshot.workers[0]._replace(log=PATH), *snapshot.workers[1:])
    return replace(snapshot, workers=workers)


class FakePager(Pager):
    """Shows the page that it is given, and keeps what it is told."""

    def __init__(self, path: str, tell: Callable[[], None], offset: int | None = None) -> None:
        self.page = Page(path)
        self.opened = path, offset
        self.told: list[tuple[Any, ...]] = []
        self.room = (0, 0)
        self.closed = False
        self._tell = tell

    def show(self, page: Page) -> None:
        self.page = page
        self._tell()

    def news(self) -> list[tuple[Any, ...]]:
        """What it was told since it was asked last."""
        told, self.told = self.told, []
        return told

    def resize(self, columns: int, rows: int) -> None:
        self.room = columns, rows

    def scroll(self, rows: int) -> None:
        self.told.append(("scroll", rows))

    def shift(self, columns: int) -> None:
        self.told.append(("shift", columns))

    def to_start(self) -> None:
        self.told.append(("start",))

    def to_end(self) -> None:
        self.told.append(("end",))

    def to_line(self, number: int) -> None:
        self.told.append(("line", number))

    def to_offset(self, offset: int) -> None:
        self.told.append(("offset", offset))

    def search(self, text: str, *, regex: bool = False) -> None:
        self.told.append(("search", text, regex))

    def again(self, *, forward: bool) -> None:
        self.told.append(("again", forward))

    def phase(self, step: int) -> None:
        self.told.append(("phase", step))

    def error(self, step: int) -> None:
        self.told.append(("error", step))

    def wrap(self, on: bool) -> None:
        self.told.append(("wrap", on))

    def save(self, path: str) -> None:
        self.told.append(("save", path))

    def close(self, patience: float = 0.0) -> None:
        self.closed = True


class Pagers:
    """Makes one pager, and lets it be asked afterwards."""

    def __init__(self) -> None:
        self.made: list[FakePager] = []

    def __call__(self, path: str, tell: Callable[[], None], offset: int | None = None) -> FakePager:
        self.made.append(FakePager(path, tell, offset))
        return self.made[-1]


def texts(pages: Iterable[Page]) -> list[str]:
    """All that the rows of these pages say."""
    return ["".join(piece.text for piece in row.pieces) for page in pages for row in page.rows]
