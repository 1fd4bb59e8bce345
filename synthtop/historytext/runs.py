"""A table of runs. Pure."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ..history.record import Run
from ..model import hms
from .saying import Local, count_said, dates, load_said, rate_said, said
from .table import Column, table


def run_lines(
    runs: Sequence[Run], columns: int | None, now: float, local: Local = time.localtime
) -> list[str]:
    """A table of runs in their order. Rates are packages per hour: the average and the peak."""
    alone = len({run.host for run in runs}) < 2
    totals = [run.totals for run in runs]
    listed = (
        Column("Run", [str(run.id) for run in runs], right=True),
        Column("Started", dates([run.started for run in runs], columns, now, local), leave=2),
        Column("Host", [said(run.host) for run in runs], leave=9 if alone else 4, least=8),
        Column("Build", [said(run.name) for run in runs], leave=1, least=10),
        Column("State", [str(run.state) for run in runs]),
        Column("Duration", [hms(run.elapsed) for run in runs], right=True, leave=5),
        Column("Built", [str(counts.built) for counts in totals], right=True, leave=6),
        Column("Failed", [str(counts.failed) for counts in totals], right=True, leave=3),
        Column("Queued", [count_said(counts.queued) for counts in totals], right=True, leave=7),
        Column("Rate", [rate_said(run.average_rate) for run in runs], right=True, leave=8),
        Column("Peak", [rate_said(run.peak_rate) for run in runs], right=True, leave=10),
        Column("Load", [load_said(run.peak_load) for run in runs], right=True, leave=11),
    )
    return [line.rstrip() for line in table(listed, columns)]
