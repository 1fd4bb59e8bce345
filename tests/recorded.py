"""Runs as a history has them, for tests: fixed, with times of 3 July 2026 in UTC."""

from __future__ import annotations

import math

from synthtop.history.record import Built, Minute, PackageRecord, Run
from synthtop.model import BuildState, Outcome, SourceKind, Totals

BEGAN = 1_783_089_130.0
"""2026-07-03 14:32:10 UTC."""
HOUR = 3600


def run(id: int = 12, **changes: object) -> Run:
    """A build of ours that took three and a half hours, of which two packages failed."""
    standard = Run(
        id=id,
        host="mercury",
        name="ports",
        kind=SourceKind.RUN,
        own=True,
        path=None,
        logs="/build/logs",
        started=BEGAN,
        ended=BEGAN + 3.5 * HOUR,
        updated=BEGAN + 3.5 * HOUR,
        state=BuildState.FINISHED,
        elapsed=int(3.5 * HOUR),
        workers=8,
        average_rate=231.4,
        peak_rate=512.0,
        peak_load=9.41,
        totals=Totals(812, 803, 2, 3, 4),
    )
    return standard._replace(**changes)  # type: ignore[arg-type]


def package(origin: str = "lang/rust", duration: int | None = 7811, **changes: object) -> PackageRecord:
    """One that was built."""
    standard = PackageRecord(
        origin=origin,
        outcome=Outcome.BUILT,
        phase=None,
        reason=None,
        started=BEGAN + 60,
        duration=duration,
        lines=91_022,
        log=f"/build/logs/{origin.replace('/', '___')}.log",
    )
    return standard._replace(**changes)  # type: ignore[arg-type]


def failed(origin: str = "editors/vim", duration: int | None = 751, **changes: object) -> PackageRecord:
    """One that was not."""
    fields = {"outcome": Outcome.FAILED, "phase": "build", "reason": "exit status 1", **changes}
    return package(origin, duration, **fields)


def minutes(count: int) -> list[Minute]:
    """Load and rate that rise and fall twice, workers that are held back in between."""
    return [
        Minute(
            minute=minute,
            rate=round(256 - 256 * math.cos(4 * math.pi * minute / count), 1),
            impulse=2.0,
            load=round(5 - 4.41 * math.cos(4 * math.pi * minute / count), 2),
            swap=0.0 if minute < count // 2 else 12.0,
            active=8.0 if minute < count // 2 else 6.0,
            dynmax=8.0 if minute < count // 2 else 6.0,
            cpu=97.0,
            memory=12.5 * (1 << 30),
        )
        for minute in range(count)
    ]


def built(run: int, duration: int | None, **changes: object) -> Built:
    """How ``lang/rust`` went in a run, of which each began a day after the one before."""
    record = package(duration=duration, started=BEGAN + 60 + (run - 12) * 24 * HOUR)
    return Built(run, "mercury", "ports", record._replace(**changes))  # type: ignore[arg-type]
