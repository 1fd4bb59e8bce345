"""One run as text: its head and charts, what failed, and which packages took longest. Pure."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from ..history.record import Minute, PackageRecord, Run
from ..model import BuildState, Outcome, hms
from ..states import READ_AS
from ..trends.sample import figure
from .charts import chart_lines
from .saying import UNKNOWN, Local, count_said, date, load_said, rate_said, said, why
from .table import Column, section, table, with_bars

FAILED = 20
"""Failures that are listed where nobody says how many."""
SLOWEST = 10
"""The same for the packages that took longest."""


def one_run_lines(
    run: Run,
    packages: Sequence[PackageRecord],
    minutes: Sequence[Minute],
    columns: int | None,
    *,
    every: bool = False,
    most: int | None = None,
    local: Local = time.localtime,
) -> list[str]:
    """One run: what is known of it as a whole, its charts, what failed, and which packages took longest.

    ``packages`` are in the order in which they ended; with ``every`` they are all listed. ``most`` is how
    many failures and how many of the slowest are listed otherwise, None for :data:`FAILED` and
    :data:`SLOWEST`.
    """
    lines = list(_head(run, local))
    lines += section(chart_lines(run, minutes, columns))
    failed = [package for package in packages if package.outcome is Outcome.FAILED]
    lines += section(_failure_lines(failed, None if every else most or FAILED, columns))
    if every:
        return lines + section(_package_lines(packages, run.started, columns))
    return lines + section(_slowest_lines(packages, most or SLOWEST, columns))


def _head(run: Run, local: Local) -> Iterator[str]:
    totals = run.totals
    state = f"{run.state}, {totals.failed} failed" if totals.failed else str(run.state)
    yield f"Run {run.id}: {said(run.name)} on {said(run.host)}"
    yield f"State: {state}"
    yield f"Started: {_span(run, local)}  Elapsed: {hms(run.elapsed)}"
    counts = [("Queued", totals.queued), ("Built", totals.built), ("Failed", totals.failed)]
    counts += [("Ignored", totals.ignored), ("Skipped", totals.skipped)]
    counts += [
        (name, count) for name, count in (("Meta", totals.meta), ("Remaining", totals.remaining)) if count
    ]
    yield "  ".join(f"{name}: {count_said(count)}" for name, count in counts)
    yield (
        f"Workers: {count_said(run.workers)}  Rate: {rate_said(run.average_rate)} pkg/hr  "
        f"Peak: {rate_said(run.peak_rate)} pkg/hr  Peak load: {load_said(run.peak_load)}"
    )
    source = "synthtop run" if run.own else READ_AS.get(run.kind, "another synthtop's run")
    yield f"Source: {source}" + (f", {said(run.path)}" if run.path else "")
    if run.logs:
        yield f"Logs: {said(run.logs)}"


def _span(run: Run, local: Local) -> str:
    """When it began, and when it ended or was last heard of."""
    began = date(run.started, "%Y-%m-%d %H:%M:%S", local)
    word, at = ("Ended", run.ended) if run.ended is not None else ("Last heard of", run.updated)
    if run.state is BuildState.BUILDING:
        return began
    ended = date(at, "%Y-%m-%d %H:%M:%S", local)
    if began[:10] == ended[:10]:
        ended = ended[11:]
    return f"{began}  {word}: {ended}"


def _failure_lines(failed: Sequence[PackageRecord], most: int | None, columns: int | None) -> list[str]:
    """A table of what failed, with reason and log of each below it."""
    shown = failed[:most]
    if not shown:
        return []
    rows = table(
        (
            Column("Failed", [said(package.origin) for package in shown], least=16),
            Column("Phase", [said(package.phase or UNKNOWN) for package in shown], leave=2, least=8),
            Column("Duration", [hms(package.duration) for package in shown], right=True, leave=1),
            Column("Lines", [count_said(package.lines) for package in shown], right=True, leave=3),
        ),
        columns,
    )
    lines = rows[:1]
    for row, package in zip(rows[1:], shown, strict=True):
        lines.append(row)
        lines += [f"   {said(text)}" for text in (package.reason, package.log) if text]
    if len(failed) > len(shown):
        lines.append(f" and {len(failed) - len(shown)} more: --all lists them")
    return lines


def _slowest_lines(packages: Sequence[PackageRecord], most: int, columns: int | None) -> list[str]:
    """Those that took longest to be built, the longest first."""
    built = [package for package in packages if package.outcome is Outcome.BUILT]
    timed = [package for package in built if package.duration is not None]
    slowest = sorted(timed, key=lambda package: (-(package.duration or 0), package.origin))[:most]
    if not slowest:
        return []
    heading = "Built" if len(slowest) == len(built) else f"Slowest of {len(built)} built"
    rows = table(
        (
            Column(heading, [said(package.origin) for package in slowest], least=16),
            Column("Duration", [hms(package.duration) for package in slowest], right=True),
            Column("Lines", [count_said(package.lines) for package in slowest], right=True, leave=1),
        ),
        columns,
    )
    return with_bars(rows, [package.duration for package in slowest], columns)


def _package_lines(packages: Sequence[PackageRecord], began: float, columns: int | None) -> list[str]:
    """All of them in their order, each with when it began after the build did."""
    if not packages:
        return []
    return table(
        (
            Column("Began", [_after(package.started, began) for package in packages], right=True, leave=4),
            Column("Duration", [hms(package.duration) for package in packages], right=True, leave=1),
            Column("Outcome", [str(package.outcome) for package in packages]),
            Column("Lines", [count_said(package.lines) for package in packages], right=True, leave=5),
            # In one column: most have been built, and there is no reason for that.
            Column("Origin", [_origin_and_why(package) for package in packages], least=20),
        ),
        columns,
    )


def _origin_and_why(package: PackageRecord) -> str:
    reason = why(package)
    return f"{said(package.origin)}  {reason}" if reason else said(package.origin)


def _after(at: float | None, began: float) -> str:
    seconds = None if at is None else figure(at - began)
    return hms(None if seconds is None else int(seconds))
