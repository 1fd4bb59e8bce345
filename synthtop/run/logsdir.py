"""The directory that one build writes its logs into, the lock that keeps another build out, and what is done
when no log can be begun there."""

from __future__ import annotations

import errno
import math
import os
from collections.abc import Callable
from contextlib import suppress

from ..pidlock import LockHeld, PidLock

LOCK = "synthtop.lk"
_TRY_AGAIN_AFTER = 5.0
"""Seconds until a package is started again that could have no log."""
_OF_DISKS = errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE
_PASSES = frozenset((*_OF_DISKS, errno.ENOENT, errno.EACCES, errno.EMFILE))
"""What is wrong with a disk or a directory, and not with one package."""


class LogsBusy(Exception):
    """Another build writes into this logs directory. ``str(error)`` names it and says what to do."""


class LogsDirectory:
    """``path``, made where it is missing, and locked for as long as this object is open.

    LogsBusy where another run holds it, OSError where it cannot be made.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        os.makedirs(path, exist_ok=True)
        try:
            self._lock = PidLock(os.path.join(path, LOCK))
        except LockHeld as error:
            raise LogsBusy(
                f"{path}: another build writes its logs there (pid {error.pid or 'unknown'}); "
                f"choose another directory with --logs, or end it with: synthtop stop {path}"
            ) from None

    def write(self, name: str, text: str | bytes, *, lasting: bool = False) -> None:
        """Replace the file ``name`` by ``text``. OSError where that fails; the earlier one is then kept.

        ``lasting``: one of the two is there after a power failure too.
        """
        path = os.path.join(self.path, name)
        fresh = f"{path}.new"
        with suppress(FileNotFoundError):
            os.unlink(fresh)  # of a run that was killed while writing: the lock says it is nobody's now
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(fresh, flags, 0o644)
        with open(descriptor, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace"))
            if lasting:
                file.flush()
                os.fsync(descriptor)
        os.rename(fresh, path)

    def retake(self) -> bool:
        """Whether it is ours: if somebody removed it or its lock, both are made again.

        False where that fails, or another build has come first.
        """
        if self._lock.in_place:
            return True
        try:
            os.makedirs(self.path, exist_ok=True)
            fresh = PidLock(self._lock.path, patience=0.0)
        except (LockHeld, OSError):
            return False
        self._lock.release()
        self._lock = fresh
        return True

    def close(self) -> None:
        """Let another build in. Idempotent."""
        self._lock.release()


class LogTrouble:
    """That no log can be begun is no package's fault: a full disk must not fail a whole tree.

    ``tell`` gets a sentence when that begins, and one when logs can be written again.
    """

    def __init__(self, tell: Callable[[str], object], clock: Callable[[], float]) -> None:
        self._tell = tell
        self._clock = clock
        self._until = -math.inf
        self._told = False

    @property
    def lasts(self) -> bool:
        """Whether it is too early to try again."""
        return self._clock() < self._until

    def passes(self, error: OSError) -> bool:
        """Whether a package that could not start for this is to wait: it is not what failed."""
        if error.errno not in _PASSES:
            return False
        self._until = self._clock() + _TRY_AGAIN_AFTER
        if not self._told:
            self._told = True
            self._tell(f"no log can be begun ({error.strerror}): nothing starts until one can")
        return True

    def over(self) -> None:
        """A log was begun."""
        if self._told:
            self._told = False
            self._tell("logs can be written again")
