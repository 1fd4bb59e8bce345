"""All that is done, to be sorted and filtered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from ..model import Finished, Snapshot
from ..parts import Part, Parts, Role
from ..text import clean
from ..widgets.filterline import FilterLine
from ..widgets.finishedtable import FinishedTable
from ..widgets.wanted import OUTCOMES
from .command import Command, Key, bindings_of
from .rowscreen import LOG, MOVING, RowScreen
from .subscreen import COMMON, heading


class FinishedScreen(RowScreen):
    """Everything that has ended, the newest first until it is sorted otherwise."""

    OFFERED: ClassVar[Sequence[Command[Any]]] = (
        LOG[0],
        Command(
            "/",
            "Show only packages in whose line each word occurs; >5m and <30s compare the duration.",
            (Key("slash", "screen.filter"),),
            word=lambda now: "Filter",
            weight=80,
        ),
        Command(
            "o",
            "Show only what was built; failed; was ignored; was skipped; is meta; and all again.",
            (Key("o", "screen.outcome"),),
            word=lambda now: "Outcome",
            weight=70,
        ),
        Command(
            "s",
            "Sort by the next column.",
            (Key("s", "screen.sort"),),
            word=lambda now: "Sort",
            weight=60,
        ),
        Command(
            "r",
            "Turn the order round.",
            (Key("r", "screen.reverse"),),
            word=lambda now: "Reverse",
            weight=40,
        ),
        LOG[1],
        *MOVING,
        COMMON[0],
        Command(
            "esc",
            "Show all again; then go back.",
            (Key("escape", "screen.back"),),
            word=lambda now: "Back" if now.table.wanted.everything else "All",
            weight=100,
        ),
        Command("q", "Go back.", (Key("q", "screen.close"),)),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(OFFERED)
    OPENS = {"slash": "action_filter"}  # noqa: RUF012
    DEFAULT_CSS = """
    FinishedScreen FinishedTable { height: 1fr; }
    """

    def __init__(self, *, own: bool = False) -> None:
        super().__init__(own=own)
        self.rows = self.table = FinishedTable()
        self._text_before = ""

    def body(self) -> Iterator[Widget]:
        yield self.table

    # -- what it shows -----------------------------------------------------------------------------

    @property
    def looked_at(self) -> Finished | None:
        return self.table.looked_at

    def headline(self) -> Parts:
        wanted, total = self.table.wanted, self.table.total
        count = f"{total:,}" if wanted.everything else f"{self.table.count:,} of {total:,}"
        parts = [*heading("Finished"), Part(f"  {count}", Role.LABEL)]
        if wanted.outcome is not None:
            parts += [Part("  ", Role.LABEL), Part(str(wanted.outcome), Role(wanted.outcome.value))]
        if wanted.text.strip():
            parts += [Part("  ", Role.LABEL), Part(clean(wanted.text.strip()), Role.VALUE)]
        return (*parts, *self.noted())

    def take(self, snapshot: Snapshot) -> None:
        super().take(snapshot)
        self.table.show(snapshot)
        self._count()

    def _count(self) -> None:
        if self.line.typing:
            self.line.note(f"{self.table.count:,} of {self.table.total:,}")

    # -- sorting and filtering ---------------------------------------------------------------------

    def action_sort(self) -> None:
        """Sort by the next column."""
        self.table.sort_by_next()

    def action_reverse(self) -> None:
        """Turn the order round."""
        self.table.reverse()

    def action_outcome(self) -> None:
        """Show the packages of the next outcome alone; after the last, all."""
        now = OUTCOMES.index(self.table.wanted.outcome)
        self.table.filter(self.table.wanted._replace(outcome=OUTCOMES[(now + 1) % len(OUTCOMES)]))
        self.show_lines()

    def action_back(self) -> None:
        """Show all again; where all is shown, go back."""
        if self.table.wanted.everything:
            self.action_close()
        else:
            self.table.filter(self.table.wanted._replace(text="", outcome=None))
            self.show_lines()

    def action_filter(self) -> None:
        """Have a filter typed."""
        if self.line.typing:
            return
        self._text_before = self.table.wanted.text
        self.line.open(self._text_before)
        self._count()
        self.show_lines()

    def on_filter_line_changed(self, message: FilterLine.Changed) -> None:
        self._filter_by(message.text)

    def on_filter_line_done(self, message: FilterLine.Done) -> None:
        self._filter_by(self.line.text if message.kept else self._text_before)

    def _filter_by(self, text: str) -> None:
        self.table.filter(self.table.wanted._replace(text=text))
        self._count()
        self.show_lines()
