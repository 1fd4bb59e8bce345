"""What is to be recorded of one build, gathered from its snapshots: bounded, whatever comes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

from ..model import FINISHED_KEPT, BuildState, Finished, Snapshot, SourceKind, View
from ..trends.sample import NOTHING, Sample, sample_of, together
from . import told
from .record import PackageRecord

MINUTES_KEPT = 7 * 24 * 60
"""Minutes of a build that wait to be written, or to be written again."""
_SECONDS = 60
"""Samples that wait to be put together at most."""
_AT_ONCE = 2
"""Seconds in which a stream that tells no times has told all that was there."""


class Heard(NamedTuple):
    """What a build's snapshots have said until now, of which the newest was one at ``updated``. ``minutes``
    are those that may be news, the newest first."""

    snapshot: Snapshot
    updated: float
    peak_rate: float | None
    peak_load: float | None
    left: bool
    minutes: Sequence[tuple[int, Sample]]


class Recording:
    """One build, which began at epoch second ``started``. Whoever calls its methods sees to it that one does
    at a time.

    ``doubtful`` says that its start may be the moment at which it was found: it is one of a file that tells
    no times.
    """

    def __init__(self, first: Snapshot, started: float) -> None:
        self.started = started
        self._newest = first
        self._taken = False
        self._updated = 0.0
        self._left = False
        self._peak_rate: float | None = None
        self._peak_load: float | None = None
        self._minute = -1
        self._minutes: dict[int, Sample] = {}
        """By number, oldest first."""
        self._seconds: list[Sample] = []
        """Those of the newest minute that it does not have yet."""
        self._written_before = 0
        self.doubtful = (
            first.source.kind is SourceKind.EVENTS
            and (first.over or first.totals.done > 0)
            and (first.elapsed or 0) < _AT_ONCE
        )

    @property
    def path(self) -> str | None:
        """What is followed."""
        return self._newest.source.path

    def continues_with(self, snapshot: Snapshot) -> bool:
        """Whether ``snapshot`` is of this build, which is told of already."""
        return not told.is_another(self._newest, snapshot)

    def take(self, snapshot: Snapshot, wall: float) -> bool:
        """``snapshot`` says this at epoch second ``wall``; whether it says that the build is over now."""
        before, self._newest = self._newest, snapshot
        known, self._taken = self._taken, True
        if snapshot.state is BuildState.BUILDING:
            self._updated = wall
            self._sample(snapshot)
        elif not known or snapshot.state is not before.state:
            # Once: the age of what does not change is in whole seconds, and would only flicker.
            self._updated = max(self._updated, wall - (snapshot.age or 0))
            if known and snapshot.over and not snapshot.lost:
                self._sample(snapshot)
        return snapshot.over and not (known and before.over)

    def _sample(self, snapshot: Snapshot) -> None:
        sample = sample_of(snapshot)
        self._peak_rate = _larger(self._peak_rate, sample.rate)
        self._peak_load = _larger(self._peak_load, sample.load)
        minute = told.elapsed_of(snapshot, self.started) // 60
        if minute < self._minute:
            return  # its time seemed to go back, and that minute is over
        if minute > self._minute:
            self._fold()
            self._minute = minute
            self._minutes[minute] = NOTHING
            if len(self._minutes) > MINUTES_KEPT:
                del self._minutes[next(iter(self._minutes))]
        self._seconds.append(sample)
        if len(self._seconds) >= _SECONDS:
            self._fold()

    def _fold(self) -> None:
        """Put what is known of the newest minute together: not at each snapshot, which is to cost nothing."""
        if self._seconds:
            self._minutes[self._minute] = together((self._minutes[self._minute], *self._seconds))
            self._seconds.clear()

    def leave(self) -> None:
        """Nobody will hear how it goes on."""
        self._left = True

    def heard(self, *, all_again: bool = False) -> Heard:
        """What is known now; with ``all_again`` the minutes are all that are kept."""
        self._fold()
        minutes: Sequence[tuple[int, Sample]]
        if all_again:
            minutes = [*reversed(self._minutes.items())]
        else:
            # In a day there are many, and whoever tells us of the next one waits meanwhile.
            new = takewhile(lambda entry: entry[0] >= self._written_before, reversed(self._minutes.items()))
            minutes = [*new]
        return Heard(self._newest, self._updated, self._peak_rate, self._peak_load, self._left, minutes)

    def wrote(self, heard: Heard) -> None:
        """This is written. The newest minute may still change."""
        if heard.minutes:
            self._written_before = max(self._written_before, heard.minutes[0][0])


class Unwritten:
    """The packages of one build that are not written yet. Those that were taken back to be built again stay
    as they were written until they end again."""

    def __init__(self) -> None:
        self._known: View[Finished] = View()
        self._waiting: list[Finished] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, finished: View[Finished]) -> None:
        """What has ended until now."""
        before, self._known = self._known, finished
        if finished.continues(before):
            self._waiting += finished[len(before) :]
        else:
            # A retry took some back, the oldest were let go of, or its source was read anew.
            known = set(before)
            self._waiting += [package for package in finished if package not in known]
        if len(self._waiting) > 4 * FINISHED_KEPT:
            self._waiting = list(finished)

    def take_again(self) -> None:
        """Nothing of it is written any more."""
        self._waiting = list(self._known)

    def first(self, count: int, started: float) -> list[PackageRecord]:
        """Up to ``count`` of them, of the build that began at epoch second ``started``."""
        records = (told.package_of(package, started) for package in self._waiting[:count])
        return [record for record in records if record is not None]

    def wrote(self, count: int) -> None:
        """The first ``count`` are written."""
        del self._waiting[:count]


def _larger(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return other if one is None else one
    return one if one >= other else other
