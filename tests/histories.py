"""Runs, packages and minutes for the tests of the history's file."""

from __future__ import annotations

import os
from typing import Any

from synthtop.history.problem import HistoryError
from synthtop.history.record import Minute, PackageRecord, Run
from synthtop.history.writing import Writer
from synthtop.model import BuildState, Outcome, SourceKind, Totals

STARTED = 1777628657.0
HOUR = 3600.0
LOGS = "/var/log/synth"

RUN = Run(
    id=0,
    host="tinderbox",
    name="main",
    kind=SourceKind.RUN,
    own=True,
    path=None,
    logs=LOGS,
    started=STARTED,
    ended=None,
    updated=STARTED + 10,
    state=BuildState.BUILDING,
    elapsed=10,
    workers=8,
    average_rate=100.5,
    peak_rate=120.0,
    peak_load=7.5,
    totals=Totals(queued=40, built=2, failed=1),
)
"""One of our own, that is building."""


def run(**changes: Any) -> Run:
    return RUN._replace(**changes)


def followed(**changes: Any) -> Run:
    """One of somebody else's."""
    return RUN._replace(
        **{"own": False, "kind": SourceKind.DSYNTH, "path": "/build/Logs/monitor.dat", **changes}
    )


def ended(at: float, **changes: Any) -> Run:
    """One that began at this epoch second and took an hour."""
    over: dict[str, Any] = {
        "started": at,
        "ended": at + HOUR,
        "updated": at + HOUR,
        "elapsed": int(HOUR),
        "state": BuildState.FINISHED,
    }
    return RUN._replace(**{**over, **changes})


def package(origin: str, outcome: Outcome = Outcome.BUILT, duration: int | None = 60) -> PackageRecord:
    log = f"{LOGS}/logs/{origin.replace('/', '___')}.log"
    return PackageRecord(origin, outcome, None, None, STARTED + 5, duration, 1234, log)


def minute(number: int, figure: float | None = 1.0) -> Minute:
    """One in which every figure was this."""
    return Minute(number, *[figure] * (len(Minute._fields) - 1))


def filled(path: str, packages: int = 3) -> None:
    """A history of one run."""
    writer = Writer(path, tell=print)
    writer.write(writer.begin(run()), [package(f"a/{number}") for number in range(packages)], [])
    writer.close()


def aside(path: str) -> list[str]:
    """What was set aside of it."""
    directory, name = os.path.split(path)
    return sorted(entry for entry in os.listdir(directory) if entry.startswith(f"{name}.corrupt-"))


def only_line(error: HistoryError, path: str) -> str:
    """What it says, which is one line that names the file."""
    said = str(error)
    assert said.isprintable()
    assert said.startswith(path)
    return said
