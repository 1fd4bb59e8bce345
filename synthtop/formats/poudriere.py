"""poudriere's ``.data.json``: the numbers, jobs and finished ports of one bulk build.

Its numbers are strings, and sometimes numbers. What a job says of time is its host's monotonic clock.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..model import (
    HOLDING,
    BuildState,
    HostSample,
    Snapshot,
    Source,
    SourceKind,
    Totals,
    WorkerRow,
    WorkerState,
)
from ..units import MAX_SECONDS, MAX_WORKERS
from . import portqueue, ports
from .objects import Object, figure, loads, whole

SETTLING = 20
"""Seconds in which a build has no rate yet, as dsynth has it."""
_LOAD = re.compile(r"\s*(?:\([^()]*\)\s*)?([0-9.]{1,20})(?:\s|$)")
"""``(123%) 9.84 8.00 7.10``: of all cores, then the averages."""
_LAST = 253_402_300_799
"""The last second of the year 9999: there is no date behind it."""
_STATES = {"done": WorkerState.DONE, "crashed": WorkerState.FAILED}
_WITHOUT_A_PORT = {"crashed": WorkerState.FAILED, "stopped": WorkerState.NONE}


def decode(data: bytes, *, now: float, before: Snapshot | None = None, logs: str | None = None) -> Snapshot:
    """What the file says at epoch second ``now``; FormatError names the key that is wrong.

    ``before`` is what it said last: what has finished since is known to have finished now, and the rest is
    taken over. ``logs`` is the directory of package logs; those of the jobs, and of what was built or failed,
    are named whether they exist or not. The file does not say whether a build that has not ended still runs:
    its state is ``building``, and whoever knows the file's age decides.
    """
    top = Object(loads(data.decode("utf-8", "replace")), "")
    status = top.text("status")
    if status is None:
        raise top.wrong("status", "a string")
    snap, stats = top.object("snap"), top.object("stats")
    elapsed = _seconds(snap.get("elapsed"))
    started = figure(top.get("started"))
    if started is not None and not 0 <= started <= _LAST:
        started = None
    buildname = top.text("buildname")
    totals = _totals(stats)
    workers = _workers(top, snap, started, elapsed, logs)
    build, lists = (buildname, started), top.object("ports")
    ended = ports.read(
        lists,
        skipped if isinstance(skipped := top.get("skipped"), Mapping) else {},
        build=build,
        at=elapsed,
        logs=logs,
        before=None if before is None else before.finished,
    )
    queue = portqueue.read(
        lists,
        totals,
        (port.origin for port in ended),
        build=build,
        before=() if before is None else before.queue,
    )
    return Snapshot(
        seq=0,
        state=_state(status),
        time=now,
        source=Source(SourceKind.POUDRIERE, name=top.text("mastername") or buildname, logs=logs),
        started=started,
        elapsed=elapsed,
        active=sum(row.state in HOLDING for row in workers),
        max_workers=len(workers),
        host=_host(snap),
        run_rate=_rate(totals, elapsed),
        totals=totals,
        workers=workers,
        log=ended.log,
        finished=ended,
        queue=queue,
    )


def _seconds(value: object) -> int | None:
    seconds = whole(value)
    return None if seconds is None or seconds > MAX_SECONDS else seconds


def _state(status: str) -> BuildState:
    """``stopped:`` has how it stood before behind it: ``stopped:crashed:``, ``stopped:done:``."""
    words = status.split(":")
    if any(word == "crashed" or word.startswith("sig") for word in words[:2]):
        return BuildState.INTERRUPTED
    return BuildState.FINISHED if words[0] == "stopped" else BuildState.BUILDING


def _totals(stats: Object) -> Totals:
    built, failed, ignored, skipped, fetched, inspected = (
        stats.count(name) or 0 for name in ("built", "failed", "ignored", "skipped", "fetched", "inspected")
    )
    return Totals(stats.count("queued"), built, failed, ignored, skipped, fetched + inspected)


def _rate(totals: Totals, elapsed: int | None) -> float | None:
    """Packages per hour over the whole run."""
    if elapsed is None:
        return None
    return (totals.built + totals.failed) * 3600 / elapsed if elapsed >= SETTLING else 0.0


def _host(snap: Object) -> HostSample:
    average, swapped = snap.get("loadavg"), snap.get("swapinfo")
    if isinstance(average, str):
        found = _LOAD.match(average[:100])
        average = found[1] if found else None
    load = figure(average)
    swap = figure(swapped.strip().removesuffix("%") if isinstance(swapped, str) else swapped)
    return HostSample(
        load=None if load is None or load < 0 else load,
        swap_pct=None if swap is None or not 0 <= swap <= 100 else swap,
        no_swap=swapped == "",
    )


def _workers(
    top: Object, snap: Object, started: float | None, elapsed: int | None, logs: str | None
) -> tuple[WorkerRow, ...]:
    """A row for each job, in the order of their numbers."""
    clock = whole(snap.get("now"))
    taken = None if started is None or elapsed is None else started + elapsed
    rows: dict[int, WorkerRow] = {}
    for job in top.objects("jobs"):
        slot = job.count("id")
        if slot is None:
            raise job.wrong("id", "a whole number")
        if len(rows) < MAX_WORKERS:
            rows[slot] = _worker(slot, job, clock, taken, logs)
    return tuple(rows[slot] for slot in sorted(rows))


def _worker(slot: int, job: Object, clock: int | None, taken: float | None, logs: str | None) -> WorkerRow:
    """``clock`` and ``taken`` are one moment by the clock of the jobs, and in epoch seconds."""
    phase, _, _ = (job.text("status") or "").partition(":")
    origin = job.text("origin") or None
    if origin is None or phase == "idle":
        return WorkerRow(slot, _WITHOUT_A_PORT.get(phase, WorkerState.IDLE))
    state = _STATES.get(phase, WorkerState.RUNNING)
    began = whole(job.get("started"))
    elapsed = None if clock is None or began is None else _seconds(clock - began)
    started = None if elapsed is None or taken is None else taken - elapsed
    log = ports.log_of(job.get("pkgname"), logs)
    origin = ports.flavored(origin, job.get("flavor"))
    return WorkerRow(slot, state, phase or None, origin, started, elapsed, None, log)
