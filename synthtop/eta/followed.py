"""What is left of a build of others, as far as its source says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..model import HOLDING, Snapshot
from .work import Running, Work

_SAME = 0.8
"""The share of what has ended that an earlier run must have had too, if it is to stand for this one."""


class FollowedWork:
    """Says what is left of a followed build. Nobody knows who needs whom in it.

    ``last_origins`` says what the run before had to build, where the source does not name what this one has;
    it may read files, and is asked at each call.
    """

    def __init__(self, last_origins: Callable[[Snapshot], Sequence[str]]) -> None:
        self._last_origins = last_origins

    def __call__(self, snapshot: Snapshot) -> Work | None:
        """What is left; None where the source does not say how much that is."""
        remaining = snapshot.totals.remaining
        if remaining is None:
            return None
        running = [
            Running(row.origin, row.elapsed or 0)
            for row in snapshot.workers
            if row.origin is not None and row.state in HOLDING
        ]
        unmapped = [-1] * len(running)
        if snapshot.stopping is not None:  # nothing more is started
            return Work((), (), running=running, running_places=unmapped)
        last = self._last_origins(snapshot)
        gone = {package.origin for package in snapshot.finished}
        origins = snapshot.queue or _before(snapshot, last, gone)
        gone.update([one.origin for one in running])
        waiting = [place for place, origin in enumerate(origins) if origin not in gone]
        count = max(0, remaining - len(running))
        # The totals know better: what was taken out of the queue has not ended, and is not to be built.
        del waiting[count:]
        return Work(
            origins,
            waiting,
            running=running,
            running_places=unmapped,
            unnamed=count - len(waiting),
        )


def _before(snapshot: Snapshot, last: Sequence[str], ended: set[str]) -> Sequence[str]:
    """What the run before had, if this one builds the same."""
    if _SAME * len(last) > (snapshot.totals.queued or 0):
        return ()  # a part of it is built, and nobody knows which
    return last if len(ended.intersection(last)) >= _SAME * len(ended) else ()
