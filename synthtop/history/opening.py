"""Opens the history's file: to write, making it where there is none, or only to read."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing, suppress
from typing import NamedTuple
from urllib.parse import quote

from ..text import clean
from .problem import HistoryError, NoHistory
from .schema import STEPS, is_ours, migrate, schema_of
from .trouble import BESIDE, alone, identity_of, primary_code, said

_CHECKPOINT = 4096
"""Pages (16 MB) of news after which they are moved from the log to the file itself. Rare: whoever copies both
files one after the other gets what belongs together, unless just that happens in between."""


class Opened(NamedTuple):
    """A file that is open to be written, and which one: see
    :func:`~synthtop.history.trouble.identity_of`."""

    connection: sqlite3.Connection
    identity: tuple[int, int]


def open_to_write(path: str, patience: float) -> Opened:
    """The file at ``path``, made where there is none, with the newest schema. ``patience`` is for how many
    seconds another process's lock is waited for. Raises HistoryError, Damaged if that file is."""
    with said(path):
        found = _regular(path)
        if found is None:
            _make(path, patience)
            found = _regular(path)
            if found is None:
                raise HistoryError(f"{clean(path)} went as soon as it was made: try again")
        return Opened(_prepared(path, patience), found)


def _regular(path: str) -> tuple[int, int] | None:
    """The identity of the file there; None where there is nothing. HistoryError for anything else."""
    # Only SQLite ever opens it: to close any other descriptor lets go of the locks that this process has.
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(found.st_mode):
        raise HistoryError(
            f"{clean(path)} is a symbolic link, which is not followed: put the file itself there"
        )
    if not stat.S_ISREG(found.st_mode):
        raise HistoryError(f"{clean(path)} is no file: move it away")
    return found.st_dev, found.st_ino


def _make(path: str, patience: float) -> None:
    """Put an empty history at ``path``, unless another process is quicker. Nobody ever sees half of one."""
    directory = os.path.dirname(path) or "."
    os.makedirs(directory, mode=0o700, exist_ok=True)
    fresh = os.path.join(directory, f".{os.path.basename(path)}.{os.urandom(8).hex()}")
    os.close(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    try:
        with closing(_prepared(fresh, 0.0)) as connection:
            # What is only in the log beside it is lost by the renaming, and to close does not say that a full
            # disk has left it there.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with alone(path, patience):
            if identity_of(path) is not None:
                return
            # What a file that was deleted has left there would be read as news of this one.
            for ending in BESIDE:
                with suppress(FileNotFoundError):
                    os.unlink(path + ending)
            os.rename(fresh, path)
    finally:
        for ending in ("", *BESIDE):
            with suppress(OSError):
                os.unlink(fresh + ending)


def _connect(path: str, how: str, patience: float) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{quote(os.fsencode(os.path.abspath(path)))}?{how}",
        uri=True,
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,
    )


def _prepared(path: str, patience: float) -> sqlite3.Connection:
    connection = _connect(path, "mode=rw", patience)
    try:
        _check(path, connection)
        if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            # Refused while another process does the same, and where there is nothing to be written, which
            # whoever wants to write is told then.
            with suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT}")
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(path: str, connection: sqlite3.Connection) -> int:
    """The schema of the file that is open. HistoryError if it is another program's, or a newer synthtop's."""
    if not is_ours(connection):
        raise HistoryError(f"{clean(path)} is no history of synthtop: move it away")
    schema = schema_of(connection)
    if schema > len(STEPS):
        raise HistoryError(
            f"{clean(path)} is of a newer synthtop (schema {schema}, this one knows {len(STEPS)}):"
            " update synthtop, or move the file away"
        )
    return schema


def open_to_read(path: str, patience: float) -> sqlite3.Connection:
    """The file at ``path``, to which nothing will be written; but that of an earlier synthtop is brought to
    the newest schema first. Raises HistoryError, :class:`NoHistory` where nothing was recorded."""
    with said(path):
        if _regular(path) is None:
            raise NoHistory(f"{clean(path)} is not there yet: the next build begins it")
        connection, schema = _open_read_only(path, patience)
        if schema < len(STEPS):
            connection.close()
            if schema == 0:
                raise NoHistory(f"{clean(path)} is empty: the next build begins it")
            with closing(_prepared(path, patience)):
                pass
            connection, _ = _open_read_only(path, patience)
        return connection


def _open_read_only(path: str, patience: float) -> tuple[sqlite3.Connection, int]:
    try:
        return _checked(path, "mode=ro", patience)
    except sqlite3.OperationalError as error:
        if primary_code(error) not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
        if _has_news(path):
            raise  # what is beside the file would be left out
    # Where SQLite may keep nothing beside the file, nobody writes to it either.
    return _checked(path, "mode=ro&immutable=1", patience)


def _has_news(path: str) -> bool:
    try:
        return os.stat(f"{path}-wal").st_size > 0
    except OSError:
        return False


def _checked(path: str, how: str, patience: float) -> tuple[sqlite3.Connection, int]:
    connection = _connect(path, how, patience)
    try:
        return connection, _check(path, connection)
    except BaseException:
        connection.close()
        raise
