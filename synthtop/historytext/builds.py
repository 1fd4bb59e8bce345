"""One package over time: what it took in each run. Pure."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from statistics import median

from ..history.record import Built
from ..model import Outcome, hms
from ..text import fit
from .saying import Local, dates, many, said, why
from .table import Column, section, table, with_bars

LISTED = 20
"""Runs that are listed where nobody says how many."""


def builds_lines(
    origin: str,
    builds: Sequence[Built],
    columns: int | None,
    *,
    now: float,
    most: int | None = LISTED,
    local: Local = time.localtime,
) -> list[str]:
    """How a package went in its runs, the newest first, beside the median of what it took when it was built.

    At most so many runs are listed, None for all of them.
    """
    outcomes = Counter(built.package.outcome for built in builds)
    counted = ", ".join(f"{outcomes[outcome]} {outcome}" for outcome in Outcome if outcomes[outcome])
    lines = [f"{said(origin)}: {counted}"]
    took = _seconds(builds)
    if took:
        lines.append(f"Built in {_times(took)}")
    hosts = sorted({built.host for built in builds})
    for host in hosts if len(hosts) > 1 else ():
        here = _seconds([built for built in builds if built.host == host])
        if here:
            lines.append(f"  on {said(host)}: {_times(here)}")
    shown = builds[:most]
    alone = len(hosts) < 2
    moments = [built.package.started for built in shown]
    rows = table(
        (
            Column("Run", [str(built.run) for built in shown], right=True, leave=2),
            Column("Started", dates(moments, columns, now, local), leave=3),
            Column("Host", [said(built.host) for built in shown], leave=5 if alone else 1, least=8),
            Column("Build", [said(built.name) for built in shown], leave=4, least=8),
            Column("Outcome", [str(built.package.outcome) for built in shown]),
            Column("Duration", [hms(built.package.duration) for built in shown], right=True),
        ),
        columns,
    )
    was_built = [built.package.outcome is Outcome.BUILT for built in shown]
    # What a failure took says nothing of what a build takes: its reason stands there instead.
    values = [built.package.duration if ok else None for built, ok in zip(shown, was_built, strict=True)]
    barred = with_bars(rows, values, columns, usual(builds))
    for place, (built, ok) in enumerate(zip(shown, was_built, strict=True), 1):
        if not ok:
            line = f"{rows[place]}  {why(built.package)}"
            barred[place] = line if columns is None else fit(line, columns)
    lines += section(barred)
    if len(builds) > len(shown):
        lines.append(f" and {many(len(builds) - len(shown), 'earlier run')}: --all lists them")
    return lines


def usual(builds: Sequence[Built]) -> float | None:
    """The median of the seconds that it took when it was built; None where it never was."""
    took = _seconds(builds)
    return median(took) if took else None


def _seconds(builds: Sequence[Built]) -> list[int]:
    """What it took when it was built."""
    packages = [built.package for built in builds if built.package.outcome is Outcome.BUILT]
    return [package.duration for package in packages if package.duration is not None]


def _times(seconds: Sequence[int]) -> str:
    least, most = min(seconds), max(seconds)
    if least == most:
        return hms(least)
    return f"{hms(least)} to {hms(most)}, median {hms(round(median(seconds)))}"
