"""A place in which files are written and read at a time that tests set: no clock but this one takes part."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from synthtop.follow.follower import Follower
from synthtop.formats import json
from synthtop.model import (
    BuildState,
    LogKind,
    LogLine,
    Snapshot,
    Source,
    SourceKind,
    Totals,
    View,
    WorkerRow,
    WorkerState,
)

from .samples import NOW

HOST = "builder1"
LATER = 100.0
"""The monotonic second at which a :class:`World` begins."""


class World:
    """Time passes only by :meth:`passes`; what is written has the time at which it was written."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.now = LATER
        self._followers: list[Follower] = []

    @property
    def wall(self) -> float:
        return NOW + self.now - LATER

    def passes(self, seconds: float) -> None:
        self.now += seconds

    def path(self, name: str) -> Path:
        return self.directory / name

    def write(self, name: str, data: bytes) -> Path:
        """Replace the file of that name in one step, as a monitor file is replaced."""
        fresh = self.path(f".{name}.fresh") if "/" not in name else self.path(f"{name}.fresh")
        fresh.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(data)
        self._date(fresh)
        fresh.rename(self.path(name))
        return self.path(name)

    def write_in_place(self, name: str, data: bytes) -> None:
        self.path(name).write_bytes(data)
        self._date(self.path(name))

    def _date(self, path: Path) -> None:
        os.utime(path, (self.wall, self.wall))

    @contextmanager
    def locked(self, name: str, pid: int | None = None) -> Iterator[None]:
        """Hold the lock of that name, as the process ``pid`` would."""
        with self.path(name).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            lock.write(f"{os.getpid() if pid is None else pid}\n")
            lock.flush()
            yield

    def follower(self, name: str) -> Follower:
        follower = Follower(
            str(self.path(name)), clock=lambda: self.now, wall=lambda: self.wall, patience=30.0
        )
        self._followers.append(follower)
        return follower

    def close(self) -> None:
        for follower in self._followers:
            follower.close()


def build(
    seq: int,
    *,
    built: int = 0,
    state: BuildState = BuildState.BUILDING,
    started: float = NOW - 10,
    host: str | None = HOST,
    logs: str | None = None,
    lines: int | None = None,
) -> Snapshot:
    """The snapshot ``seq`` of a build of 100 packages, one line logged for each."""
    lines = seq if lines is None else lines
    return Snapshot(
        seq=seq,
        state=state,
        time=started + seq,
        started=started,
        elapsed=seq,
        source=Source(SourceKind.RUN, None, host, "sample", logs),
        active=1,
        max_workers=4,
        dynmax=4,
        policy="step",
        totals=Totals(100, built),
        workers=(
            WorkerRow(
                0, WorkerState.RUNNING, "build", "devel/gmake", started + 1, seq, 100 * seq, "/l/gmake.log"
            ),
        ),
        log=View([LogLine(n, n, 0, LogKind.START, f"[000] START   devel/p{n}") for n in range(1, lines + 1)]),
    )


def monitor_json(seq: int, **more: object) -> bytes:
    return json.encode(build(seq, **more))  # type: ignore[arg-type]


def same_numbers(shown: Snapshot, written: Snapshot) -> bool:
    """Whether all that ``written`` says in a monitor file is shown, to the byte."""
    as_written = replace(
        shown, state=written.state, source=written.source, age=written.age, problem=written.problem
    )
    return json.encode(as_written) == json.encode(written)
