"""poudriere's ``.data.json``, which has all that there is but for the packages' logs. It knows no lock."""

from __future__ import annotations

import os
from dataclasses import replace

from ..formats import FormatError, poudriere
from ..model import BuildState, Snapshot, Source, SourceKind, WorkerRow
from ..pidlock import LockState
from .files import WatchedFile
from .liveness import Freshness, stale_after, with_lock
from .reader import Place


class PoudriereReader:
    """Reads the build at ``place``, or at each moment the one to which ``latest`` leads there."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._file = WatchedFile(place.main)
        self._freshness = Freshness()
        self._claimed = BuildState.WAITING
        self._build: tuple[str | None, float | None] | None = None
        self._seq = 0
        self._snapshot: Snapshot | None = None

    def poll(self, now: float, wall: float) -> Snapshot:
        """What the file says."""
        data = self._file.read()
        before = self._snapshot
        if data is not None or before is None:
            said = self._decoded(data or b"", now, wall)
        else:
            said = before
            self._freshness.look(now, None)
        age = self._freshness.age(now)
        state = with_lock(self._claimed, LockState.MISSING, age, stale_after(SourceKind.POUDRIERE))
        if state is not said.state or int(age) != said.age:
            said = replace(said, state=state, age=int(age))
        self._snapshot = said
        return said

    def close(self) -> None:
        """See :class:`~synthtop.follow.reader.Reader`."""
        self._file.close()

    def _decoded(self, data: bytes, now: float, wall: float) -> Snapshot:
        place = self._place
        age = self._file.age(wall)
        try:
            said = poudriere.decode(data, now=wall - age, before=self._snapshot, logs=place.logs)
        except FormatError as error:
            self._file.forget()  # it is as wrong at the next poll
            error.args = (f"{place.main}: {error}",)
            raise
        self._freshness.look(now, age)
        self._claimed = said.state
        build = (said.source.name, said.started)
        self._seq = self._seq + 1 if build == self._build else 1
        self._build = build
        return replace(
            said,
            seq=self._seq,
            source=Source(SourceKind.POUDRIERE, place.given, name=said.source.name, logs=place.logs),
            workers=tuple([_with_log(row) for row in said.workers]),
        )


def _with_log(row: WorkerRow) -> WorkerRow:
    """``row`` without its log, where that is not there yet."""
    return row if row.log is None or os.path.isfile(row.log) else row._replace(log=None)
