"""How long one package took from build to build, one line each, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from ..history.record import Built
from ..model import Outcome, hms
from ..parts import Part, Role
from ..text import clean
from .bars import eighths
from .fields import Line
from .keyedrows import KeyedRows
from .progress import EIGHTHS
from .runlist import moment
from .tablecolumns import Place, Table

WIDEST = 120
_BAR = 30
_YEAR_FROM = 60
_TABLE = Table(
    {
        "when": "Started",
        "name": "Build",
        "host": "Host",
        "run": "Run",
        "outcome": "Outcome",
        "took": "Duration",
        "bar": "",
    },
    {"when": 16, "host": 14, "run": 5, "outcome": 7, "took": 9, "bar": _BAR},
    "name",
    8,
    ("took", "when", "outcome", "bar", "run", "host"),
    frozenset({"took", "run"}),
)
_NARROW = _TABLE._replace(widths={**_TABLE.widths, "when": 11})
_SHORTER = 18
"""Columns of the bar where there is no room for a longer one."""


def table_for(columns: int) -> tuple[Table, dict[str, Place]]:
    """The columns of a list in a view of ``columns``, whatever its rows say."""
    table = _TABLE if columns >= _YEAR_FROM else _NARROW
    if columns < 100:
        table = table._replace(widths={**table.widths, "bar": _SHORTER})
    return table, table.places(min(columns, WIDEST))


def built_line(built: Built, most: int, columns: int, zone: tzinfo | None = None) -> Line:
    """One build of the package, with a bar as long as it took, ``most`` being the longest."""
    table, places = table_for(columns)
    package = built.package
    when = moment(package.started, zone)
    if table.widths["when"] < _TABLE.widths["when"]:
        when = when[5:] or when
    failed = package.outcome is Outcome.FAILED
    duration = package.duration
    bar = "" if not duration else _bar(duration, most, table.widths["bar"])
    said = {
        "when": Part(when, Role.TEXT),
        "name": Part(clean(built.name), Role.TEXT),
        "host": Part(clean(built.host), Role.LABEL),
        "run": Part(str(built.run), Role.DIM),
        "outcome": Part(str(package.outcome), Role(package.outcome.value)),
        "took": Part("-" if duration is None else hms(duration), Role.VALUE),
        "bar": Part(bar, Role.FAILED if failed else Role.CHART),
    }
    return table.line(said, places)


def _bar(value: int, most: int, cells: int) -> str:
    full, part = divmod(eighths(value, max(1, most), cells), 8)
    return "█" * full + (EIGHTHS[part] if part else "")


class DurationList(KeyedRows[Built]):
    """Times of day are those of ``zone``; None: of this host."""

    NEVER_BOLD = frozenset((Role.BUILT, Role.META))

    def __init__(self, zone: tzinfo | None = None) -> None:
        super().__init__()
        self._zone = zone
        self._most = 1

    def key_of(self, item: Built) -> int:
        return item.run

    def show(self, items: Sequence[Built]) -> None:
        self._most = max((built.package.duration or 0 for built in items), default=1)
        super().show(items)

    def row_line(self, row: int, columns: int) -> Line:
        return built_line(self.items[row], self._most, columns, self._zone)

    def heading_line(self, columns: int) -> str:
        table, places = table_for(columns)
        return table.heading(places)
