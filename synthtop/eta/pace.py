"""By what factor packages take longer in this build than they did before. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from .lognormal import beyond

_FARTHEST = 1.0
"""How far from those before it a ratio counts: one package that was rewritten says nothing of the others."""
_USUAL = 30
"""So many packages of this build say as much of the spread as all that was known before."""


class Pace:
    """The mean of the logarithms of (took / expected), of all that have ended and of those that run."""

    def __init__(self) -> None:
        self._count = 0
        self._weight = self._weighted = self._squared_weights = 0.0
        self._ratios = self._off = 0.0

    def add(self, ratio: float, weight: float) -> None:
        """One took ``exp(ratio)`` times as long as expected."""
        middle = self._weighted / self._weight if self._weight else 0.0
        ratio = max(middle - _FARTHEST, min(ratio, middle + _FARTHEST))
        self._count += 1
        self._weight += weight
        self._weighted += weight * ratio
        self._squared_weights += weight * weight
        self._ratios += ratio
        self._off += ratio * ratio

    def sigma(self, usual: float) -> float:
        """The standard deviation of one ratio, where ``usual`` is what other builds say."""
        if not self._count:
            return usual
        off = max(0.0, self._off - self._ratios * self._ratios / self._count)
        return sqrt((_USUAL * usual * usual + off) / (_USUAL + self._count))

    def found(
        self, usual: float, usual_sigma: float, sigma: float, running: Sequence[tuple[float, float]]
    ) -> tuple[float, float]:
        """The mean, and how far off that may be (one sigma).

        ``usual`` is what there is to be expected before anything has ended, to within ``usual_sigma``;
        ``sigma`` the standard deviation of one ratio. ``running`` have ratio and weight of those that run.
        """
        weight = self._weight + sum([weight for _, weight in running])
        if not weight:
            return usual, usual_sigma
        squared = self._squared_weights + sum([weight * weight for _, weight in running])
        error = sigma * sigma * squared / (weight * weight)
        keep = usual_sigma * usual_sigma / (usual_sigma * usual_sigma + error)
        mean = usual
        # Of what started, the short ones have ended: without those that run, which get at least the ratio
        # that they have by now, all seems faster than it is as long as little has ended.
        for _ in range(4 if running else 1):
            ends = [weight * (mean + sigma * beyond((ratio - mean) / sigma)) for ratio, weight in running]
            mean = usual + keep * ((self._weighted + sum(ends)) / weight - usual)
        return mean, sqrt(keep * error)
