"""How many packages are to be built, and how those that are not any more ended.

Not thread-safe: the collector writes it under its lock.
"""

from __future__ import annotations

from collections.abc import Collection

from .model import FINISHED_KEPT, Finished, Ledger, Outcome, Totals, View
from .rate import RateMeter

_ATTEMPTED = {Outcome.BUILT: True, Outcome.FAILED: True, Outcome.IGNORED: False}
"""The outcomes that go into the rate, and whether a build of the package was tried."""
AGAIN = frozenset((Outcome.FAILED, Outcome.SKIPPED))
"""The outcomes that may be given another try."""


class Tally:
    """The counts of a build that began at monotonic second ``began``; ``meter`` has its rates."""

    def __init__(self, began: float) -> None:
        self.meter = RateMeter(began)
        self._began = began
        self._queued = 0
        self._done = 0
        self._miscounted = False
        self._counts = dict.fromkeys(Outcome, 0)
        self._finished: Ledger[Finished] = Ledger(FINISHED_KEPT)

    def queue(self, count: int) -> None:
        """``count`` more packages are to be built."""
        self._queued += count

    def add(self, package: Finished, now: float) -> bool:
        """It ended at monotonic second ``now``. Whether that is the first that was never queued: it counts as
        queued, since a builder that miscounts must not be stopped by its monitor."""
        outcome = package.outcome
        self._counts[outcome] += 1
        self._done += 1
        if outcome in _ATTEMPTED:
            self.meter.record(now, attempted=_ATTEMPTED[outcome])
        self._finished.append(package)
        if self._done <= self._queued:
            return False
        self._queued = self._done
        first, self._miscounted = not self._miscounted, True
        return first

    def take_back(self, origins: Collection[str]) -> None:
        """Those of ``origins`` that have failed or were skipped have not ended. The rates stay as they are:
        what was tried was tried."""
        leaving = [
            package
            for package in self._finished.view()
            if package.outcome in AGAIN and package.origin in origins
        ]
        if not leaving:
            return
        for package in leaving:
            self._counts[package.outcome] -= 1
        self._done -= len(leaving)
        gone = set(map(id, leaving))
        self._finished.drop(lambda package: id(package) in gone)

    @property
    def remaining(self) -> int:
        """Packages that have not ended."""
        return self._queued - self._done

    def totals(self) -> Totals:
        """The counts now."""
        counts = self._counts
        return Totals(
            self._queued,
            counts[Outcome.BUILT],
            counts[Outcome.FAILED],
            counts[Outcome.IGNORED],
            counts[Outcome.SKIPPED],
            counts[Outcome.META],
        )

    def finished(self) -> View[Finished]:
        """What has ended, in that order."""
        return self._finished.view()
