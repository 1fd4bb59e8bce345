"""dsynth's ``Report/``: ``summary.json`` has the numbers, ``NN_history.json`` what has ended."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from ..formats import FormatError, report
from ..formats.results import completion_line
from ..model import (
    FINISHED_KEPT,
    KIND_OF,
    LOG_KEPT,
    BuildState,
    Finished,
    Ledger,
    LogLine,
    Snapshot,
    Source,
    SourceKind,
    WorkerRow,
)
from ..pidlock import LockState
from ..trends import starts_differ
from .files import WatchedFile
from .liveness import Freshness, stale_after, with_lock
from .reader import Place
from .tail import PackageLogs

_FILES_A_POLL = 100
"""Histories read in one poll: thirty thousand packages. What is more waits for the next one."""
_LARGEST = 4 << 20
"""Bytes of a history: a new one is begun past 50,000."""
_WRITTEN_EVERY = 10.0
"""Seconds between two summaries."""


class ReportReader:
    """Reads the ``Report/`` at ``place``, and whether the lock of its build is held where that is known."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._summary = WatchedFile(place.main)
        self._freshness = Freshness()
        self._claimed = BuildState.WAITING
        self._snapshot: Snapshot | None = None
        self._files = 0
        self._begin()

    def _begin(self) -> None:
        self._seq = 0
        self._logs = PackageLogs(self._place.logs)
        self._history = _History(os.path.dirname(self._place.main), self._logs)

    def poll(self, now: float, wall: float) -> Snapshot:
        """What the files say."""
        lock = self._place.held()
        data = self._summary.read()
        before = self._snapshot
        if data is not None or before is None:
            said = self._decoded(data or b"", now, wall)
            workers = tuple([self._with_log(row, now) for row in said.workers])
        else:
            said = before
            workers = said.workers
            self._freshness.look(now, None)
        news = self._history.poll(self._files)
        if lock is not LockState.HELD:
            lock = self._place.held()
        age = self._freshness.age(now)
        if lock is LockState.FREE and age < _WRITTEN_EVERY:
            lock = LockState.UNKNOWN  # the last summary may come after it was let go of
        state = with_lock(self._claimed, lock, age, stale_after(SourceKind.REPORT))
        if said is before and not news:
            if state is said.state and int(age) == said.age:
                return said
        else:
            self._seq += 1
        self._snapshot = replace(
            said,
            seq=self._seq,
            state=state,
            source=Source(SourceKind.REPORT, self._place.given, name=said.source.name, logs=self._place.logs),
            age=int(age),
            workers=workers,
            log=self._history.log.view(),
            finished=self._history.finished.view(),
        )
        return self._snapshot

    def close(self) -> None:
        """See :class:`~synthtop.follow.reader.Reader`."""
        self._summary.close()
        self._history.close()

    def _decoded(self, data: bytes, now: float, wall: float) -> Snapshot:
        age = self._summary.age(wall)
        try:
            said = report.decode(data, now=wall - age)
            self._files = report.files_of(data)
        except FormatError as error:
            self._summary.forget()  # it is as wrong at the next poll
            error.args = (f"{self._place.main}: {error}",)
            raise
        self._freshness.look(now, age)
        self._claimed = said.state
        if self._snapshot is not None and starts_differ(self._snapshot.started, said.started):
            self._history.close()
            self._begin()
        return said

    def _with_log(self, row: WorkerRow, now: float) -> WorkerRow:
        if row.origin is None or (log := self._logs.path(row.origin, now)) is None:
            return row
        return row._replace(log=log)


class _History:
    """The packages of one build that have ended, from its histories: each is read until the next begins."""

    def __init__(self, directory: str, logs: PackageLogs) -> None:
        self._directory = directory
        self._logs = logs
        self._begin()

    def _begin(self) -> None:
        self.log: Ledger[LogLine] = Ledger(LOG_KEPT)
        self.finished: Ledger[Finished] = Ledger(FINISHED_KEPT)
        self._open(1)

    def _open(self, number: int) -> None:
        self._number = number
        self._taken = 0
        self._last: Finished | None = None
        path = os.path.join(self._directory, f"{number:02d}_history.json")
        self._file = WatchedFile(path, most=_LARGEST)

    def poll(self, files: int) -> bool:
        """Read what is new in the first ``files`` histories; whether anything is."""
        anew = self._number > max(files, 1)
        if anew:
            self._begin()  # there are fewer now: it is another build's, or something of it is built again
        fresh: list[Finished] = []
        for _ in range(_FILES_A_POLL):
            try:
                data = self._file.read()
                entries = None if data is None else report.decode_history(data)
            except (OSError, FormatError):
                self._file.forget()  # not there yet, or half-written: as much as there was stays
                break
            if entries is not None and not self._goes_on(entries):
                self._begin()  # as above
                anew = True
                fresh.clear()
                continue
            if entries is not None:
                fresh += entries[self._taken :]
                self._taken = len(entries)
                self._last = entries[-1] if entries else None
            if self._number >= files:
                break
            self._open(self._number + 1)
        self._add(fresh)
        return anew or bool(fresh)

    def _goes_on(self, entries: Sequence[Finished]) -> bool:
        """Whether what was taken of this history is still there, and only more may have come."""
        return len(entries) >= self._taken and (not self._taken or entries[self._taken - 1] == self._last)

    def _add(self, packages: Sequence[Finished]) -> None:
        for package in self._logs.finished(packages):
            kind = KIND_OF[package.outcome]
            line = LogLine(self.log.total + 1, package.at, package.slot, kind, completion_line(package))
            self.log.append(line)
            self.finished.append(package)

    def close(self) -> None:
        self._file.close()
