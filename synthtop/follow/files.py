"""Reads a file again and again, as cheaply as can be while nothing changes in it.

Whoever writes the file is never in our way, and we are never in theirs: no lock, no mapping, and a FIFO or a
device in the file's place is not opened.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable

from ..formats import FormatError

TO_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
MOST = 64 << 20
"""Bytes that a file may have, where nothing else is said: what is larger is no monitor file."""
_FINE = 20_000_000
_COARSE = 2_000_000_000
"""Nanoseconds in which two writes may leave the same times: where they are kept finely, and in seconds."""
_SECOND = 1_000_000_000

Signature = tuple[int, int, int, int, int]


class WatchedFile:
    """The file at ``path``, whichever it is at each moment: it may be missing, replaced or cut at any time.

    It may have ``most`` bytes; of a larger one the last ``most`` are read where only its ``newest`` matter.
    ``by_content`` is for a file that is written through a mapping, which moves
    none of its times: it is read and compared each time. ``wall`` tells epoch seconds.
    """

    def __init__(
        self,
        path: str,
        *,
        by_content: bool = False,
        most: int = MOST,
        newest: bool = False,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.path = path
        self._by_content = by_content
        self._most = most
        self._newest = newest
        self._wall = wall
        self._signature: Signature | None = None
        self._content: bytes | None = None  # kept only where it has to be compared
        self._forgotten = False

    def read(self) -> bytes | None:
        """What is in the file, where that may differ from what was read last; None where it does not.

        OSError where it cannot be read, IsADirectoryError for a directory; FormatError where it is no regular
        file or too large.
        """
        _check_regular(os.stat(self.path), self.path)
        # Opened each time, also where only its times are asked for: on NFS that makes them those of now.
        descriptor = os.open(self.path, TO_READ)
        try:
            found = os.fstat(descriptor)
            _check_regular(found, self.path)
            signature = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
            untouched = signature == self._signature and not self._forgotten
            if untouched and self._content is None:
                return None
            data = self._all(descriptor, found.st_size)
        finally:
            os.close(descriptor)
        same = data == self._content and (self._by_content or untouched) and not self._forgotten
        self._signature = signature
        self._forgotten = False
        self._content = data if self._by_content or self._may_change_unseen(found.st_mtime_ns) else None
        return None if same else data

    def _all(self, descriptor: int, size: int) -> bytes:
        if self._newest and size > self._most:
            return os.pread(descriptor, self._most, size - self._most)
        self._check_size(size)
        # One byte more than there should be: usually that finds the end as well.
        data = os.pread(descriptor, size + 1, 0)
        if len(data) == size:
            return data
        parts = [data]
        there = len(data)
        while data:
            self._check_size(there)
            data = os.pread(descriptor, 1 << 20, there)
            parts.append(data)
            there += len(data)
        return b"".join(parts)

    def _check_size(self, size: int) -> None:
        if size > self._most:
            raise FormatError(f"{self.path} has {size} bytes: a monitor file has {self._most} at most")

    def _may_change_unseen(self, mtime_ns: int) -> bool:
        """Whether a write from now on could leave the file the times that it has."""
        step = _FINE if mtime_ns % _SECOND else _COARSE
        return abs(int(self._wall() * 1e9) - mtime_ns) < step

    def forget(self) -> None:
        """Take the file for changed at the next read: whoever could not use what was read is told again."""
        self._forgotten = True

    @property
    def mtime(self) -> float:
        """When what was read last had been written, in epoch seconds; 0 before the first time."""
        return 0.0 if self._signature is None else self._signature[3] / 1e9

    def age(self, wall: float) -> float:
        """Seconds from then to epoch second ``wall``, never negative: the file's clock may be another's."""
        return max(0.0, wall - self.mtime)

    def close(self) -> None:
        """Let go of what is kept. Idempotent."""
        self._content = None
        self.forget()


def _check_regular(found: os.stat_result, path: str) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if not stat.S_ISREG(found.st_mode):
        raise FormatError(f"{path} is no regular file: expected a monitor file")
