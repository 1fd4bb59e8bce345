"""How long packages take that nobody has built before: as long as others of their category. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import exp, expm1, log, sqrt

from .lognormal import rest

_ALIKE = 5
"""So many packages of its category say as much of a new package as all of the others together."""
_SIGMA = 1.0
"""Of the logarithm of durations of unlike packages, as far as nothing else is known."""
_FEW = 20
"""So many durations say as much of it as that: the first that end are all short, and alike."""
_DOUBT = 0.1
"""By how much (sigma) those that are left may differ from those that have ended, for reasons not known."""


class Durations:
    """Durations of packages of one kind, in sums."""

    __slots__ = ("count", "logs", "squares", "total")

    def __init__(self) -> None:
        self.count = 0
        self.total = self.logs = self.squares = 0.0

    def add(self, seconds: float) -> None:
        """One took so long (above 0)."""
        logarithm = log(seconds)
        self.count += 1
        self.total += seconds
        self.logs += logarithm
        self.squares += logarithm * logarithm

    def merge(self, others: Durations, shift: float = 0.0) -> None:
        """Add ``others``, all of them ``exp(shift)`` times as long."""
        self.count += others.count
        self.total += others.total * exp(shift)
        self.logs += others.logs + others.count * shift
        self.squares += others.squares + shift * (2 * others.logs + others.count * shift)


class Newcomers:
    """Means of categories: of packages that were built ``before``, and of what of this build is new."""

    def __init__(self, before: Mapping[str, Durations]) -> None:
        self._before = before
        self._before_all = _merged(before.values())
        self._ended: dict[str, Durations] = {}
        self._shift = 0.0
        self._running: dict[str, tuple[float, int]] = {}
        self.mean = 1.0
        self.sigma = _SIGMA
        self.unsure = _SIGMA

    @property
    def before(self) -> int:
        """How many durations earlier builds have said."""
        return self._before_all.count

    def ended(self, category: str, seconds: float) -> None:
        """A new package of ``category`` took ``seconds``."""
        self._ended.setdefault(category, Durations()).add(seconds)

    def settle(self, shift: float, running: Sequence[tuple[str, float]]) -> None:
        """Find the means, where all is ``exp(shift)`` times as slow as it was before, and ``running`` are the
        categories of new packages that run, and for how long so far."""
        self._shift = shift
        whole = _merged(self._ended.values())
        whole.merge(self._before_all, shift)
        self._running = {}
        if not whole.count:
            # Nothing has ended: each will take as long again as it has run, which is as good as any.
            taken = [2 * max(elapsed, 1.0) for _, elapsed in running]
            self.mean = sum(taken) / len(taken) if taken else 1.0
            self.sigma, self.unsure = _SIGMA, _SIGMA
            return
        self.mean = whole.total / whole.count
        variance = max(0.0, whole.squares / whole.count - (whole.logs / whole.count) ** 2)
        self.sigma = sqrt((variance * whole.count + _SIGMA * _SIGMA * _FEW) / (whole.count + _FEW))
        for _ in range(3 if running else 0):
            # As with a pace: what has ended are the short ones of those that have started.
            taken_by: dict[str, tuple[float, int]] = {}
            for category, elapsed in running:
                seconds = elapsed + rest(self.of(category), self.sigma, elapsed).mean()
                total, count = taken_by.get(category, (0.0, 0))
                taken_by[category] = total + seconds, count + 1
            self._running = taken_by
            total = sum([total for total, _ in taken_by.values()])
            self.mean = (whole.total + total) / (whole.count + len(running))
        self.unsure = sqrt(expm1(self.sigma * self.sigma) / (whole.count + len(running)) + _DOUBT * _DOUBT)

    def of(self, category: str) -> float:
        """How long a new package of ``category`` takes on average."""
        known = Durations()
        if category in self._before:
            known.merge(self._before[category], self._shift)
        if category in self._ended:
            known.merge(self._ended[category])
        total, count = self._running.get(category, (0.0, 0))
        return (known.total + total + _ALIKE * self.mean) / (known.count + count + _ALIKE)


def _merged(parts: Iterable[Durations]) -> Durations:
    whole = Durations()
    for part in parts:
        whole.merge(part)
    return whole
