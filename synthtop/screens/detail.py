"""What a worker does: its package's phases, command, log, use of the machine, and processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from ..model import HOLDING, Finished, Inside, Snapshot, Stopping, WorkerRow
from ..parts import Part, Parts, Role, joined
from ..protocols import Controls
from ..text import clean, width
from ..widgets.facts import Package, fact_lines, phase_lines
from ..widgets.ordering import slot_digits
from ..widgets.page import Page
from ..widgets.processtree import ProcessTree
from .command import Command, Key, bindings_of
from .subscreen import COMMON, EndPackage, OpenLog, SubScreen

_BESIDE_FROM = 100
"""Columns from which the processes stand right of the rest, and not below."""
_LEFT_AT_MOST = 64
_WORD_FROM = 34
"""Columns from which the title says that its number is a worker's."""
_LOOKS = 5
"""Snapshots in which it is looked up how the package ended, from the one on in which it is not there: a
followed build may say that later."""


class Detail(SubScreen):
    """Shows the package of ``row`` as long as it is in its slot, and then how it ended."""

    OFFERED: ClassVar[Sequence[Command[Any]]] = (
        Command(
            "l",
            "Read the log of the package, and follow it.",
            (Key("l", "screen.log"), Key("enter", "screen.log")),
            applies=lambda now: now.row.log is not None,
            word=lambda now: "Log",
            weight=80,
        ),
        Command(
            "k",
            "Kill or skip the package; asks first.",
            (Key("k", "screen.end_package"),),
            applies=lambda now: now.endable,
            word=lambda now: "Kill",
            weight=70,
        ),
        Command(
            "n",
            "The next worker that has a package; also →.",
            (Key("n", "screen.turn(1)"), Key("right", "screen.turn(1)")),
            applies=lambda now: now.others,
            word=lambda now: "Next worker",
            weight=60,
        ),
        Command(
            "p",
            "The one before; also ←.",
            (Key("p", "screen.turn(-1)"), Key("left", "screen.turn(-1)")),
            applies=lambda now: now.others,
            word=lambda now: "Previous",
            weight=50,
        ),
        Command(
            "↑↓",
            "Scroll; with pgup and pgdn by a screenful, with home and end to the first and the last line.",
            (
                *(Key("up", "screen.scroll(-1)"), Key("down", "screen.scroll(1)")),
                *(Key("pageup", "screen.page(-1)"), Key("pagedown", "screen.page(1)")),
                *(Key("home", "screen.edge(-1)"), Key("end", "screen.edge(1)")),
            ),
            applies=lambda now: now.scrolls,
            word=lambda now: "Scroll",
            weight=30,
        ),
        *COMMON,
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(OFFERED)

    def __init__(self, row: WorkerRow, controls: Controls | None) -> None:
        super().__init__(own=controls is not None)
        self._controls = controls
        self._package = Package(row)
        self._looks_left = _LOOKS
        self._processes = ProcessTree()
        self._left = Page()
        self._right = Page()
        self._beside = Horizontal(self._left, self._right)

    def body(self) -> Iterator[Widget]:
        yield self._beside

    # -- what it shows -----------------------------------------------------------------------------

    @property
    def row(self) -> WorkerRow:
        """The package's row, as it was when it was there the last time."""
        return self._package.row

    @property
    def endable(self) -> bool:
        """Whether the package can be ended from here."""
        now = self.snapshot
        if now is None or not self.own or now.over or now.stopping in (Stopping.STOPPING, Stopping.KILLING):
            return False
        return self._package.there

    @property
    def others(self) -> bool:
        """Whether there is another worker that has a package."""
        return any(row.slot != self.row.slot for row in self._busy())

    @property
    def scrolls(self) -> bool:
        """Whether there is more than can be seen at once."""
        return any(page.wanted > page.rows for page in self._pages)

    def headline(self) -> Parts:
        workers = len(self.snapshot.workers) if self.snapshot is not None else 1
        slot = f"{self.row.slot:0{slot_digits(workers)}d}: "
        word = "Worker " if self.app.size.width >= _WORD_FROM else ""
        return Part(word + slot, Role.LABEL), Part(self._origin, Role.VALUE)

    @property
    def _origin(self) -> str:
        return clean(self.row.origin or "")

    def take(self, snapshot: Snapshot) -> None:
        self._follow(snapshot)
        self._draw()

    def _follow(self, snapshot: Snapshot) -> None:
        """What is known of the package now."""
        slot, origin = self.row.slot, self.row.origin
        found = [row for row in self._busy() if row.slot == slot and row.origin == origin]
        if found:
            self._package = Package(found[0], self._inside(slot))
            self._looks_left = _LOOKS
        elif self._package.end is None and self._looks_left:
            self._looks_left -= 1
            self._package = self._package._replace(there=False, end=_end_of(self.row, snapshot))

    def _inside(self, slot: int) -> Inside | None:
        # Asking has the processes looked at, which is for nothing under another screen.
        seen = next((one for one in reversed(self.app.screen_stack) if isinstance(one, SubScreen)), None)
        if self._controls is None or seen is not self:
            return self._package.inside
        return self._controls.inside(slot)

    def _busy(self) -> list[WorkerRow]:
        """The workers that have a package."""
        rows = self.snapshot.workers if self.snapshot is not None else ()
        return [row for row in rows if row.state in HOLDING and row.origin is not None]

    @property
    def _pages(self) -> tuple[Page, ...]:
        return (self._left, self._right) if self._right.display else (self._left,)

    def _draw(self) -> None:
        columns = self.app.size.width
        beside = columns >= _BESIDE_FROM
        left = min(_LEFT_AT_MOST, columns * 2 // 5) if beside else columns
        self._right.display = beside
        self._left.styles.width = left if beside else "1fr"
        # As a page has them: one column at the left, one at the right for the scrollbar, and one before that.
        lines = list(self._facts(left - 3))
        if beside:
            self._left.show(lines)
            self._right.show(list(self._tree(columns - left - 3)))
        else:
            self._left.show([*lines, (), *self._tree(columns - 3)])

    def _facts(self, columns: int) -> Iterator[Parts]:
        package, snapshot = self._package, self.snapshot
        now = snapshot.time if snapshot is not None else 0.0
        whole = width(joined(self.headline())) <= self.app.size.width - 2
        yield from fact_lines(package, columns, now=now, origin=not whole)
        phases = list(phase_lines(package.row, columns, there=package.there))
        yield from ((), *phases) if phases else ()

    def _tree(self, columns: int) -> Iterator[Parts]:
        return self._processes.lines(self._package.inside, columns, own=self.own, there=self._package.there)

    def on_resize(self) -> None:
        self._draw()

    def on_screen_resume(self) -> None:
        """It is to be seen again: what was not asked for meanwhile is."""
        if self.snapshot is not None:
            self.show(self.snapshot)

    # -- what the keys do --------------------------------------------------------------------------

    def action_log(self) -> None:
        """Read the package's log."""
        if self.row.log is None or self.row.origin is None:
            self.app.bell()
        else:
            self.post_message(OpenLog(self.row.log, self.row.origin))

    def action_end_package(self) -> None:
        """Ask whether the package is to be killed or skipped."""
        if self.endable:
            self.post_message(EndPackage(self.row))

    def action_turn(self, step: int) -> None:
        """Go on to the next worker that has a package, or back to the one before."""
        slot = self.row.slot
        others = [row for row in self._busy() if row.slot != slot]
        if not others:
            return
        after = [row for row in others if (row.slot - slot) * step > 0]
        # Around the end, where there is none on this side.
        row = (after or others)[0 if step > 0 else -1]
        self._package = Package(row, None if self._controls is None else self._controls.inside(row.slot))
        self._looks_left = _LOOKS
        with self.app.batch_update():
            self._draw()
            self.show_lines()
        for page in self._pages:
            page.scroll_to(y=0, animate=False, immediate=True)

    def action_scroll(self, rows: int) -> None:
        """Scroll by ``rows``, down to what is further."""
        for page in self._pages:
            page.scroll_to(y=page.top + rows, animate=False, immediate=True)

    def action_page(self, pages: int) -> None:
        """By ``pages``, less a line that stays for the eye."""
        self.action_scroll(pages * max(1, self._left.rows - 1))

    def action_edge(self, end: int) -> None:
        """To the first line (-1), or the last (1)."""
        self.action_scroll(end * max(page.wanted for page in self._pages))


def _end_of(row: WorkerRow, snapshot: Snapshot) -> Finished | None:
    """How the package of ``row`` ended, if it is said."""
    for end in reversed(snapshot.finished[:]):
        if end.origin == row.origin and end.slot in (row.slot, None):
            return end
    return None
