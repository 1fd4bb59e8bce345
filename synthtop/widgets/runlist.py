"""The builds before this one, one line each, the newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo

from ..history.record import Run
from ..historytext.saying import date
from ..model import BuildState, Listed, hms
from ..parts import Part, Role
from ..states import listed_word
from ..text import clean
from .fields import Line
from .keyedrows import KeyedRows
from .ordering import finder
from .tablecolumns import Place, Table

WIDEST = 120
"""Columns after which the eye loses the line: what is wider stays empty at the right."""
_YEAR_FROM = 60
"""Columns from which the year is said."""
_TABLE = Table(
    {
        "when": "Started",
        "name": "Build",
        "host": "Host",
        "state": "State",
        "took": "Time",
        "built": "Built",
        "failed": "Failed",
        "rate": "Rate",
        "load": "Load",
    },
    {"when": 16, "host": 14, "state": 11, "took": 9, "built": 11, "failed": 6, "rate": 7, "load": 6},
    "name",
    10,
    ("when", "state", "failed", "took", "built", "rate", "host", "load"),
    frozenset({"took", "built", "failed", "rate", "load"}),
)
_NARROW = _TABLE._replace(widths={**_TABLE.widths, "when": 11})


def moment(seconds: float | None, zone: tzinfo | None = None, form: str = "%Y-%m-%d %H:%M") -> str:
    """``2026-07-14 09:12``, in this zone; None is that of this host. ``-`` for what is no time."""
    return date(seconds, form, lambda at: datetime.fromtimestamp(at, zone).timetuple())


def table_for(columns: int) -> tuple[Table, dict[str, Place]]:
    """The columns of a list in a view of ``columns``, whatever its rows say."""
    table = _TABLE if columns >= _YEAR_FROM else _NARROW
    return table, table.places(min(columns, WIDEST))


def run_line(run: Run, columns: int, zone: tzinfo | None = None) -> Line:
    """One build."""
    table, places = table_for(columns)
    when = moment(run.started, zone)
    if table is _NARROW:
        when = when[5:] or when
    building = run.state is BuildState.BUILDING
    totals = run.totals
    said = {
        "when": Part(when, Role.TEXT),
        "name": Part(clean(run.name), Role.VALUE if building else Role.TEXT),
        "host": Part(clean(run.host), Role.LABEL),
        "state": state_of(run),
        "took": Part(hms(run.elapsed), Role.VALUE if building else Role.TEXT),
        "built": Part(f"{totals.built}/{'-' if totals.queued is None else totals.queued}", Role.TEXT),
        "failed": Part(str(totals.failed), Role.FAILED if totals.failed else Role.DIM),
        "rate": Part("-" if run.average_rate is None else f"{run.average_rate:.0f}/h", Role.TEXT),
        "load": Part("-" if run.peak_load is None else f"{run.peak_load:.2f}", Role.DIM),
    }
    return table.line(said, places)


def state_of(run: Run) -> Part:
    """How it stands, in a word."""
    return listed_word(Listed(run.name, "", run.kind, run.state, failed=run.totals.failed))


def wanted_runs(runs: Sequence[Run], text: str, zone: tzinfo | None = None) -> list[Run]:
    """Those in which each word of ``text`` occurs: in the name, the host, the state, the date or the paths.

    In which case matters where a word has a capital letter.
    """
    finds: list[Callable[[str], bool]] = [finder(word) for word in text.split()]
    if not finds:
        return list(runs)
    return [run for run in runs if all(found(_said(run, zone)) for found in finds)]


def _said(run: Run, zone: tzinfo | None) -> str:
    failed = "failed" if run.totals.failed else ""
    said = (run.name, run.host, str(run.state), failed, run.path or "", run.logs or "")
    return f"{moment(run.started, zone)} {' '.join(map(clean, said))}"


class RunList(KeyedRows[Run]):
    """Times of day are those of ``zone``; None: of this host."""

    def __init__(self, zone: tzinfo | None = None) -> None:
        super().__init__()
        self._zone = zone

    def key_of(self, item: Run) -> int:
        return item.id

    def row_line(self, row: int, columns: int) -> Line:
        return run_line(self.items[row], columns, self._zone)

    def heading_line(self, columns: int) -> str:
        table, places = table_for(columns)
        return table.heading(places)
