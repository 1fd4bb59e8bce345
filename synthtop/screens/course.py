"""Charts of one build of the history, from its beginning to its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from ..history.replay import Replay, course
from ..model import hms
from ..parts import Part, Parts, Role
from ..text import clean
from ..widgets.courseboard import CourseBoard
from ..widgets.runhead import as_of
from .asker import MEANWHILE
from .command import Command, Key, bindings_of
from .subscreen import COMMON, SubScreen, heading


class CourseScreen(SubScreen):
    """Charts of what is known of the minutes of ``replay``. One is marked, and can be seen alone. Times
    of day are those of ``zone``; None: of this host."""

    OFFERED: ClassVar[Sequence[Command[Any]]] = (
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
        *COMMON,
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(OFFERED)

    MEANWHILE = MEANWHILE

    def __init__(self, replay: Replay, zone: tzinfo | None = None) -> None:
        super().__init__()
        self.board = CourseBoard()
        self._replay = replay
        self._zone = zone

    def body(self) -> Iterator[Widget]:
        yield self.board

    def headline(self) -> Parts:
        run = self._replay.run
        first, last, count = self.board.seen
        some = f"{first}-{last}" if first < last else f"{first}"
        which = f"  {some} of {count}" if last - first + 1 < count else ""
        return (
            *heading(f"Run {run.id}"),
            Part(f"  {clean(run.name)}", Role.TEXT),
            Part(f"  {hms(run.elapsed)}", Role.LABEL),
            *as_of(run, self._zone),
            Part(which, Role.LABEL),
        )

    def on_mount(self) -> None:
        self._show_charts()

    def on_chart_board_rearranged(self) -> None:
        self._show_charts()
        self.show_lines()

    def _show_charts(self) -> None:
        self.board.show(course(self._replay, self.board.values), self._replay.span)

    # -- keys --------------------------------------------------------------------------------------

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
