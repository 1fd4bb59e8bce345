"""The samples of one build, kept: by seconds and by minutes."""

from __future__ import annotations

import threading

from ..model import BuildState, Snapshot
from .chart import Chart, Latest, all_charts, pane_charts
from .ring import Columns, Ring
from .sample import NOTHING, Sample, figure, sample_of, together

SECONDS = 600
"""How far back they go second by second."""
MINUTES = 24 * 60
"""How far back they go by minutes."""
_LATEST = 1e12
"""No time is later, in epoch seconds: what a broken source says beyond it is not known."""
_SAME_START = 10.0
"""Seconds by which the start of one build may seem to move, where a source only says how long ago it was."""


def starts_differ(one: float | None, other: float | None) -> bool:
    """Whether two starts, in epoch seconds, are those of two builds; where one is not known, they are not."""
    return one is not None and other is not None and abs(other - one) > _SAME_START


class Trends:
    """Ten minutes of one build's snapshots, and a day of them by minutes, in bounded memory. Safe in any
    thread.

    A snapshot belongs to its build's elapsed second, or to the second of its time where the source does not
    say that. Seconds without a snapshot stay unknown. Another build, or a step back in time, begins anew.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds = Ring(SECONDS)
        # The newest one has what was known when it was last looked at, or left.
        self._minutes = Ring(MINUTES)
        self._before = NOTHING
        """All minutes together that are over, also those that are too old to be kept."""
        self._build: tuple[object, bool] | None = None
        self._begun = 0
        """How many times it began anew: the columns that were made are of another build then."""
        self._started: float | None = None
        self._latest = Latest()
        self._columns = Columns()
        self._all_columns = Columns()
        self._asked = -1
        self._fresh = False
        self._charts: tuple[Chart, ...] = ()
        self._all_charts: tuple[Chart, ...] = ()

    def record(self, snapshot: Snapshot) -> None:
        """Take what ``snapshot`` says, in a few microseconds. One that could not be read says nothing."""
        known = snapshot.elapsed is not None
        second = snapshot.elapsed
        if second is None:
            if not abs(snapshot.time) <= _LATEST:
                return
            second = int(snapshot.time)
        if snapshot.state is BuildState.UNREADABLE:
            return
        sample = sample_of(snapshot)
        latest = Latest(sample, snapshot.host, figure(snapshot.max_workers))
        with self._lock:
            self._come_to(second, (snapshot.source, known), snapshot.started)
            self._latest = latest
            self._seconds.add(sample)
            self._fresh = True

    def _come_to(self, second: int, build: tuple[object, bool], started: float | None) -> None:
        """Make ``second`` the newest one, with nothing known of those that were left out."""
        if started is not None and not abs(started) <= _LATEST:
            started = None
        before, self._started = self._started, started
        minute = second // 60
        if build != self._build or starts_differ(before, started) or second < self._seconds.newest:
            self._build = build
            self._begun += 1
            self._before = NOTHING
            self._seconds.begin_at(second)
            self._minutes.begin_at(minute)
            return
        if minute != self._minutes.newest:
            # Once a minute, and not at each snapshot, which is to cost nothing. Its seconds are all there.
            self._before = together((self._before, self._this_minute()))
            self._minutes.come_to(minute)
        self._seconds.come_to(second)

    def _this_minute(self) -> Sample:
        """The newest minute, as far as it is known."""
        first = self._minutes.newest * 60
        found = together(self._seconds.between(first, first + 60))
        self._minutes.put(found)
        return found

    def kept(self) -> Trends:
        """What is known now, as trends of their own: what is recorded here later does not come to them."""
        kept = Trends()
        with self._lock:
            kept._seconds, kept._minutes = self._seconds.copy(), self._minutes.copy()
            kept._before, kept._build, kept._started = self._before, self._build, self._started
            kept._latest = self._latest
        return kept

    def charts(self, columns: int) -> tuple[Chart, ...]:
        """Rate, impulse, load, swap and workers of the last ten minutes in at most ``columns`` columns each.

        A column is a whole number of seconds, the last one being filled: the bars move on when it is full,
        and not each second. The same charts are the same objects.
        """
        columns = max(0, min(columns, SECONDS))
        with self._lock:
            if self._fresh or columns != self._asked:
                self._asked = columns
                self._fresh = False
                made: list[Sample] = []
                if columns:
                    span = -(-SECONDS // columns)
                    count = SECONDS // span
                    made = self._columns.of(self._seconds, count * span, count, self._begun)
                self._charts = _the_same(self._charts, pane_charts(made, self._latest))
            return self._charts

    def over(self, seconds: int, columns: int) -> tuple[Chart, ...]:
        """All charts of which anything was ever known, of the last ``seconds``, in ``columns`` columns each.

        By seconds up to :data:`SECONDS`, and else by minutes, up to :data:`MINUTES`. As in :meth:`charts`,
        the same charts are the same objects, and the last column is being filled.
        """
        with self._lock:
            known = together((self._before, self._this_minute()))
            made: list[Sample] = []
            if columns > 0 and seconds > SECONDS:
                samples = min(seconds // 60, MINUTES)
                made = self._all_columns.of(self._minutes, samples, columns, self._begun)
            elif columns > 0:
                made = self._all_columns.of(self._seconds, max(1, seconds), columns, self._begun)
            self._all_charts = _the_same(self._all_charts, all_charts(made, self._latest, known))
            return self._all_charts


def _the_same(old: tuple[Chart, ...], made: tuple[Chart, ...]) -> tuple[Chart, ...]:
    """``made``, as the old objects where they are equal."""
    if len(old) == len(made):
        made = tuple(one if one == other else other for one, other in zip(old, made, strict=True))
    return old if made == old else made
