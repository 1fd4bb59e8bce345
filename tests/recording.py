"""A build that goes on at a time that tests set, and the history into which it is recorded."""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from synthtop.history.problem import HistoryError
from synthtop.history.reading import History
from synthtop.history.record import Minute, PackageRecord, Run
from synthtop.history.recorder import Recorder
from synthtop.model import (
    BuildState,
    Finished,
    HostSample,
    Outcome,
    Snapshot,
    Source,
    SourceKind,
    Totals,
    View,
)

HOST = "builder1"
STARTED = 1_777_628_657.5
OWN = Source(SourceKind.RUN, None, HOST, "LiveSystem", "/logs/LiveSystem")
JSON = Source(SourceKind.JSON, "/run/synthtop/LiveSystem.json", HOST, "LiveSystem", "/logs/LiveSystem")
PATIENCE = 30.0


def built(origin: str, at: int, duration: int = 5) -> Finished:
    return Finished(
        origin, Outcome.BUILT, at, 0, "package", None, duration, 100, f"/logs/LiveSystem/{origin}"
    )


def failed(origin: str, at: int) -> Finished:
    return Finished(origin, Outcome.FAILED, at, 0, "build", "exit status 1", 3, 10, None, 2)


def snapshot(elapsed: int, *finished: Finished, source: Source = OWN, **changes: Any) -> Snapshot:
    """A build of ten packages, ``elapsed`` seconds after it began."""
    counts = [sum(package.outcome is outcome for package in finished) for outcome in Outcome]
    said = Snapshot(
        seq=elapsed + 1,
        state=BuildState.BUILDING,
        time=STARTED + elapsed,
        source=source,
        started=STARTED,
        elapsed=elapsed,
        active=1,
        max_workers=4,
        dynmax=4,
        host=HostSample(load=1.0, ncpus=4),
        rate=60.0,
        impulse=0,
        totals=Totals(10, *counts),
        finished=View(finished),
    )
    return replace(said, **changes)


class World:
    """Recorders that write into one history, at a time that tests set."""

    def __init__(self, path: Path) -> None:
        self.path = str(path / "state" / "history.db")
        self.now = 100.0
        self.said: list[str] = []
        self.reports: queue.Queue[str] = queue.Queue()

    @property
    def wall(self) -> float:
        return STARTED + self.now - 100.0

    def report(self, line: str) -> None:
        self.said.append(line)
        self.reports.put(line)

    def recorder(self, *, own: bool = True, writer: Any = None, path: str | None = "") -> Recorder:
        return Recorder(
            self.path if path == "" else path,
            self.report,
            own=own,
            host=HOST,
            clock=lambda: self.now,
            wall=lambda: self.wall,
            writer=writer,
        )

    def tell(self, recorder: Recorder, said: Snapshot) -> None:
        """``said`` is a snapshot of this moment."""
        self.now = 100.0 + (said.time - STARTED)
        recorder.on_snapshot(said)

    def record(self, *told: Snapshot, own: bool = True) -> None:
        """All that a process is told, from its beginning to its end."""
        recorder = self.recorder(own=own)
        for said in told:
            self.tell(recorder, said)
        recorder.close()

    def runs(self) -> list[Run]:
        with History(self.path) as history:
            return history.runs(now=self.wall)

    def packages(self, run: Run) -> list[PackageRecord]:
        with History(self.path) as history:
            return history.packages(run.id)

    def minutes(self, run: Run) -> list[Minute]:
        with History(self.path) as history:
            return history.minutes(run.id)


class Shelf:
    """A writer that keeps what it is given, and fails while it is told to. ``done`` gets each run written."""

    def __init__(self) -> None:
        self.problem: str | None = None
        self.runs: dict[int, Run] = {}
        self.packages: dict[str, PackageRecord] = {}
        self.minutes: dict[int, Minute] = {}
        self.written = 0
        self.done: queue.Queue[Run] = queue.Queue()
        self.tell: Callable[[str], None] = lambda news: None

    def __call__(self, path: str, tell: Callable[[str], None]) -> Shelf:
        self.tell = tell
        return self

    def begin(self, run: Run) -> Run:
        if self.problem is not None:
            raise HistoryError(self.problem)
        return run._replace(id=1)

    def write(self, run: Run, packages: Sequence[PackageRecord], minutes: Sequence[Minute]) -> None:
        if self.problem is not None:
            raise HistoryError(self.problem)
        self.runs[run.id] = run
        self.packages.update({package.origin: package for package in packages})
        self.minutes.update({minute.minute: minute for minute in minutes})
        self.written += len(packages)
        self.done.put(run)

    def close(self) -> None:
        pass
