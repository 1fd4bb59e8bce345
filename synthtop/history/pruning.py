"""Lets go of runs that nobody wants to know of any more."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from typing import NamedTuple

from ..model import BuildState
from .opening import open_to_write
from .reading import History
from .record import Run
from .trouble import said

_PATIENCE = 5.0
"""Seconds for which another process's lock is waited for."""


class Pruned(NamedTuple):
    """How many runs and packages went, and by how many bytes the history became smaller."""

    runs: int
    packages: int
    freed: int


def prunable(
    path: str,
    *,
    older_than: float | None,
    keep: int | None,
    name: str | None,
    runs: Sequence[int] = (),
    now: float,
) -> list[Run]:
    """These ``runs``, and those that began more than ``older_than`` seconds before epoch second ``now`` and
    are not among the newest ``keep``: None is no condition. Only builds with this ``name``, if it is one; a
    name alone is all of its runs, and nothing at all is none. What is building is not among them. The newest
    first.

    Raises HistoryError, and NoHistory where there is none.
    """
    with History(path, patience=_PATIENCE) as history:
        known = history.runs(now=now)
    chosen = set(runs)
    if older_than is not None or keep is not None or name is not None:
        of_name = [run for run in known if name is None or run.name == name]
        chosen |= {
            run.id
            for place, run in enumerate(of_name)
            if (older_than is None or run.started < now - older_than) and (keep is None or place >= keep)
        }
    return [run for run in known if run.id in chosen and run.state is not BuildState.BUILDING]


def prune(path: str, runs: Sequence[int], *, now: float) -> Pruned:
    """Let go of ``runs``. What is building at epoch second ``now`` stays.

    Raises HistoryError, and NoHistory where there is none.
    """
    old = prunable(path, older_than=None, keep=None, name=None, runs=runs, now=now)
    if not old:
        return Pruned(0, 0, 0)
    before = _size(path)
    with said(path), closing(open_to_write(path, _PATIENCE).connection) as connection:
        packages = _remove(connection, [run.id for run in old])
        # What was let go of is gone. Only its room may not be free yet, when others read or write just now.
        with suppress(sqlite3.OperationalError):
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Pruned(len(old), packages, max(0, before - _size(path)))


def _remove(connection: sqlite3.Connection, ids: Sequence[int]) -> int:
    """How many packages went with these runs."""
    connection.execute("BEGIN IMMEDIATE")
    packages = 0
    try:
        for id in ids:
            packages += connection.execute("DELETE FROM packages WHERE run = ?", (id,)).rowcount
            connection.execute("DELETE FROM runs WHERE id = ?", (id,))
        connection.execute(
            "DELETE FROM origins WHERE NOT EXISTS (SELECT 1 FROM packages WHERE origin = origins.id)"
        )
        connection.execute("DELETE FROM hosts WHERE id NOT IN (SELECT host FROM runs)")
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    return packages


def _size(path: str) -> int:
    """Bytes of the file and of the news beside it, which are not in it yet."""
    total = 0
    for ending in ("", "-wal"):
        with suppress(OSError):
            total += os.stat(path + ending).st_size
    return total
