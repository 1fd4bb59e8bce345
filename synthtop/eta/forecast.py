"""What a build still takes, and how sure that is: it is built on paper, with durations drawn by lot. Pure."""

from __future__ import annotations

from math import exp, sqrt
from typing import NamedTuple

from .expected import NEW, Expected
from .lognormal import POINTS, Rest, quantiles, rest
from .simulation import simulate
from .work import Work

_MOST, _FEWEST = 25, 5
"""Cases that are drawn. Where fewer can be afforded, one stands for all, with what each takes on average:
luck evens out among so many."""
_AFFORDABLE = 12_000
"""Packages in all cases together: about 20 ms."""
_COVERED, _SIGMAS = 0.8, 1.28
"""The share of all builds that end within the uncertainty, and how many sigmas to each side that is."""
_GROUNDS = 3
"""Durations without which nothing can be said."""
_DOUBT = 0.03
"""Sigma of whatever is not drawn, as a share of what is left."""
_BLIND, _BLINDEST = 0.1, 0.3
"""The same of not knowing who needs whom, or how long new packages take, for as many slots as the root of the
number of packages; and the most that it is. Where few packages are on many slots, a chain of them decides."""


class Forecast(NamedTuple):
    """``seconds`` until the build has ended, and the half width of what four of five builds keep to."""

    seconds: float
    plus_minus: float


def forecast(work: Work, expected: Expected, slots: int) -> Forecast | None:
    """How long ``work`` still takes on ``slots`` slots; None where nothing can be said.

    The same question has the same answer, and a package the same luck from beginning to end: what is said
    moves with what happens, not with the lot.
    """
    expected.heed(work.running)
    if expected.grounds < _GROUNDS:
        return None
    draw = _Draw(work, expected, slots)
    cases = min(_MOST, _AFFORDABLE // (draw.size + 1))
    if cases < _FEWEST:
        middle, off = draw.on_average()
    else:
        # The middle one, and not their mean: a build that is much too long is much farther off than one that
        # is too short ever can be.
        found = sorted([draw.case(number, cases) for number in range(cases)])
        middle = (found[(cases - 1) // 2] + found[cases // 2]) / 2
        off = sorted([abs(seconds - middle) for seconds in found])[int(_COVERED * cases)]
    blind = min(_BLINDEST, _BLIND * slots / sqrt(draw.size + 1)) * (
        draw.shares[NEW] if work.dependents else 1.0
    )
    return Forecast(middle, sqrt(off * off + (_SIGMAS * (_DOUBT + blind) * middle) ** 2))


class _Draw:
    """What is drawn from: all that is left of a build, with how long it takes and how sure that is."""

    def __init__(self, work: Work, expected: Expected, slots: int) -> None:
        self._work, self._slots = work, slots
        self._seconds, self._bases = expected.by_place(work.origins)
        self._rests: list[Rest] = []
        for running in work.running:
            kind = expected.kind(running.origin)
            self._rests.append(rest(kind.seconds, kind.sigma, running.elapsed))
        self._tables: list[list[float]] | None = None
        self._unnamed = expected.unnamed
        self._sigmas, self._unsure = expected.sigmas, expected.unsure
        # Of the packages, ended ones too: near enough, and there already.
        everyone = max(1, len(self._bases) + work.unnamed)
        self.shares = [self._bases.count(basis) / everyone for basis in range(len(self._unsure))]
        self.shares[NEW] += work.unnamed / everyone
        self.size = len(work.waiting) + len(self._rests) + work.unnamed

    def case(self, number: int, cases: int) -> float:
        """Seconds until all has ended in case ``number`` of so many."""
        work = self._work
        points, tables = quantiles(), self._varied()
        luck = []
        for basis, unsure in enumerate(self._unsure):
            # All that rests upon the same is too long or too short together; of that each case has another
            # part of the bell curve, in an order of its own for each basis.
            point = (number * (7, 11, 13)[basis] % cases * 2 + 1) * POINTS // (2 * cases)
            luck.append(exp(unsure * points[point]))
        seconds, bases, salt = self._seconds, self._bases, number * 7919
        durations = {
            place: seconds[place]
            * luck[basis := bases[place]]
            * tables[basis][(place + salt) * 2654435761 >> 16 & POINTS - 1]
            for place in work.waiting
        }
        left = [
            one.drawn((index + salt) * 2654435761 >> 16 & POINTS - 1) for index, one in enumerate(self._rests)
        ]
        return simulate(work, durations, self._slots, left=left, unnamed=self._unnamed * luck[NEW]).makespan

    def _varied(self) -> list[list[float]]:
        """The factors by which packages differ from what is expected, by what that rests upon.

        Once for all cases, and not at all where none waits: with few packages that was most of an estimate.
        """
        if self._tables is None:
            waiting = bool(self._work.waiting)
            self._tables = [
                [exp(sigma * at - sigma * sigma / 2) for at in quantiles()] if waiting else []
                for sigma in self._sigmas
            ]
        return self._tables

    def on_average(self) -> tuple[float, float]:
        """Seconds until all has ended, and what is their uncertainty, where each takes what it does on
        average."""
        work, slots = self._work, self._slots
        left = [one.mean() for one in self._rests]
        paper = simulate(work, self._seconds, slots, left=left, unnamed=self._unnamed)
        noise = sum(
            [
                (unsure * share * paper.makespan) ** 2
                for unsure, share in zip(self._unsure, self.shares, strict=True)
            ]
        )
        # What cannot be shared among the slots is a chain of a few long packages, and their luck is its luck.
        chain = max(0.0, paper.makespan - paper.work / slots)
        noise += (self._sigmas[0] * chain) ** 2 / 2
        return paper.makespan, _SIGMAS * sqrt(noise)
