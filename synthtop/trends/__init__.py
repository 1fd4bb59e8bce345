"""How the figures of a build have come to be what they are: ten minutes second by second, a day by minutes.

Nothing is drawn here: a chart is its figures, one a column, and how they are said.
"""

from __future__ import annotations

from .chart import Chart
from .kept import SECONDS, Trends, starts_differ

__all__ = ["SECONDS", "Chart", "Trends", "starts_differ"]
