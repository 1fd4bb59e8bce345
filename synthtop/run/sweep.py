"""Ends whatever processes are left under one: asked first, killed after the grace time."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Collection

from . import proctree


def end_descendants(
    root: int,
    deadline: Callable[[], float],
    pause: Callable[[float], object],
    clock: Callable[[], float] = time.monotonic,
    *,
    spare: Callable[[], Collection[int]] = frozenset,
) -> int:
    """Send SIGTERM and SIGCONT to all descendants of pid ``root``, and SIGKILL from ``deadline()`` on.

    The deadline is asked for again and again: it may be brought forward. ``pause(seconds)`` waits and reaps.
    Returns how many there were, once none is left. Those that cannot be signalled (another user's) are waited
    for until a second after the first SIGKILL, and so is a process table that cannot be read.

    ``spare()`` are process groups that somebody else ends: neither they nor what comes from them is
    signalled, counted or waited for.
    """
    count = 0
    asked: set[int] = set()
    killing: float | None = None
    while (left := _left_under(root, spare)) is None or left:
        count = max(count, len(left or ()))
        now = clock()
        if now >= deadline():
            # Counted from here and not from the deadline, which may have passed long ago.
            if killing is None:
                killing = now
            elif now - killing > 1.0:
                break
            proctree.signal_all(left or (), signal.SIGKILL)
        else:
            fresh = (left or {}).keys() - asked
            asked |= fresh
            proctree.signal_all(fresh, signal.SIGTERM)
            proctree.signal_all(fresh, signal.SIGCONT)
        pause(0.03)
    return count


def _left_under(root: int, spare: Callable[[], Collection[int]]) -> dict[int, proctree.Process] | None:
    """The living descendants of ``root`` but the spared ones; None where the process table could not be read
    just now."""
    # Asked before and after: a group may end, and another begin, while the table is read.
    spared = set(spare())
    processes = proctree.table()
    if root not in processes:
        return None
    left = proctree.descendants(processes, {root})
    for group in spared.union(spare()):
        for pid in proctree.of_session(processes, group):
            left.pop(pid, None)
    return left
