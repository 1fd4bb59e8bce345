"""The builds that could be shown, one line each, to choose one from."""

from __future__ import annotations

from typing import NamedTuple

from textual import events
from textual.geometry import Size
from textual.message import Message

from ..model import Listed, Snapshot, SourceKind, hms
from ..pages import to_begin
from ..parts import Part, Parts, Role, broken
from ..states import ago, listed_word
from ..text import clean, fit, width
from .catalogue import Catalogue, live
from .fields import Field, Line, placed
from .lineview import LineView
from .progress import percent
from .workercolumns import READABLE

_CURSOR = Field(0, "›", Role.CHOSEN)
_NAME_AT_LEAST = 12
_HEADED = 3
"""Rows from which the columns have names."""
_OURS = (SourceKind.RUN, SourceKind.TEXT, SourceKind.JSON)


class Columns(NamedTuple):
    """Where each column begins and how wide it is; one of width 0 is not shown."""

    name: tuple[int, int]
    state: tuple[int, int]
    done: tuple[int, int]
    percent: tuple[int, int]
    failed: tuple[int, int]
    time: tuple[int, int]
    source: tuple[int, int]


_WIDTHS = {"state": 14, "percent": 5, "failed": 8, "time": 11, "done": 12, "source": 11}
"""Columns of all but the name, which has the rest, those before each included; what is worth most first."""
_BEFORE = {"done": 1, "percent": 1}
"""Blank columns before each, where it is not :data:`_GAP`: figures that seldom fill theirs."""
_NAMES = {
    "name": "Build",
    "state": "State",
    "done": "Done",
    "percent": "%",
    "failed": "Failed",
    "time": "Time",
    "source": "Source",
}
_AT_THE_RIGHT = frozenset({"done", "percent", "failed", "time"})
_GAP = 2


def columns_for(columns: int) -> Columns:
    """The columns of a list in a view of ``columns``, whatever the builds are."""
    room = min(columns, READABLE) - 2
    shown: dict[str, int] = {}
    for name, needed in _WIDTHS.items():
        if room - needed >= _NAME_AT_LEAST:
            shown[name] = needed - _BEFORE.get(name, _GAP)
            room -= needed
    places = {"name": (1, max(0, room))}
    x = 1 + max(0, room)
    for name in Columns._fields[1:]:
        x += _BEFORE.get(name, _GAP) if name in shown else 0
        places[name] = x, shown.get(name, 0)
        x += shown.get(name, 0)
    return Columns(**places)


def build_line(build: Listed, at: Columns) -> Line:
    """One build; of one that is over, how long ago that was stands in the place of its time."""
    bright = live(build)
    value, text = (Role.VALUE, Role.TEXT) if bright else (Role.DIM, Role.DIM)
    word = listed_word(build)
    lost = not bright and build.age is not None
    time = ago(build.age or 0) if lost else hms(build.elapsed)
    done = "-" if build.done is None else str(build.done)
    said = {
        "name": Part(clean(build.name) or clean(build.path), value),
        "state": word,
        "done": Part(f"{done}/{'-' if build.queued is None else build.queued}", text),
        "percent": Part(percent(build.done, build.queued), text),
        "failed": Part(str(build.failed), Role.FAILED if build.failed and bright else Role.DIM),
        "time": Part(time, text),
        "source": Part("synthtop" if build.kind in _OURS else str(build.kind), Role.DIM),
    }
    fields = []
    for name, (x, room) in zip(Columns._fields, at, strict=True):
        part = said[name]
        if room and part.text:
            fields.append(Field(x, _in_column(name, part.text, room), part.role))
    return tuple(fields)


def _in_column(name: str, text: str, room: int) -> str:
    if width(text) > room:
        return fit(text, room)
    return text.rjust(room) if name in _AT_THE_RIGHT else text


def heading_line(at: Columns, columns: int) -> Line:
    """The names of the columns, over the whole width."""
    text = ""
    for name, (x, room) in zip(Columns._fields, at, strict=True):
        if room:
            text = text.ljust(x) + _in_column(name, _NAMES[name], room)
    return (Field(0, fit(text, columns), Role.HEADING),)


