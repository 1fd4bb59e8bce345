"""The event log, newest line first."""

from __future__ import annotations

import re

from textual.geometry import Size
from textual.widget import Widget

from ..model import LogKind, LogLine, View, hms
from ..parts import Role
from ..text import clean, fit, width
from .fields import Field, Line
from .lineview import LineView
from .workers import READABLE

_ROLES = {
    LogKind.START: Role.TEXT,
    LogKind.BUILT: Role.BUILT,
    LogKind.FAILED: Role.FAILED,
    LogKind.IGNORED: Role.IGNORED,
    LogKind.SKIPPED: Role.SKIPPED,
    LogKind.META: Role.META,
    LogKind.THROTTLE: Role.DIM,
    LogKind.NOTE: Role.LABEL,
}
_TAILS = {
    LogKind.BUILT: re.compile(r"(?P<head>.*?\S) +(?P<tail>[\d:-]+)"),
    LogKind.FAILED: re.compile(r"(?P<head>.*?\S) +(?P<tail>\S+ +[\d:-]+)"),
    LogKind.THROTTLE: re.compile(r"(?P<head>.*\S) +(?P<tail>Adjust Workers .+)"),
}
"""What stands at the right: a success's duration, a failure's phase and duration, and, where a throttle's
figures leave it no room, what it did."""
_HEAD_AT_LEAST = 30
"""Columns that a line's beginning is left with, or its end goes."""


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


class EventLog(LineView):
    """As much of a snapshot's log as is visible. Scrolled back it stays where it is as lines come."""

    DEFAULT_CSS = """
    EventLog {
        overflow-y: auto;
        border-top: solid $panel;
        & > .line--built, & > .line--meta { text-style: none; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._log: View[LogLine] = View()

    def show(self, log: View[LogLine]) -> None:
        """Show this log."""
        newest = self._log[-1].seq if len(self._log) else 0
        self._log = log
        size = Size(0, len(log))
        if not self.rows or (size.height > self.rows) == self.show_vertical_scrollbar:
            # Set without its watchers: a new layout for each new line would repaint the screen, for a
            # scrollbar that isn't shown.
            self.set_reactive(Widget.virtual_size, size)
        else:
            # But once: Textual scrolls what it thinks has a scrollbar.
            self.virtual_size = size
        if self.top and len(log):
            self.scroll_to(y=self.top + log[-1].seq - newest, animate=False, immediate=True)
        self.redraw()

    def line_at(self, y: int) -> Line:
        index = len(self._log) - 1 - y - self.top
        return log_line(self._log[index], self.columns) if index >= 0 else ()
