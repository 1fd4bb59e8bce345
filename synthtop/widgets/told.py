"""What stands in the place of rows where there are none: they are still read, or something is in the way."""

from __future__ import annotations

from ..parts import Role, broken
from .fields import Field, Line
from .rows import Rows

_READABLE = 78


class ToldRows(Rows):
    """Rows that say why there are none, in whole: a path in it may be long, and is not cut."""

    told = ""
    """Clean text; ``""`` where nothing is in the way of there being rows."""
    alarming = False
    """Whether somebody should do something about it."""

    def tell(self, told: str, *, alarming: bool = False) -> None:
        """Say this where there are no rows."""
        self.told, self.alarming = told, alarming
        self.redraw()

    def line_at(self, y: int) -> Line:
        row = y - self._heading
        if self.count or row < 0 or not self.told:
            return super().line_at(y)
        lines = list(broken(self.told, min(self.columns - 2, _READABLE)))
        if row >= len(lines):
            return ()
        return (Field(1, lines[row], Role.STALLED if self.alarming else Role.DIM),)
