"""The event log, newest line first."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from textual.geometry import Size
from textual.widget import Widget

from ..model import LogKind, LogLine, View, hms
from ..parts import Role
from ..text import clean, fit, width
from .fields import Field, Line
from .lineview import LineView
from .ordering import finder, nothing_found
from .workercolumns import READABLE

_ROLES = {
    LogKind.START: Role.TEXT,
    LogKind.BUILT: Role.BUILT,
    LogKind.FAILED: Role.FAILED,
    LogKind.IGNORED: Role.IGNORED,
    LogKind.SKIPPED: Role.SKIPPED,
    LogKind.META: Role.META,
    LogKind.THROTTLE: Role.DIM,
    LogKind.STALLED: Role.STALLED,
    LogKind.NOTE: Role.LABEL,
}
_TAILS = {
    LogKind.START: re.compile(r"(?P<head>.*?\S) +(?P<tail>idep=.+)"),
    LogKind.BUILT: re.compile(r"(?P<head>.*?\S) +(?P<tail>[\d:-]+)"),
    LogKind.FAILED: re.compile(r"(?P<head>.*?\S) +(?P<tail>\S+ +[\d:-]+)"),
    LogKind.THROTTLE: re.compile(r"(?P<head>.*\S) +(?P<tail>Adjust Workers .+)"),
}
"""What stands at the right: what dsynth says of dependencies, a success's duration, a failure's phase and
duration, and, where a throttle's figures leave it no room, what it did."""
_HEAD_AT_LEAST = 30
"""Columns that a line's beginning is left with, or its end goes."""
_KEPT = 500
"""Lines as they are drawn that are kept at most: more than any screen has."""


def log_line(line: LogLine, columns: int) -> Line:
    """``HH:MM:SS  text``; what :data:`_TAILS` says is put at the right, under the table's last column."""
    role = _ROLES[line.kind]
    x = 11 if columns >= 48 else 10
    timed = columns >= 28
    if not timed:
        x = 1
    fields = [Field(1, hms(line.at), Role.DIM)] if timed else []
    text, room = clean(line.text), max(0, columns - 1 - x)
    fits = width(text) <= room
    pattern = None if fits and line.kind is LogKind.THROTTLE else _TAILS.get(line.kind)
    if pattern is not None and (match := pattern.fullmatch(text)):
        text, tail = match["head"], " ".join(match["tail"].split())
        edge = min(columns - 1, READABLE) - 1
        left = edge - x - width(tail) - 1
        if left >= min(width(text), _HEAD_AT_LEAST):
            room = left
            fields.append(Field(edge - width(tail), tail, role))
    fields.append(Field(x, text if width(text) <= room else fit(text, room), role))
    return tuple(sorted(fields))


class Matching:
    """The lines of a log that have a text in them; of a log that grows only what is new is looked at."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines: list[LogLine] = []
        """What was found, oldest first."""
        self._finds = finder(text)
        self._last: LogLine | None = None

    def take(self, log: View[LogLine]) -> int:
        """This is the log now; tells how many lines more were found in what is new."""
        size, last = len(log), self._last
        start = known = 0
        if last is not None:
            start = known = bisect_right(log, last.seq, key=_seq)
            if not known or log[known - 1] != last:
                # Another log: of another build, or one of which all that was known is gone.
                known = 0
            if not known or log[known - 1] is not last:
                # Read again, or another one all the same: two builds may end in the same line.
                start = 0
                self.lines.clear()
        finds = self._finds
        found = [line for line in log[start:size] if finds(clean(line.text))]
        self.lines += found
        self._last = log[-1] if size else None
        if size:
            del self.lines[: bisect_left(self.lines, log[0].seq, key=_seq)]
        return len(found) - (bisect_right(found, last.seq, key=_seq) if known and last is not None else 0)


def _seq(line: LogLine) -> int:
    return line.seq


class EventLog(LineView):
    """As much of a snapshot's log as is visible. Scrolled back it stays where it is as lines come."""

    NEVER_BOLD = frozenset((Role.BUILT, Role.META))
    DEFAULT_CSS = """
    EventLog {
        overflow-y: auto;
        border-top: solid $panel;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._log: View[LogLine] = View()
        self._matching: Matching | None = None
        self._made: dict[int, tuple[LogLine, Line]] = {}
        self._made_for: Size | None = None
        self._of_none = ""

    def show(self, log: View[LogLine], *, of_none: str = "") -> None:
        """Show this log; where nothing is in it, say ``of_none``, why that is."""
        self._of_none = of_none
        old = self._log
        newest = old[-1].seq if len(old) else 0
        self._log = log
        if self._matching is not None:
            new = self._matching.take(log)
        else:
            new = log[-1].seq - newest if len(log) else 0
        self._resize()
        if self.top and new:
            self.scroll_to(y=self.top + new, animate=False, immediate=True)
        self.redraw()

    def filter(self, text: str) -> None:
        """Show the lines that have ``text`` in them alone, the newest first; all where it is empty."""
        if text == (self._matching.text if self._matching is not None else ""):
            return
        self._matching = Matching(text) if text else None
        if self._matching is not None:
            self._matching.take(self._log)
        self._resize()
        self.scroll_to(y=0, animate=False, immediate=True)
        self.redraw()

    def move(self, step: int) -> None:
        """Scroll ``step`` lines down, to what is older."""
        self.scroll_to(y=self.top + step, animate=False, immediate=True)

    @property
    def wanted(self) -> int:
        """Lines that it would take to show all that the filter leaves."""
        return len(self._lines)

    @property
    def _lines(self) -> Sequence[LogLine]:
        """What is shown, oldest first."""
        return self._log if self._matching is None else self._matching.lines

    def _resize(self) -> None:
        size = Size(0, self.wanted)
        if not self.rows or (size.height > self.rows) == self.show_vertical_scrollbar:
            # Set without its watchers: a new layout for each new line would repaint the screen, for a
            # scrollbar that isn't shown.
            self.set_reactive(Widget.virtual_size, size)
        else:
            # But once: Textual scrolls what it thinks has a scrollbar.
            self.virtual_size = size

    def line_at(self, y: int) -> Line:
        lines = self._lines
        index = len(lines) - 1 - y - self.top
        if index >= 0:
            return self._line_of(lines[index])
        text = self._of_none
        if self._matching is not None and len(self._log):
            text = nothing_found(self._matching.text, len(self._log), "line")
        if y or lines or not text:
            return ()
        return (Field(1, fit(text, max(0, self.columns - 1)).rstrip(), Role.DIM),)

    def _line_of(self, line: LogLine) -> Line:
        # Kept while it is seen: it moves down as lines come, and says the same.
        if self._made_for != self.outer_size or len(self._made) > _KEPT:
            self._made_for = self.outer_size
            self._made.clear()
        made = self._made.get(line.seq)
        if made is None or made[0] != line:
            made = self._made[line.seq] = line, log_line(line, self.columns)
        return made[1]
