"""The event lines of a build: noted when something happens, put into words when somebody looks.

Not thread-safe: the collector writes it under its lock.
"""

from __future__ import annotations

from collections.abc import Iterable

from .formats import results
from .model import Finished, HostSample, Ledger, LogKind, LogLine, Memory, Space, View
from .throttle import Limit

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

    def note_stall(self, now: float, slot: int, origin: str, phase: str | None, seconds: float) -> None:
        """The package in ``slot`` stands still at monotonic second ``now``, since ``seconds``."""
        self.note(now, slot, LogKind.STALLED, results.stalled_line(slot, origin, phase, int(seconds)))

    def note_change(
        self,
        now: float,
        change: tuple[int, int, str | None],
        limit: Limit,
        sample: HostSample,
        memory: Memory,
    ) -> None:
        """DynMax has gone from one number to another for a reason, at monotonic second ``now``;
        ``limit`` says what each rule allows."""
        text = results.adjust_line(
            sample.load,
            limit.by_load,
            sample.swap_pct,
            limit.by_swap,
            memory.running or 0,
            limit.by_memory,
            *change,
        )
        self.note(now, None, LogKind.THROTTLE, text)

    def note_space(self, now: float, before: Iterable[Space], low: Iterable[Space]) -> None:
        """At monotonic second ``now`` there is too little space in ``low``, after ``before``."""
        known, still = {space.path for space in before}, {space.path for space in low}
        for space in low:
            if space.path not in known:
                self.note(now, None, LogKind.NOTE, results.low_space_line(space.path, space.free))
        for space in before:
            if space.path not in still:
                self.note(now, None, LogKind.NOTE, results.space_again_line(space.path))

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
