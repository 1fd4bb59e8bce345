"""Whether the log of a package that ended long ago is still the log of that."""

from __future__ import annotations

import os

_LATE = 60.0
"""Seconds after a package's end in which its log may still have been written: clocks differ, and of followed
builds the times are not exact."""
GONE = "its log is not there"
WRITTEN_OVER = "a later build has written over its log"


def fate(path: str, ended: float | None) -> str:
    """:data:`GONE`, :data:`WRITTEN_OVER`, or ``""`` where nothing speaks against it that the log at ``path``
    is the one of a package that ended at the epoch second ``ended``; None: that is not known."""
    try:
        written = os.stat(path).st_mtime
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return GONE
    except OSError:
        # Whoever opens it says why that cannot be.
        return ""
    return WRITTEN_OVER if ended is not None and written > ended + _LATE else ""
