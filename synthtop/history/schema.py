"""The tables of the history, and how those of an earlier synthtop become those of this one.

A schema that was released is never changed: what is new is a step of its own at the end of :data:`STEPS`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

APPLICATION = 0x73796E74
"""What SQLite's header says of whose file it is: ``synt``."""

# Origins and hosts have numbers, since a package stands in a thousand runs. Numbers of runs are never given
# twice: they are what people type. packages.host is that of its run, for the index that an ETA is made from;
# seq says in which order they ended. Text that is no UTF-8 is a blob, see rows.py.
_FIRST = (
    "CREATE TABLE hosts (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE origins (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    """CREATE TABLE runs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        host INTEGER NOT NULL REFERENCES hosts (id),
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        own INTEGER NOT NULL,
        path TEXT,
        logs TEXT,
        started REAL NOT NULL,
        ended REAL,
        updated REAL NOT NULL,
        state TEXT NOT NULL,
        elapsed INTEGER NOT NULL,
        workers INTEGER,
        average_rate REAL,
        peak_rate REAL,
        peak_load REAL,
        queued INTEGER,
        built INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        ignored INTEGER NOT NULL,
        skipped INTEGER NOT NULL,
        meta INTEGER NOT NULL
    )""",
    "CREATE INDEX runs_by_start ON runs (started)",
    "CREATE INDEX runs_by_host ON runs (host)",
    """CREATE TABLE packages (
        run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        origin INTEGER NOT NULL REFERENCES origins (id),
        host INTEGER NOT NULL REFERENCES hosts (id),
        seq INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        phase TEXT,
        reason TEXT,
        started REAL,
        duration INTEGER,
        lines INTEGER,
        log TEXT,
        PRIMARY KEY (run, origin)
    ) WITHOUT ROWID""",
    "CREATE INDEX packages_by_origin ON packages (origin, host, run, outcome, duration)",
    """CREATE TABLE minutes (
        run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        minute INTEGER NOT NULL,
        rate REAL,
        impulse REAL,
        load REAL,
        swap REAL,
        active REAL,
        dynmax REAL,
        cpu REAL,
        memory REAL,
        PRIMARY KEY (run, minute)
    ) WITHOUT ROWID""",
)

STEPS: Sequence[Sequence[str]] = (_FIRST,)
"""What makes schema n + 1 out of schema n, by n; an empty file has schema 0."""


def schema_of(connection: sqlite3.Connection) -> int:
    """Which schema the file has; 0 where it has no tables yet."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def is_ours(connection: sqlite3.Connection) -> bool:
    """Whether the file is a history, or nothing at all yet."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application == APPLICATION:
        return True
    return application == 0 and connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None


def migrate(connection: sqlite3.Connection, steps: Sequence[Sequence[str]] = STEPS) -> None:
    """Bring the file to the newest of ``steps``, all or nothing. Whoever gets there second finds it done."""
    if schema_of(connection) >= len(steps):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in steps[schema_of(connection) :]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(steps)}")
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute("COMMIT")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
