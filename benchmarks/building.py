"""Builds on paper: what they consist of, drawn or recorded, and how they go, one end after another."""

from __future__ import annotations

import json
import math
import random
import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush
from pathlib import Path
from typing import NamedTuple

from synthtop.eta.expected import weights
from synthtop.eta.past import NO_PAST, Past
from synthtop.eta.work import Work
from synthtop.model import (
    FINISHED_KEPT,
    BuildState,
    Finished,
    Ledger,
    Outcome,
    Snapshot,
    Source,
    SourceKind,
    Totals,
    WorkerRow,
    WorkerState,
)
from synthtop.run.graph import chains, edges, in_order
from synthtop.run.outlook import Outlook
from synthtop.run.package import Package, Plan
from synthtop.run.queue import Order, Queue

RECORDED = Path(__file__).parent / "recorded"
NOISE = 0.3
"""Sigma of the logarithm of what a package takes in one run beside another."""
NEW = 0.1
"""The share of packages of which no earlier run knows."""
EARLIER = 3
"""Runs that a warm history has."""
SAMPLE = 200
"""Packages of a category that stand for it."""
SHORTEST, ALPHA = 20.0, 2.0
"""Seconds of the shortest package, and the exponent of Pareto's law: the mean is twice the shortest, and of
30,000 packages the longest takes about a third of the time that 64 workers need for all of them."""
CATEGORIES = 40
APART = 0.5
"""Sigma of the logarithm of the factor by which packages of a category take longer than others."""


class Build(NamedTuple):
    """``seconds`` is how long each package of ``plan`` takes this time, ``past`` what earlier builds say.

    ``usual`` is the median of what each would take in any number of runs. Empty where nobody can know it.
    """

    plan: Plan
    workers: int
    seconds: Sequence[float]
    past: Past
    usual: Sequence[float] = ()

    @property
    def bound(self) -> float:
        """Seconds below which no order can come: the longest chain, or the work shared among all slots."""
        dependents, needs = edges(self.plan.packages)
        longest = chains(dependents, in_order(dependents, needs), self.seconds)
        return max(*longest, sum(self.seconds) / self.workers)


def simulated(count: int, workers: int, seed: int, *, warm: bool = True, pace: float = 1.0) -> Build:
    """A build as of a ports tree; ``pace`` is by what factor all takes longer than it did in earlier runs."""
    chance = random.Random(seed)
    plan, usual = _tree(count, chance)
    origins = [package.origin for package in plan.packages]

    def run() -> list[float]:
        return [seconds * math.exp(chance.gauss(0.0, NOISE)) for seconds in usual]

    earlier = [run() for _ in range(EARLIER)]
    known = [chance.random() >= NEW for _ in origins]
    here = {
        origin: [float(int(seconds)) for seconds in before]
        for origin, is_known, *before in zip(origins, known, *earlier, strict=True)
        if is_known
    }
    past = Past(here, {}, _by_category(here)) if warm else NO_PAST
    seconds = [pace * one for one in run()]
    return Build(plan, workers, seconds, past, [pace * one for one in usual] if warm else ())


def recorded(path: Path, *, warm: bool = True) -> Build:
    """The last run of a recorded build, with what the one before says."""
    found = json.loads(path.read_text(encoding="utf-8"))
    entries = found["packages"]
    plan = _plan(path.stem, [(entry["origin"], entry["needs"]) for entry in entries])
    here = {entry["origin"]: [float(entry["seconds"][-2])] for entry in entries}
    past = Past(here, {}, _by_category(here)) if warm else NO_PAST
    return Build(plan, found["workers"], [float(entry["seconds"][-1]) for entry in entries], past)


