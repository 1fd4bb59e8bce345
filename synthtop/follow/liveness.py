"""Decides whether a followed build still runs: by what its files say, its lock, and their age. Pure."""

from __future__ import annotations

from ..model import BuildState, SourceKind
from ..pidlock import LockState

UNKNOWN_END = "how it ended is not known"
"""The problem of a build in a text file that is gone: that is what comes of it in any case."""
_SAID = frozenset((BuildState.FINISHED, BuildState.INTERRUPTED, BuildState.GONE))
_LIVING = frozenset((BuildState.WAITING, BuildState.BUILDING))
_USUAL = 10.0
_STALE_AFTER = {SourceKind.REPORT: 30.0, SourceKind.POUDRIERE: 30.0, SourceKind.LOG: 30.0}


def stale_after(kind: SourceKind) -> float:
    """Seconds without news after which a build without a lock is not believed any more: by how often its
    builder writes, if all is well."""
    return _STALE_AFTER.get(kind, _USUAL)


def with_lock(
    said: BuildState,
    lock: LockState,
    age: float,
    limit: float = _USUAL,
    *,
    elsewhere: bool = False,
) -> BuildState:
    """The state of a build whose files say ``said`` and have not changed for ``age`` seconds.

    An end that was said stays. Else the lock decides: held, it is as they say; free, it is gone. Without a
    lock, or with one that cannot be tried, it is stale after ``limit`` seconds. Where the build is
    ``elsewhere``, on another host, its lock may look free from here while it is held there: only together
    with files that are that old it tells the end.
    """
    if said in _SAID or lock is LockState.HELD:
        return said
    old = age >= limit
    if lock is LockState.FREE and (old or not elsewhere):
        return BuildState.GONE
    return BuildState.STALE if old and said in _LIVING else said


class Freshness:
    """Since when a source has said nothing new, in monotonic seconds.

    A file's own time says more than when we looked, but its host's clock may be another.
    """

    def __init__(self) -> None:
        self._changed: float | None = None
        self._looked = 0.0

    def look(self, now: float, file_age: float | None) -> None:
        """Looked at ``now``. It has changed since the last look if ``file_age`` is given: how many seconds
        ago, by its own time; what changed between two looks is no older than the first of them."""
        if file_age is not None:
            oldest = file_age if self._changed is None else now - self._looked
            self._changed = now - max(0.0, min(file_age, oldest))
        self._looked = now

    def age(self, now: float) -> float:
        """Seconds since it changed, never negative; 0 before the first change."""
        return 0.0 if self._changed is None else max(0.0, now - self._changed)
