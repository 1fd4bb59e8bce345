"""What reads one kind of source, and where its files are."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from ..model import Snapshot, SourceKind
from ..pidlock import LockState, look


class Place(NamedTuple):
    """Where a build's files are. ``kind`` is what ``main``, which has the numbers, was found to be.

    ``given`` is the path as the user has it. ``lock`` is the file that is locked while the build runs,
    ``results`` the list of events, ``logs`` the directory of package logs and ``report`` that of the web
    page's data. None: there is no such thing, or it is not known where.
    """

    kind: SourceKind
    given: str
    main: str
    lock: str | None = None
    results: str | None = None
    logs: str | None = None
    report: str | None = None

    def held(self) -> LockState:
        """How its lock stands. Where that is to tell an end, it is looked at before the files are read: what
        is read after it was free is the last word. It is looked at again after them, for one that begins."""
        return LockState.MISSING if self.lock is None else look(self.lock)[0]


class Reader(Protocol):
    """Reads one source again and again."""

    def poll(self, now: float, wall: float) -> Snapshot:
        """What the source says at monotonic second ``now``, which is epoch second ``wall``: complete, with
        its state and age, and log and finished packages as full as its files allow.

        OSError where a file cannot be read, FormatError where it is not what it should be.
        """

    def close(self) -> None:
        """Let go of everything. Idempotent."""
