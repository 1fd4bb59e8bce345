"""What the memory of earlier builds costs: recording one, and asking a thousand of them."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import median

from synthtop.history.reading import History
from synthtop.history.record import Minute, PackageRecord, Run
from synthtop.history.recorder import Recorder
from synthtop.history.writing import Writer
from synthtop.model import BuildState, Finished, Ledger, Outcome, Snapshot, Source, SourceKind, Totals

from .figure import Figure, median_of

RUNS = 1000
PACKAGES = 1000
"""In each run: some of a tree of thirty times as many."""
TREE = 30_000
COMPLETIONS = 100
"""Packages that end between two ticks."""
TICKS = 300
STARTED = 1_700_000_000.0
APART = 20_000.0
HOST = "bench"


def origins_of(count: int) -> list[str]:
    return [f"category{number % 60:02d}/package-{number:05d}" for number in range(count)]


def fill(path: str) -> None:
    """A history of :data:`RUNS` runs, each of :data:`PACKAGES` of the tree, an hour and a half long."""
    chance = random.Random(1)
    tree = origins_of(TREE)
    logs = "/var/log/synth/logs"
    writer = Writer(path, tell=print)
    for number in range(RUNS):
        started = STARTED + APART * number
        ended = started + 5400
        totals = Totals(PACKAGES, PACKAGES)
        state = BuildState.FINISHED
        run = Run(0, HOST, "bench", SourceKind.RUN, True, None, logs, started, ended, ended, state, 5400, 8,
                  666.6, 900.0, 9.5, totals)  # fmt: skip
        packages = [
            PackageRecord(
                origin,
                Outcome.BUILT,
                None,
                None,
                started + 5 * place,
                int(chance.paretovariate(1.2) * 10),
                chance.randrange(20_000),
                f"{logs}/{origin.replace('/', '___')}.log",
            )
            for place, origin in enumerate(chance.sample(tree, PACKAGES))
        ]
        minutes = [Minute(at, 600 * chance.random(), 1.0, 8 * chance.random(), 0.0, 8.0, 8.0, 95.0, 1e9)
                   for at in range(90)]  # fmt: skip
        writer.write(writer.begin(run), packages, minutes)
    writer.close()


def recording(directory: str) -> Iterator[Figure]:
    """What a tick takes longer, while another thread writes it all."""
    ledger: Ledger[Finished] = Ledger(50_000)
    source = Source(SourceKind.RUN, host=HOST, name="bench", logs="/var/log/synth")
    now = time.time()
    first = Snapshot(seq=1, state=BuildState.BUILDING, time=now, source=source, started=now, elapsed=0)
    snapshots = []
    for tick in range(TICKS):
        for number in range(COMPLETIONS):
            origin = f"category{number % 60:02d}/package-{tick}-{number}"
            ledger.append(Finished(origin, Outcome.BUILT, tick, number, None, None, 17, 1234))
        totals = Totals(TICKS * COMPLETIONS, ledger.total)
        snapshots.append(
            replace(first, seq=tick + 1, time=now + tick, elapsed=tick, totals=totals, finished=ledger.view())
        )
    problems: list[str] = []
    path = os.path.join(directory, "recorded.db")
    taken = []
    recorder = Recorder(path, problems.append, own=True, host=HOST, every=0.1)
    for snapshot in snapshots:
        begun = time.perf_counter()
        recorder.on_snapshot(snapshot)
        taken.append(time.perf_counter() - begun)
        time.sleep(0.01)  # of the second to the next tick, so that the writer has its turn and no more
    recorder.close()
    with History(path) as history:
        written = len(history.packages(1))
    if problems or written != TICKS * COMPLETIONS:
        raise AssertionError(f"{written} of {TICKS * COMPLETIONS} packages were recorded: {problems}")
    yield Figure(
        f"history: a tick in which {COMPLETIONS} packages ended",
        median(taken) * 1e3,
        "ms",
        1.0,
        runs=tuple(one * 1e3 for one in taken),
        note=f"at most {max(taken) * 1e3:.2g} ms",
    )


def writing(directory: str) -> Iterator[Figure]:
    """A batch, which nobody waits for."""
    writer = Writer(os.path.join(directory, "written.db"), tell=print)
    run = Run(0, HOST, "bench", SourceKind.RUN, True, None, "/var/log/synth", STARTED, None, STARTED,
              BuildState.BUILDING, 0, 8, None, None, None, Totals())  # fmt: skip
    run = writer.begin(run)
    turns = iter(range(1 << 30))

    def batch() -> float:
        turn = next(turns)
        packages = [
            PackageRecord(f"turn{turn}/package{number}", Outcome.BUILT, None, None, STARTED, 60, 1234, None)
            for number in range(PACKAGES)
        ]
        begun = time.perf_counter()
        writer.write(run, packages, [])
        return time.perf_counter() - begun

    value, runs = median_of(batch, 9)
    writer.close()
    yield Figure(
        f"history: writing {PACKAGES} packages", value * 1e3, "ms", runs=tuple(s * 1e3 for s in runs)
    )


def asking(directory: str) -> Iterator[Figure]:
    path = os.path.join(directory, "synthtop", "history.db")
    fill(path)
    size = os.path.getsize(path)
    yield Figure(f"history: {RUNS} runs of {PACKAGES} packages", size / 1e6, "MB",
                 note=f"{size / RUNS / PACKAGES:.0f} bytes a package")  # fmt: skip
    environ = {**os.environ, "XDG_STATE_HOME": directory}
    some = origins_of(TREE)[7]
    commands = {
        "history": [],
        f"history {RUNS // 2}": [str(RUNS // 2)],
        "history package ORIGIN": ["package", some],
    }
    for name, words in commands.items():

        def process(words: list[str] = words) -> float:
            begun = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "synthtop", "history", *words],
                env=environ,
                stdout=subprocess.DEVNULL,
                check=True,
            )
            return time.perf_counter() - begun

        value, runs = median_of(process)
        yield Figure(f"synthtop {name}, of {RUNS} × {PACKAGES}", value, "s", 0.3, runs=runs)

    def of_all(ask: Callable[[History], object]) -> float:
        begun = time.perf_counter()
        with History(path) as history:
            ask(history)
        return time.perf_counter() - begun

    known = origins_of(TREE)
    value, runs = median_of(lambda: of_all(lambda history: history.past(known, HOST)))
    yield Figure(f"history: what it knows of {TREE} packages, for the ETA", value, "s", 1.0, runs=runs)


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as directory:
        yield from recording(directory)
        yield from writing(directory)
        yield from asking(directory)
