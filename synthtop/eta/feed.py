"""A feed whose snapshots say an ETA where their source says none."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from ..model import BuildState, Snapshot
from ..protocols import Feed
from .estimator import Estimator


class Estimating:
    """Hands on what ``feed`` says, with what ``estimator``, which is told of it, says of the time to go."""

    def __init__(
        self, feed: Feed, estimator: Estimator, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._feed = feed
        self._estimator = estimator
        self._clock = clock

    def tick(self, now: float | None = None) -> Snapshot:
        """The snapshot of this moment; ``now`` is monotonic seconds."""
        snapshot = self._feed.tick(now)
        self._estimator.on_snapshot(snapshot)
        if snapshot.eta is not None or snapshot.state is not BuildState.BUILDING:
            return snapshot
        try:
            eta = self._estimator(self._clock() if now is None else now)
        except Exception as error:  # noqa: BLE001  (no defect there is a reason not to show the build)
            problem = f"there is no ETA: {type(error).__name__}: {error}"
            return replace(snapshot, problem=snapshot.problem or problem)
        return snapshot if eta is None else replace(snapshot, eta=eta)

    def close(self) -> None:
        """Close both. Idempotent."""
        self._estimator.close()
        self._feed.close()
