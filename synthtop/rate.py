"""Completions in one-second buckets: what rate and impulse are made of.

Buckets follow the clock that is handed in, not the ticks: a late tick, a burst or a
process that was stopped leave the sums right.
"""

from __future__ import annotations

from math import floor


class BucketRing:
    """Counts of the last ``size`` seconds, the one being filled included.

    ``now`` is monotonic seconds and may only grow; a step back counts as no step, so that a
    clock that is not quite monotonic loses nothing. A gap of ``size`` seconds or more empties
    the ring.
    """

    __slots__ = ("_buckets", "_second", "_sum")

    def __init__(self, size: int, now: float) -> None:
        """``size`` is the number of buckets, at least 2."""
        if size < 2:
            raise ValueError(f"a ring of {size} buckets: expected at least 2")
        self._buckets = [0] * size
        self._second = floor(now)
        self._sum = 0

    def _advance(self, now: float) -> None:
        second = floor(now)
        gap = second - self._second
        if gap <= 0:
            return
        buckets = self._buckets
        size = len(buckets)
        if gap >= size:
            buckets[:] = [0] * size
            self._sum = 0
        else:
            for passed in range(self._second + 1, second + 1):
                self._sum -= buckets[passed % size]
                buckets[passed % size] = 0
        self._second = second

    def add(self, now: float, count: int = 1) -> None:
        """Count ``count`` completions in the bucket of ``now``."""
        self._advance(now)
        self._buckets[self._second % len(self._buckets)] += count
        self._sum += count

    def total(self, now: float) -> int:
        """The sum over all buckets at ``now``."""
        self._advance(now)
        return self._sum

    def last(self, now: float) -> int:
        """The count of the last whole second: the bucket before the one being filled."""
        self._advance(now)
        return self._buckets[(self._second - 1) % len(self._buckets)]


class RateMeter:
    """Rate and impulse as the dashboard shows them, and dsynth's own pair beside them.

    All rates are packages per hour. ``rate``: the last 60 s. ``impulse``: completions in the last
    whole second. ``run_rate``: the whole run, 0 in its first 20 s. ``impulse_10m``: the last 600 s, or
    the run so far where it is shorter, 0 in its first 20 s. Built, failed and ignored packages
    count in the first pair; dsynth's pair knows built and failed only.
    """

    __slots__ = ("_attempted", "_long", "_minute", "_started")

    WARM_UP = 20.0
    """Seconds in which dsynth's pair says 0: too few packages to speak of a rate."""

    def __init__(self, now: float) -> None:
        self._started = now
        self._minute = BucketRing(60, now)
        self._long = BucketRing(600, now)
        self._attempted = 0

    def record(self, now: float, *, attempted: bool) -> None:
        """Count one completion; ``attempted`` says that it was built or failed, not ignored."""
        self._minute.add(now)
        if attempted:
            self._long.add(now)
            self._attempted += 1

    def rate(self, now: float) -> float:
        return self._minute.total(now) * 60.0

    def impulse(self, now: float) -> int:
        return self._minute.last(now)

    def run_rate(self, now: float) -> float:
        elapsed = now - self._started
        return 0.0 if elapsed < self.WARM_UP else self._attempted * 3600.0 / elapsed

    def impulse_10m(self, now: float) -> float:
        elapsed = now - self._started
        return 0.0 if elapsed < self.WARM_UP else self._long.total(now) * 3600.0 / min(elapsed, 600.0)
