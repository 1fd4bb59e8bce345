"""Which columns the table of workers has, to be chosen."""

from __future__ import annotations

from textual.screen import ModalScreen

from ..protocols import Controls
from ..widgets.workers import WorkerTable
from .compositor import ExactScreen


class Columns(ExactScreen[None], ModalScreen[None]):
    """A list of the columns of ``table``, each to be switched on and off."""

    def __init__(self, table: WorkerTable, controls: Controls | None) -> None:
        super().__init__()
