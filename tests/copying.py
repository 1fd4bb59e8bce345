"""Copies of a history, made as a backup makes them, and what is in them."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path


def copy_of(history: Path, directory: Path) -> Path:
    """The files of ``history`` as they are now, copied one after the other into a new directory."""
    directory.mkdir()
    for ending in ("", "-wal"):
        with suppress(FileNotFoundError):
            shutil.copyfile(f"{history}{ending}", directory / f"{history.name}{ending}")
    return directory / history.name


def packages_in(copy: Path) -> int:
    """How many packages are in a copy, which is whole. None is where there was no history yet."""
    if not copy.exists():
        return 0
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        (count,) = connection.execute("SELECT count(*) FROM packages").fetchone()
    return int(count)
