"""Ends whatever processes are left under one: asked first, killed after the grace time."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

from . import proctree


def end_descendants(
    root: int,
    deadline: float,
    pause: Callable[[float], object],
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Send SIGTERM and SIGCONT to all descendants of pid ``root``, and SIGKILL from ``deadline`` on.

    ``pause(seconds)`` waits and reaps. Returns how many there were at first, once none is left. Those that
    cannot be signalled (another user's) are waited for until a second after the deadline.
    """
    left = proctree.descendants(proctree.table(), {root})
    count = len(left)
    asked: set[int] = set()
    while left:
        now = clock()
        if now > deadline + 1.0:
            break
        if now >= deadline:
            proctree.signal_all(left, signal.SIGKILL)
        else:
            fresh = left.keys() - asked
            asked |= fresh
            proctree.signal_all(fresh, signal.SIGTERM)
            proctree.signal_all(fresh, signal.SIGCONT)
        pause(0.03)
        left = proctree.descendants(proctree.table(), {root})
    return count
