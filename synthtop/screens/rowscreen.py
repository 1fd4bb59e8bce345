"""A screen about a list of packages: the keys that move in it, and the one that opens a log."""

from __future__ import annotations

from typing import Any

from ..model import Finished, Snapshot
from ..parts import Part, Parts, Role
from ..text import clean
from ..widgets.rows import Rows
from .command import Command, Key
from .subscreen import OpenLog, SubScreen

_NOTED = 5
"""Snapshots for which a note is to be read, unless the cursor is moved before."""

LOG: tuple[Command[Any], ...] = (
    Command(
        "enter",
        "Read the log of the package, or click it once more.",
        (Key("enter", "screen.log"),),
        applies=lambda now: now.rows.count > 0,
        word=lambda now: "Log",
        weight=90,
    ),
    Command("l", "The same.", (Key("l", "screen.log"),)),
)
MOVING: tuple[Command[Any], ...] = (
    Command(
        "↑↓",
        "Mark a package.",
        (Key("up", "screen.move(-1)"), Key("down", "screen.move(1)")),
        applies=lambda now: now.rows.count > 0,
        word=lambda now: "Select",
        weight=30,
    ),
    Command(
        "pgup pgdn",
        "The same by a screenful.",
        (Key("pageup", "screen.page(-1)"), Key("pagedown", "screen.page(1)")),
    ),
    Command(
        "home end",
        "The same, to the first and the last.",
        (Key("home", "screen.edge(-1)"), Key("end", "screen.edge(1)")),
    ),
)


class RowScreen(SubScreen):
    """Subclasses say what their :attr:`rows` are, and which package is :attr:`looked_at`."""

    rows: Rows

    def __init__(self, *, own: bool = False) -> None:
        super().__init__(own=own)
        self._note = ""
        self._noted = 0

    @property
    def looked_at(self) -> Finished | None:
        """The package that keys are about; None where there is none."""
        # No ABC: Textual's widgets have a metaclass of their own.
        raise NotImplementedError

    def offset_of(self, package: Finished) -> int | None:
        """The byte of the package's log that it is to be read from; None: from its end."""
        return None

    # -- notes -------------------------------------------------------------------------------------

    def note(self, text: str) -> None:
        """Say this beside the title, for some snapshots."""
        self._note = clean(text)
        self._noted = self.snapshot.seq if self.snapshot is not None else 0
        self.show_lines()

    def noted(self) -> Parts:
        """The note, where there is one, behind what the title says."""
        return (Part("  ", Role.LABEL), Part(self._note, Role.THROTTLED)) if self._note else ()

    def take(self, snapshot: Snapshot) -> None:
        if self._note and not 0 <= snapshot.seq - self._noted < _NOTED:
            self._note = ""

    # -- keys --------------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        """The cursor by ``step`` rows."""
        self.rows.move(step)

    def action_page(self, pages: int) -> None:
        """The cursor by ``pages``, less a line that stays for the eye."""
        self.rows.page(pages)

    def action_edge(self, end: int) -> None:
        """To the first row (-1), or the last (1)."""
        self.rows.move_to(0 if end < 0 else -1)

    def on_rows_moved(self, message: Rows.Moved) -> None:
        # Of a build that is over no snapshot comes any more.
        if self._note:
            self._note = ""
            self.show_lines()

    def on_rows_opened(self, message: Rows.Opened) -> None:
        self.action_log()

    def action_log(self) -> None:
        """Read the log of the package, if it has one."""
        package = self.looked_at
        if package is None:
            return
        if package.log is None:
            self.note(f"no log of {package.origin} is known")
        else:
            self.post_message(OpenLog(package.log, package.origin, self.offset_of(package)))