def _by_category(here: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for origin, seconds in here.items():
        for category in (origin.partition("/")[0], ""):
            if len(found[category]) < SAMPLE:
                found[category].append(statistics.median(seconds))
    return dict(found)


def _tree(count: int, chance: random.Random) -> tuple[Plan, list[float]]:
    """A plan with its packages in the order of their names, and how long each usually takes.

    It has layers, each smaller than the one below it. Who is in one needs a package of the layer below, and
    up to four others from anywhere below, of which most are one of a few that half the tree needs.
    """
    layers = 6 + int(math.log2(count))
    layer_of = sorted(chance.choices(range(layers), [0.8**layer for layer in range(layers)], k=count))
    first = [layer_of.index(layer) if layer in layer_of else count for layer in range(layers)] + [count]
    hubs = chance.sample(range(max(first[1], 1)), min(max(3, count // 400), first[1]))
    factors = [math.exp(chance.gauss(0.0, APART)) for _ in range(CATEGORIES)]
    origins: list[str] = []
    usual: dict[str, float] = {}
    packages: list[tuple[str, list[str]]] = []
    for number, layer in enumerate(layer_of):
        category = chance.randrange(CATEGORIES)
        origin = f"category{category:02d}/package-{chance.randrange(10**6):06d}-{number}"
        needs: set[int] = set()
        if layer:
            below = range(first[layer - 1], first[layer]) or range(first[layer])
            needs.add(chance.choice(below))
            for _ in range(chance.randrange(5)):
                needs.add(chance.choice(hubs) if chance.random() < 0.6 else chance.randrange(first[layer]))
        origins.append(origin)
        usual[origin] = SHORTEST * chance.paretovariate(ALPHA) * factors[category]
        packages.append((origin, [origins[need] for need in sorted(needs)]))
    plan = _plan(f"{count} packages", sorted(packages))
    return plan, [usual[package.origin] for package in plan.packages]


def _plan(name: str, packages: Sequence[tuple[str, Sequence[str]]]) -> Plan:
    return Plan(
        name,
        None,
        tuple(
            Package(
                origin, *origin.partition("/")[::2], flavor=None, needs=tuple(needs), phases=(), index=index
            )
            for index, (origin, needs) in enumerate(packages)
        ),
    )


class Going:
    """A build on its way, ``now`` seconds old: each free slot takes what the queue hands out."""

    def __init__(self, build: Build, order: Order = "time") -> None:
        self.build = build
        self.now = 0.0
        self.queue = Queue(build.plan.packages, order)
        self.queue.weigh(weights(build.past, [package.origin for package in build.plan.packages]))
        self._outlook = Outlook(build.plan, self.queue)
        self._began = [0.0] * build.workers
        self._running: list[Package | None] = [None] * build.workers
        self._free = list(range(build.workers))
        self._ends: list[tuple[float, int]] = []
        self._finished: Ledger[Finished] = Ledger(FINISHED_KEPT)
        self._seq = 0
        self._fill()

    @property
    def over(self) -> bool:
        return not self._ends

    def work(self, snapshot: Snapshot) -> Work:
        """What is left."""
        work = self._outlook(snapshot)
        assert work is not None  # something was handed out at once
        return work

    def until(self, at: float) -> None:
        """Go on until second ``at``, or to the end, whichever is sooner."""
        while self._ends and self._ends[0][0] <= at:
            self.now, slot = heappop(self._ends)
            package = self._running[slot]
            assert package is not None
            took = int(self.now - self._began[slot])
            self._finished.append(Finished(package.origin, Outcome.BUILT, int(self.now), slot, duration=took))
            self.queue.built(package.origin)
            self._running[slot] = None
            heappush(self._free, slot)
            self._fill()
        if self._ends:
            self.now = at

    def _fill(self) -> None:
        while self._free and (package := self.queue.pop()) is not None:
            slot = heappop(self._free)
            self._running[slot] = package
            self._began[slot] = self.now
            heappush(self._ends, (self.now + self.build.seconds[package.index], slot))

    def snapshot(self) -> Snapshot:
        """What the collector would say now: all times in whole seconds."""
        self._seq += 1
        rows = tuple(
            WorkerRow(slot, WorkerState.IDLE)
            if package is None
            else WorkerRow(
                slot, WorkerState.RUNNING, "build", package.origin, began, int(self.now - began), 0
            )
            for slot, (package, began) in enumerate(zip(self._running, self._began, strict=True))
        )
        workers = self.build.workers
        return Snapshot(
            seq=self._seq,
            state=BuildState.FINISHED if self.over else BuildState.BUILDING,
            time=self.now,
            source=Source(SourceKind.RUN, host="here", name=self.build.plan.name),
            started=0.0,
            elapsed=int(self.now),
            active=workers - len(self._free),
            max_workers=workers,
            dynmax=workers,
            totals=Totals(len(self.build.plan.packages), built=self._finished.total),
            workers=rows,
            finished=self._finished.view(),
        )


def makespan(build: Build, order: Order = "time") -> float:
    """Seconds that all of ``build`` takes."""
    going = Going(build, order)
    going.until(math.inf)
    return going.now


def all_recorded() -> Iterator[Path]:
    """The recorded builds, by name."""
    yield from sorted(RECORDED.glob("*.json"))
