"""The help: what the keys do, and how to read what is on the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.screen import ModalScreen

from ..model import SILENT_AFTER, Totals
from ..parts import Part, Parts, Role, broken
from ..text import fit, width
from ..widgets.fields import Line, placed
from ..widgets.lineview import LineView
from ..widgets.progress import bar
from .command import Command
from .compositor import ExactScreen
from .keys import COMMANDS

WIDTH = 78
_FRAME_FROM = 12
"""Rows of the terminal from which the help has a frame."""
_TERM = 12
_BESIDE_FROM = 36
"""Columns from which a sentence stands beside its term, and not below."""


class Entry(NamedTuple):
    """A term in the look that it has on the screen, and what it means."""

    term: str
    meaning: str
    role: Role = Role.VALUE


_HEADER = (
    Entry("Workers", "packages being built / slots there are"),
    Entry("Load", "the host's load average of the last minute"),
    Entry("Swap", "percent of the swap space in use"),
    Entry("DynMax", "how many packages may be built at once now"),
    Entry("Elapsed", "time since the build began"),
    Entry("Rate", "packages per hour, by the last 60 seconds; (run): by the whole build"),
    Entry("Impulse", "packages done in the last second; (10m): per hour, by the last 10 minutes"),
    Entry("Run", "packages per hour, by the whole build"),
    Entry("Queued", "packages to be built, those that are done included"),
    Entry("ETA", "time to go, by what packages took before; ± is by how much that may well be wrong"),
)
_BAR = (
    (Totals(1, built=1), Entry("built", "all went well", Role.BUILT)),
    (Totals(1, meta=1), Entry("meta", "has nothing to be built: its dependencies are there", Role.META)),
    (Totals(1, failed=1), Entry("failed", "could not be built", Role.FAILED)),
    (Totals(1, ignored=1), Entry("ignored", "is not to be built, for the reason in the log", Role.IGNORED)),
    (Totals(1, skipped=1), Entry("skipped", "needs one that failed or is ignored", Role.SKIPPED)),
    (Totals(1), Entry("to go", "none of these yet", Role.LABEL)),
)
_STATES = (
    Entry("building", "all is well"),
    Entry(
        "throttled",
        "fewer packages may start than there are workers; the reason stands beside DynMax: high load, high "
        "swap, memory, or a limit by hand",
        Role.THROTTLED,
    ),
    Entry(
        "stalled",
        "a package whose phase and log have not moved for too long: its row has a ! before the phase",
        Role.STALLED,
    ),
    Entry(
        "low space",
        "a file system with logs or work directories is nearly full: the log says which",
        Role.STALLED,
    ),
    Entry("draining", "nothing more is started, what runs may finish", Role.THROTTLED),
    Entry("stopping", "what runs is being ended; killing: by force", Role.THROTTLED),
    Entry("FROZEN", "the screen stands still, the build does not", Role.FROZEN),
    Entry("finished", "all packages are done", Role.BUILT),
    Entry("interrupted", "ended before all packages were done", Role.THROTTLED),
    Entry("waiting", "there is no build to be shown yet"),
    Entry(
        "not updating",
        f"the build is there, and has said nothing for {SILENT_AFTER} seconds or more",
        Role.STALLED,
    ),
    Entry("gone", "the build went away without having finished: these are its last numbers", Role.FAILED),
    Entry("stale", "old numbers, and nothing says whether that build still runs", Role.STALLED),
    Entry("unreadable", "the file with the numbers cannot be read; it is tried again", Role.FAILED),
)


def _explained(entry: Entry, columns: int, sign: Parts = ()) -> Iterator[Parts]:
    """An entry's lines: the meaning beside the term, or below it where that is narrow."""
    term = (*sign, Part(entry.term, entry.role))
    indent = _TERM + 2 if columns >= _BESIDE_FROM else 2
    taken = sum(width(part.text) for part in term)
    first = indent - taken if taken < indent - 1 and columns >= _BESIDE_FROM else 0
    lines = list(broken(entry.meaning, max(8, columns - indent)))
    if first:
        yield (*term, Part(" " * first + lines.pop(0), Role.TEXT))
    else:
        yield term
    for line in lines:
        yield (Part(" " * indent + line, Role.TEXT),)


