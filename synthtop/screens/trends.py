"""Trends on the whole screen, up to a day back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from ..lines import NARROW
from ..model import Snapshot
from ..parts import Part, Parts, Role
from ..trends import Trends
from ..widgets.axes import SPANS
from ..widgets.chartboard import ChartBoard
from .command import Command, Key, bindings_of
from .subscreen import COMMON, SubScreen, heading

_SPANS = tuple(SPANS)


class TrendsScreen(SubScreen):
    """Charts of what ``trends`` knows. One is marked, and can be seen alone."""

    OFFERED: ClassVar[Sequence[Command[Any]]] = (
        Command(
            "1-4",
            "The last 10 minutes, the last hour, 6 hours, 24 hours.",
            tuple(Key(str(number), f"screen.span({number - 1})") for number in range(1, 5)),
            word=lambda now: now.said_span,
            weight=90,
        ),
        Command(
            "←→",
            "More time, or less.",
            (Key("left", "screen.longer(1)"), Key("right", "screen.longer(-1)")),
            word=lambda now: "Time",
            weight=40,
        ),
        Command(
            "↑↓",
            "Mark another chart; where one is large, show another.",
            (Key("up", "screen.move(-1)"), Key("down", "screen.move(1)")),
            word=lambda now: "Select",
            weight=60,
        ),
        Command(
            "pgup pgdn",
            "The same by a screenful.",
            (Key("pageup", "screen.page(-1)"), Key("pagedown", "screen.page(1)")),
        ),
        Command(
            "home end",
            "The same, to the first and the last.",
            (Key("home", "screen.edge(0)"), Key("end", "screen.edge(-1)")),
        ),
        Command(
            "enter",
            "The marked chart alone, or all of them again.",
            (Key("enter", "screen.enlarge"),),
            word=lambda now: "All" if now.board.large else "Enlarge",
            weight=70,
        ),
        Command(
            "+/-",
            "The same: alone, all again.",
            (Key("plus", "screen.enlarge(True)"), Key("minus", "screen.enlarge(False)")),
        ),
        Command(
            "space",
            "Freeze the charts to look at them; the build goes on.",
            (Key("space", "screen.freeze"),),
            word=lambda now: "Unfreeze" if now.frozen else "Freeze",
            weight=50,
            pressing=lambda now: now.frozen,
        ),
        *COMMON,
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(OFFERED)

    def __init__(self, trends: Trends) -> None:
        super().__init__()
        self.board = ChartBoard()
        self.span = _SPANS[0]
        """Seconds that the charts are of."""
        self.frozen = False
        self._trends = self._shown = trends

    def body(self) -> Iterator[Widget]:
        yield self.board

    @property
    def said_span(self) -> str:
        """How long that is."""
        return SPANS[self.span]

    def headline(self) -> Parts:
        frozen = (Part("  ", Role.LABEL), Part("FROZEN", Role.FROZEN)) if self.frozen else ()
        first, last, count = self.board.seen
        # How the build stands is worth more than these words.
        the_last = "the last " if self.app.size.width >= NARROW else ""
        some = f"{first}-{last}" if first < last else f"{first}"
        which = f"  {some} of {count}" if last - first + 1 < count else ""
        return (
            *heading("Trends"),
            Part(f"  {the_last}{self.said_span}", Role.LABEL),
            Part(which, Role.LABEL),
            *frozen,
        )

    def take(self, snapshot: Snapshot) -> None:
        self.board.dimmed = snapshot.lost
        self._show_charts()

    def on_chart_board_rearranged(self) -> None:
        self._show_charts()
        self.show_lines()

    def _show_charts(self) -> None:
        self.board.show(self._shown.over(self.span, self.board.values), self.span)

    def _show_all(self) -> None:
        with self.app.batch_update():
            self._show_charts()
            self.show_lines()

    # -- keys --------------------------------------------------------------------------------------

    def action_span(self, which: int) -> None:
        """Show the shortest time, or one that is longer."""
        self.span = _SPANS[max(0, min(which, len(_SPANS) - 1))]
        self._show_all()

    def action_longer(self, step: int) -> None:
        """Show more time, or less."""
        self.action_span(_SPANS.index(self.span) + step)

    def action_move(self, step: int) -> None:
        """Mark a chart ``step`` below."""
        self.board.move(step)
        self.show_lines()

    def action_page(self, pages: int) -> None:
        """Mark one ``pages`` below."""
        self.board.page(pages)
        self.show_lines()

    def action_edge(self, end: int) -> None:
        """Mark the first (0), or the last (-1)."""
        self.board.mark(end)
        self.show_lines()

    def action_enlarge(self, large: bool | None = None) -> None:
        """Show the marked chart alone, or all again; None: the other of these."""
        self.board.enlarge(not self.board.large if large is None else large)
        self.show_lines()

    def action_freeze(self) -> None:
        """Keep the charts as they are, or go on with the newest."""
        self.frozen = not self.frozen
        self._shown = self._trends.kept() if self.frozen else self._trends
        self._show_all()
