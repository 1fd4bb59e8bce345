"""The statements that write runs, packages and minutes. Pure.

Several may tell of one run, each of a part of it: what one of them does not know, another one's word for it
stays.
"""

from __future__ import annotations

from .record import Minute
from .rows import MINUTE_COLUMNS, PACKAGE_COLUMNS, RUN_COLUMNS


def _names(columns: str) -> list[str]:
    return columns.split(", ")


def _marks(columns: str) -> str:
    return ", ".join("?" for _ in _names(columns))


def _known(column: str) -> str:
    return f"{column} = coalesce(excluded.{column}, {column})"


def _beyond(column: str, which: str) -> str:
    new = f"excluded.{column}"
    return f"{column} = {which}(coalesce({column}, {new}), coalesce({new}, {column}))"


_RUN_RULES = {
    # Whoever saw the end knows; who came later may find that it is gone.
    "state": "state = iif(ended IS NOT NULL AND excluded.ended IS NULL AND NOT excluded.own,"
    " state, excluded.state)",
    "ended": _known("ended"),
    "own": _beyond("own", "max"),
    "path": _known("path"),
    # Whoever builds knows when it began; of all others the first one's word holds.
    "started": "started = iif(excluded.own, excluded.started, started)",
    "logs": "logs = coalesce(logs, excluded.logs)",  # the paths of its packages' logs begin with it
    "workers": _known("workers"),
    "average_rate": _known("average_rate"),
    "peak_rate": _beyond("peak_rate", "max"),
    "peak_load": _beyond("peak_load", "max"),
    "queued": _known("queued"),
}

HOST = "INSERT OR IGNORE INTO hosts (name) VALUES (?)"
ORIGIN = "INSERT OR IGNORE INTO origins (name) VALUES (?)"

RUN = (
    f"INSERT INTO runs (id, host, {RUN_COLUMNS})"
    f" VALUES (?, (SELECT id FROM hosts WHERE name = ?), {_marks(RUN_COLUMNS)})"
    " ON CONFLICT (id) DO UPDATE SET "
    + ", ".join(_RUN_RULES.get(column, f"{column} = excluded.{column}") for column in _names(RUN_COLUMNS))
    # Whoever only watches may be late: by the build's own time, since clocks are set back.
    + " WHERE excluded.own OR excluded.elapsed > elapsed"
    " OR (excluded.elapsed = elapsed AND (ended IS NULL OR excluded.updated >= updated))"
)
"""Takes the id (None for a new one), the host, and the run's values."""

KILLED = (
    "UPDATE runs SET state = 'gone' WHERE own AND state = 'building' AND logs = ?"
    " AND host = (SELECT id FROM hosts WHERE name = ?) AND id <> ?"
)
"""Takes the logs and the host of a build that has just begun, and its run: one at a time builds there."""

_AGAIN = "outcome IS NOT excluded.outcome"
"""It was built once more: nothing of what was is kept."""
_TOLD = [column for column in _names(PACKAGE_COLUMNS) if column != "outcome"]

PACKAGE = (
    f"INSERT INTO packages (run, origin, host, seq, {PACKAGE_COLUMNS})"
    " VALUES (?, (SELECT id FROM origins WHERE name = ?), (SELECT host FROM runs WHERE id = ?), ?,"
    f" {_marks(PACKAGE_COLUMNS)})"
    " ON CONFLICT (run, origin) DO UPDATE SET outcome = excluded.outcome,"
    f" seq = iif({_AGAIN}, excluded.seq, seq), "
    + ", ".join(
        f"{column} = iif({_AGAIN}, excluded.{column}, coalesce(excluded.{column}, {column}))"
        for column in _TOLD
    )
    # What is known already is not written once more: a watcher begins with all that has ended.
    + f" WHERE {_AGAIN} OR "
    + " OR ".join(
        f"(excluded.{column} IS NOT NULL AND excluded.{column} IS NOT {column})" for column in _TOLD
    )
)
"""Takes the run, the origin, the run, the number in the order of ends, and the package's values."""

MINUTE = (
    f"INSERT INTO minutes (run, {MINUTE_COLUMNS}) VALUES (?, {_marks(MINUTE_COLUMNS)})"
    " ON CONFLICT (run, minute) DO UPDATE SET "
    + ", ".join(
        _beyond(column, "min" if column == "dynmax" else "max")
        for column in Minute._fields
        if column != "minute"
    )
)
"""Takes the run and the minute's values."""

SAME_BUILD = (
    "SELECT runs.id, runs.own, runs.started, runs.path, runs.logs"
    " FROM runs JOIN hosts ON hosts.id = runs.host WHERE hosts.name = :host"
    " AND started BETWEEN :started - :apart AND :started + :apart"
    " AND (ended IS NULL OR ended + :overlap > :started)"
    " AND (logs = :logs OR path = :path OR (runs.name = :name AND runs.name <> ''))"
    # Of what builds itself each one has its own recorder.
    " AND NOT (own AND :own)"
    " ORDER BY own DESC, abs(started - :started) LIMIT 1"
)
