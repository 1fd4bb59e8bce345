"""Charts with axes on the whole screen, as many as there is room for, or one of them alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual import events
from textual.message import Message
from textual.strip import Strip

from ..parts import Role
from ..states import ago
from ..text import fit
from ..trends import Chart
from .axes import GUTTER, time_axis, value_axis
from .bars import COLOURED, COLOURLESS, WIDE, Bars, Signs, heading
from .fields import Field, Line
from .lineview import LineView

TWO_FROM = 120
"""Columns from which two charts stand side by side."""
_AXES_FROM = 24
"""Columns of one chart from which it has axes."""
_TIMES_FROM = 5
"""Rows from which the last one says the times."""
_ROWS = 5
"""Rows of a chart where not all fit: a heading, three of bars, and a blank one."""
_NOTHING = "nothing is known yet"


class Layout(NamedTuple):
    """How the charts are laid out.

    ``across`` stand side by side, ``columns`` wide each, of which ``values`` are those of the bars, after
    ``gutter`` others; ``tiers`` one below another, ``rows`` high each, of which ``bars`` are those of the
    bars. ``times`` says whether the times stand below.
    """

    across: int
    columns: int
    gutter: int
    values: int
    tiers: int
    rows: int
    bars: int
    times: bool


def layout(columns: int, rows: int, charts: int, *, large: bool) -> Layout:
    """How ``charts`` are laid out in this room; with ``large`` one at a time."""
    across = 2 if columns >= TWO_FROM and not large else 1
    each = columns // across
    gutter = GUTTER if each >= _AXES_FROM else 0
    times = rows >= _TIMES_FROM
    room = max(0, rows - times)
    wanted = 1 if large else max(1, -(-charts // across))
    tiers = max(1, min(wanted, (room + 1) // _ROWS))
    high = (room + 1) // tiers
    return Layout(across, each, gutter, max(0, each - gutter - 1), tiers, high, max(0, high - 2), times)


class _Drawn(NamedTuple):
    """A chart's lines, what they were made for, and its bars."""

    made_for: tuple[object, ...]
    chart: Chart
    lines: list[Line]
    bars: Bars


