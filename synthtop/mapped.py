"""Keeps dsynth's binary monitor file, in place as its mapping is."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import suppress

from .formats import FormatError, dsynth
from .keeping import Locked
from .model import Snapshot
from .replacing import check_replaceable
from .targets import MonitorError, Target

_BLOCK = 256
"""Bytes that are compared, and written where they differ, in one piece."""


class DsynthPlace(Locked):
    """dsynth's binary file, changed in place as its mapping is: whoever has it mapped sees each change.

    It stays when the build is over, as its lock does, which is then free.
    """

    def __init__(self, target: Target, patience: float) -> None:
        if os.path.islink(target.path):
            # It is written where it is and not replaced, and may be anybody's at the other end.
            raise MonitorError(f"{target.path} is a symbolic link: expected the path of the file itself")
        check_replaceable(target.path, _is_dsynth)
        super().__init__((target,), patience, leave=True)
        self._file: int | None = None
        self._image: bytes | None = None

    def write(self, snapshot: Snapshot) -> None:
        if snapshot.over and self.told:
            return
        self.hold()
        image = dsynth.encode(snapshot)
        self._put(self._opened(len(image)), image)
        if snapshot.over:
            self.close()

    def _opened(self, size: int) -> int:
        """The file, of this size. Never shorter on the way: who reads through a mapping would be killed."""
        path = self.targets[0].path
        if self._file is not None and not _names(path, self._file):
            self._close_file()  # somebody removed it
        if self._file is None:
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            self._file = os.open(path, flags, 0o644)
            if not stat.S_ISREG(os.fstat(self._file).st_mode):
                self._close_file()
                raise OSError(errno.EINVAL, "no regular file", path)
        if os.fstat(self._file).st_size != size:
            self._image = None
            os.ftruncate(self._file, size)
        return self._file

    def _put(self, file: int, image: bytes) -> None:
        """Write what differs from what is there; the version last: without one nobody reads the rest."""
        before, self._image = self._image, None  # all anew if this write fails
        version = slice(dsynth.VERSION_AT, dsynth.VERSION_AT + dsynth.VERSION_BYTES)
        if before is None:
            _pwrite(file, bytes(dsynth.VERSION_BYTES), version.start)
            _pwrite(file, image[version.stop :], version.stop)
            _pwrite(file, image[version], version.start)
        else:
            for start, stop in changed(before, image):
                _pwrite(file, image[start:stop], start)
        self._image = image

    def _close_file(self) -> None:
        file, self._file, self._image = self._file, None, None
        if file is not None:
            os.close(file)

    def close(self) -> None:
        self._close_file()
        self.let_go()


def _is_dsynth(data: bytes) -> bool:
    try:
        dsynth.decode(data, now=0.0)
    except dsynth.BeingReset:
        return True
    except FormatError:
        return False
    return True


def _names(path: str, descriptor: int) -> bool:
    with suppress(OSError):
        return os.path.samestat(os.stat(path, follow_symlinks=False), os.fstat(descriptor))
    return False


def changed(before: bytes, image: bytes) -> Iterator[tuple[int, int]]:
    """Where two images of one size differ, from where to where, whole blocks together."""
    start: int | None = None
    for at in range(0, len(image), _BLOCK):
        same = before[at : at + _BLOCK] == image[at : at + _BLOCK]
        if same and start is not None:
            yield start, at
            start = None
        elif not same and start is None:
            start = at
    if start is not None:
        yield start, len(image)


def _pwrite(file: int, data: bytes, at: int) -> None:
    rest = memoryview(data)
    while rest:
        written = os.pwrite(file, rest, at)
        rest, at = rest[written:], at + written
