"""All that is done."""

from __future__ import annotations

from collections.abc import Iterator

from textual.widget import Widget

from ..parts import Parts
from .subscreen import SubScreen, heading


class FinishedScreen(SubScreen):
    """All that is done."""

    def body(self) -> Iterator[Widget]:
        yield from ()

    def headline(self) -> Parts:
        return heading("FinishedScreen")
