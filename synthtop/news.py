"""What is news in a build for somebody who does not look: its first failure, slots that stall, its end.

Pure; time is an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .model import BuildState, Finished, Outcome, Snapshot, WorkerRow, hms
from .text import clean
from .trends import starts_differ

FAILURE, STALL, END = "failure", "stall", "end"
STALLS_EVERY = 60.0
"""Seconds between two notices of stalls."""
_BEGINNING = 10
"""Seconds of a build's time in which it has begun only now."""
_LONGEST = 300
"""Characters of a text that are told."""
_WORDS = {
    BuildState.FINISHED: "is finished",
    BuildState.INTERRUPTED: "was interrupted",
    BuildState.GONE: "ended without saying so",
}


class Notice(NamedTuple):
    """Something to tell. ``said`` is what is known of it, by the names of environment variables."""

    kind: str
    said: dict[str, str]


_Stall = tuple[int, str | None]
"""A slot, and what is in it."""


class News:
    """Finds what is news in snapshots, one after the other. What was so when a build was seen first is none,
    unless it had only begun."""

    def __init__(self) -> None:
        self._before: Snapshot | None = None
        self._failed = False
        self._over = False
        self._stalled: frozenset[_Stall] = frozenset()
        self._untold: frozenset[_Stall] = frozenset()
        self._told_at: float | None = None

    def of(self, snapshot: Snapshot, now: float) -> list[Notice]:
        """What is news at monotonic second ``now``."""
        if not snapshot.is_build:
            return []
        if self._before is None or _another(self._before, snapshot):
            self._begin(snapshot)
        self._before = snapshot
        return [*self._failure(snapshot), *self._stall(snapshot, now), *self._end(snapshot)]

    def _begin(self, snapshot: Snapshot) -> None:
        new = not snapshot.over and snapshot.elapsed is not None and snapshot.elapsed < _BEGINNING
        self._failed = not new and snapshot.totals.failed > 0
        self._over = snapshot.over
        self._stalled = _stalls(snapshot)
        self._untold = frozenset()

    def _failure(self, snapshot: Snapshot) -> Iterator[Notice]:
        if self._failed or not snapshot.totals.failed:
            return
        self._failed = True
        package = next((one for one in reversed(snapshot.finished) if one.outcome is Outcome.FAILED), None)
        text, origin = "a package has failed", ""
        if package is not None:
            text, origin = _of_failure(package), package.origin
        yield _notice(FAILURE, snapshot, text, origin)

    def _stall(self, snapshot: Snapshot, now: float) -> Iterator[Notice]:
        stalled = _stalls(snapshot)
        self._untold = (self._untold & stalled) | (stalled - self._stalled)
        self._stalled = stalled
        if not self._untold or (self._told_at is not None and now - self._told_at < STALLS_EVERY):
            return
        self._told_at = now
        rows = [row for row in snapshot.workers if _stall_of(row) in self._untold]
        self._untold = frozenset()
        yield _notice(STALL, snapshot, _of_stalls(rows), rows[0].origin or "")

    def _end(self, snapshot: Snapshot) -> Iterator[Notice]:
        if self._over or not snapshot.over:
            return
        self._over = True
        totals = snapshot.totals
        counts = f"{totals.built} built, {totals.failed} failed, {totals.skipped} skipped"
        took = "" if snapshot.elapsed is None else f" after {hms(snapshot.elapsed)}"
        yield _notice(END, snapshot, f"{_name(snapshot)} {_WORDS[snapshot.state]}{took}: {counts}")


def _another(before: Snapshot, snapshot: Snapshot) -> bool:
    """Whether two snapshots, one after the other, are those of two builds."""
    was, source = before.source, snapshot.source
    named = None not in (was.name, source.name) and was.name != source.name
    if was.path != source.path or named or starts_differ(before.started, snapshot.started):
        return True
    one, other = before.elapsed, snapshot.elapsed
    return one is not None and other is not None and other < one - _BEGINNING


def _stall_of(row: WorkerRow) -> _Stall:
    return row.slot, row.origin


def _stalls(snapshot: Snapshot) -> frozenset[_Stall]:
    if not snapshot.stalled:
        return frozenset()
    return frozenset(_stall_of(row) for row in snapshot.workers if row.stalled)


def _of_failure(package: Finished) -> str:
    where = f" in phase {package.phase}" if package.phase else ""
    why = f": {package.reason}" if package.reason else ""
    return f"{package.origin} failed{where}{why}"


def _of_stalls(rows: Iterable[WorkerRow]) -> str:
    row, *others = rows
    where = f" in phase {row.phase}" if row.phase else ""
    more = f", and {len(others)} more" if others else ""
    return f"{row.origin or '-'} in slot {row.slot} has stalled{where}{more}"


def _name(snapshot: Snapshot) -> str:
    return snapshot.source.name or "the build"


def _notice(kind: str, snapshot: Snapshot, text: str, origin: str = "") -> Notice:
    totals = snapshot.totals
    said = {
        "EVENT": kind,
        "TEXT": text,
        "BUILD": snapshot.source.name or "",
        "ORIGIN": origin,
        "STATE": snapshot.state,
        "QUEUED": "" if totals.queued is None else str(totals.queued),
        "BUILT": str(totals.built),
        "FAILED": str(totals.failed),
        "IGNORED": str(totals.ignored),
        "SKIPPED": str(totals.skipped),
        "REMAINING": "" if totals.remaining is None else str(totals.remaining),
    }
    return Notice(kind, {f"SYNTHTOP_{name}": clean(value[:_LONGEST]) for name, value in said.items()})
