"""What is wrong with the history's file, said to people; and a damaged one set aside."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ..text import clean
from .problem import HistoryError

BESIDE = ("-wal", "-shm")
"""Ends the names of what SQLite keeps beside the file while it is open, or after a crash."""
_NO_ROOM_BESIDE = (sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMOPEN)
"""What SQLite calls it that a full disk has no room for what is beside the file."""
_MOVE = "move it away, and the next build begins a new one"
_LOOK = 0.01
"""Seconds between two looks whether another process is ready."""


class Damaged(HistoryError):
    """What is in the file is no history, or no longer."""


def problem_of(path: str, error: Exception) -> HistoryError:
    """What ``error``, which came up at ``path``, means to people."""
    where = clean(path)
    if isinstance(error, HistoryError):
        return error
    if isinstance(error, OSError):
        why = error.strerror or str(error)
        return HistoryError(f"{where} cannot be used: {clean(why)}: XDG_STATE_HOME says where else it may be")
    why = clean(str(error))
    full = HistoryError(f"{where} cannot grow, the disk is full: make room")
    if getattr(error, "sqlite_errorcode", None) in _NO_ROOM_BESIDE:
        return full
    match primary_code(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return HistoryError(f"{where} is locked by another process: try again in a moment")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return HistoryError(f"{where} is read-only: it and its directory have to be writable")
        case sqlite3.SQLITE_FULL:
            return full
        case sqlite3.SQLITE_CANTOPEN if os.access(path, os.R_OK) and not os.access(path, os.W_OK):
            return HistoryError(f"{where} is read-only: it and its directory have to be writable")
        case sqlite3.SQLITE_CANTOPEN:
            return HistoryError(f"{where} cannot be opened: it and its directory have to be accessible")
        case sqlite3.SQLITE_IOERR:
            return HistoryError(f"{where} cannot be read or written ({why}): look after the disk")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return Damaged(f"{where} is damaged ({why}): the next build sets it aside, or else {_MOVE}")
    return HistoryError(f"{where} cannot be used ({why}): if that stays so, {_MOVE}")


def primary_code(error: Exception) -> int | None:
    """SQLite's code for the kind of error; None for what it did not find itself."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


@contextmanager
def said(path: str) -> Iterator[None]:
    """Whatever SQLite or the system finds wrong with ``path`` within is raised as :class:`HistoryError`, and
    so is a number that is too large to be kept."""
    try:
        yield
    except (sqlite3.Error, OSError, OverflowError) as error:
        raise problem_of(path, error) from error


@contextmanager
def damaged_or_said(path: str) -> Iterator[None]:
    """As :func:`said`, where what is read is made into records: rows that cannot be are damaged."""
    with said(path):
        try:
            yield
        except (ValueError, KeyError, TypeError) as error:
            raise Damaged(f"{clean(path)} is damaged (it says {clean(str(error))}): {_MOVE}") from error


def identity_of(path: str) -> tuple[int, int] | None:
    """What tells the file at ``path`` from any that takes its place; None where there is none."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def alone(path: str, patience: float) -> Iterator[None]:
    """No other process makes or sets aside the file at ``path`` within. HistoryError if one still does so
    after ``patience`` seconds, OSError without the directory."""
    directory = os.open(os.path.dirname(path) or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        until = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise HistoryError(
                        f"{clean(path)} is being made by another process: try again in a moment"
                    ) from None
                time.sleep(_LOOK)  # a lock that is waited for could not be waited for so long alone
                continue
            except OSError:
                pass  # no locks there: two processes at the very same moment are unlikely enough
            break
        yield
    finally:
        os.close(directory)


def set_aside(path: str, identity: tuple[int, int], at: float, patience: float) -> str | None:
    """Rename the damaged file at ``path``, found so at epoch second ``at``, to the name that is returned;
    None if another process has done that. HistoryError where it fails."""
    with said(path), alone(path, patience):
        if identity_of(path) != identity:
            return None
        name = f"{path}.corrupt-{time.strftime('%Y%m%d-%H%M%S', time.localtime(at))}"
        taken, number = name, 1
        while os.path.lexists(taken):
            number += 1
            taken = f"{name}-{number}"
        # The file itself last: what was left beside would be read as news of the next one.
        for ending in (*BESIDE, ""):
            with suppress(FileNotFoundError):
                os.rename(path + ending, taken + ending)
        return taken
