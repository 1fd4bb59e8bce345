"""How many rows each part of the main screen gets. Pure."""

from __future__ import annotations

from typing import NamedTuple

FRAME_ROWS = 30
"""Rows of the terminal from which the header has a frame."""
_FRAME_COLUMNS = 60
_LOG_AT_LEAST = 4
"""Rows of the log, its rule included, under which it is not worth its place."""


class Arrangement(NamedTuple):
    """Heights in rows; a part of height 0 is not shown."""

    header: int
    bar: int
    table: int
    log: int
    keys: int


def arrange(columns: int, rows: int, wanted: int) -> Arrangement:
    """The heights on a terminal of ``rows``, with a table (or summary) that would like ``wanted``.

    What goes first where it gets tight: the log, then the table, the keys, the bar, and at last the header's
    lines. A long table leaves the log its share, the larger the higher the screen is.
    """
    header = 5 if rows >= FRAME_ROWS and columns >= _FRAME_COLUMNS else min(3, rows)
    bar = min(1, rows - header)
    keys = min(1, rows - header - bar)
    space = rows - header - bar - keys
    share = space * 2 // 5 if rows >= 40 else space // 3
    if rows < 16:
        share = 0
    table = min(wanted, space - (share if share >= _LOG_AT_LEAST else 0))
    log = space - table
    if log < _LOG_AT_LEAST:
        table, log = space, 0
    return Arrangement(header, bar, table, log, keys)
