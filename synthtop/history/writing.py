"""Writes what builds are like into the history: one transaction at a time, from one thread."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from ..text import clean
from . import statements
from .opening import Opened, open_to_write
from .record import Minute, PackageRecord, Run
from .rows import package_values, run_values, stored, told
from .trouble import Damaged, damaged_or_said, identity_of, said, set_aside

T = TypeVar("T")
SAME_BUILD = 10.0
"""Seconds by which starts differ that are said of one build, at most."""
_OVERLAP = 1.0
"""Seconds after the end of a build at which it could still be the same one: some sources say whole ones."""


class Writer:
    """The history in ``path``, which is made where there is none; a damaged one is set aside, and a new one
    begun. ``tell`` is told when another file is written from now on, or another run since somebody removed
    the first one: it has nothing of what was written before. ``patience`` is for how many seconds another
    process's lock is waited for.

    Here and in each method HistoryError says what is in the way; it may go away, so the same may be tried
    again.
    """

    def __init__(self, path: str, *, patience: float = 1.0, tell: Callable[[str], None]) -> None:
        self._path = path
        self._patience = patience
        self._tell = tell
        self._opened: Opened | None = None
        self._numbers: dict[int, int] = {}
        """Of runs that had another number in a file that is gone."""
        self._here: set[int] = set()
        """Numbers of runs that were begun in the file that is open."""
        self._ends: tuple[int, int] = (0, 0)
        """A run, and how many of its packages have a place in the order of their ends."""
        with said(path):
            self._open()

    def begin(self, run: Run) -> Run:
        """``run`` with its number in the history: that of the same build, if somebody told of it before, and
        a new one otherwise. ``own`` says whether the process that builds records it."""
        begun = self._done(lambda connection: _begun(connection, run))
        self._here.add(begun.id)
        return begun

    def write(self, run: Run, packages: Sequence[PackageRecord], minutes: Sequence[Minute]) -> None:
        """Keep ``run`` as it is now, and what is new of its packages and minutes: all of that, or nothing.

        It begins anew if its file is gone, or was pruned of it. What the process that builds records itself
        is left alone by all others.
        """
        before = self._numbers.get(run.id, run.id)
        number = self._done(lambda connection: self._write(connection, run, packages, minutes))
        removed = number != before and before in self._here
        self._numbers[run.id] = number
        self._here.add(number)
        if removed:
            self._tell(f"run {before} was removed from {clean(self._path)}: it goes on as run {number}")

    def close(self) -> None:
        """Idempotent."""
        opened, self._opened = self._opened, None
        if opened is not None:
            with suppress(sqlite3.Error):  # what is written is in the log beside the file at least
                opened.connection.close()

    # -- the file ------------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        """The file that is in its place now."""
        opened = self._opened
        if opened is not None:
            if identity_of(self._path) == opened.identity:
                return opened.connection
            self.close()
            self._tell(f"{clean(self._path)} is no longer the file that it was: another one is written now")
        self._ends = (0, 0)
        self._here.clear()
        identity = identity_of(self._path)
        try:
            opened = open_to_write(self._path, self._patience)
        except Damaged:
            if identity is None:
                raise
            self._set_aside(identity)
            opened = open_to_write(self._path, self._patience)
        self._opened = opened
        return opened.connection

    def _set_aside(self, identity: tuple[int, int]) -> None:
        self.close()
        taken = set_aside(self._path, identity, time.time(), self._patience)
        if taken is not None:
            self._tell(f"{clean(self._path)} was damaged: it is kept as {clean(taken)}, and a new one begins")

    def _done(self, action: Callable[[sqlite3.Connection], T]) -> T:
        # A row that cannot be is no reason to set aside all others.
        with damaged_or_said(self._path):
            connection = self._open()
            try:
                with said(self._path):
                    return _transaction(connection, action)
            except Damaged:
                if self._opened is None:
                    raise
                self._set_aside(self._opened.identity)
            return _transaction(self._open(), action)

    # -- what is in it -------------------------------------------------------------------------------

    def _write(
        self,
        connection: sqlite3.Connection,
        run: Run,
        packages: Sequence[PackageRecord],
        minutes: Sequence[Minute],
    ) -> int:
        """The number under which that is written."""
        number = self._numbers.get(run.id, run.id)
        there = _same(connection, run._replace(id=number))
        if there is None:
            begun = _begun(connection, run._replace(id=0))
            number, there = begun.id, begun.own
        if there and not run.own:
            return number
        connection.execute(statements.RUN, (number, stored(run.host), *run_values(run)))
        (logs,) = connection.execute("SELECT logs FROM runs WHERE id = ?", (number,)).fetchone()
        self._write_packages(connection, number, packages, told(logs))
        connection.executemany(statements.MINUTE, ((number, *minute) for minute in minutes))
        return number

    def _write_packages(
        self, connection: sqlite3.Connection, run: int, packages: Sequence[PackageRecord], logs: str | None
    ) -> None:
        if not packages:
            return
        last, ended = self._ends
        if last != run:
            ended = connection.execute(
                "SELECT coalesce(max(seq), 0) FROM packages WHERE run = ?", (run,)
            ).fetchone()[0]
        origins = [stored(package.origin) for package in packages]
        connection.executemany(statements.ORIGIN, ((origin,) for origin in origins))
        connection.executemany(
            statements.PACKAGE,
            (
                (run, origin, run, number, *package_values(package, logs))
                for number, (origin, package) in enumerate(zip(origins, packages, strict=True), ended + 1)
            ),
        )
        self._ends = (run, ended + len(packages))


def _transaction(connection: sqlite3.Connection, action: Callable[[sqlite3.Connection], T]) -> T:
    # Immediate: two that begin with reading would each wait for the other to write.
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = action(connection)
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # it may be over already, and what went wrong is said
            connection.execute("ROLLBACK")
        raise
    return result


def _same(connection: sqlite3.Connection, run: Run) -> bool | None:
    """Whether the run of this number is recorded by the process that builds; None if it is another build's,
    or nobody's."""
    row = connection.execute(
        "SELECT own FROM runs WHERE id = ? AND host = (SELECT id FROM hosts WHERE name = ?)"
        " AND abs(started - ?) <= ?",
        (run.id, stored(run.host), run.started, SAME_BUILD),
    ).fetchone()
    return None if row is None else bool(row[0])


