"""What reads one kind of source, and where its files are."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from ..model import Snapshot, SourceKind


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


class Reader(Protocol):
    """Reads one source again and again."""

    def poll(self, now: float, wall: float) -> Snapshot:
        """What the source says at monotonic second ``now``, which is epoch second ``wall``: complete, with
        its state and age, and log and finished packages as full as its files allow.

        OSError where a file cannot be read, FormatError where it is not what it should be.
        """

    def close(self) -> None:
        """Let go of everything. Idempotent."""