def help_lines(
    columns: int,
    commands: Sequence[Command[Any]] = COMMANDS,
    *,
    whole: bool = True,
    colourless: bool = False,
    framed: bool = True,
) -> list[Parts]:
    """What the ``commands`` do, in lines of ``columns``; with ``whole`` also what is on the main screen.

    Where no frame says how it is closed, its first line does.
    """
    lines: list[Parts] = []

    def section(title: str) -> None:
        if lines:
            lines.append(())
        lines.append((Part(fit(title, columns), Role.HEADING),))

    section("Keys" if framed else "Keys (esc: close)")
    for command in commands:
        lines.extend(_explained(Entry(command.written, command.sentence, Role.KEY), columns))
    if not whole:
        return lines
    lines.extend(_explained(Entry("mouse", "Mark a row, sort by a heading, scroll, click a key."), columns))
    section("The header")
    for entry in _HEADER:
        lines.extend(_explained(entry, columns))
    section("The bar")
    for totals, entry in _BAR:
        sample = tuple(Part(f"{one.text} ", one.role) for one in bar(totals, 2, colourless=colourless))
        lines.extend(_explained(entry, columns, sample))
    section("How the build stands")
    for entry in _STATES:
        lines.extend(_explained(entry, columns))
    return lines


class HelpText(LineView):
    """The help's lines, as far as they are scrolled."""

    DEFAULT_CSS = """
    HelpText {
        background: $surface;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        &.framed { border: round $accent; padding: 0 1; }
    }
    """

    def __init__(self, commands: Sequence[Command[Any]], *, whole: bool) -> None:
        super().__init__()
        self._commands = commands
        self._whole = whole
        self.border_title = "Help"
        self.border_subtitle = "esc Close"
        self._lines: Sequence[Parts] = ()

    def room(self, columns: int, rows: int) -> None:
        """Take a size that fits on a terminal of this one."""
        framed = rows >= _FRAME_FROM and columns >= _BESIDE_FROM
        self.set_class(framed, "framed")
        columns = min(columns, WIDTH)
        # A frame with a blank within at each side; and the scrollbar's column.
        room = max(1, columns - (4 if framed else 0) - 2)
        self._lines = help_lines(
            room, self._commands, whole=self._whole, colourless=self.colourless, framed=framed
        )
        self.styles.width = columns
        self.styles.height = min(rows, len(self._lines) + (2 if framed else 0))
        self.virtual_size = Size(0, len(self._lines))
        self.refresh()

    def line_at(self, y: int) -> Line:
        index = y + self.top
        return placed(self._lines[index]) if index < len(self._lines) else ()


class Help(ExactScreen[None], ModalScreen[None]):
    """Over the screen whose ``commands`` they are, which goes on below it, until a key closes it."""

    CSS = """
    Help { align: center middle; overflow: hidden hidden; background: transparent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "close", show=False),
        Binding("up", "scroll(-1)", show=False),
        Binding("down", "scroll(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
        Binding("home", "page(-1000)", show=False),
        Binding("end", "page(1000)", show=False),
    ]

    def __init__(self, commands: Sequence[Command[Any]] = COMMANDS, *, whole: bool = True) -> None:
        super().__init__()
        self._text = HelpText(commands, whole=whole)

    def compose(self) -> ComposeResult:
        yield self._text

    def on_mount(self) -> None:
        self._text.room(*self.app.size)

    def on_resize(self, event: events.Resize) -> None:
        self._text.room(*event.size)

    def on_click(self, event: events.Click) -> None:
        # Beside the text; of a double click the first counts.
        if event.widget is self:
            self.action_close()

    def action_close(self) -> None:
        if self.app.screen is self:
            self.dismiss()

    def action_scroll(self, rows: int) -> None:
        self._text.scroll_to(y=self._text.top + rows, animate=False, immediate=True)

    def action_page(self, pages: int) -> None:
        """By ``pages``, less a line that stays for the eye."""
        self.action_scroll(pages * max(1, self._text.rows - 1))
