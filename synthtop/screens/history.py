"""The builds before this one: a list of runs, and each with its packages and charts."""

from __future__ import annotations

from collections.abc import Iterator

from textual.widget import Widget

from ..parts import Parts
from .subscreen import SubScreen, heading


class HistoryScreen(SubScreen):
    """The last runs in the history at ``path``; None: there is nowhere to keep one."""

    def __init__(self, path: str | None, *, own: bool = False) -> None:
        super().__init__(own=own)
        self._path = path

    def body(self) -> Iterator[Widget]:
        yield Widget()

    def headline(self) -> Parts:
        return heading("History")
