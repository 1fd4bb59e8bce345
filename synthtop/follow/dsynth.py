"""dsynth's mapped monitor file, joined with its results log, its package logs and its lock."""

from __future__ import annotations

from dataclasses import replace

from ..formats import FormatError, dsynth
from ..model import BuildState, Snapshot, Source, SourceKind, WorkerRow
from ..pidlock import LockState
from ..trends import starts_differ
from .files import WatchedFile
from .liveness import Freshness, stale_after, with_lock
from .reader import Place
from .tail import PackageLogs, ResultsTail

_BEGINNING = 2.0
"""Seconds in which a build may be without its lock: dsynth fills the file before it takes that."""


class DsynthReader:
    """Reads what dsynth, or whoever writes as it does, keeps at ``place``."""

    def __init__(self, place: Place) -> None:
        self._place = place
        # Written through a mapping, which moves no mtime.
        self._file = WatchedFile(place.main, by_content=True, most=max(dsynth.SIZES))
        self._results = ResultsTail(place.results, place.logs)
        self._logs = PackageLogs(place.logs)
        self._freshness = Freshness()
        self._looked = False
        self._changed = False
        self._claimed = BuildState.WAITING
        self._started: float | None = None
        self._seq = 0
        self._snapshot: Snapshot | None = None

    def poll(self, now: float, wall: float) -> Snapshot:
        """What the files say. FormatError where no build is in the monitor file: BeingReset before one."""
        lock = self._place.held()
        data = self._file.read()
        if lock is not LockState.HELD:
            lock = self._place.held()
        before = self._snapshot
        if data is not None or before is None:
            said = self._decoded(data or b"", lock, now, wall)
            workers = tuple([self._with_log(row, now) for row in said.workers])
        else:
            said = before
            workers = said.workers
            self._freshness.look(now, None)
        news = self._results.poll(said.elapsed)
        age = self._freshness.age(now)
        if lock is LockState.FREE and age < _BEGINNING and (said.elapsed or 0) < _BEGINNING:
            lock = LockState.UNKNOWN
        claimed = self._claimed
        if claimed is BuildState.FINISHED and lock is LockState.HELD and not said.totals.queued:
            claimed = BuildState.BUILDING  # of its header only the first part is written
        # A copy is as new as its file, and nobody locks it: without a lock only what changes is a build.
        believed = lock is not LockState.MISSING or self._changed
        state = with_lock(claimed, lock, age, stale_after(SourceKind.DSYNTH) if believed else 0.0)
        if said is before and not news:
            if state is said.state and int(age) == said.age:
                return said
        else:
            self._seq += 1
        # Once: it costs as much as there are rows, and there may be a thousand.
        self._snapshot = replace(
            said,
            seq=self._seq,
            state=state,
            source=self._source(said.source),
            started=self._started,
            age=int(age),
            workers=workers,
            log=self._results.log,
            finished=self._results.finished,
        )
        return self._snapshot

    def close(self) -> None:
        """See :class:`~synthtop.follow.reader.Reader`."""
        self._file.close()

    def _source(self, said: Source) -> Source:
        place = self._place
        return Source(SourceKind.DSYNTH, place.given, name=said.name, logs=place.logs or said.logs)

    def _decoded(self, data: bytes, lock: LockState, now: float, wall: float) -> Snapshot:
        before = self._snapshot
        first = not self._looked
        left_lying = first and lock in (LockState.FREE, LockState.MISSING)
        self._looked = True
        try:
            said = dsynth.decode(data, now=wall, before=before)
            quiet = self._file.age(wall) if left_lying else 0.0
            self._freshness.look(now, quiet)
            if left_lying:
                # It is as it was when it was left, and nothing in it has gone on since.
                quiet = min([quiet, *[row.elapsed for row in said.workers if row.elapsed is not None]])
                said = dsynth.decode(data, now=wall - quiet)
        except FormatError as error:
            self._file.forget()  # it is as wrong at the next poll
            if isinstance(error, dsynth.BeingReset):
                self._snapshot = None
            error.args = (f"{self._place.main}: {error}",)
            raise
        self._changed = not first
        self._claimed = said.state
        if before is None or starts_differ(self._started, said.started):
            self._seq = 0
            self._logs = PackageLogs(self._place.logs)
            self._started = said.started
        return said

    def _with_log(self, row: WorkerRow, now: float) -> WorkerRow:
        slot, state, phase, origin, started, elapsed, lines, _, stalled, *_ = row
        if origin is None or (log := self._logs.path(origin, now)) is None:
            return row
        return WorkerRow(slot, state, phase, origin, started, elapsed, lines, log, stalled)
