"""A build of which there is only its ``00_last_results.log``, and the logs of the packages that run."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress

from ..model import BuildState, Snapshot, Source, SourceKind, WorkerRow, WorkerState
from ..pidlock import LockState
from .files import TO_READ
from .liveness import Freshness, stale_after, with_lock
from .reader import Place
from .tail import PackageLogs, ResultsTail

_CHUNK = 1 << 20
"""Bytes of a package's log read in one poll."""
_PASS = 16 << 20
"""The same of all of them together: what is more waits for the next one."""
_HEADING = re.compile(rb"^-- Phase: ([^\n]{1,40})\n", re.MULTILINE)
_SUMMARY = "summary.txt"
_ENDS = {b"Finished": BuildState.FINISHED, b"Interrupted": BuildState.INTERRUPTED}
"""How its first line begins."""
_LONGEST = 64
"""Bytes of a line that are looked at."""


class ResultLogReader:
    """Reads the log at ``place``.

    How much is to be done and how long it took so far is in no log, and not known. A slot's time is, where
    the slot was seen to take its package.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._results = ResultsTail(place.main, place.logs)
        self._logs = PackageLogs(place.logs)
        self._running: dict[str, _Running] = {}
        self._freshness = Freshness()
        self._newest = 0.0
        self._written = 0.0
        self._began = 0
        self._held = False
        self._seq = 0
        self._snapshot: Snapshot | None = None

    def poll(self, now: float, wall: float) -> Snapshot:
        """What the logs say."""
        results, before = self._results, self._snapshot
        news = results.poll(None)
        if results.problem is not None:
            raise results.problem
        if results.began != self._began:
            self._began, self._seq = results.began, 0
            self._running.clear()
            self._logs = PackageLogs(self._place.logs)
        rows = self._rows(now, wall, seen=before is not None)
        newest = max([results.mtime, *[running.mtime for running in self._running.values()]])
        grown = newest > self._newest
        self._freshness.look(now, max(0.0, wall - newest) if grown else None)
        self._newest = newest
        age = self._freshness.age(now)
        if grown:
            self._written = wall - age
        lock = self._lock()
        said = BuildState.BUILDING if lock is LockState.HELD else self._said()
        state = with_lock(said, lock, age, stale_after(SourceKind.LOG))
        if state is BuildState.GONE and before is not None and not grown:
            rows = before.workers  # nothing goes on in them
        if before is not None and not news and rows == before.workers:
            if state is before.state and int(age) == before.age:
                return before
        else:
            self._seq += 1
        self._snapshot = Snapshot(
            seq=self._seq,
            state=state,
            time=self._written,
            source=Source(SourceKind.LOG, self._place.given, logs=self._place.logs),
            active=len(self._running) if results.slots else None,
            age=int(age),
            totals=results.totals,
            workers=rows,
            log=results.log,
            finished=results.finished,
        )
        return self._snapshot

    def close(self) -> None:
        """See :class:`~synthtop.follow.reader.Reader`: nothing is held open."""

    def _said(self) -> BuildState:
        """What the summary says that a run of synthtop's writes last, into the same directory."""
        with suppress(OSError):
            path = os.path.join(os.path.dirname(self._place.main), _SUMMARY)
            found = os.stat(path)
            # One that is older than the log is of the build before.
            if stat.S_ISREG(found.st_mode) and found.st_mtime >= self._results.mtime:
                with open(path, "rb") as summary:
                    return _ENDS.get(summary.readline(_LONGEST).partition(b" ")[0], BuildState.BUILDING)
        return BuildState.BUILDING

    def _lock(self) -> LockState:
        state = self._place.held()
        if state is LockState.HELD:
            self._held = True
        elif self._held and state is LockState.MISSING:
            return LockState.FREE  # a run of synthtop's takes its lock away when it ends
        return state

    def _rows(self, now: float, wall: float, seen: bool) -> tuple[WorkerRow, ...]:
        """The slots that were ever used. ``seen``: what starts now does so while it is watched."""
        slot_of = self._results.running
        for origin in self._running.keys() - slot_of.keys():
            del self._running[origin]
        room = _PASS
        rows = [WorkerRow(slot, WorkerState.IDLE) for slot in range(self._results.slots)]
        for origin, slot in slot_of.items():
            running = self._running.get(origin)
            if running is None:
                running = self._running[origin] = _Running((now, wall) if seen else None)
            log = self._logs.path(origin, now)
            if log is not None and room > 0:
                room -= running.read(log)
            elapsed = started = None
            if running.began is not None:
                elapsed, started = int(now - running.began[0]), running.began[1]
            rows[slot] = WorkerRow(
                slot, WorkerState.RUNNING, running.phase, origin, started, elapsed, running.lines, log
            )
        return tuple(rows)


class _Running:
    """A package that is being built, as far as its log tells. ``began`` is monotonic and epoch seconds.

    ``phase`` is the last one whose heading was read; ``lines`` is None until all of the log was.
    """

    def __init__(self, began: tuple[float, float] | None) -> None:
        self.began = began
        self.mtime = 0.0
        self._file: tuple[int, int] | None = None
        self._begin()

    def _begin(self) -> None:
        self.phase: str | None = None
        self.lines: int | None = None
        self._offset = 0
        self._counted = 0
        self._rest = b""

    def read(self, path: str) -> int:
        """Read what the log at ``path`` grew by; how many bytes that was."""
        with suppress(OSError):
            found = os.stat(path)
            file = (found.st_dev, found.st_ino)
            if not stat.S_ISREG(found.st_mode):
                return 0
            if file != self._file or found.st_size < self._offset:
                self._file = file
                self._begin()
            self.mtime = found.st_mtime
            if found.st_size > self._offset:
                return self._take(path, found.st_size)
            self.lines = self._counted
        return 0

    def _take(self, path: str, size: int) -> int:
        descriptor = os.open(path, TO_READ)
        try:
            data = os.pread(descriptor, _CHUNK, self._offset)
        finally:
            os.close(descriptor)
        self._offset += len(data)
        self._counted += data.count(b"\n")
        if self._offset >= size:
            self.lines = self._counted
        # A line that is not whole yet is looked at again with its end.
        text = self._rest + data
        for heading in _HEADING.finditer(text):
            self.phase = heading[1].decode("utf-8", "replace").strip()
        self._rest = text[text.rfind(b"\n") + 1 :][:_LONGEST]
        return len(data)
