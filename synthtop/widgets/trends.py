"""The last ten minutes, as a pane of charts right of everything else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.strip import Strip

from ..parts import Role
from ..text import fit
from ..trends import Chart
from .bars import COLOURED, COLOURLESS, Bars, Signs, heading, plan
from .fields import Field, Line
from .lineview import LineView

TITLE = "last 10 minutes"
FRAMED = 29
"""Rows of the pane from which it has a frame; under them there is a rule at its left."""
_FRAMED_COLUMNS = len(TITLE) + 8
MARGIN = 3
"""Columns left of the charts: a blank one, the frame, and a blank within."""
SIDES = MARGIN + 2
"""Columns beside the charts, on both sides."""


class _Room(NamedTuple):
    """What the pane's lines were made for."""

    columns: int
    rows: int
    signs: Signs


class _Drawn(NamedTuple):
    """A chart's lines, and its bars as they were made for them."""

    chart: Chart
    rows: int
    lines: list[Line]
    bars: Bars


class TrendsPane(LineView):
    """One chart under the other, as many as there is room for, in a frame where it is high enough."""

    NEVER_BOLD = frozenset((Role.THROTTLED,))

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._charts: tuple[Chart, ...] = ()
        self._lines: list[Line] = []
        self._room: _Room | None = None
        self._drawn_charts: dict[str, _Drawn] = {}

    def show(self, charts: Sequence[Chart]) -> None:
        """Show these charts, the first at the top."""
        charts = tuple(charts)
        if charts is not self._charts or self._room != self._room_now():
            self._charts = charts
            self._make()
            self.redraw()

    def line_at(self, y: int) -> Line:
        return self._lines[y] if y < len(self._lines) else ()

    def render_line(self, y: int) -> Strip:
        # Asked here and not for each line that is compared: a size costs more than a comparison.
        if self._room != self._room_now():
            self._make()
        return super().render_line(y)

    def _room_now(self) -> _Room:
        return _Room(self.columns, self.rows, COLOURLESS if self.colourless else COLOURED)

    def _make(self) -> None:
        room = self._room_now()
        if room != self._room:
            self._room = room
            self._drawn_charts = {}
        columns, rows, signs = room
        framed = rows >= FRAMED and columns >= _FRAMED_COLUMNS
        inner = rows - 2 if framed else rows - 1
        left = Field(1, "│", Role.FRAME)
        right = (Field(columns - 1, "│", Role.FRAME),) if framed else ()
        width = max(0, columns - SIDES)
        charts, bars, gap = plan(inner, len(self._charts))
        body: list[Line] = []
        for chart in self._charts[:charts]:
            if body:
                body += [(left, *right)] * gap
            body += self._chart_lines(chart, width, bars, signs, left, right)
        body += [(left, *right)] * (inner - len(body))
        if framed:
            rule = Field(5 + len(TITLE), "─" * (columns - 6 - len(TITLE)) + "╮", Role.FRAME)
            top: Line = (Field(1, "╭─", Role.FRAME), Field(4, TITLE, Role.LABEL), rule)
            self._lines = [top, *body, (Field(1, f"╰{'─' * (columns - 3)}╯", Role.FRAME),)]
        else:
            self._lines = [(left, Field(MARGIN, fit(TITLE, width), Role.LABEL)), *body]

    def _chart_lines(
        self, chart: Chart, width: int, rows: int, signs: Signs, left: Field, right: tuple[Field, ...]
    ) -> list[Line]:
        """The lines of one chart; what is the same as the last time is not made again."""
        known = self._drawn_charts.get(chart.name)
        if known is not None and known.rows == rows and known.chart is chart:
            return known.lines
        title = heading(chart, width)
        bars = Bars() if known is None else known.bars
        lines = [(left, *(field._replace(x=field.x + MARGIN) for field in title), *right)]
        lines += [(left, *line, *right) for line in bars.lines(chart, width, rows, signs, MARGIN)]
        self._drawn_charts[chart.name] = _Drawn(chart, rows, lines, bars)
        return lines
