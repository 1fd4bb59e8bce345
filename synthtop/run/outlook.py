"""What is left of a build of our own, for its ETA."""

from __future__ import annotations

from ..eta.work import Running, Work
from ..model import HOLDING, Snapshot
from .package import Plan
from .queue import Queue


class Outlook:
    """Says what is left of ``plan``, whose packages ``queue`` hands out. Called from any thread."""

    def __init__(self, plan: Plan, queue: Queue) -> None:
        self._origins = tuple(package.origin for package in plan.packages)
        self._queue = queue

    def __call__(self, snapshot: Snapshot) -> Work | None:
        """What is left now, with what ``snapshot`` says of how long each package runs already; None until the
        first one is handed out: their order is not known before.

        The queue is a little ahead of the snapshot: what has ended since is not among it, and what was handed
        out since, or waits for memory, waits before all others. Once the build is being ended, nothing waits.
        """
        if not self._queue.ranked:
            return None
        standing = self._queue.standing()
        elapsed = {
            row.origin: row.elapsed or 0
            for row in snapshot.workers
            if row.state in HOLDING and row.origin is not None
        }
        origins = self._origins
        running = [place for place in standing.running if origins[place] in elapsed]
        waiting = standing.waiting
        if snapshot.stopping is not None:
            waiting = []
        elif len(running) < len(standing.running):
            waiting = [place for place in standing.running if origins[place] not in elapsed] + waiting
        return Work(
            origins,
            waiting,
            standing.needs,
            standing.dependents,
            [Running(origins[place], elapsed[origins[place]]) for place in running],
            running,
        )
