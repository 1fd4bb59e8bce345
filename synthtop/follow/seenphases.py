"""The phases of packages whose source says the present one only: what was seen since following began."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ..model import PhaseSpan, Snapshot, WorkerRow, WorkerState
from ..phases import and_then

_BACK = 5
"""Seconds that a slot's time may go back, as clocks do, without another package being in it."""
_row_of = partial(tuple.__new__, WorkerRow)
"""Of all its fields: there may be a thousand."""


class _Seen:
    """What has been seen of the package in a slot: its last phase is ``phase``."""

    __slots__ = ("elapsed", "origin", "phase", "phases")

    def __init__(self, origin: str, elapsed: int) -> None:
        self.origin = origin
        self.elapsed = elapsed
        self.phase: str | None = None
        self.phases: tuple[PhaseSpan, ...] = ()


class SeenPhases:
    """Puts into the rows of one source's snapshots what phases they have been seen in.

    The first of them began before or when it was seen. The same snapshot comes back as the same one.
    """

    def __init__(self) -> None:
        self._seen: dict[int, _Seen] = {}
        self._given: Snapshot | None = None
        self._made: Snapshot | None = None
        self._rows: tuple[WorkerRow, ...] = ()
        self._filled: tuple[WorkerRow, ...] = ()

    def add(self, snapshot: Snapshot) -> Snapshot:
        """The newest snapshot, with the phases of each slot."""
        if snapshot is not self._given or self._made is None:
            if snapshot.workers is not self._rows:
                self._rows, self._filled = snapshot.workers, self._fill(snapshot.workers)
            self._given = self._made = snapshot
            if self._filled != self._rows:
                self._made = replace(snapshot, workers=self._filled)
        return self._made

    def _fill(self, rows: tuple[WorkerRow, ...]) -> tuple[WorkerRow, ...]:
        slots = self._seen
        filled = [self._filled_row(row) for row in rows]
        if len(slots) > len(rows):
            there = {row.slot for row in rows}
            self._seen = {slot: seen for slot, seen in slots.items() if slot in there}
        return tuple(filled)

    def _filled_row(self, row: WorkerRow) -> WorkerRow:
        slot, state, phase, origin, started, elapsed, lines, log, stalled, cpu, rss, said = row
        # Who says no seconds does not say either when a phase began.
        if origin is None or elapsed is None or said:
            self._seen.pop(slot, None)
            return row
        seen = self._seen.get(slot)
        if seen is None or seen.origin != origin or elapsed < seen.elapsed - _BACK:
            seen = self._seen[slot] = _Seen(origin, elapsed)
        seen.elapsed = elapsed
        # What waits or has ended has no phase, whatever is said to be one.
        if phase != seen.phase and phase is not None and state is WorkerState.RUNNING:
            seen.phase = phase
            seen.phases = and_then(seen.phases, phase, elapsed)
        phases = seen.phases
        return _row_of((slot, state, phase, origin, started, elapsed, lines, log, stalled, cpu, rss, phases))
