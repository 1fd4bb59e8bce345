"""The directory that one build writes its logs into, and the lock that keeps another build out."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress

LOCK = "synthtop.lk"


class LogsBusy(Exception):
    """Another build writes into this logs directory. ``str(error)`` names it and says what to do."""


class LogsDirectory:
    """``path``, made where it is missing, and locked for as long as this object is open.

    The lock file holds our pid. LogsBusy where another run holds it, OSError where it cannot be made.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        os.makedirs(path, exist_ok=True)
        name = os.path.join(path, LOCK)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._lock = os.open(name, flags, 0o644)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.read(self._lock, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(self._lock)
            raise LogsBusy(
                f"{path}: another build writes its logs there (pid {pid}); "
                f"choose another directory with --logs, or end it with: synthtop stop {path}"
            ) from None
        os.ftruncate(self._lock, 0)
        os.write(self._lock, b"%d\n" % os.getpid())

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

    def close(self) -> None:
        """Let another build in. Idempotent."""
        descriptor, self._lock = self._lock, -1
        if descriptor >= 0:
            # The file stays: an unlink could take away the one that a next run has just locked.
            with suppress(OSError):
                os.ftruncate(descriptor, 0)
            os.close(descriptor)


def builder_of(path: str) -> int | None:
    """The pid of the build that writes its logs into ``path``, or None where none does."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(os.path.join(path, LOCK), flags)
    except OSError:
        return None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            text = os.read(descriptor, 32).strip()
            return int(text) if text.isdigit() else None
        return None
    finally:
        os.close(descriptor)
