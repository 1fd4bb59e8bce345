"""The last ten minutes of a build, second by second, and the charts that are made of them.

Nothing is drawn here: a chart is its figures, one a column, and how they are said.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from typing import NamedTuple

from .model import BuildState, Snapshot
from .throttle import HIGH_LOAD, HIGH_SWAP

SECONDS = 600
"""How far back the trends go."""
_MOST = 1e9
"""No figure of a build or a host is larger: what a broken source says beyond it is not known."""
_LATEST = 1e12
"""The same for a time, in epoch seconds."""
_SAME_START = 10.0
"""Seconds by which the start of one build may seem to move, where a source only says how long ago it was."""
_FULL = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Times a power of ten: what a full bar may stand for. In steps: not each new maximum moves all bars."""
_RATE_AT_LEAST = 120.0
_IMPULSE_AT_LEAST = 2.0
_LOAD_AT_LEAST = 1.0
_SWAP_AT_LEAST = 10.0
"""The least that a full bar stands for: a load of 0.02 is none."""


class Chart(NamedTuple):
    """One figure over the last ten minutes.

    ``latest`` and ``most`` say its newest value and its maximum, ``""`` where nothing is known. ``values``
    are one for each column, oldest first, each the maximum of its time and within 0..``top``, None where
    nothing is known. ``limits`` is the least that the value was limited to in each column, and ``throttled``
    whether workers were held back because of it; both are empty where a chart has no such thing. ``top`` is
    the value of a full bar, over 0.
    """

    name: str
    latest: str
    most: str
    values: tuple[float | None, ...]
    limits: tuple[float | None, ...]
    top: float
    throttled: tuple[bool, ...] = ()


class _Sample(NamedTuple):
    """What is known of one second, or of one column's seconds together."""

    rate: float | None = None
    impulse: float | None = None
    load: float | None = None
    swap: float | None = None
    active: float | None = None
    dynmax: float | None = None
    throttled: bool = False
    by_load: bool = False
    by_swap: bool = False


_NOTHING = _Sample()


def starts_differ(one: float | None, other: float | None) -> bool:
    """Whether two starts, in epoch seconds, are those of two builds; where one is not known, they are not."""
    return one is not None and other is not None and abs(other - one) > _SAME_START


