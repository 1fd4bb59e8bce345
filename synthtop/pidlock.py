"""Lock files: a pid in a file that is held with flock(2) as long as its writer lives.

dsynth's convention: whoever can take a shared lock on it knows that nobody is building.
"""

from __future__ import annotations

import enum
import errno
import fcntl
import os
import re
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

PATIENCE = 1.0
"""Seconds that a writer tries: a reader's look may be in the way, but only for a moment."""
_RETRY = 0.02
_TO_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_PID = re.compile(rb"[0-9]{1,9}")
"""No kernel has longer ones, and kill(2) would take no longer ones."""
_CONTENT = re.compile(rb"([0-9]+\n)?")
"""What the file of a holder that was killed may have in it."""


class LockHeld(Exception):
    """Another process holds the lock at ``path``; ``pid`` is what it wrote there, None if unreadable."""

    def __init__(self, path: str, pid: int | None) -> None:
        super().__init__(f"{path} is held by {'another process' if pid is None else f'pid {pid}'}")
        self.path = path
        self.pid = pid


class PidLock:
    """A lock that this process holds, from its making until :meth:`release`."""

    def __init__(
        self,
        path: str,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Takes it; tries for ``patience`` seconds, then LockHeld.

        OSError where there can be no file, or is one that is no lock's: that one is left as it is.
        """
        self.path = path
        deadline = clock() + patience
        while (descriptor := self._try()) is None:
            if clock() >= deadline:
                raise LockHeld(path, _pid_in(path))
            sleep(_RETRY)
        try:
            if not _is_lock(descriptor):
                raise OSError(errno.EEXIST, "it is there and no build's lock: move it away", path)
            os.ftruncate(descriptor, 0)
            os.write(descriptor, b"%d\n" % os.getpid())
        except OSError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def _try(self) -> int | None:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self.path, flags, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _names(self.path, descriptor):
                return descriptor
        except BlockingIOError:
            pass
        except OSError:
            os.close(descriptor)
            raise
        # Held, or what we locked was removed by its last holder just now.
        os.close(descriptor)
        return None

    @property
    def in_place(self) -> bool:
        """Whether ``path`` still names the file that is locked."""
        return _names(self.path, self._descriptor)

    def release(self, *, leave: bool = False) -> None:
        """Remove the file while it is still locked, or ``leave`` it, then let go. Idempotent."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor < 0:
            return
        if leave:
            with suppress(OSError):  # the pid may be another process's some day
                os.ftruncate(descriptor, 0)
        elif _names(self.path, descriptor):
            with suppress(OSError):
                os.unlink(self.path)
        os.close(descriptor)


def _is_lock(descriptor: int) -> bool:
    """Whether what is open is empty, as when just made, or has a pid in it and nothing else."""
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        return False
    return _CONTENT.fullmatch(os.pread(descriptor, 32, 0)) is not None


def _names(path: str, descriptor: int) -> bool:
    try:
        named = os.stat(path, follow_symlinks=False)
    except OSError:
        return False
    return os.path.samestat(named, os.fstat(descriptor))


class Holder(NamedTuple):
    """Who holds a lock: the pid that its file says, and the user whose file it is.

    Whoever may make files in its directory can hold a lock there and say any pid.
    """

    pid: int
    uid: int


def _pid_in(path: str) -> int | None:
    try:
        descriptor = os.open(path, _TO_READ)
    except OSError:
        return None
    try:
        return _read_pid(descriptor)
    finally:
        os.close(descriptor)


def _read_pid(descriptor: int) -> int | None:
    try:
        text = os.pread(descriptor, 32, 0).strip()
    except OSError:
        return None
    return int(text) if _PID.fullmatch(text) else None


class LockState(enum.Enum):
    """What a look at a lock found. ``UNKNOWN``: it is there and cannot be tried."""

    HELD = "held"
    FREE = "free"
    MISSING = "missing"
    UNKNOWN = "unknown"


def look(path: str) -> tuple[LockState, Holder | None]:
    """How the lock at ``path`` stands; with who holds it, None where its file does not say.

    The lock is only tried and let go at once, so that no writer is kept waiting.
    """
    try:
        descriptor = os.open(path, _TO_READ)
    except FileNotFoundError:
        return LockState.MISSING, None
    except OSError:
        return LockState.UNKNOWN, None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = _read_pid(descriptor)
        return LockState.HELD, None if pid is None else Holder(pid, os.fstat(descriptor).st_uid)
    except OSError:
        return LockState.UNKNOWN, None
    finally:
        os.close(descriptor)
    return LockState.FREE, None


def held_by(path: str) -> Holder | None:
    """Who holds the lock at ``path``; None where nobody does, or it is unreadable."""
    return look(path)[1]


def holder(path: str) -> int | None:
    """The pid of the process that holds the lock at ``path``, as :func:`held_by` has it."""
    held = held_by(path)
    return None if held is None else held.pid
