"""How far off the ETA is, beside a division and beside the best that could be known; what the order of
packages is worth; what an ETA costs. All but the last are the same on every host: the builds are drawn, or
recorded.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from synthtop.eta.estimator import Estimator
from synthtop.eta.simulation import simulate
from synthtop.eta.work import Work
from synthtop.model import Eta
from synthtop.run.queue import Order

from .building import NOISE, Build, Going, all_recorded, makespan, recorded, simulated
from .figure import Figure, median_of, seconds

SIZES = (500, 31), (30_000, 3)
"""Packages of a simulated build, and how many such builds."""
WORKERS = 4, 64
ORDERS: tuple[Order, ...] = ("time", "chain", "plan")
MOMENTS = 0.25, 0.5, 0.75
"""The share of the time that is over when the ETA is looked at."""
EVERY = 5.0
"""Seconds from one estimate to the next, as in real life, for the last ``BEFORE`` ones before such a moment.
Else they are made at each of ``STEPS`` parts of the build: a long one would have thousands."""
BEFORE = 4
STEPS = 8
BUDGET = 10.0
"""Percent that it may be off at half way, the history being warm. Where few packages decide it is missed: not
even who knows what each package usually takes is so near."""


class Said(NamedTuple):
    """At one moment of a build ``left`` seconds are left. ``eta`` was said, ``naive`` is elapsed / done ×
    remaining, and ``best`` what could be said by whoever knows how long each package usually takes."""

    left: float
    eta: Eta | None
    naive: float
    best: float | None

    @property
    def off(self) -> float:
        """By what share of what is left the ETA is wrong; where none is said, as wrong as one of nothing."""
        return abs((self.eta.seconds if self.eta else 0) - self.left) / self.left

    @property
    def naive_off(self) -> float:
        return abs(self.naive - self.left) / self.left

    @property
    def best_off(self) -> float | None:
        return None if self.best is None else abs(self.best - self.left) / self.left

    @property
    def held(self) -> bool:
        """Whether the end is within the uncertainty that was said."""
        return self.eta is not None and abs(self.eta.seconds - self.left) <= self.eta.plus_minus


def said(build: Build) -> list[Said]:
    """What is said at each of ``MOMENTS``."""
    whole = makespan(build)
    going = Going(build)
    estimator = Estimator(going.work, lambda: build.past, clock=lambda: going.now, start=False)
    looks = [whole * moment for moment in MOMENTS]
    found = []
    for at in _asked(whole, looks):
        going.until(at)
        snapshot = going.snapshot()
        estimator.on_snapshot(snapshot)
        estimator.estimate()
        if at in looks:
            done = snapshot.totals.done
            naive = at / done * (snapshot.totals.remaining or 0) if done else 0.0
            best = _foreseen(going, going.work(snapshot)) if build.usual else None
            found.append(Said(whole - at, estimator(going.now), naive, best))
    return found


def _foreseen(going: Going, work: Work) -> float:
    """The seconds that are left as far as they can be known: only what differs from run to run cannot."""
    usual = going.build.usual
    mean = math.exp(NOISE * NOISE / 2)
    left = []
    for place, (_, elapsed) in zip(work.running_places, work.running, strict=True):
        # The mean of a lognormal above what has elapsed.
        at = math.log(max(elapsed, 1e-9) / usual[place]) / NOISE
        longer = max(_above(at), 1e-12)
        left.append(max(0.0, usual[place] * mean * _above(at - NOISE) / longer - elapsed))
    seconds_of = {place: usual[place] * mean for place in work.waiting}
    return simulate(work, seconds_of, going.build.workers, left=left).makespan


def _above(at: float) -> float:
    return math.erfc(at / math.sqrt(2)) / 2


def _asked(whole: float, looks: Sequence[float]) -> list[float]:
    """The seconds at which the ETA of a build of ``whole`` seconds is estimated, ``looks`` among them."""
    before = {look - step * EVERY for look in looks for step in range(1, BEFORE + 1)}
    earlier = {whole * step / STEPS for step in range(1, STEPS)}
    return sorted({*looks, *(at for at in before | earlier if 0 < at < max(looks))})


def _errors(name: str, builds: Sequence[Build], budgets: bool = False) -> Iterator[Figure]:
    """How far off it is at each moment, and how often the end is where it was said to be."""
    runs = [said(build) for build in builds]
    for moment, here in zip(MOMENTS, zip(*runs, strict=True), strict=True):
        off = tuple(100 * one.off for one in here)
        naive = statistics.median(100 * one.naive_off for one in here)
        best = statistics.median([100 * one.best_off for one in here if one.best_off is not None] or [0.0])
        bound = BUDGET if budgets and moment == 0.5 else None
        at, note = f"{name}, at {moment:.0%}", f"naive {naive:.3g} %"
        if best:
            note += f", at best {best:.3g} %"
        error = statistics.median(off)
        yield Figure(f"{at}: off by", error, "%", bound, runs=off, note=note)
        if bound is not None:
            yield Figure(f"{at}: closer than naive", naive / max(error, 0.01), "times", 3.0, at_least=True)
    held = [one.held for run in runs for one in run]
    if len(builds) > 1:
        note = f"of {len(held)} moments; 80 is meant"
        yield Figure(f"{name}: end within ±", 100 * sum(held) / len(held), "%", note=note)


def accuracy() -> Iterator[Figure]:
    """Of builds that are drawn, and of those that were recorded."""
    for count, many in SIZES:
        for workers in WORKERS:
            for warm in (True, False):
                name = f"ETA, {count} on {workers}, {'warm' if warm else 'cold'}"
                builds = [simulated(count, workers, seed, warm=warm) for seed in range(many)]
                yield from _errors(name, builds, budgets=warm)
    count, many = SIZES[0]
    slower = [simulated(count, WORKERS[0], seed, pace=1.3) for seed in range(many)]
    yield from _errors(f"ETA, {count} on {WORKERS[0]}, warm, 1.3 times as slow", slower)
    for path in all_recorded():
        for warm in (True, False):
            build = recorded(path, warm=warm)
            yield from _errors(f"ETA, {path.stem}, {'warm' if warm else 'cold'}", [build])


def orders() -> Iterator[Figure]:
    """How long a build takes by each order, in units of the time below which none can come."""

    def figure(name: str, builds: Sequence[Build]) -> Figure:
        bounds = [build.bound for build in builds]
        by_order = {
            order: tuple(makespan(build, order) / bound for build, bound in zip(builds, bounds, strict=True))
            for order in ORDERS
        }
        note = ", ".join(f"{order} {statistics.median(found):.3f}" for order, found in by_order.items())
        runs = by_order["time"]
        return Figure(name, statistics.median(runs), "× bound", runs=runs, note=note)

    for count, many in SIZES:
        for workers in (4, 16, 64):
            builds = [simulated(count, workers, seed) for seed in range(many)]
            yield figure(f"order by time, {count} on {workers}, warm", builds)
    for path in all_recorded():
        yield figure(f"order by time, {path.stem}, warm", [recorded(path)])


def cost() -> Iterator[Figure]:
    """One estimate of a big build at its beginning, when most is left."""
    build = simulated(30_000, 64, 0)
    going = Going(build)
    going.until(600.0)
    estimator = Estimator(going.work, lambda: build.past, clock=lambda: going.now, start=False)
    estimator.on_snapshot(going.snapshot())
    estimator.estimate()  # the first one reads the past

    def once() -> float:
        estimator.on_snapshot(going.snapshot())
        return 1000 * seconds(estimator.estimate)

    value, runs = median_of(once, 9)
    yield Figure("ETA of 30000 packages, 64 workers: one estimate", value, "ms", 50.0, runs=runs)


def figures() -> Iterator[Figure]:
    parts: tuple[Callable[[], Iterator[Figure]], ...] = (cost, accuracy, orders)
    for part in parts:
        yield from part()
