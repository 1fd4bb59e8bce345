"""What a series of whole snapshots says of one build: the lines of its log, and the packages that have ended.

Each has only the last lines, so that they are gathered for as long as it is followed.
"""

from __future__ import annotations

from dataclasses import replace

from ..formats.resultlog import parse
from ..model import LOG_KEPT, Ledger, LogKind, LogLine, Snapshot, SourceKind
from ..trends import starts_differ
from .ended import Ended

_ENDED = frozenset((LogKind.BUILT, LogKind.FAILED, LogKind.IGNORED, LogKind.SKIPPED, LogKind.META))
_TELL = _ENDED | {LogKind.START}
_COLLECTED = frozenset((SourceKind.RUN, SourceKind.EVENTS))
"""Sources whose start is known exactly; others say how long ago it was."""


class Gathered:
    """Gathers from one build at a time; what another one says begins anew."""

    def __init__(self) -> None:
        self._before: Snapshot | None = None
        self._begin()

    def _begin(self) -> None:
        self._log: Ledger[LogLine] = Ledger(LOG_KEPT)
        self._ended = Ended()
        self._last_seq = 0

    def add(self, snapshot: Snapshot) -> Snapshot:
        """The newest snapshot, with all lines and ended packages that it and those before it have told."""
        if self._before is not None and _another(self._before, snapshot):
            self._begin()
        self._before = snapshot
        for line in snapshot.log:
            if line.seq > self._last_seq:
                self._last_seq = line.seq
                self._log.append(line)
                if line.kind in _TELL:
                    self._take(line)
        return replace(snapshot, log=self._log.view(), finished=self._ended.view())

    def _take(self, line: LogLine) -> None:
        entry = parse(line.text)
        if line.kind in _ENDED and entry.package is not None:
            self._ended.add(entry.package._replace(at=line.at))
        elif line.kind is LogKind.START and entry.origin is not None:
            self._ended.begin(entry.origin)


def _another(before: Snapshot, snapshot: Snapshot) -> bool:
    """Whether two snapshots of one source, one after the other, are those of two builds."""
    if snapshot.seq < before.seq or starts_differ(before.started, snapshot.started):
        return True
    return snapshot.source.kind in _COLLECTED and snapshot.started != before.started
