"""A screen over the main one: a title line, something to look at, and a footer of keys; ``esc`` goes back.

The build goes on below it, and each snapshot is shown by whoever is on top.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget

from ..model import Snapshot, WorkerRow
from ..parts import Part, Parts, Role, cut, joined, whole
from ..states import state_parts
from ..text import fit, width
from ..widgets.fields import Line, placed
from ..widgets.filterline import FilterLine
from ..widgets.footer import KeyBar
from ..widgets.lineview import LineView
from .command import Command, Key, bindings_of, hints_of
from .compositor import ExactScreen
from .typing import Typing

COMMON: tuple[Command[Any], ...] = (
    Command(
        "?", "Say what the keys do.", (Key("question_mark", "app.help"),), word=lambda now: "Help", weight=20
    ),
    Command(
        "esc",
        "Go back.",
        (Key("escape", "screen.close"), Key("q", "screen.close")),
        word=lambda now: "Back",
        weight=100,
    ),
)
"""What every one of them has at the end of its commands."""


class OpenLog(Message):
    """The log at ``path``, of ``origin``, is to be read, from the byte ``offset`` on; None: from its end."""

    def __init__(self, path: str, origin: str, offset: int | None = None) -> None:
        super().__init__()
        self.path = path
        self.origin = origin
        self.offset = offset


class EndPackage(Message):
    """The package of this row is to be killed or skipped, after a question."""

    def __init__(self, row: WorkerRow) -> None:
        super().__init__()
        self.row = row


class Retry(Message):
    """These failed packages are to be queued again; ``answer`` is told whether that could be asked for."""

    def __init__(self, origins: tuple[str, ...], answer: Callable[[bool], None]) -> None:
        super().__init__()
        self.origins = origins
        self.answer = answer


class TitleLine(LineView):
    """What is looked at, and at the right how the build stands meanwhile."""

    DEFAULT_CSS = """
    TitleLine { height: 1; background: $panel; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._title: Parts = ()
        self._state: Parts = ()

    def show(self, title: Parts, state: Parts) -> None:
        """Say these from now on."""
        self._title, self._state = title, state
        self.redraw()

    def line_at(self, y: int) -> Line:
        if y:
            return ()
        columns = max(0, self.columns - 2)
        # What the screen is about comes first; of the state as much as is left.
        title = cut(self._title, min(columns, width(joined(self._title))))
        room = columns - width(joined(title)) - 2
        state = whole(self._state, max(0, room))
        line = placed(title, 1)
        return (*line, *placed(state, columns + 1 - width(joined(state)))) if state else line


class SubScreen(Typing, ExactScreen[None]):
    """Subclasses yield what is between title and footer from :meth:`body`, say their :meth:`headline`, list
    what they have :attr:`OFFERED`, of which each is asked about the screen itself, and :meth:`take` each
    snapshot.

    ``own`` says that the build can be told what to do from here.
    """

    # Or it would be for what is within a subclass alone.
    SCOPED_CSS = False
    DEFAULT_CSS = """
    SubScreen { background: $background; overflow: hidden hidden; layout: vertical; }
    SubScreen KeyBar, SubScreen FilterLine { height: 1; }
    """
    OFFERED: ClassVar[Sequence[Command[Any]]] = COMMON
    """With :data:`COMMON` at the end; ``BINDINGS`` are to be made of them."""
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(COMMON)
    MEANWHILE = ""
    """What is said before how the build stands, where the title is of another one."""

    def __init__(self, *, own: bool = False) -> None:
        super().__init__()
        self.own = own
        self.snapshot: Snapshot | None = None
        self.line = FilterLine()
        self.line.display = False
        self._head = TitleLine()
        self._keys = KeyBar()

    def compose(self) -> ComposeResult:
        yield self._head
        yield from self.body()
        yield from (self._keys, self.line)

    def body(self) -> Iterator[Widget]:
        """The widgets between title and footer."""
        # No ABC: Textual's widgets have a metaclass of their own.
        raise NotImplementedError

    def headline(self) -> Parts:
        """What is looked at."""
        raise NotImplementedError

    def take(self, snapshot: Snapshot) -> None:
        """The newest snapshot has come; :attr:`snapshot` is it already."""

    def show(self, snapshot: Snapshot) -> None:
        """Show this snapshot, the newest one."""
        self.snapshot = snapshot
        if self.is_mounted:
            with self.app.batch_update():
                self.take(snapshot)
                self.show_lines()

    def show_lines(self) -> None:
        """Say title and keys anew."""
        state: Parts = ()
        if self.snapshot is not None:
            done, queued = self.snapshot.totals.done, self.snapshot.totals.queued
            count = f"  {done}/{'-' if queued is None else queued}" if self.snapshot.is_build else ""
            first, *more = state_parts(self.snapshot)
            first = first._replace(text=self.MEANWHILE + first.text)
            state = (first, *more, Part(count, Role.LABEL))
        self._head.show(self.headline(), state)
        self._keys.show(hints_of(self.OFFERED, self))
        self._keys.display = not self.line.typing
        self.line.display = self.line.typing

    def on_mount(self) -> None:
        if self.snapshot is not None:
            self.take(self.snapshot)
        self.show_lines()

    def on_resize(self) -> None:
        self.show_lines()

    def action_close(self) -> None:
        """Back to what was there before."""
        if self.app.screen is self:
            self.dismiss()


def heading(text: str) -> Parts:
    """A title in one part."""
    return (Part(fit(text, width(text)), Role.VALUE),)
