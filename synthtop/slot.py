"""One slot: what it is doing now, and its row in a snapshot.

Not thread-safe: the collector writes it under its lock.
"""

from __future__ import annotations

from collections.abc import Mapping

from .model import WorkerRow, WorkerState


class Slot:
    """``origin`` has been in it since monotonic second ``since``, which was epoch second ``started``.

    Without an ``origin`` it is empty. ``lines`` and ``log`` as in :class:`~synthtop.model.WorkerRow`.
    ``moved`` is the monotonic second in which the package began, its phase changed or its log grew last.
    """

    __slots__ = ("_number", "_row", "lines", "log", "moved", "origin", "phase", "since", "started", "state")

    def __init__(self, number: int) -> None:
        self.state = WorkerState.IDLE
        self.origin: str | None = None
        self.phase: str | None = None
        self.lines: int | None = None
        self.log: str | None = None
        self.since = self.moved = 0.0
        self.started = 0.0
        self._number = number
        self._row = WorkerRow(number, WorkerState.IDLE)

    def begin(self, origin: str, now: float, wall: float) -> None:
        """Another package is in it from now on."""
        self.origin = origin
        self.phase = self.lines = self.log = None
        self.since = self.moved = now
        self.started = wall

    def clear(self, state: WorkerState) -> None:
        """No package is in it."""
        self.state = state
        self.origin = self.phase = self.lines = self.log = None

    def stood_still(self, seconds: float, now: float) -> None:
        """Nothing could move in the ``seconds`` before monotonic second ``now``: they do not count."""
        # What moved since is moved to now and not past it.
        self.moved = min(self.moved + seconds, now)

    def row(self, now: float, suspect: float, limits: Mapping[str | None, float]) -> WorkerRow:
        """The slot at monotonic second ``now``. An empty one's row is made once: there may be a thousand.

        ``limits`` says for each phase after how many seconds it is stalled; nothing that moved since
        monotonic second ``suspect`` is. Nor is what never tells how far it is.
        """
        row, state = self._row, self.state
        if self.origin is not None:
            elapsed = int(now - self.since)
            stalled = (
                self.moved < suspect
                and now - self.moved > limits[self.phase]
                and (self.phase is not None or self.lines is not None)
            )
            row = WorkerRow(
                self._number,
                state,
                self.phase,
                self.origin,
                self.started,
                elapsed,
                self.lines,
                self.log,
                stalled,
            )
        elif row.state is not state or row.origin is not None:
            row = WorkerRow(self._number, state)
        self._row = row
        return row
