"""What a worker does."""

from __future__ import annotations

from collections.abc import Iterator

from textual.widget import Widget

from ..model import WorkerRow
from ..parts import Parts
from ..protocols import Controls
from .subscreen import SubScreen, heading


class Detail(SubScreen):
    """What a worker does."""

    def __init__(self, row: WorkerRow, controls: Controls | None) -> None:
        super().__init__(own=controls is not None)

    def body(self) -> Iterator[Widget]:
        yield from ()

    def headline(self) -> Parts:
        return heading("Detail")
