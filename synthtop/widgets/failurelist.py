"""The failed packages, one line each, those that block most first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..failures import Failure
from ..model import hms
from ..parts import Role
from ..text import clean, fit, width
from .fields import Field, Line
from .rows import Rows

WIDEST = 110
"""Columns after which the eye loses the line: what is wider stays empty at the right."""
_ORIGIN_AT_LEAST = 16
_GAP = 2


class Columns(NamedTuple):
    """Where each column begins and how wide it is; one of width 0 is not shown."""

    origin: tuple[int, int]
    phase: tuple[int, int]
    duration: tuple[int, int]
    how: tuple[int, int]
    blocks: tuple[int, int]


_WIDTHS = {"blocks": 6, "how": 17, "phase": 13, "duration": 9}
"""Columns of all but the origin, which has the rest; what is worth most first."""
_NAMES = ("Failed", "Phase", "Duration", "How it failed", "Blocks")


def columns_for(columns: int) -> Columns:
    """The columns of a list in a view of ``columns``, whatever has failed."""
    room = max(0, min(columns, WIDEST) - 2)
    shown: dict[str, int] = {}
    for name, needed in _WIDTHS.items():
        if room - needed - _GAP >= _ORIGIN_AT_LEAST:
            shown[name] = needed
            room -= needed + _GAP
    if "duration" in shown and room > 36:
        # The origins have room enough: whatever else there is, is for what has been said of how.
        shown["how"] += room - 36
        room = 36
    places = {"origin": (1, room)}
    x = 1 + room
    for name in Columns._fields[1:]:
        x += _GAP if name in shown else 0
        places[name] = x, shown.get(name, 0)
        x += shown.get(name, 0)
    return Columns(**places)


def failure_line(failure: Failure, at: Columns) -> Line:
    """One failed package."""
    package = failure.package
    said = (
        (at.origin, clean(package.origin), Role.FAILED),
        (at.phase, clean(package.phase or "-"), Role.PHASE),
        (at.duration, hms(package.duration).rjust(at.duration[1]), Role.TEXT),
        (at.how, clean(package.reason or "-"), Role.TEXT),
        (
            at.blocks,
            str(failure.blocks or "-").rjust(at.blocks[1]),
            Role.VALUE if failure.blocks else Role.DIM,
        ),
    )
    return tuple(
        Field(x, text if width(text) <= room else fit(text, room), role)
        for (x, room), text, role in said
        if room
    )


class FailureList(Rows):
    """The marked one is known by its origin, and stays so wherever others make it go."""

    def __init__(self) -> None:
        super().__init__()
        self._failures: Sequence[Failure] = ()
        self._cursor = 0
        self._of_none = ""

    def show(self, failures: Sequence[Failure], of_none: str) -> None:
        """Show these; where there is none, say ``of_none``."""
        before = self.marked
        self._of_none = of_none
        shift = 0
        if failures is not self._failures:
            self._failures = failures
            row = self._row_of(before.package.origin) if before is not None else None
            # In the place of one that is gone is what came after it.
            row = min(self._cursor, max(0, len(failures) - 1)) if row is None else row
            shift, self._cursor = row - self._cursor, row
        self.changed(follow=bool(shift), shift=shift)

    def _row_of(self, origin: str) -> int | None:
        for row, failure in enumerate(self._failures):
            if failure.package.origin == origin:
                return row
        return None

    @property
    def marked(self) -> Failure | None:
        """The one that the cursor is on; None where there is none."""
        return self._failures[self._cursor] if self._cursor < len(self._failures) else None

    @property
    def seen(self) -> Sequence[Failure]:
        """Those that are to be seen."""
        return self._failures[self.top : self.top + self.body]

    @property
    def count(self) -> int:
        return len(self._failures)

    @property
    def cursor(self) -> int:
        return self._cursor

    def put(self, row: int) -> None:
        self._cursor = row

    def row_line(self, row: int, columns: int) -> Line:
        return failure_line(self._failures[row], columns_for(columns))

    def heading_line(self, columns: int) -> str:
        text = ""
        for (x, room), name in zip(columns_for(columns), _NAMES, strict=True):
            if room:
                text = text.ljust(x) + (
                    name.rjust(room) if name in ("Duration", "Blocks") else fit(name, room)
                )
        return text

    def of_none(self) -> str:
        return self._of_none
