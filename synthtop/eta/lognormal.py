"""What is to be expected of a package that has run for a while already. Pure.

From one run to the next the durations of a package differ by a factor, and so do those of the packages of a
category: it is their logarithms that lie in a bell curve.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cache
from math import erfc, exp, log, pi, sqrt
from typing import NamedTuple

_FARTHEST = 2.0
"""Sigmas over its median that a package may be."""
_WIDEST = 1.0
"""Sigma of what is known of one that is far over its median."""
POINTS = 1024
"""Cases of a bell curve that are told apart."""


@cache  # 2 ms, which no start has to wait for
def quantiles() -> tuple[float, ...]:
    """Points of a bell curve, each as likely as any other, the lowest first."""
    found = []
    at = -3.3
    for index in range(POINTS):
        share = 1 - (index + 0.5) / POINTS
        for _ in range(4):  # Newton, from the point before
            at += (above(at) - share) * sqrt(2 * pi) * exp(at * at / 2)
        found.append(at)
    return tuple(found)


def above(at: float) -> float:
    """How much of a bell curve lies more than ``at`` sigmas over its middle."""
    return erfc(at / sqrt(2)) / 2


class Rest(NamedTuple):
    """A package that has run for ``elapsed`` seconds, of a kind that takes ``median``; ``sigma`` is the
    standard deviation of the logarithm, and ``at`` where in that curve it is now, in sigmas."""

    median: float
    sigma: float
    elapsed: float
    at: float

    def mean(self) -> float:
        """Seconds that it still takes, on average."""
        whole = self.median * exp(self.sigma * self.sigma / 2) * above(self.at - self.sigma) / above(self.at)
        return max(0.0, whole - self.elapsed)

    def drawn(self, point: int) -> float:
        """Seconds that it still takes in case ``point`` of :data:`POINTS`, the shortest first."""
        points = quantiles()
        passed = bisect_left(points, self.at)
        at = points[passed + point * (POINTS - passed) // POINTS]
        return max(0.0, self.median * exp(self.sigma * at) - self.elapsed)


def rest(mean: float, sigma: float, elapsed: float) -> Rest:
    """What is left of a package that has run for ``elapsed`` seconds (0 or more), of a kind that takes
    ``mean`` seconds, ``sigma`` being the standard deviation of the logarithm (both above 0)."""
    median = mean * exp(-sigma * sigma / 2)
    over = log(max(elapsed, 1e-3) / median)
    if over > _FARTHEST * sigma:
        # It is no rare case of what was expected: something about it is new, and the farther it is over, the
        # less is known of it. So it is never about to end just because it should have, but goes on for up to
        # half of what it took so far.
        sigma = max(sigma, min(over / _FARTHEST, _WIDEST))
        return Rest(elapsed * exp(-_FARTHEST * sigma), sigma, elapsed, _FARTHEST)
    return Rest(median, sigma, elapsed, over / sigma)


def beyond(at: float) -> float:
    """Where in a bell curve those are on average that are at ``at`` or over it, in sigmas over its middle."""
    at = min(at, _FARTHEST)
    return exp(-at * at / 2) / sqrt(2 * pi) / above(at)