class Picker(LineView):
    """One line a build under a heading; below them, where there is room, where the chosen one's files are and
    how to begin another."""

    DEFAULT_CSS = """
    Picker { overflow-y: auto; scrollbar-size-vertical: 1; }
    """

    class Opened(Message):
        """The chosen build was clicked."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._catalogue = Catalogue()
        self._problem = ""
        self._opening: tuple[str, int] | None = None

    # -- what it shows -----------------------------------------------------------------------------

    def show(self, snapshot: Snapshot) -> None:
        """Show the builds of ``snapshot``."""
        before = self._catalogue.cursor
        self._catalogue.take(snapshot.builds, snapshot.seq)
        self._problem = clean(snapshot.problem or "")
        if self._opening is not None:
            path, left = self._opening
            self._opening = (path, left - 1) if left else None
        # What the wheel scrolled stays where it is.
        self._shown(follow=self._catalogue.cursor != before)

    @property
    def wanted(self) -> int:
        """Lines that it would take to show all builds, heading included."""
        return 1 + len(self._catalogue)

    @property
    def chosen(self) -> Listed | None:
        """The build that the cursor is on."""
        return self._catalogue.chosen

    def open_chosen(self) -> None:
        """Say that the chosen build is being looked for, until it is shown or has not come."""
        if self.chosen is not None:
            self._opening = self.chosen.path, 1
            self.redraw()

    def come_from(self, path: str) -> None:
        """The build with this path is shown: it is the chosen one when there is a choice again."""
        self._opening = None
        self._catalogue.choose(path)

    # -- what the keys do --------------------------------------------------------------------------

    def move(self, step: int) -> None:
        """The cursor ``step`` rows down."""
        self.move_to(max(0, self._catalogue.cursor + step))

    def move_to(self, row: int) -> None:
        """The cursor on this row, or the nearest that there is; -1 is the last, as in a list."""
        self._catalogue.put(row if row >= 0 else row + len(self._catalogue))
        self._shown()

    def page(self, pages: int) -> None:
        """The cursor ``pages`` down, less a line that stays for the eye."""
        self.move(pages * max(1, self._body - 1))

    def on_resize(self) -> None:
        """The cursor stays where it is seen."""
        self._shown()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        row = event.y - self._heading + self.top
        if event.y < self._heading or row >= len(self._catalogue):
            return
        # The first of two clicks may have been meant for a row that has moved meanwhile.
        if row == self._catalogue.cursor:
            self.post_message(self.Opened())
        else:
            self.move_to(row)

    # -- drawing -----------------------------------------------------------------------------------

    @property
    def _heading(self) -> int:
        return 1 if self.rows >= _HEADED else 0

    @property
    def _body(self) -> int:
        """How many rows there is room for."""
        return max(1, self.rows - self._heading)

    def _shown(self, *, follow: bool = True) -> None:
        """Draw what has changed; with ``follow`` the cursor's row is made visible."""
        size = Size(0, self._heading + len(self._catalogue))
        if self.virtual_size.height != size.height:
            self.virtual_size = size
        cursor, top = self._catalogue.cursor, self.top
        if follow:
            top = max(cursor - self._body + 1, min(top, cursor))
        top = max(0, min(top, len(self._catalogue) - self._body))
        if top != self.top:
            self.scroll_to(y=top, animate=False, immediate=True)
        self.redraw()

    def line_at(self, y: int) -> Line:
        # The scrollbar's column is kept free whether it is there or not: nothing jumps when it comes.
        columns = self.columns if self.show_vertical_scrollbar else self.columns - 1
        at = columns_for(columns)
        if y < self._heading:
            return heading_line(at, self.columns)
        number = y - self._heading + self.top
        if number < len(self._catalogue):
            build = self._catalogue[number]
            line = build_line(build, at)
            if self._opening is not None and self._opening[0] == build.path:
                line = tuple(_opening(field, at) for field in line)
            return (_CURSOR, *line) if number == self._catalogue.cursor else line
        below = self._below(columns)
        number -= len(self._catalogue)
        return placed(below[number], 1) if number < len(below) else ()

    def ground_at(self, y: int) -> Role | None:
        """The chosen row's ground."""
        number = y - self._heading + self.top
        on = y >= self._heading and number == self._catalogue.cursor < len(self._catalogue)
        return Role.CHOSEN if on else None

    def _below(self, columns: int) -> list[Parts]:
        """What stands under the list, in whole paragraphs, as many as there is room for."""
        room, columns = self._body - len(self._catalogue), max(1, min(columns, READABLE) - 2)
        chosen = self.chosen
        paragraphs: list[list[Parts]] = []
        if self._problem:
            paragraphs.append([(Part(line, Role.STALLED),) for line in broken(self._problem, columns)])
        if chosen is not None:
            paragraphs.append([(Part(line, Role.DIM),) for line in broken(clean(chosen.path), columns)])
        paragraphs.append(to_begin(columns))
        lines: list[Parts] = []
        for paragraph in paragraphs:
            if paragraph and len(lines) + 1 + len(paragraph) <= room:
                lines += [(), *paragraph]
        return lines


def _opening(field: Field, at: Columns) -> Field:
    """The state's place says what is being done."""
    if at.state[1] and field.x == at.state[0]:
        return Field(field.x, "opening…", Role.KEY)
    return field
