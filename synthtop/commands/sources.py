"""Which source a word on the command line means, and whether it can be read."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

_Found = TypeVar("_Found")

STREAM = "-"
"""Means standard input."""
_STDIN = frozenset((STREAM, "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"))
_PATIENCE = 2.0
"""Seconds to find out what is meant: on a file system that hangs nobody would ever know."""


class Meant(NamedTuple):
    """The path to follow, and whether it is a FIFO: what one reads from it, another does not."""

    path: str
    is_fifo: bool = False


def meant_by(word: str, environ: Mapping[str, str]) -> Meant:
    """What ``word`` means: a path; of the logs directory of a synthtop build its monitor file; or, where
    there is no such file, the build of this name, and where one is no build's, the one that runs."""
    return within(lambda: _found(word, environ)) or Meant(word)


def within(look: Callable[[], _Found]) -> _Found | None:
    """What ``look()`` finds; None where the file system does not answer. What hangs is left behind."""
    found: list[_Found] = []
    looking = threading.Thread(target=lambda: found.append(look()), name="synthtop-source", daemon=True)
    looking.start()
    looking.join(_PATIENCE)
    return found[0] if found else None


def _found(word: str, environ: Mapping[str, str]) -> Meant:
    from ..discover import named, of_logs

    if word in _STDIN:
        return Meant(STREAM)
    may_be_name = os.sep not in word
    try:
        mode = os.stat(word).st_mode
    except (OSError, ValueError):  # a NUL in it
        return Meant((may_be_name and named(word, environ)) or word)
    if stat.S_ISDIR(mode) and (kept := of_logs(word, environ)):
        return Meant(kept)
    is_fifo = stat.S_ISFIFO(mode)
    if may_be_name and not is_fifo and _is_no_builds(word):
        # The script that is built with, say, which the build is called after.
        return Meant(named(word, environ, running=True) or word)
    return Meant(word, is_fifo)


def _is_no_builds(path: str) -> bool:
    """Whether something is at ``path`` that nothing can be followed by, as it stands there."""
    from ..follow.place import locate
    from ..formats import FormatError
    from ..formats.sniff import NothingYet

    try:
        locate(path)
    except FormatError as error:
        return not isinstance(error, NothingYet)
    except OSError:
        return False
    return False


def no_pipe(option: str) -> str | None:
    """Why nothing can be read from standard input for ``option``; None where something can."""
    try:
        of_terminal = os.isatty(0)
        mode = os.fstat(0).st_mode
    except OSError:
        return f"{option}: standard input is closed: expected a pipe or a file"
    if of_terminal or stat.S_ISCHR(mode):
        found = "a terminal" if of_terminal else "a device"
        return f"{option}: standard input is {found}: expected a pipe, as in: mybuilder | synthtop {option}"
    return None


def stdin_is_file() -> bool:
    """Whether standard input is a file, which has no end: it may grow."""
    return stat.S_ISREG(os.fstat(0).st_mode)
