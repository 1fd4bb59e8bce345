"""Reads the history: never changes it, and may do so while it is written."""

from __future__ import annotations

import difflib
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing
from types import TracebackType
from typing import Any

from ..eta.past import LAST, Past
from ..model import BuildState
from .durations import past_of
from .opening import open_to_read
from .record import Built, Minute, PackageRecord, Run
from .rows import (
    MINUTE_COLUMNS,
    PACKAGE_COLUMNS,
    RUN_COLUMNS,
    check_figures,
    package_of,
    run_of,
    stored,
    told,
)
from .trouble import damaged_or_said

SILENT = 150.0
"""Seconds without news after which a run that did not say how it ended counts as gone."""
_WORD = 200
"""Characters of a word that others are compared with."""

_RUNS = "SELECT runs.id, hosts.name, {columns} FROM runs JOIN hosts ON hosts.id = runs.host".format(
    columns=", ".join(f"runs.{column}" for column in RUN_COLUMNS.split(", "))
)
_NEWEST = "ORDER BY runs.started DESC, runs.id DESC"
_NEWEST_FIRST = f" {_NEWEST} LIMIT ?"
_PACKAGE = ", ".join(f"packages.{column}" for column in PACKAGE_COLUMNS.split(", "))


class History:
    """The history in ``path``. Here and in each method HistoryError says what is in the way, NoHistory where
    nothing was recorded yet. ``patience`` is for how many seconds a lock is waited for.

    ``now`` is the wall clock in epoch seconds, None for the present: a run that is said to be building, and
    of which nothing was heard for :data:`SILENT` seconds, is gone.
    """

    def __init__(self, path: str, *, patience: float = 2.0) -> None:
        self._path = path
        self._connection = open_to_read(path, patience)

    def __enter__(self) -> History:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Idempotent."""
        self._connection.close()

    def runs(
        self,
        limit: int | None = None,
        *,
        name: str | None = None,
        host: str | None = None,
        now: float | None = None,
    ) -> list[Run]:
        """The newest first; only those of builds with this ``name``, and on this ``host``."""
        conditions: list[str] = []
        values: list[object] = []
        if name is not None:
            conditions.append("runs.name = ?")
            values.append(stored(name))
        if host is not None:
            conditions.append("hosts.name = ?")
            values.append(stored(host))
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return self._runs(f"{where}{_NEWEST_FIRST}", (*values, -1 if limit is None else limit), now)

    def run(self, id: int, *, now: float | None = None) -> Run | None:
        found = self._runs(" WHERE runs.id = ?", (id,), now)
        return found[0] if found else None

    def packages(self, run_id: int) -> list[PackageRecord]:
        """Of this run, in the order in which they ended."""
        with self._said():
            rows = self._rows(
                f"SELECT origins.name, runs.logs, {_PACKAGE} FROM packages"
                " JOIN origins ON origins.id = packages.origin JOIN runs ON runs.id = packages.run"
                " WHERE packages.run = ? ORDER BY packages.seq, origins.name",
                (run_id,),
            )
            return [package_of(origin, row, told(logs)) for origin, logs, *row in rows]

    def minutes(self, run_id: int) -> list[Minute]:
        """Of this run, the first one first; there are none of which nothing was heard."""
        with self._said():
            asked = f"SELECT {MINUTE_COLUMNS} FROM minutes WHERE run = ? ORDER BY minute"
            rows = self._rows(asked, (run_id,))
            for row in rows:
                check_figures(row)
            return list(map(Minute._make, rows))

    def builds(self, origin: str, limit: int | None = None) -> list[Built]:
        """How this package went in each run that had it, the newest first."""
        with self._said():
            rows = self._rows(
                f"SELECT runs.id, hosts.name, runs.name, runs.logs, {_PACKAGE} FROM packages"
                " JOIN runs ON runs.id = packages.run JOIN hosts ON hosts.id = runs.host"
                f" WHERE packages.origin = (SELECT id FROM origins WHERE name = ?) {_NEWEST_FIRST}",
                (stored(origin), -1 if limit is None else limit),
            )
            return [
                Built(run, told(host), told(name), package_of(origin, row, told(logs)))
                for run, host, name, logs, *row in rows
            ]

    def near(self, origin: str, limit: int = 5) -> list[str]:
        """Origins that contain this word, the shortest first, and then such as resemble it."""
        word = origin[:_WORD].lower()
        if not word:
            return []
        with self._said():
            names = [told(name) for (name,) in self._rows("SELECT name FROM origins ORDER BY name", ())]
        found = sorted((name for name in names if word in name.lower()), key=len)[:limit]
        if len(found) >= limit:
            return found
        whole = "/" in word
        alike: dict[str, list[str]] = {}
        for name in names:
            alike.setdefault(name.lower() if whole else name.lower().rpartition("/")[2], []).append(name)
        for close in difflib.get_close_matches(word, alike, limit, 0.7):
            found += [name for name in alike[close] if name not in found]
        return found[:limit]

    def past(self, origins: Sequence[str], host: str, last: int = LAST) -> Past:
        """How long packages took that were built, for a build of ``origins`` on ``host``: of each its newest
        ``last`` durations."""
        with self._said():
            # One moment: somebody may record a build meanwhile.
            self._connection.execute("BEGIN")
            try:
                return past_of(self._connection, origins, host, last)
            finally:
                if self._connection.in_transaction:  # an error may have ended it
                    self._connection.execute("ROLLBACK")

    def origins_of_last(self, name: str, host: str, before: float) -> list[str]:
        """What ended in the newest run of this build on this host that had begun before this epoch second, in
        the order in which it did. Runs in which nothing ended say nothing."""
        with self._said():
            rows = self._rows(
                "SELECT origins.name FROM packages JOIN origins ON origins.id = packages.origin"
                " WHERE packages.run = (SELECT runs.id FROM runs JOIN hosts ON hosts.id = runs.host"
                " WHERE runs.name = ? AND hosts.name = ? AND runs.started < ?"
                f" AND EXISTS (SELECT 1 FROM packages WHERE run = runs.id) {_NEWEST} LIMIT 1)"
                " ORDER BY packages.seq, origins.name",
                (stored(name), stored(host), before),
            )
            return [told(origin) for (origin,) in rows]

    def _runs(self, which: str, values: Sequence[object], now: float | None) -> list[Run]:
        with self._said():
            found = [run_of(id, host, row) for id, host, *row in self._rows(f"{_RUNS}{which}", values)]
        return [as_of(run, time.time() if now is None else now) for run in found]

    def _rows(self, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with closing(self._connection.execute(statement, values)) as cursor:
            return cursor.fetchall()

    def _said(self) -> AbstractContextManager[None]:
        return damaged_or_said(self._path)


def as_of(run: Run, now: float) -> Run:
    """``run`` as it stands at epoch second ``now``."""
    # Either way: the clock may have been set back since.
    if run.state is BuildState.BUILDING and abs(now - run.updated) > SILENT:
        return run._replace(state=BuildState.GONE)
    return run
