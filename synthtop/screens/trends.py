"""Trends on the whole screen."""

from __future__ import annotations

from collections.abc import Iterator

from textual.widget import Widget

from ..parts import Parts
from ..trends import Trends
from .subscreen import SubScreen, heading


class TrendsScreen(SubScreen):
    """Trends on the whole screen."""

    def __init__(self, trends: Trends) -> None:
        super().__init__()

    def body(self) -> Iterator[Widget]:
        yield from ()

    def headline(self) -> Parts:
        return heading("TrendsScreen")
