"""A package's log."""

from __future__ import annotations

from collections.abc import Iterator

from textual.widget import Widget

from ..parts import Parts
from .subscreen import SubScreen, heading


class LogScreen(SubScreen):
    """A package's log."""

    def __init__(self, path: str, origin: str, offset: int | None = None) -> None:
        super().__init__()

    def body(self) -> Iterator[Widget]:
        yield from ()

    def headline(self) -> Parts:
        return heading("LogScreen")
