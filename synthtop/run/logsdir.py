"""The directory that one build writes its logs into, and the lock that keeps another build out."""

from __future__ import annotations

import os
from contextlib import suppress

from ..pidlock import LockHeld, PidLock

LOCK = "synthtop.lk"


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

    def write(self, name: str, text: str) -> None:
        """Replace the file ``name`` by ``text``. OSError where that fails; the earlier one is then kept."""
        path = os.path.join(self.path, name)
        fresh = f"{path}.new"
        with suppress(FileNotFoundError):
            os.unlink(fresh)  # of a run that was killed while writing: the lock says it is nobody's now
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(fresh, flags, 0o644)
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
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
