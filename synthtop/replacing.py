"""Files that others read while they are written: replaced in one step, and nothing else's place is taken."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from contextlib import suppress

from .targets import MonitorError

_LARGEST = 16 << 20
"""Bytes of a file that are looked at: no monitor file is larger."""
_TOKEN = 8
"""Random bytes in a new file's name, until it is renamed."""


def replace_file(path: str, data: bytes, *, mode: int = 0o644, durable: bool = False) -> None:
    """Put ``data`` at ``path`` in one step: no reader ever sees a part of it. OSError where that fails.

    A symlink at ``path`` is replaced, not followed. What is not ``durable`` is not synced: after a power
    cut the build that the file told of is over anyhow. What is has exactly ``mode``.
    """
    directory, name = os.path.split(path)
    fresh = os.path.join(directory, f".{name}.{os.urandom(_TOKEN).hex()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(fresh, flags, mode)
    try:
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            if durable:
                os.fchmod(descriptor, mode)
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.rename(fresh, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(fresh)
        raise


def remove_leftovers(path: str) -> None:
    """Remove the new files for ``path`` of builds that were killed in the midst of :func:`replace_file`."""
    directory, name = os.path.split(path)
    leftover = re.compile(rf"\.{re.escape(name)}\.[0-9a-f]{{{2 * _TOKEN}}}")
    with suppress(OSError), os.scandir(directory or ".") as entries:
        for entry in entries:
            if leftover.fullmatch(entry.name):
                found = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid():
                    os.unlink(entry.path)


def check_replaceable(path: str, is_ours: Callable[[bytes], bool]) -> None:
    """MonitorError where something is at ``path`` that a monitor file must not take the place of.

    It would: a device is replaced as easily as a file, and what is replaced goes at the end.
    ``is_ours(data)`` says of a file's content whether it is what we write.
    """
    try:
        found = os.stat(path, follow_symlinks=False)
        if stat.S_ISLNK(found.st_mode):
            return  # replaced, and not followed
        if not stat.S_ISREG(found.st_mode):
            kind = "a directory" if stat.S_ISDIR(found.st_mode) else "no regular file"
            raise MonitorError(f"{path} is {kind}: expected the path of a monitor file")
        with open(path, "rb") as file:
            data = file.read(_LARGEST)
    except FileNotFoundError:
        return
    except OSError as error:
        raise MonitorError(f"{path} cannot be looked at: {error.strerror}") from error
    if data and not is_ours(data):
        raise MonitorError(
            f"{path} is there and is no monitor file: move it away, or choose another path with --monitor"
        )
