"""Reads synthtop's own monitor files, in JSON or text, with the lock and the result list beside them."""

from __future__ import annotations

import os
import socket
from dataclasses import replace

from ..formats import FormatError, json, text
from ..model import BuildState, Snapshot, Source, SourceKind, View, WorkerRow, WorkerState
from ..pidlock import Holder, LockState, look
from .files import WatchedFile
from .gathered import Gathered
from .liveness import UNKNOWN_END, Freshness, with_lock
from .reader import Place
from .tail import RESULTS, PackageLogs, ResultsTail

_MOST = 4 << 20
"""Bytes that are read, the last ones: a snapshot of 1024 slots and 200 lines has a quarter of a million."""


class MonitorFileReader:
    """Reads the monitor file of a :class:`Place`; its lines are kept for as long as one build is followed.

    ``host`` is this one's name: of a build that runs here the result list is read, where it is.
    """

    def __init__(self, place: Place, host: str | None = None) -> None:
        self._place = place
        self._host = socket.gethostname() if host is None else host
        self._file = WatchedFile(place.main, most=_MOST, newest=True)
        self._freshness = Freshness()
        self._decoded: Snapshot | None = None
        self._said: Snapshot | None = None
        self._gone = False
        self._changes = 0
        self._tail: ResultsTail | None = None
        self._tail_of: str | None = None
        self._settled = False
        self._package_logs = PackageLogs(place.logs)
        self._gathered = Gathered()
        self._follow_results(place.results, place.logs)

    def poll(self, now: float, wall: float) -> Snapshot:
        """See :class:`~synthtop.follow.reader.Reader`."""
        lock, holder = self._look()
        data = self._file.read()
        if data is None:
            self._freshness.look(now, None)
        else:
            file_age = self._file.age(wall)
            self._freshness.look(now, file_age)
            self._decode(data, wall - file_age)
            self._gone = False
        decoded = self._decoded
        assert decoded is not None  # the first read is never None
        if lock is not LockState.HELD and not decoded.over:
            # A build that began just now may have written before we read, and locked after we looked.
            lock, holder = self._look()
        age = self._freshness.age(now)
        elsewhere = decoded.source.host not in (None, self._host)
        # What was gone stays so: the next build here has the lock a moment before it says its first word.
        state = BuildState.GONE if self._gone else with_lock(decoded.state, lock, age, elsewhere=elsewhere)
        self._gone = state is BuildState.GONE
        news = False
        if self._tail is not None and not (self._settled and data is None):
            news = self._tail.poll(decoded.elapsed)
            # What is written there after its end is another build's.
            self._settled = decoded.over and not news
        said = self._said
        if said is None or data is not None or news:
            said = self._complete(decoded, now)
        # Of who relays a build, or may do so, there is nothing to be asked.
        runs = lock is LockState.HELD and decoded.source.kind is SourceKind.RUN
        return self._up_to_date(said, state, int(age), _pid(holder) if runs else None)

    def _look(self) -> tuple[LockState, Holder | None]:
        return (LockState.MISSING, None) if self._place.lock is None else look(self._place.lock)

    def _decode(self, data: bytes, written: float) -> None:
        try:
            if self._place.kind is SourceKind.TEXT:
                decoded = text.decode(data, now=written)
            else:
                decoded = json.decode(_newest_line(data))
        except FormatError as error:
            self._file.forget()  # it is as wrong at the next poll
            raise FormatError(f"{self._place.main}: {error}") from error
        self._changes += 1
        self._decoded = decoded
        if self._place.kind is not SourceKind.TEXT:
            logs = decoded.source.logs
            here = logs is not None and decoded.source.host == self._host
            self._follow_results(os.path.join(logs, RESULTS) if logs and here else None, logs)

    def _follow_results(self, path: str | None, logs: str | None) -> None:
        if path != self._tail_of:
            self._tail_of = path
            self._tail = None if path is None or "\0" in path else ResultsTail(path, logs)

    def _complete(self, decoded: Snapshot, now: float) -> Snapshot:
        """What the file says, with what lies beside it."""
        tail = self._tail
        if self._place.kind is not SourceKind.TEXT:
            source = Source(SourceKind.JSON, self._place.given, *decoded.source[2:])
            said = replace(self._gathered.add(decoded), source=source)
            # 0.0: there was none yet.
            return said if tail is None or not tail.mtime else replace(said, finished=tail.finished)
        return replace(
            decoded,
            seq=self._changes,
            source=Source(SourceKind.TEXT, self._place.given, logs=self._place.logs),
            log=View() if tail is None else tail.log,
            finished=View() if tail is None else tail.finished,
            workers=() if tail is None else self._rows(tail, decoded.max_workers or 0, now),
        )

    def _rows(self, tail: ResultsTail, slots: int, now: float) -> tuple[WorkerRow, ...]:
        """What the result list knows of the slots: a text file says nothing of them."""
        path = self._package_logs.path
        return tuple(
            WorkerRow(slot, WorkerState.RUNNING, origin=origin, log=path(origin, now))
            for slot, origin in sorted((slot, origin) for origin, slot in tail.running.items())
            if slot < slots
        )

    def _up_to_date(self, said: Snapshot, state: BuildState, age: int, holder: int | None) -> Snapshot:
        """``said`` as it stands now: the same object where nothing of it is other than last time."""
        decoded = self._decoded
        assert decoded is not None
        problem = decoded.problem
        if state is BuildState.GONE and self._place.kind is SourceKind.TEXT:
            problem = UNKNOWN_END
        age += decoded.age or 0  # a relayed one was not new any more when it was written
        if (said.state, said.age, said.holder, said.problem) != (state, age, holder, problem):
            said = replace(said, state=state, age=age, holder=holder, problem=problem)
        self._said = said
        return said

    def close(self) -> None:
        """See :class:`~synthtop.follow.reader.Reader`."""
        self._file.close()


def _newest_line(data: bytes) -> bytes:
    """The last whole line: a file of many is what ``synthtop status --json --watch`` has written."""
    if data.count(b"\n") < 2 or (len(data) < _MOST and not data.startswith(b'{"')):
        return data  # one, perhaps in several lines
    end = data.rfind(b"\n")
    return data[data.rfind(b"\n", 0, end) + 1 : end]


def _pid(holder: Holder | None) -> int | None:
    """The process that builds, where it is one of this user's and can be."""
    return holder.pid if holder is not None and holder.uid == os.geteuid() and holder.pid > 0 else None
