"""What the statistics cost: events, ticks, monitor files, and counting lines."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from statistics import median

from synthtop.collector import Collector
from synthtop.formats import json as json_format
from synthtop.formats import text as text_format
from synthtop.model import HostSample, Outcome, Snapshot, WorkerState
from synthtop.probes import host_probe
from synthtop.run.growth import LogGrowth

from .figure import Figure, median_of, per_call, seconds

WORKERS = 1024
EVENTS = 200
"""Events between two ticks: a hundred packages that start and end."""


def busy(workers: int = WORKERS) -> Collector:
    """A collector whose workers all hold a package."""
    collector = Collector(workers, probe=lambda: HostSample(load=3.2, ncpus=4, swap_pct=2.0))
    collector.record_queued(40_000)
    for slot in range(workers):
        log = f"/build/logs/devel___package{slot}.log"
        collector.record_worker_update(slot, WorkerState.RUNNING, f"devel/package{slot}", "build", slot, log)
    return collector


def records() -> Iterator[Figure]:
    collector = busy()
    collector.record_queued(10_000_000)
    slots, numbers = count(), count()

    def update() -> None:
        number = next(slots)
        collector.record_worker_update(number % WORKERS, WorkerState.RUNNING, lines=number)

    def phase() -> None:
        collector.record_worker_update(next(slots) % WORKERS, WorkerState.RUNNING, phase="configure")

    def start() -> None:
        number = next(numbers)
        collector.record_worker_update(
            number % WORKERS, WorkerState.RUNNING, f"devel/other{number}", "fetch", 0
        )

    def start_and_completion() -> None:
        number = next(numbers)
        slot, origin = number % WORKERS, f"devel/other{number}"
        collector.record_worker_update(slot, WorkerState.RUNNING, origin, "fetch", 0)
        collector.record_completion(origin, Outcome.BUILT, slot=slot)

    def queued() -> None:
        collector.record_queued(1)

    def log() -> None:
        collector.log("a line of the builder's own")

    def cost(action: Callable[[], object]) -> float:
        # No builder reports more between two ticks; what a tick does with it is measured there.
        value, _ = per_call(action, EVENTS, 41, before=collector.tick)
        return value * 1e6

    for action in (queued, update, phase, start, log):
        yield Figure(f"record: {action.__name__}", cost(action), "µs", 3.0)
    # A completion is worth measuring where its slot holds the package: with the start before it.
    completions = [cost(start_and_completion) - cost(start) for _ in range(5)]
    yield Figure("record: completion", median(completions), "µs", 3.0, runs=tuple(completions))


def ticks() -> Iterator[Figure]:
    for workers in (16, WORKERS):
        collector = busy(workers)
        for events in (0, 100):

            def report(collector: Collector = collector, events: int = events) -> None:
                for number in range(events):
                    collector.record_completion(f"devel/done{number}", Outcome.BUILT)

            value, runs = per_call(collector.tick, 1, 101, before=report)
            yield Figure(
                f"tick, {workers} workers, {events} completions since the last",
                value * 1e3,
                "ms",
                1.0 if workers == WORKERS else None,
                runs=tuple(run * 1e3 for run in runs),
            )
    value, runs = per_call(host_probe(), 200)
    yield Figure("probe of this host", value * 1e3, "ms", runs=tuple(run * 1e3 for run in runs))


def snapshot() -> Snapshot:
    collector = busy()
    for number in range(300):
        collector.record_completion(f"devel/done{number}", Outcome.BUILT)
    return collector.tick()


def files() -> Iterator[Figure]:
    taken = snapshot()
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "file")

        def written(data: bytes) -> None:
            with open(path + ".new", "wb") as file:
                file.write(data)
            os.rename(path + ".new", path)

        for name, encode, budget in (("text", text_format.encode, 0.5), ("JSON", json_format.encode, 4.0)):
            value, runs = per_call(lambda encode=encode: written(encode(taken)), 50)
            yield Figure(
                f"monitor file, {name}, {WORKERS} workers",
                value * 1e3,
                "ms",
                budget,
                runs=tuple(run * 1e3 for run in runs),
            )


def growth() -> Iterator[Figure]:
    """One look a second at 1024 logs that grew by 100 lines each, about the rate to plan for."""
    line = b"cc -O2 -pipe -c -o object.o source.c -> its usual sixty-odd flags\n"
    with tempfile.TemporaryDirectory() as directory:
        descriptors = [
            os.open(os.path.join(directory, str(number)), os.O_RDWR | os.O_APPEND | os.O_CREAT)
            for number in range(WORKERS)
        ]
        logs = [LogGrowth(descriptor, scan=True) for descriptor in descriptors]

        def look() -> float:
            for descriptor in descriptors:
                os.write(descriptor, line * 100)
            return seconds(lambda: [log.read() for log in logs]) * 1e3

        value, runs = median_of(look, 15)
        yield Figure(f"counting lines of {WORKERS} logs, 100 new each", value, "ms/s", 10.0, runs=runs)
        for descriptor in descriptors:
            os.close(descriptor)


def figures() -> Iterator[Figure]:
    yield from records()
    yield from ticks()
    yield from files()
    yield from growth()
