"""Where the log of a package that ended long ago is, if it is anywhere."""

from __future__ import annotations

import os
from typing import NamedTuple

_LATE = 60.0
"""Seconds after a package's end in which its log may still have been written: clocks differ, and of followed
builds the times are not exact."""
_EARLIER = ".1"
"""What the name of a log ends with once the next build of its package has begun one."""
GONE = "its log is not there"
WRITTEN_OVER = "a later build has written over its log"


class Span(NamedTuple):
    """From which to which epoch second a package was built."""

    started: float
    ended: float


class OldLog(NamedTuple):
    """The ``path`` to read; and :data:`GONE` or :data:`WRITTEN_OVER`, or ``""`` where nothing speaks against
    that being the log that was looked for."""

    path: str
    fate: str = ""


def log_of(path: str, span: Span | None) -> OldLog:
    """The log of a package that was built in ``span``, None where that is not known, and had it at ``path``:
    there, or beside it, where the build after that keeps the one before."""
    try:
        written = os.stat(path).st_mtime
    except (FileNotFoundError, NotADirectoryError, ValueError):
        fate = GONE
    except OSError:
        # Whoever opens it says why that cannot be.
        return OldLog(path)
    else:
        if span is None or not written > span.ended + _LATE:
            return OldLog(path)
        fate = WRITTEN_OVER
    earlier = path + _EARLIER
    return OldLog(earlier) if span is not None and _written_in(earlier, span) else OldLog(path, fate)


def _written_in(path: str, span: Span) -> bool:
    try:
        written = os.stat(path).st_mtime
    except (OSError, ValueError):
        return False
    return span.started - _LATE <= written <= span.ended + _LATE
