"""A package's log: read, searched, and handed to other programs."""

from __future__ import annotations

import os
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, ClassVar

from textual.app import SuspendNotSupported
from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget

from ..logfile.page import Page
from ..logfile.pager import Pager
from ..model import HOLDING, Finished, Outcome, Snapshot, WorkerRow, hms
from ..parts import Part, Parts, Role
from ..text import clean, width
from ..widgets.filterline import MOST, MOST_OF_A_PATH, FilterLine
from ..widgets.logview import LogStatus, LogView, told_of
from . import outside, programs
from .command import Command, bindings_of
from .logkeys import COMMANDS
from .subscreen import SubScreen

_COLUMNS = 8
"""By how many columns the left and right keys shift."""
_WHEEL = 3
"""Rows that a step of the mouse's wheel scrolls."""
_STATUS_FROM = 7
"""Rows of the terminal from which there is always a line that says where in the log this is."""
_PACKED = (".gz", ".xz", ".zst")
_STATE_COLUMNS = 32
"""Columns of the title that are for how the build stands."""


class PageCame(Message):
    """There is a newer page. Says not which: the newest is shown."""


class LogScreen(SubScreen):
    """The log at ``path``, of ``origin``; from the byte ``offset`` on, or from its end.

    ``pager`` makes what reads it. ``run`` lets another program have the terminal, and says why it could not.
    """

    OFFERED: ClassVar[Sequence[Command[Any]]] = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(COMMANDS)
    OPENS = {"slash": "action_search", "colon": "action_ask_line", "S": "action_save"}  # noqa: RUF012

    def __init__(
        self,
        path: str,
        origin: str,
        offset: int | None = None,
        *,
        pager: Callable[[str, Callable[[], None], int | None], Pager] = Pager,
        run: Callable[[Sequence[str]], str] = outside.run,
    ) -> None:
        super().__init__()
        self._path, self._origin, self._offset = path, origin, offset
        self._make = pager
        self._outside = run
        self._pager: Pager | None = None
        self._page: Page | None = None
        self._told = False
        self._said = ""
        self._view = LogView()
        self._status = LogStatus()
        self._room = (0, 0)
        # One for each time that something was asked for and not answered yet, with what is typed so far: the
        # keys of the next question may be waiting in the queue before the end of the last one.
        self._asked: deque[tuple[Callable[[str], None], str]] = deque()
        self._regex = False
        self._end: Finished | None = None
        self._end_of: tuple[int, Finished | None] | None = None

    def body(self) -> Iterator[Widget]:
        yield from (self._view, self._status)

    # -- what it shows -----------------------------------------------------------------------------

    def headline(self) -> Parts:
        parts = [Part("Log", Role.LABEL), Part(f"  {clean(self._origin)}", Role.ORIGIN), *self._course()]
        path = f"  {clean(self._path)}"
        if sum(width(part.text) for part in parts) + width(path) + _STATE_COLUMNS <= self.app.size.width:
            parts.append(Part(path, Role.DIM))
        return tuple(parts)

    def _course(self) -> Parts:
        """How far the package is, or how it ended."""
        if self.snapshot is None:
            return ()
        row = next((row for row in self.snapshot.workers if self._is_its(row)), None)
        if row is not None:
            phase = Part(
                f"  {clean(row.phase or str(row.state))}", Role.STALLED if row.stalled else Role.PHASE
            )
            stalled = " stalled" if row.stalled else ""
            return phase._replace(text=phase.text + stalled), Part(f" {hms(row.elapsed)}", Role.LABEL)
        end = self._found_end(self.snapshot)
        if end is None:
            return ()
        where = f" in {clean(end.phase)}" if end.phase and end.outcome is Outcome.FAILED else ""
        took = Part(f", {hms(end.duration)}", Role.LABEL)
        return Part(f"  {end.outcome}{where}", Role(end.outcome.value)), *((took,) if end.duration else ())

    def _is_its(self, row: WorkerRow) -> bool:
        return row.origin == self._origin and row.state in HOLDING and row.log in (None, self._path)

    def _found_end(self, snapshot: Snapshot) -> Finished | None:
        """How the package ended, looked for only where something more has ended: there may be 50,000."""
        finished = snapshot.finished
        end_of = len(finished), finished[-1] if len(finished) else None
        if end_of != self._end_of:
            self._end_of = end_of
            indexes = range(len(finished) - 1, -1, -1)
            ends = (finished[index] for index in indexes)
            self._end = next((end for end in ends if end.origin == self._origin), None)
        return self._end

    @property
    def page(self) -> Page | None:
        """What is to be seen; None before the first of it was read."""
        return self._page

    @property
    def numbered(self) -> bool:
        """Whether the lines have their numbers before them."""
        return self._view.numbered

    def _tell(self) -> None:
        # From the pager's thread, and one message at a time: a log may grow faster than it is drawn.
        if not self._told:
            self._told = True
            # The app may be ending: then nobody is there to be told.
            with suppress(RuntimeError):
                self.post_message(PageCame())

    def on_page_came(self) -> None:
        self._told = False
        if self._pager is not None:
            before, self._page = self._page, self._pager.page
            self._show_page()
            if before is None or (before.pattern, before.wrap) != (self._page.pattern, self._page.wrap):
                self.show_lines()

    def _show_page(self) -> None:
        with self.app.batch_update():
            self._view.show(self._page)
            self._show_status()
            self._take_room()

    def _show_status(self) -> None:
        self._status.show(self._page, self._said)
        # Where there is hardly room for the text, only if there is something to tell.
        news = self._page is not None and told_of(self._page._replace(following=False), self._said)
        self._status.display = self.app.size.height >= _STATUS_FROM or bool(news)

    def _say(self, text: str) -> None:
        """Say what came of something, until something else is done."""
        if text != self._said:
            self._said = text
            self._show_status()

    def _take_room(self) -> None:
        if self._pager is not None and self._view.rows and self._view.room != self._room:
            self._room = self._view.room
            self._pager.resize(*self._room)

    # -- its life ----------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self._pager = self._make(self._path, self._tell, self._offset)

    def on_resize(self) -> None:
        self._show_status()

    def on_log_view_resized(self) -> None:
        self._take_room()

    def on_unmount(self) -> None:
        if self._pager is not None:
            self._pager.close()

    # -- moving ------------------------------------------------------------------------------------

    @property
    def _log(self) -> Pager:
        """What a key is for; what was said of the last one is old now."""
        assert self._pager is not None, "keys come after the first frame"
        self._say("")
        return self._pager

    def action_scroll(self, rows: int) -> None:
        """So many rows down."""
        self._log.scroll(rows)

    def action_page(self, halves: int) -> None:
        """So many half screens down; of a whole one a row stays for the eye."""
        rows = self._view.room[1]
        self._log.scroll(halves // 2 * max(1, rows - 1) if halves % 2 == 0 else halves * max(1, rows // 2))

    def action_edge(self, end: int) -> None:
        """To the first line (-1), or to the last one, to follow it (1)."""
        if end < 0:
            self._log.to_start()
        else:
            self._log.to_end()

    def action_shift(self, steps: int) -> None:
        """To the right, or the left."""
        self._log.shift(steps * _COLUMNS)

    def action_phase(self, step: int) -> None:
        """To the phase after, or before."""
        self._log.phase(step)

    def action_error(self, step: int) -> None:
        """To the error after, or before."""
        self._log.error(step)

    def action_again(self, step: int) -> None:
        """To the next place where it says what is searched for, or the one before."""
        if self._page is not None and self._page.pattern:
            self._log.again(forward=step > 0)
        else:
            self._say("nothing is searched for: / does")

    def action_wrap(self) -> None:
        """Wrap lines that are too long, or don't."""
        self._log.wrap(self._page is None or not self._page.wrap)

    def action_numbers(self) -> None:
        """Put the lines' numbers before them, or don't."""
        self._view.numbered = not self._view.numbered
        self._take_room()

    def on_mouse_scroll_up(self) -> None:
        self.action_scroll(-_WHEEL)

    def on_mouse_scroll_down(self) -> None:
        self.action_scroll(_WHEEL)

    def action_back(self) -> None:
        """Take back the search; where there is none, go back."""
        if self._page is not None and self._page.pattern:
            self._log.search("")
        else:
            self.action_close()

    # -- what is typed -----------------------------------------------------------------------------

    def _ask(
        self, answer: Callable[[str], None], sign: str, prompt: str, text: str = "", most: int = MOST
    ) -> None:
        self._asked.append((answer, text))
        self.line.open(text, sign=sign, prompt=prompt, most=most)
        self.line.note("")
        self._say("")
        self.show_lines()

    def action_search(self) -> None:
        """Have typed what is to be searched for."""
        self._ask(self._search, "/", self._prompt)
        self._note_kind()

    @property
    def _prompt(self) -> str:
        return "Regex: " if self._regex else "Search: "

    def _note_kind(self) -> None:
        self.line.note("ctrl+r: text" if self._regex else "ctrl+r: regex")

    def action_regex(self) -> None:
        """Take what is typed for a regular expression, or for a text again."""
        if self.line.typing and self._asked and self._asked[-1][0] == self._search:
            self._regex = not self._regex
            self.line.open(self.line.text, sign="/", prompt=self._prompt)
            self._note_kind()

    def _search(self, text: str) -> None:
        if text:
            self._log.search(text, regex=self._regex)
        else:
            self.action_again(1)

    def action_ask_line(self) -> None:
        """Have a line's number typed."""
        self._ask(self._go_to, ":", "Line: ")
        self.line.note("or 50%")

    def _go_to(self, text: str) -> None:
        text = text.strip().replace(",", "")
        figure = text.removesuffix("%")
        if not figure:
            return
        if not (figure.isascii() and figure.isdecimal() and len(figure) <= 18):
            self._say(f"not a line's number: {text}")
        elif figure == text:
            self._log.to_line(max(1, int(figure)))
        elif self._page is not None:
            self._log.to_offset(max(0, min(100, int(figure)) * self._page.size // 100 - 1))

    def action_save(self) -> None:
        """Have typed where a copy is to be saved."""
        name = os.path.basename(self._path)
        for packed in _PACKED:
            name = name.removesuffix(packed)
        self._ask(self._save, "S", "Save to: ", clean(f"./{name}"), MOST_OF_A_PATH)

    def _save(self, text: str) -> None:
        if text.strip():
            self._log.save(os.path.expanduser(text.strip()))

    def on_filter_line_changed(self, message: FilterLine.Changed) -> None:
        if self._asked:
            self._asked[0] = self._asked[0][0], message.text

    def on_filter_line_done(self, message: FilterLine.Done) -> None:
        if self._asked:
            answer, text = self._asked.popleft()
            if message.kept:
                answer(text)
        self.show_lines()

    # -- other programs ----------------------------------------------------------------------------

    def action_edit(self) -> None:
        """Open it in the user's editor."""
        if self._can_hand_over():
            self._run(programs.editor(os.environ, self._file, self._line_number))

    def action_pager(self) -> None:
        """Open it in the user's pager."""
        if self._can_hand_over():
            at_end = self._page is not None and self._page.following
            argv = programs.pager(
                os.environ, self._file, self._line_number, at_end=at_end, found=shutil.which
            )
            self._run(argv)

    @property
    def _file(self) -> str:
        return self._path if self._page is None else self._page.path

    @property
    def _line_number(self) -> int | None:
        """That of the line which a jump went to, if it is to be seen; else of the first one."""
        rows = self._page.rows if self._page is not None else ()
        there = [row for row in rows if row.mark == "here"] or rows
        return there[0].number if there else None

    def _can_hand_over(self) -> bool:
        if self._file.endswith(_PACKED):
            self._say("it is compressed: save a copy with S, and open that")
            return False
        return True

    def _run(self, argv: list[str]) -> None:
        # Nothing of ours is drawn meanwhile: this waits. Whatever does not draw has its own thread.
        try:
            with self.app.suspend():
                told = self._outside(argv)
        except SuspendNotSupported:
            told = "this terminal cannot be given away"
        self._say(told)
