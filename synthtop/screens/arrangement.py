"""How the rows and columns of the main screen are shared out. Pure."""

from __future__ import annotations

from typing import NamedTuple

FRAME_ROWS = 30
"""Rows of the terminal from which header and trends have a frame."""
TRENDS_COLUMNS = 120
"""Columns of the terminal from which there are trends at its right."""
TRENDS_ROWS = 12
"""Rows of the terminal under which they are not worth their place."""
_FRAME_COLUMNS = 60
_LEFT_AT_LEAST = 80
"""Columns that the trends leave to what stands left of them."""
_TRENDS_SIDES = 5
"""Columns of the trends beside their charts: a blank one, and the frame with a blank within at each side."""
_CHARTS = (600, 300, 200, 150, 120, 100, 75, 60, 50, 40, 30)
"""Columns of a chart: a whole number of seconds of ten minutes in each."""
_LOG_AT_LEAST = 4
"""Rows of the log, its rule included, under which it is not worth its place."""


class Arrangement(NamedTuple):
    """Heights in rows, and the columns of the trends; a part of 0 is not shown.

    The trends stand right of all but the keys, and as high.
    """

    header: int
    bar: int
    table: int
    log: int
    keys: int
    trends: int


def arrange(columns: int, rows: int, wanted: int) -> Arrangement:
    """The parts on a terminal of this size, with a table (or page) that would like ``wanted`` rows.

    What goes first where it gets tight: the trends and the log, then the table, the keys, the bar, and at
    last the header's lines. A long table leaves the log its share, the larger the higher the screen is; a
    short one leaves it the rest.
    """
    trends = trends_columns(columns, rows)
    header = 5 if rows >= FRAME_ROWS and columns - trends >= _FRAME_COLUMNS else min(3, rows)
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
    return Arrangement(header, bar, table, log, keys, trends)


def trends_columns(columns: int, rows: int) -> int:
    """The columns of the trends: at most two fifths of the screen, and 0 where there is no room."""
    if columns < TRENDS_COLUMNS or rows < TRENDS_ROWS:
        return 0
    room = min(columns * 2 // 5, columns - _LEFT_AT_LEAST) - _TRENDS_SIDES
    return next((chart + _TRENDS_SIDES for chart in _CHARTS if chart <= room), 0)
