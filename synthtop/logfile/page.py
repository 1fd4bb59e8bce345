"""What is to be seen of a log at one moment. Values only; ``pager.py`` makes them."""

from __future__ import annotations

from typing import NamedTuple


class Piece(NamedTuple):
    """Clean text of one look. ``sgr`` is what the log's own colour sequences have come to, as their numbers:
    ``"1;31"``, ``"38;5;208"``, ``""`` for none. ``found`` says that it is what is searched for."""

    text: str
    sgr: str = ""
    found: bool = False


class Row(NamedTuple):
    """One row of the screen.

    ``offset`` is the byte at which its line begins, ``part`` counts the rows of a wrapped line from 0, and
    ``number`` is that of the line, from 1, None while the lines before it are not counted. ``mark`` is
    ``"phase"`` or ``"error"`` where its line is one of those, ``"here"`` where a jump went to it, or ``""``.
    """

    offset: int
    part: int
    number: int | None
    pieces: tuple[Piece, ...]
    mark: str = ""


class Page(NamedTuple):
    """The rows that are to be seen, and where in the log that is.

    ``path`` is the file that is read, which may be compressed. ``size`` is what is known of it in bytes (of a
    compressed one: of what is unpacked so far), ``lines`` how many lines that is, None until all are counted.
    ``above`` are the bytes before the first row, ``at_end`` whether the last row is the log's last.
    ``following`` says that the end is kept in view as the log grows. ``shift`` is by how many columns it is
    scrolled to the right; 0 where lines ``wrap``. ``pattern`` is what is searched for. ``doing`` is what is
    being done and takes its time (``searching 40 %``), ``note`` what came of the last command or of the file
    (``not found``, ``the log was truncated``), ``problem`` why nothing can be read; each ``""`` where there
    is nothing to say.
    """

    path: str
    rows: tuple[Row, ...] = ()
    above: int = 0
    size: int = 0
    lines: int | None = None
    at_end: bool = True
    following: bool = True
    wrap: bool = False
    shift: int = 0
    pattern: str = ""
    doing: str = ""
    note: str = ""
    problem: str = ""
