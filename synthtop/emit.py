"""Adds one event to a stream: a file, or a FIFO that somebody reads. Never waits."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

from .formats import FormatError
from .formats.events import Event, encode

STDOUT = "-"
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC


class EmitError(Exception):
    """The event could not be added; ``str(error)`` says where, why, and what to do."""


def emit(path: str, event: Event) -> None:
    """Add ``event`` as one line, in one write, to the file or FIFO at ``path``; ``-`` is stdout.

    A file that is not there is made, with mode 0644. A symlink is not followed: who emits is often root, and
    the directory often anybody's. EmitError where nobody reads the FIFO or it is full, at once.
    """
    try:
        line = encode(event)
    except FormatError as error:
        raise EmitError(str(error)) from error
    if path == STDOUT:
        _write(1, "stdout", line)
        return
    try:
        descriptor = _open(path)
    except (OSError, ValueError) as error:
        raise EmitError(f"{path}: {_why(error)}") from error
    try:
        _check(descriptor, path, len(line))
        _write(descriptor, path, line)
    finally:
        os.close(descriptor)


def _open(path: str) -> int:
    try:
        return os.open(path, _FLAGS)
    except FileNotFoundError:
        return os.open(path, _FLAGS | os.O_CREAT, 0o644)


def _check(descriptor: int, path: str, length: int) -> None:
    """EmitError where ``path`` is nothing that a line of ``length`` bytes can be added to in one step."""
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISFIFO(mode):
        most = os.fpathconf(descriptor, "PC_PIPE_BUF")
        if length > most:
            raise EmitError(f"{path}: an event of {length} bytes: a FIFO takes up to {most} in one piece")
    elif not stat.S_ISREG(mode):
        raise EmitError(f"{path} is neither a file nor a FIFO")
    elif not _may_be_events(path):
        raise EmitError(f"{path} is there and holds no events: move it away, or name another file")


def _may_be_events(path: str) -> bool:
    """Whether the file at ``path`` is empty or begins as events do; who may only write cannot tell."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return True
    try:
        return os.read(descriptor, 1) in (b"", b"{")
    except OSError:
        return True
    finally:
        os.close(descriptor)


def _write(descriptor: int, path: str, line: bytes) -> None:
    try:
        written = os.write(descriptor, line)
    except BlockingIOError as error:
        raise EmitError(f"{path} is full: whoever reads it does not keep up") from error
    except OSError as error:
        raise EmitError(f"{path}: {_why(error)}") from error
    if written < len(line):
        with suppress(OSError):
            os.write(descriptor, b"\n")  # or the next event would be part of this one
        raise EmitError(f"{path}: no space for all of it")


def _why(error: OSError | ValueError) -> str:
    if not isinstance(error, OSError):
        return "no file can have this name"
    if error.errno == errno.ENXIO:
        return "nobody reads it: start `synthtop --follow` with it first"
    if error.errno == errno.ELOOP:
        return "it is a symbolic link: name what it stands for"
    if error.errno == errno.EPIPE:
        return "whoever read it has just left"
    return error.strerror or str(error)
