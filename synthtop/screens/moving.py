"""What moves on the main screen: a cursor where there is one, a page where that is longer than its place,
and the log."""

from __future__ import annotations

from textual.screen import Screen

from ..widgets.eventlog import EventLog
from ..widgets.page import Page
from ..widgets.picker import Picker
from ..widgets.workers import WorkerTable


class Moving(Screen[None]):
    """Each action does something only where the widget that it moves is to be seen."""

    _table: WorkerTable
    _page: Page
    _picker: Picker
    _log: EventLog

    def action_move(self, step: int) -> None:
        """The cursor of the table by ``step`` rows, or that of the builds, or the page."""
        if self._table.display:
            self._table.move(step)
        elif self._picker.display:
            self._picker.move(step)
        else:
            self._scroll(step)

    def action_page(self, pages: int) -> None:
        """The same by ``pages``, less a line that stays for the eye."""
        if self._table.display:
            self._table.page(pages)
        elif self._picker.display:
            self._picker.page(pages)
        else:
            self._scroll(pages * max(1, self._page.rows - 1))

    def action_edge(self, end: int) -> None:
        """To the first row (-1), or the last (1)."""
        if self._table.display:
            self._table.move_to(0 if end < 0 else -1)
        elif self._picker.display:
            self._picker.move_to(0 if end < 0 else -1)
        else:
            self._scroll(end * self._page.wanted)

    def _scroll(self, rows: int) -> None:
        if self._page.display:
            self._page.scroll_to(y=self._page.top + rows, animate=False, immediate=True)

    def action_log(self, step: int) -> None:
        """Scroll the log by ``step`` lines, down to what is older."""
        if self._log.display:
            self._log.move(step)

    def action_log_page(self, pages: int) -> None:
        """Scroll the log by ``pages``, less a line that stays for the eye."""
        self.action_log(pages * max(1, self._log.rows - 1))
