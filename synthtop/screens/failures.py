"""What failed, and why."""

from __future__ import annotations

from collections.abc import Iterator

from textual.widget import Widget

from ..parts import Parts
from .subscreen import SubScreen, heading


class Failures(SubScreen):
    """What failed, and why."""

    def body(self) -> Iterator[Widget]:
        yield from ()

    def headline(self) -> Parts:
        return heading("Failures")
