"""The main screen: header, bar, workers or a page or the picker, log, trends, keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from ..config import Settings
from ..keymap import DEFAULTS as KEYS
from ..lines import WIDE, header_says_state, shown_eta
from ..model import HOLDING, Listed, Snapshot, Stopping, WorkerRow
from ..pages import SUMMED_UP, alone, of_no_log, page_for, picks
from ..parts import Parts
from ..states import Shown, state_parts
from ..summary import summary_parts
from ..trends import Trends
from ..widgets.eventlog import EventLog
from ..widgets.filterline import FilterLine
from ..widgets.footer import KeyBar
from ..widgets.header import Header
from ..widgets.lineview import LineView
from ..widgets.ordering import BY_SLOT, DEFAULT, Order
from ..widgets.page import Page
from ..widgets.picker import Picker
from ..widgets.progress import ProgressBar
from ..widgets.trends import SIDES, TrendsPane
from ..widgets.workercolumns import READABLE
from ..widgets.workers import WorkerTable
from .arrangement import Arrangement, arrange, trends_columns
from .compositor import ExactScreen
from .keys import Situation, bindings, commands_with, hints_for
from .moving import Moving
from .subscreen import SubScreen
from .typing import Typing


class MainScreen(Moving, Typing, ExactScreen[None]):
    """Shows one snapshot after another, unless it is frozen."""

    CSS = """
    MainScreen { background: $background; overflow: hidden hidden; }
    MainScreen LineView { height: 0; }
    MainScreen TrendsPane { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(first=False)

    def __init__(self, title: str, trends: Trends, settings: Settings, *, chooses: bool) -> None:
        """``settings`` say which keys and columns there are; ``chooses`` that there may be builds to choose
        from."""
        super().__init__()
        keys = settings.keys or {}
        self._settings = settings
        self.commands = commands_with(keys)
        self.OPENS = {keys.get("filter", KEYS["filter"]): "action_filter"}
        self._chooses = chooses
        self._trends = self._shown_trends = trends
        self._header = Header(title, id="header")
        self._bar = ProgressBar(id="bar")
        self._table = WorkerTable(id="workers")
        self._page = Page(id="page")
        self._picker = Picker(id="builds")
        self._log = EventLog(id="log")
        self._pane = TrendsPane(id="trends")
        self._keys = KeyBar(id="keys")
        self.line = FilterLine(id="filter")
        for part in (self._page, self._picker, self._pane, self.line):
            part.display = False
        self._arrangement = Arrangement(0, 0, 0, 0, 0, 0)
        self._newest: Snapshot | None = None
        self._snapshot: Snapshot | None = None
        self._frozen = self._stale = False
        self._own = self._others = False
        self._stage: Stopping | None = None
        self._hand_limit: int | None = None
        self._filter = self._filter_before = ""
        self._parts: Sequence[Parts] | None = None
        self._parts_for: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        with Horizontal():
            with Vertical():
                yield from (self._header, self._bar, self._table, self._page)
                if self._chooses:  # each widget costs some milliseconds of the first frame
                    yield self._picker
                yield self._log
            yield self._pane
        yield from (self._keys, self.line)

    def on_mount(self) -> None:
        columns, sort = self._settings.columns, self._settings.sort
        if columns is not None or sort is not None:
            self._table.begin_with(columns or DEFAULT, Order.named(sort) if sort else BY_SLOT)

    # -- what it shows -----------------------------------------------------------------------------

    def show(
        self,
        snapshot: Snapshot,
        *,
        own: bool,
        others: bool = False,
        stage: Stopping | None = None,
        hand_limit: int | None = None,
    ) -> None:
        """Show ``snapshot``, the newest one. ``others`` may be shown in its place; the rest as in
        :class:`~synthtop.screens.keys.Situation`."""
        self._newest, self._own, self._stage, self._hand_limit = snapshot, own, stage, hand_limit
        self._others = others
        if not self._frozen:
            self._snapshot = snapshot
        if any(isinstance(screen, SubScreen) for screen in self.app.screen_stack):
            # Nothing of it is seen, and to keep it up to date would be half of what is done each second.
            self._stale = True
        elif not self._frozen:
            self._show_all()
        else:
            # The build may end meanwhile, and the keys are what the user does.
            self._show_header()
            self._show_keys()

    def on_screen_resume(self) -> None:
        if self._stale:
            self._stale = False
            with self.app.batch_update():
                self._show_all()

    def _show_all(self) -> None:
        snapshot = self._snapshot
        if snapshot is None:
            return
        columns, rows = self.app.size
        self._table.show(snapshot.workers, snapshot.seq)
        if picks(snapshot):
            self._picker.show(snapshot)
        elif snapshot.source.path is not None:
            self._picker.come_from(snapshot.source.path)
        self._make_page(snapshot, columns, rows)
        self._arrange(columns, rows)
        dimmed = snapshot.lost
        for view in (self._bar, self._table, self._log, self._pane):
            view.dimmed = dimmed
        self._show_header()
        self._bar.show(snapshot)
        self._log.show(snapshot.log, of_none=of_no_log(snapshot))
        if self._arrangement.trends:
            self._pane.show(self._shown_trends.charts(self._arrangement.trends - SIDES))
        self._show_keys()

    def _make_page(self, snapshot: Snapshot, columns: int, rows: int) -> None:
        """What stands in the table's place: made each time, but the summary, which may be long, only when it
        may say something else."""
        # One column at the left as in the table, one at the right for the scrollbar and one before that.
        if not alone(snapshot):
            columns -= trends_columns(columns, rows)
        room = max(1, min(columns, READABLE) - 3)
        if snapshot.state not in SUMMED_UP:
            self._parts, self._parts_for = page_for(snapshot, room), ()
        else:
            build = snapshot.source, snapshot.started
            done = *build, snapshot.state, snapshot.elapsed, snapshot.totals, len(snapshot.finished), room
            if done != self._parts_for:
                self._parts, self._parts_for = summary_parts(snapshot, room), done
        if self._parts is not None:
            self._page.show(self._parts)

    def _arrange(self, columns: int, rows: int) -> None:
        shown = self._in_place
        arrangement = arrange(columns, rows, shown.wanted)
        if self._snapshot is not None and alone(self._snapshot):
            # There is no build: nothing has come so far, and nothing was logged.
            page = arrangement.bar + arrangement.table + arrangement.log
            arrangement = arrangement._replace(bar=0, table=page, log=0, trends=0)
        for view in (self._table, self._page, self._picker):
            view.display = view is shown and arrangement.table > 0
        if arrangement == self._arrangement:
            return
        self._arrangement = arrangement
        heights: tuple[tuple[LineView, int], ...] = (
            (self._header, arrangement.header),
            (self._bar, arrangement.bar),
            (self._table, arrangement.table),
            (self._page, arrangement.table),
            (self._picker, arrangement.table),
            (self._log, arrangement.log),
            (self._keys, arrangement.keys),
            (self.line, arrangement.keys),
        )
        for part, height in heights:
            part.styles.height = height
        self._header.display = arrangement.header > 0
        self._bar.display = arrangement.bar > 0
        self._log.display = arrangement.log > 0
        self._pane.styles.width = arrangement.trends
        self._pane.display = arrangement.trends > 0
        if not arrangement.keys:
            # Nobody types where nothing of it is to be seen.
            self.line.finish(kept=True)
        self._show_bottom()

    def _show_header(self) -> None:
        if self._snapshot is not None:
            self._header.show(self._snapshot, run_rate=self.app.size.width >= WIDE, shown=self._shown)

    def _show_bottom(self) -> None:
        there = self._arrangement.keys > 0
        self._keys.display = there and not self.line.typing
        self.line.display = there and self.line.typing

    def _show_keys(self) -> None:
        now = self.situation
        if now is None or self._snapshot is None:
            return
        columns = self.app.size.width - self._arrangement.trends
        framed = self._arrangement.header >= Header.FRAMED
        said = header_says_state(columns, framed)
        self._keys.show(
            hints_for(now, self.commands),
            () if said else state_parts(self._snapshot, self._shown, short=True),
        )
        self.line.note(f"{now.found[0]} of {now.found[1]}" if now.table else "")

    @property
    def _shown(self) -> Shown:
        return Shown(self._frozen, self._newest if self._frozen else None)

    @property
    def situation(self) -> Situation | None:
        """What decides which commands apply; None before the first snapshot."""
        if self._newest is None:
            return None
        shown = self._in_place
        there = self._arrangement.table > 0
        return Situation(
            self._newest,
            self._own,
            self._stage,
            self._hand_limit,
            table=shown is self._table and there,
            page=shown is self._page,
            log=self._arrangement.log > 0,
            scrolls=shown is self._page and 0 < self._arrangement.table < self._page.wanted,
            frozen=self._frozen,
            filter=self._filter,
            found=(self._table.shown, self._table.total),
            builds=shown is self._picker and there,
            chooser=self._others,
            package=self.looked_at is not None,
        )

    @property
    def looked_at(self) -> WorkerRow | None:
        """The worker whose package keys are about: the marked one, else the first that has one."""
        if not self._table.display:
            return None
        marked = self._table.selected
        row = marked if marked is not None else self._table.first
        return row if row is not None and row.origin is not None and row.state in HOLDING else None

    @property
    def table(self) -> WorkerTable:
        """The table of workers."""
        return self._table

    @property
    def _in_place(self) -> WorkerTable | Page | Picker:
        """What stands between bar and log."""
        if self._snapshot is not None and picks(self._snapshot):
            return self._picker
        return self._table if self._parts is None else self._page

    def on_resize(self) -> None:
        columns, rows = self.app.size
        if self._snapshot is None:
            self._arrange(columns, rows)
        else:
            # All of it: of a build that is over no other snapshot comes, and the keys depend on the size too.
            self._show_all()

    # -- the builds to choose from -----------------------------------------------------------------

    @property
    def marked(self) -> Listed | None:
        """The build that is chosen; None where there is no choice to be seen."""
        return self._picker.chosen if self._picker.display else None

    def open_marked(self) -> None:
        """Say that the marked build is about to be shown."""
        self._picker.open_chosen()

    def begin_anew(self) -> None:
        """Leave nothing of what was done to the build that was shown: another one comes."""
        with self.app.batch_update():
            if self._frozen:
                self.action_freeze()
            self.line.finish(kept=True)
            self._filter_by("")
            self._table.release()
            self._log.move(-self._log.top)

    # -- what is shown otherwise -------------------------------------------------------------------

    def action_sort(self) -> None:
        """Sort the table by the next column."""
        if self._table.display:
            self._table.sort_by_next()

    def action_reverse(self) -> None:
        """Turn the table's order round."""
        if self._table.display:
            self._table.reverse()

    def action_clock(self) -> None:
        """Say the ETA as a time of day, or again as the time to go."""
        if self._snapshot is not None and shown_eta(self._snapshot) is not None:
            self._bar.turn()

    def action_freeze(self) -> None:
        """Keep what is shown, or go on with the newest."""
        now = self.situation
        if now is None or not (now.frozen or now.freezable):
            return
        self._frozen = not self._frozen
        self._shown_trends = self._trends.kept() if self._frozen else self._trends
        with self.app.batch_update():
            self._snapshot = self._snapshot if self._frozen else self._newest
            self._show_all()

    async def action_back(self) -> None:
        """Take back the filter; where there is none, the choice of a worker; and then that of a build."""
        if self._filter:
            self._filter_by("")
        elif self._table.display and self._table.selected is not None:
            self._table.release()
        else:
            await self.run_action("app.others")

    # -- the filter --------------------------------------------------------------------------------

    def action_filter(self) -> None:
        """Have a filter typed, where there is something to be filtered."""
        now = self.situation
        if now is None or not (now.table or now.log) or self.line.typing:
            return
        self._filter_before = self._filter
        self.line.open(self._filter)
        self._show_bottom()

    def on_filter_line_changed(self, message: FilterLine.Changed) -> None:
        self._filter_by(message.text)

    def on_filter_line_done(self, message: FilterLine.Done) -> None:
        if not message.kept:
            self._filter_by(self._filter_before)
        self._show_bottom()

    def _filter_by(self, text: str) -> None:
        self._filter = text
        with self.app.batch_update():
            self._table.filter(text)
            self._log.filter(text)
            self._show_keys()
