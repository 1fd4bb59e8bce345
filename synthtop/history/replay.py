"""A run of the history as screens have builds: a snapshot of how it ended, and charts of its course. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from ..model import Finished, Snapshot, Source, View
from ..trends import Chart
from ..trends.chart import Latest, all_charts
from ..trends.sample import Sample, figure, together
from .oldlog import Span
from .record import Minute, PackageRecord, Run

_LATEST = 1e12
"""No moment is later, in epoch seconds: what a broken file says beyond it is not known."""
_MOST_BYTES = 1e15


class Replay(NamedTuple):
    """A run, the snapshot that it left, and its minutes, oldest first."""

    run: Run
    snapshot: Snapshot
    minutes: Sequence[Minute] = ()

    @property
    def span(self) -> int:
        """Seconds that the minutes are of."""
        return 60 * (self.minutes[-1].minute + 1) if self.minutes else 60


def replayed(run: Run, packages: Sequence[PackageRecord] = (), minutes: Sequence[Minute] = ()) -> Replay:
    """A run whose packages are in the order in which they ended."""
    said = sorted((one for one in minutes if one.minute >= 0), key=lambda one: one.minute)
    return Replay(run, snapshot_of(run, packages), said)


def snapshot_of(run: Run, packages: Sequence[PackageRecord] = ()) -> Snapshot:
    """How ``run`` stood when it was told of the last time, with these packages ended.

    Its ``seq`` is the second of that: of two the newer one has the larger.
    """
    return Snapshot(
        seq=int(run.updated) if 0 < run.updated < _LATEST else 1,
        state=run.state,
        time=run.updated,
        source=Source(run.kind, run.path, run.host, run.name, run.logs),
        started=run.started,
        elapsed=run.elapsed,
        max_workers=run.workers,
        run_rate=run.average_rate,
        totals=run.totals,
        finished=View([finished_of(package, run.started) for package in packages]),
    )


def finished_of(package: PackageRecord, since: float | None = None) -> Finished:
    """``package``, ended at the second after ``since``, the epoch second at which its run began."""
    span = span_of(package)
    after = None if span is None or since is None else span.ended - since
    return Finished(
        package.origin,
        package.outcome,
        max(0, round(after)) if after is not None and abs(after) < _LATEST else None,
        None,
        package.phase,
        package.reason,
        package.duration,
        package.lines,
        package.log,
    )


def span_of(package: PackageRecord) -> Span | None:
    """When ``package`` was built; None where that is not known."""
    if package.started is None or package.duration is None:
        return None
    return Span(package.started, package.started + package.duration)


def span_within(package: Finished, began: float) -> Span | None:
    """The same of a package of a run that began at this epoch second."""
    if package.at is None or package.duration is None:
        return None
    return Span(began + package.at - package.duration, began + package.at)


def course(replay: Replay, columns: int) -> tuple[Chart, ...]:
    """Charts of the whole run, its first minute in the first of ``columns`` and its last in the last.

    In the place of the newest value each says the median of the minutes, and of the rate the average of
    the whole run.
    """
    samples = [_sample(minute, replay.run.workers) for minute in replay.minutes]
    if not samples or columns < 1:
        return ()
    bins: list[list[Sample]] = [[] for _ in range(columns)]
    whole = replay.minutes[-1].minute + 1
    for minute, sample in zip(replay.minutes, samples, strict=True):
        first = minute.minute * columns // whole
        # Where there are fewer minutes than columns each has several.
        for at in range(first, max(first + 1, (minute.minute + 1) * columns // whole)):
            bins[at].append(sample)
    slots = figure(replay.run.workers)
    charts = all_charts(
        [together(bin) for bin in bins], Latest(_median(samples), slots=slots), together(samples)
    )
    return tuple(_said(chart, figure(replay.run.average_rate)) for chart in charts)


def _said(chart: Chart, average: float | None) -> Chart:
    if chart.name == "rate" and average is not None:
        return chart._replace(latest=f"{average:.0f} pkg/h on average")
    return chart._replace(latest=f"median {chart.latest}")


def _sample(minute: Minute, workers: int | None) -> Sample:
    dynmax, memory = figure(minute.dynmax), minute.memory
    return Sample(
        figure(minute.rate),
        figure(minute.impulse),
        figure(minute.load),
        figure(minute.swap),
        figure(minute.active),
        dynmax,
        figure(minute.cpu),
        memory if memory is not None and 0 <= memory <= _MOST_BYTES else None,
        throttled=dynmax is not None and workers is not None and dynmax < workers,
    )


def _median(samples: Sequence[Sample]) -> Sample:
    """The median of each figure where it is known."""
    rate, impulse, load, swap, active, dynmax, cpu, memory, *_ = zip(*samples, strict=True)
    return Sample(
        _middle(rate),
        _middle(impulse),
        _middle(load),
        _middle(swap),
        _middle(active),
        _middle(dynmax),
        _middle(cpu),
        _middle(memory),
    )


def _middle(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
