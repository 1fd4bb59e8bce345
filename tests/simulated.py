"""A whole build for tests, on the simulated operating system of ``fakelayer.py``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from synthtop.collector import Collector
from synthtop.model import Finished, HostSample, LogKind, Snapshot
from synthtop.run.job import Workplace
from synthtop.run.package import Command, Package, Plan
from synthtop.run.queue import Order, Queue
from synthtop.run.resultlogs import LISTS, ResultLogs
from synthtop.run.resume import Resumed
from synthtop.run.runner import Runner
from synthtop.run.tasks import Task

from .fakelayer import Act, FakeLayer, Spawned

GRACE = 10.0
IDLE_HOST = HostSample(load=0.0, ncpus=4, swap_pct=0.0)


class Build:
    """A runner with everything around it, and the clock of its simulated layer."""

    def __init__(
        self,
        directory: Path,
        packages: Sequence[Package],
        act: Callable[[Spawned], Act] = lambda _: Act(),
        *,
        workers: int = 2,
        memory: int | None = None,
        skip_if: Command | None = None,
        timeout: float | None = None,
        fail_fast: bool = False,
        probe: Callable[[], HostSample] = lambda: IDLE_HOST,
        orphaned: Callable[[], bool] = lambda: False,
        spare: Callable[[], frozenset[int]] = frozenset,
        table: Callable[[], dict[int, Task]] = dict,
        retry: int = 0,
        order: Order = "time",
        resumed: Resumed | None = None,
        weights: Callable[[float], Sequence[float] | None] = lambda patience: None,
    ) -> None:
        self.directory = directory
        self.packages = packages
        self.layer = FakeLayer(act)
        self.collector = Collector(workers, probe=probe, clock=self.layer.clock, wall=self.layer.clock)
        self.snapshots: list[Snapshot] = []
        self.lists = ResultLogs(str(directory), self.collector.log)
        plan = Plan("test", workers, tuple(packages), memory=memory, skip_if=skip_if)
        place = Workplace(
            logs=str(directory),
            work=str(directory / "work"),
            directory=str(directory),
            env={"PATH": "/bin"},
            jobs=1,
            timeout=timeout,
            grace=GRACE,
        )
        self.runner = Runner(
            plan,
            Queue(packages, order),
            self.collector,
            place,
            self.layer,
            self.lists,
            fail_fast=fail_fast,
            retry=retry,
            resumed=resumed,
            weights=weights,
            orphaned=orphaned,
            spare=spare,
            table=table,
            clock=self.layer.clock,
        )

    def tick_each_second(self) -> None:
        self.layer.each_second.append(lambda: self.snapshots.append(self.collector.tick()))

    def run(self) -> Snapshot:
        try:
            self.runner.run()
        finally:
            self.lists.close()
        self.collector.finish(self.runner.state)
        return self.collector.tick()

    def listed(self, kind: LogKind) -> list[str]:
        """The origins in the list of ``kind``."""
        word = 2 if kind in (LogKind.BUILT, LogKind.FAILED) else 1
        return [line.split()[word] for line in (self.directory / LISTS[kind]).read_text().splitlines()]

    @property
    def finished(self) -> dict[str, Finished]:
        return {one.origin: one for one in self.collector.tick().finished}

    @property
    def notes(self) -> list[str]:
        return [line.text for line in self.collector.tick().log if line.kind is LogKind.NOTE]


def outcomes(build: Build) -> dict[str, str]:
    return {origin: one.outcome.value for origin, one in build.finished.items()}


def failing(*origins: str) -> Callable[[Spawned], Act]:
    return lambda started: Act(code=3 if started.origin in origins else 0)
