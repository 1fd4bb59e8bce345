"""The main screen: header, bar, workers or summary, log, keys."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from ..model import Snapshot, Stopping
from ..widgets.eventlog import EventLog
from ..widgets.footer import Hint, KeyBar
from ..widgets.header import Header
from ..widgets.lineview import LineView
from ..widgets.progress import ProgressBar
from ..widgets.summary import Summary
from ..widgets.workers import WorkerTable
from .arrangement import Arrangement, arrange
from .compositor import ExactCompositor


def hints_for(snapshot: Snapshot, *, own: bool, hand_limit: int | None, scrolls: bool) -> tuple[Hint, ...]:
    """The keys that do something now, the most important first.

    ``own`` says that this build can be told what to do from here.
    """
    scroll = (Hint("↑↓", "Scroll"),) if scrolls else ()
    suspend = Hint("^z", "Suspend", "app.suspend_process")
    palette = Hint("^p", "Commands", "app.command_palette")
    if not own or snapshot.over:
        return Hint("q", "Leave", "app.leave"), *scroll, suspend, palette
    quit_hint = Hint("q", "Quit", "app.leave")
    if snapshot.stopping in (Stopping.STOPPING, Stopping.KILLING):
        return quit_hint, Hint("^c", "Kill", "app.interrupt"), *scroll, suspend, palette
    if snapshot.stopping is Stopping.DRAINING:
        return quit_hint, *scroll, suspend, palette
    limit = "Workers" if hand_limit is None else f"Workers ≤{hand_limit}"
    return quit_hint, Hint("+/-", limit), *scroll, suspend, palette


class MainScreen(Screen[None]):
    """Shows one snapshot after another."""

    CSS = """
    MainScreen { background: $background; overflow: hidden hidden; }
    MainScreen > LineView { height: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "view(-1)", show=False),
        Binding("down", "view(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "page(-10000)", show=False),
        Binding("end", "page(10000)", show=False),
    ]

    def __init__(self, title: str) -> None:
        super().__init__()
        self._compositor = ExactCompositor()
        self._header = Header(title, id="header")
        self._bar = ProgressBar(id="bar")
        self._table = WorkerTable(id="workers")
        self._summary = Summary(id="summary")
        self._summary.display = False
        self._log = EventLog(id="log")
        self._keys = KeyBar(id="keys")
        self._arrangement: Arrangement | None = None
        self._over = False
        self._snapshot: Snapshot | None = None
        self._own = False
        self._hand_limit: int | None = None

    def compose(self) -> ComposeResult:
        yield from (self._header, self._bar, self._table, self._summary, self._log, self._keys)

    def show(self, snapshot: Snapshot, *, own: bool, hand_limit: int | None) -> None:
        """Show ``snapshot``; ``own`` and ``hand_limit`` as in :func:`hints_for`."""
        self._snapshot, self._own, self._hand_limit = snapshot, own, hand_limit
        self._over = snapshot.over
        if self._over:
            self._summary.show(snapshot, self.app.size.width)
        self._table.show(snapshot.workers)
        self._arrange()
        self._header.show(snapshot)
        self._bar.show(snapshot)
        self._log.show(snapshot.log)
        scrolls = 0 < self._view_rows < self._view.wanted
        self._keys.show(hints_for(snapshot, own=own, hand_limit=hand_limit, scrolls=scrolls))

    @property
    def _view(self) -> WorkerTable | Summary:
        """What stands in the middle, and what the arrows scroll."""
        return self._summary if self._over else self._table

    @property
    def _view_rows(self) -> int:
        return self._arrangement.table if self._arrangement else 0

    def _arrange(self) -> None:
        width, height = self.app.size
        arrangement = arrange(width, height, self._view.wanted)
        self._table.display = not self._over and arrangement.table > 0
        self._summary.display = self._over and arrangement.table > 0
        if arrangement == self._arrangement:
            return
        self._arrangement = arrangement
        heights: tuple[tuple[LineView, int], ...] = (
            (self._header, arrangement.header),
            (self._bar, arrangement.bar),
            (self._table, arrangement.table),
            (self._summary, arrangement.table),
            (self._log, arrangement.log),
            (self._keys, arrangement.keys),
        )
        for part, rows in heights:
            part.styles.height = rows
            if part not in (self._table, self._summary):
                part.display = rows > 0

    def on_resize(self) -> None:
        if self._snapshot is None:
            self._arrange()
        else:
            # All of it: of a build that is over no other snapshot comes, and the keys depend on the size too.
            self.show(self._snapshot, own=self._own, hand_limit=self._hand_limit)

    def action_view(self, rows: int) -> None:
        """Scroll the middle by ``rows``."""
        view = self._view
        view.scroll_to(y=view.top + rows, animate=False, immediate=True)

    def action_page(self, pages: int) -> None:
        """Scroll the middle by ``pages``, less a line that stays for the eye."""
        self.action_view(pages * max(1, self._view_rows - 2))
