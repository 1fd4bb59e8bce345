"""How many packages are to be built, which ones, and how those that are not any more ended.

Not thread-safe: the collector writes it under its lock.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

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
        # As many as of those that have ended: of a builder that never ends, the first ones have long ago.
        self._named: Ledger[str] = Ledger(FINISHED_KEPT)

    def queue(self, count: int | None, origins: Sequence[str]) -> None:
        """``count`` more packages are to be built, by default as many as there are ``origins``, or one;
        ``origins`` are their names, as far as they are known. ValueError where these are more, or no list."""
        if isinstance(origins, str):
            raise ValueError(f"the origins queued are {origins!r}: expected a list of them")
        count = (len(origins) or 1) if count is None else count
        if count < len(origins):
            raise ValueError(f"{count} packages queued: expected {len(origins)} or more")
        self._queued += count
        for origin in origins:
            self._named.append(origin)

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

    def named(self) -> View[str]:
        """The names of all that were to be built, those that have ended too; of very many not the first."""
        return self._named.view()

    def finished(self) -> View[Finished]:
        """What has ended, in that order."""
        return self._finished.view()
