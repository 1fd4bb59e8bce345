"""The packages of a log that have ended, without those that were begun again since."""

from __future__ import annotations

from collections import Counter

from ..model import FINISHED_KEPT, Finished, Ledger, Outcome, Totals, View
from ..tally import AGAIN


class Ended:
    """What is added has ended, in that order, until it is begun again."""

    def __init__(self) -> None:
        self._finished: Ledger[Finished] = Ledger(FINISHED_KEPT)
        self._counts: Counter[Outcome] = Counter()
        self._lost: dict[str, Finished] = {}
        self._begun: dict[int, Finished] = {}  # by id: what is to leave

    def add(self, package: Finished) -> None:
        """It has ended."""
        # What was queued again with the failure that blocked it, and lost again, was never begun: the log has
        # it twice, and it has ended once.
        self.begin(package.origin)
        self._finished.append(package)
        self._counts[package.outcome] += 1
        if package.outcome in AGAIN:  # where the log says a start after these, it was given
            self._lost[package.origin] = package
            if len(self._lost) > 4 * FINISHED_KEPT:
                self._lost = {one.origin: one for one in self.view() if one.outcome in AGAIN}

    def begin(self, origin: str) -> None:
        """It is being built: if it has failed or was skipped before, it has not ended."""
        if self._lost and (package := self._lost.pop(origin, None)) is not None:
            self._begun[id(package)] = package
            self._counts[package.outcome] -= 1

    def view(self) -> View[Finished]:
        """Those that have ended."""
        if self._begun:
            begun, self._begun = self._begun, {}
            self._finished.drop(lambda package: id(package) in begun)
        return self._finished.view()

    @property
    def totals(self) -> Totals:
        """How many ended in which way; how many there are to be is not known."""
        return Totals(None, *(self._counts[Outcome(name)] for name in Totals._fields[1:]))
