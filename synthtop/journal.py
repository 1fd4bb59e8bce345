"""The event lines of a build: noted when something happens, put into words when somebody looks.

Not thread-safe: the collector writes it under its lock.
"""

from __future__ import annotations

from .formats import results
from .model import Finished, Ledger, LogKind, LogLine, View

_UNWORDED = 1000
"""Notes that may wait for their words: what is never looked at must not grow for ever."""


class Journal:
    """Keeps at least the last ``keep`` lines. ``began`` is the build's start, in monotonic seconds.

    A builder waits for each note, and nobody for its words, which take four times as long.
    """

    def __init__(self, began: float, keep: int) -> None:
        self._began = began
        self._lines: Ledger[LogLine] = Ledger(keep)
        self._notes: list[tuple[float, int | None, LogKind, str | Finished]] = []

    def note(self, now: float, slot: int | None, kind: LogKind, what: str | Finished) -> None:
        """Something happened at monotonic second ``now``: a package ended, the origin in ``what`` was
        started, or whatever the text in ``what`` says."""
        self._notes.append((now, slot, kind, what))
        if len(self._notes) >= _UNWORDED:
            self._word()

    def view(self) -> View[LogLine]:
        """The lines so far."""
        self._word()
        return self._lines.view()

    def _word(self) -> None:
        lines = self._lines
        for now, slot, kind, what in self._notes:
            if isinstance(what, Finished):
                text = results.completion_line(what)
            else:
                text = results.start_line(slot, what) if kind is LogKind.START else what
            lines.append(LogLine(lines.total + 1, int(now - self._began), slot, kind, text))
        self._notes.clear()
