"""Opens a log, whichever of its names it has, and sees what becomes of it while it is open."""

from __future__ import annotations

import enum
import os
import stat
from contextlib import suppress

from ..text import clean
from .packed import SUFFIXES

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_GUARD = 64
"""Bytes before the end that tell whether what was there is still there."""


class Unreadable(Exception):
    """There is nothing to read. The text, clean, says what and why."""


class Fate(enum.Enum):
    """What has become of a file since the last look."""

    SAME = enum.auto()
    GREW = enum.auto()
    CUT = enum.auto()
    """It is shorter, or something else is in it."""


def said(error: OSError) -> str:
    """What the system says, as a person reads it."""
    return error.strerror or str(error)


def percent(part: int, whole: int) -> str:
    """``part`` of ``whole`` in whole percent, never more than 100."""
    return f"{min(100, part * 100 // max(1, whole))} %"


def _opened(path: str) -> int:
    # Looked at first: to open a FIFO or a device may itself do something.
    _check(path, os.stat(path))
    descriptor = os.open(path, _FLAGS)
    try:
        _check(path, os.fstat(descriptor))
    except Unreadable:
        os.close(descriptor)
        raise
    return descriptor


def _check(path: str, found: os.stat_result) -> None:
    if stat.S_ISREG(found.st_mode):
        return
    kinds = {stat.S_IFDIR: "a directory", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}
    kind = kinds.get(stat.S_IFMT(found.st_mode), "a device")
    raise Unreadable(clean(f"cannot read {path}: it is {kind}, expected a regular file"))


class Opened:
    """The file at ``path``, or at ``path`` with a suffix of a compressed file: ``path`` is which one.

    ``size`` is what it had at the last look. Unreadable where there is none that can be read.
    """

    def __init__(self, path: str) -> None:
        for candidate in (path, *(path + suffix for suffix in SUFFIXES)):
            try:
                self.descriptor = _opened(candidate)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise Unreadable(clean(f"cannot read {candidate}: {said(error)}")) from error
            except ValueError as error:  # a name that no file can have
                raise Unreadable(clean(f"cannot read {candidate}: {error}")) from error
            self.path = candidate
            break
        else:
            raise Unreadable(clean(f"there is no {path}, nor one with {', '.join(SUFFIXES)} behind it"))
        self._guard = b""
        self._closed = False
        self._take(os.fstat(self.descriptor))

    def _take(self, found: os.stat_result) -> None:
        self.size, self._changed = found.st_size, found.st_mtime_ns
        start = max(0, self.size - _GUARD)
        self._guard = os.pread(self.descriptor, self.size - start, start)

    def look(self) -> Fate:
        """Take in what was written since. OSError where it cannot be read any more."""
        found = os.fstat(self.descriptor)
        if (found.st_size, found.st_mtime_ns) == (self.size, self._changed):
            return Fate.SAME
        size, start = self.size, self.size - len(self._guard)
        cut = found.st_size < size or os.pread(self.descriptor, len(self._guard), start) != self._guard
        self._take(found)
        if cut:
            return Fate.CUT
        return Fate.GREW if self.size > size else Fate.SAME

    def place(self) -> str:
        """What is at its path now: ``"it"``, ``"another"``, or ``"none"``."""
        found = None
        with suppress(OSError):
            found = os.stat(self.path)
        if found is None:
            return "none"
        own = os.fstat(self.descriptor)
        same = (found.st_dev, found.st_ino) == (own.st_dev, own.st_ino)
        return "it" if same or not stat.S_ISREG(found.st_mode) else "another"

    def close(self) -> None:
        """Let go of it. Idempotent."""
        if not self._closed:
            self._closed = True
            os.close(self.descriptor)