def _begun(connection: sqlite3.Connection, run: Run) -> Run:
    """What :meth:`Writer.begin` says, within a transaction."""
    if run.id and (own := _same(connection, run)) is not None:
        return run._replace(own=own or run.own)
    same = {
        "host": stored(run.host),
        "started": run.started,
        "apart": SAME_BUILD,
        "overlap": _OVERLAP,
        "logs": stored(run.logs),
        "path": stored(run.path),
        "name": stored(run.name),
        "own": run.own,
    }
    row = connection.execute(statements.SAME_BUILD, same).fetchone()
    number = None
    if row is not None:
        number, own, started, path, logs = row
        run = run._replace(
            id=number,
            own=bool(own) or run.own,
            path=told(path) if run.path is None else run.path,
            logs=run.logs if logs is None else told(logs),
        )
        if own or not same["own"]:
            # Whoever builds knows best when it began; of all others the first one's word holds.
            return run._replace(started=started)
    else:
        connection.execute(statements.HOST, (stored(run.host),))
    written = connection.execute(statements.RUN, (number, stored(run.host), *run_values(run)))
    run = run if number else run._replace(id=written.lastrowid or 0)
    if same["own"]:
        # It has the lock of the directory: whoever had it before and still seems to build was killed.
        connection.execute(statements.KILLED, (same["logs"], same["host"], run.id))
    return run