class Trends:
    """Ten minutes of one build's snapshots, in bounded memory. Safe in any thread.

    A snapshot belongs to its build's elapsed second, or to the second of its time where the source does not
    say that. Seconds without a snapshot stay unknown. Another build, or a step back in time, begins anew.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samples: list[_Sample | None] = [None] * SECONDS
        self._now = 0
        self._build: tuple[object, bool] | None = None
        self._started: float | None = None
        self._latest = _NOTHING
        self._slots: float | None = None
        self._ncpus: float | None = None
        self._no_swap = False
        # What was made last, and for how many seconds a column.
        self._span = 0
        self._columns: deque[_Sample] = deque()
        self._newest = 0
        self._taken = 0
        self._asked = -1
        self._fresh = False
        self._charts: tuple[Chart, ...] = ()

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
        host = snapshot.host
        throttled = snapshot.throttled
        reason = snapshot.reason if throttled and snapshot.reason else ""
        sample = _Sample(
            _figure(snapshot.rate if snapshot.rate is not None else snapshot.run_rate),
            _figure(snapshot.impulse),
            _figure(host.load),
            _figure(host.swap_pct),
            _figure(snapshot.active),
            _figure(snapshot.dynmax),
            throttled,
            HIGH_LOAD in reason,
            HIGH_SWAP in reason,
        )
        with self._lock:
            self._come_to(second, (snapshot.source, known), snapshot.started)
            self._latest = sample
            self._slots = _figure(snapshot.max_workers)
            self._ncpus = _figure(host.ncpus)
            self._no_swap = host.no_swap
            there = self._samples[second % SECONDS]
            self._samples[second % SECONDS] = sample if there is None else _together(there, sample)
            self._fresh = True

    def _come_to(self, second: int, build: tuple[object, bool], started: float | None) -> None:
        """Make ``second`` the newest one, with nothing known of those that were left out."""
        if started is not None and not abs(started) <= _LATEST:
            started = None
        before, self._started = self._started, started
        gap = second - self._now
        if build != self._build or starts_differ(before, started) or gap < 0:
            self._build = build
            self._span = 0
            gap = SECONDS
        if gap >= SECONDS:
            self._samples = [None] * SECONDS
        else:
            for passed in range(self._now + 1, second + 1):
                self._samples[passed % SECONDS] = None
        self._now = second

    def kept(self) -> Trends:
        """What is known now, as trends of their own: what is recorded here later does not come to them."""
        kept = Trends()
        with self._lock:
            kept._samples = self._samples.copy()
            kept._now, kept._build, kept._started = self._now, self._build, self._started
            kept._latest, kept._slots, kept._ncpus = self._latest, self._slots, self._ncpus
            kept._no_swap = self._no_swap
        return kept

    def charts(self, columns: int) -> tuple[Chart, ...]:
        """Rate, impulse, load, swap and workers in at most ``columns`` columns each.

        A column is a whole number of seconds, the last one being filled: the bars move on when it is full,
        and not each second. The same charts are the same objects.
        """
        columns = max(0, min(columns, SECONDS))
        with self._lock:
            if self._fresh or columns != self._asked:
                self._asked = columns
                self._fresh = False
                if columns:
                    self._fill(-(-SECONDS // columns))
                made = self._made(list(self._columns) if columns else [])
                old = self._charts
                if old:
                    made = tuple(one if one == other else other for one, other in zip(old, made, strict=True))
                if made != old:
                    self._charts = made
            return self._charts

    def _fill(self, span: int) -> None:
        """Bring the columns of ``span`` seconds each up to now, from where they have been brought before."""
        now, count = self._now, SECONDS // span
        if span != self._span:
            self._span = span
            self._columns = deque([_NOTHING] * count, count)
            self._newest = now // span
            self._taken = (self._newest - count + 1) * span
            self._newest -= count
        for second in range(max(self._taken, now - SECONDS + 1), now + 1):
            column = second // span
            if column > self._newest:
                self._columns.extend([_NOTHING] * min(column - self._newest, count))
                self._newest = column
            sample = self._samples[second % SECONDS]
            if sample is not None:
                self._columns[-1] = _together(self._columns[-1], sample)
        # The newest second itself may come again, and what it said then comes to the same.
        self._taken = now

    def _made(self, columns: list[_Sample]) -> tuple[Chart, ...]:
        now, slots = self._latest, self._slots
        fields = zip(*columns, strict=True) if columns else ((),) * len(now)
        rates, impulses, loads, swaps, actives, limits, throttled, by_load, by_swap = fields
        cpus = max(self._ncpus or 0.0, _LOAD_AT_LEAST)
        swap = _chart("swap", now.swap, swaps, ".0f", "%", least=_SWAP_AT_LEAST, throttled=by_swap)
        if self._no_swap and now.swap is None:
            swap = swap._replace(latest="none")
        workers = _chart("workers", now.active, actives, ".0f", least=1.0, throttled=throttled)
        if slots is not None:
            workers = workers._replace(latest=f"{workers.latest} of {slots:.0f}")
        # All of them are a full bar, and not the most that there were: it is a part of a whole.
        full = max(_maximum(actives), _maximum(limits), slots or 0.0, 1.0)
        return (
            _chart("rate", now.rate, rates, ".0f", per="/h", least=_RATE_AT_LEAST),
            _chart("impulse", now.impulse, impulses, ".0f", least=_IMPULSE_AT_LEAST),
            _chart("load", now.load, loads, ".2f", least=cpus, throttled=by_load),
            swap,
            workers._replace(limits=limits, top=full),
        )


def _chart(
    name: str,
    latest: float | None,
    values: tuple[float | None, ...],
    spec: str,
    unit: str = "",
    *,
    per: str = "",
    least: float,
    throttled: tuple[bool, ...] = (),
) -> Chart:
    """The chart of these values, whose full bar stands for ``least`` at least.

    ``per`` is said once, after the newest value.
    """
    most = _maximum(values)
    return Chart(
        name,
        "-" if latest is None else f"{latest:{spec}}{unit}{per}",
        "" if values.count(None) == len(values) else f"max {most:{spec}}{unit}",
        values,
        (),
        _full(max(most, least)),
        throttled,
    )


def _maximum(values: tuple[float | None, ...]) -> float:
    """The largest of those that are known, 0 where none is."""
    return max(filter(None, values), default=0.0)


def _figure(value: float | None) -> float | None:
    """``value`` where it is one that can be: neither negative nor beyond all measure, and a number."""
    return value if value is not None and 0 <= value <= _MOST else None


def _larger(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return other if one is None else one
    return one if one >= other else other


def _together(one: _Sample, other: _Sample) -> _Sample:
    """The maximum of each figure, but the least that DynMax was: a short throttle is to be seen."""
    if other == one or one is _NOTHING:
        return other
    limit = _larger(one.dynmax, other.dynmax)
    if one.dynmax is not None and other.dynmax is not None:
        limit = min(one.dynmax, other.dynmax)
    return _Sample(
        _larger(one.rate, other.rate),
        _larger(one.impulse, other.impulse),
        _larger(one.load, other.load),
        _larger(one.swap, other.swap),
        _larger(one.active, other.active),
        limit,
        one.throttled or other.throttled,
        one.by_load or other.by_load,
        one.by_swap or other.by_swap,
    )


def _full(value: float) -> float:
    """The value of a full bar in a chart whose maximum is ``value``, over 0."""
    power = 10.0 ** math.floor(math.log10(value))
    return next((step * power for step in _FULL if step * power >= value), value)
