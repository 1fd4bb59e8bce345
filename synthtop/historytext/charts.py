"""Charts of a run: a line for each figure, over its minutes. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..history.record import Minute, Run
from ..text import fit
from ..trends.chart import hourly, percent, plain, size
from .spark import over, spark
from .table import WIDEST

_CHARTS = range(8, 121)
"""Columns that a chart may have."""
_NAMES = 10
"""Columns before it."""
_AT_LEAST = 3
"""Minutes that are a course."""
_LARGEST = 1e15
"""No figure is larger, bytes of memory included."""


class _Course(NamedTuple):
    """A figure by minutes. ``top`` is what a full sign stands for, ``note`` says the most of it."""

    name: str
    values: Sequence[float | None]
    top: float
    note: str


def chart_lines(run: Run, minutes: Sequence[Minute], columns: int | None) -> list[str]:
    """A line for each figure that is known, and the time under them; none for a very short run."""
    if len(minutes) < _AT_LEAST:
        return []
    courses = list(filter(None, _courses(run, minutes)))
    if not courses:
        return []
    places = [minute.minute for minute in minutes]
    span = max(1, max(places) + 1)
    notes = max(len(course.note) for course in courses) + 2
    room = max(_CHARTS[0], min((columns or WIDEST) - _NAMES - notes, _CHARTS[-1]))
    drawn = [spark(over(places, course.values, span, room), course.top) for course in courses]
    lines = [
        f" {fit(course.name, _NAMES - 1)}{signs}  {course.note}"
        for course, signs in zip(courses, drawn, strict=True)
    ]
    if axis := _axis(span, len(drawn[0])):
        lines.append(" " * _NAMES + axis)
    return lines if columns is None else [fit(line, columns) for line in lines]


def _courses(run: Run, minutes: Sequence[Minute]) -> tuple[_Course | None, ...]:
    # What a full sign stands for at least: a load of 0.02 is none.
    return (
        _course("rate", [minute.rate for minute in minutes], 1.0, hourly),
        _course("load", [minute.load for minute in minutes], 1.0, plain),
        _course("swap", [minute.swap for minute in minutes], 10.0, percent),
        _course(
            "workers",
            [minute.active for minute in minutes],
            float(run.workers or 1),
            plain,
            _held_back(run, minutes),
        ),
        _course("CPU", [minute.cpu for minute in minutes], 100.0, percent),
        _course("memory", [minute.memory for minute in minutes], 1.0, size),
    )


def _course(
    name: str, values: Sequence[float | None], least: float, say: Callable[[float], str], more: str = ""
) -> _Course | None:
    """None where nothing is known."""
    known = [value if value is not None and 0 <= value <= _LARGEST else None for value in values]
    most = max([value for value in known if value is not None], default=math.nan)
    if math.isnan(most):
        return None
    return _Course(name, known, max(most, least), f"max {say(most)}{more}")


def _held_back(run: Run, minutes: Sequence[Minute]) -> str:
    """How far DynMax went down, where it did."""
    limits = [minute.dynmax for minute in minutes if minute.dynmax is not None and minute.dynmax >= 0]
    if run.workers is None or not limits or min(limits) >= run.workers:
        return ""
    return f", DynMax min {plain(min(limits))}"


def _axis(span: int, columns: int) -> str:
    """The time at the beginning, in the midst, and at the end of so many minutes; ``""`` where there is no
    room for it."""
    first, middle, last = (f"{minute // 60}h{minute % 60:02d}" for minute in (0, span // 2, span))
    if columns < len(first) + 2 + len(last):
        return ""
    if span < 2 or columns < len(first) + len(middle) + len(last) + 12:
        return first + last.rjust(columns - len(first))
    half = first + middle.rjust((columns + len(middle)) // 2 - len(first))
    return half + last.rjust(columns - len(half))
