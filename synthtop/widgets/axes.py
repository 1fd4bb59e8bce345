"""What stands at the sides of a chart: its values at the left, the time below. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..parts import Role
from ..trends import Chart
from .fields import Field, Line

SPANS = {600: "10 minutes", 3600: "hour", 6 * 3600: "6 hours", 24 * 3600: "24 hours"}
"""Seconds that charts can be of, and how that is said after "the last"."""
GUTTER = 8
"""Columns left of the bars: a value, and the axis."""
_STEPS = {
    600: (120, 300),
    3600: (600, 900, 1800),
    6 * 3600: (3600, 2 * 3600, 3 * 3600),
    24 * 3600: (3 * 3600, 6 * 3600, 12 * 3600),
}
"""Seconds from one time to the next one that is said, for each span."""
_COURSE_STEPS = (60, 120, 300, 600, 1200, 1800, 3600, 7200, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 172800)
"""The same for a whole build, however long it was."""
_APART = 14
"""Columns that there are at least from one time to the next."""
_THREE_VALUES = 5
"""Rows of bars from which the middle is said too."""


def value_axis(chart: Chart, rows: int, x: int) -> list[Field]:
    """The axis in each of ``rows`` lines of bars, from the top down, with the values of the first and the
    last, and of the middle where there is room, before it. It ends before ``x`` + :data:`GUTTER`.
    """
    said = {0: chart.top}
    if rows > 1:
        said[rows - 1] = 0.0
    if rows >= _THREE_VALUES:
        said[rows // 2] = chart.top / 2
    axis = []
    for row in range(rows):
        text = f"{chart.said(said[row]) if said[row] else '0'}┤" if row in said else "│"
        axis.append(Field(x + max(0, GUTTER - len(text)), text, Role.FRAME if len(text) == 1 else Role.LABEL))
    return axis


def before(seconds: int) -> str:
    """``-10m``, ``-6h``, ``now``: so long ago."""
    if not seconds:
        return "now"
    return f"-{seconds // 3600}h" if seconds % 3600 == 0 else f"-{seconds // 60}m"


def after(seconds: int) -> str:
    """``0``, ``10m``, ``1h30m``, ``2d``: so long after the beginning."""
    minutes = seconds // 60
    said = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "m"))
    return "".join(f"{count}{unit}" for count, unit in said if count) or "0"


def time_axis(span: int, columns: int, x: int) -> Line:
    """The last ``span`` seconds below bars of so many ``columns`` from ``x`` on: the oldest at the left, now
    at the right, and times between where there is room."""
    step = _step(_STEPS.get(span, ()), span, columns)
    return _axis([(ago, before(ago)) for ago in range(span, -1, -step)], span, columns, x)


def course_axis(span: int, columns: int, x: int) -> Line:
    """The same of the first ``span`` seconds of a build: its beginning at the left, the end at the right."""
    step = _step(_COURSE_STEPS, span, columns)
    times = [*range(0, span, step), span]
    return _axis([(span - time, after(time)) for time in times], span, columns, x)


def _step(steps: Iterable[int], span: int, columns: int) -> int:
    """Seconds from one time to the next: as few of ``steps`` as leave room between two."""
    return next((step for step in steps if step < span and step * columns // span >= _APART), span)


def _axis(times: Sequence[tuple[int, str]], span: int, columns: int, x: int) -> Line:
    """What is said so many seconds before the right end, where it is not in the way of what stands there."""
    last = times[-1][1]
    if columns < len(last):
        return ()
    fields: list[Field] = []
    end = x
    for ago, text in times:
        middle = x + columns - ago * columns // span
        at = max(x, min(middle - len(text) // 2, x + columns - len(text)))
        if ago and at + len(text) >= x + columns - len(last):
            continue
        if at > end:
            fields.append(Field(end, f" {'─' * (at - end - 2)} " if at - end > 2 else " ", Role.FRAME))
        fields.append(Field(at, text, Role.LABEL))
        end = at + len(text)
    return tuple(fields)
