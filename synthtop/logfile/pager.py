"""Reads a log for a screen, in a thread of its own: a file system that hangs stops no key and no build."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from ..text import clean
from .commands import ONCE, Command, Commands
from .drawing import IsError
from .page import Page
from .source import Source
from .viewer import ErrorsIn, Viewer

LOOK_EVERY = 0.25
"""Seconds between two looks at the file."""
_TELL_EVERY = 0.1
"""Seconds between two pages while something is being done; what takes less is not told before it is done, and
nothing is given up before."""


def _is_error(line: bytes) -> bool:
    from ..errors.finding import is_error  # here: a screen has to wait for no rules

    return is_error(line)


def _errors_in(block: bytes) -> Iterable[int]:
    from ..errors.scanning import errors_in

    return errors_in(block)


class Pager:
    """The log at ``path``; where there is none, ``path`` with ``.gz``, ``.xz`` or ``.zst`` behind it.

    Begins with the line that holds the byte ``offset`` in view; None: at its end, following that. Every
    method returns at once, from any thread; ``tell`` is called, from the pager's thread, whenever
    :attr:`page` is another one.

    What is searched for is found in the text as it was written, without its colours, and shown where the
    clean text has it too. One command that waits behind another of its kind is one with it.

    ``is_error`` says whether a line says what went wrong, ``errors_in`` at which offsets of some lines those
    are; ``open_source`` opens a log, ``clock`` is monotonic seconds.
    """

    def __init__(
        self,
        path: str,
        tell: Callable[[], None],
        offset: int | None = None,
        *,
        is_error: IsError = _is_error,
        errors_in: ErrorsIn = _errors_in,
        open_source: Callable[[str], Source] = Source,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.page = Page(path, following=offset is None)
        """The newest page."""
        self._tell = tell
        self._clock = clock
        self._commands = Commands()
        self._viewer = Viewer(
            path,
            offset,
            is_error=is_error,
            errors_in=errors_in,
            interrupted=self._interrupted,
            open_source=open_source,
        )
        self._doing: Command | None = None
        self._began = 0.0
        # A daemon: a program ends although this hangs.
        self._thread = threading.Thread(target=self._run, name="synthtop-log", daemon=True)
        self._thread.start()

    def resize(self, columns: int, rows: int) -> None:
        """So much of the log is to be seen from now on."""
        self._commands.put("resize", columns, rows)

    def scroll(self, rows: int) -> None:
        """So many rows down, or up where it is negative."""
        self._commands.put("scroll", rows)

    def shift(self, columns: int) -> None:
        """So many columns to the right, or the left."""
        self._commands.put("shift", columns)

    def to_start(self) -> None:
        """To the first line."""
        self._commands.put("to_start")

    def to_end(self) -> None:
        """To the last line, and follow it."""
        self._commands.put("to_end")

    def to_line(self, number: int) -> None:
        """To this line, from 1; beyond the last one: to that."""
        self._commands.put("to_line", number)

    def to_offset(self, offset: int) -> None:
        """To the line that holds this byte, marked as ``"here"``."""
        self._commands.put("to_offset", offset)

    def search(self, text: str, *, regex: bool = False) -> None:
        """Go to the next occurrence from the first row on, round the end of the log.

        Upper and lower case count where ``text`` has a capital letter. ``""`` takes the search back.
        """
        self._commands.put("search", text, regex)

    def again(self, *, forward: bool) -> None:
        """To the next occurrence, or the one before."""
        self._commands.put("again", forward)

    def phase(self, step: int) -> None:
        """To where the next phase begins (1), or the one before (-1)."""
        self._commands.put("phase", step)

    def error(self, step: int) -> None:
        """To the next line that says what went wrong, round the end; or the one before."""
        self._commands.put("error", step)

    def wrap(self, on: bool) -> None:
        """Whether lines that are too long go on in the next row."""
        self._commands.put("wrap", on)

    def save(self, path: str) -> None:
        """Write a copy of the whole log, as it is (unpacked), to a new file at ``path``; the page's note says
        how that went."""
        self._commands.put("save", path)

    def close(self, patience: float = 0.0) -> None:
        """Let go of the file and end the thread, and wait for that up to ``patience`` seconds. Idempotent."""
        self._commands.close()
        if patience > 0:
            self._thread.join(patience)

    # -- the thread --------------------------------------------------------------------------------

    def _run(self) -> None:
        viewer = self._viewer
        look_at = tell_at = self._clock()
        busy = True
        while not self._commands.closed:
            try:
                command = self._commands.take(0.0 if busy else look_at - self._clock(), self._may)
                if command is not None:
                    self._do(command)
                looked_for = viewer.task is not None
                was_busy, busy = busy, viewer.step()
                now = self._clock()
                over = (looked_for and viewer.task is None) or (was_busy and not busy)
                quick = viewer.task is not None and now - self._began < _TELL_EVERY
                if not quick and (command or over or (busy and now >= tell_at)):
                    tell_at = now + _TELL_EVERY
                    self._show(viewer.page())
                if now >= look_at:
                    look_at = now + LOOK_EVERY
                    # What is new is counted before it is told: a little of it has its numbers at once.
                    busy = viewer.look(now) or busy
            except Exception as error:  # noqa: BLE001  (whatever a file makes of us: told, and tried again)
                viewer.lose(clean(f"internal error: {type(error).__name__}: {error}"))
                busy = False
        viewer.close()

    def _interrupted(self) -> bool:
        """Asked during one step that takes long; meanwhile the page says what that is."""
        doing = self._viewer.doing
        if doing != self.page.doing and self._clock() - self._began >= _TELL_EVERY:
            self._show(self.page._replace(doing=doing))
        return self._commands.wanted(self._may)

    def _may(self, command: Command) -> bool:
        """Whether ``command`` may end what is being done."""
        if self._viewer.task is None:
            return True
        if command == self._doing and command.name in ONCE:
            return False
        return self._clock() - self._began >= _TELL_EVERY

    def _do(self, command: Command) -> None:
        viewer, view = self._viewer, self._viewer.view
        meanings: dict[str, Callable[..., None]] = {
            "resize": view.resize,
            "scroll": viewer.scroll,
            "shift": view.shift_by,
            "to_start": viewer.to_start,
            "to_end": viewer.to_end,
            "to_line": viewer.to_line,
            "to_offset": viewer.to_offset,
            "search": viewer.search,
            "again": viewer.again,
            "phase": viewer.phase,
            "error": viewer.error,
            "wrap": view.set_wrap,
            "save": viewer.save,
        }
        before = viewer.task
        viewer.do(meanings[command.name], *command.values)
        if viewer.task is not before:
            self._doing, self._began = command, self._clock()

    def _show(self, page: Page) -> None:
        if page != self.page:
            self.page = page
            if not self._commands.closed:
                self._tell()
