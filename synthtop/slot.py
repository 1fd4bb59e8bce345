"""One slot: what it is doing now, and its row in a snapshot.

Not thread-safe: the collector writes it under its lock.
"""

from __future__ import annotations

from .model import WorkerRow, WorkerState


class Slot:
    """``origin`` has been in it since monotonic second ``since``, which was epoch second ``started``.

    Without an ``origin`` it is empty. ``lines`` and ``log`` as in :class:`~synthtop.model.WorkerRow`.
    """

    __slots__ = ("_number", "_row", "lines", "log", "origin", "phase", "since", "started", "state")

    def __init__(self, number: int) -> None:
        self.state = WorkerState.IDLE
        self.origin: str | None = None
        self.phase: str | None = None
        self.lines: int | None = None
        self.log: str | None = None
        self.since = 0.0
        self.started = 0.0
        self._number = number
        self._row = WorkerRow(number, WorkerState.IDLE)

    def begin(self, origin: str, now: float, wall: float) -> None:
        """Another package is in it from now on."""
        self.origin = origin
        self.phase = self.lines = self.log = None
        self.since, self.started = now, wall

    def clear(self, state: WorkerState) -> None:
        """No package is in it."""
        self.state = state
        self.origin = self.phase = self.lines = self.log = None

    def row(self, now: float) -> WorkerRow:
        """The slot at monotonic second ``now``. An empty one's row is made once: there may be a thousand."""
        row, state = self._row, self.state
        if self.origin is not None:
            elapsed = int(now - self.since)
            row = WorkerRow(
                self._number, state, self.phase, self.origin, self.started, elapsed, self.lines, self.log
            )
        elif row.state is not state or row.origin is not None:
            row = WorkerRow(self._number, state)
        self._row = row
        return row
