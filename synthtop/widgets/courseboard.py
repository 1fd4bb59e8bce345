"""The charts of a whole build, from its beginning to its end."""

from __future__ import annotations

from ..trends import Chart
from .axes import after, course_axis
from .chartboard import ChartBoard
from .fields import Line


class CourseBoard(ChartBoard):
    """As of the build that is shown, but that the times count from its beginning."""

    def axis(self, span: int, columns: int, x: int) -> Line:
        return course_axis(span, columns, x)

    def when_most(self, chart: Chart, span: int) -> str:
        values = chart.values
        most = max((value for value in values if value is not None), default=0.0)
        if most <= 0:
            return ""
        at = after(values.index(most) * span // len(values))
        return "at first" if at == "0" else f"after {at}"