class ChartBoard(LineView):
    """One chart is marked, and seen; the others as far as there is room."""

    DEFAULT_CSS = """
    ChartBoard { height: 1fr; }
    """
    NEVER_BOLD = frozenset((Role.THROTTLED,))

    class Rearranged(Message):
        """There is room now for charts of another number of columns: :attr:`ChartBoard.values`."""

    def __init__(self) -> None:
        super().__init__()
        self._charts: tuple[Chart, ...] = ()
        self._span = 600
        self._marked = 0
        self._first = 0
        self.large = False
        """Whether the marked one alone is seen."""
        self._lines: list[Line] = []
        self._made_for: tuple[object, ...] = ()
        self._drawn_charts: dict[str, _Drawn] = {}

    # -- what it shows -----------------------------------------------------------------------------

    @property
    def values(self) -> int:
        """Columns of values that each chart has room for."""
        return self._layout.values

    @property
    def marked(self) -> str:
        """The name of the marked chart, ``""`` where there is none."""
        return self._charts[self._marked].name if self._charts else ""

    @property
    def seen(self) -> tuple[int, int, int]:
        """The numbers of the first and the last chart that are seen, from 1, and how many there are."""
        at, count = self._layout, len(self._charts)
        if self.large:
            return self._marked + 1, self._marked + 1, count
        first = self._first * at.across
        return first + 1, min(count, first + at.tiers * at.across), count

    def show(self, charts: Sequence[Chart], span: int) -> None:
        """Show these charts, of the last ``span`` seconds."""
        name = self.marked
        self._charts, self._span = tuple(charts), span
        self._marked = next((at for at, chart in enumerate(charts) if chart.name == name), 0)
        self._follow()

    def mark(self, index: int) -> None:
        """Mark this chart, or the nearest that there is; -1 is the last, as in a list."""
        count = len(self._charts)
        self._marked = max(0, min(index if index >= 0 else index + count, count - 1))
        self._follow()

    def move(self, tiers: int) -> None:
        """Mark the chart so many below; where one is large, the next ones."""
        step = tiers * self._layout.across
        if 0 <= self._marked + step < len(self._charts):
            self.mark(self._marked + step)

    def page(self, pages: int) -> None:
        """The same by ``pages``; to the first or last where there are no more."""
        at = self._layout
        index = self._marked + pages * at.tiers * at.across
        self.mark(max(0, min(index, len(self._charts) - 1)))

    def enlarge(self, large: bool) -> None:
        """Show the marked chart alone, or all again."""
        if large != self.large and self._charts:
            self.large = large
            self._follow()
            self.post_message(self.Rearranged())

    def _follow(self) -> None:
        """Keep the marked chart where it is seen, and draw."""
        at = self._layout
        tier = self._marked // at.across
        last = max(0, -(-len(self._charts) // at.across) - at.tiers)
        self._first = min(max(self._first, tier - at.tiers + 1), tier, last)
        self._make()
        self.redraw()

    # -- the mouse ---------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        event.stop()
        at = self._layout
        across, tier = min(at.across - 1, event.x // max(1, at.columns)), event.y // max(1, at.rows)
        index = (self._first + tier) * at.across + across
        if self.large or index == self._marked:
            self.enlarge(not self.large)
        elif tier < at.tiers and index < len(self._charts):
            self.mark(index)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.move(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.move(-1)

    # -- drawing -----------------------------------------------------------------------------------

    def on_resize(self) -> None:
        self._follow()
        self.post_message(self.Rearranged())

    def line_at(self, y: int) -> Line:
        return self._lines[y] if y < len(self._lines) else ()

    def render_line(self, y: int) -> Strip:
        # Asked here and not for each line that is compared: a size costs more than a comparison.
        if self._made_for != self._room:
            self._make()
        return super().render_line(y)

    @property
    def _layout(self) -> Layout:
        return layout(self.columns, self.rows, len(self._charts), large=self.large)

    @property
    def _room(self) -> tuple[object, ...]:
        return self.columns, self.rows, self.colourless

    def axis(self, span: int, columns: int, x: int) -> Line:
        """What stands below the bars of ``columns`` from ``x`` on."""
        return time_axis(span, columns, x)

    def when_most(self, chart: Chart, span: int) -> str:
        """When the maximum was; ``""`` where that need not be said."""
        return _since_most(chart, span)

    def _make(self) -> None:
        at = self._layout
        self._made_for = self._room
        signs = COLOURLESS if self.colourless else COLOURED
        if not self._charts:
            self._lines = [(Field(1, fit(_NOTHING, max(0, self.columns - 1)), Role.DIM),)]
            return
        first = self._marked if self.large else self._first * at.across
        shown = self._charts[first : first + (1 if self.large else at.tiers * at.across)]
        lines: list[Line] = []
        for start in range(0, len(shown), at.across):
            beside = [
                self._chart_lines(chart, number * at.columns, at, signs)
                for number, chart in enumerate(shown[start : start + at.across])
            ]
            lines += [tuple(field for line in row for field in line) for row in zip(*beside, strict=True)]
        if at.times:
            # Right below the last bars, where there is a blank line else.
            lines[-1] = tuple(
                field
                for number in range(min(at.across, len(shown)))
                for field in self.axis(self._span, at.values, number * at.columns + at.gutter)
            )
        self._lines = lines

    def _chart_lines(self, chart: Chart, x: int, at: Layout, signs: Signs) -> list[Line]:
        """A heading, the bars and a blank line; what is the same as the last time is not made again."""
        marked = len(self._charts) > 1 and chart is self._charts[self._marked]
        made_for = x, at, signs, marked, self._span
        known = self._drawn_charts.get(chart.name)
        if known is not None and known.chart is chart and known.made_for == made_for:
            return known.lines
        bars = Bars() if known is None else known.bars
        start = x + at.gutter
        lines = [self._heading(chart, x, at, marked=marked)]
        drawn = bars.lines(chart, at.values, at.bars, signs, start)
        if at.gutter:
            axis = value_axis(chart, at.bars, x)
            lines += [(field, *line) for field, line in zip(axis, drawn, strict=True)]
        else:
            lines += drawn
        lines.append(())
        self._drawn_charts[chart.name] = _Drawn(made_for, chart, lines, bars)
        return lines

    def _heading(self, chart: Chart, x: int, at: Layout, *, marked: bool) -> Line:
        wide = at.values >= WIDE
        when = self.when_most(chart, self._span)
        said = chart._replace(most=f"{chart.most}, {when}") if chart.most and when and wide else chart
        start = x + at.gutter
        fields = [field._replace(x=field.x + start) for field in heading(said, at.values, wide=wide)]
        if marked and fields:
            fields[0] = fields[0]._replace(role=Role.KEY)
            if at.gutter:
                fields.insert(0, Field(start - 2, "›", Role.KEY))
        return tuple(fields)


def _since_most(chart: Chart, span: int) -> str:
    """How long ago the maximum was the last time; ``""`` where it is now, or there was nothing."""
    values = chart.values
    most = max((value for value in values if value is not None), default=0.0)
    if most <= 0:
        return ""
    columns = next(ago for ago, value in enumerate(reversed(values)) if value == most)
    return ago(columns * span // len(values)) if columns else ""
